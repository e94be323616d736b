import Diagnostics
public import Documents
import Intents

/// Where the files of imports are looked for.
public struct ImportRoots: Sendable {
  /// Whether a path may lead out of the root; only where there is no platform.
  public var isOpen = false
  /// Folders that are roots of their own, such as those of vendored repositories, without a final slash.
  public var folders: [String] = []

  /// One root, the platform's folder, and perhaps others inside it.
  public init(folders: [String] = []) { self.folders = folders }

  /// Any file, where there is no platform.
  public static let anywhere: ImportRoots = {
    var roots = ImportRoots()
    roots.isOpen = true
    return roots
  }()

  /// The root that a file belongs to, with a final slash; empty for the platform's folder.
  func root(of file: String) -> String {
    folders.filter { file.hasPrefix($0 + "/") }.max { $0.utf8.count < $1.utf8.count }
      .map { $0 + "/" } ?? ""
  }

  /// The path of the file that `from` names in an importing file; nil when it leads out of the root.
  ///
  /// `./` and `../` start from the importing file's folder, anything else from the root.
  func path(of from: String, in file: String) -> String? {
    let root = self.root(of: file)
    var steps: [Substring] = []
    if from.hasPrefix("./") || from.hasPrefix("../") {
      steps = file.dropFirst(root.count).split(separator: "/").dropLast()
    }
    for step in from.split(separator: "/") where step != "." {
      guard step == ".." else {
        steps.append(step)
        continue
      }
      if let last = steps.last, last != ".." {
        steps.removeLast()
      } else if isOpen {
        steps.append(step)
      } else {
        return nil
      }
    }
    let isAbsolute = isOpen && file.hasPrefix("/") && from.hasPrefix(".")
    return (isAbsolute ? "/" : root) + steps.joined(separator: "/")
  }
}

/// An entry of `spec.imports`, of a golden path or of a library.
struct Import: Sendable {
  /// The name that expressions use.
  var alias: String
  /// The library's file.
  var file: String
  /// `spec.imports[index]`
  var path: FieldPath
}

/// The files that are golden paths' libraries: all that the given files import, directly or not, each once.
///
/// `read` answers a file's parsed content by its path; nil where there is no such file. What is wrong with
/// imports is not told here: `GoldenPathLibrary.load` does.
public func importedLibraries(
  of files: [ParsedFile], roots: ImportRoots = ImportRoots(), reading read: (String) -> ParsedFile?
) -> [ParsedFile] {
  var libraries: [ParsedFile] = []
  var seen = Set(files.map(\.file))
  var waiting = files
  var next = 0
  while next < waiting.count {
    let file = waiting[next]
    next += 1
    for document in file.documents {
      for entry in document.root["spec"]["imports"].elements {
        guard let from = entry["from"].asString, let path = roots.path(of: from, in: file.file),
          seen.insert(path).inserted, let library = read(path)
        else { continue }
        libraries.append(library)
        waiting.append(library)
      }
    }
  }
  return libraries
}

/// Reads `spec.imports`; the aliases are names that nothing else has.
struct ImportsReader {
  var fields: FieldReader
  let roots: ImportRoots
  /// The known libraries' files, to answer a name that is none with the nearest.
  let known: [String]

  mutating func imports(_ map: Value) -> [Import] {
    let spec = FieldPath(keys: "spec")
    var imports: [Import] = []
    for (index, value) in fields.list(map, "imports", at: spec).enumerated() {
      let path = spec.key("imports").index(index)
      if isMissing(value) { fields.reportType(value, expected: "a map", at: path) }
      let entry = fields.fields(value, at: path, known: ["from", "as"])
      guard value.isKind(.map) else { continue }
      let from = fields.string(entry, "from", at: path, isRequired: true)
      let alias = fields.string(entry, "as", at: path, isRequired: true)
      guard let from, let alias, isName(alias, at: path.key("as")) else { continue }
      if let first = imports.first(where: { $0.alias == alias }) {
        fields.report(
          "duplicate-id", "there are two imports as '\(alias)'", at: path.key("as"),
          related: [.init(label: "the first one", place: fields.place(first.path.key("as")))])
        continue
      }
      guard let file = roots.path(of: from, in: fields.file) else {
        fields.report(
          "unknown-library", "'\(from)' leads out of the platform", at: path.key("from"),
          help: "a library stands in the platform's folder, such as golden-paths/_lib/labels.yaml")
        continue
      }
      guard known.contains(file) else {
        fields.report(
          "unknown-library", "there is no file '\(file)'", at: path.key("from"),
          help: nearestName(to: file, in: known).map { "did you mean '\($0)'?" }
            ?? "'./' and '../' start from this file's folder, anything else from the platform's")
        continue
      }
      if let first = imports.first(where: { $0.file == file }) {
        fields.report(
          "duplicate-import", "'\(file)' is imported already, as '\(first.alias)'",
          at: path.key("from"),
          related: [.init(label: "the first one", place: fields.place(first.path))])
        continue
      }
      imports.append(Import(alias: alias, file: file, path: path))
    }
    return imports
  }

  /// Whether a text can be the name of an import, a variable, a part or a parameter; reports it else.
  mutating func isName(_ name: String, at path: FieldPath, part: Place.Part = .value) -> Bool {
    if !isLowerCamelCase(name) {
      fields.report(
        "invalid-name", "'\(name)' cannot be a name: it must be lowerCamelCase", at: path,
        part: part, help: "start with a small letter, then letters and digits")
      return false
    }
    guard ReservedWords.isTaken(name) else { return true }
    fields.report(
      "reserved-name", "'\(name)' cannot be a name: the word is reserved", at: path, part: part)
    return false
  }
}
