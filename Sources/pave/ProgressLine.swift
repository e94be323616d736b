import Glibc
import Pipeline
import Synchronization

/// A line on a terminal that says how far the work is, once that takes over a second; nothing where standard error is no
/// terminal. It is gone before anything else is written.
enum ProgressLine {
  private struct State {
    var isRunning = false
    var isShown = false
  }

  private static let state = Mutex(State())
  private static let firstDelay: useconds_t = 1_000_000
  private static let interval: useconds_t = 100_000

  /// Begins to watch; further calls do nothing while that goes on.
  static func start() {
    guard Stream.error.isTerminal, environmentVariable("TERM") != "dumb" else { return }
    let isNew = state.withLock { state in
      defer { state.isRunning = true }
      return !state.isRunning
    }
    guard isNew else { return }
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { _ in
        ProgressLine.watch()
        return nil
      }, nil)
    if status == 0 { pthread_detach(thread) }
  }

  /// Takes the line away and ends the watch.
  static func end() {
    state.withLock { state in
      state.isRunning = false
      if state.isShown { show("\r\u{1B}[K") }
      state.isShown = false
    }
  }

  private static func watch() {
    usleep(firstDelay)
    while draw() { usleep(interval) }
  }

  /// Writes the line again; false when the watch has ended.
  private static func draw() -> Bool {
    let (done, total) = workProgress.counts
    return state.withLock { state in
      guard state.isRunning else { return false }
      show("\r\u{1B}[K\(done) of \(total) units …")
      state.isShown = true
      return true
    }
  }

  private static func show(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
