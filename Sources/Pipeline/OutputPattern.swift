import CEL
import Diagnostics
import Documents
import Intents

/// A text of `spec.output` with `${…}` in it: a unit's folder, or an environment's branch.
///
/// Compiled once; expressions see `environment`, `platform` and, in a folder, `intent`.
struct OutputPattern: Sendable {
  private enum Part: Sendable {
    case literal(String)
    case expression(Program, Range<Int>)
  }

  private let parts: [Part]
  private let place: Place
  private let rule: String

  /// The pattern, or what is wrong with it.
  static func compile(
    _ text: String, at place: Place, rule: String = "output/path",
    variables: [Variable] = outputVariables
  ) -> (pattern: OutputPattern?, findings: [Finding]) {
    switch Interpolation.parse(text) {
    case .failure(let failure):
      return (nil, [invalid(rule, failure.message, failure.range, place)])
    case .success(let interpolation):
      let environment = CELEnvironment(profile: .kro, variables: variables)
      var parts: [Part] = []
      var findings: [Finding] = []
      for part in interpolation.parts {
        switch part {
        case .literal(let text, _): parts.append(.literal(text))
        case .expression(let source, let range):
          switch environment.compile(source) {
          case .success(let program): parts.append(.expression(program, range))
          case .failure(let failure):
            for issue in failure.issues {
              let start = range.lowerBound
              findings.append(
                invalid(
                  rule, issue.message,
                  start + issue.range.lowerBound..<start + issue.range.upperBound, place,
                  help: issue.help))
            }
          }
        }
      }
      let pattern = OutputPattern(parts: parts, place: place, rule: rule)
      return (findings.isEmpty ? pattern : nil, findings)
    }
  }

  /// The text for the values that `evaluator` holds, or a finding at the failing expression.
  func text(_ evaluator: Evaluator) -> Result<String, OutputPatternFailure> {
    var result = ""
    for part in parts {
      switch part {
      case .literal(let text): result += text
      case .expression(let program, let range):
        let value = evaluator.evaluate(program)
        guard let text = value.asString else {
          let message =
            value.isKind(.error)
            ? evaluator.explain(value).message : "the expression gives no text"
          return .failure(OutputPatternFailure(finding: invalid(rule, message, range, place)))
        }
        result += text
      }
    }
    return .success(result)
  }
}

/// Why a pattern gives no text.
struct OutputPatternFailure: Error {
  let finding: Finding
}

/// The variables of a folder's pattern, by slot; a branch's has no `intent`.
let outputVariables = [Variable("environment"), Variable("platform"), Variable("intent")]

private func invalid(
  _ rule: String, _ message: String, _ range: Range<Int>, _ place: Place, help: String? = nil
) -> Finding {
  var exact = place
  if case .field(let document, let path, _) = place.anchor {
    exact.anchor = .field(document: document, path: path, part: .text(range))
  }
  return Finding(rule: rule, message, at: exact, help: help)
}
