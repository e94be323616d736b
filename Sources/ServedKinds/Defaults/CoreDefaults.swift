import Documents
import Quantities

/// kubernetes `pkg/apis/core/v1/defaults.go` and `conversion.go`, `pkg/registry/core/*/strategy.go`.
extension DefaultHooks {
  static let core: [String: DefaultHook] = [
    "core.Container": imagePullPolicy, "core.EphemeralContainer": imagePullPolicy,
    "core.ImageVolumeSource": imageVolume, "core.PodSpec": serviceAccountNames,
    "core.Volume": volume, "core.ResourceRequirements": resources,
    "core.VolumeResourceRequirements": resources, "core.Pod": pod, "core.Service": service,
    "core.ServicePort": servicePort, "core.Secret": secret, "core.Namespace": namespace,
    "core.ReplicationController": replicationController, "core.LimitRangeItem": limitRangeItem,
    "core.PersistentVolumeClaimSpec": dataSources, "meta.ObjectMeta": objectMeta,
    "core.PersistentVolumeClaim": claim, "core.PersistentVolume": volumeObject,
    "core.PersistentVolumeSpec": capacity, "core.NodeStatus": nodeStatus,
  ]

  // MARK: containers

  private static func imagePullPolicy(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    guard decoder["imagePullPolicy", start].isAbsent else { return }
    let isLatest = hasLatestTag(decoder["image", start])
    decoder.set(
      "imagePullPolicy", to: nameValue(isLatest ? "Always" : "IfNotPresent"), in: start)
  }

  private static func imageVolume(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    guard decoder["pullPolicy", start].isAbsent else { return }
    let isLatest = hasLatestTag(decoder["reference", start])
    decoder.set("pullPolicy", to: nameValue(isLatest ? "Always" : "IfNotPresent"), in: start)
  }

  /// Whether an image is pulled by the tag `latest`: written, or because there is neither tag nor digest. What is no
  /// image reference has no tag at all (`parsers.ParseImageName`).
  static func hasLatestTag(_ image: Value) -> Bool {
    guard image.isKind(.string), image.count > 0 else { return false }
    let at = image.utf8.firstIndex(of: UInt8(ascii: "@"))
    let bytes = UnsafeBufferPointer(rebasing: image.utf8[..<(at ?? image.utf8.endIndex)])
    let name = bytes.lastIndex(of: UInt8(ascii: "/")).map { bytes[($0 + 1)...] } ?? bytes[...]
    // A reference has lower-case names and no spaces; what has is not parsed, and so has no tag.
    let isReference = bytes.allSatisfy { byte in
      switch byte {
      case 0x61...0x7A, 0x30...0x39, 0x41...0x5A: true
      case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "/"),
        UInt8(ascii: ":"):
        true
      default: false
      }
    }
    guard isReference, !name.isEmpty else { return false }
    guard let colon = name.firstIndex(of: UInt8(ascii: ":")) else {
      return at == nil && !name.contains { (0x41...0x5A).contains($0) }
    }
    return name[(colon + 1)...].elementsEqual("latest".utf8)
  }

  private static func resources(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    for name: StaticString in ["limits", "requests"] {
      let list = decoder[name, start]
      if list.isKind(.map), let rounded = roundedUp(list, decoder.arena) {
        decoder.set(name, to: rounded, in: start, isDefault: false)
      }
    }
  }

  /// Amounts below a thousandth are rounded up to it; nil where none is.
  private static func roundedUp(_ list: Value, _ arena: Arena) -> Value? {
    var changed: [MapEntry]?
    for (index, entry) in list.entries.enumerated() {
      guard entry.value.isKind(.string), let last = entry.value.utf8.last,
        last == UInt8(ascii: "n") || last == UInt8(ascii: "u"),
        case .success(let quantity) = Quantity.parse(entry.value.utf8)
      else { continue }
      if changed == nil { changed = Array(list.entries) }
      changed?[index].value = arena.string(roundedUpToMilli(quantity))
    }
    return changed.map { arena.map($0) }
  }

  private static func roundedUpToMilli(_ quantity: Quantity) -> String {
    guard let amount = quantity.scaledAmount, amount.scale < -3 else { return quantity.description }
    var value = amount.value
    var scale = amount.scale
    while scale < -3 {
      let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
      value = remainder > 0 ? quotient + 1 : remainder < 0 ? quotient - 1 : quotient
      scale += 1
    }
    return Quantity(value: value, scale: scale, format: quantity.format).canonicalText
  }

  // MARK: Pods

  private static func serviceAccountNames(
    _ decoder: inout ObjectDecoder, _ start: StructureStart
  ) {
    let name = decoder["serviceAccountName", start]
    let old = decoder["serviceAccount", start]
    if !name.isAbsent {
      if !old.isIdentical(to: name) {
        decoder.set("serviceAccount", to: name, in: start, isDefault: old.isAbsent)
      }
    } else if !old.isAbsent {
      decoder.set("serviceAccountName", to: old, in: start)
    }
  }

  private static func volume(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    if !decoder.hasField(besides: "name", in: start) {
      decoder.set("emptyDir", to: .emptyMap, in: start)
    }
  }

  private static func pod(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    var spec = decoder["spec", start]
    guard spec.isKind(.map) else { return }
    let isOnHostNetwork = spec["hostNetwork"].isTrue
    for name: StaticString in ["containers", "initContainers"] {
      let containers = spec[name]
      guard containers.isKind(.list) else { continue }
      var changed = Array(containers.elements)
      for index in changed.indices where changed[index].isKind(.map) {
        changed[index] = withRequests(changed[index], decoder)
        if isOnHostNetwork { changed[index] = withHostPorts(changed[index], decoder) }
      }
      spec = decoder.map(spec, setting: name, to: decoder.arena.list(changed))
    }
    spec = withPodResources(spec, decoder)
    if spec["enableServiceLinks"].isAbsent {
      spec = decoder.map(spec, setting: "enableServiceLinks", to: .true)
    }
    decoder.set("spec", to: spec, in: start, isDefault: false)
    decoder.noteDefaults("spec", ["enableServiceLinks"], written: start.written)
  }

  /// A container whose limits stand for the requests that it does not name.
  private static func withRequests(_ container: Value, _ decoder: ObjectDecoder) -> Value {
    let resources = container["resources"]
    let limits = resources["limits"]
    guard limits.count > 0 else { return container }
    var requests = Array(resources["requests"].entries)
    for limit in limits.entries
    where !requests.contains(where: { $0.key.hasSameBytes(as: limit.key) }) {
      requests.append(limit)
    }
    let filled = decoder.map(resources, setting: "requests", to: decoder.arena.map(requests))
    return decoder.map(container, setting: "resources", to: filled)
  }

  private static func withHostPorts(_ container: Value, _ decoder: ObjectDecoder) -> Value {
    let ports = container["ports"]
    guard ports.count > 0 else { return container }
    let filled = ports.elements.map { port in
      port["hostPort"].isAbsent && !port["containerPort"].isAbsent
        ? decoder.map(port, setting: "hostPort", to: port["containerPort"]) : port
    }
    return decoder.map(container, setting: "ports", to: decoder.arena.list(filled))
  }

  // MARK: Services

  private static func servicePort(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    let target = decoder["targetPort", start]
    let isZero =
      target.isAbsent || target.isString("") || target.isKind(.int) && target.payload == 0
    if isZero { decoder.set("targetPort", to: decoder["port", start], in: start) }
  }

  private static func service(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    var spec = decoder["spec", start]
    guard spec.isKind(.map) else { return }
    var defaults: [StaticString] = []
    func set(_ name: StaticString, _ value: Value) {
      spec = decoder.map(spec, setting: name, to: value)
      defaults.append(name)
    }
    let type = spec["type"]
    if spec["sessionAffinity"].isString("None") {
      spec = decoder.map(spec, setting: "sessionAffinityConfig", to: .absent)
    } else if spec["sessionAffinity"].isString("ClientIP"),
      spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"].isAbsent
    {
      let arena = decoder.arena
      set(
        "sessionAffinityConfig",
        arena.map(["clientIP": arena.map(["timeoutSeconds": .int(10800)])]))
    }
    let isExternal =
      type.isString("LoadBalancer") || type.isString("NodePort")
      || type.isString("ClusterIP") && spec["externalIPs"].count > 0
    if isExternal, spec["externalTrafficPolicy"].isAbsent {
      set("externalTrafficPolicy", nameValue("Cluster"))
    }
    let isInternal =
      type.isString("NodePort") || type.isString("LoadBalancer") || type.isString("ClusterIP")
    if isInternal, spec["internalTrafficPolicy"].isAbsent {
      set("internalTrafficPolicy", nameValue("Cluster"))
    }
    if type.isString("LoadBalancer"), spec["allocateLoadBalancerNodePorts"].isAbsent {
      set("allocateLoadBalancerNodePorts", .true)
    }
    withAddressFamilies(&spec, &defaults, decoder)
    decoder.set("spec", to: spec, in: start, isDefault: false)
    decoder.noteDefaults("spec", defaults, written: start.written)
  }

  /// What the allocator of a cluster with IPv4 addresses fills in (`pkg/registry/core/service/storage/alloc.go`).
  private static func withAddressFamilies(
    _ spec: inout Value, _ defaults: inout [StaticString], _ decoder: ObjectDecoder
  ) {
    guard !spec["type"].isString("ExternalName") else { return }
    let arena = decoder.arena
    let isHeadless = spec["clusterIP"].isString("None")
    let hasSelector = spec["selector"].count > 0
    if isHeadless, spec["clusterIPs"].isAbsent {
      spec = decoder.map(spec, setting: "clusterIPs", to: arena.list([nameValue("None")]))
      defaults.append("clusterIPs")
    } else if !spec["clusterIP"].isAbsent, spec["clusterIPs"].isAbsent {
      spec = decoder.map(spec, setting: "clusterIPs", to: arena.list([spec["clusterIP"]]))
      defaults.append("clusterIPs")
    }
    if isHeadless, !hasSelector, spec["ipFamilyPolicy"].isAbsent {
      spec = decoder.map(spec, setting: "ipFamilyPolicy", to: nameValue("RequireDualStack"))
      defaults.append("ipFamilyPolicy")
      if spec["ipFamilies"].isAbsent {
        spec = decoder.map(
          spec, setting: "ipFamilies", to: arena.list([nameValue("IPv4"), nameValue("IPv6")]))
        defaults.append("ipFamilies")
      }
      return
    }
    if spec["ipFamilyPolicy"].isAbsent {
      spec = decoder.map(spec, setting: "ipFamilyPolicy", to: nameValue("SingleStack"))
      defaults.append("ipFamilyPolicy")
    }
    if spec["ipFamilies"].isAbsent {
      let isVersion6 = spec["clusterIP"].utf8.contains(UInt8(ascii: ":"))
      spec = decoder.map(
        spec, setting: "ipFamilies", to: arena.list([nameValue(isVersion6 ? "IPv6" : "IPv4")]))
      defaults.append("ipFamilies")
    }
  }

  // MARK: others

  /// `stringData` goes into `data` and wins over it.
  private static func secret(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    let texts = decoder["stringData", start]
    guard !texts.isAbsent else { return }
    var data = Array(decoder["data", start].entries)
    for entry in texts.entries {
      let value = base64Encoded(entry.value.utf8).withUnsafeBufferPointer {
        decoder.arena.string($0)
      }
      if let index = data.firstIndex(where: { $0.key.hasSameBytes(as: entry.key) }) {
        data[index].value = value
      } else {
        data.append(MapEntry(key: entry.key, value: value))
      }
    }
    decoder.set("stringData", to: .absent, in: start, isDefault: false)
    if !data.isEmpty {
      decoder.set("data", to: decoder.arena.map(data), in: start, isDefault: false)
    }
  }

  private static func namespace(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    let metadata = decoder["metadata", start]
    let name = metadata["name"]
    if name.count > 0 {
      let labels = decoder.map(
        metadata["labels"], setting: "kubernetes.io/metadata.name", to: name)
      decoder.set(
        "metadata", to: decoder.map(metadata, setting: "labels", to: labels), in: start,
        isDefault: false)
    }
    // The registry's strategy puts it there for every new namespace.
    let spec = decoder["spec", start]
    if !spec["finalizers"].hasElement("kubernetes") {
      let finalizers = Array(spec["finalizers"].elements) + [nameValue("kubernetes")]
      decoder.set(
        "spec", to: decoder.map(spec, setting: "finalizers", to: decoder.arena.list(finalizers)),
        in: start, isDefault: false)
      decoder.noteDefaults("spec", ["finalizers"], written: start.written)
    }
  }

  private static func replicationController(
    _ decoder: inout ObjectDecoder, _ start: StructureStart
  ) {
    let spec = decoder["spec", start]
    let labels = spec["template"]["metadata"]["labels"]
    guard labels.count > 0 else { return }
    if spec["selector"].count == 0 {
      decoder.set(
        "spec", to: decoder.map(spec, setting: "selector", to: labels), in: start, isDefault: false)
      decoder.noteDefaults("spec", ["selector"], written: start.written)
    }
    let metadata = decoder["metadata", start]
    if metadata["labels"].count == 0 {
      decoder.set(
        "metadata", to: decoder.map(metadata, setting: "labels", to: labels), in: start,
        isDefault: false)
      decoder.noteDefaults("metadata", ["labels"], written: start.written)
    }
  }

  private static func limitRangeItem(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    let names: [StaticString] = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"]
    for name in names {
      if let rounded = roundedUp(decoder[name, start], decoder.arena) {
        decoder.set(name, to: rounded, in: start, isDefault: false)
      }
    }
    guard decoder["type", start].isString("Container") else { return }
    func fill(_ name: StaticString, from sources: [StaticString]) {
      var entries = Array(decoder[name, start].entries)
      let count = entries.count
      for source in sources {
        for entry in decoder[source, start].entries
        where !entries.contains(where: { $0.key.hasSameBytes(as: entry.key) }) {
          entries.append(entry)
        }
      }
      if entries.count > count { decoder.set(name, to: decoder.arena.map(entries), in: start) }
    }
    fill("default", from: ["max"])
    fill("defaultRequest", from: ["default", "min"])
  }

  /// `dataSource` and `dataSourceRef` say the same unless a namespace is named.
  private static func dataSources(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    let source = decoder["dataSource", start]
    let reference = decoder["dataSourceRef", start]
    if !source.isAbsent, reference.isAbsent {
      decoder.set("dataSourceRef", to: source, in: start)
    } else if source.isAbsent, !reference.isAbsent, reference["namespace"].count == 0 {
      decoder.set(
        "dataSource", to: decoder.map(reference, setting: "namespace", to: .absent), in: start)
    }
  }

  private static func capacity(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    if let rounded = roundedUp(decoder["capacity", start], decoder.arena) {
      decoder.set("capacity", to: rounded, in: start, isDefault: false)
    }
  }

  private static func nodeStatus(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    if decoder["allocatable", start].isAbsent, !decoder["capacity", start].isAbsent {
      decoder.set("allocatable", to: decoder["capacity", start], in: start)
    }
  }

  /// The finalizers of admission plugin StorageObjectInUseProtection.
  private static func claim(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    addFinalizer("kubernetes.io/pvc-protection", &decoder, start)
  }

  private static func volumeObject(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    addFinalizer("kubernetes.io/pv-protection", &decoder, start)
  }

  private static func addFinalizer(
    _ name: StaticString, _ decoder: inout ObjectDecoder, _ start: StructureStart
  ) {
    let metadata = decoder["metadata", start]
    guard decoder.isRoot, metadata.isKind(.map), !metadata["finalizers"].hasElement(name) else {
      return
    }
    let finalizers = Array(metadata["finalizers"].elements) + [nameValue(name)]
    decoder.set(
      "metadata",
      to: decoder.map(metadata, setting: "finalizers", to: decoder.arena.list(finalizers)),
      in: start, isDefault: false)
  }

  /// Before 1.34 a time that is not set was written as null.
  private static func objectMeta(_ decoder: inout ObjectDecoder, _ start: StructureStart) {
    if decoder.minor < 34, decoder["creationTimestamp", start].isAbsent {
      decoder.set("creationTimestamp", to: .null, in: start, isDefault: false)
    }
  }
}
