/// A value of a Go type that is more than a map or list: a struct with fields, or a named type with
/// methods (`.Files`, `.Capabilities.APIVersions`, the answer of `semver`). Subclass it for methods.
open class GoObject {
  /// The type as Go writes it: `*semver.Version`.
  public let typeName: String
  /// The kind as `kindOf` tells it: `struct`, `ptr`, `map` or `slice`.
  public let kind: String
  private let inner: GoValue?

  /// The map or list that this is a named type of: what `range`, `len`, `index` and printing see.
  /// Override it where making it costs something.
  open var underlying: GoValue? { inner }

  /// An object of a Go type.
  public init(typeName: String, kind: String = "struct", underlying: GoValue? = nil) {
    self.typeName = typeName
    self.kind = kind
    inner = underlying
  }

  /// Whether `if` takes it: structs and pointers always, named maps and lists unless empty.
  open var isTrue: Bool { underlying.map { GoTemplates.isTrue($0) } ?? true }

  /// The field of that name; nil if there is none.
  open func field(_ name: [UInt8]) -> GoValue? { nil }

  /// How many arguments the method of that name takes (at least; at most); nil if there is none.
  open func method(_ name: [UInt8]) -> ClosedRange<Int>? { nil }

  /// Calls the method of that name. An error's message becomes `error calling NAME: …`.
  open func call(
    _ name: [UInt8], _ arguments: [GoValue], _ execution: Execution
  ) throws -> GoValue { .invalid }

  /// What `String()` gives, for types that have it: printing uses it.
  open var text: [UInt8]? { nil }

  /// The fields in Go's order, for printing a struct as `{a b}`.
  open var fields: [(name: String, value: GoValue)] { [] }

  /// The fields as JSON and YAML name them, without those that are left out.
  open var encodedFields: [(name: String, value: GoValue)] { fields }
}

/// A plain struct: fields by name, printed in order.
public final class GoStruct: GoObject {
  private let members: [(name: String, value: GoValue)]
  private let table: GoMap
  private let string: [UInt8]?
  private let encodedNames: [String]

  /// A struct of a Go type with the fields in Go's order; `text` is what its `String()` gives.
  ///
  /// `encodedNames` are the fields' names in JSON, in the same order: without one a field has its own, an
  /// empty one leaves it out, and with a `?` behind it the field is left out while it is empty.
  public init(
    typeName: String, kind: String = "struct", text: String? = nil,
    encodedNames: [String] = [], _ fields: [(name: String, value: GoValue)]
  ) {
    self.encodedNames = encodedNames
    members = fields
    table = GoMap(fields.map { ($0.name, $0.value) })
    string = text.map { Array($0.utf8) }
    super.init(typeName: typeName, kind: kind)
  }

  override public func field(_ name: [UInt8]) -> GoValue? { table[name] }
  override public var fields: [(name: String, value: GoValue)] { members }
  override public var text: [UInt8]? { string }

  override public var encodedFields: [(name: String, value: GoValue)] {
    guard !encodedNames.isEmpty else { return members }
    return zip(encodedNames, members).compactMap { name, member in
      guard name.hasSuffix("?") else { return name.isEmpty ? nil : (name, member.value) }
      return isEmpty(member.value) ? nil : (String(name.dropLast()), member.value)
    }
  }
}
