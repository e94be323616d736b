import Documents

/// What the checks of one PodSpec share: facts about the Pod that a container or a volume is held against.
struct PodContext {
  /// The PodSpec.
  let spec: Value
  /// Whether the object is a Pod, not something with a template.
  let isPod: Bool
  /// The name of the Pod; absent in a template.
  let podName: Value
  /// `spec.volumeClaimTemplates` of a StatefulSet: volumes that the controller adds to each Pod.
  let claimTemplates: Value
  /// `spec.hostUsers`, true by default.
  let usesHostUsers: Bool
  /// `spec.terminationGracePeriodSeconds`; nil when it is not there.
  let gracePeriodSeconds: Int64?
  /// Indices in `spec.volumes` of those with a mistake: the API server takes them for not there.
  var refusedVolumes: [Int] = []

  init(
    _ spec: Value, isPod: Bool, podName: Value = .absent, claimTemplates: Value = .absent
  ) {
    self.spec = spec
    self.isPod = isPod
    self.podName = podName
    self.claimTemplates = claimTemplates
    usesHostUsers = spec["hostUsers"].asBool ?? true
    gracePeriodSeconds = spec["terminationGracePeriodSeconds"].asInt
  }

  /// `spec.hostNetwork`, false by default.
  var usesHostNetwork: Bool { spec["hostNetwork"].isTrue }

  /// The volume that a mount with this name gets; absent when there is none.
  func volume(named name: Value) -> Value {
    for (index, volume) in spec["volumes"].elements.enumerated()
    where volume["name"].hasSameBytes(as: name) && !refusedVolumes.contains(index) {
      return volume
    }
    return .absent
  }

  /// Whether the controller adds a volume with this name from a claim template.
  func hasClaimTemplate(named name: Value) -> Bool {
    claimTemplates.elements.contains { $0["metadata"]["name"].hasSameBytes(as: name) }
  }
}

extension Value {
  /// Whether there is no value, null, an empty text, list or map: what `omitempty` leaves out.
  var isUnset: Bool {
    switch kind {
    case .string, .list, .map: count == 0
    case .absent, .null: true
    default: false
    }
  }

  /// Whether there is a value other than null.
  var isGiven: Bool { !isAbsent && !isNull }

  /// The integer, or 0 for what is none, as a field that is no pointer has it.
  var intOrZero: Int64 { isKind(.int) ? intPayload : 0 }

  /// The text for a message: strings as they are, other scalars as JSON has them.
  var shown: String {
    switch kind {
    case .string: asString ?? ""
    case .int: "\(intPayload)"
    case .bool: isTrue ? "true" : "false"
    case .double: "\(doublePayload)"
    default: ""
    }
  }

  /// Whether a text begins with another.
  func hasPrefix(_ prefix: StaticString) -> Bool {
    isKind(.string)
      && utf8.starts(
        with: UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
  }
}
