import Foundation
import Testing

/// `fixtures/helm`: what `helm template` 3.17.2 answered, a line a case.
///
/// `charts` holds whole charts as `files`, rendered as the release `release` (else `r`) with `arguments`; in these `@FILE`
/// stands for a file of the chart. `templates` holds texts that a chart with the values `values.yaml` defines and includes.
/// A case has the `output` (or its `base64`), or says that there was an `error`.
@Suite struct HelmAnswerTests {
  @Test(arguments: rowFiles("charts"))
  func chartsAreRenderedAsHelmRendersThem(_ file: String) throws {
    for row in try rows("charts/\(file)") {
      var files: [String: Data] = [:]
      for (path, text) in row["files"] as? [String: String] ?? [:] { files[path] = Data(text.utf8) }
      let (transcript, _) = try template(
        files, release: row["release"] as? String ?? "r",
        row["arguments"] as? [String] ?? [])
      let name = row["name"] as? String ?? ""
      if row["error"] != nil {
        #expect([1, 2].contains(transcript.exitStatus), "\(name): \(transcript.standardOutput)")
        #expect(transcript.standardOutput == "", "\(name)")
        #expect(!transcript.standardError.isEmpty, "\(name)")
      } else {
        #expect(
          transcript.standardOutput == row["output"] as? String,
          "\(name): \(transcript.standardError)")
      }
    }
  }

  @Test(arguments: rowFiles("templates"))
  func templatesAnswerAsHelmAnswers(_ file: String) throws {
    var files = [
      "Chart.yaml": Data("apiVersion: v2\nname: c\nversion: 0.1.0\nappVersion: \"1.2\"\n".utf8),
      "files/a.txt": Data("A\nB\n".utf8), "files/b.bin": Data([0, 255]),
      "files/c.yaml": Data("x: 1\n".utf8), "files/crlf.txt": Data("p\r\nq".utf8),
      "values.yaml": try Data(
        contentsOf: helmFixtures.appendingPathComponent("templates/values.yaml")),
    ]
    for row in try rows("templates/\(file)") {
      let text = row["template"] as? String ?? ""
      files["templates/a.yaml"] = Data(
        "{{ define \"t\" }}\(text){{ end }}v: \"{{ include \"t\" . | b64enc }}\"\n".utf8)
      let (transcript, printed) = try template(files, release: "r", [])
      if row["error"] != nil {
        #expect([1, 2].contains(transcript.exitStatus), "\(text)")
        #expect(transcript.standardError.contains("c/templates/a.yaml"), "\(text)")
        continue
      }
      let expected =
        (row["base64"] as? String).flatMap { Data(base64Encoded: $0) }
        ?? Data((row["output"] as? String ?? "").utf8)
      let answer = printed.components(separatedBy: "v: \"").last?.dropLast(2)
      #expect(
        answer.flatMap { Data(base64Encoded: String($0)) } == expected,
        "\(text): \(transcript.standardError)")
    }
  }

  private func template(
    _ files: [String: Data], release: String, _ arguments: [String]
  ) throws -> (Transcript, String) {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("chart-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (path, bytes) in files {
      let file = folder.appendingPathComponent("c").appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try bytes.write(to: file)
    }
    let given = arguments.map { argument in
      guard argument.hasPrefix("@") else { return argument }
      return argument.split(separator: ",").map { "c/" + $0.dropFirst() }.joined(separator: ",")
    }
    let transcript = try runPave(["helm", "template", release, "c"] + given, in: folder)
    return (transcript, transcript.standardOutput)
  }
}

private let helmFixtures = packageRoot.appendingPathComponent("fixtures/helm")

private func rowFiles(_ folder: String) -> [String] {
  let all = try? FileManager.default.contentsOfDirectory(
    atPath: helmFixtures.appendingPathComponent(folder).path)
  return (all ?? []).filter { $0.hasSuffix(".jsonl") }.sorted()
}

private func rows(_ path: String) throws -> [[String: Any]] {
  let text = try String(contentsOf: helmFixtures.appendingPathComponent(path), encoding: .utf8)
  return try text.split(separator: "\n").map { line in
    try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }
}
