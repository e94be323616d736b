import Documents
import Quantities

/// Tolerations, spreading and gates.
extension ObjectValidation {
  /// Checks `spec.tolerations` (`ValidateTolerations`).
  mutating func tolerations(of spec: Value) {
    elements("tolerations", of: spec) { check, toleration, _ in
      let key = toleration["key"]
      let name = toleration["operator"]
      if !key.isUnset { check.expect(.qualifiedName, key, "pod/toleration-key", at: "key") }
      if key.isUnset, !name.isString("Exists") {
        check.report(
          "pod/toleration-operator", .invalid, at: "operator",
          "without a key the operator must be 'Exists', which tolerates every taint",
          help: "name the key of the taint, or write 'operator: Exists'")
      }
      let effect = toleration["effect"]
      if toleration["tolerationSeconds"].isGiven, !effect.isString("NoExecute") {
        check.report(
          "pod/toleration-seconds", .invalid, at: "effect",
          "the effect must be 'NoExecute' when 'tolerationSeconds' is set")
      }
      check.tolerationValue(toleration, name)
      if !effect.isUnset {
        check.expectOneOf(
          ["NoSchedule", "PreferNoSchedule", "NoExecute"], effect, "pod/toleration-effect",
          at: "effect")
      }
    }
  }

  private mutating func tolerationValue(_ toleration: Value, _ name: Value) {
    let value = toleration["value"]
    if name.isUnset || name.isString("Equal") {
      guard !value.isUnset, !NameFormat.labelValue.accepts(value.utf8IfText) else { return }
      let problems = NameFormat.labelValue.problems(in: value.shown).joined(separator: "; ")
      report(
        "pod/toleration-value", .invalid, at: "operator", "value '\(value.shown)': \(problems)")
    } else if name.isString("Exists") {
      guard !value.isUnset else { return }
      report(
        "pod/toleration-value", .invalid, at: "operator",
        "the value must be empty when the operator is 'Exists', it is '\(value.shown)'")
    } else if minor >= 35, name.isString("Lt") || name.isString("Gt") {
      comparedToleration(name, value)
    } else {
      expectOneOf(
        ["Equal", "Exists"], name, "pod/toleration-operator", at: "operator", emptyIsMissing: false)
    }
  }

  /// Comparing operators stand behind a gate that is off by default.
  private mutating func comparedToleration(_ name: Value, _ value: Value) {
    report(
      "pod/toleration-operator", .notSupported, at: "operator",
      "'\(name.shown)' needs a feature gate of the cluster, expected 'Equal' or 'Exists'")
  }

  /// Checks `spec.topologySpreadConstraints` (`validateTopologySpreadConstraints`).
  mutating func topologySpread(of spec: Value) {
    let constraints = spec["topologySpreadConstraints"].elements
    elements("topologySpreadConstraints", of: spec) { check, constraint, index in
      if constraint["maxSkew"].intOrZero <= 0 {
        check.report(
          "pod/spread-max-skew", .invalid, at: "maxSkew",
          "'maxSkew' must be greater than zero, it is \(constraint["maxSkew"].intOrZero)")
      }
      check.topologyKey(of: constraint)
      check.expectOneOf(
        ["DoNotSchedule", "ScheduleAnyway"], constraint["whenUnsatisfiable"],
        "pod/spread-when-unsatisfiable", at: "whenUnsatisfiable", emptyIsMissing: false)
      check.repeatedSpread(constraint, constraints[(index + 1)...])
      check.minDomains(of: constraint)
      for name: StaticString in ["nodeAffinityPolicy", "nodeTaintsPolicy"]
      where constraint[name].isGiven {
        check.expectOneOf(
          ["Honor", "Ignore"], constraint[name], "pod/spread-node-policy", at: name,
          emptyIsMissing: false)
      }
      if check.minor >= 34 {
        check.labelKeys(of: constraint, hasMismatch: false)
      } else {
        check.spreadLabelKeys(of: constraint)
      }
      check.given("labelSelector", of: constraint) { $0.labelSelector($1) }
    }
  }

  private mutating func repeatedSpread(
    _ constraint: Value, _ later: Slice<UnsafeBufferPointer<Value>>
  ) {
    let key = constraint["topologyKey"]
    let action = constraint["whenUnsatisfiable"]
    let isRepeated = later.contains {
      $0["topologyKey"].isSameText(as: key) && $0["whenUnsatisfiable"].isSameText(as: action)
    }
    guard isRepeated else { return }
    report(
      "pod/spread-duplicate", .duplicate,
      "there are two constraints for '\(key.shown)' and '\(action.shown)'",
      printedAs: "\(printedPath).{topologyKey, whenUnsatisfiable}")
  }

  private mutating func minDomains(of constraint: Value) {
    let domains = constraint["minDomains"]
    guard domains.isGiven else { return }
    if domains.intOrZero <= 0 {
      report(
        "pod/spread-min-domains", .invalid, at: "minDomains",
        "'minDomains' must be greater than zero, it is \(domains.intOrZero)")
    }
    if !constraint["whenUnsatisfiable"].isString("DoNotSchedule") {
      report(
        "pod/spread-min-domains", .invalid, at: "minDomains",
        "'minDomains' can only be used with 'whenUnsatisfiable: DoNotSchedule'")
    }
  }

  /// As before 1.34: the keys stand beside the selector.
  private mutating func spreadLabelKeys(of constraint: Value) {
    guard !constraint["matchLabelKeys"].isUnset else { return }
    let selector = constraint["labelSelector"]
    if !selector.isGiven {
      report(
        "pod/label-keys", .forbidden, at: "matchLabelKeys",
        "'matchLabelKeys' must not be set without 'labelSelector'")
    }
    elements("matchLabelKeys", of: constraint) { check, key, _ in
      check.expect(.qualifiedName, key, "pod/label-keys")
      if selector["matchLabels"].lookup(key).isGiven
        || selector["matchExpressions"].elements.contains(where: { $0["key"].hasSameBytes(as: key) }
        )
      {
        check.report(
          "pod/label-keys", .invalid,
          "'\(key.shown)' is in both 'matchLabelKeys' and 'labelSelector'")
      }
    }
  }

  /// Checks `spec.readinessGates` and `spec.schedulingGates`.
  mutating func gates(of spec: Value) {
    if spec["readinessGates"].isGiven {
      elements("readinessGates", of: spec) { check, gate, _ in
        check.expect(
          .qualifiedName, gate["conditionType"], "pod/readiness-gate", at: "conditionType")
      }
    }
    guard spec["schedulingGates"].isGiven else { return }
    let gates = spec["schedulingGates"].elements
    elements("schedulingGates", of: spec) { check, gate, index in
      check.expect(.qualifiedName, gate["name"], "pod/scheduling-gate")
      if gates[..<index].contains(where: { $0["name"].isSameText(as: gate["name"]) }) {
        check.report(
          "pod/scheduling-gate", .duplicate,
          "there are two scheduling gates '\(gate["name"].shown)'")
      }
    }
  }

  /// Checks `spec.resourceClaims` (`validatePodResourceClaims`).
  mutating func podResourceClaims(of spec: Value) {
    let claims = spec["resourceClaims"].elements
    elements("resourceClaims", of: spec) { check, claim, index in
      let name = claim["name"]
      if name.isUnset {
        check.require("name", of: claim, "pod/resource-claim")
      } else if claims[..<index].contains(where: { $0["name"].hasSameBytes(as: name) }) {
        check.report(
          "pod/resource-claim", .duplicate, at: "name", "claim '\(name.shown)' is defined twice")
      } else {
        check.expect(.dns1123Label, name, "pod/resource-claim", at: "name")
      }
      let sources: [StaticString] = ["resourceClaimName", "resourceClaimTemplateName"]
      let count = sources.filter { claim[$0].isGiven }.count
      if count != 1 {
        check.report(
          "pod/resource-claim", .invalid,
          "claim '\(name.shown)' must have exactly one of 'resourceClaimName' and "
            + "'resourceClaimTemplateName'")
      }
      for source in sources where claim[source].isGiven {
        check.expect(.dns1123Subdomain, claim[source], "pod/resource-claim", at: source)
      }
    }
  }
}
