import Documents
import GoTemplates
import Regexes

/// `.Files`: the chart's files by name (Helm 3.17.2, `pkg/engine/files.go`).
final class FilesObject: GoObject {
  /// A file: its path in the chart, and what it holds.
  typealias File = (name: [UInt8], data: [UInt8])

  private let files: [File]
  private lazy var map: GoMap = {
    let map = GoMap()
    for file in files { map[file.name] = .object(FileBytes(file.data)) }
    return map
  }()

  /// The files of a chart in the order that `init` expects.
  static func sorted(_ files: [ChartFile]) -> [File] {
    files.map { (Array($0.name.utf8), $0.data) }
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// Files in the order of their names.
  init(_ files: [File]) {
    self.files = files
    super.init(typeName: "engine.files", kind: "map")
  }

  /// What `range` goes through: each file's bytes by its name.
  override var underlying: GoValue? { .map(map) }

  override func method(_ name: [UInt8]) -> ClosedRange<Int>? {
    switch String(decoding: name, as: UTF8.self) {
    case "Get", "GetBytes", "Glob", "Lines": 1...1
    case "AsConfig", "AsSecrets": 0...0
    default: nil
    }
  }

  override func call(
    _ name: [UInt8], _ arguments: [GoValue], _ execution: Execution
  ) throws -> GoValue {
    let argument = arguments.first?.asBytes ?? []
    switch String(decoding: name, as: UTF8.self) {
    case "Get": return .string(data(argument) ?? [])
    case "GetBytes": return .object(FileBytes(data(argument) ?? []))
    case "Glob": return .object(try glob(argument, execution))
    case "Lines": return lines(argument)
    case "AsConfig": return try table { .string($0) }
    case "AsSecrets": return try table { .string(base64($0)) }
    default: return .invalid
    }
  }

  private func data(_ name: [UInt8]) -> [UInt8]? { files.first { $0.name == name }?.data }

  private func lines(_ name: [UInt8]) -> GoValue {
    guard var data = data(name) else { return .list(GoList([], type: .string)) }
    if data.last == UInt8(ascii: "\n") { data.removeLast() }
    return .list(
      GoList(
        strings: data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
          .map(Array.init)))
  }

  /// The YAML of a map from the files' base names to what they hold.
  private func table(_ value: ([UInt8]) -> GoValue) throws -> GoValue {
    let map = GoMap(type: .string)
    for file in files {
      let name = file.name.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? file.name
      map[name] = value(file.data)
    }
    var text = try toYAML(.map(map))
    if text.last == UInt8(ascii: "\n") { text.removeLast() }
    return .string(text)
  }

  private func glob(_ pattern: [UInt8], _ execution: Execution) throws -> FilesObject {
    let text = String(decoding: pattern, as: UTF8.self)
    guard let regex = globExpression(text).flatMap({ try? Regex.compile($0).get() }) else {
      // A pattern that is none counts as `**`, as in Helm.
      return FilesObject(files)
    }
    try execution.charge(steps: files.count)
    return FilesObject(
      files.filter { $0.name.withUnsafeBufferPointer { regex.matches($0) } })
  }
}

/// The bytes of a file: what `.Files.GetBytes` gives.
final class FileBytes: GoObject {
  private let bytes: [UInt8]
  private lazy var list = GoList(bytes.map { .int(Int($0)) }, type: .byte)

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    super.init(typeName: "[]uint8", kind: "slice")
  }

  override var underlying: GoValue? { .list(list) }
}

/// The regular expression of a glob of github.com/gobwas/glob with `/` between steps; nil if it is none.
func globExpression(_ glob: String) -> String? {
  var result = "^(?s:"
  var depth = 0
  let text = Array(glob.unicodeScalars)
  var index = 0
  func literal(_ scalar: Unicode.Scalar) -> String {
    "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar) ? "\\\(scalar)" : "\(scalar)"
  }
  while index < text.count {
    let scalar = text[index]
    index += 1
    switch scalar {
    case "*":
      if index < text.count, text[index] == "*" {
        while index < text.count, text[index] == "*" { index += 1 }
        result += ".*"
      } else {
        result += "[^/]*"
      }
    case "?": result += "[^/]"
    case "\\":
      guard index < text.count else { return nil }
      result += literal(text[index])
      index += 1
    case "[":
      var members = ""
      let isNegated = index < text.count && text[index] == "!"
      if isNegated { index += 1 }
      while index < text.count, text[index] != "]" {
        if text[index] == "\\", index + 1 < text.count { index += 1 }
        members += text[index] == "-" ? "-" : literal(text[index])
        index += 1
      }
      guard index < text.count, !members.isEmpty else { return nil }
      index += 1
      result += isNegated ? "[^\(members)]" : "[\(members)]"
    case "{":
      depth += 1
      result += "(?:"
    case "}" where depth > 0:
      depth -= 1
      result += ")"
    case "," where depth > 0: result += "|"
    default: result += literal(scalar)
    }
  }
  return depth == 0 ? result + ")$" : nil
}

/// Base 64 with padding (RFC 4648, section 4).
func base64(_ bytes: [UInt8]) -> [UInt8] {
  let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var result: [UInt8] = []
  result.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let second = start + 1 < bytes.count ? bytes[start + 1] : 0
    let third = start + 2 < bytes.count ? bytes[start + 2] : 0
    result.append(letters[Int(bytes[start] >> 2)])
    result.append(letters[Int(bytes[start] << 4 & 0x30 | second >> 4)])
    result.append(
      start + 1 < bytes.count ? letters[Int(second << 2 & 0x3C | third >> 6)] : UInt8(ascii: "="))
    result.append(start + 2 < bytes.count ? letters[Int(third & 0x3F)] : UInt8(ascii: "="))
  }
  return result
}
