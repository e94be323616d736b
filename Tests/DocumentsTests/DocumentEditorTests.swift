import Diagnostics
import Documents
import Testing

@Suite struct DocumentEditorTests {
  private func edited(
    _ text: String, _ path: FieldPath, _ value: String, document: Int = 0
  ) -> String {
    let parsed = parseYAML(Array(value.utf8), file: "value")
    var editor = DocumentEditor(Array(text.utf8))
    return withExtendedLifetime(parsed) {
      do throws(DocumentEditor.Failure) {
        try editor.set(path, to: parsed.documents.first?.root ?? .null, document: document)
        return String(decoding: editor.bytes, as: UTF8.self)
      } catch {
        return "error: \(error.message)"
      }
    }
  }

  private let intent = """
    # An intent.
    kind: WebService   # the golden path
    metadata: {name: checkout, labels: {team: "payments"}}
    spec:
      # How many.
      replicas: 2      # for now
      image: 'acme/checkout:1.4.2'
      env:
      - name: A
        value: "1"   # one
      - {name: B, value: x}
      note: |
        one
        two
      empty:

    # The end.
    environments: {}

    """

  @Test(arguments: [
    ("spec.replicas", "6", "  replicas: 6      # for now"),
    ("spec.image", "acme/checkout:1.5.0", "  image: 'acme/checkout:1.5.0'"),
    ("metadata.labels.team", "a b", "labels: {team: \"a b\"}"),
    ("metadata.name", "\"x, y\"", "metadata: {name: \"x, y\", labels"),
    ("metadata.namespace", "shop", "labels: {team: \"payments\"}, namespace: shop}"),
    ("metadata.labels.tier", "\"yes\"", "{team: \"payments\", tier: \"yes\"}}"),
    ("spec.env.0.value", "\"2\"", "    value: \"2\"   # one\n"),
    ("spec.env.1.value", "{a: [1]}", "  - {name: B, value: {a: [1]}}\n"),
    ("spec.env.2", "last", "  - {name: B, value: x}\n  - last\n  note: |\n"),
    ("spec.env.0.more", "true", "    value: \"1\"   # one\n    more: true\n  - {name: B"),
    ("spec.note", "\"three\\nfour\\n\"", "  note: |\n    three\n    four\n  empty:\n"),
    ("spec.note", "one line", "  note: one line\n  empty:\n"),
    ("spec.empty", "full", "  empty: full\n\n# The end.\n"),
    ("spec.empty.a.b", "1", "  empty:\n    a:\n      b: 1\n\n# The end.\n"),
    ("spec.empty", "[1, {a: b}]", "  empty:\n  - 1\n  - a: b\n\n# The end.\n"),
    ("spec.port", "8080", "  empty:\n  port: 8080\n\n# The end.\n"),
    ("environments.prod.spec.replicas", "3", "environments: {prod: {spec: {replicas: 3}}}\n"),
    ("status.ok", "true", "environments: {}\nstatus:\n  ok: true\n"),
    ("kind", "\"no\"", "kind: \"no\"   # the golden path"),
  ])
  func changesOnlyWhatIsAsked(_ path: String, _ value: String, _ expected: String) {
    let steps = path.split(separator: ".").map { part in
      Int(part).map(FieldPath.Step.index) ?? .key(String(part))
    }
    let text = edited(intent, FieldPath(steps), value)
    #expect(text.contains(expected), "\(text)")
    // All other lines are as they were.
    let old = intent.split(separator: "\n", omittingEmptySubsequences: false)
    let new = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(old.difference(from: new).removals.count <= 3)
    #expect(old.difference(from: new).insertions.count <= 3)
  }

  @Test(arguments: [
    ("", "a.b", "1", "a:\n  b: 1\n"),
    ("# only a comment", "a", "1", "# only a comment\na: 1\n"),
    ("a: 1", "b", "2", "a: 1\nb: 2"),
    ("a: 1\r\nb: 2\r\n", "c.d", "3", "a: 1\r\nb: 2\r\nc:\r\n  d: 3\r\n"),
    ("a: |+\n  x\n\n", "b", "1", "a: |+\n  x\n\nb: 1\n"),
    ("a: null\n", "a.b", "1", "a:\n  b: 1\n"),
    ("a: &x 1\nb: *x\n", "c", "1", "a: &x 1\nb: *x\nc: 1\n"),
    ("a: &x 1\nb: *x\n", "b", "2", "a: &x 1\nb: 2\n"),
    ("{}", "a", "1", "{a: 1}"),
    ("a: [\n  1,\n  2, # two\n]\n", "a.2", "3", "a: [\n  1,\n  2, 3, # two\n]\n"),
    ("é: {日本: x}\n", "é.日本", "\"y z\"", "é: {日本: y z}\n"),
    ("a:\n- b: 1\n", "a.0.c.d", "x", "a:\n- b: 1\n  c:\n    d: x\n"),
    ("- 1\n- 2\n", "1", "x", "- 1\n- x\n"),
    ("a:\n- 1\n- 2\nb: 1\n", "a", "x", "a: x\nb: 1\n"),
    ("a:\n  c: 1\nb: 1\n", "a", "[1]", "a:\n- 1\nb: 1\n"),
    ("- c: 1\n  d: 2\n- 3\n", "0", "x", "- x\n- 3\n"),
  ])
  func writesWhatFits(_ text: String, _ path: String, _ value: String, _ expected: String) {
    let steps = path.split(separator: ".").map { part in
      Int(part).map(FieldPath.Step.index) ?? .key(String(part))
    }
    #expect(edited(text, FieldPath(steps), value) == expected)
  }

  @Test(arguments: [
    ("a: &x 1\nb: *x\n", "a", "error: 'a' cannot be set without changing more of the file"),
    ("a: &x {c: 1}\nb: *x\n", "b.c", "error: 'b' is an alias: a change would be shared"),
    ("a: 1\n", "a.b", "error: 'a' is a plain value, 'a.b' needs something else there"),
    ("a: [1]\n", "a.3", "error: the list has no element 3"),
    ("a: [\n", "a", "error: expected a value here"),
  ])
  func refusesWhatWouldChangeMore(_ text: String, _ path: String, _ expected: String) {
    let steps = path.split(separator: ".").map { part in
      Int(part).map(FieldPath.Step.index) ?? .key(String(part))
    }
    #expect(edited(text, FieldPath(steps), "2").hasPrefix(expected))
  }

  @Test func documentsAreCounted() {
    #expect(
      edited("a: 1\n---\na: 2\n", FieldPath(keys: "a"), "3", document: 1) == "a: 1\n---\na: 3\n")
    #expect(
      edited("a: 1\n---\na: 2\n", FieldPath(keys: "b"), "3", document: 0)
        == "a: 1\nb: 3\n---\na: 2\n")
    #expect(
      edited("a: 1\n", FieldPath(keys: "b"), "3", document: 4)
        == "error: the file has no document 4")
  }

  /// Random changes of random files: what is written reads back, or nothing changes.
  @Test func randomChangesReadBack() {
    var trees = RandomTrees(seed: 41)
    var changed = 0
    for _ in 0..<600 {
      let tree = trees.tree(depth: 4)
      let bytes =
        trees.random.chance(50) ? yamlBytes(of: tree) : jsonBytes(of: tree, indented: true)
      var path = FieldPath.root
      var value = tree
      while trees.random.chance(85) {
        if let entry = value.entries.randomElement(using: &trees.random) {
          (path, value) = (path.key(entry.key.asString ?? ""), entry.value)
        } else if value.count > 0, value.isKind(.list) {
          let index = Int.random(in: 0..<value.count, using: &trees.random)
          (path, value) = (path.index(index), value.elements[index])
        } else {
          break
        }
      }
      if value.isKind(.map), trees.random.chance(50) { path = path.key(trees.string()) }
      let new = trees.random.chance(70) ? trees.scalar() : trees.tree(depth: 2)
      var editor = DocumentEditor(bytes)
      do throws(DocumentEditor.Failure) {
        try editor.set(path, to: new)
        changed += 1
        let parsed = parseYAML(editor.bytes, file: "a")
        withExtendedLifetime(parsed) {
          #expect(parsed.documents[0].root[path].isIdentical(to: new))
        }
      } catch {
        #expect(editor.bytes == bytes)
      }
    }
    #expect(changed > 400, "\(changed)")
  }
}
