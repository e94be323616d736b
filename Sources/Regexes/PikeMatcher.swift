/// Finds the leftmost-first match by walking all threads of a program over the text in step. Time is
/// at most the product of their numbers, memory that of the program: for texts of any length.
struct PikeMatcher: ~Copyable {
  /// Instructions in the order of preference, each once, with the slots of its thread.
  private final class ThreadList {
    var count = 0
    let dense: UnsafeMutablePointer<Int32>
    let sparse: UnsafeMutablePointer<Int32>
    let slots: UnsafeMutablePointer<Int>

    init(instructionCount: Int, slotCount: Int) {
      dense = .allocate(capacity: instructionCount)
      sparse = .allocate(capacity: instructionCount)
      sparse.initialize(repeating: 0, count: instructionCount)
      slots = .allocate(capacity: instructionCount * slotCount)
    }

    deinit {
      dense.deallocate()
      sparse.deallocate()
      slots.deallocate()
    }

    @inline(__always)
    func insert(_ instruction: Int32) -> Bool {
      let index = Int(sparse[Int(instruction)])
      if index < count, dense[index] == instruction { return false }
      dense[count] = instruction
      sparse[Int(instruction)] = Int32(truncatingIfNeeded: count)
      count &+= 1
      return true
    }
  }

  /// An instruction to add, or, negative, the complement of a slot to restore.
  private struct Job {
    var instruction: Int32
    var oldPlace = 0
  }

  private let program: RegexProgram
  private let text: UnsafePointer<UInt8>
  private let count: Int
  private let slotCount: Int
  private var current: ThreadList
  private var next: ThreadList
  private var jobs: [Job] = []
  /// The slots of the thread that is being added.
  private var slots: [Int]

  private init(
    _ program: RegexProgram, _ text: UnsafePointer<UInt8>, _ count: Int, slotCount: Int
  ) {
    self.program = program
    self.text = text
    self.count = count
    self.slotCount = slotCount
    let instructionCount = program.instructions.count
    current = ThreadList(instructionCount: instructionCount, slotCount: slotCount)
    next = ThreadList(instructionCount: instructionCount, slotCount: slotCount)
    slots = Array(repeating: -1, count: slotCount)
  }

  /// The slots of the first match that starts at `from` or later; nil if there is none.
  static func firstMatch(
    _ program: RegexProgram, _ text: UnsafePointer<UInt8>, _ count: Int, from: Int, slotCount: Int,
    nextCandidate: (Int) -> Int?
  ) -> [Int]? {
    var matcher = PikeMatcher(program, text, count, slotCount: slotCount)
    return matcher.run(from: from, nextCandidate)
  }

  private mutating func run(from: Int, _ nextCandidate: (Int) -> Int?) -> [Int]? {
    var result: [Int]?
    var place = from
    while true {
      if result == nil {
        if current.count == 0 {
          guard let candidate = nextCandidate(place) else { return nil }
          if program.isAnchoredAtStart, candidate > 0 { return nil }
          place = candidate
        }
        if !program.isAnchoredAtStart || place == 0 {
          for slot in 0..<slotCount { slots[slot] = -1 }
          add(program.start, place, to: current)
        }
      }
      if current.count == 0 { return result }
      step(place, &result)
      swap(&current, &next)
      next.count = 0
      if place >= count { return result }
      place += 1
    }
  }

  /// Moves every thread over the byte at a place. A match ends the threads that come after it.
  private mutating func step(_ place: Int, _ result: inout [Int]?) {
    for index in 0..<current.count {
      let number = current.dense[index]
      let instruction = program.instructions[Int(number)]
      let own = current.slots + Int(number) * slotCount
      var target: Int32 = -1
      switch instruction.operation {
      case .byte:
        if place < count, text[place] >= instruction.low, text[place] <= instruction.high {
          target = instruction.next
        }
      case .sparse:
        if place < count { target = program.target(of: instruction, text[place]) }
      case .match:
        result = Array(UnsafeBufferPointer(start: own, count: slotCount))
        return
      default: continue
      }
      if target >= 0 {
        for slot in 0..<slotCount { slots[slot] = own[slot] }
        add(target, place + 1, to: next)
      }
    }
  }

  private mutating func add(_ instruction: Int32, _ place: Int, to list: ThreadList) {
    jobs.append(Job(instruction: instruction))
    while let job = jobs.popLast() {
      if job.instruction < 0 {
        slots[Int(~job.instruction)] = job.oldPlace
        continue
      }
      var number = job.instruction
      following: while list.insert(number) {
        let instruction = program.instructions[Int(number)]
        switch instruction.operation {
        case .split:
          jobs.append(Job(instruction: instruction.other))
          number = instruction.next
        case .save:
          let slot = Int(instruction.other)
          if slot < slotCount {
            jobs.append(Job(instruction: ~instruction.other, oldPlace: slots[slot]))
            slots[slot] = place
          }
          number = instruction.next
        case .assert:
          guard holds(instruction.low, text, place, count) else { break following }
          number = instruction.next
        case .byte, .sparse, .match:
          let own = list.slots + Int(number) * slotCount
          for slot in 0..<slotCount { own[slot] = slots[slot] }
          break following
        case .fail: break following
        }
      }
    }
  }
}
