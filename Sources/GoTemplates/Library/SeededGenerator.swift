/// Random numbers that are the same for the same seed: SplitMix64 over a hash of the seed's text.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: String) {
    state = 0xCBF2_9CE4_8422_2325
    for byte in seed.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

extension Execution {
  /// Random bytes, or a refusal that names the function.
  func randomBytes(_ count: Int, for function: String) throws -> [UInt8] {
    try charge(bytes: count)
    return try withGenerator(for: function) { generator in
      (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }
  }

  func withGenerator<Result>(
    for function: String, _ body: (inout SeededGenerator) throws -> Result
  ) throws -> Result {
    guard case .seeded(let seed) = nondeterminism else { throw refusal(function) }
    var current = generator ?? SeededGenerator(seed: seed)
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
    return clock.unixSeconds
  }
}
