import Diagnostics
import Documents
import Quantities

/// Reads an object as the API server's strict decoder does and gives its normal form: wrong types and unknown fields are
/// errors; nulls and empties that are not stored are left out; what is always there and what has a default is filled in;
/// quantities, times and base64 are canonical.
///
/// Sources: sigs.k8s.io/json (strict, case-sensitive), apimachinery `runtime/converter.go` (`ToUnstructured`).
struct ObjectDecoder {
  typealias TypeReference = ServedTypes.TypeReference

  let arena: Arena
  let minor: Int
  /// Whether `defaultedPaths` is filled.
  let tracksDefaults: Bool
  private let types: ServedTypes
  private let tables: ServedTypes.Tables

  private(set) var errors: [ObjectError] = []
  /// The paths of values that nobody wrote.
  private(set) var defaultedPaths: [FieldPath] = []

  /// The entries of the structures that are open, one behind the other.
  private let stack: EntryStack
  private let path: StepStack<Step>

  enum Step {
    case field(Value)
    case key(Value)
    case index(Int)
  }

  /// Deeper values are refused.
  private static let maximumDepth = 200

  private let apiVersion: Value

  init(
    types: ServedTypes, apiVersion: Value, minor: Int, arena: Arena, tracksDefaults: Bool,
    _ workspace: Workspace = Workspace()
  ) {
    stack = workspace.entries
    path = workspace.decoded
    self.types = types
    self.apiVersion = apiVersion
    self.minor = minor
    self.arena = arena
    self.tracksDefaults = tracksDefaults
    tables = types.tables
  }

  /// The normal form of a whole object.
  mutating func decode(_ object: Value) -> Value {
    structure(object, ServedTypes.root)
  }

  /// What stands for a field of which nothing is said, wherever it is but at the top.
  mutating func completion(of field: ServedTypes.Field) -> Value {
    path.push(.field(field.name))
    defer { path.pop() }
    return completed(field)
  }

  /// The stored form of one field of the whole object, also of one that writing the object does not store;
  /// absent where the kind has no such field.
  mutating func decode(field name: StaticString, _ value: Value) -> Value {
    let structure = tables.structures[Int(ServedTypes.root)]
    let place = tables.place(of: nameValue(name), in: structure)
    guard place >= 0 else { return .absent }
    let field = tables.fields[Int(structure.firstField) + place]
    path.push(.field(field.name))
    defer { path.pop() }
    return decode(value, field.type)
  }

  // MARK: values

  /// The stored form of a value; absent for null and for what does not fit.
  private mutating func decode(_ value: Value, _ type: TypeReference) -> Value {
    if value.isNull { return .absent }
    switch type.kind {
    case .string:
      if value.isKind(.string) { return value }
      return refuse(value, expected: "a string")
    case .bool:
      if value.isKind(.bool) { return value }
      return refuse(value, expected: "true or false")
    case .int32: return integer(value, isLong: false)
    case .int64: return integer(value, isLong: true)
    case .number: return number(value)
    case .structure:
      guard value.isKind(.map) else { return refuse(value, expected: "a map") }
      return structure(value, type.index)
    case .structureOrOther:
      return value.isKind(.map) ? structure(value, type.index) : others(value, type)
    case .list: return list(value, type)
    case .map: return map(value, type)
    case .quantity: return quantity(value)
    case .intOrString: return intOrString(value)
    case .time: return time(value, hasMicroseconds: false)
    case .microTime: return time(value, hasMicroseconds: true)
    case .bytes: return base64(value)
    case .anything: return value
    }
  }

  private mutating func others(_ value: Value, _ type: TypeReference) -> Value {
    guard value.isKind(.list) else { return value }
    var elements: [Value] = []
    for (index, element) in value.elements.enumerated() {
      path.push(.index(index))
      elements.append(element.isKind(.map) ? structure(element, type.index) : element)
      path.pop()
    }
    return arena.list(elements)
  }

  private mutating func integer(_ value: Value, isLong: Bool) -> Value {
    var number = value
    // What YAML reads as a float is written as JSON without a fraction where it has none.
    if value.isKind(.double), let whole = Int64(exactly: value.doublePayload) {
      number = .int(whole)
    }
    guard number.isKind(.int), isLong || Int32(exactly: number.intPayload) != nil else {
      return refuse(
        value, expected: isLong ? "a whole number of 64 bits" : "a whole number of 32 bits")
    }
    return number
  }

  private mutating func number(_ value: Value) -> Value {
    switch value.kind {
    case .double:
      return Int64(exactly: value.doublePayload).map { .int($0) } ?? value
    case .int, .uint: return value
    default: return refuse(value, expected: "a number")
    }
  }

  private mutating func list(_ value: Value, _ type: TypeReference) -> Value {
    guard value.isKind(.list) else { return refuse(value, expected: "a list") }
    let element = tables.elements[Int(type.index)].element
    let elements = value.elements
    if element.kind == .string {
      // Most lists of texts are as they are stored.
      var isPlain = true
      for item in elements where !item.isKind(.string) { isPlain = false }
      if isPlain { return value }
    }
    guard depthIsFine(value) else { return .absent }
    let memory = arena.allocate(byteCount: max(16, elements.count &* 16))
      .assumingMemoryBound(to: Value.self)
    var index = 0
    while index < elements.count {
      path.push(.index(index))
      memory[index] = decodeElement(elements[index], element)
      path.pop()
      index &+= 1
    }
    return .list(UnsafeBufferPointer(start: memory, count: elements.count))
  }

  /// An element of a list or a map, where null is a zero.
  private mutating func decodeElement(_ value: Value, _ type: TypeReference) -> Value {
    let result = decode(value, type)
    return result.isAbsent ? zero(type) : result
  }

  private mutating func zero(_ type: TypeReference) -> Value {
    switch type.kind {
    case .string, .bytes: .emptyString
    case .bool: .false
    case .int32, .int64, .number, .intOrString: .int(0)
    case .quantity: arena.string("0")
    case .structure: structure(.emptyMap, type.index)
    default: .null
    }
  }

  private mutating func map(_ value: Value, _ type: TypeReference) -> Value {
    guard value.isKind(.map) else { return refuse(value, expected: "a map") }
    let element = tables.elements[Int(type.index)].element
    let entries = value.entries
    if element.kind == .string {
      var isPlain = true
      for entry in entries where !entry.value.isKind(.string) { isPlain = false }
      if isPlain { return value }
    } else if element.kind == .quantity {
      var isPlain = true
      for entry in entries {
        if !entry.value.isKind(.string) || !Quantity.isSurelyCanonical(entry.value.utf8) {
          isPlain = false
        }
      }
      if isPlain { return value }
    }
    guard depthIsFine(value) else { return .absent }
    let start = stack.count
    for entry in entries {
      path.push(.key(entry.key))
      let decoded = decodeElement(entry.value, element)
      stack.push(MapEntry(key: entry.key, value: decoded))
      path.pop()
    }
    return popMap(from: start)
  }

  @inline(__always)
  private func popMap(from start: Int) -> Value {
    let result = arena.map(stack.entries(from: start))
    stack.cut(to: start)
    return result
  }

  // MARK: structures

  /// A structure of which nothing is said, with what is filled in then.
  mutating func emptyStructure(_ index: Int32) -> Value { structure(.emptyMap, index) }

  private mutating func structure(_ value: Value, _ index: Int32) -> Value {
    let structure = tables.structures[Int(index)]
    guard depthIsFine(value) else { return .absent }
    let start = stack.count
    var missing = structure.completions
    for entry in value.entries {
      let place = tables.place(of: entry.key, in: structure)
      guard place >= 0 else {
        reportUnknown(entry.key, structure)
        continue
      }
      if entry.value.isNull { continue }
      let field = tables.fields.baseAddress.unsafelyUnwrapped + (Int(structure.firstField) &+ place)
      let type = field.pointee.type
      let result: Value
      if type.kind == .string, entry.value.isKind(.string) {
        result = entry.value
      } else {
        path.push(.field(entry.key))
        result = decode(entry.value, type)
        path.pop()
        if result.isAbsent { continue }
      }
      if field.pointee.isDropped { continue }
      if !field.pointee.keepsZero, isEmpty(result, type.kind) {
        // What is always there is completed below; an empty list is stored as none.
        if !field.pointee.isAlwaysThere || result.isKind(.list) || result.isKind(.map) { continue }
      }
      missing &= ~(1 &<< UInt64(truncatingIfNeeded: place) & (place < 64 ? .max : 0))
      stack.push(MapEntry(key: entry.key, value: result))
    }
    while missing != 0 {
      let place = missing.trailingZeroBitCount
      missing &= missing &- 1
      let field = tables.fields.baseAddress.unsafelyUnwrapped + (Int(structure.firstField) &+ place)
      if tracksDefaults || field.pointee.completed.isAbsent {
        complete(field.pointee)
      } else {
        stack.push(MapEntry(key: field.pointee.name, value: field.pointee.completed))
      }
    }
    if structure.hook >= 0 {
      types.hooks[Int(structure.hook)](&self, StructureStart(index: start, written: value))
    }
    return popMap(from: start)
  }

  private mutating func complete(_ field: ServedTypes.Field) {
    path.push(.field(field.name))
    defer { path.pop() }
    let value = completed(field)
    stack.push(MapEntry(key: field.name, value: value))
    if tracksDefaults, !field.defaultValue.isAbsent, !field.defaultValue.isNull { noteDefault() }
  }

  private mutating func completed(_ field: ServedTypes.Field) -> Value {
    let value = field.defaultValue
    if field.type.kind == .structure, value.isAbsent || value.isKind(.map) {
      return structure(value.isAbsent ? .emptyMap : value, field.type.index)
    }
    return value.isAbsent ? zero(field.type) : value
  }

  /// Whether a value is what `omitempty` leaves out.
  private func isEmpty(_ value: Value, _ kind: TypeReference.Kind) -> Bool {
    switch kind {
    case .string, .bytes, .list, .map: value.count == 0
    case .bool, .int32, .int64: value.payload == 0
    case .number: value.isKind(.int) && value.payload == 0
    default: false
    }
  }

  // MARK: texts with a form

  private mutating func quantity(_ value: Value) -> Value {
    switch value.kind {
    case .string:
      if Quantity.isSurelyCanonical(value.utf8) { return value }
      if let scaled = Quantity.parseScaled(value.utf8), scaled.isTextKept, !hasSpace(value) {
        return value
      }
      return canonical(value.utf8, value)
    case .int:
      let text = arena.string("\(value.intPayload)")
      return canonical(text.utf8, value)
    case .uint, .double:
      return canonical(jsonText(value).utf8, value)
    default: return refuse(value, expected: "a quantity such as '500m' or '1Gi'")
    }
  }

  /// A number as JSON writes it.
  private func jsonText(_ number: Value) -> Value {
    jsonBytes(of: number).withUnsafeBufferPointer { arena.string($0) }
  }

  private func hasSpace(_ value: Value) -> Bool { value.utf8.contains { $0 <= 0x20 } }

  private mutating func canonical(_ bytes: UnsafeBufferPointer<UInt8>, _ value: Value) -> Value {
    let text = bytes.drop { $0 == 0x20 }
    switch Quantity.parse(UnsafeBufferPointer(rebasing: text)) {
    case .success(let quantity): return arena.string(quantity.description)
    case .failure:
      return refuse(value, expected: "a quantity such as '500m' or '1Gi'")
    }
  }

  private mutating func intOrString(_ value: Value) -> Value {
    if value.isKind(.string) { return value }
    if value.isKind(.int), Int32(exactly: value.intPayload) != nil { return value }
    if value.isKind(.double), let whole = Int32(exactly: value.doublePayload) {
      return .int(Int64(whole))
    }
    return refuse(value, expected: "a whole number of 32 bits or a string")
  }

  private mutating func time(_ value: Value, hasMicroseconds: Bool) -> Value {
    guard value.isKind(.string) else {
      return refuse(value, expected: "a time such as '2027-01-31T12:00:00Z'")
    }
    guard let text = storedTime(value.utf8, hasMicroseconds: hasMicroseconds) else {
      return refuse(value, expected: "a time such as '2027-01-31T12:00:00Z'")
    }
    return arena.string(text)
  }

  private mutating func base64(_ value: Value) -> Value {
    guard value.isKind(.string), let bytes = base64Decoded(value.utf8) else {
      return refuse(value, expected: "base64")
    }
    return bytes.withUnsafeBufferPointer { bytes in
      base64Encoded(bytes).withUnsafeBufferPointer { arena.string($0) }
    }
  }

  // MARK: reporting

  private func depthIsFine(_ value: Value) -> Bool { path.count < ObjectDecoder.maximumDepth }

  /// Notes that the value at the walk's place was not written.
  mutating func noteDefault() { defaultedPaths.append(fieldPath) }

  private mutating func refuse(_ value: Value, expected: String) -> Value {
    let name = fieldPath.steps.last.map { step in
      switch step {
      case .key(let key): "'\(key)'"
      case .index(let index): "element \(index)"
      }
    }
    report(
      "schema/wrong-type", "\(name ?? "the object") is \(described(value)), expected \(expected)",
      nil)
    return .absent
  }

  private mutating func reportUnknown(_ key: Value, _ structure: ServedTypes.Structure) {
    let name = key.asString ?? ""
    let nearest = nearestName(to: name, in: structure.fields.entries.compactMap(\.key.asString))
    path.push(.field(key))
    report(
      "schema/unknown-field", "unknown field '\(name)'", nearest.map { "did you mean '\($0)'?" })
    path.pop()
  }

  private mutating func report(_ rule: String, _ message: String, _ help: String?) {
    errors.append(
      ObjectError(
        rule: rule, reason: .badRequest, path: fieldPath, field: printedPath, message: message,
        help: help))
  }

  /// Where the walk stands.
  var fieldPath: FieldPath {
    FieldPath(
      path.all.map { step in
        switch step {
        case .field(let key), .key(let key): .key(key.asString ?? "")
        case .index(let index): .index(index)
        }
      })
  }

  private var printedPath: String {
    var text = ""
    for step in path.all {
      switch step {
      case .field(let name): text += (text.isEmpty ? "" : ".") + (name.asString ?? "")
      case .key(let key): text += "[\(key.asString ?? "")]"
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }
}

// MARK: for default hooks

/// A structure that is being put together: its fields stand on the decoder's stack from `index` on.
struct StructureStart {
  let index: Int
  /// The map as it was written.
  let written: Value
}

extension ObjectDecoder {
  /// A field of the structure; absent when it has none.
  @inline(__always)
  subscript(name: StaticString, structure: StructureStart) -> Value {
    let key = nameValue(name)
    for entry in stack.entries(from: structure.index) where entry.key.hasSameBytes(as: key) {
      return entry.value
    }
    return .absent
  }

  /// Sets a field of the structure; absent removes it. `isDefault` is false for what the server computes.
  @inline(__always)
  mutating func set(
    _ name: StaticString, to value: Value, in structure: StructureStart, isDefault: Bool = true
  ) {
    set(nameValue(name), to: value, in: structure, isDefault: isDefault)
  }

  private mutating func set(
    _ key: Value, to value: Value, in structure: StructureStart, isDefault: Bool
  ) {
    if isDefault, tracksDefaults, !value.isAbsent {
      path.push(.field(key))
      noteDefault()
      path.pop()
    }
    for index in structure.index..<stack.count where stack[index].key.hasSameBytes(as: key) {
      if value.isAbsent { stack.remove(at: index) } else { stack[index].value = value }
      return
    }
    if !value.isAbsent { stack.push(MapEntry(key: key, value: value)) }
  }

  /// Sets a field of the structure where it is absent.
  @inline(__always)
  mutating func setDefault(_ name: StaticString, _ value: Value, in structure: StructureStart) {
    if self[name, structure].isAbsent { set(name, to: value, in: structure) }
  }

  /// Sets a field of the structure to a text where it is absent.
  @inline(__always)
  mutating func setDefault(_ name: StaticString, text: StaticString, in structure: StructureStart) {
    if self[name, structure].isAbsent { set(name, to: nameValue(text), in: structure) }
  }

  /// Whether the structure has a field other than the named one.
  func hasField(besides name: StaticString, in structure: StructureStart) -> Bool {
    let key = nameValue(name)
    return stack.entries(from: structure.index).contains { !$0.key.hasSameBytes(as: key) }
  }

  /// Notes that fields below one of the structure were not written, as far as they were not.
  mutating func noteDefaults(_ name: StaticString, _ fields: [StaticString], written: Value) {
    guard tracksDefaults else { return }
    path.push(.field(nameValue(name)))
    for field in fields where written[name][field].isAbsent || written[name][field].isNull {
      path.push(.field(nameValue(field)))
      noteDefault()
      path.pop()
    }
    path.pop()
  }

  /// Whether the structure is the whole object.
  var isRoot: Bool { path.count == 0 }

  /// Whether the object is of an API version.
  func isVersion(_ apiVersion: StaticString) -> Bool { self.apiVersion.isString(apiVersion) }

  /// A map with a field set to something else; absent removes it.
  func map(_ map: Value, setting name: StaticString, to value: Value) -> Value {
    let key = nameValue(name)
    var entries = Array(map.entries)
    if let index = entries.firstIndex(where: { $0.key.hasSameBytes(as: key) }) {
      if value.isAbsent { entries.remove(at: index) } else { entries[index].value = value }
    } else if !value.isAbsent {
      entries.append(MapEntry(key: key, value: value))
    }
    return arena.map(entries)
  }
}

/// A string value of a text known when this was built: it points into the binary.
@inline(__always)
func nameValue(_ text: StaticString) -> Value { Value(text) }

/// What a value is, for a message.
func described(_ value: Value) -> String {
  switch value.kind {
  case .absent, .null: "null"
  case .bool: value.isTrue ? "true" : "false"
  case .int: "\(value.intPayload)"
  case .uint: "\(value.payload)"
  case .double: "\(value.doublePayload)"
  case .string: "the string '\((value.asString ?? "").prefix(60))'"
  case .list: "a list"
  case .map: "a map"
  case .bytes, .error, .box: "a value of another kind"
  }
}
