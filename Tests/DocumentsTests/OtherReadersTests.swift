import Diagnostics
import Documents
import Foundation
import Testing

/// Whether a program is on the machine, and runs with the given arguments.
private func runs(_ arguments: [String]) -> Bool { (try? run(arguments)) != nil }

private struct RunError: Error, CustomStringConvertible {
  var description: String
}

/// What a program writes to standard output.
private func run(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("documents-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let inputFile = folder.appendingPathComponent("in")
  let outputFile = folder.appendingPathComponent("out")
  let errorFile = folder.appendingPathComponent("err")
  try Data(input).write(to: inputFile)
  for file in [outputFile, errorFile] { try Data().write(to: file) }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = arguments
  process.standardInput = try FileHandle(forReadingFrom: inputFile)
  process.standardOutput = try FileHandle(forWritingTo: outputFile)
  process.standardError = try FileHandle(forWritingTo: errorFile)
  try process.run()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw RunError(
      description: String(((try? String(contentsOf: errorFile, encoding: .utf8)) ?? "").suffix(200))
    )
  }
  return Array(try Data(contentsOf: outputFile))
}

/// Whether two values are the same once numbers went through JSON in Go: integral floats become
/// integers there, integers over Int64 floats.
private func isSameThroughJSON(_ left: Value, _ right: Value) -> Bool {
  func number(_ value: Value) -> Double? {
    switch value.kind {
    case .int: Double(value.intPayload)
    case .uint: Double(value.payload)
    case .double: value.doublePayload
    default: nil
    }
  }
  if let left = number(left), let right = number(right) { return left == right }
  switch (left.kind, right.kind) {
  case (.list, .list):
    return left.count == right.count
      && zip(left.elements, right.elements).allSatisfy(isSameThroughJSON)
  case (.map, .map):
    return left.count == right.count
      && left.entries.allSatisfy { isSameThroughJSON($0.value, right.lookup($0.key)) }
  default: return isSame(left, right)
  }
}

@Suite struct OtherReadersTests {
  private static let python = """
    import json, sys, yaml
    data = sys.stdin.buffer.read()
    documents = list(yaml.load_all(data, Loader=yaml.SafeLoader))
    assert documents == list(yaml.load_all(data, Loader=getattr(yaml, 'CSafeLoader', yaml.SafeLoader)))
    print(json.dumps(documents))
    """

  @Test(.enabled(if: runs(["python3", "-c", "import yaml"])))
  func pythonReadsWhatIsWritten() throws {
    var trees = RandomTrees(seed: 21)
    let written =
      (0..<150).map { _ in trees.tree(depth: 4) } + nastyStrings.map { trees.arena.string($0) }
    let writer = YAMLWriter()
    for tree in written { writer.writeDocument(tree) }
    let json = try run(["python3", "-c", Self.python], input: writer.bytes)
    let parsed = parseJSON(json, file: "python")
    #expect(parsed.findings.isEmpty)
    let read = try #require(parsed.documents.first)
    try #require(read.root.count == written.count)
    for (index, tree) in written.enumerated() where !isSame(tree, read.root.elements[index]) {
      Issue.record("\(String(decoding: yamlBytes(of: tree), as: UTF8.self).debugDescription)")
    }
    withExtendedLifetime(read) {}
  }

  /// Objects that kubectl can read without a cluster, with a tree each.
  private static func objects(count: Int, trees: inout RandomTrees) -> [Value] {
    let arena = trees.arena
    let strings = arena.map(
      nastyStrings.enumerated().map {
        MapEntry(key: arena.string("s\($0.offset)"), value: arena.string($0.element))
      })
    return (0..<count).map { index in
      arena.map([
        "apiVersion": arena.string("test.dev/v1"), "kind": arena.string("Tree"),
        "metadata": arena.map(["name": arena.string("tree-\(index)")]),
        "spec": index == 0 ? strings : arena.map(["tree": trees.tree(depth: 4)]),
      ])
    }
  }

  @Test(.enabled(if: runs(["kubectl", "version", "--client"])))
  func theKubernetesReaderReadsWhatIsWritten() throws {
    var trees = RandomTrees(seed: 22)
    let objects = Self.objects(count: 60, trees: &trees)
    let writer = YAMLWriter()
    for object in objects { writer.writeDocument(object) }
    let json = try run(
      ["kubectl", "annotate", "--local", "-f", "-", "-o", "json", "a=b"], input: writer.bytes)
    // kubectl writes one JSON object after another: each ends with a line of "}".
    var texts: [String] = [""]
    for line in String(decoding: json, as: UTF8.self).split(separator: "\n") {
      texts[texts.count - 1] += line + "\n"
      if line == "}" { texts.append("") }
    }
    texts.removeLast()
    try #require(texts.count == objects.count)
    for (object, text) in zip(objects, texts) {
      let parsed = parseJSON(Array(text.utf8), file: "kubectl")
      let read = try #require(parsed.documents.first)
      if !isSameThroughJSON(object["spec"], read.root["spec"]) {
        Issue.record("\(String(decoding: yamlBytes(of: object["spec"]), as: UTF8.self))\n\(text)")
      }
      withExtendedLifetime(read) {}
    }
  }

  @Test(.enabled(if: runs(["kubectl", "version", "--client"])))
  func kustomizeReadsWhatIsWritten() throws {
    // kustomize writes U+FEFF, U+FFFE and control characters raw, and then cannot read what it
    // wrote: only strings of plain characters, under plain keys.
    let strings = nastyStrings.filter { text in
      text.unicodeScalars.allSatisfy {
        $0 == "\n" || $0 == "\t" || $0.value >= 0x20 && $0.value < 0x7F
          || $0.value >= 0xA0 && ![0xFEFF, 0xFFFE, 0x2028, 0x2029].contains($0.value)
      }
    }
    #expect(strings.count > 130)
    let arena = Arena()
    let objects = strings.enumerated().map { index, text in
      let string = arena.string(text)
      return arena.map([
        "apiVersion": arena.string("test.dev/v1"), "kind": arena.string("Tree"),
        "metadata": arena.map(["name": arena.string("tree-\(index)")]),
        "spec": arena.map([
          "text": string, "list": arena.list([string, arena.list([string])]),
          "number": .double(1.5),
          "items": arena.list([arena.map(["a": string, "b": .int(-3), "c": .null])]),
        ]),
      ])
    }
    let writer = YAMLWriter()
    for object in objects { writer.writeDocument(object) }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("kustomize-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(writer.bytes).write(to: folder.appendingPathComponent("all.yaml"))
    try Data("resources: [all.yaml]\n".utf8)
      .write(to: folder.appendingPathComponent("kustomization.yaml"))
    let yaml = try run(["kubectl", "kustomize", folder.path])
    let parsed = parseYAML(yaml, file: "kustomize")
    try #require(parsed.documents.count == objects.count)
    for document in parsed.documents {
      let name = document.root["metadata"]["name"].asString
      let object = try #require(objects.first { $0["metadata"]["name"].asString == name })
      if !isSameThroughJSON(object["spec"], document.root["spec"]) {
        Issue.record("\(String(decoding: yamlBytes(of: object["spec"]), as: UTF8.self))")
      }
    }
  }

  /// Scalars as people write them: each must mean what it means to kubectl.
  @Test(.enabled(if: runs(["kubectl", "version", "--client"])))
  func scalarsMeanWhatTheyMeanToKubernetes() throws {
    var scalars = [
      "y", "n", "Y", "N", "yes", "Yes", "YES", "yEs", "no", "on", "On", "oN", "off", "true", "TRUE",
      "tRUE", "null", "Null", "nULL", "~", "", "017", "0o17", "0O17", "0o1_7", "0b101", "0B1",
      "0b2",
      "0x1F", "0X1f", "0x_1F", "0x", "0b", "0o", "08", "089", "0_7", "1_000", "1_000.5", "_1",
      "1__0",
      "1_", "1e3", "1E3", "1e+3", "1.0", ".5", "5.", ".", "-.", "-.5", "+.5", ".e1", "0.1e", "1:30",
      "2024-01-01", "2024-1-1", "2024-01-01T00:00:00Z", "+1", "-0x10", "+0b1", "-0b101", "-0o7",
      "+017",
      "18446744073709551615", "18446744073709551616", "+18446744073709551615",
      "9223372036854775808",
      "-9223372036854775808", "-9223372036854775809", "0x1p4", ".1_0", "._5", ".1__0", ".1_",
      "1e400",
      "-1e400", "1e-400", "=", "00", "-0", "-0.0", "0xFFFFFFFFFFFFFFFFF", "012_3", "+", "0.50",
      "1.10",
      "1234e56", "0777777777777777777777", "01777777777777777777777", "02000000000000000000000",
      "- 1", "!!float 1", "!!str 1", "!!int \"3\"", "!!binary aGVs", "!!bool \"yes\"", "! 12",
      "&a 017",
      "!!float 017", "! yes", "'yes'", "|\n    yes", ".5e3", ".5E+3", "1e", "0e0", "-", "--1", "1-",
      "1.2.3",
    ]
    var random = SeededRandom(seed: 31)
    let alphabet = Array("0123456789_.eExobn+-")
    for _ in 0..<600 {
      var text = String(random.pick(Array("0123456789+-.")))
      for _ in 0..<Int.random(in: 0...6, using: &random) { text.append(random.pick(alphabet)) }
      // "-" alone starts a list, "..." ends the document.
      if text != "-", !text.hasPrefix("---"), !text.hasPrefix("...") { scalars.append(text) }
    }
    scalars.removeAll { $0 == "-" }
    var yaml = "apiVersion: test.dev/v1\nkind: Tree\nmetadata: {name: a}\nspec:\n"
    for scalar in scalars { yaml += "  - \(scalar)\n" }
    let json = try run(
      ["kubectl", "annotate", "--local", "-f", "-", "-o", "json", "a=b"], input: Array(yaml.utf8))
    let theirs = try #require(parseJSON(json, file: "kubectl").documents.first)
    let ours = try #require(parseYAML(Array(yaml.utf8), file: "a.yaml").documents.first)
    try #require(theirs.root["spec"].count == scalars.count)
    for (index, scalar) in scalars.enumerated() {
      let left = ours.root["spec"].elements[index]
      let right = theirs.root["spec"].elements[index]
      #expect(
        isSameThroughJSON(left, right),
        "\(scalar): \(String(decoding: jsonBytes(of: left), as: UTF8.self)) is \(String(decoding: jsonBytes(of: right), as: UTF8.self))"
      )
    }
    withExtendedLifetime((ours, theirs)) {}
  }
}
