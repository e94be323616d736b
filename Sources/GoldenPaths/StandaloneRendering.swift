public import Diagnostics
public import Documents
import Intents
public import Manifests

/// What `pave render --golden-path … --intent …` gives: rendering without a platform.
public struct StandaloneRendering: Sendable {
  /// The manifests of all intents, each intent's in dependency order; empty when a finding is an
  /// error.
  public let manifests: [Manifest]
  /// One unit an intent, in the order of the files.
  public let units: [RenderedUnit]
  /// All findings; those of severity error refuse the whole.
  public let findings: [Finding]

  /// Whether nothing stands against it.
  public var isUsable: Bool { !findings.contains { $0.severity == .error } }

  /// Renders intents with golden paths in one nameless environment.
  ///
  /// Without intents the golden paths are only checked, then more strictly: what kro has behind a
  /// feature gate is refused, since a cluster would. With `expands`, a template whose kind is
  /// another given golden path's is expanded in its place. `charts` are golden paths by themselves, and what a golden path's
  /// `chart` may name by folder; `libraries` are what they may import.
  public init(
    goldenPaths: [ParsedFile], charts: [ChartSource] = [], libraries: [ParsedFile] = [],
    intents files: [ParsedFile], expands: Bool
  ) {
    let (library, loadFindings) = GoldenPathLibrary.load(
      goldenPaths, charts: charts, libraries: libraries, roots: .anywhere, expands: expands)
    var findings = loadFindings
    guard !files.isEmpty else {
      for index in findings.indices where findings[index].rule == "golden-path/feature-gate" {
        findings[index].severity = .error
      }
      manifests = []
      units = []
      self.findings = findings
      return
    }
    let renderer = Renderer(library: library, context: .standalone, expands: expands)
    var all: [Intent] = []
    for file in files {
      let (intents, problems) = Intents.intents(in: file)
      findings += problems
      all += intents
    }
    findings += duplicates(among: all)
    for intent in all { findings += library.findings(about: intent) }
    var units: [RenderedUnit] = []
    if !findings.contains(where: { $0.severity == .error }) {
      for intent in all { units.append(renderer.render(EffectiveIntent(intent, in: ""))) }
    }
    findings += units.flatMap(\.findings)
    self.units = units
    self.findings = findings
    let isUsable = !findings.contains { $0.severity == .error }
    manifests = isUsable ? units.flatMap(\.manifests) : []
  }
}
