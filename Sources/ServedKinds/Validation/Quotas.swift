import Documents
import Quantities

private let standard: [StaticString] = [
  "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory",
  "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods",
  "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
  "persistentvolumeclaims", "storage", "requests.storage", "services.nodeports",
  "services.loadbalancers",
]
private let quotaResources: [StaticString] = [
  "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage",
  "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods",
  "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
  "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
]
private let computeResources: [StaticString] = [
  "pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory",
]
private let counted: [StaticString] = [
  "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
  "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
]
private let containerResources: [StaticString] = ["cpu", "memory", "ephemeral-storage"]
private let limitTypes: [StaticString] = ["Pod", "Container", "PersistentVolumeClaim"]
private let scopes: [StaticString] = [
  "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass",
  "CrossNamespacePodAffinity", "VolumeAttributesClass",
]
private let slash = UInt8(ascii: "/")

/// What the API server asks of a LimitRange and a ResourceQuota (core `ValidateLimitRange`,
/// `ValidateResourceQuota`, 1.36).
extension ObjectValidation {
  mutating func limitRange(_ object: Value) {
    field("spec", of: object) { validation, spec in
      validation.elements("limits", of: spec) { validation, limit, index in
        let type = limit["type"]
        validation.name("limit-range/type", type, .qualifiedName, at: "type")
        if NameFormat.qualifiedName.accepts(type.asString ?? ""), !type.hasByte(slash),
          !limitTypes.contains(where: { type.isString($0) })
        {
          validation.report(
            "limit-range/type", .invalid, at: "type",
            "found \(shown(type)), expected \(listed(limitTypes)) or a name with a domain")
        }
        if spec["limits"].elements[..<index].contains(where: { $0["type"].isIdentical(to: type) }) {
          validation.report(
            "limit-range/type", .duplicate, at: "type", "\(shown(type)) is limited twice")
        }
        validation.limit(limit)
      }
    }
  }

  private mutating func limit(_ limit: Value) {
    let type = limit["type"]
    let isContainer = type.isString("Pod") || type.isString("Container")
    limitNames("max", of: limit, isContainer)
    limitNames("min", of: limit, isContainer)
    if type.isString("Pod") {
      for name: StaticString in ["default", "defaultRequest"] where !limit[name].isUnset {
        report(
          "limit-range/pod-default", .forbidden, at: name,
          "limits of type 'Pod' have no '\(name)'", help: "give it for type: Container")
      }
    } else {
      limitNames("default", of: limit, isContainer)
      limitNames("defaultRequest", of: limit, isContainer)
    }
    if type.isString("PersistentVolumeClaim"), !limit["min"]["storage"].isSet,
      !limit["max"]["storage"].isSet
    {
      report(
        "limit-range/claim-storage", .required, at: "limits",
        "limits of claims need 'min' or 'max' for 'storage'")
    }
    limitNames("maxLimitRequestRatio", of: limit, isContainer)
    for (index, name) in limitFields.enumerated() {
      for entry in limit[name].entries
      where !limitFields[..<index].contains(where: { limit[$0].lookup(entry.key).isSet }) {
        limitOrder(limit, entry.key)
      }
    }
  }

  private mutating func limitNames(_ name: StaticString, of limit: Value, _ isContainer: Bool) {
    entries(name, of: limit) { validation, key, _ in
      validation.resourceName("limit-range/resource", key)
      if isContainer { validation.containerResourceName("limit-range/resource", key) }
    }
  }

  private mutating func limitOrder(_ limit: Value, _ key: Value) {
    func amount(_ name: StaticString) -> Quantity? { limit[name].lookup(key).quantity }
    let least = amount("min")
    let most = amount("max")
    let request = amount("defaultRequest")
    let preset = amount("default")
    ordered("min", of: limit, key, least, most, "is more than max")
    ordered("defaultRequest", of: limit, key, least, request, "is less than min", isSecond: true)
    ordered("defaultRequest", of: limit, key, request, most, "is more than max")
    ordered("defaultRequest", of: limit, key, request, preset, "is more than default")
    ordered("default", of: limit, key, least, preset, "is less than min", isSecond: true)
    ordered("default", of: limit, key, preset, most, "is more than max")
    if let ratio = amount("maxLimitRequestRatio") {
      var problem: String?
      if ratio < Quantity(1) {
        problem = "ratio \(ratio) is less than 1"
      } else if let least, let most, least.signum > 0,
        ratio.approximateDouble > most.approximateDouble / least.approximateDouble
      {
        problem = "ratio \(ratio) is more than max \(most) by min \(least)"
      }
      if let problem { limitReport("maxLimitRequestRatio", of: limit, key, problem) }
    }
    let isOvercommitted = !key.hasPrefix("hugepages-") && !key.hasByte(slash)
    if !isOvercommitted, let preset, let request, !(preset == request) {
      limitReport(
        "defaultRequest", of: limit, key, "'\(request)' is not the default '\(preset)'")
    }
  }

  private mutating func ordered(
    _ name: StaticString, of limit: Value, _ key: Value, _ low: Quantity?, _ high: Quantity?,
    _ problem: StaticString, isSecond: Bool = false
  ) {
    guard let low, let high, high < low else { return }
    let (found, other) = isSecond ? (high, low) : (low, high)
    limitReport(name, of: limit, key, "'\(found)' \(problem) '\(other)'")
  }

  private mutating func limitReport(
    _ name: StaticString, of limit: Value, _ key: Value, _ message: String
  ) {
    field(name, of: limit) { validation, _ in
      validation.key(key) { $0.report("limit-range/order", .invalid, message) }
    }
  }

  /// Holds the name of a resource where the walk stands (core `validateResourceName`).
  mutating func resourceName(_ rule: StaticString, _ key: Value) {
    name(rule, key, .qualifiedName)
    if NameFormat.qualifiedName.accepts(key.utf8), !key.hasByte(slash),
      !standard.contains(where: { key.isString($0) }), !isHugePages(key)
    {
      report(
        rule, .invalid, "\(shown(key)) is no resource that is known, nor has it a domain",
        help: "write 'cpu', 'memory' or a name such as 'example.com/gpu'")
    }
  }

  /// Holds that a resource is one that a container can ask for.
  mutating func containerResourceName(_ rule: StaticString, _ key: Value) {
    if key.hasByte(slash) || containerResources.contains(where: { key.isString($0) })
      || key.hasPrefix("hugepages-")
    {
      return
    }
    report(rule, .invalid, "\(shown(key)) is no resource of containers")
  }

  mutating func resourceQuota(_ object: Value) {
    field("spec", of: object) { validation, spec in
      validation.entries("hard", of: spec) { validation, key, value in
        validation.resourceName("resource-quota/resource", key)
        if !key.hasByte(slash), !quotaResources.contains(where: { key.isString($0) }),
          !isHugePages(key)
        {
          validation.report(
            "resource-quota/resource", .invalid, "\(shown(key)) is no resource that a quota limits")
        }
        validation.quotaAmount(key, value)
      }
      validation.quotaScopes(spec)
      validation.scopeSelector(spec)
    }
  }

  private mutating func quotaAmount(_ key: Value, _ value: Value) {
    guard let amount = value.quantity else { return }
    if amount.signum < 0 {
      report("resource-quota/amount", .invalid, "found '\(amount)', expected 0 or more")
    }
    if counted.contains(where: { key.isString($0) }) || key.hasPrefix("count/"),
      let scaled = amount.scaledAmount, scaled.scale < 0, scaled.value % 1000 != 0
    {
      report("resource-quota/amount", .invalid, "found '\(amount)', expected a whole number")
    }
  }

  private mutating func quotaScopes(_ spec: Value) {
    let list = spec["scopes"]
    if list.isUnset { return }
    for scope in list.elements {
      if !scopes.contains(where: { scope.isString($0) }) {
        report(
          "resource-quota/scope", .invalid, at: "scopes",
          "found \(shown(scope)), expected \(listed(scopes))")
      }
      for entry in spec["hard"].entries where !applies(scope, entry.key) {
        report(
          "resource-quota/scope", .invalid, at: "scopes",
          "the scope \(shown(scope)) does not go with \(shown(entry.key))")
      }
    }
    for (one, other) in opposites where list.hasElement(one) && list.hasElement(other) {
      report(
        "resource-quota/scope", .invalid, at: "scopes",
        "the scopes '\(one)' and '\(other)' exclude each other")
    }
  }

  private mutating func scopeSelector(_ spec: Value) {
    guard spec["scopeSelector"].isSet else { return }
    field("scopeSelector", of: spec) { validation, selector in
      let list = selector["matchExpressions"]
      validation.field("matchExpressions", of: selector) { validation, list in
        for requirement in list.elements {
          validation.scopeRequirement(requirement, hard: spec["hard"])
        }
      }
      for (one, other) in opposites
      where list.elements.contains(where: { $0["scopeName"].isString(one) })
        && list.elements.contains(where: { $0["scopeName"].isString(other) })
      {
        validation.report(
          "resource-quota/scope", .invalid, at: "matchExpressions",
          "the scopes '\(one)' and '\(other)' exclude each other")
      }
    }
  }

  private mutating func scopeRequirement(_ requirement: Value, hard: Value) {
    let scope = requirement["scopeName"]
    let name = requirement["operator"]
    if !scopes.contains(where: { scope.isString($0) }) {
      report(
        "resource-quota/scope", .invalid, at: "scopeName",
        "found \(shown(scope)), expected \(listed(scopes))")
    }
    for entry in hard.entries where !applies(scope, entry.key) {
      report(
        "resource-quota/scope", .invalid,
        "the scope \(shown(scope)) does not go with \(shown(entry.key))")
    }
    let takesValues = scope.isString("PriorityClass") || scope.isString("VolumeAttributesClass")
    if !takesValues, scopes.contains(where: { scope.isString($0) }), !name.isString("Exists") {
      report(
        "resource-quota/scope", .invalid, at: "operator",
        "the scope \(shown(scope)) takes only the operator 'Exists'")
    }
    if name.isString("In") || name.isString("NotIn") {
      if requirement["values"].isUnset {
        report(
          "resource-quota/scope", .required, at: "values",
          "operator \(shown(name)) needs at least one value")
      }
    } else if name.isString("Exists") || name.isString("DoesNotExist") {
      if !requirement["values"].isUnset {
        report(
          "resource-quota/scope", .invalid, at: "values",
          "operator \(shown(name)) takes no values")
      }
    } else {
      report(
        "resource-quota/scope", .invalid, at: "operator", "\(shown(name)) is no operator")
    }
  }

  mutating func resourceQuotaUpdate(_ object: Value, old: Value) {
    resourceQuota(object)
    let new = object["spec"]["scopes"].elements
    let before = old["spec"]["scopes"].elements
    if new.count != before.count
      || !new.allSatisfy({ scope in before.contains { $0.isIdentical(to: scope) } })
    {
      report(
        "resource-quota/scopes-changed", .invalid, in: "spec", at: "scopes",
        "'scopes' cannot change once the quota exists",
        help: "delete the ResourceQuota and create it anew")
    }
  }
}

private let limitFields: [StaticString] = [
  "max", "min", "default", "defaultRequest", "maxLimitRequestRatio",
]
private let opposites: [(StaticString, StaticString)] = [
  ("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"),
]

private func isHugePages(_ key: Value) -> Bool {
  key.hasPrefix("hugepages-") || key.hasPrefix("requests.hugepages-")
}

/// Whether a scope can limit a resource; resources that no quota knows are reported elsewhere.
private func applies(_ scope: Value, _ key: Value) -> Bool {
  guard quotaResources.contains(where: { key.isString($0) }) || isHugePages(key) else {
    return true
  }
  if scope.isString("BestEffort") { return key.isString("pods") }
  if scope.isString("VolumeAttributesClass") {
    return key.isString("requests.storage") || key.isString("persistentvolumeclaims")
  }
  guard scopes.contains(where: { scope.isString($0) }) else { return true }
  return computeResources.contains { key.isString($0) }
}
