/// Random numbers that are the same for the same seed: SHA-256 of the seed and a counter, block by block.
struct SeededGenerator: RandomNumberGenerator {
  private let key: [UInt8]
  private var counter: UInt64 = 0
  private var block: [UInt8] = []

  /// Each part of the seed counts: `("a", "bc")` is another than `("ab", "c")`.
  init(seed: String...) {
    key = sha256(seed.flatMap { sha256(Array($0.utf8)) })
  }

  mutating func next() -> UInt64 { bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }

  mutating func bytes(_ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    while result.count < count {
      if block.isEmpty {
        block = sha256(key + withUnsafeBytes(of: counter.bigEndian) { Array($0) })
        counter &+= 1
      }
      let taken = min(block.count, count - result.count)
      result += block.suffix(taken)
      block.removeLast(taken)
    }
    return result
  }
}

extension Execution {
  /// Random bytes, or a refusal that names the function.
  func randomBytes(_ count: Int, for function: String) throws -> [UInt8] {
    try charge(bytes: count)
    return try withGenerator(for: function) { $0.bytes(count) }
  }

  /// Each file has numbers of its own, so that a new template changes none of another's.
  func withGenerator<Result>(
    for function: String, _ body: (inout SeededGenerator) throws -> Result
  ) throws -> Result {
    guard case .seeded(let seed) = nondeterminism else { throw refusal(function) }
    chanceCount += 1
    var current = generator ?? SeededGenerator(seed: seed, file)
    defer { generator = current }
    return try body(&current)
  }

  /// Why a function does not answer.
  func refusal(_ function: String) -> FunctionError {
    FunctionError(
      "'\(function)' gives another answer on each run, expected a function of the values only",
      kind: .nondeterministic)
  }

  /// The moment that is now, for a function that needs it.
  func now(for function: String) throws -> Int64 {
    guard let clock else { throw refusal(function) }
    chanceCount += 1
    return clock.unixSeconds
  }
}
