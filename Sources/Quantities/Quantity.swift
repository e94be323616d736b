/// An amount of a resource as Kubernetes writes it: `500m`, `1.5Gi`, `12e6`.
///
/// Behaves as `resource.Quantity` of k8s.io/apimachinery (v0.36): amounts that fit are an `Int64` and
/// a power of ten, others decimals of any size; amounts below one nano are rounded up to it; what was
/// written is kept as the text where it is canonical already.
public struct Quantity: Sendable {
  /// The kind of suffix, which results keep.
  public enum Format: UInt8, Sendable, BitwiseCopyable {
    /// `12e6`
    case decimalExponent
    /// `12Mi`: powers of 1024.
    case binarySI
    /// `12M`: powers of 1000, also `n`, `u`, `m` below one.
    case decimalSI
  }

  enum Amount: Sendable {
    /// `value` times 10 to the power of `scale`.
    case scaled(Int64, scale: Int32)
    case decimal(BigDecimal)
  }

  var amount: Amount
  /// The kind of suffix.
  public internal(set) var format: Format
  /// What was written, when that is how the amount is printed.
  var text: String?

  init(_ amount: Amount, _ format: Format, text: String? = nil) {
    self.amount = amount
    self.format = format
    self.text = text
  }

  /// A whole number.
  public init(_ value: Int64) { self.init(.scaled(value, scale: 0), .decimalSI) }

  /// `value` times 10 to the power of `scale` (-9 to 18), printed as `text` if that is given: for
  /// callers that keep quantities in a form of their own.
  public init(value: Int64, scale: Int32, format: Format, text: String? = nil) {
    self.init(.scaled(value, scale: scale), format, text: text)
  }

  /// The amount as an integer times a power of ten; nil when it is kept as a decimal of any size.
  public var scaledAmount: (value: Int64, scale: Int32)? {
    if case .scaled(let value, let scale) = amount { (value, scale) } else { nil }
  }

  /// What was written, where that is how it is printed; nil where `canonicalText` is.
  public var writtenText: String? { text }

  var decimal: BigDecimal {
    switch amount {
    case .scaled(let value, let scale): BigDecimal(value, scale: -Int(scale))
    case .decimal(let decimal): decimal
    }
  }

  /// -1, 0 or 1.
  public var signum: Int {
    switch amount {
    case .scaled(let value, _): Int(value.signum())
    case .decimal(let decimal): decimal.signum
    }
  }

  /// The amount as an integer; nil when it is none, does not fit, or was written as a fraction:
  /// `1.0` and `0.5Gi` have none, as with `AsInt64`.
  public var int64: Int64? {
    guard case .scaled(let value, let scale) = amount, scale >= 0 else { return nil }
    return Self.multiply(value, byPowerOfTen: scale)
  }

  /// The amount rounded up (away from zero) to an integer; nil when that does not fit.
  public var roundedUpInt64: Int64? {
    let (rounded, _) = decimal.roundedUp(to: 0)
    return rounded.unscaledInt64
  }

  /// The nearest double, or infinity.
  public var approximateDouble: Double {
    switch amount {
    case .scaled(let value, let scale):
      scale == 0 ? Double(value) : Double("\(value)e\(scale)") ?? .infinity
    case .decimal(let decimal):
      decimal.scale == 0
        ? decimal.unscaledDouble
        : Double("\(decimal.digits)e\(-decimal.scale)") ?? .infinity
    }
  }

  // MARK: arithmetic

  /// The sum. It has this format, or, if this is zero, the other's.
  public func adding(_ other: Quantity) -> Quantity { sum(other, isSubtraction: false) }

  /// The difference. It has this format, or, if this is zero, the other's.
  public func subtracting(_ other: Quantity) -> Quantity { sum(other, isSubtraction: true) }

  private func sum(_ other: Quantity, isSubtraction: Bool) -> Quantity {
    let format = signum == 0 ? other.format : format
    if case .scaled(let left, let leftScale) = amount,
      case .scaled(let value, let rightScale) = other.amount, value != .min || !isSubtraction
    {
      let right = isSubtraction ? -value : value
      if right == 0 { return Quantity(amount, format) }
      if left == 0 { return Quantity(.scaled(right, scale: rightScale), format) }
      let scale = min(leftScale, rightScale)
      if let first = Self.multiply(left, byPowerOfTen: leftScale - scale),
        let second = Self.multiply(right, byPowerOfTen: rightScale - scale)
      {
        let (result, isOverflow) = first.addingReportingOverflow(second)
        if !isOverflow { return Quantity(.scaled(result, scale: scale), format) }
      }
    }
    let right = isSubtraction ? other.decimal.negated : other.decimal
    return Quantity(.decimal(decimal + right), format)
  }

  /// -1 if this is less than the other, 0 if equal, 1 if greater, whatever the formats.
  public func order(to other: Quantity) -> Int {
    if case .scaled(let left, let leftScale) = amount,
      case .scaled(let right, let rightScale) = other.amount
    {
      if leftScale == rightScale || left == 0 || right == 0 {
        return left < right ? -1 : left == right ? 0 : 1
      }
      let scale = min(leftScale, rightScale)
      if let first = Self.multiply(left, byPowerOfTen: leftScale - scale),
        let second = Self.multiply(right, byPowerOfTen: rightScale - scale)
      {
        return first < second ? -1 : first == second ? 0 : 1
      }
    }
    return BigDecimal.order(decimal, other.decimal)
  }

  static func multiply(_ value: Int64, byPowerOfTen power: Int32) -> Int64? {
    guard power <= 18 else { return value == 0 ? 0 : nil }
    var result = value
    for _ in 0..<max(0, power) {
      let (product, isOverflow) = result.multipliedReportingOverflow(by: 10)
      if isOverflow { return nil }
      result = product
    }
    return result
  }
}

extension Quantity: Comparable {
  /// Whether the amounts are the same.
  public static func == (left: Quantity, right: Quantity) -> Bool { left.order(to: right) == 0 }
  /// Whether this amount is less.
  public static func < (left: Quantity, right: Quantity) -> Bool { left.order(to: right) < 0 }
}

extension Quantity: CustomStringConvertible {
  /// The amount as Kubernetes prints it: what was written if that is canonical, else the greatest
  /// suffix that leaves no fraction.
  public var description: String { text ?? canonicalText }

  /// The canonical form: no fraction, the greatest suffix that allows that; a binary format gives
  /// way to a decimal one below 1024 and where digits would be lost.
  public var canonicalText: String {
    let value = decimal
    if value.isZero { return "0" }
    if format == .binarySI, let text = Self.binaryText(value) { return text }
    let (number, zeros) = value.removingFactors(of: 10)
    let exponent = zeros - value.scale
    // The exponent is a multiple of three, and DecimalSI has suffixes from n to E.
    var target = exponent >= 0 ? exponent / 3 * 3 : -((2 - exponent) / 3 * 3)
    if format != .decimalExponent { target = min(target, 18) }
    let digits = number.digits + String(repeating: "0", count: exponent - target)
    let suffix = format == .decimalSI || format == .binarySI ? QuantitySuffix.decimal(target) : nil
    return digits + (suffix ?? (target == 0 ? "" : "e\(target)"))
  }

  private static func binaryText(_ value: BigDecimal) -> String? {
    let isSmall =
      BigDecimal.order(value, BigDecimal(1024)) < 0
      && BigDecimal.order(value, BigDecimal(-1024)) > 0
    let (rounded, isExact) = value.roundedUp(to: 0)
    if isSmall || !isExact { return nil }
    let (number, power) = rounded.removingFactors(of: 1024, limit: 6)
    return number.digits + (QuantitySuffix.binary(power * 10) ?? "")
  }
}
