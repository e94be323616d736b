import Documents
import Manifests
import Quantities

/// Labels that the API server gives to the Pods of a Job, and that its selector asks for.
let generatedJobLabels: [StaticString] = [
  "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid",
  "job-name",
]

/// Job (`pkg/apis/batch/validation`).
extension ObjectValidation {
  /// Checks a Job; `old` is absent for a new one.
  mutating func job(_ object: Value, old: Value) {
    let spec = object["spec"]
    if !spec["manualSelector"].isTrue { generatedSelector(of: object, isUpdate: old.isGiven) }
    field("spec", of: object) { check, spec in
      check.jobSpec(spec)
      check.jobSelector(of: spec, isUpdate: old.isGiven)
    }
    if spec["completionMode"].isString("Indexed"), spec["completions"].intOrZero > 0 {
      let name = "\(object["metadata"]["name"].shown)-\(spec["completions"].intOrZero &- 1)"
      if !NameFormat.dns1123Label.accepts(name) {
        field("metadata", of: object) { check, _ in
          check.report(
            "job/indexed-name", .invalid, at: "name",
            "the last Pod would have the host name '\(name)', which is no DNS label",
            help: "a shorter name without dots gives room for the index")
        }
      }
    }
    if old.isGiven {
      field("spec", of: object) { $0.jobUpdate($1, old["spec"], old) }
    }
  }

  /// The API server makes selector and labels, so what the object says of them must fit (`validateGeneratedSelector`).
  private mutating func generatedSelector(of object: Value, isUpdate: Bool) {
    let name = object["metadata"]["name"]
    let labels = object["spec"]["template"]["metadata"]["labels"]
    let selector = object["spec"]["selector"]
    for label in ["job-name", "batch.kubernetes.io/job-name"] as [StaticString] {
      let value = labels[label]
      if value.isGiven, !value.hasSameBytes(as: name) { reportGeneratedLabel(label, name.shown) }
    }
    if !isUpdate {
      for label in ["controller-uid", "batch.kubernetes.io/controller-uid"] as [StaticString] {
        let value = labels[label]
        if value.isGiven, !value.isString(Preparation.uid) {
          reportGeneratedLabel(label, "the uid of the Job")
        }
      }
    }
    guard selector.isGiven else { return }
    let isForeign =
      !selector["matchExpressions"].isUnset
      || selector["matchLabels"].entries.contains { entry in
        !generatedJobLabels.contains { entry.key.isString($0) }
      }
    guard isForeign else { return }
    field("spec", of: object) { check, _ in
      check.report(
        "job/selector", .invalid, at: "selector", "the selector of a Job is made by the API server",
        help: "remove it, or set 'manualSelector: true'")
    }
  }

  private mutating func reportGeneratedLabel(_ label: StaticString, _ expected: String) {
    report(
      "job/generated-label", .invalid, at: "spec",
      "label '\(label)' of the template must be \(expected): the API server sets it",
      help: "remove the label", printedAs: "spec.template.metadata.labels[\(label)]")
  }

  private mutating func jobSelector(of spec: Value, isUpdate: Bool) {
    let selector = spec["selector"]
    let isManual = spec["manualSelector"].isTrue
    guard selector.isGiven else {
      guard isManual else { return }
      report(
        "job/selector", .required, at: "selector", "'manualSelector: true' needs a 'selector'")
      reportMismatch(of: spec)
      return
    }
    let isValid = field("selector", of: spec) { $0.labelSelector($1) }
    guard isValid else { return }
    let labels = spec["template"]["metadata"]["labels"]
    if isManual {
      if !selects(selector: selector, labels: labels) { reportMismatch(of: spec) }
      return
    }
    let isMissing = selector["matchLabels"].entries.contains { entry in
      !generatedJobLabels.contains { entry.key.isString($0) }
        && !labels.lookup(entry.key).hasSameBytes(as: entry.value)
    }
    if isMissing { reportMismatch(of: spec) }
  }

  /// What holds for a Job and for the template of a CronJob (`validateJobSpec`).
  mutating func jobSpec(_ spec: Value) {
    for name: StaticString in [
      "parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
      "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes",
    ] {
      expectNonNegative(name, of: spec, "job/negative")
    }
    if spec["maxFailedIndexes"].isGiven, !spec["backoffLimitPerIndex"].isGiven {
      report(
        "job/backoff-limit-per-index", .required, at: "backoffLimitPerIndex",
        "'maxFailedIndexes' needs 'backoffLimitPerIndex' beside it")
    }
    managedBy(of: spec)
    completionMode(of: spec)
    given("podFailurePolicy", of: spec) { $0.podFailurePolicy($1, of: spec) }
    if spec["successPolicy"].isGiven, minor >= 31 {
      if spec["completionMode"].isString("Indexed") {
        field("successPolicy", of: spec) { $0.successPolicy($1, of: spec) }
      } else {
        report(
          "job/success-policy", .invalid, at: "successPolicy",
          "'successPolicy' needs 'completionMode: Indexed'")
      }
    }
    replacementPolicy(of: spec)
    field("template", of: spec) { $0.podTemplate($1) }
    jobRestartPolicy(of: spec)
  }

  private mutating func jobRestartPolicy(of spec: Value) {
    let policy = spec["template"]["spec"]["restartPolicy"]
    if policy.isString("Never") { return }
    if policy.isString("OnFailure"), !spec["podFailurePolicy"].isGiven { return }
    field("template", of: spec) { check, template in
      check.field("spec", of: template) { check, _ in
        if policy.isUnset || policy.isString("Always") {
          check.report(
            "job/restart-policy", .required, at: "restartPolicy",
            "the Pods of a Job must end: 'restartPolicy' has to be 'OnFailure' or 'Never'",
            help: "add 'restartPolicy: Never'")
        } else if policy.isString("OnFailure") {
          check.report(
            "job/restart-policy", .invalid, at: "restartPolicy",
            "only 'Never' is supported when 'podFailurePolicy' is set")
        } else {
          check.expectOneOf(
            ["OnFailure", "Never"], policy, "job/restart-policy", at: "restartPolicy")
        }
      }
    }
  }

  private mutating func managedBy(of spec: Value) {
    let manager = spec["managedBy"]
    guard manager.isGiven, minor >= 32 else { return }
    for problem in domainPrefixedPathProblems(manager.shown) {
      report("job/managed-by", .invalid, at: "managedBy", "'\(manager.shown)': \(problem)")
    }
    if manager.isUnset {
      report("job/managed-by", .required, at: "managedBy", "'managedBy' is empty")
    }
    if manager.count > 63 {
      report("job/managed-by", .tooLong, at: "managedBy", "it may not be more than 63 bytes")
    }
  }

  private mutating func completionMode(of spec: Value) {
    let mode = spec["completionMode"]
    if mode.isGiven {
      expectOneOf(
        ["NonIndexed", "Indexed"], mode, "job/completion-mode", at: "completionMode",
        emptyIsMissing: false)
    }
    if mode.isString("Indexed") {
      indexedJob(spec)
    } else if !mode.isGiven || mode.isString("NonIndexed") {
      for name: StaticString in ["backoffLimitPerIndex", "maxFailedIndexes"]
      where spec[name].isGiven {
        report(
          "job/backoff-limit-per-index", .invalid, at: name,
          "'\(name)' needs 'completionMode: Indexed'")
      }
    }
  }

  private mutating func indexedJob(_ spec: Value) {
    let completions = spec["completions"]
    let failed = spec["maxFailedIndexes"]
    if !completions.isGiven {
      report(
        "job/completions", .required, at: "completions",
        "'completions' is needed when the completion mode is 'Indexed'")
    }
    expectAtMost(100_000, "parallelism", of: spec, "when the completion mode is 'Indexed'")
    if completions.isGiven, failed.isGiven, failed.intOrZero > completions.intOrZero {
      report(
        "job/max-failed-indexes", .invalid, at: "maxFailedIndexes",
        "\(failed.shown) must be less than or equal to 'completions' (\(completions.shown))")
    }
    expectAtMost(100_000, "maxFailedIndexes", of: spec, "")
    guard completions.intOrZero > 100_000, spec["backoffLimitPerIndex"].isGiven else { return }
    if !failed.isGiven {
      report(
        "job/max-failed-indexes", .required, at: "maxFailedIndexes",
        "'maxFailedIndexes' is needed when there are more than 100000 completions")
    }
    expectAtMost(10_000, "parallelism", of: spec, "with more than 100000 completions")
    expectAtMost(10_000, "maxFailedIndexes", of: spec, "with more than 100000 completions")
  }

  private mutating func expectAtMost(
    _ limit: Int64, _ field: StaticString, of spec: Value, _ when: StaticString
  ) {
    guard spec[field].intOrZero > limit else { return }
    report(
      "job/too-many", .invalid, at: field,
      "\(spec[field].shown) must be less than or equal to \(limit) \(when)")
  }
}

/// What keeps a text from being a domain, a slash and a path.
private func domainPrefixedPathProblems(_ text: String) -> [String] {
  guard !text.isEmpty else { return [] }
  let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
  guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
    return ["must be a domain-prefixed path (such as \"acme.io/foo\")"]
  }
  let isPath = parts[1].utf8.allSatisfy {
    ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || "/:.-_~!$&'()*+,;=@%".utf8.contains($0)
  }
  return NameFormat.dns1123Subdomain.problems(in: String(parts[0]))
    + (isPath ? [] : ["the path must be valid in a URL"])
}
