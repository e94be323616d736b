import Charts
import Diagnostics
import Documents
import GoTemplates
import Intents
import Manifests
import Schemas

/// The golden path that a chart is by itself, and what is wrong with it: `chart/…` findings.
///
/// The options of the chart are read into `source`.
func chartPath(_ source: inout ChartSource) -> (path: GoldenPath?, findings: [Finding]) {
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
  if source.chart.metadata.annotations.contains(where: {
    $0.key == "pave.dev/clock" && Clock($0.value) == nil
  }) {
    report(
      "chart/invalid-options", "the annotation 'pave.dev/clock' is no time",
      help: "write it as 2026-01-01T00:00:00Z")
  }
  let header = GoldenPath.Header(
    group: parts.group, version: parts.version, kind: source.kind, isClusterScoped: false)
  findings += readOptions(of: &source, header, schema)
  guard findings.isEmpty else { return (nil, findings) }
  let path = GoldenPath(
    file: file, documentIndex: 0, name: source.chart.name, dialect: .chart,
    header: header,
    schema: schema, document: Document { _ in .emptyMap },
    resources: [], order: [], rules: [], slotCount: 1, firstResourceSlot: 1, hasDoubles: false,
    chart: source)
  return (path, [])
}

/// Reads the file that the annotation `pave.dev/options` names; what is wrong with it.
private func readOptions(
  of source: inout ChartSource, _ header: GoldenPath.Header, _ schema: Schema
) -> [Finding] {
  guard let name = source.optionsFile else { return [] }
  guard let file = source.chart.files.first(where: { $0.name == name }) else {
    return [
      Finding(
        rule: "chart/invalid-options",
        "the chart has no file '\(name)', which the annotation 'pave.dev/options' names",
        at: Place(file: source.metadataFile),
        help: nearestName(to: name, in: source.chart.files.map(\.name)).map {
          "did you mean '\($0)'?"
        })
    ]
  }
  let parsed = parseYAML(file.data, file: source.path(ofFile: name))
  guard !parsed.hasErrors, let document = parsed.documents.first else { return parsed.findings }
  var reader = GoldenPathReader(
    file: parsed.file, documentIndex: 0, document: document, surroundings: .init())
  source.options = reader.chartOptions(header, schema)
  return reader.fields.findings
}
