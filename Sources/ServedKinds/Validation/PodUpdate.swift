import Documents

/// What of a Pod may change (`ValidatePodUpdate`).
extension ObjectValidation {
  /// Checks a new Pod against the old one.
  mutating func podUpdate(_ object: Value, _ old: Value) {
    podAnnotationUpdate(object["metadata"]["annotations"], old["metadata"]["annotations"])
    let (spec, oldSpec) = (object["spec"], old["spec"])
    for name: StaticString in ["containers", "initContainers"]
    where spec[name].elements.count != oldSpec[name].elements.count {
      field("spec", of: object) {
        $0.report(
          "pod/immutable", .forbidden, at: name, "a Pod's containers cannot be added or removed",
          help: "make a new Pod, or let a Deployment do it")
        _ = $1
      }
      return
    }
    let isDone = field("spec", of: object) { check, spec in check.deadlineUpdate(spec, oldSpec) }
    if isDone { return }
    field("spec", of: object) { check, spec in
      check.tolerationUpdate(spec, oldSpec)
      check.gateUpdate(spec, oldSpec)
    }
    let isGated = !oldSpec["schedulingGates"].isUnset
    if isGated { field("spec", of: object) { $0.gatedPodUpdate($1, oldSpec) } }
    let changed = changedPodFields(spec, oldSpec, isGated: isGated)
    guard !changed.isEmpty else { return }
    report(
      "pod/immutable", .forbidden, at: "spec",
      "\(list(changed)) of a Pod cannot be changed",
      help:
        "only images, 'activeDeadlineSeconds', further tolerations and fewer gates may change; make a new Pod"
    )
  }

  private func changedPodFields(_ spec: Value, _ old: Value, isGated: Bool) -> [String] {
    var except: [StaticString] = [
      "containers", "initContainers", "activeDeadlineSeconds", "tolerations", "schedulingGates",
      "terminationGracePeriodSeconds",
    ]
    if isGated { except += ["nodeSelector", "affinity"] }
    var changed = spec.changedKeys(from: old, except: except)
    let (grace, oldGrace) = (
      spec["terminationGracePeriodSeconds"], old["terminationGracePeriodSeconds"]
    )
    if !grace.isIdentical(to: oldGrace), !(oldGrace.intOrZero < 0 && grace.intOrZero == 1) {
      changed.append("terminationGracePeriodSeconds")
    }
    if isGated, !spec["affinity"].isSameMap(as: old["affinity"], except: ["nodeAffinity"]) {
      changed.append("affinity")
    }
    for name: StaticString in ["containers", "initContainers"] {
      let isSame = zip(spec[name].elements, old[name].elements).allSatisfy {
        $0.isSameMap(as: $1, except: ["image"])
      }
      if !isSame { changed.append("\(name)") }
    }
    return changed
  }

  /// True when nothing more is looked at.
  private mutating func deadlineUpdate(_ spec: Value, _ old: Value) -> Bool {
    let (deadline, oldDeadline) = (spec["activeDeadlineSeconds"], old["activeDeadlineSeconds"])
    if deadline.isGiven {
      let before = errors.count
      expectRange(
        0...2_147_483_647, deadline, "pod/active-deadline", at: "activeDeadlineSeconds")
      if errors.count > before { return true }
      guard oldDeadline.isGiven, oldDeadline.intOrZero < deadline.intOrZero else { return false }
      report(
        "pod/active-deadline", .invalid, at: "activeDeadlineSeconds",
        "\(deadline.shown) must be less than or equal to the value before, \(oldDeadline.shown)")
      return true
    }
    if oldDeadline.isGiven {
      report(
        "pod/active-deadline", .invalid, at: "activeDeadlineSeconds",
        "'activeDeadlineSeconds' cannot be removed")
    }
    return false
  }

  private mutating func tolerationUpdate(_ spec: Value, _ old: Value) {
    for toleration in old["tolerations"].elements {
      let isKept = spec["tolerations"].elements.contains {
        $0.isSameMap(as: toleration, except: ["tolerationSeconds"])
      }
      guard !isKept else { continue }
      report(
        "pod/immutable", .forbidden, at: "tolerations",
        "an existing toleration can only get other 'tolerationSeconds'")
      return
    }
  }

  private mutating func gateUpdate(_ spec: Value, _ old: Value) {
    guard !spec["schedulingGates"].isUnset else { return }
    elements("schedulingGates", of: spec) { check, gate, _ in
      let isOld = old["schedulingGates"].elements.contains {
        $0["name"].isSameText(as: gate["name"])
      }
      guard !isOld else { return }
      check.report(
        "pod/immutable", .forbidden, at: "name",
        "scheduling gates can only be removed, '\(gate["name"].shown)' is new")
    }
  }

  /// A Pod that waits at a gate may get narrower.
  private mutating func gatedPodUpdate(_ spec: Value, _ old: Value) {
    let isNarrower = old["nodeSelector"].entries.allSatisfy {
      spec["nodeSelector"].lookup($0.key).hasSameBytes(as: $0.value)
    }
    if !isNarrower {
      report(
        "pod/immutable", .invalid, at: "nodeSelector",
        "only additions to 'nodeSelector' are allowed")
    }
    let path: StaticString = "requiredDuringSchedulingIgnoredDuringExecution"
    let oldTerms = old["affinity"]["nodeAffinity"][path]["nodeSelectorTerms"].elements
    let terms = spec["affinity"]["nodeAffinity"][path]["nodeSelectorTerms"].elements
    guard !oldTerms.isEmpty else { return }
    let here = "\(printedPath).affinity.nodeAffinity.\(path).nodeSelectorTerms"
    guard terms.count == oldTerms.count else {
      report(
        "pod/immutable", .invalid, at: "affinity",
        "no node selector term can be added or removed", printedAs: here)
      return
    }
    for (index, (term, oldTerm)) in zip(terms, oldTerms).enumerated()
    where !term.hasOnlyAdditions(to: oldTerm) {
      report(
        "pod/immutable", .invalid, at: "affinity",
        "only additions to a node selector term are allowed", printedAs: "\(here)[\(index)]")
    }
  }

  private mutating func podAnnotationUpdate(_ annotations: Value, _ old: Value) {
    func isFixed(_ key: Value) -> Bool {
      key.isString("kubernetes.io/config.mirror")
        || key.hasPrefix("container.apparmor.security.beta.kubernetes.io/")
    }
    var changed: [Value] = []
    for entry in old.entries
    where isFixed(entry.key) && !annotations.lookup(entry.key).hasSameBytes(as: entry.value) {
      changed.append(entry.key)
    }
    for entry in annotations.entries where isFixed(entry.key) && old.lookup(entry.key).isAbsent {
      changed.append(entry.key)
    }
    for key in changed {
      report(
        "pod/immutable", .forbidden, at: "metadata",
        "annotation '\(key.shown)' of a Pod cannot be changed",
        printedAs: "metadata.annotations[\(key.shown)]")
    }
  }
}

extension Value {
  /// Whether a node selector term begins with all requirements of another.
  fileprivate func hasOnlyAdditions(to old: Value) -> Bool {
    let names: [StaticString] = ["matchExpressions", "matchFields"]
    if names.allSatisfy({ old[$0].isUnset }), names.contains(where: { !self[$0].isUnset }) {
      return false
    }
    return names.allSatisfy { name in
      self[name].count >= old[name].count
        && zip(self[name].elements, old[name].elements).allSatisfy { $0.isIdentical(to: $1) }
    }
  }
}
