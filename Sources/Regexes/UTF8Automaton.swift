/// The smallest automaton over bytes for a set of UTF-8 sequences that come in byte order.
///
/// Nodes at the right edge stay open; one that is left is made final, and equal ones become one
/// (Daciuk and others, "Incremental construction of minimal acyclic finite-state automata", 2000).
struct UTF8Automaton {
  /// Ranges of bytes, one a byte of a sequence of 1 to 4.
  struct Sequence {
    var count: Int
    var low: (UInt8, UInt8, UInt8, UInt8)
    var high: (UInt8, UInt8, UInt8, UInt8)

    func range(_ index: Int) -> (UInt8, UInt8) {
      switch index {
      case 0: (low.0, high.0)
      case 1: (low.1, high.1)
      case 2: (low.2, high.2)
      default: (low.3, high.3)
      }
    }
  }

  private let final: Int32
  private var sequences: [Sequence] = []

  init(final: Int32) { self.final = final }

  mutating func insert(_ sequence: Sequence) { sequences.append(sequence) }

  /// Emits the nodes, each after those it leads to; answers the first of the automaton.
  func finish(_ emit: ([RegexProgram.Transition]) -> Int32) -> Int32 {
    if !sequences.contains(where: { $0.count > 1 }) {
      return emit(
        sequences.map { RegexProgram.Transition(low: $0.low.0, high: $0.high.0, next: final) })
    }
    var known: [[RegexProgram.Transition]: Int32] = [:]
    func node(_ transitions: [RegexProgram.Transition]) -> Int32 {
      if let index = known[transitions] { return index }
      let index = emit(transitions)
      known[transitions] = index
      return index
    }
    /// The open nodes: their finished transitions, and the range that leads to the next one.
    var open: [(done: [RegexProgram.Transition], last: (UInt8, UInt8)?)] = [([], nil)]
    func close(to depth: Int) {
      var target = final
      while open.count > depth {
        var top = open.removeLast()
        if let last = top.last {
          top.done.append(RegexProgram.Transition(low: last.0, high: last.1, next: target))
        }
        target = node(top.done)
      }
      if let last = open[open.count - 1].last {
        open[open.count - 1].done.append(
          RegexProgram.Transition(low: last.0, high: last.1, next: target))
        open[open.count - 1].last = nil
      }
    }
    for sequence in sequences {
      var shared = 0
      while shared < sequence.count, shared < open.count, let last = open[shared].last,
        last == sequence.range(shared)
      { shared += 1 }
      close(to: shared + 1)
      for index in shared..<sequence.count {
        open[open.count - 1].last = sequence.range(index)
        if index + 1 < sequence.count { open.append(([], nil)) }
      }
    }
    close(to: 1)
    return node(open[0].done)
  }
}

/// Splits a range of scalars, surrogates left out, into ranges whose UTF-8 is a product of byte ranges.
func forEachUTF8Sequence(
  from low: UInt32, through high: UInt32, _ body: (UTF8Automaton.Sequence) -> Void
) {
  if low > high { return }
  if low < 0xD800, high >= 0xD800 {
    forEachUTF8Sequence(from: low, through: 0xD7FF, body)
    return forEachUTF8Sequence(from: 0xE000, through: high, body)
  }
  if low >= 0xD800, low < 0xE000 {
    return forEachUTF8Sequence(from: 0xE000, through: high, body)
  }
  for limit in [UInt32(0x7F), 0x7FF, 0xFFFF] where low <= limit && limit < high {
    forEachUTF8Sequence(from: low, through: limit, body)
    return forEachUTF8Sequence(from: limit + 1, through: high, body)
  }
  let length = low < 0x80 ? 1 : low < 0x800 ? 2 : low < 0x10000 ? 3 : 4
  // Cut where a trailing byte does not run over its whole range.
  for index in 1..<max(length, 2) where length > 1 {
    let mask = UInt32(1) << (6 * UInt32(index)) - 1
    if low & ~mask != high & ~mask {
      if low & mask != 0 {
        forEachUTF8Sequence(from: low, through: low | mask, body)
        return forEachUTF8Sequence(from: (low | mask) + 1, through: high, body)
      }
      if high & mask != mask {
        forEachUTF8Sequence(from: low, through: (high & ~mask) - 1, body)
        return forEachUTF8Sequence(from: high & ~mask, through: high, body)
      }
    }
  }
  let lows = utf8Bytes(of: low)
  let highs = utf8Bytes(of: high)
  func byte(_ bytes: [UInt8], _ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }
  body(
    UTF8Automaton.Sequence(
      count: length, low: (byte(lows, 0), byte(lows, 1), byte(lows, 2), byte(lows, 3)),
      high: (byte(highs, 0), byte(highs, 1), byte(highs, 2), byte(highs, 3))))
}

/// The UTF-8 of a scalar that is no surrogate.
func utf8Bytes(of scalar: UInt32) -> [UInt8] {
  func continuation(_ shift: UInt32) -> UInt8 {
    UInt8(truncatingIfNeeded: 0x80 | (scalar >> shift) & 0x3F)
  }
  func lead(_ mark: UInt32, _ shift: UInt32) -> UInt8 {
    UInt8(truncatingIfNeeded: mark | scalar >> shift)
  }
  switch scalar {
  case 0..<0x80: return [lead(0, 0)]
  case 0x80..<0x800: return [lead(0xC0, 6), continuation(0)]
  case 0x800..<0x10000: return [lead(0xE0, 12), continuation(6), continuation(0)]
  default: return [lead(0xF0, 18), continuation(12), continuation(6), continuation(0)]
  }
}
