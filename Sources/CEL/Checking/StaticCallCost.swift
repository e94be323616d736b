import Documents

// The costs of operators and functions, before any value is known.
extension StaticCost {
  mutating func operationCost(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> UInt64 {
    switch node.kind {
    case .call: return callCost(id, node)
    case .conditional:
      let condition = cost(node.a)
      let branches = max(cost(node.b), cost(node.c))
      setSize(id, size(of: node.b).union(size(of: node.c)))
      if let first = entries(of: node.b), let second = entries(of: node.c) {
        setEntries(id, first.union(second))
      }
      return sum(condition, branches)
    case .optionalSelect, .not, .negate: return sum(cost(node.a), 1)
    default: break
    }
    let operands = sum(cost(node.a), cost(node.b))
    switch node.kind {
    case .index:
      switch type(of: node.a) {
      case .optional: break
      case .list: element(id, of: node.a, "@items")
      default: element(id, of: node.a, "@values")
      }
      return sum(operands, 1)
    case .contains: return sum(operands, containmentCost(node))
    case .equal where isComparedAtOnce(node): return sum(operands, 1)
    case .equal, .notEqual: return sum(operands, comparisonCost(node))
    case .less, .lessEqual, .greater, .greaterEqual:
      return sum(
        operands,
        textCost(node, isUnknown: max(1, comparisonCost(node))) {
          comparisonCost(node)
        })
    case .add: return sum(operands, additionCost(id, node))
    default: return sum(operands, 1)
    }
  }

  private mutating func element(_ id: SyntaxTree.ID, of operand: SyntaxTree.ID, _ step: String) {
    setPath(id, path(of: operand) + [step])
    setSize(id, entries(of: operand)?.value)
  }

  private func containmentCost(_ node: SyntaxTree.Node) -> UInt64 {
    switch type(of: node.b) {
    case .list: size(of: node.b).greatest
    case .map, .object: 1
    default: max(1, size(of: node.b).greatest)
    }
  }

  private func comparisonCost(_ node: SyntaxTree.Node) -> UInt64 {
    scaled(min(size(of: node.a).greatest, size(of: node.b).greatest), 0.1)
  }

  /// The types of Kubernetes' libraries that `==` takes one unit for; `!=` does not.
  private func isComparedAtOnce(_ node: SyntaxTree.Node) -> Bool {
    guard case .opaque(let name, _) = type(of: node.a), type(of: node.a) == type(of: node.b)
    else { return false }
    return name.hasPrefix("kubernetes.") || name.hasPrefix("net.")
  }

  /// The cost of an operator that has overloads for strings and bytes beside those of one unit.
  private func textCost(
    _ node: SyntaxTree.Node, isUnknown unknown: UInt64, _ text: () -> UInt64
  ) -> UInt64 {
    let (left, right) = (type(of: node.a), type(of: node.b))
    if left.isUnknown && right.isUnknown { return unknown }
    for type in [CELType.string, .bytes] where left.canBe(type) && right.canBe(type) {
      return text()
    }
    return 1
  }

  private mutating func additionCost(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> UInt64 {
    let (left, right) = (type(of: node.a), type(of: node.b))
    let total = size(of: node.a) + size(of: node.b)
    let isList: Bool
    if case .list = left.isUnknown ? right : left { isList = true } else { isList = false }
    let cost = textCost(node, isUnknown: max(1, total.traversal)) { total.traversal }
    let isText = left.canBe(.string) && right.canBe(.string)
    if isList || isText || left.canBe(.bytes) && right.canBe(.bytes) {
      setSize(id, total)
      if let first = entries(of: node.a), let second = entries(of: node.b) {
        setEntries(id, first.union(second))
      }
    }
    return cost
  }

  // MARK: calls

  private mutating func callCost(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> UInt64 {
    let call = checker.resolver.target(node)
    let total = call.arguments.reduce(0) { sum($0, cost($1)) }
    let name = call.name.asString ?? ""
    if name == "dyn", call.arguments.count == 1 {
      setSize(id, knownSize(of: call.arguments[0]))
      setEntries(id, entries(of: call.arguments[0]))
      return sum(total, 1)
    }
    let estimate =
      call.isMember
      ? methodCost(name, call.arguments[0], Array(call.arguments.dropFirst()))
      : functionCost(name, call.arguments)
    setSize(id, estimate.size)
    return sum(total, estimate.cost)
  }

  private typealias Estimate = (cost: UInt64, size: SizeRange?)

  private func functionCost(_ name: String, _ arguments: [SyntaxTree.ID]) -> Estimate {
    guard let first = arguments.first else { return (1, nil) }
    let size = size(of: first)
    switch name {
    case "url": return (size.traversal, nil)
    case "strings.quote":
      let two = SizeRange(2)
      return (
        size.traversal,
        SizeRange(least: size.least, greatest: product(size.greatest, 2)) + two
      )
    case "string" where type(of: first).canBe(.bytes):
      return (
        type(of: first).isUnknown ? max(1, size.traversal) : size.traversal,
        SizeRange(least: size.least / 4, greatest: size.greatest)
      )
    case "bytes" where type(of: first).canBe(.string):
      return (
        type(of: first).isUnknown ? max(1, size.traversal) : size.traversal,
        SizeRange(least: size.least, greatest: product(size.greatest, 4))
      )
    case "sets.contains", "sets.intersects", "sets.equivalent":
      guard arguments.count == 2 else { return (1, nil) }
      let pairs = (size * self.size(of: arguments[1])).greatest
      return (sum(scaled(pairs, name == "sets.equivalent" ? 2 : 1), 1), nil)
    default: return (1, nil)
    }
  }

  private func methodCost(
    _ name: String, _ target: SyntaxTree.ID, _ arguments: [SyntaxTree.ID]
  ) -> Estimate {
    let size = size(of: target)
    let first = arguments.first.map { self.size(of: $0) }
    switch name {
    case "check": return (350_000, nil)
    case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf":
      guard let (type, element) = elements(of: target) else { return (size.traversal, nil) }
      let isText = type == .string || type == .bytes
      return (product(size.greatest, isText ? sum(1, element.traversal) : 1), nil)
    case "lowerAscii", "upperAscii", "substring", "trim": return (size.traversal, size)
    case "replace":
      guard let first, arguments.count >= 2 else { return (1, nil) }
      return (size.cost(0.2), replaced(size, first, self.size(of: arguments[1])))
    case "split": return (size.cost(0.2), SizeRange(least: 0, greatest: size.greatest))
    case "join":
      var total = SizeRange(0)
      if let (_, element) = elements(of: target) { total = size * element }
      if let first {
        let separators = SizeRange(
          least: size.least - min(size.least, 1), greatest: size.greatest - min(size.greatest, 1))
        total = total + first * separators
      }
      return (total.traversal, total)
    case "find", "findAll":
      guard let first else { return (1, nil) }
      return (
        product((size + SizeRange(1)).traversal, first.cost(0.25)),
        SizeRange(least: 0, greatest: size.greatest)
      )
    case "matches":
      guard let first else { return (1, nil) }
      return (product((size + SizeRange(1)).traversal, first.cost(0.25)), nil)
    case "contains":
      guard let first else { return (1, nil) }
      return (product(size.traversal, first.traversal), nil)
    case "startsWith", "endsWith": return (first?.traversal ?? 1, nil)
    case "format": return (size.traversal, first.map { size + $0 })
    case "validate": return (scaled(first?.traversal ?? 1, 128 * 0.25), nil)
    case "containsIP", "containsCIDR":
      // Addresses of 4 to 16 bytes; one that is text is parsed first.
      let text = arguments.first.map { type(of: $0).canBe(.string) } ?? false
      let parsing = text ? first?.traversal ?? 0 : 0
      return (sum(name == "containsIP" ? 4 : 4 + 2 + 1, parsing), nil)
    default: return (1, nil)
    }
  }

  /// The type and size of the elements of a list (of a map, its keys).
  private func elements(of id: SyntaxTree.ID) -> (CELType, SizeRange)? {
    let element: CELType
    switch type(of: id) {
    case .list(let own), .map(let own, _), .optional(let own): element = own
    default: return nil
    }
    let path = path(of: id)
    return (element, path.isEmpty ? unknown : size(at: path + ["@items"]) ?? unknown)
  }

  /// The size of a text in which as much as can be is replaced.
  private func replaced(_ size: SizeRange, _ old: SizeRange, _ new: SizeRange) -> SizeRange {
    var count = SizeRange(0)
    var kept = SizeRange(0)
    if old.least == 0 {
      count.greatest = sum(size.greatest, 1)
      kept.greatest = size.greatest
    } else if new.greatest <= old.least {
      kept.greatest = size.greatest
    } else {
      count.greatest = scaled(size.greatest, 1 / Double(old.least))
    }
    if old.greatest == 0 {
      count.least = sum(size.least, 1)
      kept.least = size.least
    } else if old.greatest <= new.least {
      kept.least = size.least
    } else {
      count.least = scaled(size.least, 1 / Double(old.greatest))
    }
    return count * new + kept
  }
}
