import Diagnostics
import Documents
import Foundation
import GoldenPaths
import Manifests
import Testing

/// The cases of `shared/conformance/kro`, where that folder is beside the checkout.
struct KroCase: CustomTestStringConvertible, Sendable {
  let name: String
  let folder: URL
  /// `case.json`
  let about: Document?
  /// `expected.json`, for a case that must be refused.
  let expectation: Document?

  init(name: String, folder: URL) {
    self.name = name
    self.folder = folder
    func document(_ file: String) -> Document? {
      guard let data = try? Data(contentsOf: folder.appendingPathComponent(file)) else {
        return nil
      }
      return parseYAML(Array(data), file: file).documents.first
    }
    about = document("case.json")
    expectation = document("expected.json")
  }

  var testDescription: String { name }

  static let all: [KroCase] = {
    guard let folder else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { KroCase(name: $0, folder: folder.appendingPathComponent($0)) }
  }()

  private static let folder: URL? = {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<5 {
      root.deleteLastPathComponent()
      let cases = root.appendingPathComponent("shared/conformance/kro/cases")
      if FileManager.default.fileExists(atPath: cases.path) { return cases }
    }
    return nil
  }()

  func bytes(_ file: String) -> [UInt8]? {
    (try? Data(contentsOf: folder.appendingPathComponent(file))).map(Array.init)
  }

  /// Whether the reader may pass the case over: it needs a schema of Kubernetes, or kro accepts it.
  var isOptional: Bool {
    let root = about?.root ?? .null
    return root["needsKubernetesSchema"].isTrue || root["beyond"].isTrue
  }

  var mustRender: Bool { about?.root["expects"].asString == "render" }

  func rendering() -> StandaloneRendering {
    StandaloneRendering(
      goldenPaths: bytes("rgd.yaml").map { [parseYAML($0, file: "rgd.yaml")] } ?? [],
      intents: bytes("instance.yaml").map { [parseYAML($0, file: "instance.yaml")] } ?? [],
      expands: about?.root["expansion"].asString == "recursive")
  }

  /// Why the rendering is not what is expected; nil when it is.
  func difference(_ rendering: StandaloneRendering) -> String? {
    guard rendering.isUsable else {
      return "refused: "
        + rendering.findings.map { "\($0.rule) \($0.message)" }.joined(separator: "; ")
    }
    let expected = parseYAML(bytes("expected.yaml") ?? [], file: "expected.yaml").documents
      .filter { !$0.root.isNull }
    guard expected.count == rendering.manifests.count else {
      return "\(rendering.manifests.count) documents, expected \(expected.count)"
    }
    for (index, document) in expected.enumerated() {
      if let place = firstDifference(document.root, rendering.manifests[index].value, "") {
        return "document \(index): \(place)"
      }
    }
    return nil
  }
}

/// Where two values differ as data: a key whose value is null may be left out, 1 and 1.0 are equal.
func firstDifference(_ expected: Value, _ found: Value, _ path: String) -> String? {
  func number(_ value: Value) -> Double? {
    value.asInt.map(Double.init) ?? value.asDouble
  }
  if let left = number(expected), let right = number(found) {
    return left == right ? nil : "\(path): \(left) != \(right)"
  }
  // The expectations were written for a reader to which a bare y is text.
  if expected.isKind(.bool), let text = found.asString, ["y", "n"].contains(text) { return nil }
  guard expected.kind == found.kind else { return "\(path): \(expected.kind) != \(found.kind)" }
  switch expected.kind {
  case .string:
    let left = expected.asString ?? ""
    let right = found.asString ?? ""
    return left == right ? nil : "\(path): '\(left)' != '\(right)'"
  case .bool: return expected.isTrue == found.isTrue ? nil : path
  case .list:
    guard expected.count == found.count else { return "\(path): length" }
    for index in 0..<expected.count {
      if let place = firstDifference(
        expected.elements[index], found.elements[index], "\(path)[\(index)]")
      {
        return place
      }
    }
    return nil
  case .map:
    let keys = Set((Array(expected.entries) + found.entries).compactMap(\.key.asString))
    for key in keys.sorted() {
      let left = expected[key].isAbsent ? Value.null : expected[key]
      let right = found[key].isAbsent ? Value.null : found[key]
      if let place = firstDifference(left, right, "\(path).\(key)") { return place }
    }
    return nil
  default: return nil
  }
}
