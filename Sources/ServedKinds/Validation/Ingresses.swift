import Documents
import Quantities

private let classAnnotation: StaticString = "kubernetes.io/ingress.class"
private let pathTypes: [StaticString] = ["Exact", "ImplementationSpecific", "Prefix"]
private let badSequences: [StaticString] = ["//", "/./", "/../", "%2f", "%2F"]
private let badEnds: [StaticString] = ["/..", "/."]

/// What the API server asks of an Ingress and an IngressClass (networking `validation.go`, 1.36).
extension ObjectValidation {
  mutating func ingress(_ object: Value, isUpdate: Bool = false) {
    field("spec", of: object) { validation, spec in
      if spec["rules"].isUnset, !spec["defaultBackend"].isSet {
        validation.report(
          "ingress/no-backend", .invalid, "an Ingress needs 'rules' or a 'defaultBackend'")
      }
      if spec["defaultBackend"].isSet { validation.backend("defaultBackend", of: spec) }
      validation.elements("rules", of: spec) { validation, rule, _ in
        validation.ingressHost(rule["host"])
        guard rule["http"].isSet else { return }
        validation.field("http", of: rule) { validation, http in
          validation.require("ingress/paths-missing", "paths", of: http)
          validation.elements("paths", of: http) { validation, path, _ in
            validation.ingressPath(path)
          }
        }
      }
      validation.elements("tls", of: spec) { validation, entry, _ in
        validation.elements("hosts", of: entry) { validation, host, _ in
          validation.name("ingress/host", host, hostFormat(host))
        }
        if !entry["secretName"].isUnset {
          validation.name(
            "ingress/tls-secret", entry["secretName"], .dns1123Subdomain, at: "secretName")
        }
      }
      if spec["ingressClassName"].isSet {
        validation.name(
          "ingress/class", spec["ingressClassName"], .dns1123Subdomain, at: "ingressClassName")
      }
    }
    let annotation = object["metadata"]["annotations"][classAnnotation]
    let name = object["spec"]["ingressClassName"]
    if !isUpdate, annotation.isSet, name.isSet, !annotation.isIdentical(to: name) {
      report(
        "ingress/class-twice", .invalid,
        "the annotation '\(classAnnotation)' says \(shown(annotation)), ingressClassName "
          + "\(shown(name))", help: "leave the annotation out",
        printedAs: "annotations.\(classAnnotation)")
    }
  }

  private mutating func ingressHost(_ host: Value) {
    if host.isUnset { return }
    if host.address != nil {
      report("ingress/host", .invalid, at: "host", "\(shown(host)) is an address, not a DNS name")
    }
    name("ingress/host", host, hostFormat(host), at: "host")
  }

  private mutating func ingressPath(_ path: Value) {
    let type = path["pathType"]
    guard type.isSet else {
      return report(
        "ingress/path-type-missing", .required, at: "pathType",
        "a path needs a pathType, expected \(listed(pathTypes))")
    }
    let text = path["path"]
    if type.isString("Exact") || type.isString("Prefix") {
      if !text.hasPrefix("/") {
        report(
          "ingress/path", .invalid, at: "path", "\(shown(text)) is no absolute path",
          help: "begin it with '/'")
      }
      let string = text.asString ?? ""
      for sequence in badSequences where text.count > 1 && string.contains("\(sequence)") {
        report(
          "ingress/path", .invalid, at: "path", "\(shown(text)) may not contain '\(sequence)'")
      }
      for end in badEnds where string.hasSuffix("\(end)") {
        report(
          "ingress/path", .invalid, at: "path", "\(shown(text)) may not end with '\(end)'")
      }
    } else if type.isString("ImplementationSpecific") {
      if !text.isUnset, !text.hasPrefix("/") {
        report("ingress/path", .invalid, at: "path", "\(shown(text)) is no absolute path")
      }
    } else {
      report(
        "ingress/path-type", .notSupported, at: "pathType",
        "found \(shown(type)), expected \(listed(pathTypes))")
    }
    backend("backend", of: path)
  }

  private mutating func backend(_ name: StaticString, of map: Value) {
    field(name, of: map) { validation, backend in
      let hasService = backend["service"].isSet
      let hasResource = backend["resource"].isSet
      if hasService, hasResource {
        return validation.report(
          "ingress/backend", .invalid, "a backend is a service or a resource, not both")
      }
      if hasResource {
        return validation.field("resource", of: backend) { validation, resource in
          validation.typedReference("ingress/backend", resource)
        }
      }
      guard hasService else {
        return validation.report(
          "ingress/backend", .invalid, "a backend needs a 'service' or a 'resource'")
      }
      validation.serviceBackend(backend)
    }
  }

  private mutating func serviceBackend(_ backend: Value) {
    let port = backend["service"]["port"]
    let hasName = !port["name"].isUnset
    let hasNumber = port["number"].intOrZero != 0
    field("service", of: backend) { validation, service in
      validation.requiredName(
        "ingress/service-name", "name", of: service,
        validation.minor >= 35 ? .dns1123Label : .dns1035Label)
      if hasName != hasNumber {
        validation.field("port", of: service) { validation, port in
          if hasName {
            validation.name("ingress/service-port", port["name"], .portName, at: "name")
          } else {
            validation.portNumber("ingress/service-port", port["number"], at: "number")
          }
        }
      }
    }
    if hasName, hasNumber {
      report("ingress/service-port", .invalid, "a port is given by name or by number, not both")
    } else if !hasName, !hasNumber {
      report(
        "ingress/service-port", .required, "the name or number of the service's port is missing")
    }
  }

  /// Holds a `TypedLocalObjectReference` where the walk stands.
  mutating func typedReference(_ rule: StaticString, _ reference: Value) {
    if !reference["apiGroup"].isUnset {
      name(rule, reference["apiGroup"], .dns1123Subdomain, at: "apiGroup")
    }
    if require(rule, "kind", of: reference) {
      pathSegment(rule, reference["kind"], at: "kind")
    }
    if require(rule, "name", of: reference) {
      pathSegment(rule, reference["name"], at: "name")
    }
  }

  mutating func ingressClass(_ object: Value, old: Value = .absent) {
    field("spec", of: object) { validation, spec in
      if old.isSet {
        validation.immutable(
          "ingress-class/controller-changed", "controller", of: spec, was: old["spec"])
      }
      let controller = spec["controller"]
      if controller.count > 250 {
        validation.report(
          "ingress-class/controller", .tooLong, at: "controller",
          "found \(controller.count) bytes, expected at most 250")
      }
      if validation.require("ingress-class/controller", "controller", of: spec) {
        let parts = controller.utf8.split(
          separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count != 2 || parts[0].isEmpty || parts[1].isEmpty
          || !NameFormat.dns1123Subdomain.accepts(UnsafeBufferPointer(rebasing: parts[0]))
        {
          validation.report(
            "ingress-class/controller", .invalid, at: "controller",
            "\(shown(controller)) is no domain and path, expected one such as 'acme.io/ingress'")
        }
      }
      guard spec["parameters"].isSet else { return }
      validation.field("parameters", of: spec) { validation, parameters in
        validation.typedReference("ingress-class/parameters", parameters)
        let scope = parameters["scope"]
        if scope.isString("Namespace") {
          if validation.require("ingress-class/parameters", "namespace", of: parameters) {
            validation.name(
              "ingress-class/parameters", parameters["namespace"], .dns1123Label, at: "namespace")
          }
        } else if scope.isString("Cluster") {
          if parameters["namespace"].isSet {
            validation.report(
              "ingress-class/parameters", .forbidden, at: "namespace",
              "parameters of scope 'Cluster' have no namespace")
          }
        } else if scope.isUnset {
          validation.report(
            "ingress-class/parameters", .required, at: "scope", "'scope' is required")
        } else {
          validation.report(
            "ingress-class/parameters", .notSupported, at: "scope",
            "found \(shown(scope)), expected 'Cluster' or 'Namespace'")
        }
      }
    }
  }
}

private func hostFormat(_ host: Value) -> NameFormat {
  host.hasByte(UInt8(ascii: "*")) ? .wildcardDNS1123Subdomain : .dns1123Subdomain
}
