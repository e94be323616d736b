/// One row of a table of templates and answers: `{id, template, data | valuesYaml}`.
///
/// With `data` the template is Go's with sprig's and Helm's functions. Without, it stands in a chart
/// `micro` of a release `rel` as Helm 3.17 renders it, but `<no value>` stays; `valuesYaml` is the
/// chart's whole values file.
public enum ConformanceRow {
  /// The answer as a line of JSON: `{id, output}` or `{id, error}`.
  public static func answer(_ line: [UInt8]) -> String {
    let answer = GoMap()
    do {
      guard case .map(let row) = try readJSON(line) else { throw FunctionError("no row") }
      answer["id"] = row["id"] ?? .null
      answer["output"] = .string(try output(row))
    } catch let error as TemplateError {
      answer["error"] = GoValue(error.message)
    } catch let error as FunctionError {
      answer["error"] = GoValue(error.message)
    } catch {
      answer["error"] = GoValue("\(error)")
    }
    let bytes = (try? toJSON(.map(answer))) ?? Array("{}".utf8)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func output(_ row: GoMap) throws -> [UInt8] {
    let template = row["template"]?.asBytes ?? []
    let seed = Nondeterminism.seeded(row["id"]?.asString ?? "")
    guard row["data"] == nil else {
      let name = "row"
      let set = TemplateSet(functions: plain)
      try set.parse(name: name, template)
      let execution = Execution(set, clock: Clock(unixSeconds: 0), nondeterminism: seed)
      return try execution.execute(name, row["data"] ?? .null)
    }
    // The file ends with a line end.
    let values = try readYAML((row["valuesYaml"]?.asBytes ?? []) + [0x0A])
    let name = "micro/templates/a.yaml"
    let set = TemplateSet(functions: .helm, options: .helm)
    try set.parse(name: name, template)
    let execution = Execution(set, clock: Clock(unixSeconds: 0), nondeterminism: seed)
    return try execution.execute(name, .map(release(values, name)))
  }

  /// sprig's functions as a plain Go program has them, and what Helm adds.
  private static let plain: FunctionTable = {
    var table = FunctionTable.helm
    for name in ["env", "expandenv", "getHostByName", "fromJson"] {
      table.copy(name, from: .sprig)
    }
    // Go's own where sprig's, which takes its place, has no answer.
    if let ours = table["slice"], let native = FunctionTable.go["slice"],
      case .many(let sprig) = ours.body, case .many(let go) = native.body
    {
      table.add("slice", "aa*") { execution, values in
        if case .string = values[0] { return try go(execution, values) }
        return try (values.count > 3 ? go : sprig)(execution, values)
      }
    }
    return table
  }()

  /// What Helm gives to a template.
  private static func release(_ values: GoValue, _ name: String) -> GoMap {
    let chart = GoStruct(
      typeName: "chart.Metadata",
      [
        ("Name", GoValue("micro")), ("Home", GoValue("")), ("Sources", .list(GoList(strings: []))),
        ("Version", GoValue("1.2.3")), ("Description", GoValue("")),
        ("Keywords", .list(GoList(strings: []))), ("Maintainers", .list(GoList([]))),
        ("Icon", GoValue("")), ("APIVersion", GoValue("v2")), ("Condition", GoValue("")),
        ("Tags", GoValue("")), ("AppVersion", GoValue("4.5.6")), ("Deprecated", .bool(false)),
        ("Annotations", .map(GoMap(type: .string))), ("KubeVersion", GoValue("")),
        ("Dependencies", .list(GoList([]))), ("Type", GoValue("")),
      ])
    let version = GoStruct(
      typeName: "*chartutil.KubeVersion", kind: "ptr", text: "v1.32.0",
      [
        ("Version", GoValue("v1.32.0")), ("Major", GoValue("1")), ("Minor", GoValue("32")),
        ("GitVersion", GoValue("v1.32.0")),
      ])
    let help = GoStruct(
      typeName: "chartutil.BuildInfo",
      [
        ("Version", GoValue("v3.17.2")), ("GitCommit", GoValue("")), ("GitTreeState", GoValue("")),
        ("GoVersion", GoValue("go1.23.7")),
      ])
    return GoMap([
      ("Values", .map(GoMap(copying: values.asMap ?? GoMap(), type: .values))),
      ("Chart", .object(ChartMetadata(chart))),
      (
        "Release",
        .map(
          GoMap([
            ("Name", GoValue("rel")), ("Namespace", GoValue("ns1")), ("Revision", .int(1)),
            ("Service", GoValue("Helm")), ("IsInstall", .bool(true)), ("IsUpgrade", .bool(false)),
          ]))
      ),
      ("Files", .object(NoFiles())), ("Subcharts", .map(GoMap())),
      (
        "Capabilities",
        .object(
          GoStruct(
            typeName: "*chartutil.Capabilities", kind: "ptr",
            [
              ("KubeVersion", .object(version)), ("APIVersions", .object(ServedVersions())),
              ("HelmVersion", .object(help)),
            ]))
      ),
      (
        "Template",
        .map(GoMap([("Name", GoValue(name)), ("BasePath", GoValue("micro/templates"))]))
      ),
    ])
  }
}

/// A chart's metadata with `IsRoot`: a struct that embeds another.
private final class ChartMetadata: GoObject {
  private let metadata: GoStruct

  init(_ metadata: GoStruct) {
    self.metadata = metadata
    super.init(typeName: "struct { chart.Metadata; IsRoot bool }")
  }

  override func field(_ name: [UInt8]) -> GoValue? {
    name == Array("IsRoot".utf8) ? .bool(true) : metadata.field(name)
  }

  override var fields: [(name: String, value: GoValue)] {
    [("Metadata", .object(metadata)), ("IsRoot", .bool(true))]
  }
}

/// `.Files` of a chart without any.
private final class NoFiles: GoObject {
  init() { super.init(typeName: "engine.files", kind: "map", underlying: .map(GoMap())) }

  override func method(_ name: [UInt8]) -> ClosedRange<Int>? {
    switch String(decoding: name, as: UTF8.self) {
    case "Get", "GetBytes", "Glob", "Lines": 1...1
    case "AsConfig", "AsSecrets": 0...0
    default: nil
    }
  }

  override func call(
    _ name: [UInt8], _ arguments: [GoValue], _ execution: Execution
  ) -> GoValue {
    switch String(decoding: name, as: UTF8.self) {
    case "Get": GoValue("")
    case "GetBytes": .list(GoList([], type: .byte))
    case "Lines": .list(GoList(strings: []))
    case "Glob": .object(NoFiles())
    default: GoValue("{}")
    }
  }
}

/// `.Capabilities.APIVersions` with the groups every cluster serves.
private final class ServedVersions: GoObject {
  private static let versions = [
    "v1", "admissionregistration.k8s.io/v1", "apiextensions.k8s.io/v1", "apps/v1",
    "authentication.k8s.io/v1", "authorization.k8s.io/v1", "autoscaling/v1", "autoscaling/v2",
    "batch/v1", "certificates.k8s.io/v1", "coordination.k8s.io/v1", "discovery.k8s.io/v1",
    "events.k8s.io/v1", "networking.k8s.io/v1", "node.k8s.io/v1", "policy/v1",
    "rbac.authorization.k8s.io/v1", "scheduling.k8s.io/v1", "storage.k8s.io/v1",
  ]

  init() {
    super.init(
      typeName: "chartutil.VersionSet", kind: "slice",
      underlying: .list(GoList(strings: Self.versions.map { Array($0.utf8) })))
  }

  override func method(_ name: [UInt8]) -> ClosedRange<Int>? {
    name == Array("Has".utf8) ? 1...1 : nil
  }

  override func call(
    _ name: [UInt8], _ arguments: [GoValue], _ execution: Execution
  ) -> GoValue {
    .bool(arguments.first?.asString.map(Self.versions.contains) ?? false)
  }
}
