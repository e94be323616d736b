import Documents

/// Comparison and text of numbers.
enum Numbers {
  enum Order {
    case less, equal, greater
    /// One of them is NaN.
    case unordered
  }

  @inline(__always)
  static func order<T: Comparable>(_ left: T, _ right: T) -> Order {
    left == right ? .equal : left < right ? .less : .greater
  }

  @inline(__always)
  private static func order(_ left: Double, _ right: Double) -> Order {
    left < right ? .less : left > right ? .greater : left == right ? .equal : .unordered
  }

  /// The order of two numbers of any kinds; nil when one is no number.
  static func compare(_ left: Value, _ right: Value) -> Order? {
    switch (left.kind, right.kind) {
    case (.int, .int): order(left.intPayload, right.intPayload)
    case (.uint, .uint): order(left.payload, right.payload)
    case (.double, .double): order(left.doublePayload, right.doublePayload)
    case (.int, .uint):
      left.intPayload < 0 ? .less : order(UInt64(left.intPayload), right.payload)
    case (.uint, .int):
      right.intPayload < 0 ? .greater : order(left.payload, UInt64(right.intPayload))
    case (.int, .double): compare(Double(left.intPayload), right.doublePayload)
    case (.double, .int): compare(left.doublePayload, Double(right.intPayload))
    case (.uint, .double): compare(Double(left.payload), right.doublePayload)
    case (.double, .uint): compare(left.doublePayload, Double(right.payload))
    default: nil
    }
  }

  private static func compare(_ left: Double, _ right: Double) -> Order { order(left, right) }

  /// A double as Go's `strconv.FormatFloat(d, 'g', -1, 64)` writes it: with an exponent below 1e-4
  /// and from 1e6 on, which has a sign and at least two digits.
  static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value == 0 { return value.sign == .minus ? "-0" : "0" }
    let (digits, exponent) = shortestDigits(value)
    return (value < 0 ? "-" : "") + layout(digits, exponent, exponentFrom: 6)
  }

  /// The shortest decimal digits that read back as the value (without a dot, no trailing zeros),
  /// and the decimal exponent of the first.
  static func shortestDigits(_ value: Double) -> (digits: String, exponent: Int) {
    var digits = ""
    var exponent = 0
    var pointAt: Int?
    var sawExponent = false
    var exponentText = ""
    for character in "\(value.magnitude)" {
      if sawExponent {
        exponentText.append(character)
      } else if character == "." {
        pointAt = digits.utf8.count
      } else if character == "e" {
        sawExponent = true
      } else {
        digits.append(character)
      }
    }
    exponent = (pointAt ?? digits.utf8.count) - 1 + (Int(exponentText) ?? 0)
    while digits.hasPrefix("0"), digits.utf8.count > 1 {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.hasSuffix("0"), digits.utf8.count > 1 { digits.removeLast() }
    return (digits, exponent)
  }

  /// Digits laid out as Go's `%g`: plain between 1e-4 and 10^`exponentFrom`.
  static func layout(_ digits: String, _ exponent: Int, exponentFrom: Int) -> String {
    let count = digits.utf8.count
    if exponent < -4 || exponent >= exponentFrom {
      let rest = digits.dropFirst()
      let size = abs(exponent)
      return String(digits.prefix(1)) + (rest.isEmpty ? "" : "." + rest)
        + (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + "\(size)"
    }
    if exponent < 0 {
      return "0." + String(repeating: "0", count: -exponent - 1) + digits
    }
    if count <= exponent + 1 {
      return digits + String(repeating: "0", count: exponent + 1 - count)
    }
    return digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
  }
}
