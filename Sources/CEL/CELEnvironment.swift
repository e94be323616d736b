import Documents

/// Which dialect of CEL an expression is in: its functions, its checks, its corner cases.
public enum Profile: Hashable, Sendable {
  /// The CEL specification with all standard extensions, as its conformance suite has it.
  case spec
  /// kro's templates: nearly the specification, with Kubernetes' libraries and kro's own.
  case kro
  /// ValidatingAdmissionPolicy of Kubernetes 1.`minor`, for an expression that is new there: a
  /// function may be used one minor version after it was introduced (apiserver, cel/environment).
  ///
  /// With `inRepository`, also what is known of a whole repository and of no single request: the
  /// functions that Pave's own RepositoryPolicy has beyond a cluster's policies.
  case kubernetes(minor: Int, inRepository: Bool = false)

  var isKubernetes: Bool {
    if case .kubernetes = self { return true }
    return false
  }

  /// Whether this is Kubernetes with an environment of at least the given minor version.
  func has(since minor: Int) -> Bool {
    if case .kubernetes(let own, _) = self { return minor <= own - 1 }
    return false
  }
}

/// A variable that expressions may use.
public struct Variable: Sendable {
  /// The name; it may be dotted (`variables.x`): the longest name that fits wins.
  public var name: String
  /// What the checker knows about it.
  public var type: CELType

  /// A variable of a name and a type; without one, of anything.
  public init(_ name: String, type: CELType = .dyn) {
    self.name = name
    self.type = type
  }
}

/// Why an expression cannot be used.
public struct CompileFailure: Error, Sendable {
  /// One mistake.
  public struct Issue: Error, Sendable {
    /// What is wrong, in lower case.
    public var message: String
    /// Where: UTF-8 byte offsets into the source.
    public var range: Range<Int>
    /// The way out, if one is known.
    public var help: String?

    /// An issue at a range of the source.
    public init(message: String, range: Range<Int>, help: String? = nil) {
      self.message = message
      self.range = range
      self.help = help
    }
  }

  /// All that was found, in the order of the source.
  public var issues: [Issue]
}

/// The names and functions that expressions can use, and the compiler for them.
public struct CELEnvironment: Sendable {
  /// The dialect.
  public let profile: Profile
  private let bindsNames: Bool
  /// The variables; a variable's slot is its index here.
  public let variables: [Variable]
  /// The namespace in which names are looked up first: with `a.b`, `x` means `a.b.x`, `a.x`, `x`.
  public let container: String
  let names: VariableNames
  let functions: FunctionTable
  var declarations: [FunctionDeclaration] = []
  var checksTypes: Bool

  /// An environment of a dialect and variables.
  ///
  /// `bindsNames`: the macro `cel.bind` is there in any profile, as in Kubernetes' selectors of devices.
  public init(
    profile: Profile, variables: [Variable], container: String = "", bindsNames: Bool = false
  ) {
    self.bindsNames = bindsNames
    self.profile = profile
    self.variables = variables
    self.container = container
    names = VariableNames(variables)
    functions = FunctionTable.of(profile)
    checksTypes = profile != .spec
  }

  /// A program that evaluates the expression, or what is wrong with it.
  ///
  /// In the profile `spec`, unknown names and functions are errors of evaluation, as in an engine
  /// without a checker; in the others they are issues.
  public func compile(_ source: String) -> Result<Program, CompileFailure> {
    let arena = Arena(firstChunkByteCount: 1024)
    var source = source
    source.makeContiguousUTF8()
    let bytes = source.withUTF8 { arena.string($0) }.utf8
    let text = source
    return parsing(bytes, into: arena) { tree in
      var planner = Planner(tree: tree, environment: self, arena: arena)
      let root = planner.plan(tree.root)
      if checksTypes { planner.check() }
      guard planner.issues.isEmpty else {
        return .failure(CompileFailure(issues: planner.sortedIssues))
      }
      return .success(Program(source: text, root: root, planner: planner, arena: arena))
    }
  }

  /// Parses and goes on with the tree, with stack enough for both.
  func parsing<T>(
    _ bytes: UnsafeBufferPointer<UInt8>, into arena: Arena,
    _ body: (SyntaxTree) -> Result<T, CompileFailure>
  ) -> Result<T, CompileFailure> {
    let depth = LargeStack.depth(of: bytes)
    return LargeStack.run(depth: depth) {
      var parser = Parser(bytes, arena: arena, profile: profile)
      if bindsNames { parser.macros.insert(.bind) }
      let tree: SyntaxTree
      do throws(CompileFailure.Issue) {
        tree = try parser.parse()
      } catch {
        return .failure(CompileFailure(issues: [error]))
      }
      let isLarge = depth > LargeStack.ordinaryDepth
      return LargeStack.run(depth: isLarge ? 0 : tree.height) { body(tree) }
    }
  }
}

/// The variables' names, ready to be looked up by bytes.
struct VariableNames: @unchecked Sendable {
  private let arena = Arena(firstChunkByteCount: 512)
  /// Slot by name.
  private(set) var slots = NameTable<Int>()
  /// The names by slot.
  private(set) var values: [Value] = []
  /// Whether any name is dotted.
  private(set) var hasDotted = false

  init(_ variables: [Variable]) {
    for (slot, variable) in variables.enumerated() {
      let name = arena.string(variable.name)
      slots[name] = slot
      values.append(name)
      if variable.name.utf8.contains(UInt8(ascii: ".")) { hasDotted = true }
    }
  }
}
