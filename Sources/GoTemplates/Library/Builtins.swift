extension FunctionTable {
  /// The functions every Go template has (`text/template/funcs.go`).
  public static let go: FunctionTable = {
    var table = FunctionTable()
    // `and` and `or` are evaluated by the caller.
    table.add("and", "aa*") { _, values in values.last ?? .invalid }
    table.add("or", "aa*") { _, values in values.last ?? .invalid }
    table.add1("not", "a") { _, value in .bool(!isTrue(value)) }
    table.add1("len", "a") { _, value in .int(try length(value)) }
    table.add("index", "aa*") { _, values in try index(values) }
    table.add("slice", "aa*") { _, values in try slice(values) }
    table.add("call", "aa*") { _, values in
      guard let first = values.first, !first.isNil else { throw FunctionError("call of nil") }
      throw FunctionError("non-function of type \(typeName(first))")
    }
    table.add("print", "a*") { execution, values in
      try execution.string(sprint(values, limit: execution.bytesLeft))
    }
    table.add("println", "a*") { execution, values in
      try execution.string(sprintln(values, limit: execution.bytesLeft))
    }
    table.add("printf", "sa*") { execution, values in
      guard case .string(let format) = values[0] else { return .string([]) }
      return try execution.string(
        sprintf(format, Array(values.dropFirst()), limit: execution.bytesLeft))
    }
    table.add("html", "a*") { execution, values in
      try execution.string(escaped(values, htmlEscape))
    }
    table.add("js", "a*") { execution, values in
      try execution.string(javaScript(plainText(values)))
    }
    table.add("urlquery", "a*") { execution, values in
      try execution.string(urlQueryEscaped(plainText(values)))
    }
    addComparisons(to: &table)
    return table
  }()
}

extension Execution {
  /// A string that a function made, counted.
  func string(_ bytes: [UInt8]) throws -> GoValue {
    try charge(bytes: bytes.count)
    return .string(bytes)
  }

  /// A list that a function made, counted.
  func list(_ elements: [GoValue], _ type: GoList.ElementType = .any) throws -> GoValue {
    try charge(bytes: elements.count &* 16)
    return .list(GoList(elements, type: type))
  }

  /// A slice that Go begins as nil, so that it stays nil without elements.
  func grownList(_ elements: [GoValue], _ type: GoList.ElementType = .any) throws -> GoValue {
    elements.isEmpty ? .list(GoList(nilOf: type)) : try list(elements, type)
  }
}

// MARK: comparisons

private func addComparisons(to table: inout FunctionTable) {
  table.add("eq", "aa*") { _, values in
    guard values.count > 1 else { throw FunctionError("missing argument for comparison") }
    for other in values.dropFirst() where try areEqual(values[0], other) { return .bool(true) }
    return .bool(false)
  }
  table.add2("ne", "aa") { _, left, right in .bool(!(try areEqual(left, right))) }
  table.add2("lt", "aa") { _, left, right in .bool(try isLess(left, right)) }
  table.add2("le", "aa") { _, left, right in
    if try isLess(left, right) { return .bool(true) }
    return .bool(try areEqual(left, right))
  }
  table.add2("gt", "aa") { _, left, right in
    if try isLess(left, right) { return .bool(false) }
    return .bool(!(try areEqual(left, right)))
  }
  table.add2("ge", "aa") { _, left, right in .bool(!(try isLess(left, right))) }
}

private enum BasicKind { case bool, int, uint, float, complex, string, other }

private func basicKind(_ value: GoValue) -> BasicKind {
  switch value {
  case .bool: .bool
  case .int, .int64: .int
  case .uint64: .uint
  case .float: .float
  case .string: .string
  case .object(let object): object is GoComplex ? .complex : .other
  default: .other
  }
}

private func signed(_ value: GoValue) -> Int64 {
  switch value {
  case .int(let int): Int64(int)
  case .int64(let int): int
  default: 0
  }
}

private func unsigned(_ value: GoValue) -> UInt64 {
  if case .uint64(let int) = value { return int }
  return 0
}

/// Whether `eq` holds for two values. Throws for types that Go does not compare.
private func areEqual(_ left: GoValue, _ right: GoValue) throws -> Bool {
  switch (left, right) {
  case (.string(let left), .string(let right)): return areSame(left, right)
  case (.int(let left), .int(let right)): return left == right
  case (.bool(let left), .bool(let right)): return left == right
  case (.float(let left), .float(let right)): return left == right
  default: break
  }
  switch (basicKind(left), basicKind(right)) {
  case (.int, .int): return signed(left) == signed(right)
  case (.uint, .uint): return unsigned(left) == unsigned(right)
  case (.int, .uint): return signed(left) >= 0 && UInt64(signed(left)) == unsigned(right)
  case (.uint, .int): return signed(right) >= 0 && UInt64(signed(right)) == unsigned(left)
  case (.complex, .complex):
    guard case .object(let left as GoComplex) = left, case .object(let right as GoComplex) = right
    else { return false }
    return left.real == right.real && left.imaginary == right.imaginary
  case (.other, .other):
    if left.isNil || right.isNil { return left.isNil == right.isNil }
    if case .object(let first) = left, case .object(let second) = right,
      first.underlying == nil, second.underlying == nil
    {
      return first === second
    }
    throw FunctionError(
      "non-comparable type \(String(decoding: printed(left), as: UTF8.self)): \(typeName(left))")
  default:
    if left.isNil || right.isNil { return false }
    throw FunctionError("incompatible types for comparison")
  }
}

private func isLess(_ left: GoValue, _ right: GoValue) throws -> Bool {
  let kinds = (basicKind(left), basicKind(right))
  switch kinds {
  case (.other, _), (_, .other), (.bool, .bool), (.complex, .complex):
    throw FunctionError("invalid type for comparison")
  case (.int, .int): return signed(left) < signed(right)
  case (.uint, .uint): return unsigned(left) < unsigned(right)
  case (.int, .uint): return signed(left) < 0 || UInt64(signed(left)) < unsigned(right)
  case (.uint, .int): return signed(right) >= 0 && unsigned(left) < UInt64(signed(right))
  case (.float, .float):
    guard case .float(let left) = left, case .float(let right) = right else { return false }
    return left < right
  case (.string, .string):
    guard case .string(let left) = left, case .string(let right) = right else { return false }
    return byteOrder(left, right) < 0
  default: throw FunctionError("incompatible types for comparison")
  }
}

// MARK: collections

func length(_ value: GoValue) throws -> Int {
  switch value {
  case .string(let bytes): return bytes.count
  case .list(let list): return list.elements.count
  case .map(let map): return map.count
  case .object(let object):
    if let inner = object.underlying { return try length(inner) }
    throw FunctionError("len of type \(object.typeName)")
  case .invalid, .null: throw FunctionError("len of nil pointer")
  default: throw FunctionError("len of type \(typeName(value))")
  }
}

private func position(_ value: GoValue, in count: Int, cap: Int) throws -> Int {
  let index: Int64
  switch value {
  case .int(let int): index = Int64(int)
  case .int64(let int): index = int
  case .uint64(let int): index = Int64(clamping: int)
  case .invalid, .null: throw FunctionError("cannot index slice/array with nil")
  default: throw FunctionError("cannot index slice/array with type \(typeName(value))")
  }
  guard index >= 0, index <= cap else { throw FunctionError("index out of range: \(index)") }
  return Int(index)
}

private func index(_ values: [GoValue]) throws -> GoValue {
  guard var item = values.first, !item.isNil else { throw FunctionError("index of untyped nil") }
  for key in values.dropFirst() {
    if case .object(let object) = item, let inner = object.underlying { item = inner }
    switch item {
    case .list(let list):
      let index = try position(key, in: list.elements.count, cap: list.elements.count)
      guard index < list.elements.count else {
        throw FunctionError("error calling index: index out of range: \(index)")
      }
      item = list.elements[index]
    case .string(let bytes):
      let index = try position(key, in: bytes.count, cap: bytes.count)
      guard index < bytes.count else { throw FunctionError("index out of range: \(index)") }
      item = .int(Int(bytes[index]))
    case .map(let map):
      guard case .string(let name) = key else {
        throw FunctionError(
          key.isNil
            ? "value is nil; should be of type string"
            : "value has type \(typeName(key)); should be string")
      }
      item = map[name] ?? (map.type == .string ? .string([]) : .null)
    case .invalid, .null: throw FunctionError("index of nil pointer")
    default: throw FunctionError("can't index item of type \(typeName(item))")
    }
  }
  return item
}

private func slice(_ values: [GoValue]) throws -> GoValue {
  guard let item = values.first, !item.isNil else { throw FunctionError("slice of untyped nil") }
  guard values.count <= 4 else {
    throw FunctionError("too many slice indexes: \(values.count - 1)")
  }
  let count: Int
  switch item {
  case .string(let bytes):
    if values.count == 4 { throw FunctionError("cannot 3-index slice a string") }
    count = bytes.count
  case .list(let list): count = list.elements.count
  default: throw FunctionError("can't slice item of type \(typeName(item))")
  }
  var bounds = [0, count]
  for (index, value) in values.dropFirst().enumerated() {
    let bound = try position(value, in: count, cap: count)
    if index < 2 { bounds[index] = bound } else { bounds.append(bound) }
  }
  if bounds[0] > bounds[1] {
    throw FunctionError("invalid slice index: \(bounds[0]) > \(bounds[1])")
  }
  if bounds.count == 3, bounds[1] > bounds[2] {
    throw FunctionError("invalid slice index: \(bounds[1]) > \(bounds[2])")
  }
  switch item {
  case .string(let bytes): return .string(Array(bytes[bounds[0]..<bounds[1]]))
  case .list(let list):
    return .list(GoList(Array(list.elements[bounds[0]..<bounds[1]]), type: list.type))
  default: return .invalid
  }
}

// MARK: escaping

private func plainText(_ values: [GoValue]) -> [UInt8] {
  if values.count == 1 {
    if case .string(let bytes) = values[0] { return bytes }
    if values[0].isNil { return noValue }
  }
  return sprint(values.map { $0.isNil ? .string(noValue) : $0 })
}

private func escaped(_ values: [GoValue], _ escape: (UInt8) -> String?) -> [UInt8] {
  var result: [UInt8] = []
  for byte in plainText(values) {
    if let text = escape(byte) { result += text.utf8 } else { result.append(byte) }
  }
  return result
}

private func htmlEscape(_ byte: UInt8) -> String? {
  switch byte {
  case 0: "\u{FFFD}"
  case 0x22: "&#34;"
  case 0x27: "&#39;"
  case 0x26: "&amp;"
  case 0x3C: "&lt;"
  case 0x3E: "&gt;"
  default: nil
  }
}

private func javaScript(_ text: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  for scalar in scalars(of: text) {
    switch scalar {
    case 0x5C: result += "\\\\".utf8
    case 0x27: result += "\\'".utf8
    case 0x22: result += "\\\"".utf8
    case 0x3C: result += "\\u003C".utf8
    case 0x3E: result += "\\u003E".utf8
    case 0x26: result += "\\u0026".utf8
    case 0x3D: result += "\\u003D".utf8
    case 0..<0x20: result += Array("\\u00".utf8) + hex(scalar, width: 2).map(upperASCII)
    case 0x20..<0x7F: result.append(UInt8(scalar))
    default:
      if isPrintable(scalar) {
        appendScalar(scalar, to: &result)
      } else {
        result += Array("\\u".utf8) + hex(scalar, width: 4).map(upperASCII)
      }
    }
  }
  return result
}

func upperASCII(_ byte: UInt8) -> UInt8 { (0x61...0x7A).contains(byte) ? byte - 0x20 : byte }
func lowerASCII(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }

/// `url.QueryEscape`.
func urlQueryEscaped(_ text: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  for byte in text {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x2E, 0x7E: result.append(byte)
    case 0x20: result.append(0x2B)
    default: result += [0x25] + hex(UInt32(byte), width: 2).map(upperASCII)
    }
  }
  return result
}
