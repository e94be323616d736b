/// What the byte before a place was: as much of it as an assertion can ask.
enum StateContext: UInt8, Hashable, Sendable {
  case other, word, newline, textStart

  init(after byte: UInt8) {
    self = byte == 0x0A ? .newline : isWordByte(byte) ? .word : .other
  }
}

/// The bytes that no instruction of a program tells apart, by class.
struct ByteClasses: @unchecked Sendable {
  let table: UnsafePointer<UInt8>
  /// 1 to 256.
  let count: Int
  private let owner: Owner

  private final class Owner {
    let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
    deinit { table.deallocate() }
  }

  init(_ program: RegexProgram) {
    var startsClass = [Bool](repeating: false, count: 257)
    func mark(_ low: UInt8, _ high: UInt8) {
      startsClass[Int(low)] = true
      startsClass[Int(high) + 1] = true
    }
    for instruction in program.instructions where instruction.operation == .byte {
      mark(instruction.low, instruction.high)
    }
    for transition in program.transitions { mark(transition.low, transition.high) }
    if program.hasAssertions {
      let classes: [(UInt8, UInt8)] = [
        (0x0A, 0x0A), (0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0x80, 0xBF),
      ]
      for (low, high) in classes { mark(low, high) }
    }
    owner = Owner()
    var current = 0
    for byte in 0..<256 {
      if byte > 0, startsClass[byte] { current += 1 }
      owner.table[byte] = UInt8(truncatingIfNeeded: current)
    }
    count = current + 1
    table = UnsafePointer(owner.table)
  }
}

/// Makes the states of a `LazyDFA`: sets of instructions that wait for a byte, an assertion among them
/// until that byte is known.
struct StateBuilder {
  enum Step {
    case dead
    case matched
    /// The instructions are in `members`.
    case set(StateContext)
  }

  struct Key: Hashable {
    var context: StateContext
    var members: [Int32]
  }

  private let program: RegexProgram
  private var states: [Key] = []
  private var numbers: [Key: Int] = [:]
  private var elementCount = 0

  /// The set that is being made.
  private var members: [Int32] = []
  private var context = StateContext.other
  private var hasMatch = false
  /// The round in which an instruction was last seen.
  private var seen: [UInt32]
  private var round: UInt32 = 0
  private var pending: [Int32] = []

  init(_ program: RegexProgram) {
    self.program = program
    seen = Array(repeating: 0, count: program.instructions.count)
  }

  /// The number of the state before any byte was read.
  mutating func startState(_ context: StateContext, capacity: Int) -> Int? {
    beginSet()
    hasMatch = false
    if context == .textStart || !program.isAnchoredAtStart { follow(program.start) }
    if hasMatch { members.append(-1) }
    return state(normalized(context), capacity: capacity, elementLimit: .max)
  }

  /// The number of the state of `members`; nil when there is no room for another.
  mutating func state(_ context: StateContext, capacity: Int, elementLimit: Int) -> Int? {
    let key = Key(context: context, members: members)
    if let number = numbers[key] { return number }
    guard states.count < capacity - 1, elementCount + members.count <= elementLimit else {
      return nil
    }
    elementCount += members.count
    states.append(key)
    numbers[key] = states.count - 1
    return states.count - 1
  }

  /// Where a state goes at a byte, or, for nil, at the end of the text.
  mutating func step(_ number: Int, _ byte: UInt8?) -> Step {
    members = states[number].members
    context = states[number].context
    return stepInPlace(byte)
  }

  /// A builder for a search of its own that stands at a state.
  func copy(startingAt number: Int) -> StateBuilder {
    var copy = StateBuilder(program)
    copy.members = states[number].members
    copy.context = states[number].context
    return copy
  }

  /// Moves `members` over a byte, or over the end of the text.
  mutating func stepInPlace(_ byte: UInt8?) -> Step {
    var before = members
    hasMatch = false
    if before.last == -1 { return .matched }
    if before.contains(where: { program.instructions[Int($0)].operation == .assert }) {
      beginSet()
      for number in before { resolve(number, byte) }
      if hasMatch { return .matched }
      swap(&before, &members)
    }
    guard let byte else { return .dead }
    beginSet()
    for number in before {
      let instruction = program.instructions[Int(number)]
      if instruction.operation == .byte {
        if byte >= instruction.low, byte <= instruction.high { follow(instruction.next) }
      } else if instruction.operation == .sparse {
        let target = program.target(of: instruction, byte)
        if target >= 0 { follow(target) }
      }
    }
    if !program.isAnchoredAtStart { follow(program.start) }
    if hasMatch { return .matched }
    if members.isEmpty { return .dead }
    context = normalized(StateContext(after: byte))
    return .set(context)
  }

  private mutating func beginSet() {
    members.removeAll(keepingCapacity: true)
    round &+= 1
    if round == 0 {
      for index in seen.indices { seen[index] = 0 }
      round = 1
    }
  }

  /// Sorts `members`, so that equal sets are one state; a context that nothing asks for is `other`.
  private mutating func normalized(_ context: StateContext) -> StateContext {
    if members.count > 1 { members.sort() }
    if let mark = members.first, mark == -1 {
      members.removeFirst()
      members.append(-1)
    }
    let asks = members.contains { $0 >= 0 && program.instructions[Int($0)].operation == .assert }
    return asks ? context : .other
  }

  /// Adds what can be reached from an instruction without reading a byte or asking a question.
  private mutating func follow(_ first: Int32) {
    pending.append(first)
    while let number = pending.popLast() {
      if seen[Int(number)] == round { continue }
      seen[Int(number)] = round
      let instruction = program.instructions[Int(number)]
      switch instruction.operation {
      case .byte, .sparse, .assert: members.append(number)
      case .split:
        pending.append(instruction.other)
        pending.append(instruction.next)
      case .save: pending.append(instruction.next)
      case .match: hasMatch = true
      case .fail: break
      }
    }
  }

  /// Adds what can be reached from an instruction now that the byte after the place is known.
  private mutating func resolve(_ first: Int32, _ byte: UInt8?) {
    var waiting = [first]
    while let number = waiting.popLast() {
      let instruction = program.instructions[Int(number)]
      guard instruction.operation == .assert else {
        follow(number)
        continue
      }
      if seen[Int(number)] == round { continue }
      seen[Int(number)] = round
      guard holds(instruction.low, before: context, after: byte) else { continue }
      // Asserts that this leads to are answered in the same place.
      let start = members.count
      follow(instruction.next)
      var index = start
      while index < members.count {
        let member = members[index]
        if program.instructions[Int(member)].operation == .assert {
          members.remove(at: index)
          seen[Int(member)] = round &- 1
          waiting.append(member)
        } else {
          index += 1
        }
      }
    }
  }
}

private func holds(_ assertion: UInt8, before: StateContext, after byte: UInt8?) -> Bool {
  if let byte, isContinuationByte(byte) { return false }
  let isBoundary = (before == .word) != (byte.map(isWordByte) ?? false)
  return switch Assertion(rawValue: assertion) {
  case .beginText: before == .textStart
  case .beginLine: before == .textStart || before == .newline
  case .endText: byte == nil
  case .endLine: byte == nil || byte == 0x0A
  case .wordBoundary: isBoundary
  case .notWordBoundary: !isBoundary
  case nil: false
  }
}
