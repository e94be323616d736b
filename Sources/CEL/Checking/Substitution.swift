/// What is known about type parameters, and which types fit where (cel-go, checker/types.go).
struct Substitution {
  private var known: [String: CELType] = [:]
  private var freshCount = 0

  /// A parameter that nothing is known about yet.
  mutating func fresh() -> CELType {
    freshCount += 1
    return .parameter("_\(freshCount)")
  }

  /// Types with their parameters replaced by fresh ones, the same by the same.
  mutating func instantiated(_ types: [CELType]) -> [CELType] {
    var names: [String: CELType] = [:]
    return types.map { type in
      type.isGeneric ? replaced(type, &names) : type
    }
  }

  private mutating func replaced(_ type: CELType, _ names: inout [String: CELType]) -> CELType {
    switch type {
    case .parameter(let name):
      if let known = names[name] { return known }
      let new = fresh()
      names[name] = new
      return new
    case .list(let element): return .list(replaced(element, &names))
    case .map(let key, let value): return .map(replaced(key, &names), replaced(value, &names))
    case .optional(let content): return .optional(replaced(content, &names))
    case .type(let type): return .type(replaced(type, &names))
    case .opaque(let name, let arguments):
      var result: [CELType] = []
      for argument in arguments { result.append(replaced(argument, &names)) }
      return .opaque(name, result)
    default: return type
    }
  }

  /// The type with what is known filled in; an unknown parameter becomes `dyn` when `isFinal`.
  func resolved(_ type: CELType, isFinal: Bool = false) -> CELType {
    guard type.isGeneric else { return type }
    switch type {
    case .parameter(let name):
      if let known = known[name] { return resolved(known, isFinal: isFinal) }
      return isFinal ? .dyn : type
    case .list(let element): return .list(resolved(element, isFinal: isFinal))
    case .map(let key, let value):
      return .map(resolved(key, isFinal: isFinal), resolved(value, isFinal: isFinal))
    case .optional(let content): return .optional(resolved(content, isFinal: isFinal))
    case .type(let type): return .type(resolved(type, isFinal: isFinal))
    case .opaque(let name, let arguments):
      return .opaque(name, arguments.map { resolved($0, isFinal: isFinal) })
    default: return type
    }
  }

  /// The outermost constructor of a type, with parameters followed.
  func shallow(_ type: CELType) -> CELType {
    var type = type
    while case .parameter(let name) = type, let known = known[name] { type = known }
    return type
  }

  /// Whether all types fit; learns about parameters only if they do.
  mutating func fit(_ types: [CELType], into others: [CELType]) -> Bool {
    let saved = known
    for (type, other) in zip(types, others) where !fits(type, into: other) {
      known = saved
      return false
    }
    return true
  }

  /// Whether one type fits where the other is wanted; learns about parameters only if it does.
  mutating func fit(_ type: CELType, into other: CELType) -> Bool {
    fit([type], into: [other])
  }

  private mutating func fits(_ type: CELType, into other: CELType) -> Bool {
    if case .parameter(let name) = type {
      if case .parameter(name) = other { return true }
      if let result = bind(name, to: other, isLeft: true) { return result }
    }
    if case .parameter(let name) = other, let result = bind(name, to: type, isLeft: false) {
      return result
    }
    switch (type, other) {
    case (.dyn, _), (_, .dyn), (.error, _), (_, .error): return true
    case (.parameter, _), (_, .parameter): return false
    case (.null, .null): return true
    case (.null, _): return other.acceptsNull
    case (_, .null): return type.acceptsNull
    case (.wrapper(let content), .wrapper(let otherContent)): return content == otherContent
    case (.wrapper(let content), _): return content == other
    case (_, .wrapper(let content)): return type == content
    case (.list(let element), .list(let otherElement)): return fits(element, into: otherElement)
    case (.map(let key, let value), .map(let otherKey, let otherValue)):
      return fits(key, into: otherKey) && fits(value, into: otherValue)
    case (.optional(let content), .optional(let otherContent)):
      return fits(content, into: otherContent)
    case (.type, .type): return true
    case (.opaque(let name, let arguments), .opaque(let otherName, let otherArguments)):
      guard name == otherName, arguments.count == otherArguments.count else { return false }
      for (argument, otherArgument) in zip(arguments, otherArguments)
      where !fits(argument, into: otherArgument) { return false }
      return true
    case (.object(let object), .map(let key, _)), (.map(let key, _), .object(let object)):
      _ = object
      return fits(.string, into: key)
    default: return type == other
    }
  }

  /// Learns that a parameter is (at least) a type; nil when it would refer to itself.
  private mutating func bind(_ name: String, to type: CELType, isLeft: Bool) -> Bool? {
    if let current = known[name] {
      guard isLeft ? fits(current, into: type) : fits(type, into: current) else { return false }
      let general = mostGeneral(current, type)
      if !refers(general, to: name) { known[name] = general }
      return true
    }
    guard !refers(type, to: name) else { return nil }
    known[name] = type
    return true
  }

  private func refers(_ type: CELType, to name: String) -> Bool {
    switch type {
    case .parameter(let other):
      if other == name { return true }
      return known[other].map { refers($0, to: name) } ?? false
    case .list(let element): return refers(element, to: name)
    case .map(let key, let value): return refers(key, to: name) || refers(value, to: name)
    case .optional(let content): return refers(content, to: name)
    case .type(let type): return refers(type, to: name)
    case .opaque(_, let arguments): return arguments.contains { refers($0, to: name) }
    default: return false
    }
  }

  /// The one of two types that says less.
  func mostGeneral(_ left: CELType, _ right: CELType) -> CELType {
    isEqualOrLessSpecific(left, right) ? left : right
  }

  private func isEqualOrLessSpecific(_ left: CELType, _ right: CELType) -> Bool {
    switch (shallow(left), shallow(right)) {
    case (.dyn, _), (.parameter, _): return true
    case (_, .dyn), (_, .parameter): return false
    case (.list(let element), .list(let other)): return isEqualOrLessSpecific(element, other)
    case (.map(let key, let value), .map(let otherKey, let otherValue)):
      return isEqualOrLessSpecific(key, otherKey) && isEqualOrLessSpecific(value, otherValue)
    case (.optional(let content), .optional(let other)):
      return isEqualOrLessSpecific(content, other)
    case (.opaque(let name, let arguments), .opaque(let otherName, let others)):
      return name == otherName && arguments.count == others.count
        && zip(arguments, others).allSatisfy { isEqualOrLessSpecific($0, $1) }
    case (.wrapper(let content), let other):
      if case .wrapper(content) = other { return true }
      return content == other
    case (.null, let other): return !other.acceptsNull
    case (let type, .null): return type.acceptsNull
    case (let type, let other): return type == other
    }
  }
}

extension CELType {
  /// Whether the type has parameters in it.
  var isGeneric: Bool {
    switch self {
    case .parameter: true
    case .list(let element): element.isGeneric
    case .map(let key, let value): key.isGeneric || value.isGeneric
    case .optional(let content): content.isGeneric
    case .type(let type): type.isGeneric
    case .opaque(_, let arguments): arguments.contains(where: \.isGeneric)
    default: false
    }
  }

  /// Whether null may stand where this is wanted.
  var acceptsNull: Bool {
    switch self {
    case .wrapper, .object, .opaque, .optional, .timestamp, .duration, .dyn, .null: true
    default: false
    }
  }

  var isDynamic: Bool { self == .dyn || self == .error }
}
