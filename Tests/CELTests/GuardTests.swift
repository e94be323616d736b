import CEL
import Testing

/// Reads of fields that may be missing.
@Suite struct GuardTests {
  /// An object whose `spec` is there, with optional fields, a list and maps below it.
  private static let object: CELType = {
    func type(_ name: String, _ fields: [String: CELType], optional: Set<String>) -> CELType {
      .object(ObjectType(name: name, fields: fields, optional: optional))
    }
    let security = type("Security", ["user": .int], optional: ["user"])
    let item = type(
      "Item", ["name": .string, "security": security, "ports": .list(.int), "size": .int],
      optional: ["security", "ports", "size"])
    let metadata = type(
      "Metadata", ["name": .string, "labels": .map(.string, .string)], optional: ["labels"])
    let spec = type(
      "Spec",
      [
        "replicas": .int, "paused": .bool, "host": .string, "items": .list(item),
        "extra": .list(item), "inner": type("Inner", ["deep": .int], optional: ["deep"]),
      ], optional: ["paused", "host", "extra", "inner"])
    return type(
      "Object", ["kind": .string, "metadata": metadata, "spec": spec], optional: [])
  }()

  private func fields(
    _ expression: String, variables: [(String, String)] = [], conditions: [String] = []
  ) -> [String] {
    var analysis = GuardAnalysis(
      profile: .kubernetes(minor: 36), roots: ["object": Self.object],
      constants: ["object.kind": "Thing"])
    for (name, source) in variables { analysis.define(name, source) }
    analysis.assume(conditions)
    analysis.check(expression)
    return analysis.reads.map(\.field)
  }

  @Test(arguments: [
    "object.spec.replicas > 1",
    "has(object.spec.paused) && object.spec.paused",
    // The operand that is false decides, wherever it stands.
    "object.spec.paused && has(object.spec.paused)",
    "!has(object.spec.paused) || object.spec.paused",
    "has(object.spec.paused) ? object.spec.paused : true",
    "!has(object.spec.inner) ? true : !has(object.spec.inner.deep) || object.spec.inner.deep > 1",
    "object.spec.?inner.?deep.orValue(0) > 1",
    "object.spec.?inner.deep.orValue(0) > 1",
    "object.spec.?inner.hasValue() && object.spec.inner.?deep.orValue(1) == 1",
    "object.spec.?paused.orValue(false) && object.spec.paused",
    "object.spec.?host.orValue('') != '' && object.spec.host.startsWith('a')",
    "object.spec.?host.orValue('') == 'a' ? object.spec.host == 'a' : true",
    "type(object.spec.?host.orValue(0)) == string && object.spec.host == 'a'",
    "size(object.spec.?extra.orValue([])) > 0 && object.spec.extra[0].name == 'a'",
    "object.spec.?extra.orValue([]).all(i, i.name == object.spec.extra[0].name)",
    "has(object.metadata.labels) && 'a' in object.metadata.labels && object.metadata.labels.a == 'b'",
    "object.metadata.?labels[?'a'].orValue('') == 'b'",
    "'a' in object.metadata.?labels.orValue({}) && object.metadata.labels['a'] == 'b'",
    "object.spec.items.all(i, has(i.security) && has(i.security.user) && i.security.user > 0)",
    "object.spec.items.filter(i, has(i.security)).all(i, i.security.?user.orValue(1) > 0)",
    "object.spec.items.all(i, has(i.size)) && object.spec.items.all(i, i.size > 1)",
    "!object.spec.items.exists(i, !has(i.size)) && object.spec.items.all(i, i.size > 1)",
    "object.spec.items.map(i, has(i.size), i.size).all(s, s > 1)",
    "object.spec.?inner.optMap(i, i.?deep.orValue(1)).orValue(1) == 1",
    // A branch for another kind is never taken.
    "object.kind == 'Other' ? object.spec.host == 'a' : true",
    "object.kind != 'Other' || object.spec.paused",
    "!(object.kind in ['Other', 'More']) || object.spec.paused",
    "['Other'].exists(k, object.kind == k) ? object.spec.paused : true",
    // Not known at all.
    "object.spec.nothing.like == 1", "other.thing == 1",
  ])
  func whatIsGuardedIsLeftAlone(_ expression: String) {
    #expect(fields(expression) == [])
  }

  @Test(arguments: [
    ("object.spec.paused", "object.spec.paused"),
    ("object.spec.host == 'a' || object.spec.replicas > 1", "object.spec.host"),
    ("has(object.spec.paused) || object.spec.paused", "object.spec.paused"),
    ("!has(object.spec.paused) && object.spec.paused", "object.spec.paused"),
    ("has(object.spec.paused) ? true : object.spec.paused", "object.spec.paused"),
    ("has(object.spec.inner.deep)", "object.spec.inner"),
    ("has(object.spec.inner) && object.spec.inner.deep > 1", "object.spec.inner.deep"),
    ("object.metadata.labels.a == 'b'", "object.metadata.labels"),
    ("has(object.metadata.labels) && object.metadata.labels.a == 'b'", "object.metadata.labels.a"),
    ("object.metadata.?labels.orValue({})['a'] == 'b'", "object.metadata.labels.a"),
    ("object.spec.items.all(i, i.size > 1)", "object.spec.items[*].size"),
    (
      "object.spec.items.exists(i, has(i.size)) && object.spec.items.all(i, i.size > 1)",
      "object.spec.items[*].size"
    ),
    ("object.spec.?extra.orValue([]).all(i, i.size > 1)", "object.spec.extra[*].size"),
    (
      "(object.spec.items + object.spec.?extra.orValue([])).all(i, i.security.user > 1)",
      "object.spec.items[*].security"
    ),
    ("object.kind == 'Thing' ? object.spec.host == 'a' : true", "object.spec.host"),
    ("object.spec.?host.orValue('') == '' && object.spec.host == ''", "object.spec.host"),
  ])
  func whatIsNotIsFound(_ expression: String, _ field: String) {
    #expect(fields(expression).first == field)
  }

  @Test func variablesAreLookedAtWhereTheyAreUsed() {
    let variables = [
      ("inner", "object.spec.inner"), ("deep", "variables.inner.?deep.orValue(0)"),
      ("has", "has(object.spec.inner)"), ("unused", "object.spec.host"),
    ]
    #expect(fields("variables.has && variables.deep == 1", variables: variables) == [])
    #expect(fields("variables.deep == 1", variables: variables) == ["object.spec.inner"])
  }

  @Test func conditionsGuardWhatFollowsAndEachOther() {
    #expect(fields("object.spec.paused", conditions: ["has(object.spec.paused)"]) == [])
    #expect(
      fields("true", conditions: ["object.spec.paused", "has(object.spec.paused)"]) == [])
    #expect(
      fields("object.spec.host == ''", conditions: ["object.spec.host != 'a'"])
        == ["object.spec.host"])
    var analysis = GuardAnalysis(
      profile: .kubernetes(minor: 36), roots: ["object": Self.object],
      constants: ["object.kind": "Thing"])
    let isNever = analysis.isNever(["object.spec.replicas > 1", "object.kind == 'Other'"])
    let isSometimes = !analysis.isNever(["object.kind == 'Thing'"])
    #expect(isNever && isSometimes)
  }

  @Test func aReadHasItsPlaceAndAWayOut() throws {
    var analysis = GuardAnalysis(profile: .kubernetes(minor: 36), roots: ["object": Self.object])
    analysis.check("1 < 2")
    analysis.check("object.spec.items.all(i, i.security.user > 1)")
    let read = try #require(analysis.reads.first)
    #expect(read.expression == 1 && read.range == 25..<35 && !read.isKey)
    #expect(read.guarded == "i.?security.orValue(…)")
    analysis.check("object.metadata.?labels.orValue({})['a/b'] == ''")
    let key = try #require(analysis.reads.last)
    #expect(key.isKey && key.guarded == "object.metadata.?labels.orValue({})[?'a/b'].orValue(…)")
  }

  @Test func whatTakesTooLongIsLeftAlone() {
    var variables = [("v0", "object.spec.replicas")]
    for index in 1..<40 {
      variables.append(("v\(index)", "variables.v\(index - 1) + variables.v\(index - 1)"))
    }
    #expect(fields("variables.v39 == object.spec.replicas", variables: variables) == [])
  }
}
