/// Why a text is no quantity, in apimachinery's words.
public enum QuantityError: String, Error, Sendable {
  case wrongFormat =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  case wrongNumber = "unable to parse numeric part of quantity"
  case wrongSuffix = "unable to parse quantity's suffix"

  /// The sentence.
  public var message: String { rawValue }
}

extension Quantity {
  /// The parts of a quantity's text, as byte ranges.
  private struct Parts {
    var isNegative = false
    /// Without leading zeros; empty for zero.
    var whole = 0..<0
    var fraction = 0..<0
    var suffix = 0..<0
  }

  /// The digits that a number may have, and the exponent: more is refused, not computed.
  private static let digitLimit = 4096

  /// Reads a quantity.
  public static func parse(_ text: String) -> Result<Quantity, QuantityError> {
    var text = text
    return text.withUTF8 { parse($0) }
  }

  /// Reads a quantity of UTF-8 bytes. `asDecimal` keeps it as a decimal of any size even if it fits an
  /// integer.
  public static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, asDecimal: Bool = false
  ) -> Result<Quantity, QuantityError> {
    guard !bytes.isEmpty else { return .failure(.wrongFormat) }
    guard let parts = split(bytes) else { return .failure(.wrongFormat) }
    guard let suffix = QuantitySuffix(bytes, parts.suffix) else { return .failure(.wrongSuffix) }
    guard parts.whole.count + parts.fraction.count <= digitLimit,
      abs(suffix.exponent) <= digitLimit
    else { return .failure(.wrongNumber) }
    if !asDecimal, let scaled = scaled(bytes, parts, suffix) {
      return .success(
        Quantity(
          .scaled(scaled.value, scale: scaled.scale), scaled.format,
          text: scaled.isTextKept ? String(decoding: bytes, as: UTF8.self) : nil))
    }
    return .success(decimal(bytes, parts, suffix))
  }

  /// A quantity that is an integer and a power of ten: trivial to keep.
  public struct Scaled: Sendable, BitwiseCopyable {
    /// The integer.
    public let value: Int64
    /// The power of ten it is multiplied by.
    public let scale: Int32
    /// The kind of suffix.
    public let format: Format
    /// Whether it prints as it was written.
    public let isTextKept: Bool
  }

  /// Reads a quantity without allocating; nil for what is none, and for what only a decimal of any
  /// size can hold.
  public static func parseScaled(_ bytes: UnsafeBufferPointer<UInt8>) -> Scaled? {
    guard !bytes.isEmpty, let parts = split(bytes),
      let suffix = QuantitySuffix(bytes, parts.suffix), abs(suffix.exponent) <= digitLimit
    else { return nil }
    return scaled(bytes, parts, suffix)
  }

  /// Whether a text is certainly a quantity that prints as it is written, and not negative: digits without a fraction,
  /// and the greatest suffix that they allow. False says nothing.
  public static func isSurelyCanonical(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first, first &- 0x31 < 9 else {
      return bytes.count == 1 && bytes[0] == 0x30
    }
    var value = 0
    var index = 0
    while index < bytes.count, bytes[index] &- 0x30 < 10 {
      guard index < 9 else { return false }
      value = value &* 10 &+ Int(bytes[index] &- 0x30)
      index &+= 1
    }
    switch bytes.count &- index {
    case 0: return value % 1000 != 0
    case 1:
      switch bytes[index] {
      case UInt8(ascii: "m"), UInt8(ascii: "k"), UInt8(ascii: "M"), UInt8(ascii: "G"):
        return value % 1000 != 0
      default: return false
      }
    case 2:
      guard bytes[index &+ 1] == UInt8(ascii: "i"), index <= 5 else { return false }
      switch bytes[index] {
      case UInt8(ascii: "K"), UInt8(ascii: "M"), UInt8(ascii: "G"), UInt8(ascii: "T"):
        return value & 1023 != 0
      default: return false
      }
    default: return false
    }
  }

  /// Whether a text is a quantity.
  public static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if case .success = parse(bytes) { true } else { false }
  }

  private static func split(_ bytes: UnsafeBufferPointer<UInt8>) -> Parts? {
    var parts = Parts()
    var index = 0
    let count = bytes.count
    func isDigit(_ index: Int) -> Bool { index < count && bytes[index] &- 0x30 < 10 }
    if bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
      parts.isNegative = bytes[0] == UInt8(ascii: "-")
      index = 1
    }
    while index < count, bytes[index] == 0x30 { index += 1 }
    var start = index
    while isDigit(index) { index += 1 }
    parts.whole = start..<index
    if index < count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      start = index
      while isDigit(index) { index += 1 }
      parts.fraction = start..<index
    }
    start = index
    while index < count, "eEinumkKMGTP".utf8.contains(bytes[index]) { index += 1 }
    if index < count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
      index += 1
    }
    while isDigit(index) { index += 1 }
    parts.suffix = start..<index
    return index == count ? parts : nil
  }

  /// The quantity as an integer and a power of ten, when it surely fits.
  private static func scaled(
    _ bytes: UnsafeBufferPointer<UInt8>, _ parts: Parts, _ suffix: QuantitySuffix
  ) -> Scaled? {
    let wholeCount = max(1, parts.whole.count)
    var scale = 0
    var mantissa: Int64 = 1
    if suffix.format == .binarySI {
      // 2^20 has about 6 digits: what is left of 15 may be used by the number.
      guard parts.fraction.isEmpty, 14 - wholeCount - suffix.exponent * 3 / 10 >= 0 else {
        return nil
      }
      mantissa = 1 << Int64(suffix.exponent)
    } else {
      guard wholeCount + parts.fraction.count <= 18 else { return nil }
      scale = suffix.exponent - parts.fraction.count
      guard scale >= -9 else { return nil }
    }
    var value: Int64 = 0
    for index in parts.whole { value = value * 10 + Int64(bytes[index] - 0x30) }
    for index in parts.fraction { value = value * 10 + Int64(bytes[index] - 0x30) }
    let (product, isOverflow) = value.multipliedReportingOverflow(by: mantissa)
    if isOverflow { return nil }
    // The text is kept where apimachinery keeps it: it may differ from the canonical one.
    let isKept =
      suffix.format == .binarySI
      ? suffix.exponent % 10 == 0 && value & 7 != 0
      : scale % 3 == 0 && !parts.whole.isEmpty && value % 1000 != 0
    return Scaled(
      value: parts.isNegative ? -product : product, scale: Int32(truncatingIfNeeded: scale),
      format: suffix.format, isTextKept: isKept)
  }

  private static func decimal(
    _ bytes: UnsafeBufferPointer<UInt8>, _ parts: Parts, _ suffix: QuantitySuffix
  ) -> Quantity {
    var value = BigDecimal(
      digits: (Array(parts.whole) + Array(parts.fraction)).map { bytes[$0] },
      isNegative: parts.isNegative, scale: parts.fraction.count)
    var format = suffix.format
    if format == .binarySI {
      value.shiftLeft(by: suffix.exponent)
    } else {
      value.multiplyByPowerOfTen(suffix.exponent)
    }
    // Who asks for something gets something: less than a nano is a nano.
    if value.scale > 9 { value = value.roundedUp(to: 9).0 }
    if format == .binarySI, !value.isZero {
      let largest = BigDecimal(.max)
      if BigDecimal.order(value, largest) > 0 { value = largest }
      if BigDecimal.order(value.negated, largest) > 0 { value = largest.negated }
      if BigDecimal.order(value, BigDecimal(1)) < 0, BigDecimal.order(value, BigDecimal(-1)) > 0 {
        format = .decimalSI
      }
    }
    return Quantity(.decimal(value), format)
  }
}

/// What stands after the number: a power of ten or of two.
struct QuantitySuffix {
  let format: Quantity.Format
  /// Of ten, or of two for a binary suffix.
  let exponent: Int

  private static let decimals: [(StaticString, Int)] = [
    ("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15),
    ("E", 18),
  ]
  private static let binaries: [(StaticString, Int)] = [
    ("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60),
  ]

  init?(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    func isText(_ text: StaticString) -> Bool {
      guard text.utf8CodeUnitCount == range.count else { return false }
      return (0..<range.count).allSatisfy { bytes[range.lowerBound + $0] == text.utf8Start[$0] }
    }
    if let (_, exponent) = Self.decimals.first(where: { isText($0.0) }) {
      self.init(.decimalSI, exponent)
    } else if let (_, exponent) = Self.binaries.first(where: { isText($0.0) }) {
      self.init(.binarySI, exponent)
    } else if range.count > 1, bytes[range.lowerBound] | 0x20 == UInt8(ascii: "e"),
      let exponent = Int(String(decoding: bytes[range.dropFirst()], as: UTF8.self)),
      abs(exponent) < 1 << 31
    {
      self.init(.decimalExponent, exponent)
    } else {
      return nil
    }
  }

  private init(_ format: Quantity.Format, _ exponent: Int) {
    self.format = format
    self.exponent = exponent
  }

  static func decimal(_ exponent: Int) -> String? {
    decimals.first { $0.1 == exponent }.map { "\($0.0)" }
  }

  static func binary(_ exponent: Int) -> String? {
    binaries.first { $0.1 == exponent }.map { "\($0.0)" }
  }
}
