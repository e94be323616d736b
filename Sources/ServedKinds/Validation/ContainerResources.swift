import Documents
import Quantities

/// What a container asks for and may use (`validateResourceRequirements`).
extension ObjectValidation {
  /// Whose resources are checked: a Pod as a whole may have fewer kinds than a container.
  enum ResourceOwner {
    case container
    case pod
  }

  /// Checks requests and limits: names, quantities, and that no request is over its limit.
  mutating func resourceRequirements(
    _ requirements: Value, _ pod: PodContext, owner: ResourceOwner = .container
  ) {
    let limits = requirements["limits"]
    let requests = requirements["requests"]
    if isPlain(limits), isPlain(requests), isWithin(requests, limits) {
      if requirements["claims"].isGiven {
        resourceClaimNames(of: requirements, pod.spec["resourceClaims"])
      }
      return
    }
    var hasHugePages = false
    var hasComputeResource = false
    func note(_ name: Value) {
      if name.hasPrefix("hugepages-") { hasHugePages = true }
      if name.isString("cpu") || name.isString("memory") { hasComputeResource = true }
    }
    if !limits.isUnset {
      entries("limits", of: requirements) { check, name, quantity in
        note(name)
        check.resource(name, quantity, owner)
      }
    }
    if !requests.isUnset {
      entries("requests", of: requirements) { check, name, quantity in
        note(name)
        check.resourceName(name, owner)
        check.resourceQuantity(name, quantity)
      }
      for entry in requests.entries {
        requestAgainstLimit(entry.key, entry.value, limits.lookup(entry.key))
      }
    }
    if hasHugePages, !hasComputeResource {
      report(
        "container/hugepages", .forbidden, "huge pages need 'cpu' or 'memory' beside them")
    }
    if requirements["claims"].isGiven {
      resourceClaimNames(of: requirements, pod.spec["resourceClaims"])
    }
  }

  /// Whether amounts are those of most containers: some CPU or memory and nothing else.
  private func isPlain(_ amounts: Value) -> Bool {
    for entry in amounts.entries {
      guard entry.key.isComputeResource, entry.value.isSurelyAmount else { return false }
    }
    return true
  }

  /// Whether no request needs to be compared: there is no limit, or it is the same.
  private func isWithin(_ requests: Value, _ limits: Value) -> Bool {
    for entry in requests.entries {
      let limit = limits.lookup(entry.key)
      guard limit.isAbsent || limit.hasSameBytes(as: entry.value) else { return false }
    }
    return true
  }

  /// A limit of a container, or of the overhead of a Pod.
  mutating func resource(_ name: Value, _ quantity: Value, _ owner: ResourceOwner) {
    resourceName(name, owner)
    resourceQuantity(name, quantity)
  }

  private mutating func requestAgainstLimit(_ name: Value, _ request: Value, _ limit: Value) {
    let canOvercommit =
      name.isComputeResource || name.isNativeResource && !name.hasPrefix("hugepages-")
    guard limit.isGiven else {
      if !canOvercommit {
        report(
          "container/limit-missing", .required, at: "limits",
          "'\(name.shown)' needs a limit: it cannot be overcommitted")
      }
      return
    }
    let order = request.quantityOrder(to: limit)
    if order != 0, !canOvercommit {
      report(
        "container/request-differs-from-limit", .invalid, at: "requests",
        "the request of '\(name.shown)' is \(request.shown), its limit \(limit.shown): they must be equal",
        help: "'\(name.shown)' cannot be overcommitted; leave the request out")
    } else if order > 0 {
      report(
        "container/limit-below-request", .invalid, at: "requests",
        "the request of '\(name.shown)' is \(request.shown), over its limit of \(limit.shown)",
        help: "lower the request or raise the limit")
    }
  }

  private mutating func resourceQuantity(_ name: Value, _ quantity: Value) {
    if quantity.quantitySign < 0 {
      report(
        "container/resource-quantity", .invalid,
        "'\(quantity.shown)' must be greater than or equal to 0")
    }
    if name.isIntegerResource, !quantity.isWholeQuantity {
      report(
        "container/resource-quantity", .invalid,
        "'\(quantity.shown)' of '\(name.shown)' must be an integer")
    }
    guard name.hasPrefix("hugepages-") else { return }
    guard
      case .success(let size) = Quantity.parse(String(name.shown.dropFirst("hugepages-".count))),
      let page = size.int64, page > 0, let bytes = quantity.asQuantity.int64, bytes % page == 0
    else {
      report(
        "container/hugepages", .invalid,
        "'\(quantity.shown)' is not a positive integer multiple of the size in '\(name.shown)'")
      return
    }
  }

  private mutating func resourceName(_ name: Value, _ owner: ResourceOwner) {
    if name.isString("cpu") || name.isString("memory") { return }
    let text = name.shown
    let before = errors.count
    expect(.qualifiedName, name, "container/resource-name")
    let isQualified = errors.count == before
    let hasSlash = name.utf8IfText.contains(0x2F)
    switch owner {
    case .pod:
      if isQualified, !name.hasPrefix("hugepages-") {
        report(
          "pod/resource-name", .notSupported,
          "'\(text)' is no resource of a whole Pod, expected 'cpu', 'memory' or huge pages")
      }
    case .container where !hasSlash:
      guard !name.isString("ephemeral-storage"), !name.hasPrefix("hugepages-") else { return }
      if isQualified, !standardResources.contains(where: { name.isString($0) }) {
        report(
          "container/resource-name", .invalid,
          "'\(text)' must be a standard resource or have a domain, such as 'example.com/\(text)'",
          help: nearestResource(to: text))
      }
      report(
        "container/resource-name", .invalid, "'\(text)' is no standard resource of a container",
        help: nearestResource(to: text))
    case .container where !name.isNativeResource:
      if name.isExtendedResource { return }
      report(
        "container/resource-name", .invalid,
        "'\(text)' is no valid name of an extended resource")
    case .container: break
    }
  }

  /// `resources.claims` (`validateResourceClaimNames`).
  private mutating func resourceClaimNames(of requirements: Value, _ podClaims: Value) {
    let claims = requirements["claims"].elements
    elements("claims", of: requirements) { check, claim, index in
      let name = claim["name"]
      guard !name.isUnset else {
        check.report("container/resource-claim", .required, "'name' is missing or empty")
        return
      }
      let request = claim["request"]
      let earlier = claims[..<index].filter { $0["name"].hasSameBytes(as: name) }
      if earlier.contains(where: { $0["request"].isUnset }) {
        check.reportDuplicateClaim(name)
      } else {
        if !request.isUnset {
          check.expect(.dns1123Label, request, "container/resource-claim", at: "request")
        }
        let isTaken =
          request.isUnset
          ? !earlier.isEmpty : earlier.contains { $0["request"].isSameText(as: request) }
        if isTaken { check.reportDuplicateClaim(name) }
      }
      let isKnown = podClaims.elements.contains { $0["name"].hasSameBytes(as: name) }
      if !isKnown {
        check.report(
          "container/resource-claim", .notFound,
          "there is no claim '\(name.shown)' in the Pod's 'resourceClaims'",
          help: "add it to 'resourceClaims' of the Pod")
      }
    }
  }

  private mutating func reportDuplicateClaim(_ name: Value) {
    report(
      "container/resource-claim", .duplicate, "claim '\(name.shown)' is referred to twice")
  }
}

/// Names without a domain that quotas know, which containers may not have.
private let standardResources: [StaticString] = [
  "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory",
  "limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers",
  "secrets", "configmaps", "persistentvolumeclaims", "storage", "requests.storage",
  "services.nodeports", "services.loadbalancers",
]

private func nearestResource(to text: String) -> String? {
  text.lowercased() == "mem" || text.lowercased() == "ram"
    ? "write 'memory'" : "known are 'cpu', 'memory', 'ephemeral-storage' and 'hugepages-<size>'"
}

extension Value {
  /// Whether this is the name of what nearly all containers ask for.
  fileprivate var isComputeResource: Bool { isText("cpu") || isText("memory") }

  /// Whether this is a quantity that is not negative, for all that can be seen without reading it: the object was read
  /// already, and what begins with a digit has no sign.
  fileprivate var isSurelyAmount: Bool {
    isKind(.string) && count > 0 && utf8[0] &- 0x30 < 10
  }

  /// Whether a resource's name has no domain, or one of kubernetes.io (`IsNativeResource`).
  var isNativeResource: Bool {
    guard isKind(.string), let slash = utf8.firstIndex(of: 0x2F) else { return true }
    return slash >= 14 && hasDefaultDomain
  }

  private var hasDefaultDomain: Bool { shown.contains("kubernetes.io/") }

  /// Whether a resource is one of a node's own that has a name with a domain (`IsExtendedResourceName`).
  var isExtendedResource: Bool {
    guard !isNativeResource, !hasPrefix("requests.") else { return false }
    return NameFormat.qualifiedName.problems(in: "requests." + shown).isEmpty
  }

  /// Whether only whole numbers of a resource can be asked for (`IsIntegerResourceName`).
  var isIntegerResource: Bool { utf8IfText.contains(0x2F) && isExtendedResource }
}
