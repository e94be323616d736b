import Documents
import Quantities
import Synchronization

/// All functions, by theme. A theme is one file of this folder.
enum Library {
  static let all: [Function] =
    conversions + standardStrings + collections + time + optionals + strings + regularExpressions
    + math + extendedLists + kubernetesLists + sets + encoders + quantities + versions + network
    + urls + namedFormats + jsonPatch + kro + authorization
}

/// The functions of one profile, by name.
final class FunctionTable: Sendable {
  /// The overloads of one name in one style and number of arguments.
  struct Key: Hashable {
    let isMember: Bool
    let count: Int
  }

  private let arena = Arena()
  private let table: NameTable<[Function]>

  private init(_ profile: Profile) {
    var table = NameTable<[Function]>()
    for function in Library.all where function.availability.includes(profile) {
      let name = arena.string(function.name)
      table[name] = (table[name] ?? []) + [function]
    }
    self.table = table
  }

  /// The overloads of a name that take `count` arguments, a method's receiver included.
  func overloads(_ name: Value, isMember: Bool, count: Int) -> [Function] {
    table[name]?.filter { $0.isMember == isMember && $0.parameters.count == count } ?? []
  }

  /// Whether there is any function of that name.
  func has(_ name: Value, isMember: Bool) -> Bool {
    table[name]?.contains { $0.isMember == isMember } ?? false
  }

  /// The names of all functions of a style, for suggestions; sorted.
  func names(isMember: Bool) -> [String] {
    table.names.filter { has($0, isMember: isMember) }.compactMap(\.asString).sorted()
  }

  private static let tables = Mutex<[Profile: FunctionTable]>([:])

  /// The functions of a profile; made once a process.
  static func of(_ profile: Profile) -> FunctionTable {
    tables.withLock { tables in
      if let table = tables[profile] { return table }
      let table = FunctionTable(profile)
      tables[profile] = table
      return table
    }
  }
}

/// What the library's own boxes answer; see `BoxKind`.
enum BoxLibrary {
  /// Whether two boxes of the same kind are equal.
  static func areEqual(_ kind: BoxKind, _ left: Value, _ right: Value) -> Bool {
    switch kind {
    case .quantity: left.quantity == right.quantity
    case .url: left.url.text.hasSameBytes(as: right.url.text)
    case .ip: left.address == right.address
    case .cidr: left.cidrBlock == right.cidrBlock
    case .semver: left.version.order(to: right.version) == 0
    case .duration, .timestamp, .type, .optional, .format, .omitted: left.payload == right.payload
    }
  }

  /// The text of a box, as `string(x)` gives it.
  static func text(_ kind: BoxKind, _ value: Value) -> String {
    switch kind {
    case .quantity: value.quantity.description
    case .url: value.url.text.asString ?? ""
    case .ip: value.address.description
    case .cidr: value.cidrBlock.description
    case .semver: value.version.description
    case .format: "\(NamedFormat(value))"
    case .duration, .timestamp, .type, .optional, .omitted: ""
    }
  }

  /// What conformance tables call a kind of box.
  static func notation(_ kind: BoxKind) -> String {
    switch kind {
    case .quantity: "quantity"
    case .url: "url"
    case .ip: "ip"
    case .cidr: "cidr"
    case .semver: "semver"
    case .format: "format"
    case .duration, .timestamp, .type, .optional, .omitted: "box"
    }
  }
}
