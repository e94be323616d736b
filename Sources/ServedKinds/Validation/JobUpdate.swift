import Documents

/// What of a Job may change (`ValidateJobSpecUpdate`).
extension ObjectValidation {
  /// Checks a new spec against the old one.
  ///
  /// A selector and labels that the API server made are not in what is committed, so they count as kept.
  mutating func jobUpdate(_ spec: Value, _ old: Value, _ oldObject: Value) {
    completions(spec, old)
    let hasSelector = spec["selector"].isGiven
    if hasSelector, !old["selector"].isGiven || !spec["selector"].isIdentical(to: old["selector"]),
      spec["manualSelector"].isTrue || !isGenerated(old["selector"])
    {
      reportImmutable("selector")
    }
    jobTemplateUpdate(spec, old, oldObject)
    for name: StaticString in [
      "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy",
    ]
    where !spec[name].isIdentical(to: old[name]) {
      reportImmutable(name)
    }
  }

  private func isGenerated(_ selector: Value) -> Bool {
    selector["matchLabels"].entries.allSatisfy { entry in
      generatedJobLabels.contains { entry.key.isString($0) }
    }
  }

  private mutating func reportImmutable(_ field: StaticString) {
    report(
      "job/immutable", .invalid, at: field, "'\(field)' of a Job cannot be changed",
      help:
        "give the Job a new name, or delete it before the new one is made; GitOps tools have hooks for that"
    )
  }

  private mutating func completions(_ spec: Value, _ old: Value) {
    guard !spec["completions"].isIdentical(to: old["completions"]) else { return }
    guard spec["completionMode"].isString("Indexed") else {
      reportImmutable("completions")
      return
    }
    guard spec["completions"].isGiven,
      spec["completions"].intOrZero != spec["parallelism"].intOrZero
    else { return }
    report(
      "job/immutable", .invalid, at: "completions",
      "'completions' can only be changed together with 'parallelism', to the same number")
  }

  /// A template is fixed but for where its Pods run and what they ask for, while the Job is suspended.
  private mutating func jobTemplateUpdate(_ spec: Value, _ old: Value, _ oldObject: Value) {
    let isSuspended = old["suspend"].isTrue
    let hasStarted = oldObject["status"]["startTime"].isGiven
    let isMovable = isSuspended && (!hasStarted || minor >= 36)
    let isResizable = isSuspended && minor >= 36
    let (template, oldTemplate) = (spec["template"], old["template"])
    let isSame =
      sameMetadata(template["metadata"], oldTemplate["metadata"], isMovable: isMovable)
      && samePod(
        template["spec"], oldTemplate["spec"], isMovable: isMovable, isResizable: isResizable)
    guard !isSame else { return }
    report(
      "job/immutable", .invalid, at: "template", "the template of a Job cannot be changed",
      help: isSuspended
        ? "only labels, annotations, node selectors, tolerations, gates and resources may change while it is suspended"
        : "give the Job a new name, or delete it before the new one is made",
      printedAs: isResizable ? "\(printedPath).template.spec" : nil)
  }

  private func sameMetadata(_ metadata: Value, _ old: Value, isMovable: Bool) -> Bool {
    if isMovable { return true }
    return metadata["annotations"].isSameMap(as: old["annotations"], except: [])
      && metadata["labels"].isSameMap(as: old["labels"], except: generatedJobLabels)
      && metadata.isSameMap(as: old, except: ["annotations", "labels"])
  }

  private func samePod(
    _ pod: Value, _ old: Value, isMovable: Bool, isResizable: Bool
  ) -> Bool {
    var except: [StaticString] = []
    if isMovable { except += ["nodeSelector", "tolerations", "schedulingGates", "affinity"] }
    if isResizable { except += ["containers", "initContainers"] }
    guard pod.isSameMap(as: old, except: except) else { return false }
    if isMovable {
      guard pod["affinity"].isSameMap(as: old["affinity"], except: ["nodeAffinity"]) else {
        return false
      }
    }
    guard isResizable else { return true }
    return ["containers", "initContainers"].allSatisfy { name in
      let (new, old) = (pod[name].elements, old[name].elements)
      return new.count == old.count
        && zip(new, old).allSatisfy { $0.isSameMap(as: $1, except: ["resources"]) }
    }
  }
}

extension Value {
  /// Whether two maps are the same but for some keys; an absent one counts as empty.
  func isSameMap(as old: Value, except: [StaticString]) -> Bool {
    func isExcepted(_ key: Value) -> Bool { except.contains { key.isString($0) } }
    return entries.allSatisfy {
      isExcepted($0.key) || $0.value.isIdentical(to: old.lookup($0.key))
    }
      && old.entries.allSatisfy { isExcepted($0.key) || !lookup($0.key).isAbsent }
  }
}
