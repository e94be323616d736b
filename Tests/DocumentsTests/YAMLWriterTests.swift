import Diagnostics
import Documents
import Testing

@Suite struct YAMLWriterTests {
  private func yaml(_ build: (Arena) -> Value) -> String {
    let document = Document(building: build)
    return String(decoding: yamlBytes(of: document.root), as: UTF8.self)
  }

  @Test func objectsStartWithTheirTypeAndSortTheRest() {
    let text = yaml { arena in
      arena.map([
        "spec": arena.map([
          "ports": arena.list([
            arena.map(["port": .int(80), "name": arena.string("http")]), arena.list([.int(1)]),
          ]),
          "empty": .emptyMap, "none": .emptyList, "kind": .null,
        ]),
        "metadata": arena.map(["name": arena.string("a"), "labels": arena.map(["b": .true])]),
        "data": .double(1), "kind": arena.string("Service"), "apiVersion": arena.string("v1"),
      ])
    }
    #expect(
      text == """
        apiVersion: v1
        kind: Service
        metadata:
          labels:
            b: true
          name: a
        data: 1.0
        spec:
          empty: {}
          kind: null
          none: []
          ports:
          - name: http
            port: 80
          - - 1

        """)
  }

  @Test(arguments: [
    ("a", "a"), ("yes", "\"yes\""), ("1.2.3", "1.2.3"), ("-c", "-c"), ("a: b", "\"a: b\""),
    ("say \"x: y\"", #"say "x: y""#.isEmpty ? "" : #"'say "x: y"'"#), ("a\tb", #""a\tb""#),
    ("/bin/sh", "/bin/sh"), ("8Gi", "8Gi"), ("500m", "500m"), ("10.0.0.1", "10.0.0.1"),
    ("http://a.test:80/x", "http://a.test:80/x"), ("a#b", "a#b"), ("$(A)", "$(A)"),
    ("1234e56", "\"1234e56\""), ("0.5", "\"0.5\""), ("2024-01-01", "\"2024-01-01\""),
    ("{\"a\": 1}", "'{\"a\": 1}'"), ("é", "é"), ("\u{85}", #""\x85""#), ("\u{0}", #""\0""#),
    ("a\nb", "|-\n  a\n  b"), (" a\nb\n", "|2\n   a\n  b"), ("a\n\n", "|+\n  a\n"),
  ])
  func stringsAreWrittenInTheSimplestSafeStyle(_ text: String, _ written: String) {
    #expect(yaml { $0.string(text) } == written + "\n")
  }

  @Test func readingGivesBackWhatWasWritten() {
    var trees = RandomTrees(seed: 7)
    let writer = YAMLWriter()
    for number in 0..<1_500 {
      let tree = trees.tree(depth: 5)
      writer.reset()
      writer.write(tree, order: [.kubernetes, .sorted, .asIs][number % 3])
      let parsed = parseYAML(writer.bytes, file: "tree.yaml")
      let root = parsed.documents.first?.root ?? .absent
      guard parsed.findings.isEmpty, parsed.documents.count == 1, isSame(tree, root) else {
        let text = String(decoding: writer.bytes, as: UTF8.self)
        Issue.record(
          "tree \(number) differs: \(parsed.findings)\n\(text)\n\(text.debugDescription)")
        return
      }
    }
  }

  @Test(arguments: nastyStrings)
  func everyNastyStringIsKeptAsValueKeyAndItem(_ text: String) {
    let document = Document { arena in
      arena.map([
        MapEntry(key: arena.string(text), value: arena.string(text)),
        MapEntry(
          key: arena.string("list!"),
          value: arena.list([arena.string(text), .null, arena.string(text)])),
        MapEntry(key: arena.string("z"), value: arena.list([arena.list([arena.string(text)])])),
      ])
    }
    for root in [document.root, document.root.elements.first ?? document.root["z"]] {
      let bytes = yamlBytes(of: root)
      let parsed = parseYAML(bytes, file: "a.yaml")
      #expect(parsed.findings.isEmpty)
      #expect(isSame(parsed.documents[0].root, root), "\(String(decoding: bytes, as: UTF8.self))")
    }
  }

  @Test func theOrderOfKeysDoesNotDependOnTheTree() {
    var random = SeededRandom(seed: 3)
    let keys =
      (0..<60).map { "k\($0 * 7919 % 61)" } + [
        "a", "apiVersion", "kind", "metadata", "", "abcdefgh", "abcdefghi", "abcdefg",
      ]
    func bytes(_ keys: [String]) -> [UInt8] {
      let document = Document { arena in
        arena.map(keys.map { MapEntry(key: arena.string($0), value: arena.string($0)) })
      }
      return yamlBytes(of: document.root)
    }
    let expected = bytes(keys)
    let order =
      ["apiVersion", "kind", "metadata"]
      + keys.filter { !["apiVersion", "kind", "metadata"].contains($0) }
      .sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    let parsed = parseYAML(expected, file: "a")
    let found = withExtendedLifetime(parsed) {
      parsed.documents[0].root.entries.map { $0.key.asString ?? "" }
    }
    #expect(found == order)
    for count in [2, 5, 20, keys.count] {
      let some = Array(keys.prefix(count))
      #expect(bytes(some.shuffled(using: &random)) == bytes(some.shuffled(using: &random)))
    }
  }

  @Test func streamsSeparateTheirDocuments() {
    let writer = YAMLWriter()
    writer.writeDocument(.int(1))
    writer.writeDocument(.emptyMap)
    writer.writeDocument(.null)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "1\n---\n{}\n---\nnull\n")
    writer.reset()
    writer.writeDocument(.true)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "true\n")
  }

  @Test func keysThatAreNoStringsBecomeText() {
    let document = Document { arena in
      arena.map([
        MapEntry(key: .int(2), value: .true), MapEntry(key: .bool(true), value: .int(1)),
      ])
    }
    #expect(
      String(decoding: yamlBytes(of: document.root), as: UTF8.self) == "\"2\": true\n\"true\": 1\n")
  }

  @Test func infinityReadsBack() {
    for number in [Double.infinity, -.infinity] {
      let parsed = parseYAML(yamlBytes(of: .double(number)), file: "a")
      #expect(parsed.documents[0].root.asDouble == number)
      #expect(parsed.findings.map(\.rule) == ["yaml/not-json"])
    }
  }
}
