/// A number as a template writes it, with every type it can be (`text/template/parse.NumberNode`).
struct NumberConstant {
  var int: Int64?
  var float: Double?
  var complex: (Double, Double)?
  var isUnsignedOnly = false
  /// The value where no type is asked for; nil if it is too large for an `int`.
  var ideal: GoValue?
}

func numberConstant(_ text: [UInt8], isChar: Bool) -> Result<NumberConstant, FunctionError> {
  var number = NumberConstant()
  let written = String(decoding: text, as: UTF8.self)
  if isChar {
    let inner = Array(text.dropFirst().dropLast())
    guard let bytes = goUnquoted(inner, quote: 0x27), let value = oneScalar(bytes, inner) else {
      return .failure(FunctionError("malformed character constant: \(written)"))
    }
    number.int = Int64(value)
    number.float = Double(value)
    number.ideal = .int(Int(value))
    return .success(number)
  }
  if text.last == 0x69 { return complexConstant(text, written) }
  let isHex = text.starts(with: [0x30, 0x78]) || text.starts(with: [0x30, 0x58])
  if let int = goInteger(text) {
    number.int = int
    number.float = Double(int)
    number.ideal = .int(Int(int))
    return .success(number)
  }
  let looksFloat = text.contains { [0x2E, 0x65, 0x45, 0x70, 0x50].contains($0) }
  if !looksFloat || isHex && !text.contains(0x2E) && !text.contains(0x70) && !text.contains(0x50) {
    if goUnsigned(text) != nil {
      number.isUnsignedOnly = true
      return .success(number)
    }
    if goFloat(text) != nil {
      return .failure(FunctionError("integer overflow: \(goQuoted(text))"))
    }
    return .failure(FunctionError("bad number syntax: \(goQuoted(text))"))
  }
  guard let float = goFloat(text) else {
    return .failure(FunctionError("bad number syntax: \(goQuoted(text))"))
  }
  number.float = float
  if float.magnitude < 0x1p63, float == float.rounded() { number.int = Int64(float) }
  number.ideal = .float(float)
  return .success(number)
}

private func oneScalar(_ bytes: [UInt8], _ written: [UInt8]) -> UInt32? {
  if bytes.count == 1, written.first == 0x5C { return UInt32(bytes[0]) }
  let values = scalars(of: bytes)
  return values.count == 1 ? values[0] : nil
}

private func complexConstant(
  _ text: [UInt8], _ written: String
) -> Result<NumberConstant, FunctionError> {
  let inner = Array(text.dropLast())
  // The sign of the imaginary part is the last one that does not follow an exponent's mark.
  var split: Int?
  for index in inner.indices.reversed() where inner[index] == 0x2B || inner[index] == 0x2D {
    if index == 0 || ![0x65, 0x45, 0x70, 0x50].contains(inner[index - 1]) {
      split = index == 0 ? nil : index
      break
    }
  }
  // Old octal is decimal in an imaginary number.
  guard
    let imaginary = goFloat(split.map { Array(inner[$0...]) } ?? inner)
      ?? goInteger(split.map { Array(inner[$0...]) } ?? inner).map({ Double($0) }),
    let real = split.map({ goFloat(Array(inner[..<$0])) }) ?? 0
  else { return .failure(FunctionError("bad number syntax: \(goQuoted(text))")) }
  var number = NumberConstant()
  number.complex = (real, imaginary)
  if imaginary == 0 {
    number.float = real
    if real.magnitude < 0x1p63, real == real.rounded() { number.int = Int64(real) }
  }
  number.ideal = .object(GoComplex(real, imaginary))
  return .success(number)
}

/// A `complex128`, incredibly rare.
final class GoComplex: GoObject {
  let real: Double
  let imaginary: Double

  init(_ real: Double, _ imaginary: Double) {
    self.real = real
    self.imaginary = imaginary
    super.init(typeName: "complex128", kind: "complex128")
  }

  override var isTrue: Bool { real != 0 || imaginary != 0 }
  override var text: [UInt8]? {
    let second = shortest(imaginary)
    let sign: [UInt8] = second.first == 0x2D || second.first == 0x2B ? [] : [0x2B]
    return [0x28] + shortest(real) + sign + second + [0x69, 0x29]
  }
}

/// `strconv.ParseInt(text, 0, 64)`: bases by prefix, underscores between digits.
func goInteger(_ text: [UInt8]) -> Int64? {
  guard let first = text.first else { return nil }
  let isNegative = first == 0x2D
  let digits = isNegative || first == 0x2B ? Array(text.dropFirst()) : text
  guard let magnitude = goUnsigned(digits) else { return nil }
  if isNegative {
    return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
  }
  return Int64(exactly: magnitude)
}

/// `strconv.ParseUint(text, 0, 64)`.
func goUnsigned(_ text: [UInt8]) -> UInt64? {
  var digits = text[...]
  var radix: UInt64 = 10
  var hasPrefix = false
  if digits.first == 0x30, digits.count > 1 {
    switch digits[1] | 0x20 {
    case 0x78: (radix, digits) = (16, digits.dropFirst(2))
    case 0x62: (radix, digits) = (2, digits.dropFirst(2))
    case 0x6F: (radix, digits) = (8, digits.dropFirst(2))
    default: (radix, digits) = (8, digits.dropFirst(1))
    }
    hasPrefix = true
  }
  guard !digits.isEmpty, digits.last != 0x5F, hasPrefix || digits.first != 0x5F else { return nil }
  var value: UInt64 = 0
  var lastWasLine = false
  for byte in digits {
    if byte == 0x5F {
      if lastWasLine { return nil }
      lastWasLine = true
      continue
    }
    lastWasLine = false
    guard let digit = digitValue(byte), digit < radix else { return nil }
    let (product, overflow) = value.multipliedReportingOverflow(by: radix)
    let (sum, overflows) = product.addingReportingOverflow(digit)
    if overflow || overflows { return nil }
    value = sum
  }
  return value
}

func digitValue(_ byte: UInt8) -> UInt64? {
  switch byte {
  case 0x30...0x39: UInt64(byte - 0x30)
  case 0x41...0x46: UInt64(byte - 0x37)
  case 0x61...0x66: UInt64(byte - 0x57)
  default: nil
  }
}

/// `strconv.ParseFloat`, with underscores if `underscores`.
func goFloat(_ text: [UInt8], underscores: Bool = true) -> Double? {
  var bytes = text
  if bytes.contains(0x5F) {
    guard underscores else { return nil }
    // Only after a prefix or between digits.
    for index in bytes.indices where bytes[index] == 0x5F {
      guard index > 0, index + 1 < bytes.count, bytes[index - 1] != 0x5F else { return nil }
    }
    bytes.removeAll { $0 == 0x5F }
  }
  guard bytes.contains(where: { (0x30...0x39).contains($0) }) || isFloatWord(bytes) else {
    return nil
  }
  let isHex = bytes.contains { $0 | 0x20 == 0x78 }
  if isHex, !bytes.contains(where: { $0 | 0x20 == 0x70 }) { return nil }
  for byte in bytes where byte == 0x20 || byte == 0x28 { return nil }
  return Double(String(decoding: bytes, as: UTF8.self))
}

private func isFloatWord(_ bytes: [UInt8]) -> Bool {
  var word = bytes.map { $0 | 0x20 }[...]
  if bytes.first == 0x2B || bytes.first == 0x2D { word = word.dropFirst() }
  return ["inf", "infinity", "nan"].contains(String(decoding: word, as: UTF8.self))
}
