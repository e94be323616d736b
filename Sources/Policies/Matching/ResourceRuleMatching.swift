import Documents
import Manifests

/// Which names of objects are still wanted once resource, version and operation are known.
struct NameFilter {
  /// Names that match; nil for all.
  var included: [String]?
  /// Names that are left out.
  var excluded: [String] = []

  /// Whether a name passes. An absent name (the server makes one) is the empty string.
  @inline(__always)
  func accepts(_ name: Value) -> Bool {
    if included == nil, excluded.isEmpty { return true }
    return acceptsListed(name)
  }

  private func acceptsListed(_ name: Value) -> Bool {
    let text = name.asString ?? ""
    return !excluded.contains(text) && included?.contains(text) ?? true
  }
}

/// What is fixed about many requests: all that resource rules look at but the object's name.
struct RequestShape {
  let resource: Resource
  let versionIndex: Int
  let operation: Operation
}

extension MatchResources {
  /// How requests of a shape match by rules: nil when none does.
  ///
  /// `versionIndex` is the version that a rule named: another than the request's when the match is
  /// by `matchPolicy: Equivalent`. As apiserver 1.36,
  /// `pkg/admission/plugin/policy/matching/matching.go`.
  func match(_ shape: RequestShape) -> (names: NameFilter, versionIndex: Int)? {
    var filter = NameFilter()
    switch match(excludeResourceRules, shape) {
    case .all: return nil
    case .named(let names, _): filter.excluded = names
    case .none: break
    }
    if resourceRules.isEmpty { return (filter, shape.versionIndex) }
    switch match(resourceRules, shape) {
    case .all(let version): return (filter, version)
    case .named(let names, let version):
      filter.included = names
      return (filter, version)
    case .none: return nil
    }
  }

  private enum RuleMatch {
    case none
    case all(version: Int)
    case named([String], version: Int)
  }

  private func match(_ rules: [ResourceRule], _ shape: RequestShape) -> RuleMatch {
    let versions = shape.resource.versions
    var order = [shape.versionIndex]
    if matchesEquivalent {
      order += versions.indices.filter { $0 != shape.versionIndex }
    }
    var names: [String] = []
    var namedVersion: Int?
    for version in order {
      for rule in rules where rule.matches(shape, version: versions[version]) {
        // Names in the request's own version come first; mixing them with those of an equivalent
        // version is not worth a second filter.
        if rule.resourceNames.isEmpty {
          return namedVersion == nil || namedVersion == version
            ? .all(version: version) : .all(version: shape.versionIndex)
        }
        names += rule.resourceNames
        namedVersion = namedVersion ?? version
      }
    }
    return namedVersion.map { .named(names, version: $0) } ?? .none
  }
}

extension ResourceRule {
  /// Whether the main resource of a shape matches, taken as the given version
  /// (apiserver 1.36, `webhook/predicates/rules/rules.go`).
  fileprivate func matches(_ shape: RequestShape, version: String) -> Bool {
    guard operations.contains(shape.operation), matchesScope(of: shape.resource) else {
      return false
    }
    if shape.resource.isIntent, !apiGroups.contains(shape.resource.group) { return false }
    return matches(apiGroups, shape.resource.group) && matches(apiVersions, version)
      && resources.contains { matchesMain($0, shape.resource.plural) }
  }

  private func matches(_ words: [String], _ word: String) -> Bool {
    words.contains { $0 == "*" || $0 == word }
  }

  /// `pods`, `*`, `pods/*` and `*/*` match the resource itself; `pods/status` and `*/status` do not.
  private func matchesMain(_ rule: String, _ plural: String) -> Bool {
    guard let slash = rule.firstIndex(of: "/") else { return rule == "*" || rule == plural }
    let resource = rule[..<slash]
    return rule[slash...] == "/*" && (resource == "*" || resource == plural)
  }

  private func matchesScope(of resource: Resource) -> Bool {
    switch scope {
    case nil: true
    case .namespaced: resource.scope == .namespaced
    case .cluster: resource.scope == .cluster
    }
  }
}
