/// The type of an expression as the checker sees it.
///
/// The checker is gradual: `dyn` fits everything.
public indirect enum CELType: Hashable, Sendable {
  case dyn
  case null
  case bool
  case int
  case uint
  case double
  case string
  case bytes
  case timestamp
  case duration
  case list(CELType)
  case map(CELType, CELType)
  case optional(CELType)
  /// The type of a type: `type(1)` is `type(int)`.
  case type(CELType)
  /// A type of a library: `kubernetes.Quantity`.
  case opaque(String, [CELType])
  /// A map of known fields: `request`, `namespaceObject`, an object with a schema.
  case object(ObjectType)
  /// A placeholder in the signature of a function.
  case parameter(String)
  /// A value that may be null (the protobuf wrappers).
  case wrapper(CELType)
  /// An expression that is wrong already; fits everything, so that one mistake is reported once.
  case error
}

/// A type with named fields. Two are the same when their names are.
public final class ObjectType: Hashable, Sendable {
  /// The full name, as messages print it.
  public let name: String
  /// The fields that may be selected.
  public let fields: [String: CELType]
  /// The names of those that need not be there.
  public let optionalFields: Set<String>

  /// A type with the given fields.
  public init(name: String, fields: [String: CELType], optional: Set<String> = []) {
    self.name = name
    self.fields = fields
    optionalFields = optional
  }

  /// Whether two types have the same name.
  public static func == (left: ObjectType, right: ObjectType) -> Bool { left.name == right.name }
  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension CELType: CustomStringConvertible {
  /// The type as cel-go prints it: `list(int)`, `google.protobuf.Timestamp`.
  public var description: String {
    switch self {
    case .dyn: "dyn"
    case .null: "null_type"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .timestamp: "google.protobuf.Timestamp"
    case .duration: "google.protobuf.Duration"
    case .list(let element): "list(\(element))"
    case .map(let key, let value): "map(\(key), \(value))"
    case .optional(let content): "optional_type(\(content))"
    case .type(.dyn): "type"
    case .type(let type): "type(\(type))"
    case .opaque(let name, let arguments):
      arguments.isEmpty
        ? name : "\(name)(\(arguments.map(\.description).joined(separator: ", ")))"
    case .object(let type): type.name
    case .parameter(let name): name
    case .wrapper(let type): "wrapper(\(type))"
    case .error: "!error!"
    }
  }
}
