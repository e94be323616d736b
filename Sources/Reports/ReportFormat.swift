public import Diagnostics
public import Documents

/// The forms in which findings are written.
public enum ReportFormat: String, CaseIterable, Sendable {
  case text
  case concise
  case json
  case sarif
  case github
  case gitlab
  case junit
  case checkstyle
  case rdjson
  case markdown

  /// Whether the ledger is part of the form itself.
  public var hasLedger: Bool { self == .json || self == .markdown }

  /// What the forms need beside the findings.
  public struct Context {
    /// Finds the places.
    public var places: PlaceFinder
    /// Colours, for `text` and `concise`.
    public var style: Style
    /// The least severity that fails the run.
    public var failSeverity: Severity
    /// The program's version.
    public var version: String
    /// Whether findings were held against a base.
    public var hasBase = false

    /// A context without a base.
    public init(places: PlaceFinder, style: Style, failSeverity: Severity, version: String) {
      self.places = places
      self.style = style
      self.failSeverity = failSeverity
      self.version = version
    }
  }

  /// The findings in this form as UTF-8.
  public func bytes(of findings: [Finding], ledger: Ledger, _ context: Context) -> [UInt8] {
    let places = context.places
    // What is no more or waived is only for forms that can say so.
    let current = findings.filter { $0.state != .fixed && $0.waiver == nil }
    switch self {
    case .text, .concise:
      return Array(
        TerminalReport(
          places: places, style: context.style, detail: self == .text ? .full : .concise
        ).text(of: current).utf8)
    case .json:
      return JSONReport(places: places).bytes(findings: findings, ledger: ledger)
    case .sarif:
      return SARIFReport(places: places, version: context.version).bytes(
        findings: findings, ledger: ledger, hasBase: context.hasBase)
    case .github: return Array(GitHubReport(places: places).text(of: current).utf8)
    case .gitlab: return GitLabReport(places: places).bytes(findings: current)
    case .junit:
      return Array(
        JUnitReport(places: places, failSeverity: context.failSeverity).text(of: current).utf8)
    case .checkstyle: return Array(CheckstyleReport(places: places).text(of: current).utf8)
    case .rdjson: return RDJSONReport(places: places).bytes(findings: current)
    case .markdown:
      return Array(MarkdownReport(places: places).text(of: findings, ledger: ledger).utf8)
    }
  }
}
