import Glibc

/// A moment on the clock that nobody can set back.
struct Deadline: Sendable {
  private let seconds: Double

  /// The moment that is so many seconds from now.
  init(in seconds: Double) { self.seconds = Deadline.now + seconds }

  /// What is left of it; never below 0.
  var secondsLeft: Double { max(0, seconds - Deadline.now) }

  var hasPassed: Bool { secondsLeft == 0 }

  /// For poll(2): at least 1 while something is left, so that nothing spins.
  var milliseconds: Int32 { Int32(min(secondsLeft * 1000 + 1, 1_000_000)) }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
