extension Value {
  /// Whether two values of documents are the same: equal kinds and contents, maps without regard to
  /// the order of their keys. Numbers of different kinds differ; NaN equals itself.
  public func isIdentical(to other: Value) -> Bool {
    guard kind == other.kind else { return false }
    if payload == other.payload, meta == other.meta { return true }
    switch kind {
    case .string, .bytes: return hasSameBytes(as: other)
    case .list:
      return count == other.count
        && zip(elements, other.elements).allSatisfy { $0.isIdentical(to: $1) }
    case .map:
      return count == other.count
        && entries.allSatisfy { $0.value.isIdentical(to: other.lookup($0.key)) }
    default: return payload == other.payload
    }
  }
}
