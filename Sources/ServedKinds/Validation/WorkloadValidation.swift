import Documents
import Manifests
import Quantities

/// The controllers of group `apps`, ReplicationController and PodTemplate (`pkg/apis/apps/validation`).
extension ObjectValidation {
  /// Checks a Deployment; `old` is absent for a new one.
  mutating func deployment(_ object: Value, old: Value) {
    field("spec", of: object) { check, spec in
      check.expectNonNegative("replicas", of: spec, "workload/replicas")
      check.replicatedTemplate(of: spec, "Deployment")
      check.deploymentStrategy(of: spec)
      check.expectNonNegative("minReadySeconds", of: spec, "workload/min-ready-seconds")
      check.expectNonNegative("revisionHistoryLimit", of: spec, "workload/revision-history-limit")
      let deadline = spec["progressDeadlineSeconds"]
      if deadline.isGiven {
        check.expectNonNegative(
          "progressDeadlineSeconds", of: spec, "workload/progress-deadline")
        if deadline.intOrZero <= spec["minReadySeconds"].intOrZero {
          check.report(
            "workload/progress-deadline", .invalid, at: "progressDeadlineSeconds",
            "'progressDeadlineSeconds' is \(deadline.shown), it must be greater than "
              + "'minReadySeconds' (\(spec["minReadySeconds"].intOrZero))")
        }
      }
      check.immutableSelector(spec, old["spec"], "Deployment")
    }
  }

  /// Checks a ReplicaSet.
  mutating func replicaSet(_ object: Value, old: Value) {
    field("spec", of: object) { check, spec in
      check.expectNonNegative("replicas", of: spec, "workload/replicas")
      check.expectNonNegative("minReadySeconds", of: spec, "workload/min-ready-seconds")
      check.replicatedTemplate(of: spec, "ReplicaSet")
      check.immutableSelector(spec, old["spec"], "ReplicaSet")
    }
  }

  /// Selector and template of what keeps a number of Pods (`ValidatePodTemplateSpecForReplicaSet`).
  private mutating func replicatedTemplate(of spec: Value, _ kind: StaticString) {
    guard workloadSelector(of: spec, kind) else {
      report("workload/selector", .invalid, at: "selector", "the label selector is invalid")
      return
    }
    templateMatchesSelector(of: spec)
    field("template", of: spec) { $0.podTemplate($1) }
    runsForever(spec, kind)
  }

  private mutating func deploymentStrategy(of spec: Value) {
    field("strategy", of: spec) { check, strategy in
      let type = strategy["type"]
      let rolling = strategy["rollingUpdate"]
      if type.isString("Recreate") {
        guard rolling.isGiven else { return }
        check.report(
          "workload/strategy", .forbidden, at: "rollingUpdate",
          "'rollingUpdate' may not be set when the type is 'Recreate'", help: "remove it")
      } else if type.isString("RollingUpdate") {
        if rolling.isGiven {
          check.field("rollingUpdate", of: strategy) { $0.rollingDeployment($1) }
        } else {
          check.require("rollingUpdate", of: strategy, "workload/strategy")
        }
      } else {
        check.expectOneOf(
          ["Recreate", "RollingUpdate"], type, "workload/strategy", emptyIsMissing: false)
      }
    }
  }

  private mutating func rollingDeployment(_ rolling: Value) {
    let unavailable = numberOrPercent("maxUnavailable", of: rolling, "workload/max-unavailable")
    let surge = numberOrPercent("maxSurge", of: rolling, "workload/max-surge")
    if unavailable == 0, surge == 0 {
      report(
        "workload/max-unavailable", .invalid, at: "maxUnavailable",
        "'maxUnavailable' and 'maxSurge' may not both be 0",
        help: "let one Pod more ('maxSurge: 1') or one less ('maxUnavailable: 1') run")
    }
    expectNotMoreThanAll("maxUnavailable", of: rolling, "workload/max-unavailable")
  }

  /// Reports a changed selector of what exists.
  mutating func immutableSelector(_ spec: Value, _ old: Value, _ kind: StaticString) {
    guard old.isGiven, !spec["selector"].isIdentical(to: old["selector"]) else { return }
    report(
      "workload/selector-immutable", .invalid, at: "selector",
      "the selector of a \(kind) cannot be changed",
      help: "keep it, or make a \(kind) of another name and delete this one")
  }

  /// Checks a DaemonSet.
  mutating func daemonSet(_ object: Value, old: Value) {
    field("spec", of: object) { check, spec in
      let selector = spec["selector"]
      let isValid = check.field("selector", of: spec) { $0.labelSelector($1) }
      if isValid, !selects(selector: selector, labels: spec["template"]["metadata"]["labels"]) {
        check.reportMismatch(of: spec)
      }
      if selector.isGiven, selector["matchLabels"].isUnset, selector["matchExpressions"].isUnset {
        check.report(
          "workload/selector-empty", .invalid, at: "selector",
          "an empty selector is invalid for a DaemonSet")
      }
      check.field("template", of: spec) { $0.podTemplate($1) }
      check.runsForever(spec, "DaemonSet")
      check.expectNonNegative("minReadySeconds", of: spec, "workload/min-ready-seconds")
      check.daemonSetStrategy(of: spec)
      check.expectNonNegative("revisionHistoryLimit", of: spec, "workload/revision-history-limit")
      check.immutableSelector(spec, old["spec"], "DaemonSet")
    }
  }

  private mutating func daemonSetStrategy(of spec: Value) {
    let type = spec["updateStrategy"]["type"]
    if type.isString("OnDelete") { return }
    guard type.isString("RollingUpdate") else {
      expectOneOf(
        ["OnDelete", "RollingUpdate"], type, "workload/strategy", at: "updateStrategy",
        emptyIsMissing: false)
      return
    }
    field("updateStrategy", of: spec) { check, strategy in
      guard strategy["rollingUpdate"].isGiven else {
        check.require("rollingUpdate", of: strategy, "workload/strategy")
        return
      }
      check.field("rollingUpdate", of: strategy) { $0.rollingDaemonSet($1) }
    }
  }

  private mutating func rollingDaemonSet(_ rolling: Value) {
    let unavailable = numberOrPercent("maxUnavailable", of: rolling, "workload/max-unavailable")
    let surge = numberOrPercent("maxSurge", of: rolling, "workload/max-surge")
    expectNotMoreThanAll("maxUnavailable", of: rolling, "workload/max-unavailable")
    expectNotMoreThanAll("maxSurge", of: rolling, "workload/max-surge")
    if unavailable != 0, surge != 0 {
      report(
        "workload/max-surge", .invalid, at: "maxSurge",
        "'maxSurge' may not be set when 'maxUnavailable' is not 0",
        help: "a DaemonSet has one Pod a node: set 'maxUnavailable: 0' beside 'maxSurge'")
    } else if unavailable == 0, surge == 0 {
      report(
        "workload/max-unavailable", .required, at: "maxUnavailable",
        "'maxUnavailable' cannot be 0 when 'maxSurge' is 0")
    }
  }

  /// Checks a ReplicationController.
  mutating func replicationController(_ object: Value, old: Value) {
    field("spec", of: object) { check, spec in
      check.expectNonNegative("minReadySeconds", of: spec, "workload/min-ready-seconds")
      check.require(
        "selector", of: spec, "workload/selector",
        help: "select the labels that the template gives its Pods")
      check.expectNonNegative("replicas", of: spec, "workload/replicas")
      guard spec["template"].isGiven else {
        check.require("template", of: spec, "workload/template")
        return
      }
      let labels = spec["template"]["metadata"]["labels"]
      if !selectsExactly(selector: spec["selector"], labels: labels) {
        check.reportMismatch(of: spec)
      }
      check.field("template", of: spec) { $0.podTemplate($1) }
      check.runsForever(spec, "ReplicationController")
    }
  }

  /// Checks a PodTemplate.
  mutating func podTemplateObject(_ object: Value, old: Value) {
    field("template", of: object) { $0.podTemplate($1) }
  }
}
