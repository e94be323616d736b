import Documents

/// Pod (`ValidatePodCreate`, `ValidatePodUpdate` of `pkg/apis/core/validation`).
extension ObjectValidation {
  /// Checks a Pod; `old` is absent for a new one.
  mutating func pod(_ object: Value, old: Value) {
    podAnnotations(of: object["metadata"], object["spec"], printedAs: "metadata.annotations")
    field("spec", of: object) { check, spec in
      check.podSpec(PodContext(spec, isPod: true, podName: object["metadata"]["name"]))
      check.tokensWithoutAccount(of: spec)
      for name: StaticString in ["containers", "initContainers"] where spec[name].isGiven {
        check.elements(name, of: spec) { check, container, _ in
          check.imagePadding(of: container)
        }
      }
    }
    if old.isGiven {
      podUpdate(object, old)
    } else {
      newPod(object)
    }
  }

  /// A token needs an account; a template gets one when its Pods are made.
  private mutating func tokensWithoutAccount(of spec: Value) {
    guard spec["serviceAccountName"].isUnset, spec["volumes"].isGiven else { return }
    elements("volumes", of: spec) { check, volume, _ in
      check.given("projected", of: volume) { check, projected in
        check.elements("sources", of: projected) { check, source, _ in
          guard source["serviceAccountToken"].isGiven else { return }
          check.report(
            "volume/token-without-account", .forbidden, at: "serviceAccountToken",
            "a token needs 'serviceAccountName' of the Pod",
            help: "set 'serviceAccountName: default' or the account that it is for")
        }
      }
    }
  }

  private mutating func newPod(_ object: Value) {
    let metadata = object["metadata"]
    field("spec", of: object) { check, spec in
      if !spec["ephemeralContainers"].isUnset {
        check.report(
          "pod/ephemeral-containers", .forbidden, at: "ephemeralContainers",
          "ephemeral containers cannot be set on create",
          help: "add them to the running Pod with 'kubectl debug'")
      }
      if !spec["nodeName"].isUnset, !spec["schedulingGates"].isUnset {
        check.report(
          "pod/gated-node-name", .forbidden, at: "nodeName",
          "'nodeName' cannot be set until all scheduling gates are gone")
      }
      guard !metadata["annotations"].isUnset else { return }
      check.seccompMatches(metadata["annotations"], spec)
      if !spec["os"]["name"].isString("windows") {
        check.appArmorMatches(metadata["annotations"], spec)
      }
    }
  }

  /// A seccomp profile in an annotation and in the field must be the same.
  private mutating func seccompMatches(_ annotations: Value, _ spec: Value) {
    let pod = annotations["seccomp.security.alpha.kubernetes.io/pod"]
    field("securityContext", of: spec) { check, context in
      check.given("seccompProfile", of: context) { check, profile in
        if pod.isGiven { check.profile(profile, matches: pod.shown, "pod/seccomp-annotation") }
      }
    }
    eachContainer(of: spec) { check, container in
      let key = "container.seccomp.security.alpha.kubernetes.io/\(container["name"].shown)"
      let annotation = annotations[key]
      guard annotation.isGiven else { return }
      check.field("securityContext", of: container) { check, context in
        check.given("seccompProfile", of: context) { check, profile in
          check.profile(profile, matches: annotation.shown, "pod/seccomp-annotation")
        }
      }
    }
  }

  private mutating func appArmorMatches(_ annotations: Value, _ spec: Value) {
    let whole = spec["securityContext"]["appArmorProfile"]
    eachContainer(of: spec) { check, container in
      let own = container["securityContext"]["appArmorProfile"]
      let profile = own.isGiven ? own : whole
      let key = "container.apparmor.security.beta.kubernetes.io/\(container["name"].shown)"
      let annotation = annotations[key]
      guard profile.isGiven, annotation.isGiven else { return }
      check.field("securityContext", of: container) { check, context in
        check.field("appArmorProfile", of: context) { check, _ in
          check.profile(profile, matches: annotation.shown, "pod/app-armor-annotation")
        }
      }
    }
  }

  private mutating func profile(
    _ profile: Value, matches annotation: String, _ rule: StaticString
  ) {
    let type = profile["type"]
    let isSameType: Bool =
      if type.isString("Unconfined") {
        annotation == "unconfined"
      } else if type.isString("RuntimeDefault") {
        annotation == "runtime/default" || annotation == "docker/default"
      } else {
        !type.isString("Localhost") || annotation.hasPrefix("localhost/")
      }
    if !isSameType {
      report(
        rule, .forbidden, at: "type",
        "the type is '\(type.shown)', the annotation says '\(annotation)': they must match",
        help: "remove the annotation")
    } else if type.isString("Localhost"),
      annotation.dropFirst("localhost/".count) != profile["localhostProfile"].shown
    {
      report(
        rule, .forbidden, at: "localhostProfile",
        "the profile must be the same as in the annotation, '\(annotation)'")
    }
  }
}
