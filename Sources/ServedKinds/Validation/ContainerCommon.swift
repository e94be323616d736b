import Documents
import Quantities

/// What holds for a container of any kind (`validateContainerCommon`).
extension ObjectValidation {
  /// Checks one container: name, image, ports, environment, mounts, resources and security context.
  mutating func container(_ container: Value, _ pod: PodContext) {
    let name = container["name"]
    let fields = FieldBits(container)
    if name.isUnset {
      require("name", of: container, "container/name")
    } else {
      expect(.dns1123Label, name, "container/name", at: "name")
    }
    require(
      "image", of: container, "container/image", help: "name the image, such as 'registry/app:1.2'")
    expectOneOf(
      ["File", "FallbackToLogsOnError"], usually: "File", container["terminationMessagePolicy"],
      "container/termination-message-policy", at: "terminationMessagePolicy")
    if fields.mayHave("ports"), container["ports"].isGiven { ports(of: container) }
    if fields.mayHave("env"), container["env"].isGiven { environment(of: container) }
    if fields.mayHave("envFrom"), container["envFrom"].isGiven {
      environmentSources(of: container)
    }
    if fields.mayHave("volumeMounts"), container["volumeMounts"].isGiven {
      volumeMounts(of: container, pod)
    }
    if fields.mayHave("volumeDevices"), container["volumeDevices"].isGiven {
      volumeDevices(of: container, pod)
    }
    expectOneOf(
      ["Always", "IfNotPresent", "Never"], usually: "IfNotPresent", container["imagePullPolicy"],
      "container/pull-policy", at: "imagePullPolicy")
    given("resources", of: container) { check, resources in
      if resources.count > 0 { check.resourceRequirements(resources, pod) }
    }
    if fields.mayHave("resizePolicy"), container["resizePolicy"].isGiven, minor >= 33 {
      resizePolicies(of: container, podRestartPolicy: pod.spec["restartPolicy"])
    }
    if fields.mayHave("securityContext") {
      given("securityContext", of: container) { $0.containerSecurityContext($1, pod) }
    }
  }

  private mutating func ports(of container: Value) {
    let ports = container["ports"].elements
    elements("ports", of: container) { check, port, index in
      let name = port["name"]
      if !name.isUnset {
        let before = check.errors.count
        check.expect(.portName, name, "container/port-name", at: "name")
        if index > 0, check.errors.count == before,
          ports[..<index].contains(where: { $0["name"].hasSameBytes(as: name) })
        {
          check.report(
            "container/duplicate-port-name", .duplicate, at: "name",
            "port name '\(name.shown)' is used twice in this container")
        }
      }
      if port["containerPort"].intOrZero == 0 {
        check.report(
          "container/port", .required, at: "containerPort", "'containerPort' is missing or 0")
      } else {
        check.expectRange(
          1...65535, port["containerPort"], "container/port", at: "containerPort")
      }
      if port["hostPort"].intOrZero != 0 {
        check.expectRange(1...65535, port["hostPort"], "container/host-port", at: "hostPort")
      }
      check.expectOneOf(
        ["TCP", "UDP", "SCTP"], usually: "TCP", port["protocol"], "container/port-protocol",
        at: "protocol")
    }
  }

  /// Host ports that two containers of the list ask for.
  mutating func hostPortConflicts(in list: StaticString, of spec: Value) {
    guard spec[list].elements.contains(where: hasHostPort) else { return }
    var seen: [Value] = []
    elements(list, of: spec) { check, container, _ in check.hostPorts(of: container, &seen) }
  }

  private func hasHostPort(_ container: Value) -> Bool {
    container["ports"].elements.contains { !$0["hostPort"].isAbsent }
  }

  /// Host ports that one init container asks for twice: those run one after the other. The API server counts the
  /// container as the first of its list.
  mutating func hostPortConflicts(inOne container: Value) {
    guard hasHostPort(container) else { return }
    var seen: [Value] = []
    printing({ $0.withoutLastIndex + "[0]" }) { $0.hostPorts(of: container, &seen) }
  }

  private mutating func hostPorts(of container: Value, _ seen: inout [Value]) {
    guard container["ports"].isGiven else { return }
    elements("ports", of: container) { check, port, _ in
      guard port["hostPort"].intOrZero != 0 else { return }
      let isTaken = seen.contains {
        $0["hostPort"].intOrZero == port["hostPort"].intOrZero
          && $0["protocol"].isSameText(as: port["protocol"])
          && $0["hostIP"].isSameText(as: port["hostIP"])
      }
      if isTaken {
        check.report(
          "container/host-port-conflict", .duplicate, at: "hostPort",
          "host port \(port["hostPort"].shown)/\(port["protocol"].shown) is asked for twice")
      } else {
        seen.append(port)
      }
    }
  }

  private mutating func resizePolicies(of container: Value, podRestartPolicy: Value) {
    let policies = container["resizePolicy"].elements
    for (index, policy) in policies.enumerated() {
      let resource = policy["resourceName"]
      if policies[..<index].contains(where: { $0["resourceName"].isSameText(as: resource) }) {
        field("resizePolicy", of: container) { check, _ in
          check.element(index) {
            $0.report(
              "container/resize-policy", .duplicate,
              "there are two policies for '\(resource.shown)'")
          }
        }
      }
      expectOneOf(["cpu", "memory"], resource, "container/resize-policy", at: "resizePolicy")
      expectOneOf(
        ["NotRequired", "RestartContainer"], policy["restartPolicy"], "container/resize-policy",
        at: "resizePolicy")
      if podRestartPolicy.isString("Never"), !policy["restartPolicy"].isString("NotRequired") {
        report(
          "container/resize-policy", .invalid, at: "resizePolicy",
          "the policy must be 'NotRequired' when the Pod's 'restartPolicy' is 'Never'")
      }
    }
  }
}
