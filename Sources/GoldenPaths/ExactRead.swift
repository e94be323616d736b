import Diagnostics

/// What one part of an expression's value is read from, where that can be told from its text alone: for `schema.spec.ports`
/// whatever is below it there, for `schema.spec.ports.map(p, {"port": p.number})` the number of the element.
enum ExactRead: Equatable {
  /// A field below a variable.
  case read(variable: String, FieldPath)
  /// A literal of the expression.
  case own

  /// What the part at `rest` of an expression's value is read from; nil when that is not known for sure.
  init?(_ source: String, rest: FieldPath) {
    if let plain = PlainPath(source) {
      self = .read(variable: plain.variable, FieldPath(plain.steps).appending(rest))
      return
    }
    guard let mapping = Mapping(source), case .index(let index)? = rest.steps.first else {
      return nil
    }
    let element = FieldPath(mapping.list.steps).index(index)
    let inner = FieldPath(Array(rest.steps.dropFirst()))
    guard
      let read = ExactRead(
        mapping.body, rest: inner, element: mapping.element, readFrom: element)
    else { return nil }
    self = read.variable == mapping.element ? read.moved(to: mapping.list.variable) : read
  }

  /// As above for the body of a `map`, in which `element` stands for the value at a path.
  private init?(_ body: String, rest: FieldPath, element: String, readFrom path: FieldPath) {
    if let plain = PlainPath(body), plain.variable == element {
      let steps = path.steps + plain.steps + rest.steps
      self = .read(variable: element, FieldPath(steps))
      return
    }
    if let entries = mapEntries(body), case .key(let key)? = rest.steps.first {
      guard let value = entries.first(where: { $0.key == key })?.value else {
        self = .own
        return
      }
      let inner = FieldPath(Array(rest.steps.dropFirst()))
      guard let read = ExactRead(value, rest: inner, element: element, readFrom: path) else {
        return nil
      }
      self = read
      return
    }
    let names = variables(in: body)
    if names.isEmpty {
      self = .own
    } else if names == [element] {
      self = .read(variable: element, path)
    } else {
      return nil
    }
  }

  private var variable: String? {
    if case .read(let variable, _) = self { variable } else { nil }
  }

  private func moved(to variable: String) -> ExactRead {
    if case .read(_, let path) = self { .read(variable: variable, path) } else { self }
  }
}

/// Whether an expression puts together a list or a map of its own, so that a part of its value may be from anything in it.
func makesParts(_ source: String) -> Bool {
  Tokens(source).contains { $0 == "{" || $0 == "[" || $0 == "+" || $0 == "filter" || $0 == "map" }
}

/// `LIST.map(ELEMENT, BODY)` and nothing else, LIST a plain path.
private struct Mapping {
  let list: PlainPath
  let element: String
  let body: String

  init?(_ source: String) {
    let bytes = Array(source.utf8)
    let marker = Array(".map(".utf8)
    guard
      let start = bytes.indices.first(where: { bytes[$0...].starts(with: marker) }),
      let list = PlainPath(String(decoding: bytes[..<start], as: UTF8.self)),
      let inside = enclosed(bytes, from: start + marker.count, by: UInt8(ascii: ")"))
    else { return nil }
    let parts = split(inside, at: UInt8(ascii: ","))
    guard parts.count == 2, let variable = PlainPath(parts[0]), variable.steps.isEmpty else {
      return nil
    }
    self.list = list
    element = variable.variable
    body = parts[1]
  }
}

/// The entries of a map literal with texts as keys; nil for anything else.
private func mapEntries(_ source: String) -> [(key: String, value: String)]? {
  let bytes = trimmed(Array(source.utf8)[...])
  guard bytes.first == UInt8(ascii: "{"),
    let inside = enclosed(Array(bytes), from: 1, by: UInt8(ascii: "}"))
  else { return nil }
  var entries: [(key: String, value: String)] = []
  for part in split(inside, at: UInt8(ascii: ",")) {
    let sides = split(Array(part.utf8), at: UInt8(ascii: ":"))
    let key = trimmed(Array((sides.first ?? "").utf8)[...])
    guard sides.count == 2, key.count >= 2, let quote = key.first, key.last == quote,
      quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
      !key.contains(UInt8(ascii: "\\"))
    else { return nil }
    entries.append((String(decoding: key.dropFirst().dropLast(), as: UTF8.self), sides[1]))
  }
  return entries
}

private func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  var bytes = bytes
  while let first = bytes.first, first == 0x20 || (0x09...0x0D).contains(first) {
    bytes = bytes.dropFirst()
  }
  while let last = bytes.last, last == 0x20 || (0x09...0x0D).contains(last) {
    bytes = bytes.dropLast()
  }
  return bytes
}

/// What stands between an opening bracket and the closing one, when nothing but space follows that.
private func enclosed(_ bytes: [UInt8], from start: Int, by closing: UInt8) -> [UInt8]? {
  var end: Int?
  scan(bytes, from: start) { index, depth in
    if depth < 0 {
      end = bytes[index] == closing ? index : nil
      return false
    }
    return true
  }
  guard let end, trimmed(bytes[(end + 1)...]).isEmpty else { return nil }
  return Array(bytes[start..<end])
}

/// The parts between separators that stand in no brackets and no text.
private func split(_ bytes: [UInt8], at separator: UInt8) -> [String] {
  var parts: [String] = []
  var start = 0
  scan(bytes, from: 0) { index, depth in
    if depth == 0, bytes[index] == separator {
      parts.append(String(decoding: bytes[start..<index], as: UTF8.self))
      start = index + 1
    }
    return true
  }
  parts.append(String(decoding: bytes[start...], as: UTF8.self))
  return parts
}

/// Calls a function for every byte outside texts with the brackets open after it, until it answers false.
private func scan(_ bytes: [UInt8], from start: Int, _ visit: (Int, Int) -> Bool) {
  var depth = 0
  var quote: UInt8?
  var index = start
  while index < bytes.count {
    let byte = bytes[index]
    if let open = quote {
      if byte == UInt8(ascii: "\\") {
        index += 1
      } else if byte == open {
        quote = nil
      }
    } else {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
      guard visit(index, depth) else { return }
    }
    index += 1
  }
}

/// The variables that an expression reads: names that are neither fields nor called.
private func variables(in source: String) -> Set<String> {
  var names: Set<String> = []
  let tokens = Array(Tokens(source))
  for (index, token) in tokens.enumerated() {
    guard let first = token.utf8.first, (0x61...0x7A).contains(first | 0x20) || first == 0x5F,
      !["true", "false", "null", "in"].contains(token)
    else { continue }
    if index > 0, tokens[index - 1] == "." || tokens[index - 1] == "?" { continue }
    if index + 1 < tokens.count, tokens[index + 1] == "(" { continue }
    names.insert(token)
  }
  return names
}

/// Names, and single characters that are no space, of an expression; what stands in texts is left out.
private struct Tokens: Sequence {
  private let bytes: [UInt8]

  init(_ source: String) { bytes = Array(source.utf8) }

  func makeIterator() -> IndexingIterator<[String]> {
    var tokens: [String] = []
    var name: [UInt8] = []
    var last = -1
    func end() {
      if !name.isEmpty { tokens.append(String(decoding: name, as: UTF8.self)) }
      name = []
    }
    scan(bytes, from: 0) { index, _ in
      let byte = bytes[index]
      let isName =
        (0x61...0x7A).contains(byte | 0x20) || byte == 0x5F || (0x30...0x39).contains(byte)
      if !isName || index != last + 1 { end() }
      if isName {
        name.append(byte)
      } else if byte != 0x20, !(0x09...0x0D).contains(byte) {
        tokens.append(String(decoding: [byte], as: UTF8.self))
      }
      last = index
      return true
    }
    end()
    return tokens.makeIterator()
  }
}
