public import Documents

extension Evaluator {
  /// What a result is outside expressions.
  public enum PlainResult: Sendable {
    /// A value that YAML and JSON can say. It stands in the arena that was given.
    case value(Value)
    /// `optional.none()`: there is no value.
    case none
    /// `omit()`: the field or element is to be taken away.
    case omitted
    /// Why the result can stand in no document.
    case failure(String)
  }

  /// Copies a result into `arena` as a value of a document.
  ///
  /// Timestamps and durations become the text that `string(x)` gives; an optional becomes its
  /// content; unsigned integers must fit into 63 bits; keys must be texts. Bytes, types and the
  /// values of libraries have no form in a document. An empty optional inside a list or map is
  /// null; `omit()` takes its element or entry away.
  public func plain(_ result: Value, in arena: Arena) -> PlainResult {
    if result.isBox(.optional) {
      guard let content = result.optionalContent else { return .none }
      return plain(content, in: arena)
    }
    if result.isOmitted { return .omitted }
    var copier = PlainCopier(arena: arena)
    let value = copier.copy(result)
    if let failure = copier.failure { return .failure(failure) }
    return .value(value)
  }

  /// The name of a value's type, as `type(x)` prints it.
  public func typeName(of value: Value) -> String {
    TypeValues.type(of: value).typeNameValue.asString ?? ""
  }
}

private struct PlainCopier {
  let arena: Arena
  var failure: String?
  var depth = 0

  init(arena: Arena) { self.arena = arena }

  mutating func copy(_ value: Value) -> Value {
    switch value.kind {
    case .string: return arena.string(value.utf8)
    case .absent, .null: return .null
    case .bool, .int: return value
    case .uint:
      guard let number = Int64(exactly: value.payload) else {
        return fail("the unsigned number \(value.payload) is too large")
      }
      return .int(number)
    case .double:
      return value.doublePayload.isFinite
        ? value : fail("\(value.doublePayload) is no number of a document")
    case .bytes: return fail("bytes cannot stand in a document; encode them: base64.encode(…)")
    case .list, .map: return copyNested(value)
    case .box: return copyBox(value)
    case .error: return fail("the expression failed")
    }
  }

  private mutating func copyNested(_ value: Value) -> Value {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 200 else { return fail("the result is nested too deeply") }
    if value.isKind(.list) {
      var elements: [Value] = []
      elements.reserveCapacity(value.count)
      for element in value.elements where !element.isOmitted { elements.append(copy(element)) }
      return arena.list(elements)
    }
    var entries: [MapEntry] = []
    entries.reserveCapacity(value.count)
    for entry in value.entries where !entry.value.isOmitted {
      guard entry.key.isString else { return fail("a key of the result is no text") }
      entries.append(MapEntry(key: arena.string(entry.key.utf8), value: copy(entry.value)))
    }
    return arena.map(entries)
  }

  private mutating func copyBox(_ value: Value) -> Value {
    switch value.boxKind {
    case .timestamp: return arena.string(TimeText.text(of: value.instant))
    case .duration: return arena.string(TimeText.text(ofDuration: value.durationNanoseconds))
    case .optional: return value.optionalContent.map { copy($0) } ?? .null
    default:
      let name = TypeValues.type(of: value).typeNameValue.asString ?? "this type"
      return fail("a value of \(name) cannot stand in a document; use string(…)")
    }
  }

  private mutating func fail(_ message: String) -> Value {
    if failure == nil { failure = message }
    return .null
  }
}
