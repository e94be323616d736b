/// One command of a pipeline: a function, field or value, and its arguments.
final class Command {
  let first: Operand
  let arguments: [Operand]
  let source: Source
  let offset: Int

  init(_ first: Operand, _ arguments: [Operand], _ source: Source, _ offset: Int) {
    self.first = first
    self.arguments = arguments
    self.source = source
    self.offset = offset
  }

  var isConstant: Bool { first.isConstant }

  var text: String {
    ([first] + arguments).map { $0 is PipelineOperand ? "(\($0.text))" : $0.text }
      .joined(separator: " ")
  }
}

/// Commands, each the last argument of the next, and the variables that take the result.
final class Pipeline {
  let commands: [Command]
  let names: [String]
  let slots: [Int?]
  let isAssignment: Bool
  let source: Source
  let offset: Int
  private let only: Operand?

  init(
    _ commands: [Command], names: [String], slots: [Int?], isAssignment: Bool, _ source: Source,
    _ offset: Int
  ) {
    self.commands = commands
    self.names = names
    self.slots = slots
    self.isAssignment = isAssignment
    self.source = source
    self.offset = offset
    // The commonest: one field or variable, without arguments.
    if commands.count == 1, names.isEmpty, commands[0].arguments.isEmpty,
      commands[0].first is FieldOperand || commands[0].first is VariableOperand
    {
      only = commands[0].first
    } else {
      only = nil
    }
  }

  var commandOffset: Int { commands.first?.offset ?? offset }

  var text: String {
    let declared =
      names.isEmpty ? "" : names.joined(separator: ", ") + (isAssignment ? " = " : " := ")
    return declared + commands.map(\.text).joined(separator: " | ")
  }

  /// The value; declared variables are set.
  func value(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> GoValue {
    if let only {
      let value = try only.value(execution, dot, slots)
      if case .null = value { return .invalid }
      return value
    }
    let value = try rangeValue(execution, dot, slots)
    for (index, slot) in self.slots.enumerated() {
      guard let slot else {
        throw placed(
          FunctionError("undefined variable: \(names[index])"), source, offset, text)
      }
      slots[slot] = value
    }
    return value
  }

  /// The value; declared variables are left alone, `range` sets them.
  func rangeValue(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> GoValue {
    var value: GoValue?
    for command in commands {
      let result = try command.first.call(command, value, execution, dot, slots)
      // An interface is opened: nil in it is no value.
      if case .null = result { value = .invalid } else { value = result }
    }
    return value ?? .invalid
  }
}
