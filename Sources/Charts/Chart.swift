import Documents
import Files
public import GoTemplates
import Schemas
import Synchronization

/// One file of a chart.
public struct ChartFile: Sendable {
  /// The path below the chart's folder.
  public var name: String
  /// What it holds, without a byte order mark.
  public var data: [UInt8]
}

/// A Helm chart: its metadata, values, templates and the charts in its `charts/` folder.
///
/// Immutable once loaded: it can be rendered from any thread, for any number of releases.
public final class Chart: @unchecked Sendable {
  /// What `Chart.yaml` says.
  public let metadata: ChartMetadata
  /// What `values.yaml` says; never changed.
  public let values: GoMap
  /// The files of `templates/`.
  public let templates: [ChartFile]
  /// All files that are nothing else: what `.Files` sees, also those of `crds/`.
  public let files: [ChartFile]
  /// The charts of `charts/`, by the names of their folders.
  public let subcharts: [Chart]
  /// `values.schema.json`; nil if there is none.
  public let schemaText: [UInt8]?
  /// What has been made of it for releases before.
  let prepared = PreparedCharts()
  let schema: ChartSchema?

  init(
    metadata: ChartMetadata, values: GoMap, templates: [ChartFile], files: [ChartFile],
    subcharts: [Chart], schemaText: [UInt8]?
  ) {
    self.metadata = metadata
    self.values = values
    self.templates = templates
    self.files = files
    self.subcharts = subcharts
    self.schemaText = schemaText
    schema = schemaText.map { ChartSchema($0, chart: metadata.name) }
  }

  /// The chart's name.
  public var name: String { metadata.name }
}
