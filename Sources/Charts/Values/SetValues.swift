import Documents
public import GoTemplates

/// What `--set` and its kin say, one text at a time over the values that are there
/// (Helm 3.17.2, `pkg/strvals`): `a.b[0].c=1,d={x,y}`.
public struct SetValues {
  /// Which option it is.
  public enum Form: String, Sendable, CaseIterable {
    /// `--set`: true, false, null and whole numbers are typed.
    case typed = "set"
    /// `--set-string`: every value is text.
    case string = "set-string"
    /// `--set-json`: every value is JSON; a text that begins with `{` is merged as a whole.
    case json = "set-json"
    /// `--set-file`: every value names a file, and what it holds is the text.
    case file = "set-file"
    /// `--set-literal`: one key, and all behind `=` is its text.
    case literal = "set-literal"
  }

  private let form: Form
  private let text: [Unicode.Scalar]
  private var index = 0
  private let readFile: (String) throws -> [UInt8]

  /// The greatest index of a list, and how deep names may be nested.
  private static let largestIndex = 65536
  private static let deepestName = 30

  /// Puts what the text says into the values. `readFile` is asked for the files of `--set-file`.
  ///
  /// Throws `ChartError` in Helm's words; the values may have been changed by then.
  public static func apply(
    _ text: String, as form: Form, to values: GoMap,
    readFile: @escaping (String) throws -> [UInt8] = { _ in [] }
  ) throws {
    if form == .json, trimmed(text).hasPrefix("{") {
      let parsed = parseJSON(Array(text.utf8), file: "--set-json")
      guard !parsed.hasErrors, let document = parsed.documents.first,
        case .map(let map) = goValue(document.root)
      else {
        throw ChartError(.invalidValues, "failed parsing --set-json data JSON: \(text)")
      }
      merge(map, over: values)
      return
    }
    var parser = SetValues(form, text, readFile)
    do {
      while try parser.key(values, 0) == .more {}
    } catch let problem as Problem {
      throw ChartError(
        .invalidValues, "failed parsing --\(form.rawValue) data: \(problem.message)")
    }
  }

  private init(_ form: Form, _ text: String, _ readFile: @escaping (String) throws -> [UInt8]) {
    self.form = form
    self.text = Array(text.unicodeScalars)
    self.readFile = readFile
  }

  private struct Problem: Error { let message: String }

  /// Whether anything is left to read.
  private enum Rest { case more, end }

  private enum Stop: Equatable {
    case at(Unicode.Scalar)
    case end
  }

  /// The text up to one of the given characters; `\` takes the next one as it is, but in literals.
  private mutating func scalars(until stops: [Unicode.Scalar]) -> (String, Stop) {
    var found = String.UnicodeScalarView()
    while index < text.count {
      let scalar = text[index]
      index += 1
      if stops.contains(scalar) { return (String(found), .at(scalar)) }
      if scalar == "\\", form != .literal {
        guard index < text.count else { break }
        found.append(text[index])
        index += 1
      } else {
        found.append(scalar)
      }
    }
    return (String(found), .end)
  }

  // MARK: keys

  private mutating func key(_ data: GoMap, _ level: Int) throws -> Rest {
    let (key, stop) = scalars(until: form == .literal ? ["=", "[", "."] : ["=", "[", ",", "."])
    switch stop {
    case .end:
      if key.isEmpty { return .end }
      throw Problem(message: "key \"\(key)\" has no value")
    case .at("["):
      let position = try listIndex()
      var list: [GoValue] = []
      if let old = data[key] {
        guard let elements = old.asList?.elements else { throw notA("list", old) }
        list = elements
      }
      let rest = try item(&list, position, level)
      set(data, key, .list(GoList(list)))
      return rest
    case .at("="):
      return try value(of: key, in: data)
    case .at(","):
      throw Problem(message: "key \"\(key)\" has no value (cannot end with ,)")
    default:
      guard level < Self.deepestName else {
        throw Problem(
          message: "value name nested level is greater than maximum supported nested level of "
            + "\(Self.deepestName)")
      }
      var inner = GoMap()
      if let old = data[key] {
        guard let map = old.table else { throw notA("map", old) }
        inner = map
      }
      let rest = try self.key(inner, level + 1)
      if rest == .more, inner.count == 0 {
        throw Problem(message: "key map \"\(key)\" has no value")
      }
      if inner.count != 0 { set(data, key, .map(inner)) }
      return rest
    }
  }

  private mutating func value(of key: String, in data: GoMap) throws -> Rest {
    switch form {
    case .json:
      set(data, key, try jsonValue())
      return .more
    case .literal:
      let (value, _) = scalars(until: [])
      set(data, key, GoValue(value))
      return .more
    default:
      guard index < text.count else {
        set(data, key, GoValue(""))
        return .end
      }
      set(data, key, try valueOrList())
      return .more
    }
  }

  private func notA(_ wanted: String, _ value: GoValue) -> Problem {
    let type =
      switch value {
      case .map: "map[string]interface {}"
      case .list: "[]interface {}"
      case .string: "string"
      case .bool: "bool"
      case .null, .invalid: "nil"
      case .int64: "int64"
      default: "float64"
      }
    let goal = wanted == "list" ? "[]interface {}" : "map[string]interface {}"
    return Problem(
      message: "unable to parse key: interface conversion: interface {} is \(type), not \(goal)")
  }

  private func set(_ data: GoMap, _ key: String, _ value: GoValue) {
    if !key.isEmpty { data[key] = value }
  }

  // MARK: lists

  private mutating func listIndex() throws -> Int {
    let (digits, stop) = scalars(until: ["]"])
    guard stop != .end else { throw Problem(message: "error parsing index: EOF") }
    guard let number = Int(digits) else {
      throw Problem(
        message:
          "error parsing index: strconv.Atoi: parsing \"\(digits)\": invalid syntax")
    }
    return number
  }

  private mutating func item(
    _ list: inout [GoValue], _ position: Int, _ level: Int
  ) throws -> Rest {
    guard position >= 0 else {
      throw Problem(message: "negative \(position) index not allowed")
    }
    guard level < 100 else {
      throw Problem(message: "value name nested level is greater than 100")
    }
    let (key, stop) = scalars(until: ["[", ".", "="])
    if !key.isEmpty {
      throw Problem(message: "unexpected data at end of array index: \"\(key)\"")
    }
    let old = position < list.count ? list[position] : nil
    switch stop {
    case .end: return .end
    case .at("="):
      let value: GoValue
      switch form {
      case .json: value = try jsonValue()
      case .literal: value = GoValue(scalars(until: []).0)
      default: value = index < text.count ? try valueOrList() : GoValue("")
      }
      try set(&list, position, value)
      return .more
    case .at("["):
      let next = try listIndex()
      var inner: [GoValue] = []
      if let old, !old.isNil {
        guard let elements = old.asList?.elements else { throw notA("list", old) }
        inner = elements
      }
      // The rest of the text is read in any case, so what it ends with is no matter here.
      if try item(&inner, next, level + 1) == .end { return .end }
      try set(&list, position, .list(GoList(inner)))
      return .more
    default:
      let inner = old?.table ?? GoMap()
      if let old, old.table == nil, position < list.count { list[position] = .map(inner) }
      if try self.key(inner, level) == .end { return .end }
      try set(&list, position, .map(inner))
      return .more
    }
  }

  private func set(_ list: inout [GoValue], _ position: Int, _ value: GoValue) throws {
    guard position <= Self.largestIndex else {
      throw Problem(
        message: "index of \(position) is greater than maximum supported index of "
          + "\(Self.largestIndex)")
    }
    while list.count <= position { list.append(.null) }
    list[position] = value
  }

  // MARK: values

  private mutating func valueOrList() throws -> GoValue {
    guard text[index] == "{" else {
      return try typed(scalars(until: [","]).0)
    }
    index += 1
    var list: [GoValue] = []
    while true {
      let (value, stop) = scalars(until: [",", "}"])
      if stop == .end { throw Problem(message: "list must terminate with '}'") }
      list.append(try typed(value))
      if stop == .at("}") {
        if index < text.count, text[index] == "," { index += 1 }
        return .list(GoList(list))
      }
    }
  }

  private func typed(_ text: String) throws -> GoValue {
    if form == .string { return GoValue(text) }
    if form == .file { return .string(try readFile(text)) }
    switch text.lowercased() {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    case "0": return .int64(0)
    default: break
    }
    if !text.hasPrefix("0"), let number = Int64(text) { return .int64(number) }
    return GoValue(text)
  }

  /// A value of JSON and the comma behind it; nothing at all is null.
  private mutating func jsonValue() throws -> GoValue {
    if skipBlanks() { return .null }
    let start = index
    var depth = 0
    scan: while index < text.count {
      switch text[index] {
      case "\"":
        index += 1
        while index < text.count, text[index] != "\"" { index += text[index] == "\\" ? 2 : 1 }
      case "[", "{": depth += 1
      case "]", "}": depth -= 1
      case ",", " ", "\t", "\n", "\r": if depth == 0 { break scan }
      default: break
      }
      index += 1
    }
    index = min(index, text.count)
    var value = String.UnicodeScalarView()
    value.append(contentsOf: text[start..<index])
    let parsed = parseJSON(Array(String(value).utf8), file: "--set-json")
    guard !parsed.hasErrors, let document = parsed.documents.first else {
      throw Problem(message: "invalid JSON: '\(String(value))'")
    }
    defer { withExtendedLifetime(document) {} }
    _ = skipBlanks()
    return goValue(document.root)
  }

  /// Skips blanks and one comma; whether there was no value before the comma or the end.
  private mutating func skipBlanks() -> Bool {
    while index < text.count {
      if text[index] == "," {
        index += 1
        return true
      }
      guard text[index].properties.isWhitespace else { return false }
      index += 1
    }
    return true
  }
}

/// Puts one map of values over another: maps are merged, everything else replaced, null too.
public func merge(_ values: GoMap, over base: GoMap) {
  for entry in values.entries {
    if let map = entry.value.table, let old = base[entry.key]?.table {
      merge(map, over: old)
    } else {
      base[entry.key] = deepCopy(entry.value)
    }
  }
}
