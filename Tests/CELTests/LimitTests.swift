import Documents
import Foundation
import Testing

@testable import CEL

@Test(arguments: [
  String(repeating: "(", count: 10_000) + "1" + String(repeating: ")", count: 10_000),
  String(repeating: "[", count: 10_000),
  String(repeating: "a.", count: 10_000) + "a",
  Array(repeating: "1", count: 10_000).joined(separator: "+"),
  String(repeating: "true ? 1 : ", count: 5000) + "1",
  String(repeating: "f(", count: 10_000),
  String(repeating: "{1:", count: 10_000),
])
func refusesDeepExpressions(_ source: String) {
  #expect(result(source) == "issue: expression recursion limit exceeded: 250")
}

@Test func refusesLongExpressions() {
  let source = "'" + String(repeating: "x", count: 1_000_000) + "'"
  #expect(
    result(source)
      == "issue: expression code point size exceeds limit: size: 1000002, limit 100000")
}

@Test func takesLongRunsOfLogic() {
  #expect(result(Array(repeating: "true", count: 5000).joined(separator: " && ")) == "true")
  #expect(result(String(repeating: "!", count: 5000) + "true") == "true")
}

@Test(arguments: [
  // Ten loops inside each other.
  (0..<10).reduce("true") { "[1,2,3,4,5,6,7,8,9].all(x\($1), \($0))" },
  // A string, and a list, that doubles with each binding.
  (0..<40).reduce("x40") { "cel.bind(x\(40 - $1), x\(39 - $1) + x\(39 - $1), \($0))" }
    .replacingFirst("x0 + x0", "'ab' + 'ab'"),
  (0..<40).reduce("x40 == x40") { "cel.bind(x\(40 - $1), [x\(39 - $1), x\(39 - $1)], \($0))" }
    .replacingFirst("[x0, x0]", "[1, 2]"),
])
func stopsLongEvaluations(_ source: String) {
  #expect(result(source) == "error: the evaluation takes too many steps")
}

extension String {
  fileprivate func replacingFirst(_ text: String, _ other: String) -> String {
    guard let range = self.range(of: text) else { return self }
    return replacingCharacters(in: range, with: other)
  }
}

/// Optimised code must do with the least stack that callers have; other frames are some times larger.
#if DEBUG
  private let stackByteCount = 1 << 20
#else
  private let stackByteCount = 512 << 10
#endif

/// Runs a body on a thread with little stack.
private func onSmallStack(_ body: @escaping @Sendable () -> Void) {
  let done = DispatchSemaphore(value: 0)
  let thread = Thread {
    body()
    done.signal()
  }
  thread.stackSize = stackByteCount
  thread.start()
  done.wait()
}

@Test(arguments: [
  String(repeating: "(", count: 240) + "x" + String(repeating: ")", count: 240),
  String(repeating: "[", count: 240) + "x" + String(repeating: "]", count: 240),
  String(repeating: "{'a': ", count: 120) + "x" + String(repeating: "}", count: 120),
  Array(repeating: "x", count: 240).joined(separator: " + "),
  String(repeating: "true ? x : (", count: 120) + "x" + String(repeating: ")", count: 120),
  String(repeating: "dyn(", count: 240) + "x" + String(repeating: ")", count: 240),
  (0..<120).reduce("x") { "[1].map(v\($1), \($0))" },
  (0..<120).reduce("v119") { "cel.bind(v\(119 - $1), \($1 == 119 ? "x" : "v\(118 - $1)"), \($0))" },
  "cel.block([x" + (0..<4000).map { ", cel.index(\($0)) + 1" }.joined() + "], cel.index(4000))",
])
func fitsSmallStacks(_ source: String) {
  onSmallStack {
    for profile in [Profile.spec, .kro, .kubernetes(minor: 36)] {
      let environment = CELEnvironment(profile: profile, variables: [Variable("x")])
      guard case .success(let program) = environment.compile(source) else { continue }
      let evaluator = Evaluator(slotCount: 1)
      evaluator.set(.int(1), slot: 0)
      let value = evaluator.evaluate(program)
      #expect(!value.isError)
      #expect(Equality.areEqual(value, evaluator.evaluate(program), Frame(state: evaluator.state)))
      _ = evaluator.evaluateWithCost(program)
      #expect(!evaluator.trace(program).value.isError)
    }
  }
}

@Test func valuesAreTrivial() {
  #expect(_isPOD(Value.self))
  #expect(MemoryLayout<Value>.size == 16)
}
