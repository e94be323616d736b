import Diagnostics
import Documents

extension KeywordReader {
  /// What the API server asks of a structural schema beyond its keywords (apiextensions
  /// `pkg/apis/apiextensions/validation`, `pkg/apiserver/schema/validation.go`).
  func checkStructure() {
    let constraints = draft.constraints
    if constraints.uniqueItems {
      report(
        "'uniqueItems' is not allowed here", path.key("uniqueItems"), .key,
        help: "write x-kubernetes-list-type: set")
    }
    if !draft.properties.isEmpty, draft.additional != .none,
      !draft.flags.contains(.preservesUnknown),
      !map["additionalProperties"].isAbsent
    {
      report(
        "'additionalProperties' and 'properties' exclude each other",
        path.key("additionalProperties"), .key,
        help: "a map has free keys or known fields, not both")
    }
    if draft.types == .array, draft.items == nil {
      report("the list has no 'items'", path, .key, help: "add 'items'")
    }
    checkListType()
  }

  private func checkListType() {
    let listType = path.key("x-kubernetes-list-type")
    guard !map["x-kubernetes-list-type"].isAbsent else {
      if draft.constraints.listKeys.count > 0 {
        report(
          "there are list keys, but the list is no map", path.key("x-kubernetes-list-map-keys"),
          .key, help: "add x-kubernetes-list-type: map")
      }
      return
    }
    guard draft.types == .array, let items = draft.items.map({ compiler.builder[$0] }) else {
      return report("only lists have a list type", listType, .key)
    }
    switch draft.constraints.listType {
    case .atomic: return
    case .set:
      if items.types == .object, map[["items", "x-kubernetes-map-type"]].asString != "atomic" {
        report(
          "the elements of a set are objects, expected scalars", listType,
          help: "write x-kubernetes-list-type: map and its keys")
      }
    case .map:
      if draft.constraints.listKeys.count == 0 {
        report("a list of type map needs keys", listType, help: "add x-kubernetes-list-map-keys")
      }
      for (index, key) in draft.constraints.listKeys.elements.enumerated() {
        checkKey(key.asString ?? "", items, path.key("x-kubernetes-list-map-keys").index(index))
      }
    }
  }

  private func checkKey(_ name: String, _ items: NodeDraft, _ place: FieldPath) {
    guard let property = items.properties.first(where: { $0.name == name }) else {
      let nearest = nearestName(to: name, in: items.properties.map(\.name))
      return report(
        "the elements have no field '\(name)'", place, help: nearest.map { "did you mean '\($0)'?" }
      )
    }
    let key = compiler.builder[property.node]
    if key.types == .object || key.types == .array {
      report("the key '\(name)' is no scalar", place)
    } else if !items.required.contains(name), key.defaultValue.isAbsent {
      report(
        "the key '\(name)' is neither required nor has it a default", place,
        help: "add it to 'required' of the elements")
    }
  }
}
