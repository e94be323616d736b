import Diagnostics
import Documents
import Testing

@testable import ServedKinds

/// An object as text in which `⟦rule⟧` stands before each mistake, on its line.
struct MarkedObject: CustomTestStringConvertible, Sendable {
  let name: String
  /// The text without marks.
  let text: String
  /// `line: rule` for each mark, from top to bottom.
  let expected: [String]

  var testDescription: String { name }

  init(_ name: String, _ marked: String) {
    self.name = name
    var text = ""
    var expected: [String] = []
    for (index, line) in marked.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      let parts = line.split(separator: "⟦", omittingEmptySubsequences: false)
      text += parts[0]
      for part in parts.dropFirst() {
        let pieces = part.split(separator: "⟧", maxSplits: 1, omittingEmptySubsequences: false)
        expected.append("\(index + 1): \(pieces[0])")
        text += pieces[1]
      }
      text += "\n"
    }
    self.text = text
    self.expected = expected
  }

  /// What a kind's rules say of the object, `old` being what it was before.
  func errors(
    _ group: String, _ kind: String, minor: Int = 36, old: String? = nil
  ) throws -> [ObjectError] {
    let file = parseYAML(Array(text.utf8), file: "object.yaml")
    try #require(!file.hasErrors)
    let oldFile = parseYAML(Array((old ?? "").utf8), file: "old.yaml")
    let validator = try #require(workloadValidator(group: group, kind: kind))
    var validation = ObjectValidation(minor: minor)
    validator(
      &validation, file.documents[0].root,
      old == nil ? .absent : oldFile.documents[0].root)
    return validation.errors
  }

  /// `line: rule` for each error, from top to bottom.
  func places(of errors: [ObjectError]) -> [String] {
    let source = SourceFile(Array(text.utf8))
    return errors.map { error in
      let range = source.range(of: .field(document: 0, path: error.path, part: .value))
      return (range.line, error.rule)
    }
    .sorted { $0 < $1 }
    .map { "\($0.0): \($0.1)" }
  }
}

/// A Pod with its defaults; lines of its spec and of its container are put in.
func pod(_ name: String, spec: String = "", container: String = "") -> MarkedObject {
  MarkedObject(
    name,
    """
    metadata: {name: p}
    spec:
      restartPolicy: Always
      dnsPolicy: ClusterFirst
      terminationGracePeriodSeconds: 30
    \(spec.indented(by: 2))
      containers:
      - name: app
        image: app:1
        imagePullPolicy: Always
        terminationMessagePolicy: File
    \(container.indented(by: 4))
    """)
}

extension String {
  /// Each line with spaces before it.
  func indented(by count: Int) -> String {
    split(separator: "\n").map { String(repeating: " ", count: count) + $0 }
      .joined(separator: "\n")
  }
}
