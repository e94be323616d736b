import Documents

/// When a single container is started again (`validateContainerRestartPolicy`, since 1.35).
extension ObjectValidation {
  /// Checks `restartPolicy` and `restartPolicyRules` of a container.
  mutating func restartPolicyAndRules(of container: Value) {
    let policy = container["restartPolicy"]
    let rules = container["restartPolicyRules"]
    if policy.isGiven {
      expectOneOf(
        ["Always", "Never", "OnFailure"], policy, "container/restart-policy", at: "restartPolicy",
        emptyIsMissing: false)
    } else if rules.isUnset {
      return
    } else {
      reportRulesWithoutPolicy()
    }
    if rules.elements.count > 20 {
      report(
        "container/restart-rules", .tooMany, at: "restartPolicyRules",
        "there may be 20 rules, these are \(rules.elements.count)")
    }
    elements("restartPolicyRules", of: container) { check, rule, _ in check.restartRule(rule) }
  }

  private mutating func reportRulesWithoutPolicy() {
    report(
      "container/restart-policy", .required, at: "restartPolicy",
      "'restartPolicyRules' need a 'restartPolicy' beside them",
      help: "say what holds when no rule fits: 'restartPolicy: Never', 'OnFailure' or 'Always'")
  }

  private mutating func restartRule(_ rule: Value) {
    let actions: [StaticString] =
      minor >= 36 ? ["Restart", "RestartAllContainers"] : ["Restart"]
    expectOneOf(
      actions, rule["action"], "container/restart-rules", at: "action", emptyIsMissing: false)
    guard rule["exitCodes"].isGiven else {
      report(
        "container/restart-rules", .required, at: "exitCodes", "'exitCodes' must be specified")
      return
    }
    field("exitCodes", of: rule) { check, codes in
      check.expectOneOf(
        ["In", "NotIn"], codes["operator"], "container/restart-rules", at: "operator",
        emptyIsMissing: false)
      if codes["values"].elements.count > 255 {
        check.report(
          "container/restart-rules", .tooMany, at: "values", "there may be 255 exit codes")
      }
    }
  }

  /// Checks the restart policy of an init container: `Always` makes it a sidecar.
  mutating func initRestartPolicy(of container: Value) {
    let policy = container["restartPolicy"]
    let rules = container["restartPolicyRules"]
    guard policy.isGiven else {
      if minor >= 35, !rules.isUnset { reportRulesWithoutPolicy() }
      return
    }
    if minor < 35 {
      expectOneOf(
        ["Always"], policy, "container/restart-policy", at: "restartPolicy", emptyIsMissing: false)
    } else if policy.isString("Always"), minor < 36 {
      if !rules.isUnset {
        report(
          "container/restart-rules", .forbidden, at: "restartPolicyRules",
          "a sidecar may not have restart rules before Kubernetes 1.36")
      }
    } else {
      restartPolicyAndRules(of: container)
    }
  }
}
