import Diagnostics
import Foundation
import Testing

@testable import Documents

/// Broken files: whatever is read, every finding has a place in the file, every place resolves, and
/// every text that is found maps back to the bytes it came from.
@Suite struct MutationTests {
  private static let seeds: [[UInt8]] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
        "fixtures/yaml")
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    return names.compactMap {
      (try? Data(contentsOf: folder.appendingPathComponent($0).appendingPathComponent("input.yaml")))
        .map(Array.init)
    }.filter { $0.count < 1_500 }
  }()

  private static let pieces: [[UInt8]] = [
    "\n", " ", "  ", "\t", ": ", "- ", "? ", "[", "]", "{", "}", ",", "&a ", "*a", "!", "!!str ",
    "<<: ", "|", ">", "|+\n", ">-\n", "|2\n", "'", "\"", "\\", "#", " #", "%", "---\n", "...\n",
    "é", "\u{2028}", "\u{85}", "\r\n", "\r", "\\x41", "\\u00e9", "\\\n", "yes", "017", "~",
    "\u{FEFF}",
  ].map { Array($0.utf8) }

  private func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let at = Int.random(in: 0...bytes.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &random)
      case 1 where at < bytes.count: bytes.remove(at: at)
      case 2:
        let end = min(bytes.count, at + Int.random(in: 0...30, using: &random))
        bytes.insert(
          contentsOf: bytes[at..<end], at: Int.random(in: 0...bytes.count, using: &random))
      case 3: bytes.removeSubrange(at..<min(bytes.count, at + 5))
      default: bytes.insert(contentsOf: random.pick(Self.pieces), at: at)
      }
    }
    return bytes
  }

  @Test func brokenFilesGiveFindingsWithPlaces() {
    // FUZZ_ROUNDS=100000 FUZZ_SEED=2 swift test --filter MutationTests: a longer hunt.
    let environment = ProcessInfo.processInfo.environment
    let rounds = environment["FUZZ_ROUNDS"].flatMap { Int($0) } ?? 6_000
    var random = SeededRandom(seed: environment["FUZZ_SEED"].flatMap { UInt64($0) } ?? 5)
    #expect(Self.seeds.count > 50)
    for round in 0..<rounds {
      let bytes = mutated(random.pick(Self.seeds), &random)
      let parsed = parseYAML(bytes, file: "a.yaml")
      let source = SourceFile(bytes)
      for finding in parsed.findings {
        guard let anchor = finding.place?.anchor else {
          Issue.record("round \(round): no place")
          return
        }
        let range = source.byteRange(of: anchor)
        #expect(range.upperBound <= bytes.count)
        #expect(source.line(source.range(of: anchor).line) != nil)
      }
      for (index, document) in parsed.documents.enumerated() {
        check(document.root, at: .root, document: index, source: source, count: bytes.count)
        withExtendedLifetime(document) {}
      }
      if let problem = textProblem(bytes, parsed) {
        Issue.record(
          "round \(round): \(problem) in \(String(decoding: bytes, as: UTF8.self).debugDescription)"
        )
        return
      }
    }
  }

  private func check(
    _ value: Value, at path: FieldPath, document: Int, source: SourceFile, count: Int
  ) {
    for part in [Place.Part.value, .key, .text(0..<1), .text(1..<max(1, value.count))] {
      let range = source.byteRange(of: .field(document: document, path: path, part: part))
      #expect(range.upperBound <= count)
    }
    for (index, element) in value.elements.prefix(5).enumerated() {
      check(element, at: path.index(index), document: document, source: source, count: count)
    }
    for entry in value.entries.prefix(5) {
      let key = entry.key.asString ?? ""
      check(entry.value, at: path.key(key), document: document, source: source, count: count)
    }
  }

  /// Walks the marked tree beside the values: each string's map must give the string's bytes.
  private func textProblem(_ bytes: [UInt8], _ parsed: ParsedFile) -> String? {
    guard !parsed.hasErrors else { return nil }
    return bytes.withUnsafeBufferPointer { file in
      let tree = MarkedTree(file)
      guard tree.roots.count == parsed.documents.count else { return "documents differ" }
      for (root, document) in zip(tree.roots, parsed.documents) {
        if let problem = textProblem(file, tree, root, document.root) { return problem }
      }
      return nil
    }
  }

  private func textProblem(
    _ file: UnsafeBufferPointer<UInt8>, _ tree: MarkedTree, _ index: Int32, _ value: Value
  ) -> String? {
    guard index >= 0, let index = tree.followed(index) else { return nil }
    let node = tree.nodes[Int(index)]
    switch node.kind {
    case .scalar where value.isKind(.string) && node.isText:
      let map = ScalarTextMap(
        file, range: node.start..<node.end, style: node.style, expected: tree.text(of: node))
      // Blanks after a block are cut off; one of blanks only has nothing to map.
      if map == nil, value.utf8.allSatisfy({ $0 == 0x0A || $0 == 0x20 }) { return nil }
      guard let map, map.text.elementsEqual(value.utf8) else {
        return "text of \(value.asString.debugDescription) is \(map?.text ?? [])"
      }
      return nil
    case .list:
      for (child, element) in zip(tree.children(of: index), value.elements) {
        if let problem = textProblem(file, tree, child, element) { return problem }
      }
    case .map:
      for entry in value.entries {
        guard let found = tree.entry(entry.key.asString ?? "", of: index) else {
          return "key \(entry.key.asString.debugDescription) is not in the marked tree"
        }
        if let problem = textProblem(file, tree, found.value, entry.value) { return problem }
      }
    default: break
    }
    return nil
  }

  @Test func brokenJSONGivesFindingsWithPlaces() {
    var random = SeededRandom(seed: 9)
    var trees = RandomTrees(seed: 10)
    for _ in 0..<1_500 {
      let bytes = mutated(jsonBytes(of: trees.tree(depth: 3), indented: random.chance(50)), &random)
      let parsed = parseJSON(bytes, file: "a.json")
      #expect(
        parsed.documents.isEmpty == (parsed.findings.contains { $0.rule != "json/duplicate-key" }))
      for finding in parsed.findings {
        let range = SourceFile(bytes).byteRange(of: finding.place?.anchor ?? .bytes(0..<Int.max))
        #expect(range.upperBound <= bytes.count)
      }
    }
  }
}
