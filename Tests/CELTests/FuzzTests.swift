import Documents
import Testing

@testable import CEL

/// Numbers that are the same in every run.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

private let seeds = [
  "1 + 2u - 3.0 * 4 / 5 % 6", "a.b.?c[0][?1].d", "[1, ?x, 2].map(e, e > 1, [e])",
  "{'k': 1, ?'o': optional.of(2)}.transformMap(k, v, v + 1)", "cel.bind(v, [1], v + v)",
  "x.all(i, e, has(e.f) && e.f != null || !(i in [1, 2]))", "timestamp('2024-01-01T00:00:00Z')",
  "duration('1h') + timestamp(0) == timestamp(x).getFullYear('Europe/Paris')", "b'\\xff' + br'x'",
  "'''t\\u00e9''' < \"q\" ? -1 : 0x7F", "google.protobuf.Int64Value{value: 9223372036854775807}",
  "cel.block([1, cel.index(0)], cel.index(1))", "x.sortBy(e, -e).optMap(y, y)", "`a-b`.c",
  "string(double('1e308') * 10.0) + string(b'\\xc3')", "size(x.filter(e, e < 0 && e >= -1))",
]

/// Pieces put together at random must compile or not, evaluate, cost and be traced without a trap.
@Test(arguments: 0..<8)
func survivesRandomExpressions(_ seed: Int) {
  var random = SeededGenerator(state: UInt64(seed))
  let document = Document { arena in
    arena.map([
      "b": arena.map(["c": arena.list([.int(1), .double(.nan), .null])]),
      "f": arena.string("text"), "k": .int(.min),
    ])
  }
  let profiles: [Profile] = [.spec, .kro, .kubernetes(minor: 34)]
  let environments = profiles.map {
    CELEnvironment(profile: $0, variables: [Variable("a"), Variable("x")])
  }
  let evaluator = Evaluator(slotCount: 2)
  evaluator.stepLimit = 10_000
  for _ in 0..<400 {
    var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let other = Array((seeds.randomElement(using: &random) ?? "").utf8)
      let piece = other.randomSlice(&random)
      let range = bytes.randomRange(&random)
      bytes.replaceSubrange(range, with: piece)
    }
    let source = String(decoding: bytes, as: UTF8.self)
    let environment = environments[Int.random(in: 0..<3, using: &random)]
    guard case .success(let program) = environment.compile(source) else { continue }
    evaluator.set(document.root, slot: 0)
    evaluator.set(document.root["b"]["c"], slot: 1)
    let value = evaluator.evaluate(program)
    if value.isError { #expect(!evaluator.explain(value).message.isEmpty) }
    _ = evaluator.evaluateWithCost(program)
    let traced = evaluator.trace(program)
    #expect(traced.value.kind == value.kind, "\(source)")
    evaluator.reset()
  }
}

extension [UInt8] {
  fileprivate func randomRange(_ random: inout SeededGenerator) -> Range<Int> {
    let first = Int.random(in: 0...count, using: &random)
    return first..<Swift.min(count, first + Int.random(in: 0...6, using: &random))
  }

  fileprivate func randomSlice(_ random: inout SeededGenerator) -> ArraySlice<UInt8> {
    let first = Int.random(in: 0...count, using: &random)
    return self[first..<Int.random(in: first...count, using: &random)]
  }
}
