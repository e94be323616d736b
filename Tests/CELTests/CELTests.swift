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
