/// A function that templates may call.
public struct GoFunction: Sendable {
  /// The Go type of a parameter: what may be given for it.
  public enum Parameter: UInt8, Sendable {
    /// Anything, also nil.
    case any = 0x61
    /// A string.
    case string = 0x73
    /// An `int`; a literal may be any whole number.
    case int = 0x69
    /// A `float64`; a literal may be any number.
    case float = 0x66
    /// A bool.
    case bool = 0x62
    /// A `map[string]interface {}`.
    case map = 0x6D
    /// A `[]interface {}`.
    case list = 0x6C
    /// A `[]string`.
    case strings = 0x53
    /// A `uint32`; a literal may be any whole number that fits.
    case uint32 = 0x75
    /// A `time.Time`.
    case time = 0x74
    /// A type that no value of a template has: every call fails.
    case never = 0x6E
  }

  /// The code: the values come in as many as the parameters ask for and of their types.
  public enum Body: Sendable {
    /// For one argument.
    case one(@Sendable (Execution, GoValue) throws -> GoValue)
    /// For two arguments.
    case two(@Sendable (Execution, GoValue, GoValue) throws -> GoValue)
    /// For any number of arguments.
    case many(@Sendable (Execution, [GoValue]) throws -> GoValue)
  }

  /// The name.
  public let name: String
  /// The parameters; the last may stand for any number of arguments.
  public let parameters: [Parameter]
  /// Whether the last parameter stands for any number of arguments.
  public let isVariadic: Bool
  /// The code.
  public let body: Body
  /// Whether every parameter is `any`, so that nothing is checked.
  let isUntyped: Bool

  init(_ name: String, _ signature: StaticString, _ body: Body) {
    var letters = signature.withUTF8Buffer { Array($0) }
    isVariadic = letters.last == 0x2A
    if isVariadic { letters.removeLast() }
    self.name = name
    parameters = letters.map { Parameter(rawValue: $0) ?? .any }
    isUntyped = parameters.allSatisfy { $0 == .any }
    self.body = body
  }
}

/// The functions that a set of templates may call, by name. Later additions replace earlier ones.
public struct FunctionTable: Sendable {
  private(set) var functions: [String: GoFunction] = [:]

  /// An empty table; see `FunctionTable.go`, `.sprig` and `.helm`.
  public init() {}

  /// The names, sorted.
  public var names: [String] { functions.keys.sorted() }

  /// The function of a name.
  public subscript(name: String) -> GoFunction? { functions[name] }

  /// Adds a function of any number of arguments.
  ///
  /// The signature has a letter a parameter: `a` any, `s` string, `i` int, `f` float64, `b` bool,
  /// `m` map, `l` list, `S` list of strings, `t` time; `*` at the end repeats the last.
  public mutating func add(
    _ name: String, _ signature: StaticString,
    _ body: @escaping @Sendable (Execution, [GoValue]) throws -> GoValue
  ) {
    functions[name] = GoFunction(name, signature, .many(body))
  }

  /// Adds a function of one argument; the signature has one letter.
  public mutating func add1(
    _ name: String, _ signature: StaticString,
    _ body: @escaping @Sendable (Execution, GoValue) throws -> GoValue
  ) {
    functions[name] = GoFunction(name, signature, .one(body))
  }

  /// Adds a function of two arguments; the signature has two letters.
  public mutating func add2(
    _ name: String, _ signature: StaticString,
    _ body: @escaping @Sendable (Execution, GoValue, GoValue) throws -> GoValue
  ) {
    functions[name] = GoFunction(name, signature, .two(body))
  }

  /// Gives a function a second name.
  mutating func alias(_ name: String, of original: String) {
    if let function = functions[original] { functions[name] = function.renamed(name) }
  }

  /// Takes a function over from another table.
  mutating func copy(_ name: String, from other: FunctionTable) {
    functions[name] = other.functions[name]
  }

  /// Takes functions away.
  mutating func remove(_ names: String...) {
    for name in names { functions[name] = nil }
  }
}

extension GoFunction {
  private init(name: String, like other: GoFunction) {
    self.name = name
    parameters = other.parameters
    isVariadic = other.isVariadic
    body = other.body
    isUntyped = other.isUntyped
  }

  func renamed(_ name: String) -> GoFunction { GoFunction(name: name, like: self) }
}

/// What a function throws when it cannot answer; the caller adds `error calling NAME:` and the place.
public struct FunctionError: Error, Sendable {
  /// The message as Go's function words it.
  public let message: String
  /// What kind of failure it is.
  public let kind: TemplateError.Kind

  /// A failure.
  public init(_ message: String, kind: TemplateError.Kind = .execution) {
    self.message = message
    self.kind = kind
  }
}
