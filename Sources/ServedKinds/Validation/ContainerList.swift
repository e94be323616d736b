import Documents
import Quantities

/// The containers of a PodSpec (`validateContainers`, `validateInitContainers`, `validateEphemeralContainers`).
extension ObjectValidation {
  /// Checks `spec.containers`.
  mutating func containers(_ pod: PodContext) {
    let containers = pod.spec["containers"]
    if containers.isUnset {
      report(
        "container/none", .required, at: "containers", "the Pod has no containers",
        help: "add at least one with 'name' and 'image'")
      return
    }
    elements("containers", of: pod.spec) { check, container, index in
      check.container(container, pod)
      let name = container["name"]
      if index > 0,
        containers.elements[..<index].contains(where: { $0["name"].isSameText(as: name) })
      {
        check.reportDuplicateContainer(name)
      }
      let fields = FieldBits(container)
      check.lifecycleAndProbes(of: container, fields, pod)
      let mayRestart =
        fields.mayHave("restartPolicy") || fields.mayHave("restartPolicyRules")
      if !mayRestart { return }
      if check.minor >= 35 {
        check.restartPolicyAndRules(of: container)
      } else if container["restartPolicy"].isGiven {
        check.report(
          "container/restart-policy", .forbidden, at: "restartPolicy",
          "'restartPolicy' may only be set for init containers before Kubernetes 1.35")
      }
    }
    hostPortConflicts(in: "containers", of: pod.spec)
  }

  /// Checks `spec.initContainers`.
  mutating func initContainers(_ pod: PodContext) {
    let list = pod.spec["initContainers"]
    guard !list.isUnset else { return }
    elements("initContainers", of: pod.spec) { check, container, index in
      check.container(container, pod)
      check.initRestartPolicy(of: container)
      let name = container["name"]
      let isTaken =
        pod.spec["containers"].elements.contains { $0["name"].isSameText(as: name) }
        || !name.isUnset && list.elements[..<index].contains { $0["name"].isSameText(as: name) }
      if isTaken { check.reportDuplicateContainer(name) }
      check.hostPortConflicts(inOne: container)
      let isSidecar = container["restartPolicy"].isString("Always")
      if isSidecar {
        check.lifecycleAndProbes(of: container, FieldBits(container), pod)
      } else {
        check.noProbes(of: container)
      }
      check.initResizePolicy(of: container, isSidecar: isSidecar)
    }
  }

  private mutating func noProbes(of container: Value) {
    for name: StaticString in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]
    where container[name].isGiven {
      report(
        "container/init-probe", .forbidden, at: name,
        "'\(name)' may not be set for an init container that runs to its end",
        help: "set 'restartPolicy: Always' if it is to run beside the others, or remove it")
    }
  }

  private mutating func initResizePolicy(of container: Value, isSidecar: Bool) {
    let policies = container["resizePolicy"]
    guard !policies.isUnset else { return }
    if minor >= 34, !isSidecar {
      elements("resizePolicy", of: container) { check, policy, _ in
        guard policy["restartPolicy"].isString("RestartContainer") else { return }
        check.report(
          "container/resize-policy", .invalid, at: "restartPolicy",
          "'RestartContainer' must not be set for an init container that runs to its end")
      }
    }
  }

  /// Checks `spec.ephemeralContainers`, which only an update of its own subresource may set.
  mutating func ephemeralContainers(_ pod: PodContext) {
    let list = pod.spec["ephemeralContainers"]
    guard !list.isUnset else { return }
    let others = [pod.spec["containers"], pod.spec["initContainers"]]
    elements("ephemeralContainers", of: pod.spec) { check, container, index in
      check.container(container, pod)
      check.imagePadding(of: container)
      let name = container["name"]
      func isNamed(_ other: Value) -> Bool { other["name"].isSameText(as: name) }
      if others.contains(where: { $0.elements.contains(where: isNamed) })
        || list.elements[..<index].contains(where: isNamed)
      {
        check.reportDuplicateContainer(name)
      }
      let target = container["targetContainerName"]
      if !target.isUnset,
        !others.contains(where: { $0.elements.contains { $0["name"].hasSameBytes(as: target) } })
      {
        check.report(
          "container/ephemeral-target", .notFound, at: "targetContainerName",
          "there is no container '\(target.shown)'")
      }
      check.ephemeralFields(of: container)
    }
  }

  private mutating func ephemeralFields(of container: Value) {
    for name: StaticString in [
      "ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe",
      "readinessProbe", "startupProbe", "lifecycle",
    ]
    where !container[name].isUnset {
      report(
        "container/ephemeral-field", .forbidden, at: name,
        "'\(name)' cannot be set for an ephemeral container")
    }
    elements("volumeMounts", of: container) { check, mount, _ in
      for name: StaticString in ["subPath", "subPathExpr"] where !mount[name].isUnset {
        check.report(
          "container/ephemeral-field", .forbidden, at: name,
          "'\(name)' cannot be set for an ephemeral container")
      }
    }
  }

  private mutating func reportDuplicateContainer(_ name: Value) {
    report(
      "container/duplicate-name", .duplicate, at: "name",
      "the Pod has two containers '\(name.shown)'", help: "give each container a name of its own")
  }

  /// The image of a Pod's container has no space around it; a template's may.
  mutating func imagePadding(of container: Value) {
    let image = container["image"].utf8IfText
    guard let first = image.first, let last = image.last, first <= 0x20 || last <= 0x20 else {
      return
    }
    report(
      "container/image-space", .invalid, at: "image",
      "image '\(container["image"].shown)' must not have leading or trailing whitespace")
  }
}

extension Value {
  /// Whether two texts are the same; what is no text counts as empty.
  func isSameText(as other: Value) -> Bool {
    if isKind(.string), other.isKind(.string) { return hasSameBytes(as: other) }
    return utf8IfText.isEmpty && other.utf8IfText.isEmpty
  }
}
