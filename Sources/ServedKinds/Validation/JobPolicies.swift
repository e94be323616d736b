import Documents
import Quantities

/// When a Job has failed and when it has succeeded.
extension ObjectValidation {
  /// Checks `spec.podFailurePolicy`.
  mutating func podFailurePolicy(_ policy: Value, of spec: Value) {
    if policy["rules"].elements.count > 20 {
      report("job/failure-policy", .tooMany, at: "rules", "there may be 20 rules")
    }
    elements("rules", of: policy) { check, rule, _ in
      check.failureAction(of: rule, spec)
      let codes = rule["onExitCodes"]
      let conditions = rule["onPodConditions"]
      check.given("onExitCodes", of: rule) { $0.exitCodes($1, spec) }
      if !conditions.isUnset { check.podConditions(of: rule) }
      if codes.isGiven == !conditions.isUnset {
        check.report(
          "job/failure-policy", .invalid,
          codes.isGiven
            ? "a rule may not have both 'onExitCodes' and 'onPodConditions'"
            : "a rule needs one of 'onExitCodes' and 'onPodConditions'")
      }
    }
  }

  private mutating func failureAction(of rule: Value, _ spec: Value) {
    let action = rule["action"]
    if action.isString("FailIndex") {
      guard !spec["backoffLimitPerIndex"].isGiven else { return }
      report(
        "job/failure-policy", .invalid, at: "action",
        "'FailIndex' needs 'backoffLimitPerIndex' to be set")
    } else {
      expectOneOf(
        ["Count", "FailIndex", "FailJob", "Ignore"], action, "job/failure-policy", at: "action")
    }
  }

  private mutating func exitCodes(_ codes: Value, _ spec: Value) {
    expectOneOf(["In", "NotIn"], codes["operator"], "job/failure-policy", at: "operator")
    let name = codes["containerName"]
    let template = spec["template"]["spec"]
    if name.isGiven,
      !template["containers"].elements.contains(where: { $0["name"].isSameText(as: name) }),
      !template["initContainers"].elements.contains(where: { $0["name"].isSameText(as: name) })
    {
      report(
        "job/failure-policy", .invalid, at: "containerName",
        "there is no container or init container '\(name.shown)' in the template")
    }
    let values = codes["values"].elements
    if values.isEmpty {
      report("job/failure-policy", .invalid, at: "values", "at least one exit code is required")
    } else if values.count > 255 {
      report("job/failure-policy", .tooMany, at: "values", "there may be 255 exit codes")
    }
    exitCodeValues(codes)
  }

  private mutating func exitCodeValues(_ codes: Value) {
    let values = codes["values"].elements
    let isIn = codes["operator"].isString("In")
    var isOrdered = true
    elements("values", of: codes) { check, code, index in
      if isIn, code.intOrZero == 0 {
        check.report("job/failure-policy", .invalid, "0 is no failure, so 'In' may not have it")
      }
      if values[..<index].contains(where: { $0.intOrZero == code.intOrZero }) {
        check.report("job/failure-policy", .duplicate, "exit code \(code.shown) is there twice")
      }
      if index > 0, values[index - 1].intOrZero > code.intOrZero { isOrdered = false }
    }
    if !isOrdered {
      report("job/failure-policy", .invalid, at: "values", "the exit codes must be ordered")
    }
  }

  private mutating func podConditions(of rule: Value) {
    if rule["onPodConditions"].elements.count > 20 {
      report("job/failure-policy", .tooMany, at: "onPodConditions", "there may be 20 conditions")
    }
    elements("onPodConditions", of: rule) { check, pattern, _ in
      check.expect(.qualifiedName, pattern["type"], "job/failure-policy", at: "type")
      check.expectOneOf(
        ["False", "True", "Unknown"], pattern["status"], "job/failure-policy", at: "status")
    }
  }

  /// Checks `spec.podReplacementPolicy`.
  mutating func replacementPolicy(of spec: Value) {
    guard spec["podReplacementPolicy"].isGiven else { return }
    expectOneOf(
      spec["podFailurePolicy"].isGiven ? ["Failed"] : ["Failed", "TerminatingOrFailed"],
      spec["podReplacementPolicy"], "job/replacement-policy", at: "podReplacementPolicy",
      emptyIsMissing: false)
  }

  /// Checks `spec.successPolicy` of an indexed Job.
  mutating func successPolicy(_ policy: Value, of spec: Value) {
    let rules = policy["rules"].elements
    if rules.isEmpty {
      report(
        "job/success-policy", .required, at: "rules", "there must be at least one rule")
    }
    if rules.count > 20 {
      report("job/success-policy", .tooMany, at: "rules", "there may be 20 rules")
    }
    let completions = spec["completions"].intOrZero
    elements("rules", of: policy) { check, rule, _ in
      check.successRule(rule, completions)
    }
  }

  private mutating func successRule(_ rule: Value, _ completions: Int64) {
    let indexes = rule["succeededIndexes"]
    let count = rule["succeededCount"]
    if !indexes.isGiven, !count.isGiven {
      report(
        "job/success-policy", .required,
        "a rule needs one of 'succeededCount' and 'succeededIndexes'")
    }
    var total: Int64 = 0
    if indexes.isGiven {
      if indexes.count > 64 * 1024 {
        report(
          "job/success-policy", .tooLong, at: "succeededIndexes",
          "it may not be more than 65536 bytes")
      }
      switch indexCount(in: indexes.shown, below: completions) {
      case .success(let count): total = count
      case .failure(let problem):
        report("job/success-policy", .invalid, at: "succeededIndexes", problem.text)
      }
    }
    guard count.isGiven else { return }
    expectNonNegative("succeededCount", of: rule, "job/success-policy")
    if count.intOrZero > completions {
      report(
        "job/success-policy", .invalid, at: "succeededCount",
        "\(count.shown) must be less than or equal to \(completions), the number of completions")
    }
    if indexes.isGiven, count.intOrZero > total {
      report(
        "job/success-policy", .invalid, at: "succeededCount",
        "\(count.shown) must be less than or equal to \(total), the number of indexes in "
          + "'succeededIndexes'")
    }
  }
}

/// Why a text is no list of indexes.
private struct IndexProblem: Error {
  let text: String
}

/// The number of indexes in `0,2-4`: increasing, each below `limit`.
private func indexCount(in text: String, below limit: Int64) -> Result<Int64, IndexProblem> {
  var total: Int64 = 0
  var last: Int64?
  guard !text.isEmpty else { return .success(0) }
  for interval in text.split(separator: ",", omittingEmptySubsequences: false) {
    let ends = interval.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count <= 2 else {
      return .failure(
        IndexProblem(text: "'\(interval)' may have at most two parts with '-' between"))
    }
    var numbers: [Int64] = []
    for end in ends {
      guard let number = Int32(end) else {
        return .failure(IndexProblem(text: "'\(end)' is no index"))
      }
      guard Int64(number) < limit else {
        return .failure(
          IndexProblem(text: "index '\(end)' must be below \(limit), the completions"))
      }
      numbers.append(Int64(number))
    }
    let (first, end) = (numbers[0], numbers[numbers.count - 1])
    if (numbers.count == 2 && first >= end) || (last.map { $0 >= first } ?? false) {
      return .failure(IndexProblem(text: "the indexes must increase, '\(interval)' does not"))
    }
    total += end - first + 1
    last = end
  }
  return .success(total)
}
