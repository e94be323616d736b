import Documents
import Quantities

/// What a Pod for one operating system may and may not have (`validateOS`, `validateWindows`, `validateLinux`).
extension ObjectValidation {
  /// Walks the containers of all three lists.
  mutating func eachContainer(
    of spec: Value, _ check: (inout ObjectValidation, Value) -> Void
  ) {
    for name: StaticString in ["initContainers", "containers", "ephemeralContainers"]
    where spec[name].isGiven {
      elements(name, of: spec) { validation, container, _ in check(&validation, container) }
    }
  }

  /// Checks `spec.os` and what the operating system rules out.
  mutating func operatingSystem(_ pod: PodContext) {
    let system = pod.spec["os"]
    guard system.isGiven else { return }
    let name = system["name"]
    if name.isUnset {
      field("os", of: pod.spec) { $0.require("name", of: $1, "pod/os") }
    } else if name.isString("linux") {
      linuxPod(pod)
    } else if name.isString("windows") {
      windowsPod(pod)
    } else {
      expectOneOf(["linux", "windows"], name, "pod/os", at: "os")
    }
  }

  private mutating func linuxPod(_ pod: PodContext) {
    field("securityContext", of: pod.spec) { check, context in
      check.forbid("windowsOptions", of: context, on: "linux")
    }
    eachContainer(of: pod.spec) { check, container in
      check.field("securityContext", of: container) { check, context in
        check.forbid("windowsOptions", of: context, on: "linux")
      }
    }
  }

  private mutating func windowsPod(_ pod: PodContext) {
    let context = pod.spec["securityContext"]
    field("securityContext", of: pod.spec) { check, _ in
      check.forbid("appArmorProfile", of: context, on: "windows")
      check.forbid("seLinuxOptions", of: context, on: "windows")
    }
    for name: StaticString in ["hostUsers", "hostPID", "hostIPC"] {
      if name.isHostNamespace ? pod.spec[name].isTrue : pod.spec[name].isGiven {
        reportForbidden(name, on: "windows")
      }
    }
    field("securityContext", of: pod.spec) { check, _ in
      for name: StaticString in ["seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls"] {
        check.forbid(name, of: context, on: "windows")
      }
    }
    forbid("shareProcessNamespace", of: pod.spec, on: "windows")
    field("securityContext", of: pod.spec) { check, _ in
      for name: StaticString in [
        "runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy",
        "seLinuxChangePolicy",
      ] {
        check.forbid(name, of: context, on: "windows")
      }
    }
    eachContainer(of: pod.spec) { check, container in
      check.given("securityContext", of: container) { check, context in
        for name: StaticString in [
          "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities",
          "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation", "procMount",
          "runAsUser", "runAsGroup",
        ] {
          check.forbid(name, of: context, on: "windows")
        }
      }
    }
  }

  private mutating func forbid(
    _ field: StaticString, of map: Value, on system: StaticString
  ) {
    if map[field].isGiven { reportForbidden(field, on: system) }
  }

  private mutating func reportForbidden(_ field: StaticString, on system: StaticString) {
    report(
      "pod/os-field", .forbidden, at: field, "'\(field)' cannot be set for a \(system) Pod")
  }

  /// HostProcess containers of Windows: all or none, and only on the host's network.
  mutating func windowsHostProcess(_ pod: PodContext) {
    let whole = pod.spec["securityContext"]["windowsOptions"]["hostProcess"]
    var count = 0
    var hostCount = 0
    eachContainer(of: pod.spec) { check, container in
      count += 1
      let own = container["securityContext"]["windowsOptions"]["hostProcess"]
      if own.isGiven, whole.isGiven, own.isTrue != whole.isTrue {
        check.field("securityContext", of: container) { check, context in
          check.field("windowsOptions", of: context) { check, _ in
            check.report(
              "pod/host-process", .invalid, at: "hostProcess",
              "'hostProcess' must be the same as the Pod's, which is \(whole.shown)")
          }
        }
      }
      if own.isTrue || !own.isGiven && whole.isTrue { hostCount += 1 }
    }
    guard hostCount > 0 else { return }
    if hostCount != count {
      report(
        "pod/host-process", .invalid,
        "either all containers of a Pod are HostProcess containers or none is")
    }
    if !pod.usesHostNetwork {
      report(
        "pod/host-process", .invalid, at: "hostNetwork",
        "'hostNetwork' must be true for HostProcess containers")
    }
  }

  /// Checks `windowsOptions` of a Pod or a container.
  mutating func windowsOptions(_ options: Value) {
    if options["gmsaCredentialSpecName"].isGiven {
      expect(
        .dns1123Subdomain, options["gmsaCredentialSpecName"], "pod/windows-options",
        at: "gmsaCredentialSpecName")
    }
    let spec = options["gmsaCredentialSpec"]
    if spec.isGiven, spec.count == 0 || spec.count > 64 * 1024 {
      report(
        "pod/windows-options", .invalid, at: "gmsaCredentialSpec",
        spec.count == 0
          ? "'gmsaCredentialSpec' cannot be empty" : "'gmsaCredentialSpec' must be under 64 KiB")
    }
    guard options["runAsUserName"].isGiven else { return }
    for problem in windowsUserProblems(options["runAsUserName"].shown) {
      report(
        "pod/windows-options", .invalid, at: "runAsUserName",
        "user name '\(options["runAsUserName"].shown)' \(problem)")
    }
  }
}

extension StaticString {
  fileprivate var isHostNamespace: Bool { "\(self)" != "hostUsers" }
}

/// What is wrong with `DOMAIN\user`.
private func windowsUserProblems(_ name: String) -> [String] {
  if name.isEmpty { return ["cannot be empty"] }
  if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
    return ["cannot contain control characters"]
  }
  let parts = name.split(separator: "\\", omittingEmptySubsequences: false).map(String.init)
  if parts.count > 2 { return ["cannot contain more than one backslash"] }
  var problems: [String] = []
  if parts.count == 2 {
    if parts[0].utf8.count >= 256 { problems.append("has a domain of 256 characters or more") }
    if !isNetBIOSDomain(parts[0]), !isWindowsDNSDomain(parts[0]) {
      problems.append("has a domain that is neither a NetBIOS nor a DNS name")
    }
  }
  let user = parts.last ?? ""
  if user.isEmpty { problems.append("has no user behind the domain") }
  if user.utf8.count > 104 { problems.append("has a user of more than 104 characters") }
  if !user.isEmpty, user.allSatisfy({ $0 == "." || $0 == " " }) {
    problems.append("cannot contain only periods or spaces")
  }
  if user.contains(where: { "\"/\\:;|=,+*?<>@[]".contains($0) }) {
    problems.append("cannot contain any of \"/\\:;|=,+*?<>@[]")
  }
  return problems
}

private func isNetBIOSDomain(_ text: String) -> Bool {
  (1...15).contains(text.count) && !text.hasPrefix(".")
    && !text.contains { "\\/:*?\"<>|".contains($0) }
}

private func isWindowsDNSDomain(_ text: String) -> Bool {
  text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
    NameFormat.dns1123Label.accepts($0.lowercased())
  }
}
