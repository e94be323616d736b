import Diagnostics
import Documents
import Schemas
import Testing

/// What the author of a schema is told, and where it points.
@Suite struct SimpleSchemaFindingTests {
  @Test(arguments: [
    // types
    ("int", "⟦int⟧ unknown-type: unknown type 'int' (did you mean 'integer'?)"),
    ("strin", "⟦strin⟧ unknown-type: unknown type 'strin' (did you mean 'string'?)"),
    ("'[][]Prot'", "⟦Prot⟧ unknown-type: unknown type 'Prot' (did you mean 'Port'?)"),
    (
      "'map[integer]string'",
      "⟦map[integer]string⟧ invalid-type: 'map[integer]string' has no string keys, "
        + "and keys of a map must be strings (write 'map[string]…')"
    ),
    ("'[]'", "⟦[]⟧ invalid-type: the type ends too soon (name the inner type)"),
    (
      "'| required=true'",
      "⟦| required=true⟧ invalid-type: the field has no type "
        + "(write 'string', '[]string', or another type)"
    ),
    // the shape of markers
    (
      "string |",
      "⟦|⟧ invalid-marker: nothing stands after the '|' (add a marker or remove the '|')"
    ),
    (
      "string | required",
      "⟦required⟧ invalid-marker: the marker 'required' has no value (write required=true)"
    ),
    (
      "string | default=a b c",
      "⟦b⟧ invalid-marker: 'b' stands after 'default=a' and is no marker "
        + "(put a value with spaces in quotes: default=\"a b c\")"
    ),
    (
      "string | required=true | default=a",
      "⟦|⟧ invalid-marker: a second '|' stands between markers (separate markers with a space)"
    ),
    (
      "'string | default=\"a'",
      "⟦\"a⟧ invalid-marker: the value of 'default' has no closing quote (end it with '\"')"
    ),
    (
      "'object | default={\"a\":1'",
      "⟦{\"a\":1⟧ invalid-marker: the value of 'default' has no closing bracket "
        + "(close what is open)"
    ),
    (
      "'object | default={}}'",
      "⟦}⟧ invalid-marker: the value of 'default' closes a bracket that it did not open "
        + "(put the value in quotes)"
    ),
    (
      "string | requird=true",
      "⟦requird⟧ unknown-marker: unknown marker 'requird' (did you mean 'required'?)"
    ),
    // values of markers
    (
      "string | required=yes",
      "⟦yes⟧ invalid-marker: 'required' is 'yes', expected true or false"
    ),
    (
      "integer | minimum=low",
      "⟦low⟧ invalid-marker: 'minimum' is 'low', expected a number"
    ),
    (
      "string | minLength=-1",
      "⟦-1⟧ invalid-marker: 'minLength' is '-1', expected a whole number from 0 on"
    ),
    (
      "integer | minLength=1",
      "⟦minLength=1⟧ invalid-marker: 'minLength' is only for strings, "
        + "and the field is an integer"
    ),
    ("string | enum=\"a,,b\"", "⟦\"a,,b\"⟧ invalid-marker: 'enum' has an empty item"),
    ("integer | enum=\"1,x\"", "⟦\"1,x\"⟧ invalid-marker: 'enum' has 'x', expected an integer"),
    (
      "boolean | enum=\"true\"",
      "⟦enum=\"true\"⟧ invalid-marker: 'enum' is only for strings and integers, "
        + "and the field is a boolean"
    ),
    (
      "'string | pattern=\"a(b\"'",
      "⟦(⟧ invalid-pattern: the pattern is not valid: missing closing ): `a(b`"
    ),
    (
      "string | minimum=1",
      "⟦minimum=1⟧ useless-marker: 'minimum' has no effect on a string [warning]"
    ),
    (
      "integer | minimum=5 maximum=1",
      "⟦maximum=1⟧ useless-marker: 'maximum' is below the minimum, so that no value fits "
        + "[warning]"
    ),
    (
      "string | default=a default=b",
      "⟦default=b⟧ useless-marker: the marker 'default' is given twice, "
        + "and the last one counts [warning]"
    ),
    // lists
    (
      "'[]string | listMapKey=name'",
      "⟦listMapKey=name⟧ invalid-marker: 'listMapKey' needs 'listType=map', "
        + "and there is none (add listType=map)"
    ),
    (
      "'[]string | uniqueItems=true listType=atomic'",
      "⟦atomic⟧ invalid-marker: 'listType' contradicts 'uniqueItems=true'"
    ),
    (
      "'[]Server | uniqueItems=true'",
      "⟦true⟧ invalid-marker: the elements of a set are objects, expected scalars "
        + "(use listType=map with a listMapKey)"
    ),
    (
      "'[]Server | listType=map listMapKey=nam'",
      "⟦nam⟧ invalid-marker: the elements have no field 'nam' (did you mean 'name'?)"
    ),
    (
      "'[]Server | listType=map listMapKey=zone'",
      "⟦zone⟧ invalid-marker: the key 'zone' is neither required nor has it a default "
        + "(add required=true to 'zone')"
    ),
  ])
  func pointsAtTheMistake(field: String, expected: String) {
    let found = SimpleCase(
      """
      fields:
        x: \(field)
      types:
        Port: integer
        Server:
          name: string | required=true
          zone: string
      """)
    let words = expected.replacing("⟧ ", with: "⟧ golden-path/")
    #expect(found.report == ["fields.x " + words])
  }

  @Test(arguments: [
    ("integer | default=3.14", "⟦3.14⟧", "the default is 3.14, expected an integer"),
    ("integer | default=many", "⟦many⟧", "the default is 'many', expected an integer"),
    ("integer | default=007", "⟦007⟧", "the default is '007', expected an integer"),
    ("boolean | default=True", "⟦True⟧", "the default is 'True', expected true or false"),
    ("float | default=high", "⟦high⟧", "the default is 'high', expected a number"),
    ("integer | default=0 minimum=1", "⟦0⟧", "the default of 'x' is 0, expected at least 1"),
    (
      "string | default=c enum=\"a,b\"", "⟦c⟧", "the default of 'x' is 'c', expected 'a' or 'b'"
    ),
    (
      "string | default=UP pattern=\"^[a-z]+$\"", "⟦UP⟧",
      "the default of 'x' is 'UP', which does not match '^[a-z]+$'"
    ),
    (
      "'[]string | default=[1]'", "⟦[1]⟧",
      "the default does not fit: 'x[0]' is 1, expected a string"
    ),
    (
      "'[]string | default=a'", "⟦a⟧",
      "the default of a list is no JSON: found 'a', expected a value"
    ),
    (
      "'map[string]integer | default={\"a\":}'", "⟦}⟧",
      "the default of an object is no JSON: found '}', expected a value"
    ),
    (
      "'string | default=\"say \\\"hi\\\"\"'", "⟦h⟧",
      "the default 'say \"hi\"' is no JSON text once it stands in quotes"
    ),
  ])
  func checksDefaults(field: String, place: String, message: String) {
    let found = SimpleCase("fields:\n  x: \(field)\n")
    #expect(found.findings.map(\.rule) == ["golden-path/invalid-default"])
    #expect(found.findings.map(\.message) == [message])
    #expect(found.report.allSatisfy { $0.hasPrefix("fields.x \(place) ") })
  }

  @Test func aBrokenRulePointsIntoItsExpression() {
    let found = SimpleCase("fields:\n  x: 'string | validation=\"self.size( > 1\"'\n")
    #expect(found.findings.map(\.rule) == ["golden-path/invalid-validation"])
    #expect(found.report.first?.contains("⟦>⟧") == true, "\(found.report)")
  }

  @Test(arguments: [
    ("integer", "self.size() > 1"), ("string", "self > 1"), ("[]string", "self.all(x, x > 1)"),
    ("Server", "self.prot > 1"), ("boolean", "self + 1"), ("integer", "self + 1"),
    ("string", "other > 1"),
  ])
  func aRuleMustFitTheTypeOfItsField(type: String, rule: String) {
    let found = SimpleCase(
      """
      fields:
        x: '\(type) | validation="\(rule)"'
      types:
        Server: {port: integer}
      """)
    #expect(found.findings.map(\.rule) == ["golden-path/invalid-validation"], "\(found.report)")
  }

  @Test func aTypeThatContainsItselfIsACycle() {
    let found = SimpleCase(
      """
      fields: {root: Node}
      types:
        Node: {next: Link, name: string}
        Link: {nodes: "[]Node"}
      """)
    #expect(
      found.report == [
        "types.Link.nodes ⟦Node⟧ golden-path/type-cycle: the custom type 'Node' contains itself: "
          + "Node → Link → Node (let one of them hold 'object', which may contain anything)"
      ])
  }

  @Test func mistakesOfTheShapeArePlaced() {
    let found = SimpleCase(
      """
      fields:
        a: 5
        b:
        tags:
          type: object
          additionalProperties: {type: integer}
        kept: {type: string, name: string}
      types: [a]
      """)
    #expect(
      found.report == [
        "types value golden-path/invalid-schema: 'types' is a list, "
          + "expected a map of names to types",
        "fields.a value golden-path/invalid-schema: 'a' is 5, expected a type or a map of fields "
          + "(write a type such as 'string', or fields below it)",
        "fields.b value golden-path/invalid-schema: 'b' is null, "
          + "expected a type or a map of fields (write a type such as 'string', or fields below it)",
        "fields.tags key golden-path/invalid-schema: 'tags' is written as an OpenAPI schema, "
          + "expected SimpleSchema (write 'tags' as: map[string]integer)",
      ])
  }

  @Test func severalMistakesOfOneFileAreAllFound() {
    let found = SimpleCase(
      """
      fields:
        a: int
        b: {c: string | requird=true, d: boolean}
      types:
        T: strin
      """)
    #expect(
      found.findings.map(\.rule) == [
        "golden-path/unknown-type", "golden-path/unknown-type", "golden-path/unknown-marker",
      ])
    // What is wrong allows anything, so that an intent is not blamed for it.
    #expect(found.problems("{a: 5, b: {c: x}}") == [])
  }

  @Test func paveKnowsMarkersForDocsThatKroDoesNot() {
    let text = "fields:\n  x: 'integer | title=\"Port\" example=80 example=443 deprecated=true'\n"
    let pave = SimpleCase(text, dialect: .pave)
    #expect(pave.report == [])
    let node = pave.schema.root.property("x")
    #expect(node?.title == "Port")
    #expect(node?.isDeprecated == true)
    #expect(node?.examples.map { $0.asInt } == [80, 443])
    #expect(
      SimpleCase(text).findings.map(\.message) == [
        "unknown marker 'title'", "unknown marker 'example'", "unknown marker 'example'",
        "unknown marker 'deprecated'",
      ])
  }
}

/// What a schema says, seen through `SchemaNode`.
@Suite struct SimpleSchemaMeaningTests {
  let found = SimpleCase(
    #"""
    fields:
      name: string | required=true description="with | pipe and \"quotes\""
      size: integer | default=3 minimum=1 maximum=10
      mode: string | enum="fast, slow" immutable=true
      host: string | pattern="^[a-z]+\.[a-z]+$" minLength=3 maxLength=20
      tags: "[]string | uniqueItems=true minItems=1"
      ports: "map[string]Port"
      servers: "[]Server | listType=map listMapKey=name"
      extra: object
      key: Key
    types:
      Port: integer | minimum=1 maximum=65535
      Server: {name: Key, port: Port}
      Key: string | required=true
    """#)

  func node(_ path: String...) -> SchemaNode? {
    found.schema.root.descendant(FieldPath(path.map { .key($0) }))
  }

  @Test func everyTypeAndMarkerIsRead() {
    #expect(found.report == [])
    #expect(
      found.schema.root.propertyNames == [
        "name", "size", "mode", "host", "tags", "ports", "servers", "extra", "key",
      ])
    #expect(found.schema.root.required == ["key", "name"])
    #expect(node("name")?.description == "with | pipe and \"quotes\"")
    #expect(node("size")?.bounds.minimum == 1)
    #expect(node("size")?.bounds.maximum == 10)
    #expect(node("size")?.defaultValue.asInt == 3)
    #expect(node("mode")?.allowedValues.map(\.asString) == ["fast", "slow"])
    #expect(node("mode")?.isImmutable == true)
    #expect(node("host")?.pattern == #"^[a-z]+\.[a-z]+$"#)
    #expect(node("host")?.sizes.minimum == 3)
    #expect(node("host")?.sizes.maximum == 20)
    #expect(node("tags")?.hasUniqueItems == true)
    #expect(node("tags")?.sizes.minimum == 1)
    #expect(node("ports", "any")?.bounds.maximum == 65535)
    #expect(node("servers")?.listKeys == ["name"])
    #expect(node("servers")?.items?.required == ["name"])
    #expect(node("extra")?.isOpen == true)
    #expect(node("name")?.isOpen == false)
    #expect(node("nothing") == nil)
  }

  @Test func typeNamesAreInTheWordsOfSimpleSchema() {
    let names = found.schema.root.propertyNames.map { node($0)?.typeName ?? "" }
    #expect(
      names == [
        "string", "integer", "string", "string", "[]string", "map[string]integer", "[]object",
        "object", "string",
      ])
  }

  @Test func noFieldsAllowNoFields() {
    let empty = SimpleCase("other: 1\n")
    #expect(empty.report == [])
    #expect(empty.problems("{}") == [])
    #expect(
      empty.problems("{a: 1}") == [
        "spec.a unknown-field: unknown field 'a' in 'spec' (no fields are allowed here)"
      ])
  }
}
