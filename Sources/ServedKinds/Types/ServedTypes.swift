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
    /// What stands there when nothing is said of it, with all that is in it; absent where nothing does.
    var completed: Value = .absent
  }

  struct Structure {
    /// Name to `int`, the index of the field.
    var fields: Value = .emptyMap
    /// The first of its fields in `fields` of the tables.
    var firstField: Int32 = 0
    /// The fields to fill in when they are absent: bits, counted from the first field.
    var completions: UInt64 = 0
    /// The defaults that need more than one field: an index into `hooks`, or -1.
    var hook: Int32 = -1
    /// Where the fields are found: a stretch of `slots`, a power of two less one.
    var firstSlot: Int32 = 0
    var slotMask: Int32 = 0
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
    /// Hash tables of the structures: a field's place in its structure plus one, or 0.
    var slots: UnsafeBufferPointer<UInt8>

    /// The place of a field in its structure; -1 when there is none of that name.
    @inline(__always)
    func place(of key: Value, in structure: Structure) -> Int {
      var slot = Int(truncatingIfNeeded: key.meta >> 48)
      while true {
        let place = Int(slots[Int(structure.firstSlot) &+ slot & Int(structure.slotMask)])
        if place == 0 { return -1 }
        if fields[Int(structure.firstField) &+ place &- 1].name.hasSameBytes(as: key) {
          return place &- 1
        }
        slot &+= 1
      }
    }
  }

  /// What a server does with the metadata and the status of a whole object.
  struct Root {
    var apiVersion = ""
    /// Whether a namespace is kept.
    var isNamespaced = true
    /// Whether the status is a subresource, which a client's object does not set.
    var dropsStatus = false
    /// Whether what only the server sets in metadata is dropped.
    var dropsServerFields = false
  }

  /// The type of the whole object.
  static let root: Int32 = 0

  let tables: Tables
  let hooks: [DefaultHook]
  /// The memory of names and defaults.
  let document: Document

  /// The types of a kind from the name of its own; nil when the minor has no such type.
  convenience init?(root name: String, minor: Int, pack: TypePack, _ root: Root = Root()) {
    guard pack.line(of: name, minor: minor) != nil else { return nil }
    var compiler = TypeCompiler(minor: minor, pack: pack, root: root)
    compiler.compile(name)
    self.init(compiler)
  }

  private init(_ compiler: TypeCompiler) {
    document = Document(root: .null, arena: compiler.arena)
    let fields = copied(compiler.fields)
    tables = Tables(
      structures: UnsafeBufferPointer(copied(compiler.structures)),
      fields: UnsafeBufferPointer(fields),
      elements: UnsafeBufferPointer(copied(compiler.elements)),
      slots: UnsafeBufferPointer(copied(compiler.slots)))
    hooks = compiler.hooks
    fillCompletions(compiler, fields)
  }

  /// Works out once what stands where nothing is said: the decoder copies it then.
  private func fillCompletions(
    _ compiler: TypeCompiler, _ fields: UnsafeMutableBufferPointer<Field>
  ) {
    var decoder = ObjectDecoder(
      types: self, apiVersion: compiler.arena.string(compiler.root.apiVersion),
      minor: compiler.minor, arena: compiler.arena, tracksDefaults: false)
    for index in fields.indices {
      let field = fields[index]
      guard field.isAlwaysThere || !field.defaultValue.isAbsent else { continue }
      fields[index].completed = decoder.completion(of: field)
    }
  }

  deinit {
    tables.structures.deallocate()
    tables.fields.deallocate()
    tables.elements.deallocate()
    tables.slots.deallocate()
  }
}

private func copied<Element>(_ elements: [Element]) -> UnsafeMutableBufferPointer<Element> {
  let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
  _ = copy.initialize(from: elements)
  return copy
}

/// Puts the types of one kind together.
private struct TypeCompiler {
  typealias Structure = ServedTypes.Structure
  typealias Field = ServedTypes.Field
  typealias TypeReference = ServedTypes.TypeReference
  typealias ListTraits = ServedTypes.ListTraits

  let minor: Int
  let pack: TypePack
  let root: ServedTypes.Root
  let arena = Arena(firstChunkByteCount: 16384)
  var structures: [Structure] = []
  var fields: [Field] = []
  var elements: [ListTraits] = []
  var slots: [UInt8] = []
  var hooks: [DefaultHook] = []
  private var indices: [String: Int32] = [:]
  private var waiting: [String] = []

  /// Behind the name of the type of an object's own metadata: it is another one than that of a template's.
  private static let rootMark = "#"

  init(minor: Int, pack: TypePack, root: ServedTypes.Root) {
    self.minor = minor
    self.pack = pack
    self.root = root
  }

  mutating func compile(_ root: String) {
    _ = reference(root)
    while let name = waiting.popLast() {
      let isRootMetadata = name.hasSuffix(TypeCompiler.rootMark)
      let typeName = isRootMetadata ? String(name.dropLast()) : name
      guard let position = indices[name] else { continue }
      guard let line = pack.line(of: typeName, minor: minor) else {
        var empty = Structure()
        addSlots(of: [], to: &empty)
        structures[Int(position)] = empty
        continue
      }
      compile(line, at: position, name: typeName, isRootMetadata: isRootMetadata)
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

  private mutating func compile(
    _ line: TypePack.Line, at position: Int32, name: String, isRootMetadata: Bool
  ) {
    let parts = name.split(separator: ".")
    let typeName = "\(parts.first ?? "").\(parts.last ?? "")"
    var facts = TypeFactIndex.shared.facts(of: typeName)
    let isRoot = position == ServedTypes.root
    var compiled: [Field] = []
    for text in line.fields {
      guard var field = field(text, isRoot: isRoot) else { continue }
      if let fact = facts.removeValue(forKey: field.name.asString ?? "") {
        fact.apply(to: &field, arena)
      }
      if isRootMetadata, root.drops(field.name) { field.isDropped = true }
      if isRoot, root.dropsStatus, field.name.isString("status") { field.isDropped = true }
      if field.isDropped { field.isAlwaysThere = false }
      compiled.append(field)
    }
    // What can be completed comes first, so that 64 bits are enough.
    func isCompleted(_ field: Field) -> Bool {
      field.isAlwaysThere || !field.defaultValue.isAbsent
    }
    compiled = compiled.filter(isCompleted) + compiled.filter { !isCompleted($0) }
    var structure = Structure()
    structure.firstField = Int32(fields.count)
    structure.fields = arena.map(
      compiled.enumerated().map { place, field in
        MapEntry(key: field.name, value: .int(Int64(fields.count + place)))
      })
    for (place, field) in compiled.enumerated() where isCompleted(field) {
      structure.completions |= 1 << UInt64(place)
    }
    fields += compiled
    addSlots(of: compiled, to: &structure)
    if let hook = DefaultHooks.byType[typeName] {
      structure.hook = Int32(hooks.count)
      hooks.append(hook)
    }
    structures[Int(position)] = structure
  }

  /// A field from its text: `name! type`.
  private mutating func field(_ text: UnsafeBufferPointer<UInt8>, isRoot: Bool) -> Field? {
    guard let space = text.firstIndex(of: 0x20) else { return nil }
    var nameBytes = UnsafeBufferPointer(rebasing: text[..<space])
    var field = Field(name: .absent, type: TypeReference(kind: .anything))
    if nameBytes.last == UInt8(ascii: "!") {
      field.isRequired = true
      nameBytes = UnsafeBufferPointer(rebasing: nameBytes.dropLast())
    }
    field.name = arena.string(nameBytes)
    var rest = text[(space + 1)...]
    let isRootMetadata = isRoot && root.dropsServerFields && field.name.isString("metadata")
    field.type = type(&rest, mark: isRootMetadata ? TypeCompiler.rootMark : "")
    let name = field.name
    if field.type.kind == .structure,
      name.isString("metadata") || name.isString("spec") || name.isString("status")
    {
      field.isAlwaysThere = true
    }
    if field.isRequired, [.string, .bool, .int32, .int64].contains(field.type.kind) {
      field.isAlwaysThere = true
    }
    return field
  }

  private mutating func addSlots(of compiled: [Field], to structure: inout Structure) {
    var count = 4
    while count < 2 * compiled.count { count *= 2 }
    structure.firstSlot = Int32(slots.count)
    structure.slotMask = Int32(count - 1)
    slots += Array(repeating: 0, count: count)
    for (place, field) in compiled.enumerated() {
      var slot = Int(truncatingIfNeeded: field.name.meta >> 48) & (count - 1)
      while slots[Int(structure.firstSlot) + slot] != 0 { slot = (slot + 1) & (count - 1) }
      slots[Int(structure.firstSlot) + slot] = UInt8(place + 1)
    }
  }

  private mutating func type(
    _ text: inout Slice<UnsafeBufferPointer<UInt8>>, mark: String = ""
  ) -> TypeReference {
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
    case UInt8(ascii: "@"):
      return TypeReference(kind: .structure, index: reference(name() + mark))
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

extension ServedTypes.Root {
  /// Whether a field of an object's metadata is not stored as a client has it.
  fileprivate func drops(_ name: Value) -> Bool {
    name.isString("namespace") ? !isNamespaced : serverFields.contains { name.isString($0) }
  }
}
