public import CEL
import Documents
import Schemas

extension ServedKind {
  /// The type of an object of the kind in an expression that is checked against schemas, as an API
  /// server's type checking of policies has it (apiserver, `policy/validating/typechecking.go`).
  ///
  /// Types that hold themselves end as `dyn`. The fields that a stored object need not have are marked.
  public var celType: CELType {
    if let custom {
      guard case .object(let type) = custom.schema.root.celType(name: kind) else { return .dyn }
      var fields = type.fields
      fields["apiVersion"] = .string
      fields["kind"] = .string
      fields["metadata"] = metadataType
      // Few schemas say that there is a spec, and all objects have one.
      return .object(
        ObjectType(
          name: kind, fields: fields,
          optional: type.optionalFields.subtracting(["apiVersion", "kind", "metadata", "spec"])))
    }
    guard let types else { return .dyn }
    var reader = CELTypeReader(types: types)
    return reader.structure(ServedTypes.root, name: kind)
  }

  /// ObjectMeta as a ConfigMap has it, which is small.
  private var metadataType: CELType {
    guard
      let types = ServedTypes(
        root: TypePack.shared.typeName(apiVersion: "v1", kind: "ConfigMap") ?? "", minor: 36,
        pack: .shared)
    else { return .dyn }
    var reader = CELTypeReader(types: types)
    guard case .object(let map) = reader.structure(ServedTypes.root, name: "ConfigMap") else {
      return .dyn
    }
    return map.fields["metadata"] ?? .dyn
  }
}

private struct CELTypeReader {
  let types: ServedTypes
  private var open: Set<Int32> = []
  private var known: [Int32: CELType] = [:]
  private var decoder: ObjectDecoder

  init(types: ServedTypes) {
    self.types = types
    decoder = ObjectDecoder(
      types: types, apiVersion: .absent, minor: TypePack.minors.upperBound,
      arena: Arena(firstChunkByteCount: 8192), tracksDefaults: false)
  }

  mutating func structure(_ index: Int32, name: String) -> CELType {
    if let type = known[index] { return type }
    guard !open.contains(index), open.count < 24 else { return .dyn }
    open.insert(index)
    defer { open.remove(index) }
    var fields: [String: CELType] = [:]
    var optional: Set<String> = []
    // What is filled in where nothing is said is always there.
    let empty = decoder.emptyStructure(index)
    for entry in types.tables.structures[Int(index)].fields.entries {
      guard let field = entry.key.asString, let position = entry.value.asInt else { continue }
      let facts = types.tables.fields[Int(position)]
      fields[field] = type(of: facts.type, name: "\(name).\(field)")
      if !facts.isRequired, !facts.isAlwaysThere, empty.lookup(entry.key).isAbsent {
        optional.insert(field)
      }
    }
    let type = CELType.object(ObjectType(name: name, fields: fields, optional: optional))
    known[index] = type
    return type
  }

  private mutating func type(
    of reference: ServedTypes.TypeReference, name: String
  ) -> CELType {
    switch reference.kind {
    case .string, .quantity: return .string
    case .bool: return .bool
    case .int32, .int64: return .int
    case .number: return .double
    case .time, .microTime: return .timestamp
    case .bytes: return .bytes
    case .intOrString, .anything, .structureOrOther: return .dyn
    case .structure: return structure(reference.index, name: name)
    case .list:
      let element = types.tables.elements[Int(reference.index)].element
      return .list(type(of: element, name: name + "[]"))
    case .map:
      let element = types.tables.elements[Int(reference.index)].element
      return .map(.string, type(of: element, name: name + "{}"))
    }
  }
}
