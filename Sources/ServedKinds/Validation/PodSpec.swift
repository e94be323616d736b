import Documents
import Quantities

/// `ValidatePodSpec` of `pkg/apis/core/validation`, in its order.
extension ObjectValidation {
  /// Checks a PodSpec at which the walk stands.
  ///
  /// A StatefulSet sets the host name and the subdomain of its Pods itself, so it leaves them out.
  mutating func podSpec(_ given: PodContext, checksHostname: Bool = true) {
    var pod = given
    let spec = pod.spec
    let fields = FieldBits(spec)
    if fields.mayHave("volumes") || !pod.claimTemplates.isAbsent { podVolumes(&pod) }
    if fields.mayHave("resourceClaims"), spec["resourceClaims"].isGiven {
      podResourceClaims(of: spec)
    }
    containers(pod)
    if fields.mayHave("initContainers") { initContainers(pod) }
    if fields.mayHave("ephemeralContainers") { ephemeralContainers(pod) }
    if fields.mayHave("resources") { podResources(pod) }
    if fields.mayHave("hostNetwork") { hostNetworkPorts(pod) }
    expectOneOf(
      ["Always", "OnFailure", "Never"], usually: "Always", spec["restartPolicy"],
      "pod/restart-policy", at: "restartPolicy")
    expectOneOf(
      ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"], usually: "ClusterFirst",
      spec["dnsPolicy"], "pod/dns-policy", at: "dnsPolicy")
    if fields.mayHave("nodeSelector"), spec["nodeSelector"].isGiven {
      labelSyntax("nodeSelector", of: spec)
    }
    podSecurityContext(pod)
    if fields.mayHave("affinity") { self.given("affinity", of: spec) { $0.affinity($1) } }
    if fields.mayHave("dnsConfig") || !spec["dnsPolicy"].isText("ClusterFirst") {
      dnsConfig(of: spec)
    }
    if fields.mayHave("readinessGates") || fields.mayHave("schedulingGates") { gates(of: spec) }
    if fields.mayHave("topologySpreadConstraints"), spec["topologySpreadConstraints"].isGiven {
      topologySpread(of: spec)
    }
    let (used, secured) = fieldsOfContainers(spec, fields)
    if secured.mayHave("windowsOptions") { windowsHostProcess(pod) }
    if fields.mayHave("hostUsers") { hostUsers(pod) }
    if fields.mayHave("hostnameOverride") { hostnameOverride(pod) }
    podNames(of: spec, fields, checksHostname: checksHostname)
    if fields.mayHave("overhead") { self.given("overhead", of: spec) { $0.overhead($1) } }
    if fields.mayHave("os") { operatingSystem(pod) }
    if used.mayHave("env") { fileKeyVolumes(pod) }
  }

  /// What any container has, and what any security context has.
  private func fieldsOfContainers(
    _ spec: Value, _ fields: FieldBits
  ) -> (used: FieldBits, secured: FieldBits) {
    var used = FieldBits(.absent)
    var secured = FieldBits(spec["securityContext"])
    func add(_ containers: Value) {
      for container in containers.elements {
        let fields = FieldBits(container)
        used.formUnion(fields)
        guard fields.mayHave("securityContext") else { continue }
        secured.formUnion(FieldBits(container["securityContext"]))
      }
    }
    add(spec["containers"])
    if fields.mayHave("initContainers") { add(spec["initContainers"]) }
    if fields.mayHave("ephemeralContainers") { add(spec["ephemeralContainers"]) }
    return (used, secured)
  }

  /// Names that a PodSpec gives, and the smaller fields between them.
  private mutating func podNames(of spec: Value, _ fields: FieldBits, checksHostname: Bool) {
    if fields.mayHave("serviceAccountName") {
      podName("serviceAccountName", .dns1123Subdomain, of: spec)
    }
    if fields.mayHave("nodeName") { podName("nodeName", .dns1123Subdomain, of: spec) }
    if fields.mayHave("activeDeadlineSeconds") {
      expectRange(
        1...2_147_483_647, spec["activeDeadlineSeconds"], "pod/active-deadline",
        at: "activeDeadlineSeconds")
    }
    if checksHostname {
      if fields.mayHave("hostname") { podName("hostname", .dns1123Label, of: spec) }
      if fields.mayHave("subdomain") { podName("subdomain", .dns1123Label, of: spec) }
    }
    if fields.mayHave("tolerations"), spec["tolerations"].isGiven { tolerations(of: spec) }
    if fields.mayHave("hostAliases"), spec["hostAliases"].isGiven { hostAliases(of: spec) }
    if fields.mayHave("priorityClassName") {
      podName("priorityClassName", .dns1123Subdomain, of: spec)
    }
    if fields.mayHave("runtimeClassName"), spec["runtimeClassName"].isGiven {
      expect(
        .dns1123Subdomain, spec["runtimeClassName"], "pod/runtime-class-name",
        at: "runtimeClassName")
    }
    if fields.mayHave("preemptionPolicy"), spec["preemptionPolicy"].isGiven {
      expectOneOf(
        ["PreemptLowerPriority", "Never"], spec["preemptionPolicy"], "pod/preemption-policy",
        at: "preemptionPolicy")
    }
  }

  private mutating func podName(_ field: StaticString, _ format: NameFormat, of spec: Value) {
    let name = spec[field]
    if !name.isUnset { expect(format, name, "pod/name-field", at: field) }
  }

  private mutating func overhead(_ overhead: Value) {
    printing({ $0 + ".limits" }) { check in
      check.entries(of: overhead) { check, name, quantity in
        check.resource(name, quantity, .container)
      }
    }
  }

  /// With `hostNetwork` a container's port is the host's.
  private mutating func hostNetworkPorts(_ pod: PodContext) {
    guard pod.usesHostNetwork else { return }
    elements("containers", of: pod.spec) { check, container, _ in
      guard container["ports"].isGiven else { return }
      check.elements("ports", of: container) { check, port, _ in
        let host = port["hostPort"].intOrZero
        guard pod.isPod || host != 0, host != port["containerPort"].intOrZero else { return }
        check.report(
          "container/host-port-differs", .invalid, at: "hostPort",
          "'hostPort' is \(host) and 'containerPort' \(port["containerPort"].intOrZero): they must be "
            + "equal when 'hostNetwork' is true", help: "leave 'hostPort' out")
      }
    }
  }

  /// What does not go with a user namespace of its own.
  private mutating func hostUsers(_ pod: PodContext) {
    guard !pod.usesHostUsers, minor >= 33 else { return }
    if pod.usesHostNetwork {
      report(
        "pod/host-users", .forbidden, at: "hostNetwork",
        "'hostNetwork' is not allowed when 'hostUsers' is false")
    }
    for (name, printed) in [("hostPID", "HostPID"), ("hostIPC", "HostIPC")]
      as [(StaticString, StaticString)]
    where pod.spec[name].isTrue {
      report(
        "pod/host-users", .forbidden, at: name,
        "'\(name)' is not allowed when 'hostUsers' is false", printedAs: "\(printedPath).\(printed)"
      )
    }
    guard minor >= 35 else { return }
    eachContainer(of: pod.spec) { check, container in
      guard !container["volumeDevices"].isUnset else { return }
      check.report(
        "pod/host-users", .forbidden, at: "volumeDevices",
        "'volumeDevices' are not allowed when 'hostUsers' is false")
    }
  }

  private mutating func hostnameOverride(_ pod: PodContext) {
    let name = pod.spec["hostnameOverride"]
    guard name.isGiven, minor >= 35 else { return }
    for other: StaticString in ["setHostnameAsFQDN", "hostNetwork"] where pod.spec[other].isTrue {
      report(
        "pod/hostname-override", .forbidden, at: "hostnameOverride",
        "'hostnameOverride' may not be set when '\(other)' is true")
    }
    if name.count > 64 {
      report(
        "pod/hostname-override", .tooLong, at: "hostnameOverride",
        "'\(name.shown)' may not be more than 64 bytes")
    }
    expect(.dns1123Subdomain, name, "pod/hostname-override", at: "hostnameOverride")
  }

  /// A file with environment variables is in an `emptyDir`.
  private mutating func fileKeyVolumes(_ pod: PodContext) {
    guard minor >= 35 else { return }
    eachContainer(of: pod.spec) { check, container in
      guard container["env"].isGiven else { return }
      check.elements("env", of: container) { check, variable, _ in
        let reference = variable["valueFrom"]["fileKeyRef"]
        guard reference.isGiven else { return }
        let name = reference["volumeName"]
        let volume = pod.spec["volumes"].elements.last { $0["name"].isSameText(as: name) }
        if let volume, volume["emptyDir"].isGiven { return }
        check.field("valueFrom", of: variable) { check, source in
          check.field("fileKeyRef", of: source) { check, _ in
            check.report(
              "container/env-file", volume == nil ? .notFound : .invalid, at: "volumeName",
              volume == nil
                ? "there is no volume '\(name.shown)'"
                : "volume '\(name.shown)' must be of type 'emptyDir'")
          }
        }
      }
    }
  }
}
