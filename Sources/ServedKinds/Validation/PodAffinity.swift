import Documents
import Quantities

/// Where a Pod wants to run, beside which others (`validateAffinity`).
extension ObjectValidation {
  /// Checks `spec.affinity`.
  mutating func affinity(_ affinity: Value) {
    given("nodeAffinity", of: affinity) { check, node in
      check.given("requiredDuringSchedulingIgnoredDuringExecution", of: node) {
        $0.nodeSelector($1)
      }
      check.elements("preferredDuringSchedulingIgnoredDuringExecution", of: node) {
        check, term, _ in
        check.weight(of: term)
        check.field("preference", of: term) { $0.nodeSelectorTerm($1, checksValues: false) }
      }
    }
    for name: StaticString in ["podAffinity", "podAntiAffinity"] {
      given(name, of: affinity) { check, pods in
        check.elements("requiredDuringSchedulingIgnoredDuringExecution", of: pods) {
          check, term, _ in check.podAffinityTerm(term)
        }
        check.elements("preferredDuringSchedulingIgnoredDuringExecution", of: pods) {
          check, term, _ in
          check.weight(of: term)
          check.field("podAffinityTerm", of: term) { $0.podAffinityTerm($1) }
        }
      }
    }
  }

  private mutating func weight(of term: Value) {
    let weight = term["weight"].intOrZero
    guard !(1...100).contains(weight) else { return }
    report(
      "pod/affinity-weight", .invalid, at: "weight",
      "weight \(weight) must be in the range 1-100")
  }

  /// Checks a node selector: terms, of which one has to match (`ValidateNodeSelector`).
  mutating func nodeSelector(_ selector: Value) {
    if selector["nodeSelectorTerms"].isUnset {
      report(
        "pod/node-selector-terms", .required, at: "nodeSelectorTerms",
        "there must be at least one node selector term")
      return
    }
    elements("nodeSelectorTerms", of: selector) { check, term, _ in
      check.nodeSelectorTerm(term, checksValues: true)
    }
  }

  private mutating func nodeSelectorTerm(_ term: Value, checksValues: Bool) {
    elements("matchExpressions", of: term) { check, requirement, _ in
      check.nodeRequirement(requirement, checksValues: checksValues)
    }
    elements("matchFields", of: term) { check, requirement, _ in
      check.nodeFieldRequirement(requirement)
    }
  }

  private mutating func nodeRequirement(_ requirement: Value, checksValues: Bool) {
    let name = requirement["operator"]
    let values = requirement["values"]
    if name.isString("Gt") || name.isString("Lt") {
      if values.elements.count != 1 {
        report(
          "pod/node-selector-values", .required, at: "values",
          "operator '\(name.shown)' needs exactly one value")
      }
    } else {
      selectorOperator(requirement, "pod/node-selector-values", "Gt, Lt, ")
    }
    expect(.qualifiedName, requirement["key"], "pod/node-selector-key", at: "key")
    guard checksValues else { return }
    elements("values", of: requirement) { check, value, _ in
      check.expect(.labelValue, value, "pod/node-selector-values")
    }
  }

  private mutating func nodeFieldRequirement(_ requirement: Value) {
    let name = requirement["operator"]
    if name.isString("In") || name.isString("NotIn") {
      if requirement["values"].elements.count != 1 {
        report(
          "pod/node-selector-values", .required, at: "values",
          "operator '\(name.shown)' needs exactly one value for a node's field")
      }
    } else {
      report(
        "pod/node-selector-values", .invalid, at: "operator",
        "'\(name.shown)' is no operator for a node's field, expected 'In' or 'NotIn'")
    }
    guard requirement["key"].isString("metadata.name") else {
      report(
        "pod/node-selector-key", .invalid, at: "key",
        "'\(requirement["key"].shown)' is no field to select nodes by, only 'metadata.name' is")
      return
    }
    elements("values", of: requirement) { check, value, _ in
      check.expect(.dns1123Subdomain, value, "pod/node-selector-values")
    }
  }

  private mutating func podAffinityTerm(_ term: Value) {
    given("labelSelector", of: term) { $0.labelSelector($1) }
    given("namespaceSelector", of: term) { $0.labelSelector($1) }
    elements("namespaces", of: term) { check, name, _ in
      guard !NameFormat.dns1123Label.accepts(name.utf8IfText) else { return }
      check.printing({ String($0.withoutLastIndex.dropLast("namespaces".utf8.count)) + "namespace" }
      ) { $0.expect(.dns1123Label, name, "pod/affinity-namespace") }
    }
    labelKeys(of: term, hasMismatch: true)
    topologyKey(of: term)
    expect(.qualifiedName, term["topologyKey"], "pod/topology-key", at: "topologyKey")
  }

  /// Reports a term without the label of nodes that it goes by.
  mutating func topologyKey(of term: Value) {
    if term["topologyKey"].isUnset {
      report(
        "pod/topology-key", .required, at: "topologyKey", "'topologyKey' can not be empty",
        help: "name a label of nodes, such as 'topology.kubernetes.io/zone'")
    }
  }

  /// `matchLabelKeys` and `mismatchLabelKeys` (`ValidateMatchLabelKeysAndMismatchLabelKeys`).
  mutating func labelKeys(of term: Value, hasMismatch: Bool) {
    let matching = term["matchLabelKeys"]
    let differing = term["mismatchLabelKeys"]
    guard !matching.isUnset || hasMismatch && !differing.isUnset else { return }
    let selector = term["labelSelector"]
    for name: StaticString in ["matchLabelKeys", "mismatchLabelKeys"] where !term[name].isUnset {
      if !selector.isGiven {
        report(
          "pod/label-keys", .forbidden, at: name,
          "'\(name)' must not be set without 'labelSelector'")
        continue
      }
      elements(name, of: term) { check, key, _ in
        check.expect(.qualifiedName, key, "pod/label-keys")
      }
    }
    selectedLabelKeys(matching, selector)
    elements("matchLabelKeys", of: term) { check, key, _ in
      guard differing.elements.contains(where: { $0.hasSameBytes(as: key) }) else { return }
      check.report(
        "pod/label-keys", .invalid,
        "'\(key.shown)' is in both 'matchLabelKeys' and 'mismatchLabelKeys'")
    }
  }

  /// The API server has put a requirement for each of the keys into the selector already: a second one is the user's.
  private mutating func selectedLabelKeys(_ keys: Value, _ selector: Value) {
    guard selector.isGiven else { return }
    let requirements = selector["matchExpressions"].elements
    for (position, requirement) in requirements.enumerated() {
      let key = requirement["key"]
      guard let index = keys.elements.lastIndex(where: { $0.hasSameBytes(as: key) }),
        selector["matchLabels"].lookup(key).isGiven
          || requirements[..<position].contains(where: { $0["key"].hasSameBytes(as: key) })
      else { continue }
      element(index) {
        $0.report(
          "pod/label-keys", .invalid,
          "'\(key.shown)' is in both 'matchLabelKeys' and 'labelSelector'")
      }
    }
  }
}
