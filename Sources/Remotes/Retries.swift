import Glibc

/// Pauses between attempts of several at one thing, so that each gets its turn.
///
/// The pauses grow from 20 ms to at most 1 s and are drawn at random: who met once does not meet again
/// at each try.
public struct Retries {
  private let deadline: Deadline
  /// How many times there was a pause.
  public private(set) var count = 0

  /// Attempts for so many seconds from now.
  public init(seconds: Double) { deadline = Deadline(in: seconds) }

  /// Waits before the next attempt; false, at once, when the time is over.
  public mutating func pause() -> Bool {
    guard !deadline.hasPassed else { return false }
    count += 1
    let longest = min(1, 0.04 * Double(1 << min(count, 5)))
    usleep(UInt32(min(Double.random(in: 0.02...max(0.04, longest)), deadline.secondsLeft) * 1e6))
    return true
  }
}
