public import Diagnostics
public import Documents

/// Whether a `LabelSelector` (`matchLabels` and `matchExpressions`, all of them) selects labels.
///
/// `labels` is a map of strings or absent. An absent or null selector selects nothing, an empty one
/// everything (apimachinery `metav1.LabelSelectorAsSelector`). A selector that is not well formed
/// selects nothing; `selectorProblems` says why.
public func selects(selector: Value, labels: Value) -> Bool {
  guard selector.isKind(.map) else { return false }
  for entry in selector.entries {
    if entry.key.isString("matchLabels") {
      guard selectsExactly(selector: entry.value, labels: labels) else { return false }
    } else if entry.key.isString("matchExpressions") {
      guard entry.value.isKind(.list) || entry.value.isNull else { return false }
      for requirement in entry.value.elements {
        guard meets(requirement, labels: labels) else { return false }
      }
    } else {
      return false
    }
  }
  return true
}

/// Whether labels have all entries of a plain map selector, as a Service's `spec.selector` is.
///
/// An empty or absent map selects everything; what an empty selector means is the caller's matter
/// (a Service with one selects no pods).
public func selectsExactly(selector: Value, labels: Value) -> Bool {
  guard selector.isKind(.map) else { return selector.isNull || selector.isAbsent }
  for entry in selector.entries {
    guard entry.value.isKind(.string),
      labels.lookup(entry.key).hasSameBytes(as: entry.value)
    else { return false }
  }
  return true
}

/// What is wrong with a `LabelSelector`; paths are relative to it.
public func selectorProblems(_ selector: Value) -> [(path: FieldPath, message: String)] {
  var problems: [(path: FieldPath, message: String)] = []
  for (index, requirement) in selector["matchExpressions"].elements.enumerated() {
    let path = FieldPath(keys: "matchExpressions").index(index)
    if !requirement["key"].isKind(.string) {
      problems.append((path, "the requirement has no 'key'"))
    }
    guard let name = requirement["operator"].asString, let `operator` = Operator(rawValue: name)
    else {
      let found = requirement["operator"].asString.map { "'\($0)' is no operator" } ?? "no operator"
      problems.append(
        (path.key("operator"), "\(found), expected In, NotIn, Exists or DoesNotExist"))
      continue
    }
    let count = requirement["values"].count
    if `operator`.takesValues, count == 0 {
      problems.append((path.key("values"), "operator '\(name)' needs at least one value"))
    } else if !`operator`.takesValues, count > 0 {
      problems.append((path.key("values"), "operator '\(name)' takes no values"))
    }
  }
  return problems
}

/// The operators of `LabelSelectorRequirement` (meta/v1).
private enum Operator: String {
  case isIn = "In"
  case isNotIn = "NotIn"
  case exists = "Exists"
  case doesNotExist = "DoesNotExist"

  var takesValues: Bool { self == .isIn || self == .isNotIn }
}

private func meets(_ requirement: Value, labels: Value) -> Bool {
  let key = requirement["key"]
  let name = requirement["operator"]
  guard key.isKind(.string) else { return false }
  let label = labels.lookup(key)
  let values = requirement["values"]
  if name.isString("Exists") { return !label.isAbsent && values.count == 0 }
  if name.isString("DoesNotExist") { return label.isAbsent && values.count == 0 }
  guard values.isKind(.list), values.count > 0 else { return false }
  let isAmong = label.isKind(.string) && values.elements.contains { $0.hasSameBytes(as: label) }
  if name.isString("In") { return isAmong }
  return name.isString("NotIn") && !isAmong
}
