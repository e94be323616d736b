import Glibc
import Synchronization

/// Calls `body` once for every index of `0..<count`, on as many threads as there are cores.
///
/// Indices are handed out in blocks of `blockCount` in rising order; each thread gets its own state
/// from `makeState`, so evaluators and buffers are never shared. The states are returned in no
/// order that means anything. Threads have 16 MiB of stack: expressions and documents nest.
func eachIndex<State>(
  below count: Int, blockCount: Int = 1, threadCount: Int = coreCount(),
  makeState: @Sendable () -> State, _ body: @Sendable (Int, inout State) -> Void
) -> [State] {
  let blocks = (count + blockCount - 1) / blockCount
  workProgress.total.add(count, ordering: .relaxed)
  let next = Atomic(0)
  let states = Mutex<[Box<State>]>([])
  withoutActuallyEscaping(makeState) { makeState in
    withoutActuallyEscaping(body) { body in
      let work = Work {
        var state = makeState()
        while true {
          let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
          if block >= blocks { break }
          workProgress.done.add(min(blockCount, count - block * blockCount), ordering: .relaxed)
          for index in (block * blockCount)..<min((block + 1) * blockCount, count) {
            body(index, &state)
          }
        }
        let box = Box(state)
        states.withLock { $0.append(box) }
      }
      runOnThreads(min(threadCount, max(blocks, 1)), work)
    }
  }
  return states.withLock { $0.map(\.value) }
}

/// What `body` gives for every index of `0..<count`, in their order; worked out as `eachIndex` does.
func eachResult<Result>(
  below count: Int, blockCount: Int = 1, _ body: @Sendable (Int) -> Result
) -> [Result] {
  eachIndex(
    below: count, blockCount: blockCount, makeState: { [(index: Int, result: Result)]() }
  ) { index, results in
    results.append((index, body(index)))
  }.joined().sorted { $0.index < $1.index }.map(\.result)
}

/// How far the work of this process is: pieces taken up, of those that are known of. Rises only.
public final class WorkProgress: Sendable {
  let done = Atomic(0)
  let total = Atomic(0)

  /// Pieces taken up so far, and all of them.
  public var counts: (done: Int, total: Int) {
    (done.load(ordering: .relaxed), total.load(ordering: .relaxed))
  }
}

/// The work of this process.
public let workProgress = WorkProgress()

/// The number of cores this process may use.
func coreCount() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

/// Carries a state from the thread that made it to the one that waits for it: used by one at a time.
private final class Box<State>: @unchecked Sendable {
  let value: State
  init(_ value: State) { self.value = value }
}

private final class Work: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runOnThreads(_ count: Int, _ work: Work) {
  let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
  pthread_attr_init(attributes)
  pthread_attr_setstacksize(attributes, 16 << 20)
  defer {
    pthread_attr_destroy(attributes)
    attributes.deallocate()
  }
  var threads: [pthread_t] = []
  for _ in 0..<count {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(work).toOpaque()
    let status = pthread_create(
      &thread, attributes,
      { raw in
        guard let raw else { return nil }
        Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().run()
        return nil
      }, argument)
    if status == 0 {
      threads.append(thread)
    } else {
      Unmanaged<Work>.fromOpaque(argument).release()
    }
  }
  // Without any thread to be had the work is still done.
  if threads.isEmpty { work.run() }
  for thread in threads { pthread_join(thread, nil) }
}
