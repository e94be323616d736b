#if canImport(Glibc)
  import Glibc
#endif

/// `cast.ToInt64`: nil, and what is no number, is 0.
func toInt64(_ value: GoValue) -> Int64 {
  switch value {
  case .int(let int): return Int64(int)
  case .int64(let int): return int
  case .uint64(let int): return Int64(truncatingIfNeeded: int)
  case .float(let float):
    // As the conversion of amd64: what does not fit is the least.
    return float.isFinite && float.magnitude < 0x1p63 ? Int64(float) : .min
  case .bool(let flag): return flag ? 1 : 0
  case .string(let bytes): return goInteger(withoutZeroFraction(bytes)) ?? 0
  default: return 0
  }
}

/// "3.00" is "3".
private func withoutZeroFraction(_ bytes: [UInt8]) -> [UInt8] {
  guard let point = bytes.firstIndex(of: 0x2E), point > 0,
    bytes[(point + 1)...].allSatisfy({ $0 == 0x30 })
  else { return bytes }
  return Array(bytes[..<point])
}

/// `cast.ToFloat64`.
func toFloat(_ value: GoValue) -> Double {
  switch value {
  case .int(let int): return Double(int)
  case .int64(let int): return Double(int)
  case .uint64(let int): return Double(int)
  case .float(let float): return float
  case .bool(let flag): return flag ? 1 : 0
  case .string(let bytes): return goFloat(bytes) ?? 0
  default: return 0
  }
}

func addNumbers(to table: inout FunctionTable) {
  table.add1("int", "a") { _, value in .int(Int(toInt64(value))) }
  table.add1("int64", "a") { _, value in .int64(toInt64(value)) }
  table.add1("float64", "a") { _, value in .float(toFloat(value)) }
  table.add1("atoi", "s") { _, value in
    let bytes = value.asBytes ?? []
    let digits = bytes.first == 0x2D || bytes.first == 0x2B ? bytes.dropFirst() : bytes[...]
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return .int(0)
    }
    return .int(
      Int(String(decoding: bytes, as: UTF8.self)) ?? (bytes.first == 0x2D ? .min : .max))
  }
  table.add1("toDecimal", "a") { _, value in
    .int64(Int64(String(decoding: text(value), as: UTF8.self), radix: 8) ?? 0)
  }
  addWholeArithmetic(to: &table)
  addDecimalArithmetic(to: &table)
  addRounding(to: &table)
  addSequences(to: &table)
}

private func addWholeArithmetic(to table: inout FunctionTable) {
  table.add("add", "a*") { _, values in .int64(values.reduce(0) { $0 &+ toInt64($1) }) }
  table.add1("add1", "a") { _, value in .int64(toInt64(value) &+ 1) }
  table.add2("sub", "aa") { _, left, right in .int64(toInt64(left) &- toInt64(right)) }
  table.add2("div", "aa") { _, left, right in
    guard toInt64(right) != 0 else { throw FunctionError("runtime error: integer divide by zero") }
    return .int64(toInt64(left).dividedReportingOverflow(by: toInt64(right)).partialValue)
  }
  table.add2("mod", "aa") { _, left, right in
    guard toInt64(right) != 0 else { throw FunctionError("runtime error: integer divide by zero") }
    return .int64(toInt64(left).remainderReportingOverflow(dividingBy: toInt64(right)).partialValue)
  }
  table.add("mul", "aa*") { _, values in
    .int64(values.dropFirst().reduce(toInt64(values[0])) { $0 &* toInt64($1) })
  }
  table.add("max", "aa*") { _, values in .int64(values.map { toInt64($0) }.max() ?? 0) }
  table.alias("biggest", of: "max")
  table.add("min", "aa*") { _, values in .int64(values.map { toInt64($0) }.min() ?? 0) }
  table.add("maxf", "aa*") { _, values in
    .float(values.dropFirst().reduce(toFloat(values[0])) { fmax($0, toFloat($1)) })
  }
  table.add("minf", "aa*") { _, values in
    .float(values.dropFirst().reduce(toFloat(values[0])) { fmin($0, toFloat($1)) })
  }
}

/// Decimal arithmetic as long as the digits fit, else that of floats.
private func fold(
  _ values: [GoValue], _ start: GoValue?, _ exact: (Decimal, Decimal) throws -> Decimal?,
  _ plain: (Double, Double) -> Double
) throws -> GoValue {
  var rest = values
  let first = start ?? rest.removeFirst()
  var float = toFloat(first)
  var decimal = Decimal(float)
  for value in rest {
    let next = toFloat(value)
    if let left = decimal, let right = Decimal(next) {
      decimal = try exact(left, right)
    } else {
      decimal = nil
    }
    float = decimal?.double ?? plain(float, next)
  }
  return .float(float)
}

private func addDecimalArithmetic(to table: inout FunctionTable) {
  table.add("addf", "a*") { _, values in try fold(values, .float(0), { $0.plus($1) }, +) }
  table.add1("add1f", "a") { _, value in
    try fold([value, .float(1)], .float(0), { $0.plus($1) }, +)
  }
  table.add("subf", "aa*") { _, values in try fold(values, nil, { $0.minus($1) }, -) }
  table.add("mulf", "aa*") { _, values in try fold(values, nil, { $0.times($1) }, *) }
  table.add("divf", "aa*") { _, values in
    try fold(
      values, nil,
      {
        if $1.isZero { throw FunctionError("decimal division by 0") }
        return $0.divided(by: $1)
      }, /)
  }
}

/// A decimal number of up to 38 digits, as shopspring's where it fits; operations are nil where not.
private struct Decimal {
  var digits: Int128
  var exponent: Int

  init(digits: Int128, exponent: Int) {
    self.digits = digits
    self.exponent = exponent
  }

  init?(_ value: Double) {
    guard value.isFinite, value.magnitude < 1e30 else { return nil }
    let parts = ShortestDigits(value)
    guard let digits = Int128(String(decoding: parts.digits, as: UTF8.self)) else { return nil }
    self.digits = parts.isNegative ? -digits : digits
    exponent = parts.point - parts.digits.count
    if digits == 0 { exponent = 0 }
  }

  var isZero: Bool { digits == 0 }
  var double: Double { Double("\(digits)e\(exponent)") ?? 0 }

  private func scaled(to other: Int) -> Int128? {
    guard exponent > other else { return digits }
    guard exponent - other < 38 else { return nil }
    var result = digits
    for _ in 0..<(exponent - other) {
      let (next, overflow) = result.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      result = next
    }
    return result
  }

  func plus(_ other: Decimal) -> Decimal? {
    let common = min(exponent, other.exponent)
    guard let left = scaled(to: common), let right = other.scaled(to: common) else { return nil }
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? nil : Decimal(digits: sum, exponent: common)
  }

  func minus(_ other: Decimal) -> Decimal? {
    plus(Decimal(digits: 0 - other.digits, exponent: other.exponent))
  }

  func times(_ other: Decimal) -> Decimal? {
    let (product, overflow) = digits.multipliedReportingOverflow(by: other.digits)
    return overflow ? nil : Decimal(digits: product, exponent: exponent + other.exponent)
  }

  /// To 16 places, rounded half away from zero (`DivisionPrecision`).
  func divided(by other: Decimal) -> Decimal? {
    // digits / other.digits * 10^(exponent - other.exponent), in units of 1e-16.
    let shift = exponent - other.exponent + 16
    var numerator = Decimal(digits: digits, exponent: shift)
    var denominator = other.digits
    if shift >= 0 {
      guard let scaled = numerator.scaled(to: 0) else { return nil }
      numerator.digits = scaled
    } else {
      guard let scaled = Decimal(digits: denominator, exponent: -shift).scaled(to: 0) else {
        return nil
      }
      denominator = scaled
    }
    guard denominator != 0 else { return nil }
    var (quotient, remainder) = numerator.digits.quotientAndRemainder(dividingBy: denominator)
    if remainder.magnitude >= denominator.magnitude - remainder.magnitude {
      quotient += (numerator.digits < 0) == (denominator < 0) ? 1 : -1
    }
    return Decimal(digits: quotient, exponent: -16)
  }
}

private func addRounding(to table: inout FunctionTable) {
  table.add1("floor", "a") { _, value in .float(toFloat(value).rounded(.down)) }
  table.add1("ceil", "a") { _, value in .float(toFloat(value).rounded(.up)) }
  table.add("round", "aif*") { _, values in
    var on = 0.5
    if values.count > 2, case .float(let given) = values[2] { on = given }
    let power = pow(10, Double(int(values[1])))
    let digit = power * toFloat(values[0])
    let fraction = digit - digit.rounded(.towardZero)
    return .float((fraction >= on ? digit.rounded(.up) : digit.rounded(.down)) / power)
  }
}

private func addSequences(to table: inout FunctionTable) {
  table.add1("until", "i") { execution, count in
    try sequence(0, int(count), int(count) < 0 ? -1 : 1, execution)
  }
  table.add("untilStep", "iii") { execution, values in
    try sequence(int(values[0]), int(values[1]), int(values[2]), execution)
  }
  table.add("seq", "i*") { execution, values in
    let numbers = values.map { int($0) }
    var (start, end, step) = (1, 0, 1)
    switch numbers.count {
    case 1: end = numbers[0]
    case 2: (start, end) = (numbers[0], numbers[1])
    case 3: (start, step, end) = (numbers[0], numbers[1], numbers[2])
    default: return .string([])
    }
    let increment = end < start ? -1 : 1
    if numbers.count == 3, end < start, step > 0 { return .string([]) }
    if numbers.count < 3 { step = increment }
    let list = try sequence(start, end &+ increment, step, execution)
    return try execution.string(joined(texts(list), [0x20]))
  }
}

/// `untilStep`: charged before it is made.
private func sequence(
  _ start: Int, _ stop: Int, _ step: Int, _ execution: Execution
) throws -> GoValue {
  if stop < start ? step >= 0 : step <= 0 { return .list(GoList([], type: .int)) }
  let (distance, overflow) = stop.subtractingReportingOverflow(start)
  let count = overflow ? Int.max : Int(clamping: distance.magnitude / step.magnitude + 1)
  try execution.charge(steps: count)
  try execution.charge(
    bytes: count.multipliedReportingOverflow(by: 16).overflow ? .max : count * 16)
  var values: [GoValue] = []
  var value = start
  while step > 0 ? value < stop : value > stop {
    values.append(.int(value))
    let (next, overflow) = value.addingReportingOverflow(step)
    if overflow { break }
    value = next
  }
  return .list(GoList(values, type: .int))
}
