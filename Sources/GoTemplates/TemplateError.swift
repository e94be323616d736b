/// Why a template could not be parsed or executed.
public struct TemplateError: Error, Sendable {
  /// What kind of failure it is.
  public enum Kind: Sendable, Equatable {
    /// The text is no template.
    case parse
    /// An action failed.
    case execution
    /// `fail` or `required` said so.
    case refused
    /// A limit of steps, depth, output or memory was reached.
    case limit
    /// A function was called whose answer would differ from run to run.
    case nondeterministic
  }

  /// One step on the way to the failure.
  public struct Step: Sendable, Equatable {
    /// The name the text was parsed under: a file.
    public let file: String
    /// The 1-based line.
    public let line: Int
    /// The 0-based column in bytes, as Go counts; nil for what the parser says.
    public let column: Int?
    /// The template that was executing: a file or the name of a `define`.
    public let template: String
    /// The action that failed, as the template says it: `include "x" .`.
    public let action: String
  }

  /// The kind.
  public let kind: Kind
  /// What went wrong, without places.
  public let cause: String
  /// The way there, the outermost first; empty if it is not known.
  public var steps: [Step]

  /// A failure with its cause; steps are added on the way out.
  public init(_ cause: String, kind: Kind = .execution, steps: [Step] = []) {
    self.cause = cause
    self.kind = kind
    self.steps = steps
  }

  /// The whole message as Go writes it:
  /// `template: FILE:1:2: executing "NAME" at <ACTION>: error calling F: …`.
  public var message: String {
    var text = ""
    for (index, step) in steps.enumerated() {
      if index > 0, let word = steps[index - 1].action.split(separator: " ").first {
        text += "error calling \(word): "
      }
      text += "template: \(step.file):\(step.line)"
      if let column = step.column {
        text += ":\(column): executing \"\(step.template)\" at <\(step.action)>"
      }
      text += ": "
    }
    return text + cause
  }
}
