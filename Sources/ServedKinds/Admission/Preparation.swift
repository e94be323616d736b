import Documents

/// What the server does to an object between reading it and holding it against the rules: what only the server sets is
/// removed or set (`rest.BeforeCreate`, `pkg/registry/*/*/strategy.go`, and the admission plugins that are on in every
/// cluster and need no other object).
struct Preparation {
  let kind: ServedKind
  let arena: Arena
  let minor: Int

  /// The kinds that more is done to than their types say.
  enum Step {
    case none, job, pod, daemonSet, service

    init(group: String, kind: String) {
      switch (group, kind) {
      case ("batch", "Job"): self = .job
      case ("", "Pod"): self = .pod
      case ("apps", "DaemonSet"): self = .daemonSet
      case ("", "Service"): self = .service
      default: self = .none
      }
    }
  }

  /// What stands for a uid, which only a cluster can give.
  static let uid: StaticString = "00000000-0000-0000-0000-000000000000"

  /// A new object.
  func created(_ object: Value) -> Value {
    switch kind.preparation {
    case .job: withSelector(object)
    case .pod: withAdmission(object)
    case .daemonSet: withTemplateGeneration(object, old: .absent)
    case .service, .none: object
    }
  }

  /// An object in place of an old one.
  func updated(_ object: Value, old: Value) -> Value {
    switch kind.preparation {
    case .service: withAddresses(object, old: old)
    case .pod: withAdmission(object)
    case .daemonSet: withTemplateGeneration(object, old: old)
    case .job, .none: object
    }
  }

  /// Metadata without what the server assigns; a namespace only for namespaced kinds.
  func withoutServerFields(_ metadata: Value) -> Value {
    let entries = metadata.entries
    guard entries.contains(where: { isServerField($0) }) else { return metadata }
    return arena.map(entries.filter { !isServerField($0) })
  }

  private func isServerField(_ entry: MapEntry) -> Bool {
    if entry.key.isString("namespace") { return !kind.isNamespaced }
    return serverFields.contains { entry.key.isString($0) }
  }

  func setting(_ map: Value, _ name: StaticString, to value: Value) -> Value {
    let key = nameValue(name)
    var entries = Array(map.entries)
    if let index = entries.firstIndex(where: { $0.key.hasSameBytes(as: key) }) {
      entries[index].value = value
    } else {
      entries.append(MapEntry(key: key, value: value))
    }
    return arena.map(entries)
  }

  // MARK: Jobs

  /// A Job that does not choose its Pods itself gets a selector and labels that name it (`pkg/registry/batch/job/strategy.go`).
  private func withSelector(_ job: Value) -> Value {
    var spec = job["spec"]
    guard spec.isKind(.map) else { return job }
    let isManual = spec["manualSelector"].isTrue
    var template = spec["template"]
    var metadata = template["metadata"]
    if !isManual {
      spec = setting(spec, "manualSelector", to: .false)
      let uid = nameValue(Preparation.uid)
      var labels = metadata["labels"]
      if let name = job["metadata"]["name"].isKind(.string)
        ? job["metadata"]["name"] : nil
      {
        for key: StaticString in ["job-name", "batch.kubernetes.io/job-name"] {
          labels = settingWhereAbsent(labels, key, to: name)
        }
      }
      for key: StaticString in ["controller-uid", "batch.kubernetes.io/controller-uid"] {
        labels = settingWhereAbsent(labels, key, to: uid)
      }
      metadata = setting(metadata, "labels", to: labels)
      template = setting(template, "metadata", to: metadata)
      spec = setting(spec, "template", to: template)
      let selector = spec["selector"]
      let matched = settingWhereAbsent(
        selector["matchLabels"], "batch.kubernetes.io/controller-uid", to: uid)
      spec = setting(
        spec, "selector",
        to: setting(selector.isKind(.map) ? selector : .emptyMap, "matchLabels", to: matched))
    }
    var result = setting(job, "spec", to: spec)
    // A Job without labels has those of its template, the generated ones too: it is read again when it is stored.
    let own = result["metadata"]
    let written = own["labels"]
    let labels = metadata["labels"]
    let isDefaulted =
      written.count == 0
      || written.entries.allSatisfy { labels.lookup($0.key).isIdentical(to: $0.value) }
        && written.count + 4 == labels.count
    if isDefaulted, labels.count > 0 {
      result = setting(result, "metadata", to: setting(own, "labels", to: labels))
    }
    return result
  }

  private func settingWhereAbsent(_ map: Value, _ name: StaticString, to value: Value) -> Value {
    map[name].isAbsent ? setting(map, name, to: value) : map
  }

  // MARK: Pods

  /// What DefaultTolerationSeconds and Priority add to a Pod that names no priority class.
  private func withAdmission(_ pod: Value) -> Value {
    var spec = pod["spec"]
    guard spec.isKind(.map) else { return pod }
    var tolerations = Array(spec["tolerations"].elements)
    for taint: StaticString in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
    where !tolerations.contains(where: { tolerates($0, taint) }) {
      tolerations.append(
        arena.map([
          "key": nameValue(taint), "operator": nameValue("Exists"),
          "effect": nameValue("NoExecute"),
          "tolerationSeconds": .int(300),
        ]))
    }
    spec = setting(spec, "tolerations", to: arena.list(tolerations))
    let className = spec["priorityClassName"]
    let builtIn: Int64? =
      className.count == 0
      ? 0
      : className.isString("system-cluster-critical")
        ? 2_000_000_000 : className.isString("system-node-critical") ? 2_000_001_000 : nil
    if let builtIn {
      spec = settingWhereAbsent(spec, "priority", to: .int(builtIn))
      spec = settingWhereAbsent(spec, "preemptionPolicy", to: nameValue("PreemptLowerPriority"))
    }
    return setting(pod, "spec", to: spec)
  }

  private func tolerates(_ toleration: Value, _ taint: StaticString) -> Bool {
    let key = toleration["key"]
    let effect = toleration["effect"]
    return (key.isString(taint) || key.count == 0)
      && (effect.isString("NoExecute") || effect.count == 0)
  }

  /// A new Pod whose `matchLabelKeys` and `mismatchLabelKeys` have become expressions of the selectors beside them
  /// (`pkg/registry/core/pod/strategy.go`: of affinity since 1.31, of topology spread since 1.34). Templates stay.
  func withLabelKeys(_ pod: Value) -> Value {
    var spec = pod["spec"]
    let labels = pod["metadata"]["labels"]
    guard spec.isKind(.map), labels.count > 0 else { return pod }
    if minor >= 34, spec["topologySpreadConstraints"].isKind(.list) {
      let constraints = spec["topologySpreadConstraints"].elements.map { withLabelKeys($0, labels) }
      spec = setting(spec, "topologySpreadConstraints", to: arena.list(constraints))
    }
    guard minor >= 31, spec["affinity"].isKind(.map) else { return setting(pod, "spec", to: spec) }
    var affinity = spec["affinity"]
    for name: StaticString in ["podAffinity", "podAntiAffinity"] where affinity[name].isKind(.map) {
      affinity = setting(affinity, name, to: withLabelKeysOfTerms(affinity[name], labels))
    }
    return setting(pod, "spec", to: setting(spec, "affinity", to: affinity))
  }

  private func withLabelKeysOfTerms(_ affinity: Value, _ labels: Value) -> Value {
    var result = affinity
    let required = affinity["requiredDuringSchedulingIgnoredDuringExecution"]
    if required.count > 0 {
      result = setting(
        result, "requiredDuringSchedulingIgnoredDuringExecution",
        to: arena.list(required.elements.map { withLabelKeys($0, labels) }))
    }
    let preferred = affinity["preferredDuringSchedulingIgnoredDuringExecution"]
    if preferred.count > 0 {
      let weighted = preferred.elements.map { term in
        setting(term, "podAffinityTerm", to: withLabelKeys(term["podAffinityTerm"], labels))
      }
      result = setting(
        result, "preferredDuringSchedulingIgnoredDuringExecution", to: arena.list(weighted))
    }
    return result
  }

  /// A term or a constraint; without a selector it selects nothing, and stays so.
  private func withLabelKeys(_ term: Value, _ labels: Value) -> Value {
    let selector = term["labelSelector"]
    let (same, other) = (term["matchLabelKeys"], term["mismatchLabelKeys"])
    guard selector.isKind(.map), same.count + other.count > 0 else { return term }
    var expressions = Array(selector["matchExpressions"].elements)
    for (keys, name) in [(same, "In"), (other, "NotIn")] as [(Value, StaticString)] {
      for key in keys.elements {
        let value = labels.lookup(key)
        guard value.isKind(.string) else { continue }
        expressions.append(
          arena.map([
            "key": key, "operator": nameValue(name), "values": arena.list([value]),
          ]))
      }
    }
    return setting(
      term, "labelSelector", to: setting(selector, "matchExpressions", to: arena.list(expressions)))
  }

  // MARK: DaemonSets

  /// The count of a DaemonSet's templates, which apps/v1 keeps as an annotation.
  private func withTemplateGeneration(_ object: Value, old: Value) -> Value {
    let key: StaticString = "deprecated.daemonset.template.generation"
    let metadata = object["metadata"]
    var generation = Int64(1)
    if old.isAbsent {
      let written = metadata["annotations"][key].asString.flatMap { Int64($0) }
      generation = max(1, written ?? 1)
    } else {
      let before = old["metadata"]["annotations"][key]
      generation = before.asString.flatMap { Int64($0) } ?? 1
      let template = object["spec"]["template"]
      if !template.isIdentical(to: old["spec"]["template"]),
        generation < .max
      {
        generation += 1
      }
    }
    let annotations = setting(
      metadata["annotations"], key, to: arena.string("\(generation)"))
    return setting(object, "metadata", to: setting(metadata, "annotations", to: annotations))
  }

  // MARK: Services

  /// A Service keeps the addresses and the ports of nodes that it does not name
  /// (`pkg/registry/core/service/storage`: `patchAllocatedValues`, `normalizeClusterIPs`).
  private func withAddresses(_ service: Value, old: Value) -> Value {
    var spec = service["spec"]
    let oldSpec = old["spec"]
    guard spec.isKind(.map) else { return service }
    if hasAddresses(spec), hasAddresses(oldSpec) {
      let (address, oldAddress) = (
        spec["clusterIP"], oldSpec["clusterIP"]
      )
      let addresses = spec["clusterIPs"]
      if address.count > 0, !address.isIdentical(to: oldAddress),
        addresses.count > 0, addresses.isIdentical(to: oldSpec["clusterIPs"])
      {
        let others = addresses.elements.dropFirst()
        spec = setting(spec, "clusterIPs", to: arena.list([address] + Array(others)))
      }
      for name: StaticString in ["clusterIP", "clusterIPs"]
      where spec[name].count == 0 && oldSpec[name].count > 0 {
        spec = setting(spec, name, to: oldSpec[name])
      }
    }
    if hasNodePorts(spec), hasNodePorts(oldSpec) { spec = withNodePorts(spec, old: oldSpec) }
    return setting(service, "spec", to: spec)
  }

  private func hasAddresses(_ spec: Value) -> Bool {
    !spec["type"].isString("ExternalName")
  }

  private func hasNodePorts(_ spec: Value) -> Bool {
    spec["type"].isString("NodePort")
      || spec["type"].isString("LoadBalancer")
  }

  private func withNodePorts(_ spec: Value, old: Value) -> Value {
    let ports = spec["ports"].elements
    let taken = ports.map { $0["nodePort"] }
    let filled = ports.map { port in
      guard port["nodePort"].isAbsent,
        let before = old["ports"].elements.first(where: {
          $0["port"].isIdentical(to: port["port"])
            && $0["protocol"].isIdentical(to: port["protocol"])
        })?["nodePort"], before.isKind(.int),
        !taken.contains(where: { $0.isIdentical(to: before) })
      else { return port }
      return setting(port, "nodePort", to: before)
    }
    return filled.isEmpty ? spec : setting(spec, "ports", to: arena.list(filled))
  }
}

/// Fields of metadata that only the server sets.
let serverFields: [StaticString] = [
  "uid", "resourceVersion", "selfLink", "generation", "managedFields", "deletionTimestamp",
  "deletionGracePeriodSeconds", "creationTimestamp",
]
