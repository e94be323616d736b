import Documents

/// Defaults of networking, RBAC, apiextensions, flowcontrol, resource and certificates.
extension DefaultHooks {
  static let others: [String: DefaultHook] = [
    "networking.NetworkPolicySpec": networkPolicy, "rbac.Subject": subject,
    "apiextensions.CustomResourceDefinitionSpec": definition,
    "flowcontrol.PriorityLevelConfigurationSpec": priorityLevel,
    "resource.ExactDeviceRequest": deviceRequest, "resource.DeviceSubRequest": deviceRequest,
  ]

  private static func networkPolicy(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    guard decoder["policyTypes", start].count == 0 else { return }
    var types = [nameValue("Ingress")]
    if decoder["egress", start].count > 0 { types.append(nameValue("Egress")) }
    decoder.set("policyTypes", to: decoder.arena.list(types), in: start)
  }

  private static func subject(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    let kind = decoder["kind", start]
    if kind.isString("User") || kind.isString("Group") {
      decoder.setDefault("apiGroup", text: "rbac.authorization.k8s.io", in: start)
    }
  }

  private static func definition(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    let names = decoder["names", start]
    guard names.isKind(.map), let kind = names["kind"].asString, !kind.isEmpty else { return }
    var filled = names
    if filled["listKind"].count == 0 {
      filled = decoder.map(filled, setting: "listKind", to: decoder.arena.string(kind + "List"))
    }
    if filled["singular"].count == 0 {
      filled = decoder.map(
        filled, setting: "singular", to: decoder.arena.string(kind.lowercased()))
    }
    decoder.set("names", to: filled, in: start, isDefault: false)
  }

  private static func priorityLevel(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    guard decoder["type", start].isString("Exempt"), decoder["exempt", start].isAbsent else {
      return
    }
    decoder.set(
      "exempt",
      to: decoder.arena.map(["nominalConcurrencyShares": .int(0), "lendablePercent": .int(0)]),
      in: start)
  }

  private static func deviceRequest(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    if decoder["allocationMode", start].isString("ExactCount") {
      decoder.setDefault("count", .int(1), in: start)
    }
  }
}
