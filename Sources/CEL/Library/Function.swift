import Documents

/// One overload of a CEL function. Adding a function to the language is adding one of these to a
/// list in this folder:
///
///     Function("startsWith", on: .string, .string, returns: .bool, cost: .traversal(of: 1)) {
///       text, prefix, frame in
///       .bool(text.utf8.starts(with: prefix.utf8))
///     }
///
/// The body is called only with arguments of the declared kinds, and never with errors. It returns
/// an error by `frame.error("message")`; the call adds the place. Memory for results comes from
/// `frame.arena`. A body must be pure, must not recurse without a bound, and must check arithmetic;
/// one that takes more than a few steps an argument takes them with `frame.spend(count)`.
final class Function: Sendable {
  typealias One = @Sendable (Value, Frame) -> Value
  typealias Two = @Sendable (Value, Value, Frame) -> Value
  typealias Many = @Sendable (UnsafeBufferPointer<Value>, Frame) -> Value

  /// What a call runs.
  enum Body: Sendable {
    case one(One)
    case two(Two)
    case many(Many)
  }

  /// The name; `math.abs` for a function in a namespace.
  let name: String
  /// Whether it is called as `receiver.name(…)`; the receiver is the first parameter.
  let isMember: Bool
  let parameters: [CELType]
  let result: CELType
  let availability: Availability
  let cost: CostRule
  let body: Body
  /// A body for a call some of whose arguments are constants (nil: not constant): a pattern is
  /// compiled once. Nil when the constants do not help; an error message is found by `body`.
  let prepare: (@Sendable ([Value?]) -> Body?)?
  /// The kinds of each parameter.
  let kinds: [KindSet]
  /// The kinds of the first and of the second, again: calls look at them at every step.
  let firstKinds: KindSet
  let secondKinds: KindSet

  private init(
    _ name: String, isMember: Bool, _ parameters: [CELType], returns result: CELType,
    in availability: Availability, cost: CostRule,
    prepare: (@Sendable ([Value?]) -> Body?)?, body: Body
  ) {
    self.name = name
    self.isMember = isMember
    self.parameters = parameters
    self.result = result
    self.availability = availability
    self.cost = cost
    self.prepare = prepare
    self.body = body
    let kinds = parameters.map(KindSet.init)
    self.kinds = kinds
    firstKinds = kinds.first ?? .anything
    secondKinds = kinds.count > 1 ? kinds[1] : .anything
  }

  /// A global function without arguments, or with more than two.
  convenience init(
    _ name: String, _ parameters: [CELType], returns result: CELType,
    in availability: Availability = .everywhere, cost: CostRule = .one,
    prepare: (@Sendable ([Value?]) -> Body?)? = nil, _ body: @escaping Many
  ) {
    self.init(
      name, isMember: false, parameters, returns: result, in: availability, cost: cost,
      prepare: prepare, body: .many(body))
  }

  /// A global function of one argument.
  convenience init(
    _ name: String, _ parameter: CELType, returns result: CELType,
    in availability: Availability = .everywhere, cost: CostRule = .one,
    prepare: (@Sendable ([Value?]) -> Body?)? = nil, _ body: @escaping One
  ) {
    self.init(
      name, isMember: false, [parameter], returns: result, in: availability, cost: cost,
      prepare: prepare, body: .one(body))
  }

  /// A global function of two arguments.
  convenience init(
    _ name: String, _ first: CELType, _ second: CELType, returns result: CELType,
    in availability: Availability = .everywhere, cost: CostRule = .one,
    prepare: (@Sendable ([Value?]) -> Body?)? = nil, _ body: @escaping Two
  ) {
    self.init(
      name, isMember: false, [first, second], returns: result, in: availability, cost: cost,
      prepare: prepare, body: .two(body))
  }

  /// A method without arguments.
  convenience init(
    _ name: String, on receiver: CELType, returns result: CELType,
    in availability: Availability = .everywhere, cost: CostRule = .one,
    prepare: (@Sendable ([Value?]) -> Body?)? = nil, _ body: @escaping One
  ) {
    self.init(
      name, isMember: true, [receiver], returns: result, in: availability, cost: cost,
      prepare: prepare, body: .one(body))
  }

  /// A method of one argument.
  convenience init(
    _ name: String, on receiver: CELType, _ parameter: CELType, returns result: CELType,
    in availability: Availability = .everywhere, cost: CostRule = .one,
    prepare: (@Sendable ([Value?]) -> Body?)? = nil, _ body: @escaping Two
  ) {
    self.init(
      name, isMember: true, [receiver, parameter], returns: result, in: availability, cost: cost,
      prepare: prepare, body: .two(body))
  }

  /// A method of several arguments.
  convenience init(
    _ name: String, on receiver: CELType, _ parameters: [CELType], returns result: CELType,
    in availability: Availability = .everywhere, cost: CostRule = .one,
    prepare: (@Sendable ([Value?]) -> Body?)? = nil, _ body: @escaping Many
  ) {
    self.init(
      name, isMember: true, [receiver] + parameters, returns: result, in: availability, cost: cost,
      prepare: prepare, body: .many(body))
  }

  /// Whether the arguments are of the declared kinds.
  @inline(__always)
  func accepts(_ arguments: UnsafeBufferPointer<Value>) -> Bool {
    for index in 0..<arguments.count where !kinds[index].contains(arguments[index]) { return false }
    return true
  }
}

/// The profiles and versions in which a function exists.
struct Availability: Sendable {
  var inSpec: Bool
  var inKro: Bool
  /// Minor versions of Kubernetes' CEL environment (a cluster's own minor version less one);
  /// nil: never there.
  var kubernetes: Range<Int>?
  /// Whether it is in Kubernetes' dialect as repository policies have it, in every version.
  var inRepository = false

  static let everywhere = Availability(inSpec: true, inKro: true, kubernetes: 0..<1000)
  /// In the specification's extensions and in kro.
  static let specAndKro = Availability(inSpec: true, inKro: true, kubernetes: nil)
  static let specOnly = Availability(inSpec: true, inKro: false, kubernetes: nil)
  static let repositoryOnly = Availability(
    inSpec: false, inKro: false, kubernetes: nil, inRepository: true)
  static let kroOnly = Availability(inSpec: false, inKro: true, kubernetes: nil)

  /// In kro and in Kubernetes from an environment version on.
  static func kubernetes(since minor: Int, inKro: Bool = true, inSpec: Bool = true) -> Availability
  {
    Availability(inSpec: inSpec, inKro: inKro, kubernetes: minor..<1000)
  }

  /// In the specification, kro, and Kubernetes from an environment version on.
  static func all(kubernetesSince minor: Int) -> Availability {
    Availability(inSpec: true, inKro: true, kubernetes: minor..<1000)
  }

  func includes(_ profile: Profile) -> Bool {
    switch profile {
    case .spec: inSpec
    case .kro: inKro
    case .kubernetes(let minor, let isInRepository):
      kubernetes?.contains(minor - 1) ?? (isInRepository && inRepository)
    }
  }
}

/// What a call costs beside its arguments, in the units of Kubernetes' runtime cost.
enum CostRule: Sendable {
  /// Nothing.
  case free
  /// One unit.
  case one
  /// A tenth of the code points (or bytes) of the argument at the index, rounded up; of a list,
  /// one for each element. An empty one costs nothing.
  case traversal(of: Int)
  /// Any function of arguments and result.
  case custom(@Sendable (UnsafeBufferPointer<Value>, Value) -> UInt64)
}

/// A set of kinds of values: one bit for each kind and each kind of box.
struct KindSet: Sendable, Equatable {
  var bits: UInt64

  init(_ type: CELType) {
    bits =
      switch type {
      case .dyn, .parameter, .error: ~Self.bit(.absent) & ~Self.bit(.error)
      case .null: Self.bit(.null)
      case .bool: Self.bit(.bool)
      case .int: Self.bit(.int)
      case .uint: Self.bit(.uint)
      case .double: Self.bit(.double)
      case .string: Self.bit(.string)
      case .bytes: Self.bit(.bytes)
      case .list: Self.bit(.list)
      case .map, .object: Self.bit(.map)
      case .timestamp: Self.bit(.timestamp)
      case .duration: Self.bit(.duration)
      case .optional: Self.bit(.optional)
      case .type: Self.bit(.type)
      case .wrapper(let type): KindSet(type).bits | Self.bit(.null)
      case .opaque(let name, _):
        BoxKind.allCases.reduce(0) { $1.typeName.description == name ? $0 | Self.bit($1) : $0 }
      }
  }

  static let anything = KindSet(.dyn)

  private static func bit(_ kind: Value.Kind) -> UInt64 { 1 << UInt64(kind.rawValue) }
  private static func bit(_ box: BoxKind) -> UInt64 { 1 << UInt64(16 + box.rawValue) }

  @inline(__always)
  func contains(_ value: Value) -> Bool {
    let kind = (value.meta >> 32) & 0xFF
    let bit = kind == UInt64(Value.Kind.box.rawValue) ? 16 &+ (value.meta & 0xF) : kind
    return bits & (1 &<< bit) != 0
  }
}
