import Documents

extension Library {
  /// Values that may be missing.
  static let optionals: [Function] = [
    Function("optional.of", .parameter("T"), returns: .optional(.parameter("T"))) { value, frame in
      frame.arena.optional(value)
    },
    Function("optional.none", [], returns: .optional(.parameter("T"))) { _, _ in .none },
    Function("optional.ofNonZeroValue", .parameter("T"), returns: .optional(.parameter("T"))) {
      value, frame in value.isZero ? .none : frame.arena.optional(value)
    },
    Function("hasValue", on: .optional(.parameter("T")), returns: .bool) { value, _ in
      .bool(value.payload != 0)
    },
    Function("value", on: .optional(.parameter("T")), returns: .parameter("T")) { value, frame in
      value.optionalContent ?? frame.error(.noneDereferenced)
    },
    Function(
      "or", on: .optional(.parameter("T")), .optional(.parameter("T")),
      returns: .optional(.parameter("T")), cost: .free
    ) { value, other, _ in value.payload != 0 ? value : other },
    Function(
      "orValue", on: .optional(.parameter("T")), .parameter("T"), returns: .parameter("T"),
      cost: .free
    ) { value, other, _ in value.optionalContent ?? other },
    Function(
      "optional.unwrap", .list(.optional(.parameter("T"))), returns: .list(.parameter("T")),
      in: .specAndKro
    ) { list, frame in unwrapped(list, frame) },
    Function(
      "unwrapOpt", on: .list(.optional(.parameter("T"))), returns: .list(.parameter("T")),
      in: .specAndKro
    ) { list, frame in unwrapped(list, frame) },
  ]

  private static func unwrapped(_ list: Value, _ frame: Frame) -> Value {
    var result: [Value] = []
    for element in list.elements {
      guard element.isBox(.optional) else { return frame.error(.noSuchOverload, element) }
      if let content = element.optionalContent { result.append(content) }
    }
    return frame.arena.list(result)
  }
}

extension Value {
  /// Whether this is the zero value of its kind: 0, '', [], {}, null, false, a duration of 0.
  var isZero: Bool {
    switch kind {
    case .null, .absent: true
    case .bool, .int, .uint: payload == 0
    case .double: doublePayload == 0
    case .string, .bytes, .list, .map: count == 0
    case .box:
      switch boxKind {
      case .duration, .optional: payload == 0
      // Go's zero time.
      case .timestamp: instant == Instant(seconds: Calendar.firstSecond, nanoseconds: 0)
      default: false
      }
    case .error: false
    }
  }
}
