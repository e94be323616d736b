import CEL
import Documents
import Regexes

/// What a run keeps from one input to the next: environments are slow to make.
private final class Bench: @unchecked Sendable {
  static let shared = Bench()

  private let environments: [CELEnvironment]
  private let evaluator = Evaluator(slotCount: 3)
  private let document: Document

  private init() {
    let profiles: [Profile] = [.spec, .kro, .kubernetes(minor: Profile.newestKubernetesMinor)]
    environments = profiles.map {
      CELEnvironment(
        profile: $0,
        variables: [
          Variable("object"), Variable("x"), Variable("authorizer", type: .authorizer),
        ])
    }
    document = Document { arena in
      arena.map([
        "b": arena.map(["c": arena.list([.int(1), .double(.nan), .null, .uint(.max)])]),
        "s": arena.string("te\u{301}xt 1.2.3"), "k": .int(.min), "t": .bool(true),
      ])
    }
    evaluator.stepLimit = 20_000
    evaluator.set(document.root, slot: 0)
    evaluator.set(document.root["b"]["c"], slot: 1)
    evaluator.set(Evaluator.authorizer(answering: .deny), slot: 2)
  }

  /// Compiles and evaluates in each of the three plans, which must agree.
  func evaluate(_ source: String, profile: Int) {
    guard case .success(let program) = environments[profile % environments.count].compile(source)
    else { return }
    let plain = evaluator.evaluate(program)
    let kind = plain.kind
    let ranOut = evaluator.remainingSteps < 0
    if kind == .error {
      let failure = evaluator.explain(plain)
      precondition(!failure.message.isEmpty, "an error says something")
      if let range = failure.range {
        precondition(range.upperBound <= source.utf8.count, "an error lies in the source")
      }
    }
    _ = plain.notation
    evaluator.reset()
    let (costed, _) = evaluator.evaluateWithCost(program)
    let costedRanOut = evaluator.remainingSteps < 0
    precondition(
      costed.kind == kind || ranOut || costedRanOut, "counting cost changes no result")
    evaluator.reset()
    let traced = evaluator.trace(program)
    precondition(
      traced.value.kind == kind || ranOut || evaluator.remainingSteps < 0,
      "tracing changes no result")
    evaluator.reset()
  }

  /// Compiles a pattern, and matches it in both ways, which must agree.
  func match(_ pattern: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>) {
    guard case .success(let regex) = Regex.compile(pattern) else { return }
    let range = regex.firstRange(in: text)
    precondition(regex.matches(text) == (range != nil), "yes or no agrees with positions")
    precondition(range == regex.firstMatch(in: text)?.range, "groups change no position")
    precondition(regex.allRanges(in: text, limit: 50).first == range, "the first of all")
  }
}

/// One input of libFuzzer. Its first byte says what the rest is: an expression for one of the
/// profiles, or (from 3 on, modulo 4) a pattern and, after a line feed, a text.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return 0 }
  let rest = UnsafeBufferPointer(start: start + 1, count: count - 1)
  if start[0] % 4 == 3 {
    let cut = rest.firstIndex(of: 0x0A) ?? rest.count
    Bench.shared.match(
      UnsafeBufferPointer(rebasing: rest[..<cut]),
      UnsafeBufferPointer(rebasing: rest[min(cut + 1, rest.count)...]))
  } else {
    Bench.shared.evaluate(String(decoding: rest, as: UTF8.self), profile: Int(start[0] % 4))
  }
  return 0
}
