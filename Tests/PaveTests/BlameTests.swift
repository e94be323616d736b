import Foundation
import Testing

/// Where findings are put: each case of `fixtures/blame` states in `blamed` the places to be blamed, one a line, as
/// `file:line:column rule`. Written by hand, and never re-recorded.
@Suite struct BlameTests {
  @Test(arguments: try cases())
  func blames(_ name: String) throws {
    let folder = Self.folder.appendingPathComponent(name)
    let expected = try String(
      contentsOf: folder.appendingPathComponent("blamed"), encoding: .utf8
    )
    .split(separator: "\n").map(String.init).sorted()
    #expect(!expected.isEmpty)
    let rules = Set(expected.compactMap { $0.split(separator: " ").last.map(String.init) })
    let report = try String(
      contentsOf: folder.appendingPathComponent("expected/stdout"), encoding: .utf8)
    let found = report.split(separator: "\n").compactMap { line -> String? in
      guard
        let match = try? /^(?<place>\S+:\d+:\d+): (error|warning|note): .* \[(?<rule>[^\]]+)\]/
          .firstMatch(in: line), rules.contains(String(match.rule))
      else { return nil }
      return "\(match.place) \(match.rule)"
    }
    #expect(Set(found).sorted() == expected)
  }

  @Test func thereAreEnough() throws { #expect(try Self.cases().count >= 60) }

  private static let folder = packageRoot.appendingPathComponent("fixtures/blame")

  private static func cases() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }
}
