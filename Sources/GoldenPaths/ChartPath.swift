import Charts
import Diagnostics
import Documents
import Manifests
import Schemas

/// The golden path that a chart is by itself, and what is wrong with it: `chart/…` findings.
func chartPath(_ source: ChartSource) -> (path: GoldenPath?, findings: [Finding]) {
  let file = source.metadataFile
  var findings: [Finding] = []
  func report(_ rule: String, _ message: String, help: String? = nil) {
    findings.append(Finding(rule: rule, message, at: Place(file: file), help: help))
  }
  if !isKindName(source.kind) {
    report(
      "chart/invalid-kind", "'\(source.kind)' is no name of a kind",
      help: "name the kind of the intents with the annotation 'pave.dev/kind'")
  }
  let parts = splitAPIVersion(source.apiVersion)
  if parts.group.isEmpty || !isVersionName(parts.version) {
    report(
      "chart/invalid-kind", "'\(source.apiVersion)' is no apiVersion for intents",
      help: "write the annotation 'pave.dev/api-version' as acme.dev/v1alpha1")
  }
  if source.chart.metadata.isLibrary {
    report(
      "chart/library", "'\(source.chart.name)' is a library chart and makes nothing by itself",
      help: "let a chart of type 'application' use it")
  }
  var schema = Schema.anything
  do {
    if let own = try source.chart.valuesSchema() { schema = own }
  } catch {
    report("chart/invalid-schema", "\(error)")
  }
  guard findings.isEmpty else { return (nil, findings) }
  let path = GoldenPath(
    file: file, documentIndex: 0, name: source.chart.name, dialect: .chart,
    header: .init(
      group: parts.group, version: parts.version, kind: source.kind, isClusterScoped: false),
    schema: schema, promoted: [], patchable: [:], document: Document { _ in .emptyMap },
    resources: [], order: [], rules: [], slotCount: 1, firstResourceSlot: 1, hasDoubles: false,
    chart: source)
  return (path, [])
}
