import Documents
import Manifests

/// Whether selectors select a request.
enum SelectorMatch {
  case yes
  case no
  /// The namespace is not known, and its labels would decide.
  case unknownNamespace
}

/// Decides selectors for requests, and keeps the answers for namespaces.
struct SelectorMatcher {
  private let cluster: ClusterState
  /// For each selector, an answer for each namespace: 0 not asked yet, 1 yes, 2 no.
  private var answers: [[UInt8]] = []
  /// Temporaries for labels of Namespaces and unknown namespaces; emptied for each request.
  private let arena: Arena

  init(_ cluster: ClusterState, arena: Arena) {
    self.cluster = cluster
    self.arena = arena
  }

  /// Whether selectors select a request. `namespaceIndex` is that of the request's namespace among
  /// those of the cluster; nil for none.
  ///
  /// As apiserver 1.36, `webhook/predicates/namespace/matcher.go` and `object/matcher.go`.
  mutating func match(
    _ selectors: Selectors, _ request: AdmissionRequest, namespaceIndex: Int?
  ) -> SelectorMatch {
    if !selectors.object.isAbsent, !matchesObject(selectors.object, request) { return .no }
    if selectors.namespace.isAbsent { return .yes }
    if request.resource.isNamespace {
      guard let object = request.object ?? request.oldObject else { return .yes }
      let labels =
        if request.operation == .delete, let namespaceIndex {
          cluster.namespaces[namespaceIndex].labels
        } else {
          namespaceLabels(of: object.value, name: object.name, arena)
        }
      return selects(selector: selectors.namespace, labels: labels) ? .yes : .no
    }
    if request.resource.scope == .cluster { return .yes }
    guard let namespaceIndex else { return matchUnknown(selectors.namespace, request.namespace) }
    return matchKnown(selectors, namespaceIndex) ? .yes : .no
  }

  private func matchesObject(_ selector: Value, _ request: AdmissionRequest) -> Bool {
    for manifest in [request.object, request.oldObject] {
      guard let manifest else { continue }
      if selects(selector: selector, labels: manifest.value["metadata"]["labels"]) { return true }
    }
    return false
  }

  private mutating func matchKnown(_ selectors: Selectors, _ namespace: Int) -> Bool {
    while answers.count <= selectors.cacheIndex {
      answers.append([UInt8](repeating: 0, count: cluster.namespaces.count))
    }
    let answer = answers[selectors.cacheIndex][namespace]
    if answer != 0 { return answer == 1 }
    let isSelected = selects(
      selector: selectors.namespace, labels: cluster.namespaces[namespace].labels)
    answers[selectors.cacheIndex][namespace] = isSelected ? 1 : 2
    return isSelected
  }

  /// A namespace that nobody declared still has the label with its name: when the selector asks
  /// for nothing else, or that label alone refuses, the answer is sure.
  private func matchUnknown(_ selector: Value, _ name: Value) -> SelectorMatch {
    let label = arena.string(metadataNameLabel)
    let labels = arena.map([MapEntry(key: label, value: name)])
    var asksMore = false
    for entry in selector["matchLabels"].entries {
      guard entry.key.hasSameBytes(as: label) else {
        asksMore = true
        continue
      }
      if !entry.value.hasSameBytes(as: name) { return .no }
    }
    for requirement in selector["matchExpressions"].elements {
      guard requirement["key"].hasSameBytes(as: label) else {
        asksMore = true
        continue
      }
      let alone = arena.map(["matchExpressions": arena.list([requirement])])
      if !selects(selector: alone, labels: labels) { return .no }
    }
    return asksMore ? .unknownNamespace : .yes
  }
}
