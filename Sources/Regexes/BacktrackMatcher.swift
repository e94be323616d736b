/// Finds the leftmost-first match by backtracking that visits no (instruction, place) pair twice, so
/// that it takes time and memory of at most their product. For short texts.
struct BacktrackMatcher: ~Copyable {
  /// The pairs for which it is used: 32 KB of marks.
  static let pairLimit = 256 * 1024

  static func fits(_ program: RegexProgram, byteCount: Int) -> Bool {
    byteCount < pairLimit && program.instructions.count * (byteCount + 1) <= pairLimit
  }

  private struct Job {
    /// The instruction to go on at, or, negative, the complement of a slot to restore.
    var instruction: Int32
    var place: Int32
  }

  private let program: RegexProgram
  private let text: UnsafePointer<UInt8>
  private let count: Int
  private let from: Int
  private let visited: UnsafeMutablePointer<UInt64>
  private var jobs: [Job] = []
  private var slots: [Int]

  private init(
    _ program: RegexProgram, _ text: UnsafePointer<UInt8>, _ count: Int, from: Int, slotCount: Int
  ) {
    self.program = program
    self.text = text
    self.count = count
    self.from = from
    let words = (program.instructions.count * (count - from + 1) + 63) / 64
    visited = .allocate(capacity: words)
    visited.initialize(repeating: 0, count: words)
    slots = Array(repeating: -1, count: slotCount)
  }

  deinit { visited.deallocate() }

  /// The slots of the first match that starts at `from` or later; nil if there is none.
  static func firstMatch(
    _ program: RegexProgram, _ text: UnsafePointer<UInt8>, _ count: Int, from: Int, slotCount: Int,
    nextCandidate: (Int) -> Int?
  ) -> [Int]? {
    var matcher = BacktrackMatcher(program, text, count, from: from, slotCount: slotCount)
    if program.isAnchoredAtStart {
      return from == 0 && matcher.matches(at: 0) ? matcher.slots : nil
    }
    var start = from
    while start <= count, let candidate = nextCandidate(start) {
      if matcher.matches(at: candidate) { return matcher.slots }
      start = candidate + 1
    }
    return nil
  }

  @inline(__always)
  private func visit(_ instruction: Int32, _ place: Int) -> Bool {
    let bit = Int(instruction) &* (count &- from &+ 1) &+ (place &- from)
    let mask = UInt64(1) << UInt64(bit & 63)
    if visited[bit >> 6] & mask != 0 { return false }
    visited[bit >> 6] |= mask
    return true
  }

  private mutating func matches(at start: Int) -> Bool {
    jobs.append(Job(instruction: program.start, place: Int32(truncatingIfNeeded: start)))
    while let job = jobs.popLast() {
      if job.instruction < 0 {
        slots[Int(~job.instruction)] = Int(job.place)
        continue
      }
      if run(job.instruction, Int(job.place)) {
        jobs.removeAll(keepingCapacity: true)
        return true
      }
    }
    return false
  }

  private mutating func run(_ first: Int32, _ place: Int) -> Bool {
    var current = first
    var place = place
    while visit(current, place) {
      let instruction = program.instructions[Int(current)]
      switch instruction.operation {
      case .byte:
        guard place < count, text[place] >= instruction.low, text[place] <= instruction.high else {
          return false
        }
        place &+= 1
        current = instruction.next
      case .sparse:
        guard place < count else { return false }
        current = program.target(of: instruction, text[place])
        guard current >= 0 else { return false }
        place &+= 1
      case .split:
        jobs.append(
          Job(instruction: instruction.other, place: Int32(truncatingIfNeeded: place)))
        current = instruction.next
      case .save:
        let slot = Int(instruction.other)
        if slot < slots.count {
          jobs.append(
            Job(instruction: ~instruction.other, place: Int32(truncatingIfNeeded: slots[slot])))
          slots[slot] = place
        }
        current = instruction.next
      case .assert:
        guard holds(instruction.low, text, place, count) else { return false }
        current = instruction.next
      case .match: return true
      case .fail: return false
      }
    }
    return false
  }
}
