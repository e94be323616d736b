import Diagnostics
import Documents
import Foundation
import GoldenPaths
import Testing

/// Definitions and instances that nobody here wrote, with what must come out.
@Suite struct KroCorpusTests {
  @Test(arguments: KroCase.all.filter(\.mustRender))
  func renders(_ example: KroCase) {
    #expect(example.difference(example.rendering()) == nil)
  }

  @Test(arguments: KroCase.all.filter { !$0.mustRender && !$0.isOptional })
  func refuses(_ example: KroCase) {
    #expect(!example.rendering().isUsable)
  }

  @Test func counts() {
    var counts: [String: Int] = [:]
    var wrong: [String] = []
    for example in KroCase.all {
      let rendering = example.rendering()
      if example.mustRender {
        if let difference = example.difference(rendering) {
          wrong.append("\(example.name): \(difference)")
        } else {
          counts["render ok", default: 0] += 1
        }
        continue
      }
      let expected = example.expectation?.root ?? .null
      let optional = example.isOptional ? " (optional)" : ""
      guard !rendering.isUsable else {
        wrong.append("\(example.name): accepted\(optional)")
        continue
      }
      counts["refuse ok" + optional, default: 0] += 1
      let finder = PlaceFinder { place in example.bytes(place.file) }
      let errors = rendering.findings.filter { $0.severity == .error }
      let kinds = errors.map { kind(of: $0.rule) }
      let wantedKinds =
        [expected["kind"].asString].compactMap { $0 }
        + expected["kinds"].elements.compactMap(\.asString)
      if kinds.allSatisfy(wantedKinds.contains) {
        counts["kind ok", default: 0] += 1
      } else {
        wrong.append("\(example.name): kinds \(errors.map(\.rule)), expected \(wantedKinds)")
      }
      let places = errors.compactMap { finding in
        finding.place.map { "\($0.file):\(finder.range(of: $0).line)" }
      }
      let lines =
        expected["lines"].isAbsent ? [expected["line"]] : Array(expected["lines"].elements)
      let file = expected["file"].asString ?? "rgd.yaml"
      let wantedPlaces = lines.compactMap(\.asInt).map { "\(file):\($0)" }
      if places.contains(where: wantedPlaces.contains) {
        counts["line ok", default: 0] += 1
      } else {
        wrong.append(
          "\(example.name): at \(places), expected \(wantedPlaces); "
            + errors.map(\.message).joined(separator: "; "))
      }
    }
    if ProcessInfo.processInfo.environment["SHOW_CORPUS"] != nil {
      print(counts.sorted { $0.key < $1.key })
      print(wrong.joined(separator: "\n"))
    }
    #expect(wrong.isEmpty || wrong.allSatisfy { $0.contains("(optional)") })
  }

  /// What the corpus calls the area of a rule.
  private func kind(of rule: String) -> String {
    if rule == "golden-path/needs-cluster" { return "needs-cluster" }
    return rule.hasPrefix("intent/") ? "invalid-instance" : "invalid-rgd"
  }
}
