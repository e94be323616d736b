import Documents

/// The macros that a profile has.
struct MacroSet: OptionSet {
  let rawValue: Int

  static let twoVariables = MacroSet(rawValue: 1)
  static let bind = MacroSet(rawValue: 2)
  static let block = MacroSet(rawValue: 4)
  static let sortBy = MacroSet(rawValue: 8)

  init(rawValue: Int) { self.rawValue = rawValue }

  init(_ profile: Profile) {
    switch profile {
    case .spec: self = [.twoVariables, .bind, .block, .sortBy]
    case .kro: self = [.twoVariables, .bind, .sortBy]
    case .kubernetes:
      self = []
      if profile.has(since: 32) { insert(.twoVariables) }
      if profile.has(since: 34) { insert(.sortBy) }
    }
  }
}

// A macro is taken for one only when the number of arguments fits; else it is a call.
extension Parser {
  mutating func call(
    _ name: Value, on target: SyntaxTree.ID, _ arguments: [SyntaxTree.ID], start: Int32
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    if target < 0 {
      if name.isString("has"), arguments.count == 1 { return try has(arguments[0], start: start) }
    } else if let expanded = try macro(name, on: target, arguments, start: start) {
      return expanded
    }
    return try add(.call, from: start, a: target, list: arguments, value: name)
  }

  private mutating func has(
    _ argument: SyntaxTree.ID, start: Int32
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID {
    let node = tree[argument]
    guard node.kind == .select else {
      throw lexer.issue(
        "invalid argument to has() macro", tree.range(of: argument),
        help: "has() takes a selection: has(a.b); test a key with ''key' in a'")
    }
    return try add(.has, from: start, a: node.a, value: node.value)
  }

  private mutating func macro(
    _ name: Value, on target: SyntaxTree.ID, _ arguments: [SyntaxTree.ID], start: Int32
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID? {
    let receiver = tree[target]
    if receiver.kind == .identifier, receiver.value.isString("cel") {
      return try celMacro(name, arguments, start: start)
    }
    guard let (kind, variableCount) = comprehension(name, arguments.count) else { return nil }
    for argument in arguments.prefix(variableCount)
    where tree[argument].kind != .identifier || tree[argument].flag {
      throw lexer.issue(
        "argument must be a simple name", tree.range(of: argument),
        help: "the first argument of this macro names the variable for each element")
    }
    if variableCount == 2,
      tree[arguments[0]].value.hasSameBytes(as: tree[arguments[1]].value)
    {
      throw lexer.issue(
        "the two variables have the same name", tree.range(of: arguments[1]))
    }
    return try add(kind, from: start, list: [target] + arguments)
  }

  /// The macro of a name and a number of arguments, and how many of these are variables.
  private func comprehension(_ name: Value, _ count: Int) -> (SyntaxTree.Kind, Int)? {
    let hasTwo = macros.contains(.twoVariables)
    switch count {
    case 2:
      if name.isString("all") { return (.all, 1) }
      if name.isString("exists") { return (.exists, 1) }
      if name.isString("map") { return (.transform, 1) }
      if name.isString("filter") { return (.filter, 1) }
      if name.isString("exists_one") { return (.existsOne, 1) }
      if name.isString("existsOne"), macros.contains(.twoVariables) { return nil }
      if name.isString("optMap") { return (.optionalMap, 1) }
      if name.isString("optFlatMap") { return (.optionalFlatMap, 1) }
      if name.isString("sortBy"), macros.contains(.sortBy) { return (.sortBy, 1) }
    case 3:
      if name.isString("map") { return (.transform, 1) }
      guard hasTwo else { return nil }
      if name.isString("all") { return (.all2, 2) }
      if name.isString("exists") { return (.exists2, 2) }
      if name.isString("existsOne") || name.isString("exists_one") { return (.existsOne2, 2) }
      return transformation(name)
    case 4: return hasTwo ? transformation(name) : nil
    default: break
    }
    return nil
  }

  private func transformation(_ name: Value) -> (SyntaxTree.Kind, Int)? {
    if name.isString("transformList") { return (.transformList, 2) }
    if name.isString("transformMap") { return (.transformMap, 2) }
    if name.isString("transformMapEntry") { return (.transformMapEntry, 2) }
    return nil
  }

  private mutating func celMacro(
    _ name: Value, _ arguments: [SyntaxTree.ID], start: Int32
  ) throws(CompileFailure.Issue) -> SyntaxTree.ID? {
    if macros.contains(.bind), name.isString("bind"), arguments.count == 3 {
      guard tree[arguments[0]].kind == .identifier, !tree[arguments[0]].flag else {
        throw lexer.issue(
          "cel.bind() variable names must be simple identifiers", tree.range(of: arguments[0]))
      }
      return try add(.bind, from: start, list: arguments)
    }
    guard macros.contains(.block) else { return nil }
    if name.isString("block"), arguments.count == 2, tree[arguments[0]].kind == .list {
      let values = Array(tree.list(of: arguments[0]))
      return try add(.block, from: start, list: values.map { $0 < 0 ? ~$0 : $0 } + [arguments[1]])
    }
    let numbers = arguments.compactMap { tree[$0].kind == .literal ? tree[$0].value.asInt : nil }
    guard numbers.count == arguments.count, !numbers.isEmpty else { return nil }
    var prefix: String?
    if name.isString("index"), numbers.count == 1 { prefix = "@index" }
    if name.isString("iterVar"), numbers.count == 2 { prefix = "@it:\(numbers[0]):" }
    if name.isString("accuVar"), numbers.count == 2 { prefix = "@ac:\(numbers[0]):" }
    guard let prefix, let last = numbers.last else { return nil }
    return try add(.identifier, from: start, value: arena.string(prefix + "\(last)"))
  }
}
