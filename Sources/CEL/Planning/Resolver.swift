import Documents

/// Finds what names stand for: variables, types, functions, messages.
struct Resolver {
  let tree: SyntaxTree
  let environment: CELEnvironment
  let arena: Arena

  /// A chain of selections and constant indices: what it starts from, and the keys below that.
  struct Chain {
    var root: SyntaxTree.ID
    /// Outermost first.
    var keys: [Value] = []
    /// The node of each key.
    var nodes: [SyntaxTree.ID] = []
    /// How many keys may belong to a dotted name.
    var nameKeyCount = 0
  }

  func chain(_ id: SyntaxTree.ID) -> Chain {
    var result = Chain(root: id)
    var current = id
    while true {
      let node = tree[current]
      if node.kind == .select {
        result.keys.append(node.value)
        result.nameKeyCount = node.flag ? 0 : result.nameKeyCount + 1
      } else if node.kind == .index, let key = constantKey(node.b) {
        result.keys.append(key)
        result.nameKeyCount = 0
      } else {
        break
      }
      result.nodes.append(current)
      current = node.a
    }
    result.root = current
    result.keys.reverse()
    result.nodes.reverse()
    return result
  }

  private func constantKey(_ id: SyntaxTree.ID) -> Value? {
    let node = tree[id]
    return node.kind == .literal && (node.value.isString || node.value.isKind(.int))
      ? node.value : nil
  }

  // MARK: names

  /// The slot of the variable with the longest name that fits, and how many keys the name took.
  func variable(_ root: SyntaxTree.Node, _ keys: ArraySlice<Value>) -> (slot: Int, used: Int)? {
    let names = environment.names
    if !names.hasDotted, environment.container.isEmpty || root.flag {
      return names.slots[root.value].map { ($0, 0) }
    }
    return lookup(root, keys) { names.slots[$0] }.map { ($0.0, $0.1) }
  }

  /// The slot of the variable whose whole name is the operand and the key of `has(operand.key)`.
  func dottedVariable(_ operand: SyntaxTree.ID, _ key: Value) -> Int? {
    guard environment.names.hasDotted else { return nil }
    let chain = chain(operand)
    let root = tree[chain.root]
    guard root.kind == .identifier, chain.nameKeyCount == chain.keys.count,
      let (slot, used) = variable(root, (chain.keys + [key])[...]), used == chain.keys.count + 1
    else { return nil }
    return slot
  }

  /// Whether a variable hides a loop variable of the same name: in Kubernetes' cel-go, a dotted
  /// name and one in the container do.
  func hidesLocal(_ root: SyntaxTree.Node, _ keys: ArraySlice<Value>) -> Bool {
    let names = environment.names
    guard environment.profile.isKubernetes, names.hasDotted || !environment.container.isEmpty,
      let (slot, used) = variable(root, keys)
    else { return false }
    return used > 0 || environment.variables[slot].name != root.value.asString
  }

  /// The type, or the one enum constant there is, that a name stands for.
  func typeValue(_ root: SyntaxTree.Node, _ keys: ArraySlice<Value>) -> (value: Value, used: Int)? {
    lookup(root, keys) {
      TypeValues.named($0) ?? ($0.isString("google.protobuf.NullValue.NULL_VALUE") ? .null : nil)
    }.map { ($0.0, $0.1) }
  }

  private func lookup<T>(
    _ root: SyntaxTree.Node, _ keys: ArraySlice<Value>, _ find: (Value) -> T?
  ) -> (T, Int)? {
    for used in stride(from: keys.count, through: 0, by: -1) {
      var name = Array(root.value.utf8)
      for key in keys.prefix(used) {
        name.append(UInt8(ascii: "."))
        name += key.utf8
      }
      for candidate in candidates(name, isRooted: root.flag) {
        if let found = find(candidate) { return (found, used) }
      }
    }
    return nil
  }

  /// The name in the container, in its parents, and by itself.
  func candidates(_ name: [UInt8], isRooted: Bool) -> [Value] {
    var result: [Value] = []
    if !isRooted, !environment.container.isEmpty {
      var prefix = Array(environment.container.utf8)[...]
      while !prefix.isEmpty {
        result.append(arena.string(prefix + [UInt8(ascii: ".")] + name))
        prefix = prefix.prefix(upTo: prefix.lastIndex(of: UInt8(ascii: ".")) ?? prefix.startIndex)
      }
    }
    result.append(arena.string(name))
    return result
  }

  // MARK: functions and messages

  /// What a call calls.
  struct Target {
    var name: Value
    var isMember: Bool
    /// The arguments, a method's receiver first.
    var arguments: [SyntaxTree.ID]
  }

  func target(_ node: SyntaxTree.Node) -> Target {
    let arguments = Array(tree.list(of: node))
    if node.a >= 0 {
      if let name = namespacedFunction(node) {
        return Target(name: name, isMember: false, arguments: arguments)
      }
      return Target(name: node.value, isMember: true, arguments: [node.a] + arguments)
    }
    if !environment.container.isEmpty {
      for name in candidates(Array(node.value.utf8), isRooted: false)
      where environment.hasFunction(name, isMember: false) {
        return Target(name: name, isMember: false, arguments: arguments)
      }
    }
    return Target(name: node.value, isMember: false, arguments: arguments)
  }

  /// `math.abs` of `math.abs(x)`, when there is such a function.
  private func namespacedFunction(_ node: SyntaxTree.Node) -> Value? {
    var parts = [node.value]
    var target = tree[node.a]
    while target.kind == .select, !target.flag {
      parts.append(target.value)
      target = tree[target.a]
    }
    guard target.kind == .identifier, parts.count < 5 else { return nil }
    var name = Array(target.value.utf8)
    for part in parts.reversed() {
      name.append(UInt8(ascii: "."))
      name += part.utf8
    }
    if environment.container.isEmpty {
      // Nearly every call is a method on a variable: look before copying the name.
      let known = name.withUnsafeBufferPointer { bytes -> Bool in
        guard let start = bytes.baseAddress else { return false }
        return environment.hasFunction(
          .string(at: start, count: bytes.count, isASCII: isAllASCII(start, bytes.count)),
          isMember: false)
      }
      return known ? arena.string(name) : nil
    }
    return candidates(name, isRooted: target.flag)
      .first { environment.hasFunction($0, isMember: false) }
  }

  /// The message that a construction names.
  func wellKnownMessage(_ node: SyntaxTree.Node) -> WellKnownMessage? {
    var name = Array(node.value.utf8)
    let isRooted = name.first == UInt8(ascii: ".")
    if isRooted { name.removeFirst() }
    for candidate in candidates(name, isRooted: isRooted) {
      if let message = WellKnownMessage(rawValue: candidate.asString ?? "") { return message }
    }
    return nil
  }
}
