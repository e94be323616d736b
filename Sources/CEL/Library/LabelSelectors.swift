import Documents

extension Library {
  /// Kubernetes' label selectors.
  static let labelSelectors: [Function] = [
    // Both kinds of selector: a LabelSelector (`matchLabels`, `matchExpressions`), where an empty one
    // selects everything, and a plain map of labels, as a Service has it. Null selects nothing.
    Function("selects", .dyn, .dyn, returns: .bool, in: .repositoryOnly) {
      selector, labels, frame in
      guard selector.isKind(.map) || selector.isNull else { return frame.error(.noSuchOverload) }
      guard labels.isKind(.map) || labels.isNull else { return frame.error(.noSuchOverload) }
      guard frame.spend(1 + selector.count) else { return frame.error(.stepLimit) }
      if selector.isNull { return .false }
      return .bool(
        isLabelSelector(selector)
          ? selectsBy(selector, labels) : hasAll(of: selector, labels))
    }
  ]

  /// A map is a LabelSelector unless one of its entries can only be a label.
  private static func isLabelSelector(_ selector: Value) -> Bool {
    selector.entries.allSatisfy { entry in
      entry.key.isString("matchLabels") && !entry.value.isKind(.string)
        || entry.key.isString("matchExpressions") && !entry.value.isKind(.string)
    }
  }

  private static func hasAll(of wanted: Value, _ labels: Value) -> Bool {
    wanted.entries.allSatisfy { entry in
      entry.value.isKind(.string) && labels.lookup(entry.key).hasSameBytes(as: entry.value)
    }
  }

  private static func selectsBy(_ selector: Value, _ labels: Value) -> Bool {
    hasAll(of: selector["matchLabels"], labels)
      && selector["matchExpressions"].elements.allSatisfy { meets($0, labels) }
  }

  /// Whether labels meet one `LabelSelectorRequirement`; one that is not well formed is not met.
  private static func meets(_ requirement: Value, _ labels: Value) -> Bool {
    let key = requirement["key"]
    guard key.isKind(.string) else { return false }
    let label = labels.lookup(key)
    let values = requirement["values"].elements
    let isAmong = label.isKind(.string) && values.contains { $0.hasSameBytes(as: label) }
    switch requirement["operator"].asString {
    case "In": return isAmong
    case "NotIn": return !isAmong && !values.isEmpty
    case "Exists": return !label.isAbsent && values.isEmpty
    case "DoesNotExist": return label.isAbsent && values.isEmpty
    default: return false
    }
  }
}
