/// An argument of a command.
class Operand {
  let source: Source
  let offset: Int

  init(_ source: Source, _ offset: Int) {
    self.source = source
    self.offset = offset
  }

  /// As the template says it, for messages.
  var text: String { "" }
  /// Whether nothing may follow it with a point, and no pipe may lead into it.
  var isConstant: Bool { false }

  /// The value as an argument.
  func value(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> GoValue { .invalid }

  /// The value as a parameter of a type (`evalArg`): literals fit themselves to it.
  func value(
    as type: GoFunction.Parameter, _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    try checked(try value(execution, dot, slots), type)
  }

  /// The value as the first word of a command with arguments, and what comes through the pipe.
  func call(
    _ command: Command, _ final: GoValue?, _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    if !command.arguments.isEmpty || final != nil {
      throw fail("can't give argument to non-function \(text)")
    }
    return try value(execution, dot, slots)
  }

  func fail(_ message: String) -> any Error {
    placed(FunctionError(message), source, offset, text)
  }

  /// `validateType`.
  @inline(__always)
  func checked(_ value: GoValue, _ type: GoFunction.Parameter) throws -> GoValue {
    do { return try fitted(value, type) } catch { throw placed(error, source, offset, text) }
  }
}

/// The value if Go may assign it to a parameter of the type (`text/template`'s `validateType`).
func fitted(_ value: GoValue, _ type: GoFunction.Parameter) throws -> GoValue {
  switch (type, value) {
  case (.any, .invalid): return .null
  case (.any, _): return value
  case (.string, .string), (.int, .int), (.float, .float), (.bool, .bool): return value
  case (.map, .map(let map)) where map.type != .string: return value
  case (.list, .list(let list)) where list.type == .any: return value
  case (.strings, .list(let list)) where list.type == .string: return value
  case (.map, .invalid), (.list, .invalid), (.strings, .invalid): return .null
  case (.map, .object(let object)) where object.underlying?.asMap != nil:
    return object.underlying ?? .null
  case (.time, .object(let object)) where object is GoTime: return value
  case (_, .invalid): throw FunctionError("invalid value; expected \(type.goName)")
  default:
    throw FunctionError(
      "wrong type for value; expected \(type.goName); got \(typeName(value, ofNil: "interface {}"))"
    )
  }
}

extension GoFunction.Parameter {
  var goName: String {
    switch self {
    case .any: "interface {}"
    case .string: "string"
    case .int: "int"
    case .float: "float64"
    case .bool: "bool"
    case .map: "map[string]interface {}"
    case .list: "[]interface {}"
    case .strings: "[]string"
    case .uint32: "uint32"
    case .time: "time.Time"
    case .never: "sprig.HashAlgorithm"
    }
  }
}

final class DotOperand: Operand {
  override var text: String { "." }
  override var isConstant: Bool { true }
  override func value(_ execution: Execution, _ dot: GoValue, _ slots: Slots) -> GoValue { dot }
}

final class NilOperand: Operand {
  override var text: String { "nil" }
  override var isConstant: Bool { true }

  override func value(
    as type: GoFunction.Parameter, _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    switch type {
    case .any, .map, .list, .strings: return .null
    default: throw fail("cannot assign nil to \(type.goName)")
    }
  }

  override func value(_ execution: Execution, _ dot: GoValue, _ slots: Slots) -> GoValue { .null }

  override func call(
    _ command: Command, _ final: GoValue?, _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    throw fail("nil is not a command")
  }
}

/// A bool or a string.
final class ConstantOperand: Operand {
  let constant: GoValue
  private let written: String

  init(_ constant: GoValue, _ written: String, _ source: Source, _ offset: Int) {
    self.constant = constant
    self.written = written
    super.init(source, offset)
  }

  override var text: String { written }
  override var isConstant: Bool { true }
  override func value(_ execution: Execution, _ dot: GoValue, _ slots: Slots) -> GoValue {
    constant
  }

  override func value(
    as type: GoFunction.Parameter, _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    switch (type, constant) {
    case (.any, _), (.string, .string), (.bool, .bool): return constant
    default: throw fail("expected \(type.literalName); found \(written)")
    }
  }
}

extension GoFunction.Parameter {
  fileprivate var literalName: String {
    switch self {
    case .bool: "bool"
    case .string: "string"
    case .int: "integer"
    case .uint32: "unsigned integer"
    case .float: "float"
    default: goName
    }
  }
}

final class NumberOperand: Operand {
  private let number: NumberConstant
  private let written: String
  private let ideal: GoValue?

  init(_ number: NumberConstant, _ written: String, _ source: Source, _ offset: Int) {
    self.number = number
    self.written = written
    ideal = number.ideal
    super.init(source, offset)
  }

  override var text: String { written }
  override var isConstant: Bool { true }

  override func value(
    _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    guard let ideal else { throw fail("\(written) overflows int") }
    return ideal
  }

  override func value(
    as type: GoFunction.Parameter, _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    switch type {
    case .any: return try value(execution, dot, slots)
    case .int: if let int = number.int { return .int(Int(int)) }
    case .uint32: if let int = number.int, (0...0xFFFF_FFFF).contains(int) { return .int(Int(int)) }
    case .float: if let float = number.float { return .float(float) }
    default: break
    }
    throw fail("expected \(type.literalName); found \(written)")
  }
}

/// `$x.a.b`
final class VariableOperand: Operand {
  let name: String
  let slot: Int?
  let names: [[UInt8]]
  private let chain: FieldChain

  init(
    _ name: String, _ slot: Int?, _ names: [[UInt8]], _ options: TemplateSet.Options,
    _ source: Source, _ offset: Int
  ) {
    self.name = name
    self.slot = slot
    self.names = names
    chain = FieldChain(names, options)
    super.init(source, offset)
  }

  override var text: String { name + chain.text }

  override func value(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> GoValue {
    guard let slot else { throw fail("undefined variable: \(name)") }
    let value = slots[slot]
    if names.isEmpty { return value }
    return try chain.value(of: value, self, execution)
  }

  override func call(
    _ command: Command, _ final: GoValue?, _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    guard !command.arguments.isEmpty || final != nil else {
      return try value(execution, dot, slots)
    }
    guard let slot else { throw fail("undefined variable: \(name)") }
    if names.isEmpty { throw fail("can't give argument to non-function \(name)") }
    return try chain.call(slots[slot], self, command, final, execution, dot, slots)
  }
}

/// `.a.b`
final class FieldOperand: Operand {
  let names: [[UInt8]]
  private let chain: FieldChain

  init(_ names: [[UInt8]], _ options: TemplateSet.Options, _ source: Source, _ offset: Int) {
    self.names = names
    chain = FieldChain(names, options)
    super.init(source, offset)
  }

  override var text: String { chain.text }

  override func value(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> GoValue {
    try chain.value(of: dot, self, execution)
  }

  override func call(
    _ command: Command, _ final: GoValue?, _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    try chain.call(dot, self, command, final, execution, dot, slots)
  }
}

/// `(pipeline).a.b`
final class ChainOperand: Operand {
  private let base: Operand
  private let chain: FieldChain

  init(
    _ base: Operand, _ names: [[UInt8]], _ options: TemplateSet.Options, _ source: Source,
    _ offset: Int
  ) {
    self.base = base
    chain = FieldChain(names, options)
    super.init(source, offset)
  }

  override var text: String {
    (base is PipelineOperand ? "(\(base.text))" : base.text) + chain.text
  }

  override func value(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> GoValue {
    try chain.value(of: try base.value(execution, dot, slots), self, execution)
  }

  override func call(
    _ command: Command, _ final: GoValue?, _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    let receiver = try base.value(execution, dot, slots)
    return try chain.call(receiver, self, command, final, execution, dot, slots)
  }
}

/// `(pipeline)`
final class PipelineOperand: Operand {
  private let pipe: Pipeline

  init(_ pipe: Pipeline, _ source: Source, _ offset: Int) {
    self.pipe = pipe
    super.init(source, offset)
  }

  override var text: String { pipe.text }

  override func value(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> GoValue {
    try pipe.value(execution, dot, slots)
  }
}

/// A function, called with no arguments where it stands as an argument.
final class FunctionOperand: Operand {
  let function: GoFunction
  private let junction: Junction?

  /// `and` and `or` evaluate no more than they need.
  private enum Junction { case and, or }

  init(_ function: GoFunction, _ source: Source, _ offset: Int) {
    self.function = function
    junction = function.name == "and" ? .and : function.name == "or" ? .or : nil
    super.init(source, offset)
  }

  override var text: String { function.name }

  override func value(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> GoValue {
    try call(Command(self, [], source, offset), nil, execution, dot, slots)
  }

  override func call(
    _ command: Command, _ final: GoValue?, _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    let arguments = command.arguments
    let count = arguments.count + (final == nil ? 0 : 1)
    let parameters = function.parameters
    if function.isVariadic {
      if count < parameters.count - 1 {
        throw fail(
          "wrong number of args for \(function.name): want at least \(parameters.count - 1) got \(count)"
        )
      }
    } else if count != parameters.count {
      throw fail(
        "wrong number of args for \(function.name): want \(parameters.count) got \(count)")
    }
    if let junction { return try join(junction, arguments, final, execution, dot, slots) }
    do {
      try execution.step()
      switch function.body {
      case .one(let body):
        let first = try argument(0, arguments, final, execution, dot, slots)
        return try body(execution, first)
      case .two(let body):
        let first = try argument(0, arguments, final, execution, dot, slots)
        let second = try argument(1, arguments, final, execution, dot, slots)
        return try body(execution, first, second)
      case .many(let body):
        var values: [GoValue] = []
        values.reserveCapacity(count)
        for index in 0..<count {
          values.append(try argument(index, arguments, final, execution, dot, slots))
        }
        return try body(execution, values)
      }
    } catch { throw wrapped(error, command) }
  }

  @inline(__always)
  private func argument(
    _ index: Int, _ arguments: [Operand], _ final: GoValue?, _ execution: Execution,
    _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    let type: GoFunction.Parameter =
      function.isUntyped ? .any : function.parameters[min(index, function.parameters.count - 1)]
    if index < arguments.count {
      do { return try arguments[index].value(as: type, execution, dot, slots) } catch {
        throw Placed(error)
      }
    }
    do { return try checked(final ?? .invalid, type) } catch { throw Placed(error) }
  }

  /// An error that comes from an argument, not from the function.
  private struct Placed: Error {
    let error: any Error
    init(_ error: any Error) { self.error = error }
  }

  private func wrapped(_ error: any Error, _ command: Command) -> any Error {
    if let placed = error as? Placed { return placed.error }
    if let error = error as? FunctionError {
      let message =
        error.kind == .refused ? error.message : "error calling \(function.name): \(error.message)"
      return TemplateError(
        message, kind: error.kind, steps: [source.step(command.offset, command.text)])
    }
    guard var error = error as? TemplateError else { return error }
    error.steps.insert(source.step(command.offset, command.text), at: 0)
    return error
  }

  private func join(
    _ junction: Junction, _ arguments: [Operand], _ final: GoValue?, _ execution: Execution,
    _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    var value = GoValue.invalid
    for argument in arguments {
      value = try argument.value(as: .any, execution, dot, slots)
      if isTrue(value) == (junction == .or) { return value }
    }
    if let final { value = try checked(final, .any) }
    return value
  }
}
