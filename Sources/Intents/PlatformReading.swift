public import Diagnostics
public import Documents
import Files
import Manifests
import Quantities

extension Platform {
  /// The platform that a parsed `pave.yaml` describes; nil when it is no such file at all.
  ///
  /// The findings are the parser's and `platform/…`: unknown fields with the nearest known name,
  /// wrong types, values that cannot be, environments that inherit or promote in a circle. A
  /// platform with findings of severity error must not be rendered.
  public static func read(_ parsed: ParsedFile) -> (platform: Platform?, findings: [Finding]) {
    var findings = parsed.findings
    guard let document = parsed.documents.first, !document.root.isNull else {
      if findings.isEmpty {
        findings.append(
          Finding(
            rule: "platform/empty", "'\(parsed.file)' is empty", at: Place(file: parsed.file),
            help: "it must hold one document of kind Platform"))
      }
      return (nil, findings)
    }
    if parsed.documents.count > 1 {
      findings.append(
        Finding(
          rule: "platform/several-documents", "'\(parsed.file)' must hold one document",
          at: .field(parsed.file, document: 1, .root)))
    }
    var reader = PlatformReader(file: parsed.file, document: document)
    let platform = reader.platform()
    // A severity may be written as a bare `off`, which YAML 1.1 reads as false.
    let hasOff = platform.map {
      usesOff($0.rules) || $0.environments.contains { usesOff($0.rules) }
    }
    if hasOff ?? false {
      findings.removeAll {
        $0.rule == "yaml/ambiguous-scalar" && $0.message.hasPrefix("'off' ")
      }
    }
    return (platform, findings + reader.fields.findings)
  }
}

private func usesOff(_ rules: [String: Platform.RuleSetting]) -> Bool {
  rules.values.contains(.off)
}

private struct PlatformReader {
  var fields: FieldReader
  let document: Document
  private let spec = FieldPath(keys: "spec")

  init(file: String, document: Document) {
    fields = FieldReader(file: file, document: 0, area: "platform")
    self.document = document
  }

  mutating func platform() -> Platform? {
    guard document.root.isKind(.map) else {
      fields.reportType(document.root, expected: "a map", at: .root)
      return nil
    }
    let root = fields.fields(
      document.root, at: .root, known: ["apiVersion", "kind", "metadata", "spec"])
    guard isPlatform(root) else { return nil }
    let name = self.name(root)
    if isMissing(root["spec"]) { fields.reportMissing("spec", at: .root) }
    let map = fields.fields(
      root["spec"], at: spec,
      known: [
        "requires", "intents", "goldenPaths", "policies", "waivers", "inlineWaivers", "schemas",
        "cluster", "rules", "values", "environments", "output",
      ])
    let schemas = self.schemas(map, at: spec)
    return Platform(
      file: fields.file, document: document, name: name, requires: requirement(map),
      intents: patterns(map, "intents", at: spec),
      goldenPaths: patterns(map, "goldenPaths", at: spec),
      policies: patterns(map, "policies", at: spec, allowsBuiltIn: true),
      waivers: patterns(map, "waivers", at: spec), schemaFiles: schemas.files,
      missingSchema: schemas.missing ?? .note, cluster: patterns(map, "cluster", at: spec),
      rules: rules(map, at: spec), inlineWaivers: fields.strings(map, "inlineWaivers", at: spec),
      values: fields.map(map["values"], at: spec.key("values")), environments: environments(map),
      output: output(map))
  }

  private mutating func isPlatform(_ root: Value) -> Bool {
    let apiVersion = fields.string(root, "apiVersion", at: .root, isRequired: true)
    let kind = fields.string(root, "kind", at: .root, isRequired: true)
    if let kind, kind != "Platform" {
      fields.report(
        "wrong-kind", "kind '\(kind)', expected 'Platform'", at: FieldPath(keys: "kind"))
    }
    if let apiVersion, apiVersion != "pave.dev/v1alpha1" {
      fields.report(
        "wrong-kind", "apiVersion '\(apiVersion)', expected 'pave.dev/v1alpha1'",
        at: FieldPath(keys: "apiVersion"))
    }
    return kind == "Platform" && apiVersion == "pave.dev/v1alpha1"
  }

  private mutating func name(_ root: Value) -> String {
    let path = FieldPath(keys: "metadata")
    if isMissing(root["metadata"]) { fields.reportMissing("metadata", at: .root) }
    let metadata = fields.fields(
      root["metadata"], at: path, known: ["name", "labels", "annotations"])
    guard root["metadata"].isKind(.map),
      let name = fields.string(metadata, "name", at: path, isRequired: true)
    else { return "" }
    checkLabel(name, at: path.key("name"))
    return name
  }

  private mutating func requirement(_ map: Value) -> VersionRequirement? {
    guard let text = fields.string(map, "requires", at: spec) else { return nil }
    let requirement = VersionRequirement(text)
    if requirement == nil {
      fields.report(
        "invalid-value", "'\(text)' is no demand on a version", at: spec.key("requires"),
        help: "write comparisons such as '>=0.1' or '>=0.2 <1'")
    }
    return requirement
  }

  private mutating func patterns(
    _ map: Value, _ key: String, at path: FieldPath, allowsBuiltIn: Bool = false
  ) -> [Platform.Pattern] {
    var patterns: [Platform.Pattern] = []
    let path = path.key(key)
    for (index, value) in fields.list(map, key, at: path.parent ?? .root).enumerated() {
      let place = path.index(index)
      guard let text = value.asString else {
        fields.reportType(value, expected: "text", at: place)
        continue
      }
      if allowsBuiltIn, text.hasPrefix("builtin:") {
        patterns.append(Platform.Pattern(text: text, glob: nil, place: fields.place(place)))
        continue
      }
      do throws(GlobPattern.Malformed) {
        // A trailing slash names the folder as well.
        let glob = try GlobPattern(text.hasSuffix("/") ? String(text.dropLast()) : text)
        patterns.append(Platform.Pattern(text: text, glob: glob, place: fields.place(place)))
      } catch {
        fields.report("invalid-pattern", error.message, at: place)
      }
    }
    return patterns
  }

  private mutating func schemas(
    _ map: Value, at path: FieldPath
  ) -> (files: [Platform.Pattern], missing: Platform.MissingSchema?) {
    let path = path.key("schemas")
    let schemas = fields.fields(map["schemas"], at: path, known: ["files", "missing"])
    return (
      patterns(schemas, "files", at: path),
      fields.choice(schemas, "missing", at: path, of: Platform.MissingSchema.self)
    )
  }

  private mutating func rules(_ map: Value, at path: FieldPath) -> [String: Platform.RuleSetting] {
    let path = path.key("rules")
    var rules: [String: Platform.RuleSetting] = [:]
    for entry in fields.map(map["rules"], at: path).entries {
      guard let rule = entry.key.asString else { continue }
      // YAML 1.1 reads a bare `off` as false.
      if entry.value.isKind(.bool), !entry.value.isTrue {
        rules[rule] = .off
      } else if let text = entry.value.asString {
        if text == "off" {
          rules[rule] = .off
        } else if let severity = Severity(rawValue: text) {
          rules[rule] = .severity(severity)
        } else {
          let words = ["error", "warning", "note", "off"]
          fields.report(
            "invalid-value", "'\(text)' is no severity, expected \(alternatives(words))",
            at: path.key(rule),
            help: nearestName(to: text, in: words).map { "did you mean '\($0)'?" })
        }
      } else {
        fields.reportType(entry.value, expected: "text", at: path.key(rule))
      }
    }
    return rules
  }

  // MARK: environments

  private mutating func environments(_ map: Value) -> [Environment] {
    let path = spec.key("environments")
    let values = fields.list(map, "environments", at: spec)
    if values.isEmpty, !isMissing(document.root["spec"]) {
      fields.reportMissing("environments", at: spec)
    }
    var environments: [Environment] = []
    for (index, value) in values.enumerated() {
      let path = path.index(index)
      guard let environment = environment(value, at: path, index: index) else { continue }
      if let first = environments.first(where: { $0.name == environment.name }) {
        fields.report(
          "duplicate-environment", "there are two environments '\(environment.name)'",
          at: path.key("name"),
          related: [
            .init(
              label: "the first one",
              place: fields.place(spec.key("environments").index(first.index).key("name")))
          ])
      } else {
        environments.append(environment)
      }
    }
    checkChains(environments, "from", \.inherits)
    checkChains(environments, "promotesFrom", \.promotesFrom)
    return inheriting(environments)
  }

  private mutating func environment(
    _ value: Value, at path: FieldPath, index: Int
  ) -> Environment? {
    if isMissing(value) { fields.reportType(value, expected: "a map", at: path) }
    let map = fields.fields(
      value, at: path,
      known: [
        "name", "kubernetes", "promotesFrom", "from", "values", "policies", "cluster", "schemas",
        "rules", "destination",
      ])
    guard value.isKind(.map) else { return nil }
    let name = fields.string(map, "name", at: path, isRequired: true)
    if let name { checkLabel(name, at: path.key("name")) }
    let version = fields.string(map, "kubernetes", at: path, isRequired: true)
    let known = KindTable.checkedMinors
    let kubernetes = version.flatMap { KubernetesVersion($0) }
    if let version, kubernetes.map({ $0.major != 1 || !known.contains($0.minor) }) ?? true {
      fields.report(
        "invalid-value", "'\(version)' is no Kubernetes version that is known here",
        at: path.key("kubernetes"),
        help: "known are \"1.\(known.lowerBound)\" to \"1.\(known.upperBound)\"")
    }
    let schemas = self.schemas(map, at: path)
    guard let name else { return nil }
    return Environment(
      name: name, kubernetes: kubernetes ?? KubernetesVersion(minor: KindTable.newestMinor),
      promotesFrom: fields.string(map, "promotesFrom", at: path),
      inherits: fields.string(map, "from", at: path),
      values: fields.map(map["values"], at: path.key("values")), valuesDocument: document,
      policies: patterns(map, "policies", at: path, allowsBuiltIn: true),
      cluster: patterns(map, "cluster", at: path), schemaFiles: schemas.files,
      missingSchema: schemas.missing, rules: rules(map, at: path),
      destination: destination(map, at: path), index: index)
  }

  private mutating func destination(
    _ map: Value, at path: FieldPath
  ) -> Environment.Destination? {
    let path = path.key("destination")
    guard !isMissing(map["destination"]) else { return nil }
    let destination = fields.fields(map["destination"], at: path, known: ["server", "name"])
    return Environment.Destination(
      server: fields.string(destination, "server", at: path),
      name: fields.string(destination, "name", at: path))
  }

  /// Every name in a chain must be an environment, and no chain may come back to itself.
  private mutating func checkChains(
    _ environments: [Environment], _ key: String, _ next: (Environment) -> String?
  ) {
    let byName = Dictionary(uniqueKeysWithValues: environments.map { ($0.name, $0) })
    var reported: Set<String> = []
    for environment in environments {
      guard let name = next(environment) else { continue }
      let path = spec.key("environments").index(environment.index).key(key)
      if byName[name] == nil {
        fields.report(
          "unknown-environment", "'\(key)' names no environment: '\(name)'", at: path,
          help: nearestName(to: name, in: environments.map(\.name)).map { "did you mean '\($0)'?" }
            ?? "environments: \(environments.map(\.name).joined(separator: ", "))")
        continue
      }
      var way = [environment.name]
      var current = byName[name]
      while let step = current, !way.contains(step.name) {
        way.append(step.name)
        current = next(step).flatMap { byName[$0] }
      }
      guard let closing = current, closing.name == environment.name,
        reported.isDisjoint(with: way)
      else { continue }
      reported.formUnion(way)
      fields.report(
        "environment-cycle",
        "'\(key)' goes in a circle: \((way + [closing.name]).joined(separator: " -> "))", at: path)
    }
  }

  /// The environments with the values of those they start from merged in.
  private func inheriting(_ environments: [Environment]) -> [Environment] {
    let byName = Dictionary(uniqueKeysWithValues: environments.map { ($0.name, $0) })
    return environments.map { environment in
      guard environment.inherits != nil else { return environment }
      var chain = [environment]
      while let next = chain.last?.inherits.flatMap({ byName[$0] }),
        !chain.contains(where: { $0.name == next.name })
      {
        chain.append(next)
      }
      let arena = Arena()
      var values = Value.emptyMap
      for step in chain.reversed() { values = mergePatch(values, step.values, in: arena) }
      var result = environment
      result.values = values
      result.valuesDocument = Document(root: values, arena: arena, borrowing: [document])
      return result
    }
  }

  // MARK: output

  private mutating func output(_ map: Value) -> Output? {
    guard !isMissing(map["output"]) else { return nil }
    let path = spec.key("output")
    let output = fields.fields(
      map["output"], at: path,
      known: [
        "repository", "branch", "path", "message", "author", "proposal", "sourceURL", "delivery",
      ])
    let deliveryPath = path.key("delivery")
    let delivery = fields.fields(
      output["delivery"], at: deliveryPath, known: ["engine", "repoURL", "project", "namespace"])
    return Output(
      repository: fields.string(output, "repository", at: path, isRequired: true) ?? "",
      branch: fields.string(output, "branch", at: path) ?? "main",
      path: fields.string(output, "path", at: path) ?? Output.standardPath,
      message: fields.string(output, "message", at: path), author: author(output, at: path),
      isProposal: fields.bool(output, "proposal", at: path) ?? false,
      sourceURL: fields.string(output, "sourceURL", at: path),
      delivery: Output.Delivery(
        engine: fields.choice(delivery, "engine", at: deliveryPath, of: Output.Engine.self)
          ?? .none,
        repositoryURL: fields.string(delivery, "repoURL", at: deliveryPath),
        project: fields.string(delivery, "project", at: deliveryPath),
        namespace: fields.string(delivery, "namespace", at: deliveryPath)))
  }

  private mutating func author(_ output: Value, at path: FieldPath) -> Output.Author? {
    guard !isMissing(output["author"]) else { return nil }
    let path = path.key("author")
    let author = fields.fields(output["author"], at: path, known: ["name", "email"])
    guard let name = fields.string(author, "name", at: path, isRequired: true),
      let email = fields.string(author, "email", at: path, isRequired: true)
    else { return nil }
    return Output.Author(name: name, email: email)
  }

  private mutating func checkLabel(_ name: String, at path: FieldPath) {
    guard let problem = NameFormat.dns1123Label.problems(in: name).first else { return }
    fields.report("invalid-name", "'\(name)' is no valid '\(path)': \(problem)", at: path)
  }
}
