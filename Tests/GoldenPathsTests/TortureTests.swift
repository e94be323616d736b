import Diagnostics
import Documents
import Foundation
import GoldenPaths
import Intents
import Synchronization
import Testing

/// Whatever stands in the files, rendering ends with findings, never with a trap.
@Suite struct TortureTests {
  @Test(arguments: KroCase.all) func mutatedFilesEndInFindings(_ example: KroCase) {
    var generator = SplitMix(state: example.name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    let path = example.bytes("rgd.yaml") ?? []
    let intent = example.bytes("instance.yaml")
    for _ in 0..<12 {
      let mutated = mutation(of: path, &generator)
      let rendering = StandaloneRendering(
        goldenPaths: [parseYAML(mutated, file: "rgd.yaml")],
        intents: intent.map {
          [parseYAML(Bool.random(using: &generator) ? mutation(of: $0, &generator) : $0, file: "i")]
        } ?? [], expands: true)
      #expect(rendering.isUsable || rendering.manifests.isEmpty)
      for finding in rendering.findings { #expect(!finding.message.isEmpty) }
    }
  }

  /// Bytes with one line doubled, taken away or moved, or a word replaced.
  private func mutation(of bytes: [UInt8], _ generator: inout SplitMix) -> [UInt8] {
    var lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
    guard lines.count > 2 else { return bytes }
    let index = Int.random(in: 0..<lines.count, using: &generator)
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: lines.remove(at: index)
    case 1: lines.insert(lines[index], at: index)
    case 2: lines.swapAt(index, Int.random(in: 0..<lines.count, using: &generator))
    case 3: lines[index] = Array(lines[index].dropLast(lines[index].count / 3))
    default:
      let words = [
        "${", "}", "null", "[]", "{}", "-1", "9223372036854775807", "1e400", "\"\"", "${[]}",
        "${schema}", "${schema.spec}", "true", "${1/0}", "${optional.none()}", "- x", "&a *a",
        "${\"\\\"\"}", "é€😀", "${schema.spec[0]}", "${lists}", "${[[1]][0][0]}", "x | | y",
      ]
      let word = Array((words.randomElement(using: &generator) ?? "").utf8)
      if let colon = lines[index].firstIndex(of: 0x3A) {
        lines[index] = lines[index][...colon] + [0x20] + word
      } else {
        lines[index] += word
      }
    }
    return Array(lines.joined(separator: [10]))
  }

  @Test func unitsRenderOnSeveralThreadsAlike() throws {
    let path = """
      apiVersion: pave.dev/v1alpha1
      kind: GoldenPath
      metadata: {name: web}
      spec:
        schema: {group: acme.dev, apiVersion: v1, kind: Web, spec: {tags: "[]string"}}
        resources:
          - id: each1
            forEach: [{tag: "${schema.spec.tags}"}]
            template:
              apiVersion: v1
              kind: ConfigMap
              metadata: {name: "${schema.metadata.name}-${tag}"}
              data: {all: '${string(size(schema.spec.tags))}', tag: '${tag + "!"}'}
      """
    let (library, findings) = GoldenPathLibrary.load([parse(path, "path.yaml")])
    #expect(findings == [])
    let app = (0..<200).map {
      "apiVersion: acme.dev/v1\nkind: Web\nmetadata: {name: a\($0), namespace: shop}\n"
        + "spec: {tags: [v, w, z\($0)]}\n"
    }
    let all = intents(in: parse(app.joined(separator: "---\n"), "app.yaml")).intents
    #expect(all.count == 200)
    let texts = Mutex<Set<[UInt8]>>([])
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      let renderer = Renderer(library: library, context: .standalone)
      let writer = YAMLWriter()
      for intent in all {
        let unit = renderer.render(EffectiveIntent(intent, in: ""))
        writer.writeDocument(unit.document.root)
      }
      let bytes = writer.bytes
      texts.withLock { _ = $0.insert(bytes) }
    }
    #expect(texts.withLock { $0.count } == 1)
    #expect(texts.withLock { ($0.first?.count ?? 0) > 10_000 })
  }
}

/// A generator that gives the same numbers in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
