import Diagnostics
import Documents
import Testing

@Suite struct LimitTests {
  @Test func filesUpToTenMebibytesAreRead() {
    let line = Array("- aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n".utf8)
    #expect(line.count == 64)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(YAMLLimits.fileByteCount + 1)
    while bytes.count < YAMLLimits.fileByteCount { bytes.append(contentsOf: line) }
    let whole = parseYAML(bytes, file: "a.yaml")
    #expect(whole.findings.isEmpty)
    #expect(whole.documents.first?.root.count == 163_840)
    bytes.append(0x0A)
    let over = parseYAML(bytes, file: "a.yaml")
    #expect(over.documents.isEmpty)
    #expect(over.findings.map(\.rule) == ["yaml/limit"])
    #expect(SourceFile(bytes).range(of: .field(document: 0, path: .root, part: .value)) == .start)
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "a:\n"])
  func nestingStopsAtTheLimit(_ opening: String) {
    var text = ""
    for depth in 0..<10_000 {
      if opening == "a:\n", depth < 600 { text += String(repeating: " ", count: depth) }
      text += opening
    }
    let bytes = Array(text.utf8)
    let parsed = parseYAML(bytes, file: "a.yaml")
    #expect(parsed.documents.isEmpty)
    #expect(parsed.findings.count == 1)
    #expect(parsed.findings[0].rule == "yaml/limit")
    let place = SourceFile(bytes).range(of: parsed.findings[0].place?.anchor ?? .file)
    #expect(place.line + place.column > 100)
  }

  @Test func aliasesMayAddTenThousandNodes() {
    func parsed(_ count: Int) -> ParsedFile {
      let text =
        "a: &a [1, 2, 3]\nb: [\(Array(repeating: "*a", count: count).joined(separator: ", "))]"
      return parseYAML(Array(text.utf8), file: "a.yaml")
    }
    #expect(parsed(2_500).findings.isEmpty)
    #expect(parsed(2_501).findings.map(\.rule) == ["yaml/limit"])
  }

  @Test func mergedMapsCountAsAliases() {
    let keys = (0..<1_000).map { "k\($0): 1" }.joined(separator: ", ")
    let uses = (0..<20).map { "u\($0): {<<: *a}" }.joined(separator: "\n")
    let parsed = parseYAML(Array("a: &a {\(keys)}\n\(uses)".utf8), file: "a.yaml")
    #expect(parsed.findings.map(\.rule) == ["yaml/limit"])
  }

  @Test func manyFindingsAreCutAndCounted() {
    let parsed = parseYAML(Array(String(repeating: "- yes\n", count: 700).utf8), file: "a.yaml")
    #expect(parsed.findings.count == 501)
    #expect(parsed.findings.last?.message == "200 more findings in this file are not listed")
  }

  @Test func manyKeysAreFoundAndCheckedInLinearTime() {
    let text = (0..<200_000).map { "k\($0): 1\n" }.joined() + "k5: 2\n"
    let parsed = parseYAML(Array(text.utf8), file: "a.yaml")
    #expect(parsed.findings.map(\.rule) == ["yaml/duplicate-key"])
    withExtendedLifetime(parsed) {
      #expect(parsed.documents[0].root["k199999"].asInt == 1)
    }
  }
}
