import CEL
import Documents
import Quantities

private let allocationModes: [StaticString] = ["All", "ExactCount"]

/// What selectors see of a device (dynamic-resource-allocation `cel/compile.go`, 1.36); attributes are of any type.
private let deviceType = CELType.object(
  ObjectType(
    name: "kubernetes.DRADevice",
    fields: [
      "driver": .string, "attributes": .map(.string, .map(.string, .dyn)),
      "capacity": .map(.string, .map(.string, .opaque("kubernetes.Quantity", []))),
      "allowMultipleAllocations": .bool,
    ]))

/// What the API server asks of resource.k8s.io (resource `validation.go`, 1.36).
extension ObjectValidation {
  mutating func deviceClass(_ object: Value) {
    field("spec", of: object) { validation, spec in
      validation.deviceSelectors(spec)
      validation.elements("config", of: spec) { validation, config, _ in
        validation.deviceConfiguration(config)
      }
    }
  }

  mutating func resourceClaim(_ object: Value, old: Value = .absent) {
    if old.isSet {
      if !unchanged(object["spec"], old["spec"]) {
        report(
          "resource-claim/changed", .invalid, at: "spec", "'spec' cannot change",
          help: "delete the ResourceClaim and create it anew")
      }
      return
    }
    field("spec", of: object) { $0.deviceClaim($1) }
  }

  mutating func resourceClaimTemplate(_ object: Value, old: Value = .absent) {
    if old.isSet {
      if !unchanged(object["spec"], old["spec"]) {
        report(
          "resource-claim/changed", .invalid, at: "spec", "'spec' cannot change",
          help: "delete the ResourceClaimTemplate and create it anew")
      }
      return
    }
    field("spec", of: object) { validation, template in
      validation.field("spec", of: template) { $0.deviceClaim($1) }
    }
  }

  private mutating func deviceClaim(_ spec: Value) {
    field("devices", of: spec) { validation, devices in
      let requests = devices["requests"]
      if requests.count > 32 {
        validation.report(
          "resource-claim/requests", .tooMany, at: "requests", "found more than 32 requests")
      }
      validation.elements("requests", of: devices) { validation, request, index in
        validation.deviceRequest(request)
        if requests.elements[..<index].contains(where: {
          $0["name"].isSet && unchanged($0["name"], request["name"])
        }) {
          validation.report(
            "resource-claim/requests", .duplicate, at: "name",
            "two requests have the name \(shown(request["name"]))")
        }
      }
      validation.elements("constraints", of: devices) { validation, constraint, _ in
        validation.requestNames(constraint, requests)
        for name: StaticString in ["matchAttribute", "distinctAttribute"] {
          validation.given(name, of: constraint) { validation, attribute in
            validation.deviceIdentifier(
              "resource-claim/constraints", attribute, needsDomain: true)
          }
        }
        if !constraint["matchAttribute"].isSet, !constraint["distinctAttribute"].isSet {
          validation.report(
            "resource-claim/constraints", .required, at: "matchAttribute",
            "a constraint needs 'matchAttribute'")
        }
      }
      validation.elements("config", of: devices) { validation, config, _ in
        validation.requestNames(config, requests)
        validation.deviceConfiguration(config)
      }
    }
  }

  private mutating func requestNames(_ map: Value, _ requests: Value) {
    elements("requests", of: map) { validation, name, _ in
      let text = name.asString ?? ""
      let parts = text.split(separator: "/", maxSplits: 1)
      let request = requests.elements.first { $0["name"].asString == parts.first.map(String.init) }
      let isKnown =
        request != nil
        && (parts.count == 1
          || request?["firstAvailable"].elements.contains {
            $0["name"].asString == String(parts[1])
          } == true)
      if !isKnown {
        validation.report(
          "resource-claim/request-name", .invalid, "\(shown(name)) is no request of the claim")
      }
    }
  }

  private mutating func deviceRequest(_ request: Value) {
    requiredName("resource-claim/request-name", "name", of: request, .dns1123Label)
    let hasExact = request["exactly"].isSet
    let hasFirst = !request["firstAvailable"].isUnset
    if hasExact == hasFirst {
      return report(
        "resource-claim/request", hasExact ? .invalid : .required,
        "give exactly one of 'exactly' and 'firstAvailable'")
    }
    if hasExact { return field("exactly", of: request) { $0.exactRequest($1) } }
    elements("firstAvailable", of: request) { validation, part, _ in
      validation.requiredName("resource-claim/request-name", "name", of: part, .dns1123Label)
      validation.exactRequest(part)
    }
  }

  private mutating func exactRequest(_ request: Value) {
    requiredName("resource-claim/device-class", "deviceClassName", of: request, .dns1123Subdomain)
    deviceSelectors(request)
    let mode = request["allocationMode"]
    let count = request["count"].intOrZero
    if mode.isString("All") {
      if count != 0 {
        report(
          "resource-claim/count", .invalid, at: "count", "allocationMode 'All' has no count")
      }
    } else if mode.isString("ExactCount") {
      if count <= 0 {
        report(
          "resource-claim/count", .invalid, at: "count", "found \(count), expected more than 0")
      }
    } else if mode.isSet {
      report(
        "resource-claim/allocation-mode", .notSupported, at: "allocationMode",
        "found \(shown(mode)), expected \(listed(allocationModes))")
    }
  }

  private mutating func deviceSelectors(_ map: Value) {
    elements("selectors", of: map) { validation, selector, _ in
      guard selector["cel"].isSet else {
        return validation.report(
          "device/selector", .required, at: "cel", "a selector needs 'cel'")
      }
      validation.field("cel", of: selector) { validation, cel in
        let text = cel["expression"].asString ?? ""
        if text.utf8.count > 10 << 10 {
          return validation.report(
            "device/selector", .tooLong, at: "expression",
            "the expression has more than 10240 bytes")
        }
        let environment = CELEnvironment(
          profile: .kubernetes(minor: validation.minor),
          variables: [Variable("device", type: deviceType)], bindsNames: true)
        switch environment.compile(text) {
        case .failure(let failure):
          validation.report(
            "device/selector", .invalid, at: "expression",
            "'\(text)' does not compile: \(ExpressionProblem(failure).message)")
        case .success(let program):
          if program.resultType != .bool, program.resultType != .dyn {
            validation.report(
              "device/selector", .invalid, at: "expression",
              "the expression must evaluate to bool, found \(program.resultType)")
          }
        }
      }
    }
  }

  private mutating func deviceConfiguration(_ config: Value) {
    guard config["opaque"].isSet else {
      return report("device/config", .required, at: "opaque", "a configuration needs 'opaque'")
    }
    field("opaque", of: config) { validation, opaque in
      validation.driverName("device/config", "driver", of: opaque)
      if !opaque["parameters"].isSet {
        validation.report("device/config", .required, at: "parameters", "'parameters' is required")
      } else if !opaque["parameters"].isKind(.map) {
        validation.report(
          "device/config", .invalid, at: "parameters", "'parameters' must be an object")
      }
    }
  }
}
