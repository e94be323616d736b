import Documents
import Quantities

/// Labels and annotations of a template, and annotations that mean something to a Pod.
extension ObjectValidation {
  /// Checks a map of labels: every mistake is printed at the map.
  mutating func labelSyntax(_ field: StaticString, of map: Value, printedAs printed: String? = nil)
  {
    for entry in map[field].entries {
      if !NameFormat.qualifiedName.accepts(entry.key.utf8) {
        for problem in NameFormat.qualifiedName.problems(in: entry.key.shown) {
          report(
            "meta/label-key", .invalid, at: field, "label key '\(entry.key.shown)': \(problem)",
            printedAs: printed)
        }
      }
      if !NameFormat.labelValue.accepts(entry.value.utf8IfText) {
        for problem in NameFormat.labelValue.problems(in: entry.value.shown) {
          report(
            "meta/label-value", .invalid, at: field,
            "value '\(entry.value.shown)' of label '\(entry.key.shown)': \(problem)",
            printedAs: printed)
        }
      }
    }
  }

  /// Checks `annotations` of metadata: keys, and the size of all.
  mutating func annotationSyntax(of metadata: Value, printedAs printed: String? = nil) {
    var size = 0
    for entry in metadata["annotations"].entries {
      size += entry.key.count + entry.value.utf8IfText.count
      guard !NameFormat.qualifiedName.accepts(entry.key.utf8) else { continue }
      for problem in NameFormat.qualifiedName.problems(in: entry.key.shown.lowercased()) {
        report(
          "meta/annotation-key", .invalid, at: "annotations",
          "annotation key '\(entry.key.shown)': \(problem)", printedAs: printed)
      }
    }
    guard size > 256 * 1024 else { return }
    report(
      "meta/annotations-size", .tooLong, at: "annotations",
      "the annotations may not have more than 262144 bytes, they have \(size)", printedAs: printed)
  }

  /// Annotations with a meaning (`ValidatePodSpecificAnnotations`); the walk stands above `metadata`, and
  /// `annotations` is what they print as.
  mutating func podAnnotations(
    of metadata: Value, _ spec: Value, printedAs annotations: String
  ) {
    guard !metadata["annotations"].isUnset else { return }
    for entry in metadata["annotations"].entries where entry.key.utf8IfText.contains(0x2F) {
      let key = entry.key
      field("metadata", of: .absent) { check, _ in
        check.field("annotations", of: .absent) { check, _ in
          check.key(key) { check in
            check.podAnnotation(key, entry.value, spec, annotations)
          }
        }
      }
    }
  }

  private mutating func podAnnotation(
    _ key: Value, _ value: Value, _ spec: Value, _ annotations: String
  ) {
    let printed = "\(annotations)[\(key.shown)]"
    if key.isString("kubernetes.io/config.mirror") {
      guard spec["nodeName"].isUnset else { return }
      report(
        "pod/mirror-annotation", .invalid, "a mirror Pod must have 'nodeName'", printedAs: printed)
    } else if key.isString("controller.kubernetes.io/pod-deletion-cost") {
      guard !isDeletionCost(value.shown) else { return }
      report(
        "pod/deletion-cost", .invalid, "'\(value.shown)' must be a 32-bit integer",
        printedAs: printed)
    } else if key.isString("seccomp.security.alpha.kubernetes.io/pod")
      || key.hasPrefix("container.seccomp.security.alpha.kubernetes.io/")
    {
      seccompAnnotation(value.shown, printedAs: "\(annotations).\(key.shown)")
    } else if key.hasPrefix("container.apparmor.security.beta.kubernetes.io/") {
      appArmorAnnotation(key, value.shown, spec, printed)
    }
  }

  private mutating func seccompAnnotation(_ value: String, printedAs printed: String) {
    if ["runtime/default", "docker/default", "unconfined"].contains(value) { return }
    if value.hasPrefix("localhost/") {
      let path = value.dropFirst("localhost/".count)
      if path.hasPrefix("/") || path.split(separator: "/").contains("..") {
        report(
          "pod/seccomp-annotation", .invalid,
          "'\(path)' must be a relative path without '..'", printedAs: printed)
      }
      return
    }
    report(
      "pod/seccomp-annotation", .invalid, "'\(value)' must be a valid seccomp profile",
      printedAs: printed)
  }

  private mutating func appArmorAnnotation(
    _ key: Value, _ value: String, _ spec: Value, _ printed: String
  ) {
    let name = String(key.shown.dropFirst("container.apparmor.security.beta.kubernetes.io/".count))
    let hasContainer = (["initContainers", "containers", "ephemeralContainers"] as [StaticString])
      .contains {
        spec[$0].elements.contains { $0["name"].shown == name }
      }
    if !hasContainer {
      report(
        "pod/app-armor-annotation", .invalid, "there is no container '\(name)'", printedAs: printed)
    }
    if !value.isEmpty, value != "runtime/default", value != "unconfined",
      !value.hasPrefix("localhost/")
    {
      report(
        "pod/app-armor-annotation", .invalid, "'\(value)' is no AppArmor profile",
        printedAs: printed)
    }
  }
}

/// An integer of 32 bits without `+` and leading zeros.
private func isDeletionCost(_ text: String) -> Bool {
  let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
  guard Int32(text) != nil, !text.hasPrefix("+") else { return false }
  return digits.utf8.count == 1 || digits.utf8.first != 0x30
}
