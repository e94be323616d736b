import Diagnostics
import Documents
import Schemas
import Testing

/// A schema in JSON Schema's words from a YAML text.
struct JSONCase {
  let document: Document
  let schema: Schema
  let findings: [Finding]

  init(_ text: String, _ dialect: JSONSchema.Dialect = .structural) {
    document = yaml(text)
    (schema, findings) = JSONSchema(document.root, dialect: dialect, file: "path.yaml").compiled()
  }

  var report: [String] {
    findings.map { finding in
      guard case .field(_, let path, _) = finding.place?.anchor else { return finding.message }
      return "\(path) \(finding.rule): \(finding.message)" + (finding.help.map { " (\($0))" } ?? "")
    }
  }

  func problems(_ text: String, old: String? = nil) -> [String] {
    problemLines(schema, text, old: old)
  }
}

@Suite struct StructuralSchemaTests {
  let found = JSONCase(
    """
    type: object
    required: [size]
    properties:
      size: {type: integer, format: int32, default: 2, minimum: 1, exclusiveMaximum: true, maximum: 9}
      when: {type: string, format: date-time}
      port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
      free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: string}}}
      note: {type: string, nullable: true, default: none}
      labels: {type: object, additionalProperties: {type: string}, maxProperties: 1}
      list:
        type: array
        x-kubernetes-list-type: map
        x-kubernetes-list-map-keys: [name]
        items:
          type: object
          required: [name]
          properties: {name: {type: string}, size: {type: integer}}
          x-kubernetes-validations:
            - {rule: "self.size >= oldSelf.size", messageExpression: "'size of ' + self.name + ' must grow'"}
      raw: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
      choice:
        type: object
        properties: {a: {type: string}, b: {type: string}}
        oneOf: [{required: [a]}, {required: [b]}]
    """)

  @Test(arguments: [
    ("{}", []), ("{size: 8, port: 80, note: null, free: {a: x, b: [1]}}", []),
    ("{port: http, when: '2026-11-25T10:00:00Z', raw: {kind: X, z: 1}}", []),
    ("{size: 9}", ["spec.size out-of-range: 'size' is 9, expected at least 1 and less than 9"]),
    (
      "{size: 9999999999}",
      [
        "spec.size out-of-range: 'size' is 9999999999, expected at least 1 and less than 9",
        "spec.size format: 'size' is 9999999999, expected a whole number of 32 bits",
      ]
    ),
    ("{port: 1.5}", ["spec.port wrong-type: 'port' is 1.5, expected an integer or a string"]),
    (
      "{when: yesterday}",
      ["spec.when format: 'when' is 'yesterday', expected a time such as '2027-01-31T12:00:00Z'"]
    ),
    (
      "{free: {a: 1}}",
      ["spec.free.a wrong-type: 'a' is 1, expected a string (put it in quotes: \"1\")"]
    ),
    (
      "{labels: {a: x, b: z}}",
      ["spec.labels wrong-size: 'labels' has 2 entries, expected at most 1"]
    ),
    ("{choice: {a: x}}", []),
    (
      "{choice: {a: x, b: z}}",
      ["spec.choice alternatives: 'choice' fits 2 of the alternatives, expected exactly one"]
    ),
    (
      "{choice: {}}",
      [
        "spec.choice alternatives: 'choice' is an empty map, which fits none of 2 alternatives "
          + "(the nearest: 'choice' has no 'a', which is required)"
      ]
    ),
  ])
  func says(text: String, expected: [String]) {
    #expect(found.report == [])
    #expect(found.problems(text) == expected)
  }

  @Test func fillsInDefaultsAndKeepsNullsThatAreAllowed() {
    #expect(flow(of: "{}", under: found.schema) == "{note: none, size: 2}")
    #expect(flow(of: "{note: null, when: null}", under: found.schema) == "{note: null, size: 2}")
  }

  @Test func elementsOfAMapListMeetTheirOldSelves() {
    #expect(
      found.problems(
        "{list: [{name: new, size: 0}, {name: b, size: 1}, {name: a, size: 5}]}",
        old: "{list: [{name: a, size: 4}, {name: b, size: 2}]}") == [
          "spec.list[1] validation: 'list[1]' is not valid: size of b must grow "
            + "(the rule is 'self.size >= oldSelf.size')"
        ])
  }

  @Test(arguments: [
    ("type: array, uniqueItems: true, items: {type: string}", "'uniqueItems' is not allowed here"),
    ("type: array", "the list has no 'items'"),
    (
      "type: object, properties: {a: {type: string}}, additionalProperties: {type: string}",
      "'additionalProperties' and 'properties' exclude each other"
    ),
    (
      "type: array, items: {type: string}, x-kubernetes-list-map-keys: [a]",
      "there are list keys, but the list is no map"
    ),
    ("type: string, x-kubernetes-list-type: set", "only lists have a list type"),
    (
      "type: array, items: {type: object}, x-kubernetes-list-type: set",
      "the elements of a set are objects, expected scalars"
    ),
    (
      "type: array, items: {type: object}, x-kubernetes-list-type: map",
      "a list of type map needs keys"
    ),
    (
      "type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [nam], "
        + "items: {type: object, required: [name], properties: {name: {type: string}}}",
      "the elements have no field 'nam'"
    ),
    (
      "type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], "
        + "items: {type: object, properties: {name: {type: string}}}",
      "the key 'name' is neither required nor has it a default"
    ),
  ])
  func refusesWhatIsNotStructural(schema: String, message: String) {
    #expect(JSONCase("{\(schema)}").findings.map(\.message) == [message])
  }

  @Test func rulesSelectReservedAndDashedNamesInEscapedForm() {
    let names = JSONCase(
      """
      type: object
      properties:
        namespace: {type: string}
        max-size: {type: number}
        a__b: {type: string}
      x-kubernetes-validations:
        - {rule: "self.__namespace__ == 'x' && self.max__dash__size < 2.5", message: no}
        - {rule: "!has(self.a__underscores__b) || self.a__underscores__b == 'y'", message: odd}
      """)
    #expect(names.report == [])
    #expect(names.problems("{namespace: x, max-size: 2}") == [])
    #expect(names.problems("{namespace: x, max-size: 2, a__b: z}").count == 1)
    #expect(names.problems("{namespace: x, max-size: 3}").count == 1)
  }

  @Test func anOptionalOldSelfIsThereForNewValuesToo() {
    let once = JSONCase(
      """
      type: object
      properties:
        once:
          type: string
          x-kubernetes-validations:
            - rule: "!oldSelf.hasValue() ? self == 'first' : oldSelf.value() == self"
              optionalOldSelf: true
              message: may not change
      """)
    #expect(once.report == [])
    #expect(once.problems("{once: first}") == [])
    #expect(once.problems("{once: second}").count == 1)
    #expect(once.problems("{once: second}", old: "{once: second}") == [])
    #expect(
      once.problems("{once: first}", old: "{once: second}") == [
        "spec.once validation: 'once' is not valid: may not change "
          + "(the rule is '!oldSelf.hasValue() ? self == 'first' : oldSelf.value() == self')"
      ])
  }

  @Test func aWholeObjectHasMetadataThatTheSchemaDoesNotName() {
    let document = yaml(
      "{type: object, properties: {spec: {type: object}, metadata: {type: object}}}")
    let (schema, findings) = JSONSchema(document.root, file: "crd.yaml", isWholeObject: true)
      .compiled()
    #expect(findings.isEmpty)
    let lines = problemLines(schema, "{kind: A, metadata: {name: x}, spec: {}, spce: {}}")
    #expect(
      lines == ["spec.spce unknown-field: unknown field 'spce' in 'spec' (did you mean 'spec'?)"])
  }

  @Test func saysWhatIsWrongWithTheSchema() {
    let broken = JSONCase(
      """
      type: object
      properties:
        a: {type: int}
        b: {type: string, patern: x}
        c: {type: string, pattern: "("}
        d: {type: integer, default: x}
        e: {type: integer, minimum: low}
        f: {description: no type}
        g: {type: array, items: 5}
        h: {type: string, x-kubernetes-validations: [{rule: "self >"}, {message: x}]}
      """)
    #expect(
      broken.report.map { String($0.prefix { $0 != "(" }) } == [
        "properties.a.type golden-path/invalid-schema: 'type' is 'int', "
          + "expected one of array, boolean, integer, null, number, object, string",
        "properties.b.patern golden-path/unknown-keyword: unknown keyword 'patern' ",
        "properties.c.pattern golden-path/invalid-pattern: the pattern is not valid: "
          + "missing closing ): `",
        "properties.e.minimum golden-path/invalid-schema: found 'low', expected a number",
        "properties.f golden-path/invalid-schema: the schema has no type ",
        "properties.g.items golden-path/invalid-schema: the schema is 5, expected a map",
        "properties.h.x-kubernetes-validations[1] golden-path/invalid-schema: "
          + "the validation has no 'rule'",
        "properties.h.x-kubernetes-validations[0].rule golden-path/invalid-validation: "
          + "the rule is not valid: expected an expression but found the end",
        "properties.d.default golden-path/invalid-default: "
          + "the default does not fit: 'default' is 'x', expected an integer",
      ])
  }
}

@Suite struct DraftSchemaTests {
  let found = JSONCase(
    """
    $schema: http://json-schema.org/draft-07/schema#
    type: object
    required: [replicas]
    properties:
      replicas: {$ref: "#/definitions/count", description: how many}
      image: {type: [string, "null"]}
      kind: {const: web}
      tree: {$ref: "#/definitions/tree"}
      closed: {type: object, additionalProperties: false, patternProperties: {"^x-": {type: string}}}
      tls: {type: object, if: {required: [cert]}, then: {required: [key]}, else: {maxProperties: 1}}
      not5: {not: {const: 5}}
      named: {propertyNames: {pattern: "^[a-z]+$"}}
      never: false
    definitions:
      count: {type: integer, minimum: 0, exclusiveMaximum: 5}
      tree: {type: object, properties: {value: {type: integer}, left: {$ref: "#/definitions/tree"}}}
    """, .draft)

  @Test(arguments: [
    ("{replicas: 1, anything: [1], image: null, kind: web, not5: 6}", []),
    (
      "{replicas: 5}",
      ["spec.replicas out-of-range: 'replicas' is 5, expected at least 0 and less than 5"]
    ),
    (
      "{}",
      [
        "spec.replicas missing-field: 'spec' has no 'replicas', which is required at spec (add 'replicas': integer)"
      ]
    ),
    ("{replicas: 1, kind: db}", ["spec.kind not-in-enum: 'kind' is 'db', expected 'web'"]),
    (
      "{replicas: 1, tree: {left: {left: {value: x}}}}",
      ["spec.tree.left.left.value wrong-type: 'value' is 'x', expected an integer"]
    ),
    (
      "{replicas: 1, closed: {x-a: b, x-c: 1, z: 1}}",
      [
        "spec.closed.z unknown-field: unknown field 'z' in 'closed' (no fields are allowed here)",
        "spec.closed.x-c wrong-type: 'x-c' is 1, expected a string (put it in quotes: \"1\")",
      ]
    ),
    (
      "{replicas: 1, tls: {cert: a}}",
      ["spec.tls.key missing-field: 'tls' has no 'key', which is required at spec.tls (add 'key')"]
    ),
    (
      "{replicas: 1, tls: {a: 1, b: 2}}",
      ["spec.tls wrong-size: 'tls' has 2 entries, expected at most 1"]
    ),
    (
      "{replicas: 1, named: {a: 1, B: 2}}",
      ["spec.named pattern: 'named' is 'B', which does not match '^[a-z]+$'"]
    ),
    ("{replicas: 1, not5: 5}", ["spec.not5 alternatives: 'not5' is 5, which is forbidden"]),
    ("{replicas: 1, never: 1}", ["spec.never alternatives: 'never' is 1, which is forbidden"]),
  ])
  func says(text: String, expected: [String]) {
    #expect(found.report == [])
    #expect(found.problems(text) == expected)
  }

  @Test func ownKeywordsAreLetInButMistypedAndUncheckedOnesAreNot() {
    let own = JSONCase(
      "{form: true, propertise: {}, unevaluatedItems: false, render: {a: 1}}", .draft)
    #expect(
      own.report == [
        "propertise golden-path/unknown-keyword: unknown keyword 'propertise' "
          + "(did you mean 'properties'?)",
        "unevaluatedItems golden-path/unknown-keyword: the keyword 'unevaluatedItems' is not checked",
      ])
    #expect(own.findings.allSatisfy { $0.severity == .warning })
  }

  @Test func referencesThatGoInCirclesEnd() {
    let circle = JSONCase("{$ref: '#'}", .draft)
    #expect(circle.problems("{a: 1}").count == 1)
    let wide = JSONCase(
      "{anyOf: [{$ref: '#'}, {$ref: '#'}, {allOf: [{$ref: '#'}, {$ref: '#'}]}]}", .draft)
    #expect(wide.problems("1").count == 1)
    let missing = JSONCase(
      "{properties: {a: {$ref: '#/definitions/b'}, c: {$ref: 'x.json'}}}", .draft)
    #expect(
      missing.report == [
        "properties.a.$ref golden-path/invalid-schema: "
          + "'$ref' is '#/definitions/b', which is not in this file",
        "properties.c.$ref golden-path/invalid-schema: "
          + "'$ref' is 'x.json', expected a place in this file",
      ])
  }
}
