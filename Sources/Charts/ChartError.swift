public import Diagnostics

/// Why a chart cannot be loaded or rendered: one cause, in Helm's words where Helm has words for it.
public struct ChartError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it is.
  public enum Code: String, Sendable {
    /// The chart's files are no chart, or a file of it cannot be read.
    case invalidChart = "invalid-chart"
    /// A limit that holds for strangers' charts was reached.
    case limit
    /// Values that are no values, or do not go together.
    case invalidValues = "invalid-values"
    /// Values that `values.schema.json` refuses.
    case schema
    /// A template cannot be parsed or executed.
    case template
    /// `fail` or `required` said so.
    case refused
    /// A function whose answer differs from run to run.
    case nondeterministic
    /// What a template wrote is no YAML.
    case manifest
    /// The chart does not take this version of Kubernetes.
    case kubernetesVersion = "kubernetes-version"
  }

  /// One step on the way to the failure, the outermost first.
  public struct Step: Sendable, Equatable {
    /// The file as Helm names it: `web/charts/db/templates/secret.yaml`.
    public let file: String
    /// The 1-based line.
    public let line: Int
    /// The 1-based column in bytes; nil where none is known.
    public let column: Int?
  }

  /// A problem with one value, at its path below the values of the whole chart.
  public struct ValueProblem: Sendable, Equatable {
    /// Keys and indices from the root of the chart's values.
    public let path: [PathStep]
    /// What of it is meant: the value or its key.
    public let part: Place.Part
    /// What is wrong with it.
    public let message: String
    /// The way out, where one is known.
    public let help: String?
  }

  /// A key or an index.
  public enum PathStep: Sendable, Equatable {
    /// A key of a map.
    case key(String)
    /// A 0-based index of a list.
    case index(Int)
  }

  /// The kind.
  public let code: Code
  /// What went wrong; may have several lines.
  public let message: String
  /// What went wrong without the way there: the last part of the message.
  public var cause: String
  /// The file of the chart that is to blame, as Helm names it; nil if none is.
  public var file: String?
  /// The way through the templates, empty if it was none.
  public var steps: [Step] = []
  /// The values that the schema refuses.
  public var problems: [ValueProblem] = []

  /// A failure.
  public init(_ code: Code, _ message: String, file: String? = nil) {
    self.code = code
    self.message = message
    cause = message
    self.file = file
  }

  /// The message.
  public var description: String { message }
}
