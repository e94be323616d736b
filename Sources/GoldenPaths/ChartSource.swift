public import Charts
import Diagnostics
import Documents
public import GoTemplates

/// A chart that a golden path renders, and what is done with what it makes.
public struct ChartSource: Sendable {
  /// What becomes of a chart's hooks.
  public enum Hooks: String, Sendable, CaseIterable {
    /// They stay as they are; Argo CD takes them for its own hooks.
    case keep
    /// They are left out.
    case drop
    /// Their annotations are replaced by Argo CD's.
    case argocd
  }

  /// The chart.
  public var chart: Chart
  /// The folder it stands in.
  public var folder: String
  /// What becomes of hooks. Hooks of `helm test` are always left out.
  public var hooks = Hooks.keep
  /// Whether the files of `crds/` are rendered too.
  public var includesCRDs = true
  /// Labels that are taken off every object and Pod template.
  public var strippedLabels: [String] = []
  /// Whether random functions draw from the unit's identity; else they are refused.
  public var isSeeded = false
  /// The moment that is now for functions that are seeded.
  public var clock = Clock.standing
  /// What the file of the annotation `pave.dev/options` says.
  var options: GoldenPath?

  /// A chart with what the annotations in its `Chart.yaml` ask for.
  public init(_ chart: Chart, folder: String) {
    self.chart = chart
    self.folder = folder
    for (key, value) in chart.metadata.annotations {
      switch key {
      case "pave.dev/hooks": hooks = Hooks(rawValue: value) ?? .keep
      case "pave.dev/crds": includesCRDs = value != "skip"
      case "pave.dev/nondeterminism": isSeeded = value == "seeded"
      case "pave.dev/clock": clock = Clock(value) ?? .standing
      case "pave.dev/strip-labels":
        strippedLabels = value.split { $0 == "," || $0 == " " }.map(String.init)
      default: break
      }
    }
  }

  /// The kind of the intents: the annotation `pave.dev/kind`, or the chart's name in CamelCase.
  public var kind: String {
    if let kind = annotation("pave.dev/kind") { return kind }
    return chart.name.split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
      .map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// The `apiVersion` of the intents: the annotation `pave.dev/api-version`, or
  /// `charts.pave.dev/v1alpha1`.
  public var apiVersion: String {
    annotation("pave.dev/api-version") ?? "charts.pave.dev/v1alpha1"
  }

  /// The file with further options, from the chart's folder; nil without one.
  var optionsFile: String? { annotation("pave.dev/options") }

  private func annotation(_ key: String) -> String? {
    chart.metadata.annotations.first { $0.key == key }?.value
  }

  /// Where the chart says what it is.
  var metadataFile: String { path(ofFile: "Chart.yaml") }

  /// A file of the chart's folder, from the platform's root.
  func path(ofFile name: String) -> String { folder.isEmpty ? name : "\(folder)/\(name)" }

  /// The place of a step through the templates; nil where the file is none of this chart's folder.
  func place(of step: ChartError.Step) -> Place? {
    guard let (path, text) = file(step.file) else { return nil }
    var offset = 0
    var line = 1
    while line < step.line, let end = text[offset...].firstIndex(of: 0x0A) {
      offset = end + 1
      line += 1
    }
    offset = min(text.count, offset + max(0, (step.column ?? 1) - 1))
    return Place(file: path, anchor: .bytes(offset..<offset))
  }

  /// The place of a file that Helm names by the chart's name.
  func place(ofFile name: String) -> Place? {
    if let (path, _) = file(name) { return Place(file: path) }
    return nil
  }

  func file(_ name: String) -> (path: String, text: [UInt8])? {
    let steps = name.split(separator: "/").dropFirst()
    var chart = self.chart
    var rest = steps[...]
    while rest.first == "charts", rest.count > 2 {
      guard let inner = chart.subcharts.first(where: { $0.name == rest.dropFirst().first ?? "" })
      else { return nil }
      chart = inner
      rest = rest.dropFirst(2)
    }
    let inside = rest.joined(separator: "/")
    guard let found = (chart.templates + chart.files).first(where: { $0.name == inside }) else {
      return nil
    }
    let prefix = folder.isEmpty ? "" : folder + "/"
    return (prefix + steps.joined(separator: "/"), found.data)
  }
}
