import Documents
import Testing

@testable import CEL

private let cluster = Profile.kubernetes(minor: 37)

private func cost(_ source: String, _ model: CostModel = .cluster) throws -> UInt64 {
  let document = Document { arena in
    arena.map(["n": .int(5), "s": arena.string("0123456789ab"), "l": arena.list([.int(1)])])
  }
  let environment = CELEnvironment(
    profile: cluster,
    variables: [Variable("object"), Variable("authorizer", type: .authorizer)])
  let evaluator = Evaluator(slotCount: 2)
  evaluator.set(document.root, slot: 0)
  evaluator.set(Evaluator.authorizer(answering: .unknown), slot: 1)
  return evaluator.evaluateWithCost(try environment.compile(source).get(), model: model).cost
}

/// What a node always charges is charged by whoever evaluates it: only once, and only then.
@Test(arguments: [
  ("1 + 2 == 3", 2), ("object.n <= 5", 3), ("!(object.n > 5)", 4),
  ("object.n == 5 && object.s == 'x'", 6), ("object.n == 4 && object.s == 'x'", 3),
  ("object.x == 1 && object.s == 'x'", 6), ("object.n > 1 ? object.n : object.s", 4),
  // Which `+` is meant is not known before: a unit, whatever it adds.
  ("object.s + object.s == 'x'", 6), ("object.l.all(x, x == 1)", 8),
  ("object.l.exists(x, x.y.z == 1)", 11), ("object.l.filter(x, x > 0)", 18),
  ("object.s.startsWith(object.s)", 6), ("object.x.startsWith(object.s)", 3),
  ("size(object.s) == 12", 4), ("quantity('1Gi') == quantity('1024Mi')", 3),
])
func chargesOnce(_ source: String, _ expected: UInt64) throws {
  #expect(try cost(source) == expected)
}

/// cel-go 0.26, ext/lists.go: the list that is made, the call, and the work.
@Test(arguments: [
  ("lists.range(4)", 15), ("[1, 2, 3, 4].slice(1, 3)", 13), ("[[1], [2], [3, 4]].flatten()", 14),
  ("[3, 1, 2].sort()", 29), ("['a', 'b', 'a'].distinct()", 29), ("[1, 2].reverse()", 13),
])
func chargesForLists(_ source: String, _ expected: UInt64) throws {
  #expect(try cost(source) == expected)
}

@Test func checksOfTheAuthorizerCost() throws {
  let question = "authorizer.group('').resource('pods')"
  #expect(try cost("\(question).check('get').allowed()") == 350_004)
  #expect(try cost("\(question).labelSelector('0123456789')") == 259)
}

/// Without an answer there is no decision, whatever is asked of it.
@Test(arguments: ["allowed()", "errored()", "error()", "reason()"])
func anUnknownDecisionIsAnError(_ call: String) {
  let unknown = Evaluator.authorizer(answering: .unknown)
  let source = "authorizer.path('/').check('get').\(call)"
  #expect(
    result(source, [("authorizer", unknown)], profile: cluster)
      == "error: \(Authorization.unknown)")
}

/// Rows of policies: a budget that expressions share, and variables that draw on it when used.
@Test(arguments: [
  (#"{"exprs":["x > 1","x > 1"],"budget":5}"#, #""remaining":1"#),
  (#"{"exprs":["x > 1","x > 1"],"budget":3}"#, #""exceeds_budget":true"#),
  (#"{"exprs":["lists.range(1000000).size() > 1"]}"#, #""exceeds_per_call_limit":true"#),
  (
    #"{"expr":"variables.y > 1","variables":[{"name":"y","expr":"x + 1"}],"budget":5}"#,
    #""value":{"bool":true}"#
  ),
  (
    #"{"expr":"variables.y > 1","variables":[{"name":"y","expr":"x + 1"}],"budget":4}"#,
    #""error":"validation failed due to running out of cost budget, "#
      + #"no further validation rules will be run""#
  ),
  // A variable that is not used costs nothing.
  (
    #"{"expr":"x > 1","variables":[{"name":"y","expr":"x + 1"}],"budget":2}"#,
    #""value":{"bool":true}"#
  ),
  (
    #"{"expr":"variables.y","variables":[{"name":"y","expr":"x / 0"}]}"#,
    #""error":"composited variable \"y\" fails to evaluate: division by zero""#
  ),
])
func answersRowsOfPolicies(_ row: String, _ expected: String) {
  var line = row.dropLast() + #","bindings":{"x":{"int":"3"}}}"#
  let answer = line.withUTF8 { ConformanceRow.answer($0, profile: cluster, costs: nil) }
  #expect(answer == #"{"id":null,"# + expected + "}")
}
