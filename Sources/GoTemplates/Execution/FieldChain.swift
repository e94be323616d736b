/// `.a.b.c` after some value.
struct FieldChain {
  private struct Link {
    let name: [UInt8]
    let prefix: UInt64
  }

  private let links: [Link]
  private let missingKey: TemplateSet.MissingKey

  init(_ names: [[UInt8]], _ options: TemplateSet.Options) {
    links = names.map { Link(name: $0, prefix: keyPrefix($0)) }
    missingKey = options.missingKey
  }

  var text: String {
    links.map { "." + String(decoding: $0.name, as: UTF8.self) }.joined()
  }

  @inline(__always)
  func value(of receiver: GoValue, _ operand: Operand, _ execution: Execution) throws -> GoValue {
    var value = receiver
    for link in links { value = try field(link, value, operand, execution) }
    return value
  }

  /// The last name may be a method that takes the arguments.
  func call(
    _ receiver: GoValue, _ operand: Operand, _ command: Command, _ final: GoValue?,
    _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> GoValue {
    guard let last = links.last else { return receiver }
    var value = receiver
    for link in links.dropLast() { value = try field(link, value, operand, execution) }
    if command.arguments.isEmpty, final == nil { return try field(last, value, operand, execution) }
    let name = String(decoding: last.name, as: UTF8.self)
    guard case .object(let object) = value, let arity = object.method(last.name) else {
      switch value {
      case .invalid, .null: return try field(last, value, operand, execution)
      case .map(let map) where map.type == .values:
        if let found = try map.method(
          last.name, try arguments(command, final, execution, dot, slots))
        {
          return found
        }
        throw operand.fail("\(name) is not a method but has arguments")
      case .map: throw operand.fail("\(name) is not a method but has arguments")
      case .object(let object) where object.field(last.name) != nil:
        throw operand.fail("\(name) has arguments but cannot be invoked as function")
      default: return try field(last, value, operand, execution)
      }
    }
    let values = try arguments(command, final, execution, dot, slots)
    guard arity.contains(values.count) else {
      throw operand.fail(
        "wrong number of args for \(name): want \(arity.lowerBound) got \(values.count)")
    }
    return try invoke(object, last.name, values, operand, execution)
  }

  private func arguments(
    _ command: Command, _ final: GoValue?, _ execution: Execution, _ dot: GoValue, _ slots: Slots
  ) throws -> [GoValue] {
    var values: [GoValue] = []
    for argument in command.arguments {
      values.append(try argument.value(as: .any, execution, dot, slots))
    }
    if let final { values.append(final) }
    return values
  }

  private func invoke(
    _ object: GoObject, _ name: [UInt8], _ values: [GoValue], _ operand: Operand,
    _ execution: Execution
  ) throws -> GoValue {
    do { return try object.call(name, values, execution) } catch let error as FunctionError {
      throw placed(
        FunctionError(
          "error calling \(String(decoding: name, as: UTF8.self)): \(error.message)",
          kind: error.kind), operand.source, operand.offset, operand.text)
    }
  }

  @inline(__always)
  private func field(
    _ link: Link, _ value: GoValue, _ operand: Operand, _ execution: Execution
  ) throws -> GoValue {
    if case .map(let map) = value {
      if let found = map.lookup(link.name, prefix: link.prefix) { return found }
      return try missing(map, link, operand)
    }
    return try otherField(link, value, operand, execution)
  }

  private func missing(_ map: GoMap, _ link: Link, _ operand: Operand) throws -> GoValue {
    if map.type == .values, let found = try map.method(link.name, []) { return found }
    switch missingKey {
    case .invalid: return .invalid
    case .zero: return map.type == .string ? .string([]) : .null
    case .error:
      throw operand.fail("map has no entry for key \(goQuoted(link.name))")
    }
  }

  private func otherField(
    _ link: Link, _ value: GoValue, _ operand: Operand, _ execution: Execution
  ) throws -> GoValue {
    let name = String(decoding: link.name, as: UTF8.self)
    switch value {
    case .invalid: return .invalid
    case .null: throw operand.fail("nil pointer evaluating interface {}.\(name)")
    case .object(let object):
      if let arity = object.method(link.name) {
        guard arity.contains(0) else {
          throw operand.fail("wrong number of args for \(name): want \(arity.lowerBound) got 0")
        }
        return try invoke(object, link.name, [], operand, execution)
      }
      if let found = object.field(link.name) { return found }
      if let map = object.underlying?.asMap {
        if let found = map.lookup(link.name, prefix: link.prefix) { return found }
        return try missing(map, link, operand)
      }
      throw operand.fail("can't evaluate field \(name) in type \(object.typeName)")
    default:
      throw operand.fail("can't evaluate field \(name) in type \(typeName(value))")
    }
  }
}
