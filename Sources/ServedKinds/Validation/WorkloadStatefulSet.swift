import Documents
import Manifests
import Quantities

/// StatefulSet (`ValidateStatefulSet`, `ValidateStatefulSetUpdate`).
extension ObjectValidation {
  /// Checks a StatefulSet; `old` is absent for a new one.
  mutating func statefulSet(_ object: Value, old: Value) {
    let oldSpec = old["spec"]
    // Rules that came late are not held against what broke them before.
    var isTolerant = false
    if oldSpec.isGiven {
      var before = ObjectValidation(minor: minor)
      before.statefulSetSpec(oldSpec, isUpdate: true, isTolerant: false)
      isTolerant = !before.errors.isEmpty
    }
    field("spec", of: object) {
      $0.statefulSetSpec($1, isUpdate: oldSpec.isGiven, isTolerant: isTolerant)
    }
    if oldSpec.isGiven { immutableStatefulSet(object["spec"], oldSpec) }
  }

  private mutating func statefulSetSpec(_ spec: Value, isUpdate: Bool, isTolerant: Bool) {
    let policy = spec["podManagementPolicy"]
    if policy.isUnset {
      require("podManagementPolicy", of: spec, "workload/pod-management-policy")
    } else if !policy.isString("OrderedReady"), !policy.isString("Parallel") {
      report(
        "workload/pod-management-policy", .invalid, at: "podManagementPolicy",
        "'\(policy.shown)' must be 'OrderedReady' or 'Parallel'")
    }
    statefulSetStrategy(of: spec)
    retentionPolicy(of: spec)
    if minor >= 34, !isUpdate {
      elements("volumeClaimTemplates", of: spec) { check, template, _ in
        check.field("spec", of: template) { $0.claimSpec($1) }
      }
    }
    expectNonNegative("replicas", of: spec, "workload/replicas")
    expectNonNegative("minReadySeconds", of: spec, "workload/min-ready-seconds")
    given("ordinals", of: spec) { $0.expectNonNegative("start", of: $1, "workload/ordinals") }
    if minor >= 33, !isUpdate, !spec["serviceName"].isUnset {
      expect(.dns1123Label, spec["serviceName"], "workload/service-name", at: "serviceName")
    }
    if workloadSelector(of: spec, "StatefulSet") {
      templateMatchesSelector(of: spec)
      statefulSetTemplate(of: spec, isTolerant: isTolerant)
    } else {
      report("workload/selector", .invalid, at: "selector", "the label selector is invalid")
    }
    runsForever(spec, "StatefulSet")
  }

  private mutating func statefulSetTemplate(of spec: Value, isTolerant: Bool) {
    field("template", of: spec) { check, template in
      if check.minor >= 34, !isTolerant {
        check.podTemplate(
          template, claimTemplates: spec["volumeClaimTemplates"], isStatefulSet: true)
      } else {
        check.templateMetadata(template)
      }
    }
  }

  private mutating func statefulSetStrategy(of spec: Value) {
    let strategy = spec["updateStrategy"]
    let type = strategy["type"]
    let rolling = strategy["rollingUpdate"]
    if type.isUnset {
      report("workload/strategy", .required, at: "updateStrategy", "the strategy has no 'type'")
    } else if type.isString("OnDelete") {
      guard rolling.isGiven else { return }
      field("updateStrategy", of: spec) { check, _ in
        check.report(
          "workload/strategy", .invalid, at: "rollingUpdate",
          "'rollingUpdate' only goes with the type 'RollingUpdate'")
      }
    } else if type.isString("RollingUpdate") {
      guard rolling.isGiven else { return }
      field("updateStrategy", of: spec) { check, strategy in
        check.field("rollingUpdate", of: strategy) { $0.rollingStatefulSet($1) }
      }
    } else {
      report(
        "workload/strategy", .invalid, at: "updateStrategy",
        "'\(type.shown)' must be 'RollingUpdate' or 'OnDelete'")
    }
  }

  private mutating func rollingStatefulSet(_ rolling: Value) {
    expectNonNegative("partition", of: rolling, "workload/partition")
    guard rolling["maxUnavailable"].isGiven, minor >= 35 else { return }
    let unavailable = numberOrPercent("maxUnavailable", of: rolling, "workload/max-unavailable")
    if unavailable == 0 {
      report(
        "workload/max-unavailable", .invalid, at: "maxUnavailable", "'maxUnavailable' cannot be 0")
    }
    expectNotMoreThanAll("maxUnavailable", of: rolling, "workload/max-unavailable")
  }

  private mutating func retentionPolicy(of spec: Value) {
    given("persistentVolumeClaimRetentionPolicy", of: spec) { check, policy in
      for name: StaticString in ["whenDeleted", "whenScaled"] {
        check.expectOneOf(
          ["Retain", "Delete"], policy[name], "workload/claim-retention", at: name,
          emptyIsMissing: false)
      }
    }
  }

  /// What of a StatefulSet may change.
  private mutating func immutableStatefulSet(_ spec: Value, _ old: Value) {
    var mutable: [StaticString] = [
      "replicas", "template", "updateStrategy", "minReadySeconds", "ordinals",
      "persistentVolumeClaimRetentionPolicy",
    ]
    if minor >= 33 { mutable.append("revisionHistoryLimit") }
    let changed = spec.changedKeys(from: old, except: mutable)
    guard !changed.isEmpty else { return }
    report(
      "workload/statefulset-immutable", .forbidden, at: "spec",
      "\(list(changed)) of a StatefulSet cannot be changed",
      help:
        "delete the StatefulSet with '--cascade=orphan' and create it anew: its Pods and claims stay"
    )
  }
}

extension Value {
  /// The keys whose values differ between two maps, in the order of the first, then of the second.
  func changedKeys(from old: Value, except: [StaticString]) -> [String] {
    var changed: [String] = []
    for entry in entries
    where !entry.value.isIdentical(to: old.lookup(entry.key))
      && !except.contains(where: { entry.key.isString($0) })
    {
      changed.append(entry.key.shown)
    }
    for entry in old.entries
    where lookup(entry.key).isAbsent && !except.contains(where: { entry.key.isString($0) }) {
      changed.append(entry.key.shown)
    }
    return changed
  }
}
