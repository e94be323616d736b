import Documents
import Quantities

/// Quantities as an object has them: texts, and numbers where it was not normalised.
extension Value {
  /// The quantity; zero for what is none, which an earlier check has refused.
  var asQuantity: Quantity {
    switch kind {
    case .string:
      if case .success(let quantity) = Quantity.parse(utf8) { return quantity }
      return Quantity(0)
    case .int: return Quantity(intPayload)
    default: return Quantity(0)
    }
  }

  /// -1, 0 or 1. Allocates nothing for the usual sizes.
  var quantitySign: Int {
    if isKind(.string), let scaled = Quantity.parseScaled(utf8) {
      return Int(scaled.value.signum())
    }
    return asQuantity.signum
  }

  /// Below, at or above another quantity, as -1, 0 or 1.
  func quantityOrder(to other: Value) -> Int {
    if isKind(.string), hasSameBytes(as: other) { return 0 }
    if isKind(.string), other.isKind(.string), let left = Quantity.parseScaled(utf8),
      let right = Quantity.parseScaled(other.utf8), let order = left.order(to: right)
    {
      return order
    }
    return asQuantity.order(to: other.asQuantity)
  }

  /// Whether a quantity has no thousandths.
  var isWholeQuantity: Bool {
    if isKind(.int) { return true }
    if isKind(.string), let scaled = Quantity.parseScaled(utf8), scaled.scale >= 0 { return true }
    let quantity = asQuantity
    guard let whole = quantity.roundedUpInt64 else { return true }
    return quantity.order(to: Quantity(whole)) == 0
  }
}

extension Quantity.Scaled {
  /// Below, at or above, where the numbers fit 64 bits at the smaller scale; nil elsewhere.
  fileprivate func order(to other: Quantity.Scaled) -> Int? {
    guard let left = value(atScale: min(scale, other.scale)),
      let right = other.value(atScale: min(scale, other.scale))
    else { return nil }
    return left < right ? -1 : left > right ? 1 : 0
  }

  private func value(atScale target: Int32) -> Int64? {
    guard scale - target <= 18 else { return value == 0 ? 0 : nil }
    var result = value
    for _ in 0..<(scale - target) {
      let (product, overflow) = result.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      result = product
    }
    return result
  }
}
