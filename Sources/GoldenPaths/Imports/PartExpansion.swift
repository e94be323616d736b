import CEL
import Diagnostics
import Documents
import Intents

/// Puts the parts of libraries where a golden path's templates use them, and notes where everything is from.
///
/// What comes out is a tree like any other: whatever is told of a template is told of its parts too.
struct PartExpansion {
  /// One use of a part.
  struct Use {
    /// The index of the use whose part holds this one; nil for one in the golden path itself.
    var outer: Int?
    var library: ImportedLibrary
    var part: ImportedLibrary.Part
    var expression: PartUse
    /// The path that stands for the expression: the tree has the part in its place.
    var path: FieldPath
  }

  /// Parts that one golden path may use, those inside parts counted.
  private static let mostUses = 1000

  var fields: FieldReader
  private(set) var map: SourceMap
  private(set) var uses: [Use] = []
  /// The uses by the paths where what they put begins.
  private(set) var regions: [FieldPath: Int] = [:]

  private let names: VisibleNames
  private var libraryNames: [String: VisibleNames] = [:]
  private let arena = Arena(firstChunkByteCount: 2048)

  init(_ names: VisibleNames, map: SourceMap, fields: FieldReader) {
    self.names = names
    self.map = map
    self.fields = fields
  }

  /// The golden path with the parts in its resources' templates and charts.
  mutating func expanded(_ document: Document, borrowing libraries: [Document]) -> Document {
    let root = document.root
    let path = FieldPath(keys: "spec", "resources")
    let list = root["spec"]["resources"]
    guard list.isKind(.list) else { return document }
    var resources: [Value] = []
    for (index, resource) in list.elements.enumerated() {
      guard resource.isKind(.map) else {
        resources.append(resource)
        continue
      }
      resources.append(
        arena.map(
          resource.entries.map { entry in
            guard entry.key.isString("template") || entry.key.isString("chart") else {
              return entry
            }
            let path = path.index(index).key(entry.key.asString ?? "")
            return MapEntry(key: entry.key, value: expanded(entry.value, at: path, names, nil))
          }))
    }
    let spec = replacing("resources", in: root["spec"], by: arena.list(resources))
    return Document(
      root: replacing("spec", in: root, by: spec), arena: arena, borrowing: [document] + libraries)
  }

  private func replacing(_ key: StaticString, in map: Value, by value: Value) -> Value {
    arena.map(
      map.entries.map { $0.key.isString(key) ? MapEntry(key: $0.key, value: value) : $0 })
  }

  // MARK: values

  private mutating func expanded(
    _ value: Value, at path: FieldPath, _ names: VisibleNames, _ outer: Int?
  ) -> Value {
    switch value.kind {
    case .string:
      guard let text = value.asString, let use = PartUse(text), let found = names.parts[use.name],
        let index = add(use, found, at: path, outer)
      else { return value }
      map.add(origin(of: found, FieldPath.root, index), at: path)
      regions[path] = index
      return expanded(found.part.template, at: path, self.names(of: found.library), index)
    case .list:
      guard holdsExpression(value) else { return value }
      var elements: [Value] = []
      for (index, element) in value.elements.enumerated() {
        elements.append(expanded(element, at: path.index(index), names, outer))
      }
      return arena.list(elements)
    case .map:
      guard holdsExpression(value) else { return value }
      return expandedMap(value, at: path, names, outer)
    default: return value
    }
  }

  private mutating func expandedMap(
    _ value: Value, at path: FieldPath, _ names: VisibleNames, _ outer: Int?
  ) -> Value {
    var merge = Merge(at: path)
    for entry in value.entries where !entry.key.isString("<<") {
      guard let key = entry.key.asString else { continue }
      merge.keys.insert(key)
      merge.entries.append(
        MapEntry(key: entry.key, value: expanded(entry.value, at: path.key(key), names, outer)))
    }
    add(value["<<"], at: path.key("<<"), names, outer, to: &merge)
    return finished(merge)
  }

  // MARK: merges

  /// A map while others are merged into it.
  private struct Merge {
    let path: FieldPath
    var entries: [MapEntry] = []
    var keys: Set<String> = []
    /// Expressions whose maps are known only when an intent is rendered, with their paths and uses.
    var computed: [(text: Value, path: FieldPath, use: Int?)] = []

    init(at path: FieldPath) { self.path = path }
  }

  /// Merges what stands under a `<<`: one thing, or a list of them of which the earlier goes before the later.
  private mutating func add(
    _ value: Value, at path: FieldPath, _ names: VisibleNames, _ outer: Int?, to merge: inout Merge
  ) {
    guard !value.isAbsent else { return }
    guard value.isKind(.list) else { return addItem(value, at: path, names, outer, to: &merge) }
    for (index, element) in value.elements.enumerated() {
      addItem(element, at: path.index(index), names, outer, to: &merge)
    }
  }

  private mutating func addItem(
    _ value: Value, at path: FieldPath, _ names: VisibleNames, _ outer: Int?, to merge: inout Merge
  ) {
    if value.isKind(.map) { return addMap(value, at: path, names, outer, to: &merge) }
    guard let text = value.asString, Interpolation.mayContainExpression(value.utf8) else {
      fields.report(
        "invalid-merge", "'<<' merges maps, found \(described(value))", at: path,
        help: "write '<<: ${…}' with an expression that gives a map, or with a part")
      return
    }
    guard let use = PartUse(text), let found = names.parts[use.name] else {
      merge.computed.append((value, path, outer))
      return
    }
    guard let index = add(use, found, at: path, outer) else { return }
    // The part's own text has a path that nothing else has: its expressions are found by it.
    let inner = merge.path.key("<<").key("\u{1}part \(index)")
    map.add(origin(of: found, .root, index), at: inner)
    regions[inner] = index
    let names = self.names(of: found.library)
    let template = found.part.template
    guard template.isKind(.map) || template.isKind(.string) else {
      fields.report(
        "invalid-merge", "the part '\(use.name)' is \(described(template)) and no map", at: path,
        part: .text(use.range))
      return
    }
    addItem(template, at: inner, names, index, to: &merge)
  }

  private mutating func addMap(
    _ value: Value, at path: FieldPath, _ names: VisibleNames, _ outer: Int?, to merge: inout Merge
  ) {
    if let first = merge.computed.first, value.entries.contains(where: { !isTaken($0.key, merge) })
    {
      fields.report(
        "invalid-merge", "what is merged after an expression would go before it", at: path,
        help: "write the parts of '<<' before other expressions",
        related: [.init(label: "the expression", place: fields.place(first.path))])
    }
    for entry in value.entries where !entry.key.isString("<<") {
      guard let key = entry.key.asString, merge.keys.insert(key).inserted else { continue }
      let target = merge.path.key(key)
      if let origin = map.origin(of: path.key(key)) {
        map.add(origin, at: target)
      } else {
        map.add(own(path.key(key)), at: target)
      }
      if let outer { regions[target] = outer }
      merge.entries.append(
        MapEntry(key: entry.key, value: expanded(entry.value, at: target, names, outer)))
    }
    add(value["<<"], at: path.key("<<"), names, outer, to: &merge)
  }

  private func isTaken(_ key: Value, _ merge: Merge) -> Bool {
    key.isString("<<") || merge.keys.contains(key.asString ?? "")
  }

  /// The map; what is known only later stays in it as a list under `<<`.
  private mutating func finished(_ merge: Merge) -> Value {
    var entries = merge.entries
    if !merge.computed.isEmpty {
      let path = merge.path.key("<<")
      for (index, item) in merge.computed.enumerated() {
        map.add(map.origin(of: item.path) ?? own(item.path), at: path.index(index))
        if let use = item.use { regions[path.index(index)] = use }
      }
      entries.append(
        MapEntry(key: arena.string("<<"), value: arena.list(merge.computed.map(\.text))))
    }
    return arena.map(entries)
  }

  // MARK: uses

  private func own(_ path: FieldPath) -> SourceMap.Origin {
    SourceMap.Origin(file: fields.file, document: fields.document, path: path, use: nil)
  }

  private func origin(
    of found: (library: ImportedLibrary, part: ImportedLibrary.Part), _ path: FieldPath, _ use: Int
  ) -> SourceMap.Origin {
    SourceMap.Origin(
      file: found.library.file, document: 0, path: found.part.templatePath.appending(path),
      use: uses[use].path)
  }

  private mutating func names(of library: ImportedLibrary) -> VisibleNames {
    if let known = libraryNames[library.file] { return known }
    let names = VisibleNames(library.libraries, own: library)
    libraryNames[library.file] = names
    return names
  }

  /// Notes a use of a part at a path, after holding what it is given against what it takes; nil past the limit.
  private mutating func add(
    _ use: PartUse, _ found: (library: ImportedLibrary, part: ImportedLibrary.Part),
    at path: FieldPath, _ outer: Int?
  ) -> Int? {
    guard uses.count < PartExpansion.mostUses else {
      if uses.count == PartExpansion.mostUses {
        fields.report(
          "too-many-parts", "more than \(PartExpansion.mostUses) parts are used", at: path)
      }
      return nil
    }
    let usePath = path.key("\u{1}use \(uses.count)")
    map.add(map.origin(of: path) ?? own(path), at: usePath)
    uses.append(
      Use(
        outer: outer, library: found.library, part: found.part, expression: use, path: usePath))
    checkArguments(use, found, at: usePath)
    return uses.count - 1
  }

  private mutating func checkArguments(
    _ use: PartUse, _ found: (library: ImportedLibrary, part: ImportedLibrary.Part),
    at path: FieldPath
  ) {
    let known = found.part.parameters.map(\.name)
    var given: Set<String> = []
    let definition = Place.field(found.library.file, found.part.path, part: .key)
    for argument in use.arguments {
      if !known.contains(argument.name) {
        fields.report(
          "unknown-name", "the part '\(use.name)' has no parameter '\(argument.name)'", at: path,
          part: .text(argument.nameRange),
          help: nearestName(to: argument.name, in: known).map { "did you mean '\($0)'?" }
            ?? (known.isEmpty ? "it has none" : "it has: \(known.joined(separator: ", "))"),
          related: [.init(label: "the part", place: definition)])
      } else if !given.insert(argument.name).inserted {
        fields.report(
          "duplicate-id", "'\(argument.name)' is given twice", at: path,
          part: .text(argument.nameRange))
      }
    }
    let missing = found.part.parameters.filter { $0.isRequired && !given.contains($0.name) }
    guard !missing.isEmpty else { return }
    let names = missing.map { "'\($0.name)'" }.joined(separator: ", ")
    fields.report(
      "missing-argument", "the part '\(use.name)' needs \(names)", at: path, part: .text(use.range),
      help:
        "write it as ${\(use.name){\(missing.map { "\($0.name): …" }.joined(separator: ", "))}}",
      related: [.init(label: "the part", place: definition)])
  }
}
