#if canImport(Glibc)
  import Glibc
#endif

extension Execution {
  /// The address that is that many bytes below where the stack is now.
  static func floor(below bytes: UInt) -> UInt {
    var mark: UInt8 = 0
    let here = withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) }
    return here > bytes ? here - bytes : 0
  }

  /// Runs `body` here, or on a thread with a large stack if this one is nearly used up. Only deep
  /// recursion pays for it.
  func withEnoughStack(_ body: () throws -> Void) throws {
    if Execution.floor(below: 0) > stackFloor { return try body() }
    let saved = stackFloor
    defer { stackFloor = saved }
    let size = 512 << 20
    var failure: (any Error)?
    let isRun = runOnThread(stackBytes: size) {
      self.stackFloor = Execution.floor(below: UInt(size - (8 << 20)))
      do { try body() } catch { failure = error }
    }
    guard isRun else { throw FunctionError("templates are nested too deep", kind: .limit) }
    if let failure { throw failure }
  }
}

private final class ThreadBody {
  let run: () -> Void
  init(_ run: @escaping () -> Void) { self.run = run }
}

/// Runs `body` to its end on a thread of its own; false if there is none to be had.
private func runOnThread(stackBytes: Int, _ body: () -> Void) -> Bool {
  withoutActuallyEscaping(body) { body in
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    defer { attributes.deallocate() }
    guard pthread_attr_init(attributes) == 0 else { return false }
    defer { pthread_attr_destroy(attributes) }
    guard pthread_attr_setstacksize(attributes, stackBytes) == 0 else { return false }
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(ThreadBody(body))
    let result = pthread_create(
      &thread, attributes,
      { raw in
        guard let raw else { return nil }
        Unmanaged<ThreadBody>.fromOpaque(raw).takeRetainedValue().run()
        return nil
      }, argument.toOpaque())
    guard result == 0 else {
      argument.release()
      return false
    }
    pthread_join(thread, nil)
    return true
  }
}
