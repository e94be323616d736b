import Documents
import Testing

@testable import CEL

/// The text of an expression's result, or `error: …`.
func result(
  _ source: String, _ variables: [(String, Value)] = [], profile: Profile = .spec
) -> String {
  let environment = CELEnvironment(
    profile: profile, variables: variables.map { Variable($0.0) })
  switch environment.compile(source) {
  case .failure(let failure): return "issue: \(failure.issues[0].message)"
  case .success(let program):
    let evaluator = Evaluator(slotCount: variables.count)
    for (slot, variable) in variables.enumerated() { evaluator.set(variable.1, slot: slot) }
    return text(evaluator.evaluate(program), evaluator)
  }
}

func text(_ value: Value, _ evaluator: Evaluator) -> String {
  switch value.kind {
  case .absent: "absent"
  case .null: "null"
  case .bool: value.isTrue ? "true" : "false"
  case .int: "\(value.intPayload)"
  case .uint: "\(value.payload)u"
  case .double: "\(value.doublePayload)"
  case .string: "'\(value.asString ?? "")'"
  case .bytes: "b\(Array(value.utf8))"
  case .list: "[" + value.elements.map { text($0, evaluator) }.joined(separator: ", ") + "]"
  case .map:
    "{"
      + value.entries.map { text($0.key, evaluator) + ": " + text($0.value, evaluator) }
      .joined(separator: ", ") + "}"
  case .error: "error: \(evaluator.explain(value).message)"
  case .box: "box"
  }
}

@Test(arguments: [
  ("1 + 2 * 3 == 7 && !false", "true"),
  ("[1, 2, 3].map(x, x * 2)", "[2, 4, 6]"),
  ("[1, 2, 3].filter(x, x > 1).size()", "2"),
  ("[0, 1].exists(x, 1 / x == 1)", "true"),
  ("{'a': {'b': 5}}.a.b", "5"),
  ("{'a': 1}.b", "error: no such key: b"),
  ("{'a': 1}.?b.orValue('none')", "'none'"),
  ("has({'a': 1}.a) ? 'yes' : 'no'", "'yes'"),
  ("'hello'.startsWith('he') && 'hello'.contains('ll')", "true"),
  ("1 / 0", "error: division by zero"),
  ("x || true", "true"),
  ("timestamp('2024-02-29T12:00:00Z').getDayOfYear()", "59"),
  ("string(duration('1h30m'))", "'5400s'"),
  ("cel.bind(x, 5, x + x)", "10"),
  ("string(1e6) + string(-0.0)", "'1e+06-0'"),
])
func evaluates(_ source: String, _ expected: String) {
  #expect(result(source) == expected)
}

@Test func readsPathsOfVariables() {
  let arena = Arena()
  let object = arena.map([
    "spec": arena.map(["replicas": .int(3), "names": arena.list([.int(7)])])
  ])
  #expect(result("object.spec.replicas <= 5", [("object", object)]) == "true")
  #expect(result("object.spec.names[0]", [("object", object)]) == "7")
  #expect(
    result("objet.spec", [("object", object)], profile: .kro)
      == "issue: undeclared reference to 'objet' (in container '')")
}

/// The part of the expression that an error is about, and the help with it.
@Test(arguments: [
  ("object.spec.replica.x > 1", "object.spec.replica", nil),
  ("object.spec.replicas + 'x'", "object.spec.replicas + 'x'", "found 'int' and 'string'"),
  ("true && object.spec.names[7] == 1", "object.spec.names[7]", nil),
  ("[1].map(x, x / 0)", "x / 0", nil),
  ("duration(object.name)", "duration(object.name)", nil),
])
func placesErrors(_ source: String, _ part: String, _ help: String?) throws {
  let document = Document { arena in
    arena.map([
      "name": arena.string("x"),
      "spec": arena.map(["replicas": .int(3), "names": arena.list([.int(7)])]),
    ])
  }
  let environment = CELEnvironment(
    profile: .kubernetes(minor: 36), variables: [Variable("object")])
  let program = try environment.compile(source).get()
  let evaluator = Evaluator(slotCount: 1)
  evaluator.set(document.root, slot: 0)
  let failure = evaluator.explain(evaluator.evaluate(program))
  let range = try #require(failure.range)
  #expect(String(decoding: Array(source.utf8)[range], as: UTF8.self) == part)
  #expect(failure.help == help)
}

@Test(arguments: [
  ("object.spec == 1 &&", "expected an expression but found the end", nil),
  ("objct.spec", "undeclared reference to 'objct' (in container '')", "did you mean 'object'?"),
  (
    "'a'.startWith('b')", "undeclared reference to 'startWith' (in container '')",
    "did you mean 'startsWith'?"
  ),
  (
    "startsWith('a', 'b')", "undeclared reference to 'startsWith' (in container '')",
    "it is a method: value.startsWith(…)"
  ),
  ("1 == 1.0", "found no matching overload for '_==_' applied to '(int, double)'", nil),
  ("[1, 'a']", "expected type 'int' but found 'string'", nil),
  ("object.x = 1", "'=' is no operator", "write '==' to compare"),
  ("'a'.matches('(')", "invalid matches argument", "missing closing ): `(`"),
  ("duration('1d')", "invalid duration argument", "a duration is written '1h30m', '10s', '500ms'"),
])
func refusesWhatKubernetesRefuses(_ source: String, _ message: String, _ help: String?) {
  let environment = CELEnvironment(
    profile: .kubernetes(minor: 36), variables: [Variable("object")])
  guard case .failure(let failure) = environment.compile(source) else {
    Issue.record("it compiles")
    return
  }
  #expect(failure.issues.first?.message == message)
  #expect(failure.issues.first?.help == help)
}

@Test func readsOfVariablesAreKnownBeforeEvaluation() throws {
  let environment = CELEnvironment(
    profile: .kro, variables: [Variable("schema"), Variable("variables.x")])
  let program = try environment.compile(
    "schema.spec.ports[0].name + variables.x.y + schema.?metadata.z.orValue('') + (has(schema.spec.a) ? 'b' : 'c')"
  ).get()
  let reads = program.references.map { reference in
    "\(reference.variable):\(reference.path.count)\(reference.isOptional ? "?" : "")"
  }
  #expect(reads == ["schema:4", "variables.x:1", "schema:1?", "schema:2?"])
}

@Test func countsCostAsTheCluster() throws {
  let environment = CELEnvironment(
    profile: .kubernetes(minor: 36), variables: [Variable("object")])
  let evaluator = Evaluator(slotCount: 1)
  let document = Document { arena in arena.map(["name": arena.string("0123456789ab")]) }
  evaluator.set(document.root, slot: 0)
  func cost(_ source: String, _ model: CostModel = .cluster) throws -> UInt64 {
    evaluator.evaluateWithCost(try environment.compile(source).get(), model: model).cost
  }
  #expect(try cost("object.name == 'x'") == 3)
  #expect(try cost("object.name.startsWith('x')") == 4)
  #expect(try cost("has(object.name)") == 1)
  #expect(try cost("'x' in ['x', 'y']") == 0)
  #expect(try cost("[1, 2].all(i, v, v > 0)") == 11)
  #expect(try cost("[1, 2].all(i, v, v > 0)", .asWritten) == 21)
  let program = try environment.compile("object.name == 'x'").get()
  let failure = evaluator.explain(evaluator.evaluateWithCost(program, limit: 2).value)
  #expect(failure.message == "operation cancelled: actual cost limit exceeded")
}

/// Kubernetes' cel-go looks for a field in whatever is there, the newer one of the specification
/// asks for a map.
@Test func aFieldOfNullIsMissing() {
  let profile = Profile.kubernetes(minor: 37)
  #expect(result("x.y", [("x", .null)], profile: profile) == "error: no such key: y")
  #expect(result("has(x.y)", [("x", .null)], profile: profile) == "false")
  #expect(result("x.y", [("x", .null)]) == "error: no such overload")
}

/// As cel-go types them: of an optional unknown, what is made of it; of an unknown, an unknown.
@Test(arguments: [
  ("['', x.?l['k'].orValue('')]", "['', 'v']"), ("['', x[?'z'].orValue('')]", "['', '']"),
  ("['', x.?z.orValue('')]", "issue: expected type 'string' but found 'dyn'"),
  ("['', x.z]", "issue: expected type 'string' but found 'dyn'"),
])
func typesOptionals(_ source: String, _ expected: String) {
  let document = Document { arena in arena.map(["l": arena.map(["k": arena.string("v")])]) }
  #expect(
    result(source, [("x", document.root)], profile: .kubernetes(minor: 37)) == expected)
}

@Test func walksMapsAsTheyAreWritten() {
  #expect(result("{'b': 1, 'a': 2}.map(k, k)") == "['b', 'a']")
  #expect(result("{'b': 1, 'a': 2}.transformList(k, v, v)") == "[1, 2]")
}

@Test func namesTheMissingZoneDatabase() {
  #expect(TimeZones.problem(of: "Mars/X", folders: ["/"]) == "unknown time zone Mars/X")
  #expect(
    TimeZones.problem(of: "Europe/Paris", folders: ["/no/such/"])
      == "time zone 'Europe/Paris' cannot be looked up: there is no zone database (/no/such/); "
      + "a fixed offset, '+02:00', needs none")
}
