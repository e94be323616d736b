import ArgumentParser
import Charts
import Files
import GoTemplates

/// `pave helm`: charts by themselves, outside any platform.
struct HelmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "helm", abstract: "Render Helm charts without Helm.",
    subcommands: [HelmTemplateCommand.self, HelmEvalCommand.self])
}

/// `pave helm template`: what `helm template` prints.
struct HelmTemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template",
    abstract: "Print what a chart comes to, byte for byte as `helm template` of Helm 3.17 does.",
    discussion: """
      Values come from values.yaml of the chart, then -f files, --set-json, --set, --set-string, \
      --set-file and --set-literal, later over earlier. Nothing is fetched and no cluster is asked.
      """)

  @Argument(help: "The release's name.")
  var release: String

  @Argument(help: "The chart: a folder, or a .tgz file of one.")
  var chart: String

  @Option(
    name: [.customShort("f"), .customLong("values")], parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A YAML file of values; may be repeated.", valueName: "file"))
  var valueFiles: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Values: a.b=1,c={x,y}; may be repeated.", valueName: "values"))
  var set: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("As --set, but every value is text.", valueName: "values"))
  var setString: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("As --set, but every value is JSON.", valueName: "values"))
  var setJson: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("As --set, but every value names a file that holds it.", valueName: "values")
  )
  var setFile: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("One key; all behind = is its text.", valueName: "value"))
  var setLiteral: [String] = []

  @Option(
    name: [.customShort("n"), .long],
    help: ArgumentHelp("The release's namespace.", valueName: "name"))
  var namespace = "default"

  @Option(
    help: ArgumentHelp("The version of Kubernetes the chart is told of.", valueName: "version"))
  var kubeVersion = Capabilities.standard.kubernetesVersion

  @Option(
    name: [.customShort("a"), .customLong("api-versions")],
    help: ArgumentHelp(
      "An API version the chart is told of beside the built-in ones; may be repeated.",
      valueName: "version"))
  var apiVersions: [String] = []

  @Flag(name: .customLong("include-crds"), help: "Print the files of crds/ first.")
  var includeCRDs = false

  @Flag(help: "Print no hooks.")
  var noHooks = false

  @Flag(help: "Print no hooks of tests.")
  var skipTests = false

  @Flag(help: "Tell the chart that the release is an upgrade.")
  var isUpgrade = false

  @Option(
    name: [.customShort("s"), .long],
    help: ArgumentHelp(
      "Print only this template, by its path in the chart or a pattern; may be repeated.",
      valueName: "template"))
  var showOnly: [String] = []

  @Option(
    help: ArgumentHelp(
      "A text that random functions draw from; without it they are refused.", valueName: "text"))
  var seed: String?

  @Option(
    help: ArgumentHelp(
      "The moment that is now, for --seed: 2026-01-01T00:00:00Z unless given.", valueName: "time"))
  var clock: String?

  func run() throws {
    guard
      let cluster = Capabilities(
        kubernetesVersion: kubeVersion,
        apiVersions: apiVersions.flatMap { $0.split(separator: ",").map(String.init) })
    else {
      throw ValidationError(
        "'\(kubeVersion)' is no version of Kubernetes: expected such as 1.32 or v1.32.0")
    }
    var release = Release(name: self.release, namespace: namespace)
    release.capabilities = cluster
    release.isUpgrade = isUpgrade
    if let seed { release.nondeterminism = .seeded(seed) }
    if let clock {
      guard let moment = Clock(clock) else {
        throw ValidationError("'\(clock)' is no time: expected such as 2026-01-01T00:00:00Z")
      }
      release.clock = moment
    }
    var options = RenderedChart.PrintOptions()
    options.includesCRDs = includeCRDs
    options.leavesOutHooks = noHooks
    options.leavesOutTests = skipTests
    options.showOnly = showOnly
    do {
      try release.validateName()
      let chart = try loadedChart()
      let rendered = try chart.rendered(release, values: try values())
      Stream.output.write(try rendered.text(options))
    } catch let error as ChartError {
      throw CommandFailure(message: Self.text(of: error))
    } catch let error as FileTreeError {
      throw CommandFailure(message: error.message)
    }
  }

  private func loadedChart() throws -> Chart {
    if let folder = DiskFileTree(chart) { return try Chart(folder: "", of: folder) }
    return try Chart(archive: bytes(ofFile: chart))
  }

  private func values() throws -> GoMap {
    let values = GoMap()
    for file in valueFiles.flatMap({ $0.split(separator: ",").map(String.init) }) {
      do {
        merge(try valuesMap(bytes(ofFile: file)), over: values)
      } catch let error as ChartError {
        throw CommandFailure(message: "failed to parse \(file): \(error.message)")
      }
    }
    let texts: [(SetValues.Form, [String])] = [
      (.json, setJson), (.typed, set), (.string, setString), (.file, setFile),
      (.literal, setLiteral),
    ]
    for (form, texts) in texts {
      for text in texts {
        try SetValues.apply(text, as: form, to: values) { try bytes(ofFile: $0) }
      }
    }
    return values
  }

  /// The message, and the way through the templates below it.
  private static func text(of error: ChartError) -> String {
    var text = error.message
    for step in error.steps.dropFirst() {
      text += "\n  by \(step.file):\(step.line)" + (step.column.map { ":\($0)" } ?? "")
    }
    return text
  }
}
