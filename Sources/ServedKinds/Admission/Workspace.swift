import Documents
import Synchronization

/// The memory that the walks over one object need, used again for the next.
final class Workspace {
  let entries = EntryStack()
  let decoded = StepStack<ObjectDecoder.Step>()
  let checked = StepStack<ObjectValidation.Step>()
}

/// Workspaces that nobody uses: as many as threads have asked at once.
final class WorkspacePool: Sendable {
  private struct Free: @unchecked Sendable {
    var list: [Workspace] = []
  }

  private let free = Mutex(Free())

  /// Calls `body` with a workspace that nobody else has.
  @inline(__always)
  func with<Result>(_ body: (Workspace) -> Result) -> Result {
    let workspace = free.withLock { $0.list.popLast().map(Taken.init) }?.workspace ?? Workspace()
    let result = body(workspace)
    let taken = Taken(workspace: workspace)
    free.withLock { $0.list.append(taken.workspace) }
    return result
  }

  /// A workspace on its way from one thread to another.
  private struct Taken: @unchecked Sendable {
    let workspace: Workspace
  }
}

/// Entries of maps that are being put together: memory that grows and is not cleared.
final class EntryStack {
  @exclusivity(unchecked) private var memory = UnsafeMutablePointer<MapEntry>.allocate(
    capacity: 128)
  @exclusivity(unchecked) private var capacity = 128
  @exclusivity(unchecked) private(set) var count = 0

  deinit { memory.deallocate() }

  @inline(__always)
  func push(_ entry: MapEntry) {
    if count == capacity { grow() }
    (memory + count).initialize(to: entry)
    count &+= 1
  }

  @inline(__always)
  func cut(to count: Int) { self.count = count }

  @inline(__always)
  func entries(from start: Int) -> UnsafeBufferPointer<MapEntry> {
    UnsafeBufferPointer(start: memory + start, count: count &- start)
  }

  @inline(__always)
  subscript(index: Int) -> MapEntry {
    get { memory[index] }
    set { memory[index] = newValue }
  }

  func remove(at index: Int) {
    (memory + index).update(from: memory + index + 1, count: count - index - 1)
    count -= 1
  }

  @inline(never)
  private func grow() {
    let larger = UnsafeMutablePointer<MapEntry>.allocate(capacity: capacity * 2)
    larger.initialize(from: memory, count: count)
    memory.deallocate()
    memory = larger
    capacity *= 2
  }
}

/// The steps to where a walk stands, in memory that does not grow: the decoder refuses what is deeper, and nothing is
/// kept of steps that have no room.
final class StepStack<Step: BitwiseCopyable> {
  private static var capacity: Int { 320 }
  private let memory = UnsafeMutablePointer<Step>.allocate(capacity: capacity)
  @exclusivity(unchecked) private(set) var count = 0

  deinit { memory.deallocate() }

  @inline(__always)
  func push(_ step: Step) {
    if count < Self.capacity { (memory + count).initialize(to: step) }
    count &+= 1
  }

  @inline(__always)
  func pop() { count &-= 1 }

  var all: UnsafeBufferPointer<Step> {
    UnsafeBufferPointer(start: memory, count: min(count, Self.capacity))
  }
}
