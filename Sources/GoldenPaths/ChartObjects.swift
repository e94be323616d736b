import Charts
import Documents
import GoTemplates
import Manifests

/// The objects of a rendered chart, as they are applied.
struct ChartObjects {
  let source: ChartSource
  let arena: Arena

  /// The objects with the template that each is from, lists taken apart; documents without an object
  /// are left out. Throws for a file of `crds/` that is no YAML.
  func objects(of rendered: RenderedChart) throws -> [(value: Value, template: String)] {
    var objects: [(value: Value, template: String)] = []
    if source.includesCRDs {
      for crd in rendered.crds {
        for value in try values(in: crd) { add(value, crd.source, to: &objects) }
      }
    }
    for manifest in rendered.manifests {
      add(documentValue(manifest.value, in: arena), manifest.source, to: &objects)
    }
    guard source.hooks != .drop else { return objects }
    for hook in rendered.hooks where !hook.events.contains("test") {
      var value = documentValue(hook.value, in: arena)
      if source.hooks == .argocd { value = withArgoHooks(value, hook.events) }
      add(value, hook.source, to: &objects)
    }
    return objects
  }

  private func values(in crd: RenderedChart.CRD) throws -> [Value] {
    try crd.documents.map { documentValue($0, in: arena) }
  }

  private func add(
    _ value: Value, _ template: String, to objects: inout [(value: Value, template: String)]
  ) {
    guard value.isKind(.map), value.count > 0 else { return }
    if value["kind"].asString?.hasSuffix("List") == true, value["items"].isKind(.list) {
      for item in value["items"].elements { add(item, template, to: &objects) }
      return
    }
    objects.append((stripped(value), template))
  }

  // MARK: labels

  /// The object without the labels that are not wanted, on itself and on the Pods it makes.
  private func stripped(_ value: Value) -> Value {
    guard !source.strippedLabels.isEmpty else { return value }
    var value = value
    for path in [
      ["metadata"], ["spec", "template", "metadata"],
      ["spec", "jobTemplate", "metadata"], ["spec", "jobTemplate", "spec", "template", "metadata"],
    ] where value[path]["labels"].isKind(.map) {
      value = withoutLabels(value, path[...])
    }
    return value
  }

  private func withoutLabels(_ value: Value, _ path: ArraySlice<String>) -> Value {
    let step = path.first ?? "labels"
    let entries = value.entries.compactMap { entry -> MapEntry? in
      guard entry.key.asString == step else { return entry }
      if !path.isEmpty {
        return MapEntry(key: entry.key, value: withoutLabels(entry.value, path.dropFirst()))
      }
      let kept = entry.value.entries.filter {
        !source.strippedLabels.contains($0.key.asString ?? "")
      }
      return kept.isEmpty ? nil : MapEntry(key: entry.key, value: arena.map(Array(kept)))
    }
    return arena.map(entries)
  }

  // MARK: hooks

  /// The object with Argo CD's annotations in place of Helm's.
  private func withArgoHooks(_ value: Value, _ events: [String]) -> Value {
    let phases = Set(
      events.compactMap { event -> String? in
        switch event {
        case "pre-install", "pre-upgrade": "PreSync"
        case "post-install", "post-upgrade": "PostSync"
        case "post-delete": "PostDelete"
        default: nil
        }
      })
    var annotations: [MapEntry] = []
    func add(_ key: String, _ text: String) {
      annotations.append(MapEntry(key: arena.string(key), value: arena.string(text)))
    }
    for entry in value["metadata"]["annotations"].entries {
      switch entry.key.asString {
      case "helm.sh/hook": continue
      case "helm.sh/hook-weight": add("argocd.argoproj.io/sync-wave", entry.value.asString ?? "0")
      case "helm.sh/hook-delete-policy":
        let policies = (entry.value.asString ?? "").split(separator: ",").compactMap { policy in
          switch policy.filter({ $0 != " " }) {
          case "before-hook-creation": "BeforeHookCreation"
          case "hook-succeeded": "HookSucceeded"
          case "hook-failed": "HookFailed"
          default: nil as String?
          }
        }
        if !policies.isEmpty {
          add("argocd.argoproj.io/hook-delete-policy", policies.joined(separator: ","))
        }
      default: annotations.append(entry)
      }
    }
    if !phases.isEmpty { add("argocd.argoproj.io/hook", phases.sorted().joined(separator: ",")) }
    let metadata = value["metadata"].entries.map { entry in
      entry.key.isString("annotations")
        ? MapEntry(key: entry.key, value: arena.map(annotations)) : entry
    }
    return arena.map(
      value.entries.map { entry in
        entry.key.isString("metadata")
          ? MapEntry(key: entry.key, value: arena.map(metadata)) : entry
      })
  }
}
