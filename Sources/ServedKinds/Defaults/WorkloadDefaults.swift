import Documents

/// kubernetes `pkg/apis/apps/v1/defaults.go`, `pkg/apis/batch/v1/defaults.go`, `pkg/apis/autoscaling/v2/defaults.go`.
extension DefaultHooks {
  static let workloads: [String: DefaultHook] = [
    "apps.DeploymentStrategy": deploymentStrategy,
    "apps.DaemonSetUpdateStrategy": daemonSetStrategy,
    "apps.StatefulSetUpdateStrategy": statefulSetStrategy,
    "apps.StatefulSetSpec": statefulSet, "batch.Job": job,
    "autoscaling.HorizontalPodAutoscalerSpec": autoscaler,
    "autoscaling.HorizontalPodAutoscalerBehavior": behavior,
  ]

  private static func deploymentStrategy(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    guard decoder["type", start].isString("RollingUpdate") else { return }
    decoder.setDefault(
      "rollingUpdate",
      decoder.arena.map([
        "maxUnavailable": nameValue("25%"), "maxSurge": nameValue("25%"),
      ]), in: start)
  }

  private static func daemonSetStrategy(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    guard decoder["type", start].isString("RollingUpdate") else { return }
    decoder.setDefault(
      "rollingUpdate", decoder.arena.map(["maxUnavailable": .int(1), "maxSurge": .int(0)]),
      in: start)
  }

  private static func statefulSetStrategy(
    _ decoder: inout ObjectDecoder, _ start: StructureStart
  ) {
    guard decoder["type", start].isString("RollingUpdate") else { return }
    decoder.setDefault("rollingUpdate", decoder.arena.map(["partition": .int(0)]), in: start)
  }

  /// Claims inside a StatefulSet are whole objects and are stored with their kind.
  private static func statefulSet(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    let templates = decoder["volumeClaimTemplates", start]
    guard templates.count > 0 else { return }
    let filled = templates.elements.map { template in
      guard template.isKind(.map) else { return template }
      let named = decoder.map(template, setting: "apiVersion", to: nameValue("v1"))
      return decoder.map(named, setting: "kind", to: nameValue("PersistentVolumeClaim"))
    }
    decoder.set(
      "volumeClaimTemplates", to: decoder.arena.list(filled), in: start, isDefault: false)
  }

  private static func job(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    var spec = decoder["spec", start]
    guard spec.isKind(.map) else { return }
    var defaults: [StaticString] = []
    func setDefault(_ name: StaticString, _ value: Value) {
      guard spec[name].isAbsent else { return }
      spec = decoder.map(spec, setting: name, to: value)
      defaults.append(name)
    }
    if spec["completions"].isAbsent, spec["parallelism"].isAbsent {
      setDefault("completions", .int(1))
    }
    setDefault("parallelism", .int(1))
    setDefault("backoffLimit", .int(spec["backoffLimitPerIndex"].isAbsent ? 6 : Int64(Int32.max)))
    setDefault("completionMode", nameValue("NonIndexed"))
    setDefault("suspend", .false)
    setDefault(
      "podReplacementPolicy",
      nameValue(spec["podFailurePolicy"].isAbsent ? "TerminatingOrFailed" : "Failed"))
    decoder.set("spec", to: spec, in: start, isDefault: false)
    decoder.noteDefaults("spec", defaults, written: start.written)
    labelsOfTemplate(&decoder, start)
  }

  /// The Job's own labels are those of its template where it has none (`SetDefaults_Job`).
  private static func labelsOfTemplate(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    let labels = decoder["spec", start]["template"]["metadata"]["labels"]
    let metadata = decoder["metadata", start]
    guard labels.count > 0, metadata["labels"].count == 0 else { return }
    decoder.set(
      "metadata", to: decoder.map(metadata, setting: "labels", to: labels), in: start,
      isDefault: false)
    decoder.noteDefaults("metadata", ["labels"], written: start.written)
  }

  // MARK: autoscalers

  private static func autoscaler(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    guard decoder.isVersion("autoscaling/v2"), decoder["metrics", start].count == 0 else { return }
    let arena = decoder.arena
    let target = arena.map(["type": nameValue("Utilization"), "averageUtilization": .int(80)])
    let resource = arena.map(["name": nameValue("cpu"), "target": target])
    let metric = arena.map(["type": nameValue("Resource"), "resource": resource])
    decoder.set("metrics", to: arena.list([metric]), in: start)
  }

  private static func behavior(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    let arena = decoder.arena
    func policy(_ type: StaticString, _ value: Int64) -> Value {
      arena.map(["type": nameValue(type), "value": .int(value), "periodSeconds": .int(15)])
    }
    let up = rules(
      decoder["scaleUp", start], stabilization: 0,
      policies: [policy("Pods", 4), policy("Percent", 100)],
      decoder)
    decoder.set("scaleUp", to: up, in: start, isDefault: decoder["scaleUp", start].isAbsent)
    let down = rules(
      decoder["scaleDown", start], stabilization: nil, policies: [policy("Percent", 100)], decoder)
    decoder.set("scaleDown", to: down, in: start, isDefault: decoder["scaleDown", start].isAbsent)
  }

  private static func rules(
    _ written: Value, stabilization: Int64?, policies: [Value], _ decoder: ObjectDecoder
  ) -> Value {
    var result = written.isKind(.map) ? written : .emptyMap
    if let stabilization, result["stabilizationWindowSeconds"].isAbsent {
      result = decoder.map(
        result, setting: "stabilizationWindowSeconds", to: .int(stabilization))
    }
    if result["selectPolicy"].isAbsent {
      result = decoder.map(result, setting: "selectPolicy", to: nameValue("Max"))
    }
    if result["policies"].isAbsent {
      result = decoder.map(result, setting: "policies", to: decoder.arena.list(policies))
    }
    return result
  }
}
