import CEmbedded
import Documents
import Glibc

/// The lines of `served-types.txt`, found by type and minor.
///
/// They are sorted by the name of the type, and searched where they stand: nothing is made of those that no object needs.
final class TypePack: Sendable {
  /// One type of a stretch of minors.
  struct Line {
    let fields: [UnsafeBufferPointer<UInt8>]
  }

  static let shared = TypePack()

  /// The oldest and newest minors that there are types of.
  static let minors = 30...37

  /// Where each line starts, and where the last one ends.
  private let starts: [Int]

  private init() {
    var starts = [0]
    let text = embeddedTypes()
    while let start = starts.last, start < text.count {
      starts.append((text.index(of: 0x0A, from: start) ?? text.count) + 1)
    }
    self.starts = starts
  }

  /// A line: `name|first-last|kinds|fields`.
  private func line(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: embeddedTypes()[starts[index]..<starts[index + 1] - 1])
  }

  /// The names of all types, sorted.
  var names: [String] {
    var names: [String] = []
    for index in 0..<starts.count - 1 {
      let name = String(decoding: line(index).prefix { $0 != UInt8(ascii: "|") }, as: UTF8.self)
      if names.last != name { names.append(name) }
    }
    return names
  }

  /// The name of the type of a kind, such as `apps.v1.Deployment`.
  func typeName(apiVersion: String, kind: String) -> String? {
    var wanted = "\(apiVersion)/\(kind)"
    return wanted.withUTF8 { wanted in
      for index in 0..<starts.count - 1 {
        let line = line(index)
        guard let nameEnd = line.index(of: UInt8(ascii: "|"), from: 0),
          let start = line.index(of: UInt8(ascii: "|"), from: nameEnd + 1),
          let end = line.index(of: UInt8(ascii: "|"), from: start + 1), end > start + 1
        else { continue }
        for kind in line[(start + 1)..<end].split(separator: 0x20)
        where kind.elementsEqual(wanted) {
          return String(decoding: line[..<nameEnd], as: UTF8.self)
        }
      }
      return nil
    }
  }

  func line(of name: String, minor: Int) -> Line? {
    var name = name
    return name.withUTF8 { name in
      var low = 0
      var high = starts.count - 1
      while low < high {
        let middle = (low + high) / 2
        if order(line(middle), name) < 0 { low = middle + 1 } else { high = middle }
      }
      while low < starts.count - 1, order(line(low), name) == 0 {
        if let fields = fields(line(low), nameCount: name.count, minor: minor) {
          return Line(fields: fields)
        }
        low += 1
      }
      return nil
    }
  }

  /// How the name of a line stands to another: below, at or above 0.
  private func order(
    _ line: UnsafeBufferPointer<UInt8>, _ name: UnsafeBufferPointer<UInt8>
  ) -> Int {
    var index = 0
    while index < name.count {
      let byte = index < line.count ? line[index] : 0
      if byte == UInt8(ascii: "|") { return -1 }
      if byte != name[index] { return Int(byte) - Int(name[index]) }
      index += 1
    }
    return index < line.count && line[index] == UInt8(ascii: "|") ? 0 : 1
  }

  /// The fields of a line that is of a minor; nil for another.
  private func fields(
    _ line: UnsafeBufferPointer<UInt8>, nameCount: Int, minor: Int
  ) -> [UnsafeBufferPointer<UInt8>]? {
    guard let end = line.index(of: UInt8(ascii: "|"), from: nameCount + 1),
      let kindsEnd = line.index(of: UInt8(ascii: "|"), from: end + 1)
    else { return nil }
    let minors = line[(nameCount + 1)..<end].split(separator: UInt8(ascii: "-")).compactMap {
      Int(String(decoding: $0, as: UTF8.self))
    }
    guard minors.count == 2, minors[0] <= minor, minor <= minors[1] else { return nil }
    var fields: [UnsafeBufferPointer<UInt8>] = []
    var start = kindsEnd + 1
    while start < line.count {
      let end = line.index(of: UInt8(ascii: ";"), from: start) ?? line.count
      if end > start { fields.append(UnsafeBufferPointer(rebasing: line[start..<end])) }
      start = end + 1
    }
    return fields
  }
}

private func embeddedTypes() -> UnsafeBufferPointer<UInt8> {
  let bytes = pave_embedded_types()
  return UnsafeBufferPointer(
    start: bytes.start?.assumingMemoryBound(to: UInt8.self), count: bytes.count)
}

extension UnsafeBufferPointer<UInt8> {
  /// The first place of a byte at or after another.
  fileprivate func index(of byte: UInt8, from start: Int) -> Int? {
    guard let base = baseAddress, start < count,
      let found = memchr(base + start, Int32(byte), count - start)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }
}

/// `TypeFacts`, found by type.
struct TypeFactIndex {
  struct Fact {
    var keepsZero = false
    var isAlwaysThere = false
    var isDropped = false
    var isLeftOut = false
    /// JSON; empty for none.
    var defaultText: ArraySlice<UInt8> = []

    func apply(to field: inout ServedTypes.Field, _ arena: Arena) {
      if keepsZero { field.keepsZero = true }
      if isAlwaysThere { field.isAlwaysThere = true }
      if isLeftOut { field.isAlwaysThere = false }
      field.isDropped = isDropped
      guard !defaultText.isEmpty else { return }
      let file = parseJSON(Array(defaultText), file: "")
      if let document = file.documents.first { field.defaultValue = arena.copy(document.root) }
    }
  }

  static let shared = TypeFactIndex()

  private let lines: [String: [UInt8]]

  private init() {
    var lines: [String: [UInt8]] = [:]
    let table = TypeFacts.table
    let text = UnsafeBufferPointer(start: table.utf8Start, count: table.utf8CodeUnitCount)
    for line in text.split(separator: 0x0A) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      lines[String(decoding: line[..<colon], as: UTF8.self)] = Array(line[(colon + 1)...])
    }
    self.lines = lines
  }

  /// The types that there are facts of, sorted.
  var types: [String] { lines.keys.sorted() }

  /// The facts of a type such as `core.PodSpec` by field.
  func facts(of type: String) -> [String: Fact] {
    var facts: [String: Fact] = [:]
    for word in (lines[type] ?? []).split(separator: 0x20) {
      var fact = Fact()
      var name = word
      if let equals = word.firstIndex(of: UInt8(ascii: "=")) {
        fact.defaultText = word[(equals + 1)...]
        name = word[..<equals]
      }
      while let last = name.last {
        switch last {
        case UInt8(ascii: "*"): fact.keepsZero = true
        case UInt8(ascii: "+"): fact.isAlwaysThere = true
        case UInt8(ascii: "?"): fact.isLeftOut = true
        case UInt8(ascii: "-"): fact.isDropped = true
        default:
          facts[String(decoding: name, as: UTF8.self)] = fact
          name = []
          continue
        }
        name = name.dropLast()
      }
    }
    return facts
  }
}
