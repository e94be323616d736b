import Diagnostics
import Documents
import Schemas
import Testing

@Suite struct ValidationTests {
  let found = SimpleCase(
    #"""
    fields:
      name: string | required=true minLength=2 maxLength=5
      replicas: integer | minimum=1 maximum=10
      low: integer | minimum=0
      ratio: float
      live: boolean
      mode: string | enum="debug,info,warning"
      host: 'string | pattern="^[a-z]+$"'
      tags: "[]string | uniqueItems=true maxItems=2"
      servers: "[]Server | listType=map listMapKey=name listMapKey=port"
      labels: "map[string]string"
      any: object
      fixed: string | immutable=true
      even: 'integer | validation="self % 2 == 0"'
      grows: 'integer | validation="self >= oldSelf"'
    types:
      Server: {name: string | required=true, port: integer | default=80}
    """#)

  @Test(arguments: [
    ("{name: abc}", []),
    ("{name: äöü, ratio: 1, live: true, any: {x: [1]}, labels: {a: b}}", []),
    ("{name: abc, replicas: 1.0}", []),
    ("{name: abc, servers: [{name: a}, {name: a, port: 81}]}", []),
    (
      "{}",
      [
        "spec.name missing-field: 'spec' has no 'name', which is required at spec (add 'name': string)"
      ]
    ),
    (
      "{name: abc, replcas: 1}",
      ["spec.replcas unknown-field: unknown field 'replcas' in 'spec' (did you mean 'replicas'?)"]
    ),
    (
      "{name: abc, replicas: two}",
      ["spec.replicas wrong-type: 'replicas' is 'two', expected an integer"]
    ),
    (
      "{name: abc, replicas: '2'}",
      [
        "spec.replicas wrong-type: 'replicas' is the text '2', expected an integer (remove the quotes)"
      ]
    ),
    (
      "{name: abc, replicas: 1.5}",
      ["spec.replicas wrong-type: 'replicas' is 1.5, expected an integer"]
    ),
    (
      "{name: 123}",
      ["spec.name wrong-type: 'name' is 123, expected a string (put it in quotes: \"123\")"]
    ),
    ("{name: abc, live: 1}", ["spec.live wrong-type: 'live' is 1, expected true or false"]),
    (
      "{name: abc, tags: a}",
      ["spec.tags wrong-type: 'tags' is 'a', expected a list (write a list: [a])"]
    ),
    ("{name: abc, tags: {a: 1}}", ["spec.tags wrong-type: 'tags' is a map, expected a list"]),
    (
      "{name: abc, labels: []}",
      ["spec.labels wrong-type: 'labels' is an empty list, expected a map"]
    ),
    (
      "{name: abc, labels: {a.b/c: 1}}",
      ["spec.labels[a.b/c] wrong-type: 'a.b/c' is 1, expected a string (put it in quotes: \"1\")"]
    ),
    (
      "{name: abc, replicas: 0}",
      ["spec.replicas out-of-range: 'replicas' is 0, expected at least 1 and at most 10"]
    ),
    ("{name: abc, low: -1}", ["spec.low out-of-range: 'low' is -1, expected at least 0"]),
    ("{name: a}", ["spec.name wrong-size: 'name' has 1 character, expected at least 2"]),
    ("{name: abcdef}", ["spec.name wrong-size: 'name' has 6 characters, expected at most 5"]),
    (
      "{name: abc, mode: wrning}",
      [
        "spec.mode not-in-enum: 'mode' is 'wrning', expected one of 'debug', 'info', 'warning' "
          + "(did you mean 'warning'?)"
      ]
    ),
    (
      "{name: abc, host: A1}",
      ["spec.host pattern: 'host' is 'A1', which does not match '^[a-z]+$'"]
    ),
    (
      "{name: abc, tags: [a, b, a]}",
      [
        "spec.tags wrong-size: 'tags' has 3 items, expected at most 2",
        "spec.tags[2] duplicate-item: 'tags[2]' is the same as element 0 ('a') "
          + "(remove one of the two)",
      ]
    ),
    (
      "{name: abc, servers: [{name: a}, {name: a, port: 80}]}",
      [
        "spec.servers[1] duplicate-item: 'servers[1]' is the same as element 0 "
          + "(name: 'a', port: 80) (remove one of the two)"
      ]
    ),
    (
      "{name: abc, servers: [{port: x}, 5]}",
      [
        "spec.servers[0].port wrong-type: 'port' is 'x', expected an integer",
        "spec.servers[0].name missing-field: 'servers[0]' has no 'name', which is required "
          + "at spec.servers[0] (add 'name': string)",
        "spec.servers[1] wrong-type: 'servers[1]' is 5, expected a map",
      ]
    ),
    (
      "{name: abc, even: 3}",
      [
        "spec.even validation: 'even' is not valid: validation failed "
          + "(the rule is 'self % 2 == 0')"
      ]
    ),
    ("[]", ["spec wrong-type: 'spec' is an empty list, expected a map"]),
    ("text", ["spec wrong-type: 'spec' is 'text', expected a map"]),
  ])
  func says(text: String, expected: [String]) {
    #expect(found.report == [])
    #expect(found.problems(text) == expected)
  }

  @Test func immutableFieldsAndTransitionRulesLookAtTheOldValue() {
    let text = "{name: abc, fixed: b, grows: 1}"
    #expect(found.problems(text) == [])
    #expect(found.problems(text, old: text) == [])
    #expect(found.problems(text, old: "{name: abc}") == [])
    #expect(
      found.problems(text, old: "{name: abc, fixed: a, grows: 2}") == [
        "spec.fixed immutable: 'fixed' is 'b', but it was 'a' and must not change "
          + "(set it back, or make a new object)",
        "spec.grows validation: 'grows' is not valid: validation failed "
          + "(the rule is 'self >= oldSelf')",
      ])
  }

  @Test func aRuleThatCannotBeEvaluatedIsAProblemOfItsOwn() {
    let rule = SimpleCase("fields:\n  m: 'map[string]integer | validation=\"self.a > 1\"'\n")
    #expect(rule.report == [])
    #expect(rule.problems("{m: {a: 2}}") == [])
    #expect(
      rule.problems("{m: {b: 2}}") == [
        "spec.m evaluation: the rule for 'm' cannot be evaluated: no such key: a "
          + "(the rule is 'self.a > 1')"
      ])
  }

  @Test func rulesSeeNumbersOfTheDeclaredKind() {
    let rule = SimpleCase(
      """
      fields:
        ratio: float | validation="self * 2.0 < 3.0"
        sizes: 'map[string]Size | validation="self.all(k, self[k].share + 0.5 < 2.0)"'
      types:
        Size: {share: float}
      """)
    #expect(rule.report == [])
    #expect(rule.problems("{ratio: 1, sizes: {a: {share: 1}}}") == [])
    #expect(rule.problems("{ratio: 2, sizes: {a: {share: 2}}}").count == 2)
    let value = yaml("{ratio: 1, sizes: {a: {share: 2.5}}}")
    let arena = Arena()
    let typed = rule.schema.withTypedNumbers(value.root, in: arena)
    #expect(typed["ratio"].asDouble == 1)
    #expect(typed["sizes"].payload == value.root["sizes"].payload)
    #expect(rule.schema.hasNumbers)
    withExtendedLifetime(value) {}
  }

  @Test func aProblemBecomesAFindingAtTheLineToMend() throws {
    let value = yaml("spec:\n  replcas: 1\n")
    let problem = try #require(
      found.schema.problems(in: value.root["spec"], at: FieldPath(keys: "spec")).first)
    let finding = problem.finding(area: "intent", file: "apps/a.yaml", document: 2)
    #expect(finding.rule == "intent/unknown-field")
    #expect(finding.severity == .error)
    #expect(finding.help == "did you mean 'replicas'?")
    #expect(
      finding.place
        == .field("apps/a.yaml", document: 2, FieldPath(keys: "spec", "replcas"), part: .key))
    #expect(finding.path?.description == "spec.replcas")
    withExtendedLifetime(value) {}
  }

  @Test func longTextsAreCut() {
    let long = String(repeating: "a", count: 100)
    #expect(
      found.problems("{name: abc, replicas: \(long)}").first
        == "spec.replicas wrong-type: 'replicas' is '\(long.prefix(60))…', expected an integer")
  }
}
