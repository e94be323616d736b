import Diagnostics
import Documents

/// A function of which only the signature is known: for checks.
public struct FunctionDeclaration: Sendable {
  /// The name, `a.b` in a namespace.
  public var name: String
  /// Whether it is called as `receiver.name(…)`; the receiver is the first parameter.
  public var isMember: Bool
  /// The parameters' types.
  public var parameters: [CELType]
  /// The result's type; may use parameters of the parameters.
  public var result: CELType

  /// A signature.
  public init(name: String, isMember: Bool, parameters: [CELType], result: CELType) {
    self.name = name
    self.isMember = isMember
    self.parameters = parameters
    self.result = result
  }
}

/// Deduces types, and finds what can never work. Gradual: `dyn` fits everything.
///
/// It never changes a result, and reports each mistake once: what is wrong has the type `error`,
/// which fits everything. Unknown names are the planner's to report.
struct Checker {
  struct Local {
    let name: Value
    let type: CELType
  }

  let tree: SyntaxTree
  let resolver: Resolver
  let environment: CELEnvironment
  /// Whether unknown names and functions are reported too.
  let reportsNames: Bool
  var substitution = Substitution()
  var types: [CELType]
  var locals: [Local] = []
  var issues: [CompileFailure.Issue] = []
  /// The operators and calls with more than one overload that fits.
  var ambiguous: Set<SyntaxTree.ID> = []

  init(_ resolver: Resolver, reportsNames: Bool) {
    self.resolver = resolver
    tree = resolver.tree
    environment = resolver.environment
    self.reportsNames = reportsNames
    types = Array(repeating: .dyn, count: tree.nodes.count)
  }

  /// The type of the whole expression.
  mutating func run() -> CELType {
    let type = check(tree.root)
    if environment.profile.isKubernetes, issues.isEmpty { validateLiterals() }
    return substitution.resolved(type, isFinal: true)
  }

  // MARK: reporting

  mutating func report(_ id: SyntaxTree.ID, _ message: String, help: String? = nil) -> CELType {
    issues.append(
      CompileFailure.Issue(message: message, range: tree.range(of: id), help: help))
    return .error
  }

  func text(_ type: CELType) -> String {
    switch substitution.resolved(type, isFinal: true) {
    case .null: "null"
    case .type(.dyn): "type(dyn)"
    case let type: "\(type)"
    }
  }

  // MARK: nodes

  @discardableResult
  mutating func check(_ id: SyntaxTree.ID) -> CELType {
    let type = type(of: id)
    types[Int(id)] = type
    return type
  }

  private mutating func type(of id: SyntaxTree.ID) -> CELType {
    let node = tree[id]
    switch node.kind {
    case .literal: return literalType(node.value)
    case .identifier, .select, .index: return checkPath(id)
    case .has where resolver.dottedVariable(node.a, node.value) != nil: return .bool
    case .has:
      let operand = check(node.a)
      _ = selection(of: operand, node.value, id, isOptional: false)
      return .bool
    case .optionalSelect:
      return optional(selection(of: check(node.a), node.value, id, isOptional: true))
    case .optionalIndex:
      let operand = check(node.a)
      let key = check(node.b)
      // Of an operand that is not known, the element may be one of an optional or of a plain list or
      // map: two signatures fit, and what they give differs.
      if case .dyn = substitution.shallow(operand) { return .dyn }
      return optional(indexed(operand, key, id))
    case .call: return checkCall(id, node)
    case .list: return checkList(node)
    case .map: return checkMap(node)
    case .message:
      for item in tree.list(of: node) where item >= 0 { check(item) }
      return resolver.wellKnownMessage(node)?.type ?? .error
    case .conditional: return checkConditional(id, node)
    case .and, .or:
      for item in tree.list(of: node) { expectBool(item) }
      return .bool
    case .not: return operation(id, "!_", [check(node.a)], Operators.not)
    case .negate: return operation(id, "-_", [check(node.a)], Operators.negate)
    default:
      if node.kind == .equal || node.kind == .notEqual {
        let left = check(node.a)
        let right = check(node.b)
        // Whatever is compared with an unknown fits: nearly every comparison of a policy.
        if left == .dyn || right == .dyn { return .bool }
        return operation(
          id, node.kind == .equal ? "_==_" : "_!=_", [left, right], Operators.equality)
      }
      if let (name, overloads) = Operators.binary(node.kind, environment.profile) {
        return operation(id, name, [check(node.a), check(node.b)], overloads)
      }
      return checkMacro(id, node)
    }
  }

  private func literalType(_ value: Value) -> CELType {
    switch value.kind {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double: .double
    case .string: .string
    case .bytes: .bytes
    default: .dyn
    }
  }

  mutating func expectBool(_ id: SyntaxTree.ID) {
    let type = check(id)
    if !substitution.fit(type, into: .bool) {
      _ = report(id, "expected type 'bool' but found '\(text(type))'")
    }
  }

  private mutating func checkConditional(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> CELType {
    operation(
      id, "_?_:_", [check(node.a), check(node.b), check(node.c)], Operators.conditional)
  }

  // MARK: names and selections

  private mutating func checkPath(_ id: SyntaxTree.ID) -> CELType {
    let chain = resolver.chain(id)
    var used = 0
    var type: CELType
    let root = tree[chain.root]
    if root.kind == .identifier {
      (type, used) = nameType(root, chain.keys.prefix(chain.nameKeyCount), chain.root)
      if used == 0 { types[Int(chain.root)] = type }
    } else if chain.keys.isEmpty {
      let operand = check(root.a)
      let key = check(root.b)
      return indexed(operand, key, id)
    } else {
      type = check(chain.root)
    }
    for index in used..<chain.keys.count {
      let step = chain.nodes[index]
      if tree[step].kind == .select {
        type = selection(of: type, chain.keys[index], step, isOptional: false)
      } else {
        type = indexed(type, check(tree[step].b), step)
      }
      types[Int(step)] = type
    }
    return type
  }

  private mutating func nameType(
    _ root: SyntaxTree.Node, _ keys: ArraySlice<Value>, _ id: SyntaxTree.ID
  ) -> (CELType, Int) {
    if !root.flag || environment.profile.isKubernetes,
      let local = locals.last(where: { $0.name.hasSameBytes(as: root.value) }),
      !resolver.hidesLocal(root, keys)
    {
      return (local.type, 0)
    }
    if let (slot, used) = resolver.variable(root, keys) {
      return (environment.variables[slot].type, used)
    }
    if let (value, used) = resolver.typeValue(root, keys) {
      let isType = value.isBox(.type)
      let named = isType ? TypeText.type(value.typeNameValue.asString ?? "") : nil
      return (isType ? .type(named ?? .dyn) : .int, used)
    }
    if reportsNames {
      _ = report(
        id,
        "undeclared reference to '\(root.value.asString ?? "")' (in container '\(environment.container)')"
      )
    }
    return (.error, keys.count)
  }

  private func optional(_ type: CELType) -> CELType {
    if case .optional = substitution.shallow(type) { return type }
    return .optional(type)
  }

  /// The type of `operand.field`.
  private mutating func selection(
    of operand: CELType, _ field: Value, _ id: SyntaxTree.ID, isOptional: Bool
  ) -> CELType {
    switch substitution.shallow(operand) {
    case .dyn: return .dyn
    case .error: return .error
    case .parameter:
      _ = substitution.fit(.dyn, into: operand)
      return .dyn
    case .map(_, let value): return value
    case .optional(let content):
      return optional(selection(of: content, field, id, isOptional: true))
    case .object(let object):
      let name = field.asString ?? ""
      if let type = object.fields[name] { return type }
      let near = nearestName(to: name, in: object.fields.keys.sorted())
      return report(
        id, "undefined field '\(name)'", help: near.map { "did you mean '\($0)'?" })
    case let type:
      return report(id, "type '\(text(type))' does not support field selection")
    }
  }

  /// The type of `operand[key]`.
  private mutating func indexed(
    _ operand: CELType, _ key: CELType, _ id: SyntaxTree.ID
  ) -> CELType {
    switch substitution.shallow(operand) {
    case .optional(let content):
      if case .dyn = substitution.shallow(content) { return element(ofUnknown: key) }
      return optional(indexed(content, key, id))
    case .object(let object):
      // Types with known fields are maps at run time, but the cluster refuses to index them.
      _ = object
      return report(
        id, "found no matching overload for '_[_]' applied to '(\(text(operand)), \(text(key)))'")
    case .dyn: return .dyn
    default: return operation(id, "_[_]", [operand, key], Operators.index)
    }
  }

  /// What an optional of unknown content gives for a key: an optional of whatever is asked of it later
  /// (`.orValue('')` makes it a string), unless the key fits lists as well as maps.
  private mutating func element(ofUnknown key: CELType) -> CELType {
    switch substitution.shallow(key) {
    case .dyn, .int, .error, .parameter: .dyn
    default: .optional(substitution.fresh())
    }
  }

  // MARK: calls

  /// One signature of a function or operator.
  struct Signature: Sendable {
    let parameters: [CELType]
    let result: CELType
    let isGeneric: Bool

    init(parameters: [CELType], result: CELType) {
      self.parameters = parameters
      self.result = result
      isGeneric = result.isGeneric || parameters.contains(where: \.isGeneric)
    }
  }

  private mutating func checkCall(_ id: SyntaxTree.ID, _ node: SyntaxTree.Node) -> CELType {
    let target = resolver.target(node)
    let arguments = target.arguments.map { check($0) }
    let name = target.name.asString ?? ""
    let signatures = environment.signatures(
      target.name, isMember: target.isMember, count: arguments.count)
    if signatures.isEmpty {
      guard environment.hasFunction(target.name, isMember: target.isMember) else {
        if reportsNames {
          _ = report(
            id, "undeclared reference to '\(name)' (in container '\(environment.container)')")
        }
        return .error
      }
    }
    return operation(id, name, arguments, signatures, isMember: target.isMember)
  }

  /// The type of a call: the result of the signatures that fit, `dyn` when they differ.
  mutating func operation(
    _ id: SyntaxTree.ID, _ name: String, _ arguments: [CELType], _ signatures: [Signature],
    isMember: Bool = false
  ) -> CELType {
    var result: CELType?
    for signature in signatures {
      let own: CELType
      if signature.isGeneric {
        let types = substitution.instantiated(signature.parameters + [signature.result])
        guard substitution.fit(arguments, into: Array(types.dropLast())) else { continue }
        own = substitution.resolved(types[types.count - 1])
      } else {
        guard substitution.fit(arguments, into: signature.parameters) else { continue }
        own = signature.result
      }
      if result != nil { ambiguous.insert(id) }
      if result == nil {
        result = own
      } else if let known = result, !known.isDynamic, known != own {
        result = .dyn
      }
    }
    if let result { return result }
    if arguments.contains(.error) { return .error }
    let applied =
      isMember
      ? "\(text(arguments[0])).(\(arguments.dropFirst().map(text).joined(separator: ", ")))"
      : "(\(arguments.map(text).joined(separator: ", ")))"
    return report(id, "found no matching overload for '\(name)' applied to '\(applied)'")
  }
}

extension CELEnvironment {
  /// An environment that also knows functions by signature only (a call of one fails at run time),
  /// and that need not check types.
  public init(
    profile: Profile, variables: [Variable], container: String = "",
    declaring declarations: [FunctionDeclaration], checksTypes: Bool = true
  ) {
    self.init(profile: profile, variables: variables, container: container)
    self.declarations = declarations
    self.checksTypes = checksTypes && profile != .spec
  }

  /// The type of an expression, or what is wrong with it.
  public func check(_ source: String) -> Result<CELType, CompileFailure> {
    let arena = Arena(firstChunkByteCount: 1024)
    var source = source
    let bytes = source.withUTF8 { arena.string($0) }.utf8
    return parsing(bytes, into: arena) { tree in
      var checker = Checker(
        Resolver(tree: tree, environment: self, arena: arena), reportsNames: true)
      let type = checker.run()
      return checker.issues.isEmpty
        ? .success(type) : .failure(CompileFailure(issues: checker.issues))
    }
  }

  func hasFunction(_ name: Value, isMember: Bool) -> Bool {
    functions.has(name, isMember: isMember)
      || !declarations.isEmpty
        && declarations.contains { $0.isMember == isMember && $0.name == name.asString }
  }

  func signatures(_ name: Value, isMember: Bool, count: Int) -> [Checker.Signature] {
    let known = functions.signatures(name, isMember: isMember, count: count)
    if declarations.isEmpty { return known }
    return known
      + declarations.filter {
        $0.isMember == isMember && $0.parameters.count == count && $0.name == name.asString
      }.map { Checker.Signature(parameters: $0.parameters, result: $0.result) }
  }
}
