import Documents
import Quantities

/// The fields of a Pod that the Downward API gives to a container.
enum DownwardFields {
  /// As environment variables.
  case environment
  /// As files of a volume.
  case volume

  fileprivate var names: [StaticString] {
    switch self {
    case .environment:
      [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
        "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP",
        "status.podIPs",
      ]
    case .volume:
      [
        "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace",
        "metadata.uid",
      ]
    }
  }
}

/// Paths that `ConvertDownwardAPIFieldLabel` of `pkg/apis/core/pods` knows.
private let convertibleFields: [StaticString] = [
  "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
  "spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "spec.schedulerName",
  "status.phase", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs", "spec.host",
]

private let resourceFields: [StaticString] = [
  "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu",
  "requests.ephemeral-storage", "requests.memory",
]

/// Environment variables (`ValidateEnv`, `ValidateEnvFrom`).
extension ObjectValidation {
  /// Checks `env` of a container.
  mutating func environment(of container: Value) {
    elements("env", of: container) { check, variable, _ in
      if variable["name"].isUnset {
        check.require("name", of: variable, "container/env-name")
      } else {
        check.environmentName(variable["name"], at: "name")
      }
      guard variable["valueFrom"].isGiven else { return }
      check.field("valueFrom", of: variable) { check, source in
        check.variableSource(source, hasValue: !variable["value"].isUnset)
      }
    }
  }

  /// Any printable ASCII but `=` since 1.32, before that a C identifier with dots and dashes.
  private mutating func environmentName(_ name: Value, at field: StaticString) {
    guard minor >= 32 else {
      expect(.environmentVariableName, name, "container/env-name", at: field)
      return
    }
    guard
      !name.utf8IfText.isEmpty
        && name.utf8IfText.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x3D })
    else {
      report(
        "container/env-name", .invalid, at: field,
        "'\(name.shown)' must consist only of printable ASCII characters other than '='")
      return
    }
  }

  private mutating func variableSource(_ source: Value, hasValue: Bool) {
    var count = 0
    given("fieldRef", of: source) {
      count += 1
      $0.fieldReference($1, in: .environment)
    }
    given("resourceFieldRef", of: source) {
      count += 1
      $0.resourceReference($1, needsContainer: false)
    }
    given("configMapKeyRef", of: source) {
      count += 1
      $0.keyReference($1)
    }
    given("secretKeyRef", of: source) {
      count += 1
      $0.keyReference($1)
    }
    if minor >= 35 {
      given("fileKeyRef", of: source) {
        count += 1
        $0.fileKeyReference($1)
      }
    }
    if count == 0 {
      report(
        "container/env-source", .invalid,
        "'valueFrom' must have one of 'fieldRef', 'resourceFieldRef', 'configMapKeyRef', "
          + "'secretKeyRef' and 'fileKeyRef'")
    } else if hasValue {
      report(
        "container/env-value-and-source", .invalid,
        "'valueFrom' may not be set when 'value' is not empty", help: "remove one of them")
    } else if count > 1 {
      report(
        "container/env-source", .invalid, "'valueFrom' may not have more than one source")
    }
  }

  /// A path of the Downward API (`validateObjectFieldSelector`).
  mutating func fieldReference(_ reference: Value, in fields: DownwardFields) {
    if reference["apiVersion"].isUnset {
      require("apiVersion", of: reference, "container/field-path")
      return
    }
    let path = reference["fieldPath"]
    if path.isUnset {
      require("fieldPath", of: reference, "container/field-path")
      return
    }
    let text = path.shown
    if let open = text.firstIndex(of: "["), text.hasSuffix("']"),
      text[open...].hasPrefix("['")
    {
      subscriptedField(String(text[..<open]), String(text[open...].dropFirst(2).dropLast(2)), path)
      return
    }
    let isV1 = reference["apiVersion"].isString("v1")
    guard isV1, convertibleFields.contains(where: { path.isString($0) }) else {
      report(
        "container/field-path", .invalid, at: "fieldPath",
        isV1
          ? "'\(text)' is no field that the Downward API knows"
          : "'\(reference["apiVersion"].shown)' is no version of Pods",
        help: "known are \(list(fields.names.map { "\($0)" }))")
      return
    }
    // The old name of spec.nodeName.
    if path.isString("spec.host"), case .environment = fields { return }
    expectOneOf(fields.names, path, "container/field-path", at: "fieldPath")
  }

  private mutating func subscriptedField(_ field: String, _ key: String, _ path: Value) {
    guard field == "metadata.annotations" || field == "metadata.labels" else {
      report(
        "container/field-path", .invalid, at: "fieldPath",
        "'\(path.shown)' is no field that the Downward API knows",
        help: "only 'metadata.labels' and 'metadata.annotations' take a key in brackets")
      return
    }
    let name = field == "metadata.annotations" ? key.lowercased() : key
    for problem in NameFormat.qualifiedName.problems(in: name) {
      report("container/field-path", .invalid, "key '\(key)' in 'fieldPath': \(problem)")
    }
  }

  /// A request or limit as a value (`validateContainerResourceFieldSelector`).
  mutating func resourceReference(_ reference: Value, needsContainer: Bool) {
    let resource = reference["resource"]
    let isHugePages =
      resource.hasPrefix("requests.hugepages-") || resource.hasPrefix("limits.hugepages-")
    if needsContainer, reference["containerName"].isUnset {
      require("containerName", of: reference, "container/resource-field")
    } else if resource.isUnset {
      require("resource", of: reference, "container/resource-field")
    } else if !isHugePages {
      expectOneOf(resourceFields, resource, "container/resource-field", at: "resource")
    }
    let divisor = reference["divisor"]
    guard divisor.isGiven, divisor.quantitySign != 0 else { return }
    let isCPU = resource.isString("limits.cpu") || resource.isString("requests.cpu")
    guard isHugePages || resourceFields.contains(where: { resource.isString($0) }) else { return }
    let allowed: [String] =
      isCPU
      ? ["1m", "1"]
      : ["1"] + ["k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].map { "1" + $0 }
    if !allowed.contains(divisor.asQuantity.canonicalText) {
      report(
        "container/resource-divisor", .invalid, at: "divisor",
        "divisor '\(divisor.shown)' must be one of \(allowed.joined(separator: ", "))")
    }
  }

  private mutating func keyReference(_ reference: Value) {
    expect(.dns1123Subdomain, reference["name"], "container/env-object-name", at: "name")
    if reference["key"].isUnset {
      require("key", of: reference, "container/env-key")
    } else {
      expect(.configMapKey, reference["key"], "container/env-key", at: "key")
    }
  }

  private mutating func fileKeyReference(_ reference: Value) {
    if reference["key"].isUnset {
      require("key", of: reference, "container/env-file")
    } else {
      environmentName(reference["key"], at: "key")
    }
    if reference["volumeName"].isUnset {
      require("volumeName", of: reference, "container/env-file")
    } else {
      expect(.dns1123Label, reference["volumeName"], "container/env-file", at: "volumeName")
    }
    if reference["path"].isUnset {
      require("path", of: reference, "container/env-file")
    } else {
      expectNoParentStep(reference["path"], "container/env-file", at: "path")
    }
  }

  /// Checks `envFrom` of a container.
  mutating func environmentSources(of container: Value) {
    elements("envFrom", of: container) { check, source, _ in
      if !source["prefix"].isUnset { check.environmentName(source["prefix"], at: "prefix") }
      var count = 0
      for name: StaticString in ["configMapRef", "secretRef"] {
        check.given(name, of: source) { check, reference in
          count += 1
          if reference["name"].isUnset {
            check.require("name", of: reference, "container/env-object-name")
          } else {
            check.expect(
              .dns1123SubdomainPrefix, reference["name"], "container/env-object-name", at: "name")
          }
        }
      }
      guard count != 1 else { return }
      check.printing({ $0.withoutLastIndex }) {
        $0.report(
          "container/env-from-source", .invalid,
          count == 0
            ? "an entry of 'envFrom' must have one of 'configMapRef' and 'secretRef'"
            : "an entry of 'envFrom' may not have more than one source")
      }
    }
  }
}
