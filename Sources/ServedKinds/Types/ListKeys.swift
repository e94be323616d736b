public import Diagnostics
import Documents
import Schemas

extension ServedKind {
  /// The fields that tell the elements of the list at a path apart (`x-kubernetes-list-map-keys`, else the
  /// merge key of patches); empty where an apply replaces the list as a whole, or nothing is known of it.
  ///
  /// The path is one of an object of the kind, such as `spec.template.spec.containers`.
  public func listKeys(at path: FieldPath) -> [String] {
    if let custom { return custom.schema.root.descendant(path)?.listKeys ?? [] }
    guard let types else { return [] }
    var type = ServedTypes.TypeReference(kind: .structure, index: ServedTypes.root)
    for step in path.steps {
      switch (step, type.kind) {
      case (.key(let key), .structure), (.key(let key), .structureOrOther):
        let structure = types.tables.structures[Int(type.index)]
        guard let position = structure.fields[key].asInt else { return [] }
        type = types.tables.fields[Int(position)].type
      case (.key, .map), (.index, .list):
        type = types.tables.elements[Int(type.index)].element
      default: return []
      }
    }
    guard type.kind == .list, !type.isAtomic else { return [] }
    let traits = types.tables.elements[Int(type.index)]
    let keys = traits.keys.elements.compactMap(\.asString)
    return keys.isEmpty ? traits.mergeKey.asString.map { [$0] } ?? [] : keys
  }
}
