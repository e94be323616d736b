/// A pattern as instructions over UTF-8 bytes: immutable, shared by all matchers.
final class RegexProgram: @unchecked Sendable {
  enum Operation: UInt8 {
    /// One byte from `low` to `high`, then `next`.
    case byte
    /// One byte in one of `other` transitions from `next` on.
    case sparse
    /// `next`, or, if that fails, `other`.
    case split
    /// Notes the place in slot `other`.
    case save
    /// Goes on if the assertion whose raw value is `low` holds here.
    case assert
    case match
    case fail
  }

  struct Instruction {
    var operation: Operation
    var low: UInt8 = 0
    var high: UInt8 = 0
    var next: Int32 = 0
    var other: Int32 = 0
  }

  /// A range of bytes and where it leads. Those of one instruction are sorted.
  struct Transition: Hashable {
    var low: UInt8
    var high: UInt8
    var next: Int32
  }

  let instructions: UnsafeMutableBufferPointer<Instruction>
  let transitions: UnsafeMutableBufferPointer<Transition>
  let start: Int32
  /// Two a group, group 0 included.
  let slotCount: Int
  /// Whether a match can only start where the text does.
  let isAnchoredAtStart: Bool
  let hasAssertions: Bool

  init(
    instructions: [Instruction], transitions: [Transition], start: Int32, slotCount: Int,
    isAnchoredAtStart: Bool
  ) {
    self.instructions = .allocate(capacity: instructions.count)
    _ = self.instructions.initialize(from: instructions)
    self.transitions = .allocate(capacity: transitions.count)
    _ = self.transitions.initialize(from: transitions)
    self.start = start
    self.slotCount = slotCount
    self.isAnchoredAtStart = isAnchoredAtStart
    hasAssertions = instructions.contains { $0.operation == .assert }
  }

  deinit {
    instructions.deallocate()
    transitions.deallocate()
  }

  /// Where a byte leads from a `sparse` instruction; -1 for nowhere.
  @inline(__always)
  func target(of instruction: Instruction, _ byte: UInt8) -> Int32 {
    var index = Int(instruction.next)
    let end = index &+ Int(instruction.other)
    while index < end {
      let transition = transitions[index]
      if byte < transition.low { return -1 }
      if byte <= transition.high { return transition.next }
      index &+= 1
    }
    return -1
  }
}

/// Whether a byte belongs to a word for `\b`: ASCII letters, digits and `_`.
@inline(__always)
func isWordByte(_ byte: UInt8) -> Bool {
  (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x5F
}

/// Whether a byte is one after the first of a character.
@inline(__always)
func isContinuationByte(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

/// Whether an assertion holds between two bytes of a text. None does inside of a character.
@inline(__always)
func holds(
  _ assertion: UInt8, _ text: UnsafePointer<UInt8>, _ position: Int, _ count: Int
) -> Bool {
  if position < count, isContinuationByte(text[position]) { return false }
  return switch Assertion(rawValue: assertion) {
  case .beginText: position == 0
  case .endText: position == count
  case .beginLine: position == 0 || text[position &- 1] == 0x0A
  case .endLine: position == count || text[position] == 0x0A
  case .wordBoundary: isWordBoundary(text, position, count)
  case .notWordBoundary: !isWordBoundary(text, position, count)
  case nil: false
  }
}

private func isWordBoundary(
  _ text: UnsafePointer<UInt8>, _ position: Int, _ count: Int
) -> Bool {
  (position > 0 && isWordByte(text[position - 1]))
    != (position < count && isWordByte(text[position]))
}
