import Documents

extension Program {
  /// The most that an evaluation can cost, in cel-go's units, before any value is known (cel-go
  /// `checker/cost.go`, apiserver `pkg/cel/library/cost.go` 1.36).
  ///
  /// `sizes` says how large a value of a variable can be: characters of a string, bytes, elements of a
  /// list or entries of a map; nil when nothing is known. Its path is what comes after the variable:
  /// field names, `@items`, `@keys` and `@values`. All variables have the same sizes.
  public func greatestCost(sizes: ([String]) -> UInt64?) -> UInt64 {
    greatestCost(sizes: sizes, unknown: .unknown)
  }

  /// A likely cost: as `greatestCost(sizes:)`, where every list, map and text whose size is not known has `size` elements,
  /// entries or characters.
  public func likelyCost(size: UInt64) -> UInt64 {
    greatestCost(sizes: { _ in size }, unknown: SizeRange(least: 0, greatest: size))
  }

  private func greatestCost(sizes: ([String]) -> UInt64?, unknown: SizeRange) -> UInt64 {
    withoutActuallyEscaping(sizes) { sizes in
      LargeStack.run(depth: height) {
        let arena = Arena(firstChunkByteCount: 1024)
        var checker = Checker(
          Resolver(tree: tree, environment: environment, arena: arena), reportsNames: false)
        _ = checker.run()
        var estimator = StaticCost(checker, sizes, unknown: unknown)
        return estimator.cost(tree.root)
      }
    }
  }
}

/// The least and greatest size that a value can have.
struct SizeRange: Equatable {
  var least: UInt64
  var greatest: UInt64

  static let unknown = SizeRange(least: 0, greatest: .max)

  init(least: UInt64, greatest: UInt64) {
    self.least = least
    self.greatest = greatest
  }

  init(_ size: UInt64) { self.init(least: size, greatest: size) }

  func union(_ other: SizeRange) -> SizeRange {
    SizeRange(least: min(least, other.least), greatest: max(greatest, other.greatest))
  }

  static func + (left: SizeRange, right: SizeRange) -> SizeRange {
    SizeRange(
      least: sum(left.least, right.least), greatest: sum(left.greatest, right.greatest))
  }

  static func * (left: SizeRange, right: SizeRange) -> SizeRange {
    SizeRange(
      least: product(left.least, right.least), greatest: product(left.greatest, right.greatest))
  }

  /// The greatest size at a cost for each unit, rounded up.
  func cost(_ each: Double) -> UInt64 { scaled(greatest, each) }
  /// The cost of reading all of a text.
  var traversal: UInt64 { cost(0.1) }
}

/// Sums, products and multiples that end at the largest number.
func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
  let (result, isTooLarge) = left.addingReportingOverflow(right)
  return isTooLarge ? .max : result
}

func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
  let (result, isTooLarge) = left.multipliedReportingOverflow(by: right)
  return isTooLarge ? .max : result
}

func scaled(_ number: UInt64, _ factor: Double) -> UInt64 {
  let result = (Double(number) * factor).rounded(.up)
  return result >= 18_446_744_073_709_551_616 ? .max : UInt64(result)
}

/// Walks a checked expression and adds up the most that each node can cost.
///
/// Only the greatest cost is kept: nothing asks for the least.
struct StaticCost {
  /// The sizes of what is in a list or map.
  struct Entries {
    var isList: Bool
    var key: SizeRange
    var value: SizeRange

    func union(_ other: Entries) -> Entries {
      Entries(isList: isList, key: key.union(other.key), value: value.union(other.value))
    }
  }

  private struct Local {
    var name: Value
    var path: [String]
    var size: SizeRange?
    var entries: Entries?
  }

  let checker: Checker
  private let sizes: ([String]) -> UInt64?
  /// The size of what nothing is known of.
  let unknown: SizeRange
  private var paths: [[String]]
  private var knownSizes: [SizeRange?]
  private var knownEntries: [Entries?]
  private var locals: [Local] = []

  init(
    _ checker: Checker, _ sizes: @escaping ([String]) -> UInt64?, unknown: SizeRange = .unknown
  ) {
    self.checker = checker
    self.sizes = sizes
    self.unknown = unknown
    let count = checker.tree.nodes.count
    paths = Array(repeating: [], count: count)
    knownSizes = Array(repeating: nil, count: count)
    knownEntries = Array(repeating: nil, count: count)
  }

  private var tree: SyntaxTree { checker.tree }

  func type(of id: SyntaxTree.ID) -> CELType {
    checker.substitution.resolved(checker.types[Int(id)], isFinal: true)
  }

  // MARK: sizes

  private func local(_ id: SyntaxTree.ID) -> Local? {
    let node = tree[id]
    guard node.kind == .identifier else { return nil }
    return locals.last { $0.name.hasSameBytes(as: node.value) }
  }

  func path(of id: SyntaxTree.ID) -> [String] { local(id)?.path ?? paths[Int(id)] }

  /// The size at a path; the first step is the variable.
  func size(at path: [String]) -> SizeRange? {
    if path.isEmpty { return nil }
    return sizes(Array(path.dropFirst())).map { SizeRange(least: 0, greatest: $0) }
  }

  func size(of id: SyntaxTree.ID) -> SizeRange {
    knownSize(of: id) ?? unknown
  }

  func knownSize(of id: SyntaxTree.ID) -> SizeRange? {
    if let size = knownSizes[Int(id)] { return size }
    let node = tree[id]
    switch node.kind {
    case .literal:
      switch node.value.kind {
      case .string: return SizeRange(UInt64(node.value.asString?.unicodeScalars.count ?? 0))
      case .bytes: return SizeRange(UInt64(node.value.utf8.count))
      default: return SizeRange(1)
      }
    case .list: return SizeRange(UInt64(node.listCount))
    case .map: return SizeRange(UInt64(node.listCount / 2))
    default: break
    }
    if let size = size(at: path(of: id)) { return size }
    if type(of: id).isScalar { return SizeRange(1) }
    return local(id)?.size
  }

  func entries(of id: SyntaxTree.ID) -> Entries? { knownEntries[Int(id)] ?? local(id)?.entries }

  mutating func setSize(_ id: SyntaxTree.ID, _ size: SizeRange?) {
    if let size { knownSizes[Int(id)] = size }
  }

  mutating func setEntries(_ id: SyntaxTree.ID, _ entries: Entries?) {
    if let entries { knownEntries[Int(id)] = entries }
  }

  mutating func setPath(_ id: SyntaxTree.ID, _ path: [String]) { paths[Int(id)] = path }

  // MARK: nodes

  mutating func cost(_ id: SyntaxTree.ID) -> UInt64 {
    let node = tree[id]
    switch node.kind {
    case .literal: return 0
    case .identifier:
      paths[Int(id)] = local(id)?.path ?? [node.value.asString ?? ""]
      return 1
    case .select:
      let operand = cost(node.a)
      paths[Int(id)] = path(of: node.a) + [node.value.asString ?? ""]
      switch type(of: node.a) {
      case .map, .object, .parameter: return sum(operand, 1)
      // Kubernetes' own types are messages to cel-go, but have no fields.
      default: return operand
      }
    case .has: return cost(node.a)
    case .list: return listCost(id, node)
    case .map: return mapCost(id, node)
    case .message:
      let items = Array(tree.list(of: node))
      return stride(from: 1, to: items.count, by: 2).reduce(40) { sum($0, cost(items[$1])) }
    case .and, .or: return Array(tree.list(of: node)).reduce(0) { sum($0, cost($1)) }
    case .all, .exists, .existsOne, .transform, .filter, .all2, .exists2, .existsOne2,
      .transformList, .transformMap, .transformMapEntry, .sortBy:
      return loopCost(id, node)
    case .bind, .block: return bindCost(id, node)
    case .optionalMap, .optionalFlatMap: return optionalMapCost(node)
    default: return operationCost(id, node)
    }
  }

  private mutating func listCost(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> UInt64 {
    var total: UInt64 = 10
    var item: SizeRange?
    for element in Array(tree.list(of: node)) {
      let element = element < 0 ? ~element : element
      total = sum(total, cost(element))
      item = item.map { $0.union(size(of: element)) } ?? size(of: element)
    }
    setEntries(id, Entries(isList: true, key: SizeRange(1), value: item ?? SizeRange(0)))
    return total
  }

  private mutating func mapCost(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> UInt64 {
    var total: UInt64 = 30
    var known: Entries?
    let items = Array(tree.list(of: node))
    for index in stride(from: 0, to: items.count - 1, by: 2) {
      let key = items[index] < 0 ? ~items[index] : items[index]
      total = sum(total, sum(cost(key), cost(items[index + 1])))
      let own = Entries(isList: false, key: size(of: key), value: size(of: items[index + 1]))
      known = known?.union(own) ?? own
    }
    setEntries(id, known ?? Entries(isList: false, key: SizeRange(0), value: SizeRange(0)))
    return total
  }

  // MARK: macros

  private func iterated(_ range: SyntaxTree.ID) -> (isList: Bool, entries: Entries?) {
    let entries = entries(of: range)
    if let entries { return (entries.isList, entries) }
    if case .list = type(of: range) { return (true, nil) }
    return (false, nil)
  }

  /// What a macro over a list or map costs: what cel-go expands it to.
  private mutating func loopCost(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> UInt64 {
    let items = Array(tree.list(of: node))
    let range = items[0]
    let rangeCost = cost(range)
    let (isList, inner) = iterated(range)
    let base = path(of: range)
    let outer = locals.count
    let first = tree[items[1]].value
    let hasTwo = node.kind.hasTwoVariables
    if hasTwo {
      locals.append(
        Local(name: first, path: base + [isList ? "@indices" : "@keys"], size: inner?.key))
      locals.append(Local(name: tree[items[2]].value, path: base + ["@values"], size: inner?.value))
      if isList { locals[outer + 1].path = base + ["@items"] }
    } else {
      locals.append(
        Local(
          name: first, path: base + [isList ? "@items" : "@keys"],
          size: isList ? inner?.value : inner?.key))
    }
    let bodies = items.dropFirst(hasTwo ? 3 : 2).map { ($0, cost($0)) }
    let body = bodies.last?.1 ?? 0
    let bodySize = bodies.last.map { size(of: $0.0) } ?? unknown
    let elementSize = locals.last.flatMap { $0.size ?? size(at: $0.path) } ?? unknown
    locals.removeSubrange(outer...)
    let count = size(of: range)
    let condition = bodies.count > 1 ? bodies[0].1 : 0
    var made = SizeRange(0)
    let (fixed, step): (UInt64, UInt64)
    switch node.kind {
    case .all, .all2: (fixed, step) = (1, sum(body, 3))
    case .exists, .exists2: (fixed, step) = (1, sum(body, 4))
    case .existsOne, .existsOne2: (fixed, step) = (2, sum(body, 2))
    case .filter:
      (fixed, step) = (11, sum(body, 13))
      made = made.union(elementSize)
    case .transformMap: (fixed, step) = (31, sum(condition, sum(body, 3)))
    case .transformMapEntry: (fixed, step) = (31, sum(condition, sum(body, 2)))
    default:
      (fixed, step) = (11, sum(condition, sum(body, 12)))
      made = made.union(bodySize)
    }
    switch node.kind {
    case .filter, .transform, .transformList:
      setSize(id, count)
      setEntries(id, Entries(isList: true, key: SizeRange(1), value: made))
    case .transformMap, .transformMapEntry, .sortBy: setSize(id, count)
    default: break
    }
    return sum(sum(rangeCost, fixed), product(count.greatest, step))
  }

  private mutating func bindCost(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> UInt64 {
    let items = Array(tree.list(of: node))
    let outer = locals.count
    var total: UInt64 = node.kind == .bind ? 10 : 0
    let values = node.kind == .bind ? items[1..<2] : items[..<(items.count - 1)]
    for (offset, value) in values.enumerated() {
      total = sum(total, cost(value))
      let name =
        node.kind == .bind
        ? tree[items[0]].value : checker.resolver.arena.string("@index\(offset)")
      locals.append(
        Local(
          name: name, path: path(of: value), size: knownSize(of: value),
          entries: entries(of: value)))
    }
    let body = items[items.count - 1]
    total = sum(total, cost(body))
    setSize(id, knownSize(of: body))
    setEntries(id, entries(of: body))
    locals.removeSubrange(outer...)
    return total
  }

  /// `x.hasValue() ? optional.of(cel.bind(v, x.value(), body)) : optional.none()`
  private mutating func optionalMapCost(_ node: SyntaxTree.Node) -> UInt64 {
    let items = Array(tree.list(of: node))
    let target = sum(cost(items[0]), 1)
    let scalar = checker.types[Int(items[1])].isScalar
    locals.append(
      Local(name: tree[items[1]].value, path: [], size: scalar ? SizeRange(1) : nil))
    let body = cost(items[2])
    locals.removeLast()
    let present = sum(sum(target, body), node.kind == .optionalMap ? 11 : 10)
    return sum(target, present)
  }
}

extension SyntaxTree.Kind {
  fileprivate var hasTwoVariables: Bool {
    switch self {
    case .all2, .exists2, .existsOne2, .transformList, .transformMap, .transformMapEntry: true
    default: false
    }
  }
}

extension CELType {
  /// Whether all values of the type have the size one.
  var isScalar: Bool {
    switch self {
    case .bool, .double, .duration, .int, .timestamp, .uint: true
    case .optional(let content): content.isScalar
    default: false
    }
  }

  /// Whether a value may be of a type: it is, or nothing is known.
  func canBe(_ type: CELType) -> Bool { self == type || isUnknown }

  /// Whether nothing is known at compile time.
  var isUnknown: Bool {
    switch self {
    case .dyn, .error, .parameter: true
    default: false
    }
  }
}
