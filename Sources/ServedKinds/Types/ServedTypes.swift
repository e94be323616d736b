import CEmbedded
import Documents

/// The types that one served kind is made of: fields and what each may hold, as the API server's decoder has them.
///
/// Built from the lines of `served-types.txt` that a kind needs and from `TypeFacts`; immutable then, so that it can be
/// read from any thread. The walk over an object retains nothing: all that it reads is POD.
final class ServedTypes: @unchecked Sendable {
  /// What a value may be.
  struct TypeReference {
    enum Kind: UInt8 {
      case string, bool, int32, int64, number, quantity, intOrString, time, microTime, bytes,
        anything
      case structure, structureOrOther, list, map
    }

    var kind: Kind
    /// An apply replaces it as a whole.
    var isAtomic = false
    /// Of a structure, or of a list's or map's element in `elements`.
    var index: Int32 = -1
  }

  struct Field {
    var name: Value
    var type: TypeReference
    /// A zero that is written is stored.
    var keepsZero = false
    var isRequired = false
    /// There even when nothing is said of it.
    var isAlwaysThere = false
    /// Read, not stored.
    var isDropped = false
    /// Absent where there is none.
    var defaultValue: Value = .absent
  }

  struct Structure {
    /// Name to `int`, the index of the field.
    var fields: Value = .emptyMap
    /// Fields to fill in when they are absent: a stretch of `completions`.
    var completionStart: Int32 = 0
    var completionCount: Int32 = 0
    /// The defaults that need more than one field: an index into `hooks`, or -1.
    var hook: Int32 = -1
  }

  struct ListTraits {
    var element: TypeReference
    var isSet = false
    /// Names of the fields that tell elements apart; empty for an atomic list.
    var keys: Value = .emptyList
    /// The field that patches merge by; absent for none.
    var mergeKey: Value = .absent
  }

  /// The tables that a walk reads.
  struct Tables {
    var structures: UnsafeBufferPointer<Structure>
    var fields: UnsafeBufferPointer<Field>
    var elements: UnsafeBufferPointer<ListTraits>
    var completions: UnsafeBufferPointer<Int32>
  }

  /// The type of the whole object.
  static let root: Int32 = 0

  let tables: Tables
  let hooks: [DefaultHook]
  /// The memory of names and defaults.
  let document: Document

  /// The types of a kind from the name of its own; nil when the minor has no such type.
  convenience init?(root name: String, minor: Int, pack: TypePack) {
    guard pack.line(of: name, minor: minor) != nil else { return nil }
    var compiler = TypeCompiler(minor: minor, pack: pack)
    compiler.compile(name)
    self.init(compiler)
  }

  private init(_ compiler: TypeCompiler) {
    document = Document(root: .null, arena: compiler.arena)
    tables = Tables(
      structures: copied(compiler.structures), fields: copied(compiler.fields),
      elements: copied(compiler.elements), completions: copied(compiler.completions))
    hooks = compiler.hooks
  }

  deinit {
    tables.structures.deallocate()
    tables.fields.deallocate()
    tables.elements.deallocate()
    tables.completions.deallocate()
  }
}

private func copied<Element>(_ elements: [Element]) -> UnsafeBufferPointer<Element> {
  let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
  _ = copy.initialize(from: elements)
  return UnsafeBufferPointer(copy)
}

/// Puts the types of one kind together.
private struct TypeCompiler {
  typealias Structure = ServedTypes.Structure
  typealias Field = ServedTypes.Field
  typealias TypeReference = ServedTypes.TypeReference
  typealias ListTraits = ServedTypes.ListTraits

  let minor: Int
  let pack: TypePack
  let arena = Arena(firstChunkByteCount: 16384)
  var structures: [Structure] = []
  var fields: [Field] = []
  var elements: [ListTraits] = []
  var completions: [Int32] = []
  var hooks: [DefaultHook] = []
  private var indices: [String: Int32] = [:]
  private var waiting: [String] = []

  init(minor: Int, pack: TypePack) {
    self.minor = minor
    self.pack = pack
  }

  mutating func compile(_ root: String) {
    _ = reference(root)
    while let name = waiting.popLast() {
      guard let position = indices[name], let line = pack.line(of: name, minor: minor) else {
        continue
      }
      compile(line, at: position, name: name)
    }
  }

  private mutating func reference(_ name: String) -> Int32 {
    if let known = indices[name] { return known }
    let index = Int32(structures.count)
    indices[name] = index
    structures.append(Structure())
    waiting.append(name)
    return index
  }

  private mutating func compile(_ line: TypePack.Line, at position: Int32, name: String) {
    let parts = name.split(separator: ".")
    let typeName = "\(parts.first ?? "").\(parts.last ?? "")"
    var facts = TypeFactIndex.shared.facts(of: typeName)
    var entries: [MapEntry] = []
    var structure = Structure()
    structure.completionStart = Int32(completions.count)
    for text in line.fields {
      guard let space = text.firstIndex(of: 0x20) else { continue }
      var nameBytes = UnsafeBufferPointer(rebasing: text[..<space])
      var field = Field(name: .absent, type: TypeReference(kind: .anything))
      if nameBytes.last == UInt8(ascii: "!") {
        field.isRequired = true
        nameBytes = UnsafeBufferPointer(rebasing: nameBytes.dropLast())
      }
      field.name = arena.string(nameBytes)
      var rest = text[(space + 1)...]
      field.type = type(&rest)
      let fieldName = String(decoding: nameBytes, as: UTF8.self)
      if field.type.kind == .structure, ["metadata", "spec", "status"].contains(fieldName) {
        field.isAlwaysThere = true
      }
      if field.isRequired, [.string, .bool, .int32, .int64].contains(field.type.kind) {
        field.isAlwaysThere = true
      }
      if let fact = facts.removeValue(forKey: fieldName) {
        fact.apply(to: &field, arena)
      }
      entries.append(MapEntry(key: field.name, value: .int(Int64(fields.count))))
      if field.isAlwaysThere || !field.defaultValue.isAbsent {
        completions.append(Int32(fields.count))
      }
      fields.append(field)
    }
    structure.completionCount = Int32(completions.count) - structure.completionStart
    structure.fields = arena.map(entries)
    if let hook = DefaultHooks.byType[typeName] {
      structure.hook = Int32(hooks.count)
      hooks.append(hook)
    }
    structures[Int(position)] = structure
  }

  private mutating func type(_ text: inout Slice<UnsafeBufferPointer<UInt8>>) -> TypeReference {
    guard let first = text.popFirst() else { return TypeReference(kind: .anything) }
    if first == UInt8(ascii: "^") {
      var atomic = type(&text)
      atomic.isAtomic = true
      return atomic
    }
    func name() -> String {
      let end = text.firstIndex { $0 == 0x3D || $0 == 0x28 || $0 == 0x7E } ?? text.endIndex
      let name = String(decoding: text[..<end], as: UTF8.self)
      text = text[end...]
      return name
    }
    switch first {
    case UInt8(ascii: "s"): return TypeReference(kind: .string)
    case UInt8(ascii: "b"): return TypeReference(kind: .bool)
    case UInt8(ascii: "i"): return TypeReference(kind: .int32)
    case UInt8(ascii: "l"): return TypeReference(kind: .int64)
    case UInt8(ascii: "n"): return TypeReference(kind: .number)
    case UInt8(ascii: "q"): return TypeReference(kind: .quantity)
    case UInt8(ascii: "o"): return TypeReference(kind: .intOrString)
    case UInt8(ascii: "t"): return TypeReference(kind: .time)
    case UInt8(ascii: "u"): return TypeReference(kind: .microTime)
    case UInt8(ascii: "y"): return TypeReference(kind: .bytes)
    case UInt8(ascii: "@"): return TypeReference(kind: .structure, index: reference(name()))
    case UInt8(ascii: "?"): return TypeReference(kind: .structureOrOther, index: reference(name()))
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      var traits = ListTraits(element: type(&text))
      if text.first == UInt8(ascii: "=") {
        traits.isSet = true
        text.removeFirst()
      } else if text.first == UInt8(ascii: "(") {
        text.removeFirst()
        let end = text.firstIndex(of: UInt8(ascii: ")")) ?? text.endIndex
        let keys = text[..<end].split(separator: UInt8(ascii: ","))
        traits.keys = arena.list(keys.map { arena.string(String(decoding: $0, as: UTF8.self)) })
        text = text[min(end + 1, text.endIndex)...]
      }
      if text.first == UInt8(ascii: "~") {
        text.removeFirst()
        traits.mergeKey = arena.string(String(decoding: text, as: UTF8.self))
      }
      elements.append(traits)
      return TypeReference(
        kind: first == UInt8(ascii: "[") ? .list : .map, index: Int32(elements.count - 1))
    default: return TypeReference(kind: .anything)
    }
  }
}

/// The lines of `served-types.txt`, found by type and minor.
final class TypePack: Sendable {
  /// One type of a stretch of minors.
  struct Line {
    let fields: [UnsafeBufferPointer<UInt8>]
  }

  static let shared = TypePack()

  private struct Entry: Sendable {
    var minors: ClosedRange<Int>
    var start: Int
    var end: Int
  }

  private let entries: [String: [Entry]]
  /// `apps/v1/Deployment` to the name of the type.
  private let kinds: [String: String]

  private static var text: UnsafeBufferPointer<UInt8> {
    embeddedTypes()
  }

  private init() {
    let text = TypePack.text
    var entries: [String: [Entry]] = [:]
    var kinds: [String: String] = [:]
    entries.reserveCapacity(1024)
    var start = 0
    while start < text.count {
      var end = start
      var bars: [Int] = []
      while end < text.count, text[end] != 0x0A {
        if text[end] == 0x7C, bars.count < 3 { bars.append(end) }
        end += 1
      }
      defer { start = end + 1 }
      guard bars.count == 3 else { continue }
      let name = String(decoding: text[start..<bars[0]], as: UTF8.self)
      let minors = String(decoding: text[bars[0] + 1..<bars[1]], as: UTF8.self)
        .split(separator: "-").compactMap { Int($0) }
      guard minors.count == 2, minors[0] <= minors[1] else { continue }
      entries[name, default: []].append(
        Entry(minors: minors[0]...minors[1], start: bars[2] + 1, end: end))
      if bars[2] > bars[1] + 1 {
        for kind in text[bars[1] + 1..<bars[2]].split(separator: 0x20) {
          kinds[String(decoding: kind, as: UTF8.self)] = name
        }
      }
    }
    self.entries = entries
    self.kinds = kinds
  }

  /// The oldest and newest minors that there are types of.
  static let minors = 30...37

  /// The names of all types, sorted.
  var names: [String] { entries.keys.sorted() }

  /// The name of the type of a kind, such as `apps.v1.Deployment`.
  func typeName(apiVersion: String, kind: String) -> String? { kinds["\(apiVersion)/\(kind)"] }

  func line(of name: String, minor: Int) -> Line? {
    guard let entry = entries[name]?.first(where: { $0.minors.contains(minor) }) else { return nil }
    let text = UnsafeBufferPointer(rebasing: TypePack.text[entry.start..<entry.end])
    return Line(
      fields: text.split(separator: UInt8(ascii: ";")).map { UnsafeBufferPointer(rebasing: $0) })
  }
}

private func embeddedTypes() -> UnsafeBufferPointer<UInt8> {
  let bytes = pave_embedded_types()
  return UnsafeBufferPointer(
    start: bytes.start?.assumingMemoryBound(to: UInt8.self), count: bytes.count)
}

/// `TypeFacts`, found by type.
struct TypeFactIndex {
  struct Fact {
    var keepsZero = false
    var isAlwaysThere = false
    var isDropped = false
    var isLeftOut = false
    /// JSON; empty for none.
    var defaultText = ""

    func apply(to field: inout ServedTypes.Field, _ arena: Arena) {
      if keepsZero { field.keepsZero = true }
      if isAlwaysThere { field.isAlwaysThere = true }
      if isLeftOut { field.isAlwaysThere = false }
      field.isDropped = isDropped
      guard !defaultText.isEmpty else { return }
      let file = parseJSON(Array(defaultText.utf8), file: "")
      if let document = file.documents.first { field.defaultValue = arena.copy(document.root) }
    }
  }

  static let shared = TypeFactIndex()

  private let lines: [String: String]

  private init() {
    var lines: [String: String] = [:]
    for line in "\(TypeFacts.table)".split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      lines[String(line[..<colon])] = String(line[line.index(after: colon)...])
    }
    self.lines = lines
  }

  /// The types that there are facts of, sorted.
  var types: [String] { lines.keys.sorted() }

  /// The facts of a type such as `core.PodSpec` by field.
  func facts(of type: String) -> [String: Fact] {
    var facts: [String: Fact] = [:]
    for word in lines[type]?.split(separator: " ") ?? [] {
      var fact = Fact()
      var name = word[...]
      if let equals = word.firstIndex(of: "=") {
        fact.defaultText = String(word[word.index(after: equals)...])
        name = word[..<equals]
      }
      while let last = name.last, "*+-?".contains(last) {
        switch last {
        case "*": fact.keepsZero = true
        case "+": fact.isAlwaysThere = true
        case "?": fact.isLeftOut = true
        default: fact.isDropped = true
        }
        name = name.dropLast()
      }
      facts[String(name)] = fact
    }
    return facts
  }
}
