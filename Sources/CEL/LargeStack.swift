#if canImport(Glibc)
  import Glibc
#endif

/// Room for recursion over deep expressions, whatever the stack of the caller.
///
/// A level of nesting takes some 2 KB of parser, planner and checker; 250 levels are more than the
/// 512 KiB that a thread of a pool may have.
enum LargeStack {
  /// Expressions of this many levels at most are worked on where the caller is.
  static let ordinaryDepth = 60
  private static let byteCount = 32 << 20

  /// Runs the body, on a thread of its own with a large stack if `depth` asks for one.
  static func run<T>(depth: Int, _ body: () -> T) -> T {
    guard depth > ordinaryDepth else { return body() }
    return withoutActuallyEscaping(body) { body in
      let job = Job(body)
      return onThread(job) ? job.result ?? body() : body()
    }
  }

  /// At least as deep as the parser descends into the text: open brackets, and conditionals.
  static func depth(of source: UnsafeBufferPointer<UInt8>) -> Int {
    var open = 0
    var deepest = 0
    var conditionals = 0
    for byte in source {
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
        open += 1
        deepest = max(deepest, open)
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): open -= 1
      case UInt8(ascii: "?"): conditionals += 1
      default: break
      }
    }
    return deepest + conditionals
  }

  private class AnyJob {
    func run() {}
  }

  private final class Job<T>: AnyJob {
    let body: () -> T
    var result: T?

    init(_ body: @escaping () -> T) { self.body = body }

    override func run() { result = body() }
  }

  /// Runs a job on a new thread and waits for it; false when there can be no thread.
  private static func onThread(_ job: AnyJob) -> Bool {
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    defer { attributes.deallocate() }
    guard pthread_attr_init(attributes) == 0 else { return false }
    defer { pthread_attr_destroy(attributes) }
    guard pthread_attr_setstacksize(attributes, byteCount) == 0 else { return false }
    var thread: pthread_t = 0
    let argument = Unmanaged.passRetained(job)
    let status = pthread_create(
      &thread, attributes,
      { argument in
        if let argument { Unmanaged<AnyJob>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, argument.toOpaque())
    guard status == 0 else {
      argument.release()
      return false
    }
    return pthread_join(thread, nil) == 0
  }
}
