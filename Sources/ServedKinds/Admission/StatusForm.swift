import Documents
import Quantities

/// What becomes of an object's `status` where it is a subresource, which writing the object does not change.
public enum StatusForm: Sendable {
  /// It is left out: nobody can write it.
  case leftOut
  /// As the server has it: that of the old object, else what a new object begins with.
  case served
  /// As it is written: the object is what stands in a cluster.
  case written
}

extension ServedKinds {
  /// The stored form of a built-in object with the status that `form` asks for.
  ///
  /// A policy sees the zeros that a status always has: `status: {}` of a Deployment, `replicas: 0` of a StatefulSet's.
  func withStatus(
    _ stored: Value, _ form: StatusForm, object: Document, old: Document?, _ kind: ServedKind,
    _ types: ServedTypes, _ arena: Arena, _ workspace: Workspace
  ) -> Value {
    guard kind.hasStatus, form != .leftOut else { return stored }
    let written = (form == .written ? object : old)?.root["status"] ?? .absent
    var decoder = ObjectDecoder(
      types: types, apiVersion: object.root["apiVersion"], minor: minor,
      arena: arena, tracksDefaults: false, workspace)
    let preparation = Preparation(kind: kind, arena: arena, minor: minor)
    var status = decoder.decode(field: "status", written.isKind(.map) ? written : .emptyMap)
    guard status.isKind(.map) else { return stored }
    if kind.group.isEmpty, kind.kind == "Pod", !written.isKind(.map) {
      // pkg/registry/core/pod/strategy.go, PrepareForCreate
      status = preparation.setting(status, "phase", to: nameValue("Pending"))
      status = preparation.setting(
        status, "qosClass", to: nameValue(qosClass(of: stored["spec"])))
    }
    return preparation.setting(stored, "status", to: status)
  }
}

/// The quality of service of a Pod (kubernetes 1.36, `pkg/apis/core/helper/qos/qos.go`).
private func qosClass(of spec: Value) -> StaticString {
  let own = spec["resources"]
  let containers =
    Array(spec["initContainers"].elements)
    + Array(spec["containers"].elements)
  let holders = own.count > 0 ? [own] : containers.map { $0["resources"] }
  var asksForAny = false
  var isGuaranteed = true
  for resources in holders {
    for name: StaticString in ["cpu", "memory"] {
      let request = resources["requests"][name]
      let limit = resources["limits"][name]
      if isPositive(request) || isPositive(limit) { asksForAny = true }
      if !isPositive(limit) || !(request.isAbsent || request.hasSameBytes(as: limit)) {
        isGuaranteed = false
      }
    }
  }
  if !asksForAny { return "BestEffort" }
  return isGuaranteed ? "Guaranteed" : "Burstable"
}

private func isPositive(_ quantity: Value) -> Bool {
  guard quantity.isKind(.string), case .success(let amount) = Quantity.parse(quantity.utf8) else {
    return false
  }
  return amount.signum > 0
}
