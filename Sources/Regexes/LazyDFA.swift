import Glibc
import Synchronization

/// Says whether a text holds a match, one table look-up a byte, in states that are made when a text
/// first needs them.
///
/// Threads share one: the table is words that are read and written atomically, 0 for what is not known
/// yet, and making a state takes a lock. When the table is full, a search goes on by simulation.
final class LazyDFA: Sendable {
  private static let unknown: UInt32 = 0
  private static let dead: UInt32 = 1
  private static let matched: UInt32 = 2
  private static let full: UInt32 = 3

  /// The words of the table: memory that is only touched as states are made.
  private static let tableWordLimit = 128 * 1024
  /// The instructions that all states may hold together.
  private static let elementLimit = 512 * 1024

  private let program: RegexProgram
  /// The class of every byte; bytes of a class lead to the same state everywhere.
  private let byteClasses: ByteClasses
  /// Words a state: its classes and one for the end of the text. A state is named by its first word.
  private let stride: Int
  nonisolated(unsafe) private let table: UnsafeMutablePointer<Atomic<UInt32>>
  private let capacity: Int
  private let byteCount: Int
  /// The state at the start of the text, and those after a line feed, a word byte and another byte.
  nonisolated(unsafe) private let starts: UnsafeMutablePointer<Atomic<UInt32>>
  private let builder: Mutex<StateBuilder>

  init(_ program: RegexProgram) {
    self.program = program
    byteClasses = ByteClasses(program)
    stride = max(4, byteClasses.count + 1)
    capacity = max(8, Self.tableWordLimit / stride)
    let words = capacity * stride
    // Zeroed by the system page by page as it is touched; calloc may clear all of it at once.
    byteCount = (words + 4) * 4
    let mapped = mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let start = mapped, start != MAP_FAILED else {
      preconditionFailure("the system has no address space left for a table of states")
    }
    table = start.bindMemory(to: Atomic<UInt32>.self, capacity: words)
    starts = (start + words * 4).bindMemory(to: Atomic<UInt32>.self, capacity: 4)
    builder = Mutex(StateBuilder(program))
  }

  deinit { munmap(table, byteCount) }

  /// Whether a match starts at `from` or later.
  @inline(__always)
  func matches(_ text: UnsafePointer<UInt8>, from: Int, _ count: Int) -> Bool {
    var state = start(text, from)
    let classes = byteClasses.table
    let table = self.table
    var index = from
    while index < count {
      let next = table[Int(state) &+ Int(classes[Int(text[index])])].load(ordering: .relaxed)
      if next > Self.full {
        state = next
        index &+= 1
        continue
      }
      switch resolve(next, state, Int(classes[Int(text[index])]), text[index]) {
      case Self.dead: return false
      case Self.matched: return true
      case Self.full: return simulate(state, text, index, count)
      case let made:
        state = made
        index &+= 1
      }
    }
    let last = table[Int(state) &+ byteClasses.count].load(ordering: .relaxed)
    switch resolve(last, state, byteClasses.count, nil) {
    case Self.matched: return true
    case Self.full: return simulate(state, text, count, count)
    default: return false
    }
  }

  @inline(__always)
  private func start(_ text: UnsafePointer<UInt8>, _ from: Int) -> UInt32 {
    let context = from == 0 ? StateContext.textStart : StateContext(after: text[from - 1])
    let known = starts[Int(context.rawValue)].load(ordering: .relaxed)
    return known > Self.full ? known : makeStart(context)
  }

  @inline(never)
  private func makeStart(_ context: StateContext) -> UInt32 {
    builder.withLock { builder in
      let index = builder.startState(context, capacity: capacity) ?? 0
      let state = UInt32(truncatingIfNeeded: (index + 1) * stride)
      starts[Int(context.rawValue)].store(state, ordering: .relaxed)
      return state
    }
  }

  @inline(__always)
  private func resolve(_ next: UInt32, _ state: UInt32, _ byteClass: Int, _ byte: UInt8?) -> UInt32
  {
    next == Self.unknown ? make(state, byteClass, byte) : next
  }

  @inline(never)
  private func make(_ state: UInt32, _ byteClass: Int, _ byte: UInt8?) -> UInt32 {
    builder.withLock { builder in
      let word = Int(state) + byteClass
      let known = table[word].load(ordering: .relaxed)
      if known != Self.unknown { return known }
      let made: UInt32
      switch builder.step(Int(state) / stride - 1, byte) {
      case .dead: made = Self.dead
      case .matched: made = Self.matched
      case .set(let context):
        // Room is kept for the four start states.
        guard
          let index = builder.state(
            context, capacity: capacity - 5, elementLimit: Self.elementLimit)
        else { return Self.full }
        made = UInt32(truncatingIfNeeded: (index + 1) * stride)
      }
      table[word].store(made, ordering: .relaxed)
      return made
    }
  }

  /// Goes on from a state without making new ones.
  @inline(never)
  private func simulate(
    _ state: UInt32, _ text: UnsafePointer<UInt8>, _ from: Int, _ count: Int
  ) -> Bool {
    var simulation = builder.withLock { $0.copy(startingAt: Int(state) / stride - 1) }
    var index = from
    while true {
      switch simulation.stepInPlace(index < count ? text[index] : nil) {
      case .dead: return false
      case .matched: return true
      case .set: break
      }
      if index == count { return false }
      index += 1
    }
  }
}
