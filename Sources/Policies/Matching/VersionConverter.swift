import Documents

/// Shows an object in another version of its resource, where that is known.
struct VersionConverter {
  private let resource: Resource
  private let version: Int
  private let arena: Arena

  init(_ resource: Resource, to version: Int, _ arena: Arena) {
    self.resource = resource
    self.version = version
    self.arena = arena
  }

  /// The object in the version; null stays null. Nil when the conversion is not known.
  func converted(_ object: Value, from source: Int) -> Value? {
    if object.isNull || source == version { return object }
    switch resource.conversion {
    case .rename: return renamed(object, spec: nil)
    case .horizontalPodAutoscaler:
      switch (resource.versions[source], resource.versions[version]) {
      case ("v1", "v2"): return renamed(object, spec: toV2(object["spec"]))
      case ("v2", "v1"): return toV1(object["spec"]).map { renamed(object, spec: $0) }
      default: return nil
      }
    case .unknown: return nil
    }
  }

  private func renamed(_ object: Value, spec: Value?) -> Value {
    arena.map(
      object.entries.map { entry in
        if entry.key.isString("apiVersion") {
          return MapEntry(key: entry.key, value: resource.apiVersionValues[version])
        }
        if let spec, entry.key.isString("spec") { return MapEntry(key: entry.key, value: spec) }
        return entry
      })
  }

  // MARK: HorizontalPodAutoscaler (kubernetes 1.36, pkg/apis/autoscaling/v1/conversion.go)

  /// The percentage of v1 is a resource metric for the processor in v2.
  private func toV2(_ spec: Value) -> Value {
    let percentage = spec["targetCPUUtilizationPercentage"]
    var entries = spec.entries.filter { !$0.key.isString("targetCPUUtilizationPercentage") }
    if percentage.isKind(.int) {
      let target = arena.map([
        "type": arena.string("Utilization"), "averageUtilization": percentage,
      ])
      let metric = arena.map([
        "type": arena.string("Resource"),
        "resource": arena.map(["name": arena.string("cpu"), "target": target]),
      ])
      entries.append(MapEntry(key: arena.string("metrics"), value: arena.list([metric])))
    }
    return arena.map(entries)
  }

  /// The other way round; nil when v1 would hold more in an annotation.
  private func toV1(_ spec: Value) -> Value? {
    var entries = spec.entries.filter {
      !$0.key.isString("metrics") && !$0.key.isString("behavior")
    }
    let metrics = spec["metrics"]
    if metrics.count > 1 || !spec["behavior"].isAbsent { return nil }
    if let metric = metrics.elements.first {
      let target = metric["resource"]["target"]
      guard metric["type"].isString("Resource"), metric["resource"]["name"].isString("cpu"),
        target["type"].isString("Utilization"), target["averageUtilization"].isKind(.int)
      else { return nil }
      entries.append(
        MapEntry(
          key: arena.string("targetCPUUtilizationPercentage"),
          value: target["averageUtilization"]))
    }
    return arena.map(entries)
  }
}
