import Documents
import Quantities

private let preemptions: [StaticString] = ["PreemptLowerPriority", "Never"]
private let effects: [StaticString] = ["NoSchedule", "PreferNoSchedule", "NoExecute"]
private let tolerationOperators: [StaticString] = ["Equal", "Exists"]

/// What the API server asks of PriorityClass, RuntimeClass, Lease and Node.
extension ObjectValidation {
  mutating func priorityClass(_ object: Value, old: Value = .absent) {
    let name = object["metadata"]["name"]
    let value = object["value"].intOrZero
    if name.hasPrefix("system-") {
      let isKnown =
        name.isString("system-node-critical") && value == 2_000_001_000
        || name.isString("system-cluster-critical") && value == 2_000_000_000
      if !isKnown {
        report(
          "priority-class/system-name", .forbidden, in: "metadata", at: "name",
          "names that begin with 'system-' are the cluster's own")
      }
    } else if value > 1_000_000_000 {
      report(
        "priority-class/value", .forbidden, at: "value",
        "found \(value), expected at most 1000000000")
    }
    if old.isSet, value != old["value"].intOrZero {
      report(
        "priority-class/changed", .forbidden, at: "value", "'value' cannot change",
        help: "give the new priority a PriorityClass of another name")
    }
    choice("priority-class/preemption", "preemptionPolicy", of: object, among: preemptions)
    if old.isSet {
      immutable(
        "priority-class/changed", "preemptionPolicy", of: object, was: old,
        help: "give the new policy a PriorityClass of another name")
    }
  }

  mutating func runtimeClass(_ object: Value, old: Value = .absent) {
    name("runtime-class/handler", object["handler"], .dns1123Label, at: "handler")
    field("overhead", of: object) { validation, overhead in
      validation.entries("podFixed", of: overhead) { validation, key, value in
        validation.resourceName("runtime-class/overhead", key)
        if let amount = value.quantity, amount.signum < 0 {
          validation.report(
            "runtime-class/overhead", .invalid, "found '\(amount)', expected 0 or more")
        }
      }
    }
    field("scheduling", of: object) { validation, scheduling in
      validation.field("nodeSelector", of: scheduling) { validation, labels in
        validation.labels("runtime-class/node-selector", labels)
      }
      validation.nodeTolerations("runtime-class/toleration", of: scheduling)
    }
    if old.isSet {
      immutable("runtime-class/handler-changed", "handler", of: object, was: old)
    }
  }

  /// Holds the `tolerations` of a map, which may not be there twice (core `ValidateTolerations`).
  private mutating func nodeTolerations(_ rule: StaticString, of map: Value) {
    elements("tolerations", of: map) { validation, toleration, index in
      let key = toleration["key"]
      let name = toleration["operator"]
      if !key.isUnset { validation.name(rule, key, .qualifiedName, at: "key") }
      if key.isUnset, !name.isString("Exists") {
        validation.report(
          rule, .invalid, at: "operator",
          "a toleration without a key needs the operator 'Exists'")
      }
      if toleration["tolerationSeconds"].isSet, !toleration["effect"].isString("NoExecute") {
        validation.report(
          rule, .invalid, at: "effect", "'tolerationSeconds' needs the effect 'NoExecute'")
      }
      if name.isUnset || name.isString("Equal") {
        if !NameFormat.labelValue.accepts(toleration["value"].asString ?? "") {
          validation.name(rule, toleration["value"], .labelValue, at: "operator")
        }
      } else if name.isString("Exists") {
        if !toleration["value"].isUnset {
          validation.report(
            rule, .invalid, at: "operator", "the operator 'Exists' takes no value")
        }
      } else {
        validation.report(
          rule, .notSupported, at: "operator",
          "found \(shown(name)), expected \(listed(tolerationOperators))")
      }
      validation.choice(rule, "effect", of: toleration, among: effects)
      if map["tolerations"].elements[..<index].contains(where: { $0.isIdentical(to: toleration) }) {
        validation.report(rule, .duplicate, "the same toleration is there twice")
      }
    }
  }

  mutating func lease(_ object: Value) {
    field("spec", of: object) { validation, spec in
      if let seconds = spec["leaseDurationSeconds"].asInt, seconds <= 0 {
        validation.report(
          "lease/duration", .invalid, at: "leaseDurationSeconds",
          "found \(seconds), expected more than 0")
      }
      validation.nonNegative("lease/transitions", "leaseTransitions", of: spec)
      if spec["holderIdentity"].isSet, spec["holderIdentity"].isUnset {
        validation.report("lease/holder", .invalid, at: "holderIdentity", "the holder has no name")
      }
      if spec["preferredHolder"].isSet, !spec["strategy"].isSet {
        validation.report(
          "lease/strategy", .forbidden, at: "preferredHolder", "'preferredHolder' needs 'strategy'")
      }
    }
  }

  /// A new Namespace names what finishes its deletion; a later one keeps what the API server made of it.
  mutating func namespace(_ object: Value) {
    field("spec", of: object) { validation, spec in
      for (index, finalizer) in spec["finalizers"].elements.enumerated() {
        validation.finalizerName(finalizer, at: index, isCore: true)
      }
    }
  }

  mutating func node(_ object: Value, old: Value = .absent) {
    field("spec", of: object) { validation, spec in
      validation.elements("taints", of: spec) { validation, taint, index in
        validation.taint(taint, index, spec["taints"])
      }
      var families: [Bool] = []
      validation.elements("podCIDRs", of: spec) { validation, block, _ in
        if let block = validation.addressBlock("node/pod-cidr", block) {
          families.append(block.address.isVersion4)
        }
      }
      if families.count > 2 || families.count == 2 && families[0] == families[1] {
        validation.report(
          "node/pod-cidr", .invalid, at: "podCIDRs",
          "found more than one block of the same family, expected at most one of each")
      }
    }
    let before = old["spec"]
    field("spec", of: object) { validation, spec in
      for name: StaticString in ["podCIDRs", "providerID"] where !before[name].isUnset {
        if !unchanged(spec[name], before[name]) {
          validation.report(
            "node/changed", .forbidden, at: name, "'\(name)' cannot change once it is set")
        }
      }
    }
  }

  /// The API server prints taints as if they stood in the metadata.
  private mutating func taint(_ taint: Value, _ index: Int, _ all: Value) {
    let prefix = "metadata.taints[\(index)]"
    for problem in NameFormat.qualifiedName.problems(in: taint["key"].asString ?? "") {
      report(
        "node/taint", .invalid, at: "key", "\(shown(taint["key"])) \(problem)",
        printedAs: "\(prefix).key")
    }
    for problem in NameFormat.labelValue.problems(in: taint["value"].asString ?? "") {
      report(
        "node/taint", .invalid, at: "value", "\(shown(taint["value"])) \(problem)",
        printedAs: "\(prefix).value")
    }
    let effect = taint["effect"]
    if effect.isUnset {
      report(
        "node/taint", .required, at: "effect", "a taint needs an effect",
        printedAs: "\(prefix).effect")
    } else if !effects.contains(where: { effect.isString($0) }) {
      report(
        "node/taint", .notSupported, at: "effect",
        "found \(shown(effect)), expected \(listed(effects))", printedAs: "\(prefix).effect")
    }
    if all.elements[..<index].contains(where: {
      unchanged($0["key"], taint["key"]) && unchanged($0["effect"], effect)
    }) {
      report(
        "node/taint", .duplicate, "the same key and effect are there twice", printedAs: prefix)
    }
  }
}
