public import Diagnostics

/// What can be told of one resource of a golden path without rendering it.
public struct ResourceFacts: Sendable {
  /// Its id.
  public let id: String
  /// Whether it becomes a list of objects (`forEach`).
  public let isCollection: Bool
  /// Whether it has conditions (`includeWhen`).
  public let isConditional: Bool
}

extension GoldenPathLibrary {
  /// The resources of the golden paths that a golden path expands into, at any depth.
  public func expandedFacts(of path: GoldenPath) -> [ResourceFacts] {
    var facts: [ResourceFacts] = []
    var seen = [ObjectIdentifier(path)]
    var waiting = links(of: path).compactMap { $0 }
    while let inner = waiting.popLast() {
      guard !seen.contains(ObjectIdentifier(inner)) else { continue }
      seen.append(ObjectIdentifier(inner))
      facts += inner.resourceFacts
      waiting += links(of: inner).compactMap { $0 }
    }
    return facts
  }
}

extension GoldenPath {
  /// The resources that are rendered, in the order written.
  public var resourceFacts: [ResourceFacts] {
    resources.filter { !$0.isExternal }.map {
      ResourceFacts(
        id: $0.id, isCollection: $0.isCollection, isConditional: !$0.includeWhen.isEmpty)
    }
  }

  /// The place of a resource.
  public func place(ofResource id: String) -> Place? {
    resources.first { $0.id == id }.map { place($0.path) }
  }
}
