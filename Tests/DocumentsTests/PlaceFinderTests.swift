import Diagnostics
import Documents
import Testing

/// The text between lines and columns of a file, as `line:column text`.
private func text(_ source: String, _ range: SourceRange) -> String {
  let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map {
    Array($0.unicodeScalars)
  }
  var found = String.UnicodeScalarView()
  for number in range.line...range.endLine where number <= lines.count {
    let line = lines[number - 1]
    let start = number == range.line ? range.column - 1 : 0
    let end = number == range.endLine ? range.endColumn - 1 : line.count
    if number > range.line { found.append("⏎") }
    found.append(contentsOf: line[min(start, line.count)..<min(max(start, end), line.count)])
  }
  return "\(range.line):\(range.column) \(String(found))"
}

@Suite struct PlaceFinderTests {
  private func find(
    _ source: String, _ path: FieldPath, _ part: Place.Part = .value, document: Int = 0
  ) -> String {
    let file = SourceFile(Array(source.utf8))
    return text(source, file.range(of: .field(document: document, path: path, part: part)))
  }

  @Test func findsValuesKeysAndWhatIsMissing() {
    let source = """
      # comment
      kind: Deployment
      metadata: {name: "é", labels: {a: b}}   # comment
      spec:
        containers:
        - name: x
          image: nginx   # latest
        - image: 'other'
        empty:
      ---
      second: [1, 2]
      """
    let spec = FieldPath(keys: "spec")
    #expect(find(source, FieldPath(keys: "kind")) == "2:7 Deployment")
    #expect(find(source, FieldPath(keys: "kind"), .key) == "2:1 kind")
    #expect(find(source, FieldPath(keys: "metadata", "labels", "a")) == "3:35 b")
    #expect(find(source, FieldPath(keys: "metadata", "labels")) == "3:31 {a: b}")
    #expect(find(source, spec.key("containers").index(0).key("image")) == "7:12 nginx")
    #expect(find(source, spec.key("containers").index(1).key("image")) == "8:12 'other'")
    #expect(find(source, spec.key("containers").index(0)) == "6:5 name: x⏎    image: nginx")
    #expect(find(source, spec.key("containers").index(0), .key) == "6:5 name: x⏎    image: nginx")
    #expect(find(source, spec.key("empty")) == "9:3 empty")
    #expect(find(source, spec.key("missing")) == "4:1 spec")
    #expect(find(source, spec.key("missing").key("deeper")) == "4:1 spec")
    #expect(find(source, spec.key("containers").index(7)) == "5:3 containers")
    #expect(find(source, spec.key("containers").index(1).key("name")) == "8:5 image")
    #expect(find(source, FieldPath(keys: "apiVersion")) == "2:1 kind")
    #expect(find(source, FieldPath(keys: "second").index(1), document: 1) == "11:13 2")
    #expect(find(source, FieldPath(keys: "second"), document: 5) == "1:1 ")
  }

  @Test func followsAliasesAndMergeKeys() {
    let source = """
      base: &b {image: nginx, port: 80}
      more: &m
        extra: 1
      use:
        <<: [*b, *m]
        port: 81
      same: *b
      1: one
      yes: two
      """
    #expect(find(source, FieldPath(keys: "use", "image")) == "1:18 nginx")
    #expect(find(source, FieldPath(keys: "use", "port")) == "6:9 81")
    #expect(find(source, FieldPath(keys: "use", "extra")) == "3:10 1")
    #expect(find(source, FieldPath(keys: "use", "none")) == "4:1 use")
    #expect(find(source, FieldPath(keys: "same")) == "7:7 *b")
    #expect(find(source, FieldPath(keys: "same", "port")) == "1:31 80")
    #expect(find(source, FieldPath(keys: "base")) == "1:10 {image: nginx, port: 80}")
    #expect(find(source, FieldPath(keys: "1")) == "8:4 one")
    #expect(find(source, FieldPath(keys: "true")) == "9:6 two")
  }

  /// Each scalar stands for text with `X` in it; the place of the `X` must be that of the file's
  /// `X` or of its escape.
  @Test(arguments: [
    "a: abX", "a: ab X cd # X", "a: 'it''s X'", #"a: "tab\t\"é X""#, #"a: "\x41\u00e9 \x58""#,
    "a: |\n  one\n  two X\n", "a: |-\n    é\n\n      X y\n  \n",
    "a: >\n  one\n  two\n\n  X\n    more\n",
    "a: >+\n\n\n   X\n\n", "a: |2\n    X\n", "a: one\n  two\n\n  X", "a: 'one\n\n  two X'",
    "a: \"one \\\n   two\n  X\"", "- - a: >-\n      b\n      X", "- |\n é\n X",
    "a: &x !!str |\n  X\n",
    "é: \"日本 X\"", "- a: one\n    X\n", "|\n  X", "\"X\"", "? a\n: |\n  X",
    "a:\r\n  one\r\n  X\r\n",
    "a: |\r\n  one\r\n  X\r\n", "\u{FEFF}a: é X", "a: |   # comment -\n  X", "a: |1\n  X\n",
  ])
  func mapsTextBackIntoTheFile(_ source: String) {
    let parsed = parseYAML(Array(source.utf8), file: "a.yaml")
    var path = FieldPath.root
    var value = parsed.documents[0].root
    while !value.isKind(.string) {
      if let element = value.elements.first {
        (value, path) = (element, path.index(0))
      } else if let entry = value.entries.first {
        (value, path) = (entry.value, path.key(entry.key.asString ?? ""))
      } else {
        Issue.record("no string in \(source.debugDescription)")
        return
      }
    }
    let bytes = Array(value.asString?.utf8 ?? "".utf8)
    guard let offset = bytes.firstIndex(of: UInt8(ascii: "X")) else {
      Issue.record("no X in \(bytes)")
      return
    }
    let file = SourceFile(Array(source.utf8))
    let range = file.byteRange(
      of: .field(document: 0, path: path, part: .text(offset..<offset + 1)))
    let found = String(decoding: Array(source.utf8)[range], as: UTF8.self)
    #expect(found == "X" || found == #"\x58"#)
    // The whole text is the whole scalar or inside it; text that is not there is the scalar.
    let scalar = file.byteRange(of: .field(document: 0, path: path, part: .value))
    #expect(
      file.byteRange(of: .field(document: 0, path: path, part: .text(0..<9999))) == scalar)
  }

  @Test func countsColumnsInCharactersAndLinesByTheirBreaks() {
    let file = SourceFile(Array("é\r\n日本: x\ry\n".utf8))
    #expect(file.lineCount == 3)
    #expect((0...4).map { file.line($0) } == [nil, "é", "日本: x", "y", ""])
    #expect(
      file.range(ofBytes: 4..<10) == SourceRange(line: 2, column: 1, endLine: 2, endColumn: 3))
    #expect(
      file.range(ofBytes: 12..<99) == SourceRange(line: 2, column: 5, endLine: 4, endColumn: 1))
    #expect(SourceFile([]).range(of: .bytes(3..<9)) == .start)
    #expect(SourceFile([0xEF, 0xBB, 0xBF, 0x61]).range(ofBytes: 3..<4).column == 1)
    #expect(SourceFile([]).lineCount == 1)
  }

  @Test func readsEachFileOnce() {
    var reads: [String] = []
    let finder = PlaceFinder { place in
      reads.append(place.file)
      return place.file == "a" ? Array("x: 1\nz: 2".utf8) : nil
    }
    #expect(finder.range(of: .field("a", FieldPath(keys: "z"))).line == 2)
    #expect(finder.line(1, of: .field("a", .root)) == "x: 1")
    #expect(finder.range(of: .field("b", FieldPath(keys: "y"))) == .start)
    #expect(finder.line(1, of: Place(file: "b")) == nil)
    #expect(reads == ["a", "b"])
  }

  @Test func findsFieldsBeforeASyntaxError() {
    #expect(find("a: 1\nb: {c: 2\n", FieldPath(keys: "a")) == "1:4 1")
  }
}
