import CEL
import Diagnostics
import Documents
import Intents
import Manifests
import Schemas

extension UnitRendering {
  /// Keeps a finding, with the intent and the environment it is about.
  func report(_ finding: Finding, _ kind: String? = nil) {
    var finding = finding
    finding.intent = intent.intent.reference
    if !renderer.context.environment.isEmpty {
      finding.environment = renderer.context.environment
    }
    for (path, resource) in expansion.reversed() {
      finding.related.append(
        .init(
          label: "expanded from '\(resource.id)'",
          place: path.place(resource.templatePath(FieldPath(keys: "kind")))))
    }
    if let place = finding.place, place.file != intent.intent.file {
      finding.related.append(
        .init(
          label: "the intent", place: intent.intent.place(FieldPath(keys: "metadata", "name"))))
    }
    // A variable that several fields read fails once.
    if !lazyFailures.isEmpty, findings.contains(finding) { return }
    findings.append(finding)
  }

  /// All reads of a resource that need a cluster.
  func reportClusterReads(_ path: GoldenPath, _ resource: Resource) -> State {
    for read in resource.clusterReads {
      report(clusterFinding(read, at: path.place(of: read.expression, read.range)))
    }
    return .failed
  }

  func reportMissingNamespace(_ path: GoldenPath, _ resource: Resource) {
    let template = path.document.root[resource.templatePath()]
    if !isMissing(template["metadata"]["namespace"]) {
      return report(
        Finding(
          rule: "intent/missing-namespace",
          "'\(resource.kind)' is namespaced, but the template of '\(resource.id)' gives it no "
            + "namespace",
          at: path.place(resource.templatePath(FieldPath(keys: "metadata", "namespace")))))
    }
    report(
      Finding(
        rule: "intent/missing-namespace",
        "'\(resource.kind)' is namespaced, but neither the template of '\(resource.id)' nor the "
          + "intent has a namespace", at: intent.place(of: FieldPath(keys: "metadata")),
        help: "set 'metadata.namespace' in the intent",
        related: [
          .init(
            label: "the template",
            place: path.place(resource.templatePath(FieldPath(keys: "metadata"))))
        ]))
  }

  func reportName(_ name: Value, _ path: GoldenPath, _ resource: Resource) {
    let metadata = FieldPath(keys: "metadata")
    let template = path.document.root[resource.templatePath()]
    guard !template["metadata"]["name"].isAbsent else {
      return report(
        Finding(
          rule: "golden-path/missing-name", "the template of '\(resource.id)' sets no name",
          at: path.place(resource.templatePath(metadata)), help: "set 'metadata.name'"))
    }
    report(
      Finding(
        rule: "intent/invalid-name", invalidNameMessage(name, kind: resource.kind),
        at: path.place(resource.templatePath(metadata.key("name")))))
  }

  func reportNamespace(_ namespace: Value, _ path: GoldenPath, _ resource: Resource) {
    report(
      Finding(
        rule: "intent/invalid-name",
        "'\(namespace.asString ?? "")' is no namespace: expected small letters, digits and '-', at "
          + "most 63, a letter or digit at both ends",
        at: path.place(resource.templatePath(FieldPath(keys: "metadata", "namespace")))))
  }

  func reportCollection(_ counts: [Int], _ path: GoldenPath, _ resource: Resource) {
    let sizes = counts.map(String.init).joined(separator: " × ")
    report(
      Finding(
        rule: "intent/too-many-objects",
        "'\(resource.id)' would be \(sizes) objects, at most \(RenderLimits.collectionCount) are "
          + "allowed", at: path.place(resource.path.key("forEach"), part: .key)))
  }

  func reportLimit() {
    report(
      Finding(
        rule: "intent/too-many-objects",
        "the intent becomes more than \(RenderLimits.manifestCount) objects",
        at: intent.place(of: FieldPath(keys: "kind"))))
  }

  /// A template that is no valid intent of the golden path of its kind.
  func reportInner(
    _ problem: SchemaProblem, _ path: GoldenPath, _ resource: Resource, _ inner: GoldenPath
  ) {
    let template = path.document.root[resource.templatePath()]
    var value = template
    var depth = 0
    for step in problem.anchor.steps {
      let next = value[FieldPath([step])]
      if next.isAbsent { break }
      value = next
      depth += 1
    }
    let isWhole = depth == problem.anchor.steps.count
    let anchor = FieldPath(Array(problem.anchor.steps.prefix(depth)))
    let isComputed = holdsExpression(value)
    report(
      Finding(
        rule: (isComputed ? "intent/" : "golden-path/") + problem.kind.rawValue,
        "the '\(inner.kind)' of '\(resource.id)' is not valid: \(problem.message)",
        at: path.place(resource.templatePath(anchor), part: isWhole ? problem.part : .value),
        help: problem.help))
  }

  // MARK: identities

  /// Two manifests of one unit must not be one object.
  func checkIdentities(_ manifests: [Manifest]) {
    if manifests.count <= 24 {
      for index in manifests.indices.dropFirst() {
        let name = manifests[index].name
        for other in 0..<index where manifests[other].name.hasSameBytes(as: name) {
          if manifests[other].key == manifests[index].key {
            reportDuplicate(other, index, manifests)
          }
        }
      }
      return
    }
    var seen: [ManifestKey: Int] = [:]
    seen.reserveCapacity(manifests.count)
    for (index, manifest) in manifests.enumerated() {
      if let first = seen.updateValue(index, forKey: manifest.key) {
        reportDuplicate(first, index, manifests)
        seen[manifest.key] = first
      }
    }
  }

  private func reportDuplicate(_ first: Int, _ second: Int, _ manifests: [Manifest]) {
    let name = FieldPath(keys: "metadata", "name")
    func place(_ index: Int) -> Place {
      let output = outputs[index]
      if let template = output.template {
        return output.chart?.place(ofFile: template) ?? Place(file: output.path.file)
      }
      return output.path.place(output.path.resources[output.resource].templatePath(name))
    }
    let isOneTemplate =
      outputs[first].path === outputs[second].path
      && outputs[first].template == outputs[second].template
      && outputs[first].resource == outputs[second].resource
    report(
      Finding(
        rule: isOneTemplate ? "intent/duplicate-object" : "golden-path/duplicate-object",
        "'\(manifests[second].reference)' is made twice", at: place(second),
        help: isOneTemplate
          ? "elements of 'forEach' give the same name" : "give one of them another name",
        related: isOneTemplate ? [] : [.init(label: "the first one", place: place(first))]))
  }
}
