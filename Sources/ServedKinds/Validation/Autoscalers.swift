import Documents
import Quantities

private let sources: [StaticString] = [
  "ContainerResource", "External", "Object", "Pods", "Resource",
]
private let policyTypes: [StaticString] = ["Percent", "Pods"]
private let selections: [StaticString] = ["Disabled", "Max", "Min"]

/// What the API server asks of a HorizontalPodAutoscaler (autoscaling `validation.go`, 1.36).
extension ObjectValidation {
  mutating func autoscaler(_ object: Value, old: Value = .absent) {
    field("spec", of: object) { validation, spec in
      let minimum = spec["minReplicas"].asInt
      let maximum = spec["maxReplicas"].intOrZero
      if let minimum, minimum < 1, old["spec"]["minReplicas"].asInt != 0 || minimum < 0 {
        validation.report(
          "autoscaler/min-replicas", .invalid, at: "minReplicas",
          "found \(minimum), expected 1 or more")
      }
      if maximum < 1 {
        validation.report(
          "autoscaler/max-replicas", .required, at: "maxReplicas",
          "'maxReplicas' must be given and be 1 or more")
      }
      if let minimum, maximum < minimum {
        validation.report(
          "autoscaler/min-over-max", .invalid, at: "maxReplicas",
          "maxReplicas \(maximum) is less than minReplicas \(minimum)")
      }
      validation.field("scaleTargetRef", of: spec) { validation, target in
        validation.scaledObject(
          target, needsGroup: validation.minor >= 34, old: old["spec"]["scaleTargetRef"])
      }
      validation.metrics(spec)
      validation.utilization(spec)
      validation.field("behavior", of: spec) { validation, behavior in
        validation.scalingRules("scaleUp", of: behavior)
        validation.scalingRules("scaleDown", of: behavior)
      }
    }
  }

  /// autoscaling/v1 says one metric in a field of its own.
  private mutating func utilization(_ spec: Value) {
    if let percent = spec["targetCPUUtilizationPercentage"].asInt, percent < 1 {
      field("targetCPUUtilizationPercentage", of: spec) { validation, _ in
        validation.report(
          "autoscaler/metric-target", .invalid, "found \(percent), expected more than 0",
          printedAs: "spec.metrics[0].resource.target.averageUtilization")
      }
    }
  }

  private mutating func scaledObject(_ target: Value, needsGroup: Bool, old: Value = .absent) {
    if require("autoscaler/target", "kind", of: target) {
      pathSegment("autoscaler/target", target["kind"], at: "kind")
    }
    if require("autoscaler/target", "name", of: target) {
      pathSegment("autoscaler/target", target["name"], at: "name")
    }
    let version = target["apiVersion"]
    if minor < 34 || old.isSet && unchanged(version, old["apiVersion"]) { return }
    let slashes = version.utf8.count { $0 == UInt8(ascii: "/") }
    if slashes > 1 {
      report(
        "autoscaler/target", .invalid, at: "apiVersion",
        "\(shown(version)) is no group and version, expected one such as 'apps/v1'")
    } else if needsGroup, slashes == 0 || version.hasPrefix("/"),
      !target["kind"].isString("ReplicationController")
    {
      report(
        "autoscaler/target", .invalid, at: "apiVersion",
        "\(shown(version)) names no API group, expected one such as 'apps/v1'")
    }
  }

  private mutating func metrics(_ spec: Value) {
    elements("metrics", of: spec) { validation, metric, _ in validation.metric(metric) }
  }

  private mutating func metric(_ metric: Value) {
    let type = metric["type"]
    if type.isUnset {
      report(
        "autoscaler/metric-type", .required, at: "type",
        "a metric needs a type, expected \(listed(sources))")
    }
    let isKnown = sources.contains { type.isString($0) }
    if !isKnown {
      report(
        "autoscaler/metric-type", .notSupported, at: "type",
        "found \(shown(type)), expected \(listed(sources))")
    }
    var present = 0
    for (name, _) in sourceFields where metric[name].isSet {
      present += 1
      if present > 1 { continue }
      field(name, of: metric) { validation, source in validation.source(name, source) }
    }
    guard let expected = sourceFields.first(where: { type.isString($0.1) })?.0 else { return }
    if !metric[expected].isSet {
      report(
        "autoscaler/metric-source", .required, at: expected,
        "a metric of type \(shown(type)) needs '\(expected)'")
    }
    if present > 1 || present == 1 && !metric[expected].isSet {
      for (name, _) in sourceFields where metric[name].isSet && !same(name, expected) {
        report(
          "autoscaler/metric-source", .forbidden, at: name,
          "a metric of type \(shown(type)) has only '\(expected)'")
      }
    }
  }

  private mutating func source(_ name: StaticString, _ source: Value) {
    let target = source["target"]
    if same(name, "object") {
      field("describedObject", of: source) { validation, target in
        validation.scaledObject(target, needsGroup: false)
      }
    }
    if same(name, "resource") || same(name, "containerResource") {
      require("autoscaler/metric-name", "name", of: source)
      if same(name, "containerResource") {
        require("autoscaler/metric-container", "container", of: source)
      }
      metricTarget(source)
      let value = target["averageValue"].isSet
      let utilization = target["averageUtilization"].isSet
      if !value, !utilization {
        report(
          "autoscaler/metric-target", .required, in: "target", at: "averageUtilization",
          "give 'averageUtilization' or 'averageValue'")
      }
      if value, utilization {
        report(
          "autoscaler/metric-target", .forbidden, in: "target", at: "averageValue",
          "give 'averageUtilization' or 'averageValue', not both")
      }
      return
    }
    field("metric", of: source) { validation, metric in
      if validation.require("autoscaler/metric-name", "name", of: metric) {
        validation.pathSegment("autoscaler/metric-name", metric["name"], at: "name")
      }
    }
    metricTarget(source)
    let average = target["averageValue"]
    if same(name, "pods") {
      if (average.quantity?.signum ?? 0) != 1 {
        report(
          "autoscaler/metric-target", .required, in: "target", at: "averageValue",
          "a metric of pods needs a positive 'averageValue'")
      }
      return
    }
    if !target["value"].isSet, !average.isSet {
      report(
        "autoscaler/metric-target", .required, in: "target", at: "averageValue",
        "give 'value' or 'averageValue'")
    }
    if same(name, "external"), target["value"].isSet, average.isSet {
      report(
        "autoscaler/metric-target", .forbidden, in: "target", at: "value",
        "give 'value' or 'averageValue', not both")
    }
  }

  private mutating func metricTarget(_ source: Value) {
    field("target", of: source) { validation, target in
      let type = target["type"]
      if type.isUnset {
        validation.report(
          "autoscaler/metric-target", .required, at: "type", "a target needs a type")
      }
      if !type.isString("Utilization"), !type.isString("Value"), !type.isString("AverageValue") {
        validation.report(
          "autoscaler/metric-target", .invalid, at: "type",
          "found \(shown(type)), expected 'Utilization', 'Value' or 'AverageValue'")
      }
      for name: StaticString in ["value", "averageValue"] {
        if target[name].isSet, let amount = target[name].quantity, amount.signum != 1 {
          validation.report(
            "autoscaler/metric-target", .invalid, at: name,
            "found '\(amount)', expected more than 0")
        }
      }
      if let percent = target["averageUtilization"].asInt, percent < 1 {
        validation.report(
          "autoscaler/metric-target", .invalid, at: "averageUtilization",
          "found \(percent), expected more than 0")
      }
    }
  }

  private mutating func scalingRules(_ name: StaticString, of behavior: Value) {
    guard behavior[name].isSet else { return }
    field(name, of: behavior) { validation, rules in
      validation.range(
        "autoscaler/stabilization-window", "stabilizationWindowSeconds", of: rules, 0...3600)
      if rules["selectPolicy"].isSet {
        validation.field("selectPolicy", of: rules) { validation, policy in
          validation.choice("autoscaler/select-policy", policy, among: selections)
        }
      }
      validation.require("autoscaler/scaling-policies", "policies", of: rules)
      validation.elements("policies", of: rules) { validation, policy, _ in
        if !policyTypes.contains(where: { policy["type"].isString($0) }) {
          validation.report(
            "autoscaler/scaling-policies", .notSupported, at: "type",
            "found \(shown(policy["type"])), expected 'Percent' or 'Pods'")
        }
        if policy["value"].intOrZero <= 0 {
          validation.report(
            "autoscaler/scaling-policies", .invalid, at: "value",
            "found \(policy["value"].intOrZero), expected more than 0")
        }
        let period = policy["periodSeconds"].intOrZero
        if !(1...1800).contains(period) {
          validation.report(
            "autoscaler/scaling-policies", .invalid, at: "periodSeconds",
            "found \(period), expected 1 to 1800 seconds")
        }
      }
      if let tolerance = rules["tolerance"].quantity, tolerance.signum < 0 {
        validation.report(
          "autoscaler/tolerance", .invalid, at: "tolerance", "a tolerance cannot be negative")
      }
    }
  }
}

/// In the order in which the API server looks at them.
private let sourceFields: [(StaticString, StaticString)] = [
  ("object", "Object"), ("external", "External"), ("pods", "Pods"), ("resource", "Resource"),
  ("containerResource", "ContainerResource"),
]

/// Whether two fixed names are the same.
func same(_ left: StaticString, _ right: StaticString) -> Bool {
  left.utf8Start == right.utf8Start
    || left.utf8CodeUnitCount == right.utf8CodeUnitCount
      && left.withUTF8Buffer { a in right.withUTF8Buffer { b in a.elementsEqual(b) } }
}
