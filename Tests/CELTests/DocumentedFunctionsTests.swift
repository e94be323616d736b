import Documents
import Foundation
import Testing

@testable import CEL

/// Runs every line of the tables in `docs/cel.md`, and asks that no function is missing there.
@Suite struct DocumentedFunctionsTests {
  struct Example: CustomTestStringConvertible, Sendable {
    let expression: String
    let value: String
    let isError: Bool
    let places: String
    var testDescription: String { expression }
  }

  static let page: String = {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return (try? String(contentsOf: root.appendingPathComponent("docs/cel.md"), encoding: .utf8))
      ?? ""
  }()

  static let examples: [Example] = page.split(separator: "\n").compactMap { line in
    guard line.hasPrefix("| `") else { return nil }
    let cells = line.dropFirst().dropLast().components(separatedBy: " | ")
      .map { $0.trimmingCharacters(in: .whitespaces) }
    guard cells.count == 3 else { return nil }
    func code(_ cell: String) -> String {
      cell.components(separatedBy: "`").dropFirst().first ?? ""
    }
    return Example(
      expression: code(cells[0]), value: code(cells[1]), isError: cells[1].hasPrefix("error"),
      places: cells[2])
  }

  @Test func hasExamples() { #expect(Self.examples.count > 180) }

  @Test(arguments: examples) func isAsDocumented(example: Example) {
    for profile in profiles(example.places) {
      if example.isError {
        #expect(evaluated(example.expression, profile).contains(example.value), "\(profile)")
      } else {
        let equation = "dyn(\(example.expression)) == dyn(\(example.value))"
        #expect(evaluated(equation, profile) == "true", "\(profile)")
      }
    }
    for profile in profilesWithout(example.places) {
      let equation = "dyn(\(example.expression)) == dyn(\(example.value))"
      #expect(evaluated(equation, profile) != "true", "\(profile)")
    }
  }

  private func evaluated(_ source: String, _ profile: Profile) -> String {
    result(source, [("authorizer", Evaluator.authorizer(answering: .allow))], profile: profile)
  }

  private func profiles(_ places: String) -> [Profile] {
    if places == "everywhere" {
      return [.spec, .kro, .kubernetes(minor: 30), .kubernetes(minor: 37)]
    }
    return places.components(separatedBy: ", ").flatMap { place -> [Profile] in
      switch place {
      case "spec": [.spec]
      case "kro": [.kro]
      case "k8s": [.kubernetes(minor: 30), .kubernetes(minor: 38)]
      case "repository": [30, 37].map { .kubernetes(minor: $0, inRepository: true) }
      default:
        Int(place.dropFirst("k8s 1.".count)).map {
          [.kubernetes(minor: $0), .kubernetes(minor: max($0, 38))]
        } ?? []
      }
    }
  }

  /// Where the expression must be refused, or be something else: the version before the first, and a dialect without it.
  private func profilesWithout(_ places: String) -> [Profile] {
    let minor = places.components(separatedBy: "k8s 1.").dropFirst().first.flatMap { Int($0) }
    if let minor { return [.kubernetes(minor: minor - 1)] }
    if places == "k8s" { return [.spec, .kro] }
    return places == "everywhere" || places == "spec" ? [] : [.kubernetes(minor: 37)]
  }

  /// Every name in the registry stands in an example; a method's after a dot.
  @Test func missesNoFunction() {
    let expressions = Self.examples.map(\.expression).joined(separator: "\n")
    let missing = Set(
      Library.all.filter { $0.availability.isAnywhere }
        .map { ($0.isMember ? "." : "") + $0.name + "(" }
    ).filter { !expressions.contains($0) }
    #expect(missing.sorted() == [])
  }
}

extension Availability {
  fileprivate var isAnywhere: Bool { inSpec || inKro || kubernetes != nil || inRepository }
}
