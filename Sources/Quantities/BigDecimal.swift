/// A decimal number of any size: a signed integer of any length, divided by a power of ten.
struct BigDecimal: Equatable, Sendable {
  /// The integer, without its sign: limbs of 32 bits, the lowest first, no zero at the end.
  private(set) var magnitude: [UInt32]
  private(set) var isNegative: Bool
  /// The digits after the point; negative for zeros before it.
  private(set) var scale: Int

  init(_ value: Int64, scale: Int = 0) {
    let absolute = value.magnitude
    magnitude = [UInt32(truncatingIfNeeded: absolute), UInt32(truncatingIfNeeded: absolute >> 32)]
    isNegative = value < 0
    self.scale = scale
    trim()
  }

  /// The number that digits say.
  init(digits: some Sequence<UInt8>, isNegative: Bool, scale: Int) {
    magnitude = []
    self.isNegative = isNegative
    self.scale = scale
    var chunk: UInt32 = 0
    var factor: UInt32 = 1
    for digit in digits {
      chunk = chunk * 10 + UInt32(digit &- 0x30)
      factor *= 10
      if factor == 1_000_000_000 {
        multiply(by: factor, adding: chunk)
        (chunk, factor) = (0, 1)
      }
    }
    if factor > 1 { multiply(by: factor, adding: chunk) }
    trim()
  }

  var isZero: Bool { magnitude.isEmpty }
  var signum: Int { isZero ? 0 : isNegative ? -1 : 1 }

  var negated: BigDecimal {
    var result = self
    if !isZero { result.isNegative.toggle() }
    return result
  }

  private mutating func trim() {
    while magnitude.last == 0 { magnitude.removeLast() }
    if magnitude.isEmpty { isNegative = false }
  }

  // MARK: the integer

  private mutating func multiply(by factor: UInt32, adding carry: UInt32 = 0) {
    var carry = UInt64(carry)
    for index in magnitude.indices {
      let product = UInt64(magnitude[index]) * UInt64(factor) + carry
      magnitude[index] = UInt32(truncatingIfNeeded: product)
      carry = product >> 32
    }
    if carry > 0 { magnitude.append(UInt32(truncatingIfNeeded: carry)) }
  }

  /// Divides the integer, and answers the remainder.
  private mutating func divide(by divisor: UInt32) -> UInt32 {
    var remainder: UInt64 = 0
    for index in magnitude.indices.reversed() {
      let dividend = remainder << 32 | UInt64(magnitude[index])
      magnitude[index] = UInt32(truncatingIfNeeded: dividend / UInt64(divisor))
      remainder = dividend % UInt64(divisor)
    }
    trim()
    return UInt32(truncatingIfNeeded: remainder)
  }

  /// The value times 2 to the given power.
  mutating func shiftLeft(by bits: Int) {
    var bits = bits
    while bits > 0 {
      multiply(by: 1 << UInt32(min(bits, 30)))
      bits -= 30
    }
  }

  /// Moves the point to the right: the value is multiplied by a power of ten.
  mutating func multiplyByPowerOfTen(_ power: Int) { scale -= power }

  // MARK: scale

  /// Changes the scale; where digits are lost, the magnitude is rounded up. Answers whether none was.
  @discardableResult
  mutating func rescale(to newScale: Int) -> Bool {
    var isExact = true
    while scale < newScale, !isZero {
      let step = min(newScale - scale, 9)
      multiply(by: powersOfTen[step])
      scale += step
    }
    while scale > newScale, !isZero {
      let step = min(scale - newScale, 9)
      if divide(by: powersOfTen[step]) != 0 { isExact = false }
      scale -= step
    }
    scale = newScale
    return isExact
  }

  /// The value at a scale, away from zero where digits are lost, and whether none was.
  func roundedUp(to newScale: Int) -> (BigDecimal, isExact: Bool) {
    var result = self
    let wasNegative = isNegative
    if result.rescale(to: newScale) { return (result, true) }
    result.isNegative = wasNegative
    result.addToMagnitude([1])
    return (result, false)
  }

  private mutating func addToMagnitude(_ other: [UInt32]) {
    var carry: UInt64 = 0
    for index in 0..<max(magnitude.count, other.count) {
      if index == magnitude.count { magnitude.append(0) }
      let sum =
        UInt64(magnitude[index]) + (index < other.count ? UInt64(other[index]) : 0) + carry
      magnitude[index] = UInt32(truncatingIfNeeded: sum)
      carry = sum >> 32
    }
    if carry > 0 { magnitude.append(UInt32(truncatingIfNeeded: carry)) }
  }

  // MARK: sum and order

  static func + (left: BigDecimal, right: BigDecimal) -> BigDecimal {
    var (left, right) = aligned(left, right)
    if left.isNegative == right.isNegative {
      left.addToMagnitude(right.magnitude)
      return left
    }
    if orderOfMagnitudes(left.magnitude, right.magnitude) < 0 { swap(&left, &right) }
    var borrow: Int64 = 0
    for index in left.magnitude.indices {
      var difference =
        Int64(left.magnitude[index])
        - (index < right.magnitude.count ? Int64(right.magnitude[index]) : 0) - borrow
      borrow = difference < 0 ? 1 : 0
      if difference < 0 { difference += 1 << 32 }
      left.magnitude[index] = UInt32(truncatingIfNeeded: difference)
    }
    left.trim()
    return left
  }

  /// -1, 0 or 1.
  static func order(_ left: BigDecimal, _ right: BigDecimal) -> Int {
    if left.signum != right.signum { return left.signum < right.signum ? -1 : 1 }
    let (left, right) = aligned(left, right)
    return orderOfMagnitudes(left.magnitude, right.magnitude) * (left.isNegative ? -1 : 1)
  }

  private static func aligned(
    _ left: BigDecimal, _ right: BigDecimal
  ) -> (BigDecimal, BigDecimal) {
    var (left, right) = (left, right)
    let scale = max(left.scale, right.scale)
    left.rescale(to: scale)
    right.rescale(to: scale)
    return (left, right)
  }

  private static func orderOfMagnitudes(_ left: [UInt32], _ right: [UInt32]) -> Int {
    if left.count != right.count { return left.count < right.count ? -1 : 1 }
    for index in left.indices.reversed() where left[index] != right[index] {
      return left[index] < right[index] ? -1 : 1
    }
    return 0
  }

  // MARK: other forms

  /// The integer, without regard to the scale, when it fits.
  var unscaledInt64: Int64? {
    guard magnitude.count <= 2 else { return nil }
    let absolute =
      UInt64(magnitude.first ?? 0) | UInt64(magnitude.count > 1 ? magnitude[1] : 0) << 32
    if isNegative { return absolute <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- absolute) : nil }
    return Int64(exactly: absolute)
  }

  /// The nearest double of the integer, without regard to the scale.
  var unscaledDouble: Double { Double(digits) ?? 0 }

  /// The digits of the integer with its sign.
  var digits: String {
    if isZero { return "0" }
    var rest = self
    var chunks: [String] = []
    while !rest.isZero { chunks.append(String(rest.divide(by: 1_000_000_000))) }
    var result = isNegative ? "-" : ""
    for (index, chunk) in chunks.reversed().enumerated() {
      if index > 0 { result += String(repeating: "0", count: 9 - chunk.utf8.count) }
      result += chunk
    }
    return result
  }

  /// The integer divided by `divisor` as often as that leaves no remainder, at most `limit` times,
  /// and how often that was.
  func removingFactors(of divisor: UInt32, limit: Int = .max) -> (BigDecimal, count: Int) {
    var result = self
    var count = 0
    while count < limit, !result.isZero {
      var next = result
      if next.divide(by: divisor) != 0 { break }
      result = next
      count += 1
    }
    return (result, count)
  }
}

private let powersOfTen: [UInt32] = (0...9).map { power in
  (0..<power).reduce(UInt32(1)) { result, _ in result * 10 }
}
