import Documents
import Quantities
import Synchronization

/// All functions, by theme. A theme is one file of this folder.
enum Library {
  static let all: [Function] =
    conversions + standardStrings + collections + time + optionals + strings + regularExpressions
    + math + extendedLists + kubernetesLists + sets + encoders + quantities + versions + network
    + urls + namedFormats + jsonPatch + kro + authorization + labelSelectors
}

/// The functions of one profile, by name.
final class FunctionTable: Sendable {
  /// The overloads of one name in one style and number of arguments.
  struct Overloads: Sendable {
    let isMember: Bool
    let count: Int
    var functions: [Function]
    var signatures: [Checker.Signature]
  }

  private let arena = Arena()
  private let table: NameTable<[Overloads]>

  private init(_ profile: Profile) {
    var table = NameTable<[Overloads]>()
    for function in Library.all where function.availability.includes(profile) {
      let name = arena.string(function.name)
      var known = table[name] ?? []
      let signature = Checker.Signature(parameters: function.parameters, result: function.result)
      let index = known.firstIndex {
        $0.isMember == function.isMember && $0.count == function.parameters.count
      }
      if let index {
        known[index].functions.append(function)
        known[index].signatures.append(signature)
      } else {
        known.append(
          Overloads(
            isMember: function.isMember, count: function.parameters.count, functions: [function],
            signatures: [signature]))
      }
      table[name] = known
    }
    self.table = table
  }

  private func find(_ name: Value, isMember: Bool, count: Int) -> Overloads? {
    guard let all = table[name] else { return nil }
    for overloads in all where overloads.count == count && overloads.isMember == isMember {
      return overloads
    }
    return nil
  }

  /// The overloads of a name that take `count` arguments, a method's receiver included.
  func overloads(_ name: Value, isMember: Bool, count: Int) -> [Function] {
    find(name, isMember: isMember, count: count)?.functions ?? []
  }

  /// The signatures of the overloads.
  func signatures(_ name: Value, isMember: Bool, count: Int) -> [Checker.Signature] {
    find(name, isMember: isMember, count: count)?.signatures ?? []
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
    default: left.payload == right.payload
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
    default: ""
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
    default: "box"
    }
  }
}
