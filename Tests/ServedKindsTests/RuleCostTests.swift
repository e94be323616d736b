import Documents
import Testing

@testable import ServedKinds

/// The schema of `spec.big`, and the fields of the refusals of its rules.
private let cases: [(schema: String, fields: [String])] = [
  // 3 MiB hold more strings than can all be compared with each other.
  (
    """
    {type: array, items: {type: string},
     x-kubernetes-validations: [{rule: 'self.all(x, self.all(y, x == y))'}]}
    """,
    [
      "[spec].properties[big].x-kubernetes-validations[0].rule",
      "[spec].properties[big].x-kubernetes-validations[0].rule", "",
    ]
  ),
  (
    """
    {type: array, maxItems: 20, items: {type: string, maxLength: 20},
     x-kubernetes-validations: [{rule: 'self.all(x, self.all(y, x == y))'}]}
    """, []
  ),
  // Above the budget of a rule, below that of all of them: 2,000,000 times 7.
  (
    """
    {type: array, maxItems: 2000000, items: {type: integer},
     x-kubernetes-validations: [{rule: 'self.all(x, x > 1 && x < 9)'}]}
    """, ["[spec].properties[big].x-kubernetes-validations[0].rule"]
  ),
  // A cheap rule, but on everything that a request can hold: (3 MiB / 2) times 2.
  (
    """
    {type: array, items: {type: integer, x-kubernetes-validations: [{rule: 'self > 1'}]}}
    """, []
  ),
  (
    """
    {type: array, items: {type: string, x-kubernetes-validations: [{rule: 'self.contains("a")'}]}}
    """,
    [
      "[spec].properties[big].items.x-kubernetes-validations[0].rule",
      "[spec].properties[big].items.x-kubernetes-validations[0].rule", "",
    ]
  ),
  // A number as text has no known length.
  (
    """
    {type: integer, x-kubernetes-validations: [
      {rule: 'self > 1', messageExpression: '"found " + string(self)'}]}
    """,
    [
      "[spec].properties[big].x-kubernetes-validations[0].messageExpression",
      "[spec].properties[big].x-kubernetes-validations[0].messageExpression", "",
    ]
  ),
]

@Test(arguments: cases.indices)
func costlyRulesOfADefinitionAreRefused(_ index: Int) throws {
  let file = parseYAML(Array("{schema: \(cases[index].schema)}".utf8), file: "schema.yaml")
  let parsed = try #require(file.documents.first)
  let document = Document { arena in
    let spec: Value = arena.map([
      "type": arena.string("object"),
      "properties": arena.map(["big": arena.copy(parsed.root["schema"])]),
    ])
    return arena.map([
      "type": arena.string("object"), "properties": arena.map(["spec": spec]),
    ])
  }
  var validation = ObjectValidation(minor: 36)
  validation.schemaRules(document.root)
  #expect(validation.errors.allSatisfy { $0.rule == "crd/rule" && $0.reason == .forbidden })
  #expect(
    validation.errors.map(\.field)
      == cases[index].fields.map { $0.isEmpty ? "" : "properties" + $0 })
}
