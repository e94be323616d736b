import Documents

/// Sums and differences of timestamps and durations.
enum TimeArithmetic {
  /// The result; nil if the kinds do not go together. An error has no place yet.
  static func result(
    _ operation: Arithmetic, _ left: Value, _ right: Value, _ frame: Frame
  ) -> Value? {
    let isSum = operation == .add
    switch (left.boxKind, right.boxKind) {
    case (.duration, .duration):
      let (first, second) = (left.durationNanoseconds, right.durationNanoseconds)
      let (sum, overflow) =
        isSum ? first.addingReportingOverflow(second) : first.subtractingReportingOverflow(second)
      return overflow ? frame.error("duration overflow") : .duration(nanoseconds: sum)
    case (.timestamp, .duration):
      return moved(left.instant, right.durationNanoseconds, forward: isSum, frame)
    case (.duration, .timestamp) where isSum:
      return moved(right.instant, left.durationNanoseconds, forward: true, frame)
    case (.timestamp, .timestamp) where !isSum:
      return difference(left.instant, right.instant, frame)
    default: return nil
    }
  }

  private static func moved(
    _ instant: Instant, _ nanoseconds: Int64, forward: Bool, _ frame: Frame
  ) -> Value {
    let seconds = Calendar.floorDivide(nanoseconds, 1_000_000_000)
    let rest = Int32(nanoseconds - seconds * 1_000_000_000)
    var result = instant
    result.seconds = forward ? instant.seconds + seconds : instant.seconds - seconds
    result.nanoseconds = forward ? instant.nanoseconds + rest : instant.nanoseconds - rest
    if result.nanoseconds >= 1_000_000_000 {
      result.nanoseconds -= 1_000_000_000
      result.seconds += 1
    } else if result.nanoseconds < 0 {
      result.nanoseconds += 1_000_000_000
      result.seconds -= 1
    }
    return Calendar.isRepresentable(result.seconds)
      ? frame.arena.timestamp(result) : frame.error("timestamp overflow")
  }

  private static func difference(_ left: Instant, _ right: Instant, _ frame: Frame) -> Value {
    let (product, overflow) = (left.seconds - right.seconds)
      .multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = product.addingReportingOverflow(
      Int64(left.nanoseconds) - Int64(right.nanoseconds))
    return overflow || carry
      ? frame.error("timestamp overflow") : .duration(nanoseconds: sum)
  }
}
