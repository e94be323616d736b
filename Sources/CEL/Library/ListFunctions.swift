import Documents

extension Library {
  /// The extension `lists`, version 3, and `first` and `last` of the optionals.
  static let extendedLists: [Function] = slices + orders + ends

  private static let element = CELType.parameter("T")
  private static let list = CELType.list(.parameter("T"))
  private static let availability = Availability.all(kubernetesSince: 34)

  private static let slices: [Function] = [
    Function(
      "slice", on: list, [.int, .int], returns: list, in: availability, cost: .listOfResult
    ) {
      arguments, frame in
      let (start, end) = (arguments[1].intPayload, arguments[2].intPayload)
      let count = arguments[0].count
      if start < 0 || end < 0 {
        return frame.error("cannot slice(\(start), \(end)), negative indexes not supported")
      }
      if start > end {
        return frame.error(
          "cannot slice(\(start), \(end)), start index must be less than or equal to end index")
      }
      if end > count {
        return frame.error("cannot slice(\(start), \(end)), list is length \(count)")
      }
      return .list(UnsafeBufferPointer(rebasing: arguments[0].elements[Int(start)..<Int(end)]))
    },
    Function(
      "flatten", on: .list(.dyn), returns: .list(.dyn), in: availability, cost: .flattening
    ) { list, frame in
      flattened(list, depth: 1, frame)
    },
    Function(
      "flatten", on: .list(.dyn), .int, returns: .list(.dyn), in: availability, cost: .flattening
    ) {
      list, depth, frame in
      depth.intPayload < 0
        ? frame.error("level must be non-negative")
        : flattened(list, depth: depth.intPayload, frame)
    },
    Function(
      "lists.range", .int, returns: .list(.int), in: availability, cost: .listOfResult
    ) { count, frame in
      let count = max(0, count.intPayload)
      guard count <= 1 << 24, frame.spend(Int(count)) else { return frame.error(.stepLimit) }
      return frame.list(count: Int(count)) { .int(Int64($0)) }
    },
    Function("reverse", on: list, returns: list, in: availability, cost: .listOfResult) {
      list, frame in
      guard frame.spend(list.count) else { return frame.error(.stepLimit) }
      let elements = list.elements
      return frame.list(count: elements.count) { elements[elements.count - 1 - $0] }
    },
  ]

  private static func flattened(_ list: Value, depth: Int64, _ frame: Frame) -> Value {
    var result: [Value] = []
    /// Adds the elements of a list, those of lists in it up to a depth; false if a limit is hit.
    func add(_ list: Value, _ depth: Int64, _ level: Int) -> Bool {
      guard level < Equality.maximumDepth, frame.spend(list.count) else { return false }
      for element in list.elements {
        if depth > 0, element.isKind(.list) {
          guard add(element, depth - 1, level + 1) else { return false }
        } else {
          result.append(element)
        }
      }
      return true
    }
    return add(list, depth, 0) ? frame.arena.list(result) : frame.error(.stepLimit)
  }

  private static let orders: [Function] = [
    Function("sort", on: list, returns: list, in: availability, cost: .selfComparison) {
      list, frame in
      sorted(list, frame)
    },
    Function("distinct", on: list, returns: list, in: availability, cost: .selfComparison) {
      list, frame in
      var result: [Value] = []
      for element in list.elements {
        guard frame.spend(1 + result.count) else { return frame.error(.stepLimit) }
        if !result.contains(where: { Equality.areEqual($0, element, frame) }) {
          result.append(element)
        }
      }
      return frame.arena.list(result)
    },
  ]

  private static func sorted(_ list: Value, _ frame: Frame) -> Value {
    guard let first = list.elements.first else { return list }
    guard frame.spend(list.count * 8) else { return frame.error(.stepLimit) }
    guard Equality.order(first, first) != nil else {
      return frame.error("list elements must be comparable")
    }
    guard list.elements.allSatisfy({ $0.kind == first.kind && $0.boxKind == first.boxKind }) else {
      return frame.error("list elements must have the same type")
    }
    return frame.arena.list(list.elements.sorted { Equality.order($0, $1) == .less })
  }

  private static let ends: [Function] = [
    Function("first", on: list, returns: .optional(element), in: availability) { list, frame in
      list.elements.first.map(frame.arena.optional) ?? .none
    },
    Function("last", on: list, returns: .optional(element), in: availability) { list, frame in
      list.elements.last.map(frame.arena.optional) ?? .none
    },
  ]
}

extension Library {
  /// Kubernetes' own functions of lists.
  static let kubernetesLists: [Function] = aggregates + searches

  private static let aggregates: [Function] = [
    Function("isSorted", on: list, returns: .bool, cost: .treeTraversal) { list, frame in
      var previous: Value?
      guard frame.spend(list.count) else { return frame.error(.stepLimit) }
      for element in list.elements {
        if let previous {
          guard let order = Equality.order(previous, element) else {
            return frame.error(.noSuchOverload, list)
          }
          if order == .greater { return .false }
        } else if Equality.order(element, element) == nil {
          return frame.error(.noSuchOverload, list)
        }
        previous = element
      }
      return .true
    },
    Function("sum", on: list, returns: element, cost: .treeTraversal) { list, frame in
      sum(list, frame)
    },
    Function("min", on: list, returns: element, cost: .treeTraversal) { list, frame in
      extreme(list, .greater, "min", frame)
    },
    Function("max", on: list, returns: element, cost: .treeTraversal) { list, frame in
      extreme(list, .less, "max", frame)
    },
  ]

  private static func sum(_ list: Value, _ frame: Frame) -> Value {
    guard var result = list.elements.first else { return .int(0) }
    guard frame.spend(list.count) else { return frame.error(.stepLimit) }
    guard [.int, .uint, .double].contains(result.kind) || result.isBox(.duration) else {
      return frame.error(.noSuchOverload, list)
    }
    for element in list.elements.dropFirst() {
      guard element.kind == result.kind, element.boxKind == result.boxKind else {
        return frame.error(.noSuchOverload, result, element)
      }
      switch result.kind {
      case .uint:
        let (sum, isOverflow) = result.payload.addingReportingOverflow(element.payload)
        if isOverflow { return frame.error(.uintOverflow) }
        result = .uint(sum)
      case .double: result = .double(result.doublePayload + element.doublePayload)
      default:
        let (sum, isOverflow) = result.intPayload.addingReportingOverflow(element.intPayload)
        if isOverflow { return frame.error(.intOverflow) }
        result.payload = UInt64(bitPattern: sum)
      }
    }
    return result
  }

  /// The element that no other replaces; one replaces those that stand to it in the given order.
  private static func extreme(
    _ list: Value, _ replaced: Numbers.Order, _ name: String, _ frame: Frame
  ) -> Value {
    guard var result = list.elements.first else {
      return frame.error("\(name) called on empty list")
    }
    guard frame.spend(list.count) else { return frame.error(.stepLimit) }
    if Equality.order(result, result) == nil { return frame.error(.noSuchOverload, list) }
    for element in list.elements.dropFirst() {
      guard let order = Equality.order(result, element) else {
        return frame.error(.noSuchOverload, result, element)
      }
      if order == replaced { result = element }
    }
    return result
  }

  private static let searches: [Function] = [
    Function("indexOf", on: list, element, returns: .int, cost: .treeTraversal) {
      list, element, frame in
      for (index, other) in list.elements.enumerated() {
        guard frame.spend(1) else { return frame.error(.stepLimit) }
        if Equality.areEqual(other, element, frame) { return .int(Int64(index)) }
      }
      return .int(-1)
    },
    Function("lastIndexOf", on: list, element, returns: .int, cost: .treeTraversal) {
      list, element, frame in
      for (index, other) in list.elements.enumerated().reversed() {
        guard frame.spend(1) else { return frame.error(.stepLimit) }
        if Equality.areEqual(other, element, frame) { return .int(Int64(index)) }
      }
      return .int(-1)
    },
    Function(
      "includes", on: list, element, returns: .bool, in: .all(kubernetesSince: 37),
      cost: .treeTraversal
    ) { list, element, frame in
      guard frame.spend(list.count) else { return frame.error(.stepLimit) }
      return .bool(list.elements.contains { Equality.areEqual($0, element, frame) })
    },
  ]
}

extension CostRule {
  /// Kubernetes' traversal of the first argument as a tree: a tenth of the bytes of strings, rounded
  /// down, and 1 for other scalars.
  static let treeTraversal = CostRule.custom { arguments, _ in traversal(of: arguments[0]) }

  private static func traversal(of value: Value) -> UInt64 {
    switch value.kind {
    case .string, .bytes: UInt64(Double(value.count) * 0.1)
    case .list: value.elements.reduce(0) { $0 + traversal(of: $1) }
    case .map: value.entries.reduce(0) { $0 + traversal(of: $1.key) + traversal(of: $1.value) }
    default: 1
    }
  }
}

extension Frame {
  /// A list of so many elements, made one by one.
  func list(count: Int, _ element: (Int) -> Value) -> Value {
    guard count > 0 else { return .emptyList }
    let memory = arena.allocate(byteCount: count * MemoryLayout<Value>.size)
      .assumingMemoryBound(to: Value.self)
    for index in 0..<count { memory[index] = element(index) }
    return .list(UnsafeBufferPointer(start: memory, count: count))
  }
}

// What the functions of the extension charge (cel-go 0.26, ext/lists.go): the call, the list that
// is made, and the work.
extension CostRule {
  private static let listBase: UInt64 = 11

  /// A list made of as many elements as the result has.
  fileprivate static let listOfResult = CostRule.custom { _, result in
    listBase &+ (result.isKind(.list) ? UInt64(result.count) : 1)
  }

  /// All elements once for each level that is flattened.
  fileprivate static let flattening = CostRule.custom { arguments, _ in
    let depth = arguments.count > 1 ? UInt64(clamping: arguments[1].intPayload) : 1
    return listBase &+ depth &* UInt64(arguments[0].count)
  }

  /// Each element with each other, twice; a tenth more for texts.
  fileprivate static let selfComparison = CostRule.custom { arguments, _ in
    let count = UInt64(arguments[0].count)
    let first = arguments[0].elements.first ?? .null
    let tenths: UInt64 = first.isString || first.isKind(.bytes) ? 21 : 20
    return listBase &+ count &* count &* tenths / 10
  }
}
