import Documents
import Quantities

private let identifierRange: ClosedRange<Int64> = 0...2_147_483_647

/// Security contexts (`validatePodSpecSecurityContext`, `ValidateSecurityContext`).
extension ObjectValidation {
  /// Checks `spec.securityContext`.
  mutating func podSecurityContext(_ pod: PodContext) {
    given("securityContext", of: pod.spec) { check, context in
      guard context.count > 0 else { return }
      check.expectRange(identifierRange, context["fsGroup"], "pod/user-or-group", at: "fsGroup")
      check.expectRange(identifierRange, context["runAsUser"], "pod/user-or-group", at: "runAsUser")
      check.expectRange(
        identifierRange, context["runAsGroup"], "pod/user-or-group", at: "runAsGroup")
      check.elements("supplementalGroups", of: context) { check, group, _ in
        check.expectRange(identifierRange, group, "pod/user-or-group")
      }
      if pod.spec["shareProcessNamespace"].isTrue, pod.spec["hostPID"].isTrue {
        check.report(
          "pod/share-process-namespace", .invalid, at: "shareProcessNamespace",
          "'shareProcessNamespace' and 'hostPID' cannot both be true")
      }
      check.sysctls(of: context, pod)
      check.podSecurityChoices(context)
      check.profiles(of: context)
      guard check.minor >= 33 else { return }
      check.oneOfWhenGiven(
        ["Merge", "Strict"], "supplementalGroupsPolicy", of: context,
        "pod/supplemental-groups-policy")
      check.oneOfWhenGiven(
        check.minor >= 36 ? ["MountOption", "Recursive"] : ["Recursive"], "seLinuxChangePolicy",
        of: context, "pod/selinux-change-policy")
    }
  }

  private mutating func podSecurityChoices(_ context: Value) {
    oneOfWhenGiven(
      ["Always", "OnRootMismatch"], "fsGroupChangePolicy", of: context,
      "pod/fs-group-change-policy")
  }

  private mutating func oneOfWhenGiven(
    _ names: [StaticString], _ field: StaticString, of map: Value, _ rule: StaticString
  ) {
    guard map[field].isGiven else { return }
    expectOneOf(names, map[field], rule, at: field, emptyIsMissing: false)
  }

  /// Seccomp, Windows and AppArmor: what a Pod and a container have alike.
  private mutating func profiles(of context: Value) {
    given("seccompProfile", of: context) { $0.seccompProfile($1) }
    given("windowsOptions", of: context) { $0.windowsOptions($1) }
    given("appArmorProfile", of: context) { $0.appArmorProfile($1) }
  }

  private mutating func sysctls(of context: Value, _ pod: PodContext) {
    let sysctls = context["sysctls"].elements
    elements("sysctls", of: context) { check, sysctl, index in
      let name = sysctl["name"]
      if name.isUnset {
        check.require("name", of: sysctl, "pod/sysctl")
      } else if !isSysctlName(name.utf8IfText) {
        check.report(
          "pod/sysctl", .invalid, at: "name",
          "'\(name.shown)' must have at most 253 characters and be words of a-z, 0-9, '-' and '_' "
            + "with dots or slashes between them")
      } else if sysctls[..<index].contains(where: { $0["name"].hasSameBytes(as: name) }) {
        check.report(
          "pod/sysctl", .duplicate, at: "name", "sysctl '\(name.shown)' is set twice")
      }
      check.hostSysctl(name.shown, pod)
    }
  }

  /// A sysctl of a namespace that the Pod shares with its node cannot be set.
  private mutating func hostSysctl(_ name: String, _ pod: PodContext) {
    let normal =
      name.contains("/") && !name.split(separator: "/")[0].contains(".")
      ? name.split(separator: "/").joined(separator: ".") : name
    if pod.usesHostNetwork, normal.hasPrefix("net.") {
      report(
        "pod/host-sysctl", .invalid, at: "name",
        "sysctl '\(name)' may not be set when 'hostNetwork' is true")
    }
    let isIPC =
      normal.hasPrefix("kernel.shm") || normal.hasPrefix("kernel.msg") || normal == "kernel.sem"
      || normal.hasPrefix("fs.mqueue.")
    if pod.spec["hostIPC"].isTrue, isIPC {
      report(
        "pod/host-sysctl", .invalid, at: "name",
        "sysctl '\(name)' may not be set when 'hostIPC' is true")
    }
  }

  /// Checks `securityContext` of a container.
  mutating func containerSecurityContext(_ context: Value, _ pod: PodContext) {
    expectRange(identifierRange, context["runAsUser"], "container/user-or-group", at: "runAsUser")
    expectRange(identifierRange, context["runAsGroup"], "container/user-or-group", at: "runAsGroup")
    let procMount = context["procMount"]
    if procMount.isGiven, minor >= 33 {
      expectOneOf(
        ["Default", "Unmasked"], procMount, "container/proc-mount", at: "procMount",
        emptyIsMissing: false)
      if pod.usesHostUsers, procMount.isString("Unmasked") {
        report(
          "container/proc-mount", .invalid, at: "procMount",
          "'Unmasked' needs 'hostUsers: false' of the Pod")
      }
    }
    given("seccompProfile", of: context) { $0.seccompProfile($1) }
    if context["allowPrivilegeEscalation"].asBool == false { privilegeEscalation(context) }
    given("windowsOptions", of: context) { $0.windowsOptions($1) }
    given("appArmorProfile", of: context) { $0.appArmorProfile($1) }
  }

  private mutating func privilegeEscalation(_ context: Value) {
    if context["privileged"].isTrue {
      report(
        "container/privilege-escalation", .invalid,
        "'allowPrivilegeEscalation' cannot be false when 'privileged' is true",
        help: "a privileged container can always gain privileges; remove one of them")
    }
    for capability in context["capabilities"]["add"].elements
    where capability.isString("CAP_SYS_ADMIN") {
      report(
        "container/privilege-escalation", .invalid,
        "'allowPrivilegeEscalation' cannot be false when the capability CAP_SYS_ADMIN is added")
    }
  }

  private mutating func seccompProfile(_ profile: Value) {
    expectOneOf(
      ["Localhost", "RuntimeDefault", "Unconfined"], profile["type"], "pod/seccomp", at: "type")
    let path = profile["localhostProfile"]
    if profile["type"].isString("Localhost") {
      if path.isGiven {
        expectDescendingPath(path, "pod/seccomp", at: "localhostProfile")
      } else {
        report(
          "pod/seccomp", .required, at: "localhostProfile",
          "'localhostProfile' must be set when the type is 'Localhost'")
      }
    } else if path.isGiven {
      report(
        "pod/seccomp", .invalid, at: "localhostProfile",
        "'localhostProfile' can only be set when the type is 'Localhost'")
    }
  }

  private mutating func appArmorProfile(_ profile: Value) {
    let type = profile["type"]
    let path = profile["localhostProfile"]
    if type.isString("Localhost") {
      let text = path.utf8IfText
      if !path.isGiven || text.isEmpty {
        report(
          "pod/app-armor", .required, at: "localhostProfile",
          "'localhostProfile' must be set when the type is 'Localhost'")
      } else if text[0] <= 0x20 || text[text.count - 1] <= 0x20 {
        report(
          "pod/app-armor", .invalid, at: "localhostProfile",
          "'\(path.shown)' must not be padded with whitespace")
      }
      if text.count > 4095 {
        report(
          "pod/app-armor", .tooLong, at: "localhostProfile",
          "'localhostProfile' may not be more than 4095 bytes")
      }
    } else if type.isString("RuntimeDefault") || type.isString("Unconfined") {
      guard path.isGiven else { return }
      report(
        "pod/app-armor", .invalid, at: "localhostProfile",
        "'localhostProfile' can only be set when the type is 'Localhost'")
    } else {
      expectOneOf(
        ["Localhost", "RuntimeDefault", "Unconfined"], type, "pod/app-armor", at: "type")
    }
  }
}

/// `([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?`, up to 253 bytes.
private func isSysctlName(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
  func isAlphanumeric(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 || byte &- 0x30 < 10 }
  guard name.count <= 253 else { return false }
  return name.split(omittingEmptySubsequences: false) { $0 == 0x2E || $0 == 0x2F }.allSatisfy {
    guard let first = $0.first, let last = $0.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && $0.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x5F }
  }
}
