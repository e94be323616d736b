import Documents

extension Library {
  /// The extension `strings`, versions 0 to 4. Positions count code points.
  static let strings: [Function] =
    positions + positionsOutside + parts + letters + lists + quoting + Formatting.functions

  private static let positions: [Function] = [
    Function("charAt", on: .string, .int, returns: .string) { text, index, frame in
      let position = index.intPayload
      guard let start = Characters.offset(of: position, in: text) else {
        return frame.error("index out of range: \(position)")
      }
      return Characters.slice(text, start, start + Characters.length(text, at: start))
    },
    Function("indexOf", on: .string, .string, returns: .int, cost: .treeTraversal) {
      text, part, _ in
      .int(Characters.firstIndex(of: part, in: text, from: 0))
    },
    Function("lastIndexOf", on: .string, .string, returns: .int, cost: .treeTraversal) {
      text, part, _ in
      .int(Characters.lastIndex(of: part, in: text, before: text.count))
    },
    Function("substring", on: .string, .int, returns: .string, cost: .rounded(0, 0.1)) {
      text, start, frame in
      guard let first = Characters.offset(of: start.intPayload, in: text) else {
        return frame.error("index out of range: \(start.intPayload)")
      }
      return Characters.slice(text, first, text.count)
    },
    Function("substring", on: .string, [.int, .int], returns: .string, cost: .rounded(0, 0.1)) {
      arguments, frame in
      let (text, start, end) = (arguments[0], arguments[1].intPayload, arguments[2].intPayload)
      if start > end {
        let count = Int64(text.characterCount)
        if start < 0 || start > count { return frame.error("index out of range: \(start)") }
        return frame.error("invalid substring range. start: \(start), end: \(end)")
      }
      guard let first = Characters.offset(of: start, in: text) else {
        return frame.error("index out of range: \(start)")
      }
      guard let last = Characters.offset(of: end, in: text) else {
        return frame.error("index out of range: \(end)")
      }
      return Characters.slice(text, first, last)
    },
  ]

  /// `indexOf` and `lastIndexOf` from a position: past the end that is an error in the specification
  /// and -1 in cel-go.
  private static let positionsOutside: [Function] = [Availability.specOnly, .notSpec].flatMap {
    availability in
    let isStrict = availability.inSpec
    return [
      Function(
        "indexOf", on: .string, [.string, .int], returns: .int, in: availability,
        cost: .treeTraversal
      ) { arguments, frame in
        let (text, part, from) = (arguments[0], arguments[1], arguments[2].intPayload)
        guard let start = Characters.offset(of: from, in: text) else {
          return from < 0 || isStrict
            ? frame.error("index out of range: \(from)") : .int(part.count == 0 ? from : -1)
        }
        return .int(Characters.firstIndex(of: part, in: text, from: start))
      },
      Function(
        "lastIndexOf", on: .string, [.string, .int], returns: .int, in: availability,
        cost: .treeTraversal
      ) { arguments, frame in
        let (text, part, from) = (arguments[0], arguments[1], arguments[2].intPayload)
        guard let start = Characters.offset(of: from, in: text) else {
          return from < 0 || isStrict
            ? frame.error("index out of range: \(from)") : .int(part.count == 0 ? from : -1)
        }
        if part.count > 0, start == text.count { return .int(-1) }
        return .int(Characters.lastIndex(of: part, in: text, before: start))
      },
    ]
  }

  private static let parts: [Function] = [
    Function(
      "replace", on: .string, [.string, .string], returns: .string, cost: .rounded(0, 0.2)
    ) { arguments, frame in
      Characters.replacing(arguments[0], arguments[1], arguments[2], limit: -1, frame)
    },
    Function(
      "replace", on: .string, [.string, .string, .int], returns: .string, cost: .rounded(0, 0.2)
    ) { arguments, frame in
      Characters.replacing(
        arguments[0], arguments[1], arguments[2], limit: arguments[3].intPayload, frame)
    },
    Function("split", on: .string, .string, returns: .list(.string), cost: .rounded(0, 0.2)) {
      text, separator, frame in Characters.split(text, separator, limit: -1, frame)
    },
    Function(
      "split", on: .string, [.string, .int], returns: .list(.string), cost: .rounded(0, 0.2)
    ) { arguments, frame in
      Characters.split(arguments[0], arguments[1], limit: arguments[2].intPayload, frame)
    },
    Function("trim", on: .string, returns: .string, cost: .rounded(0, 0.1)) { text, _ in
      Characters.trimmed(text)
    },
  ]

  private static let letters: [Function] = [
    Function("lowerAscii", on: .string, returns: .string, cost: .rounded(0, 0.1)) { text, frame in
      Characters.mapped(text, frame) { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
    },
    Function("upperAscii", on: .string, returns: .string, cost: .rounded(0, 0.1)) { text, frame in
      Characters.mapped(text, frame) { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }
    },
    Function("reverse", on: .string, returns: .string, in: .specAndKro) { text, frame in
      frame.string(
        byteCount: text.count,
        String(
          String(decoding: text.utf8, as: UTF8.self).unicodeScalars.reversed().map(Character.init)))
    },
  ]

  private static let lists: [Function] = [
    Function("join", on: .list(.string), returns: .string, cost: .roundedResult(0.2)) {
      list, frame in Characters.joined(list, .emptyString, frame)
    },
    Function("join", on: .list(.string), .string, returns: .string, cost: .roundedResult(0.2)) {
      list, separator, frame in Characters.joined(list, separator, frame)
    },
  ]

  private static let quoting: [Function] = [
    Function(
      "strings.quote", .string, returns: .string, in: .all(kubernetesSince: 29),
      cost: .traversal(of: 0)
    ) { text, frame in
      frame.string(Characters.quoted(text.utf8))
    }
  ]
}

/// Work on strings by code points.
enum Characters {
  /// The byte offset of a code point; that of the end for the count; nil outside.
  static func offset(of index: Int64, in text: Value) -> Int? {
    guard index >= 0, index <= text.count else { return nil }
    if text.isASCII { return Int(index) }
    var rest = index
    for (offset, byte) in text.utf8.enumerated() where byte & 0xC0 != 0x80 {
      if rest == 0 { return offset }
      rest -= 1
    }
    return rest == 0 ? text.count : nil
  }

  /// The index of the code point at a byte offset.
  static func index(ofOffset offset: Int, in text: Value) -> Int64 {
    if text.isASCII { return Int64(offset) }
    return text.utf8[..<offset].reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
  }

  /// The bytes of the code point at an offset; 0 at the end.
  static func length(_ text: Value, at offset: Int) -> Int {
    guard offset < text.count else { return 0 }
    switch text.utf8[offset] {
    case 0..<0x80: return 1
    case 0x80..<0xE0: return min(2, text.count - offset)
    case 0xE0..<0xF0: return min(3, text.count - offset)
    default: return min(4, text.count - offset)
    }
  }

  /// A part of a string, over the same memory.
  static func slice(_ text: Value, _ start: Int, _ end: Int) -> Value {
    guard end > start, let base = text.utf8.baseAddress else { return .emptyString }
    return .string(
      at: base + start, count: end - start,
      isASCII: text.isASCII || isAllASCII(base + start, end - start))
  }

  static func firstOffset(of part: Value, in text: Value, from start: Int) -> Int? {
    if part.count == 0 { return start }
    guard let base = text.utf8.baseAddress, let needle = part.utf8.baseAddress else { return nil }
    return Bytes.find(base + start, text.count - start, needle, part.count).map { $0 + start }
  }

  static func firstIndex(of part: Value, in text: Value, from start: Int) -> Int64 {
    firstOffset(of: part, in: text, from: start).map { index(ofOffset: $0, in: text) } ?? -1
  }

  /// The last occurrence that starts at `limit` or before.
  static func lastIndex(of part: Value, in text: Value, before limit: Int) -> Int64 {
    if part.count == 0 { return index(ofOffset: limit, in: text) }
    guard let base = text.utf8.baseAddress, let needle = part.utf8.baseAddress else { return -1 }
    var start = min(limit, text.count - part.count)
    while start >= 0 {
      if base[start] == needle[0], bytesAreEqual(base + start, needle, part.count) {
        return index(ofOffset: start, in: text)
      }
      start -= 1
    }
    return -1
  }

  static func replacing(
    _ text: Value, _ old: Value, _ new: Value, limit: Int64, _ frame: Frame
  ) -> Value {
    var result: [UInt8] = []
    var position = 0
    var count: Int64 = 0
    while limit < 0 || count < limit, position <= text.count,
      let found = firstOffset(of: old, in: text, from: position)
    {
      guard result.count <= Frame.stringLimit, frame.spend(1 + new.count / 8) else {
        return frame.error(.stepLimit)
      }
      result += text.utf8[position..<found]
      result += new.utf8
      count += 1
      position = found + old.count
      if old.count == 0 {
        // Between all code points, before the first and after the last.
        let length = length(text, at: position)
        result += text.utf8[position..<position + length]
        if length == 0 {
          position = text.count
          break
        }
        position += length
      }
    }
    if count == 0 { return text }
    result += text.utf8[min(position, text.count)...]
    return frame.string(result)
  }

  static func split(_ text: Value, _ separator: Value, limit: Int64, _ frame: Frame) -> Value {
    if limit == 0 { return .emptyList }
    var parts: [Value] = []
    var position = 0
    while limit < 0 || parts.count < limit - 1 {
      let end: Int?
      if separator.count == 0 {
        let length = length(text, at: position)
        end = length == 0 || position + length == text.count ? nil : position + length
      } else {
        end = firstOffset(of: separator, in: text, from: position)
      }
      guard let end else { break }
      guard frame.spend(1) else { return frame.error(.stepLimit) }
      parts.append(slice(text, position, end))
      position = end + separator.count
    }
    if separator.count > 0 || position < text.count {
      parts.append(slice(text, position, text.count))
    }
    return frame.arena.list(parts)
  }

  static func joined(_ list: Value, _ separator: Value, _ frame: Frame) -> Value {
    var result: [UInt8] = []
    for (index, element) in list.elements.enumerated() {
      guard element.isString else { return frame.error(.noSuchOverload, list) }
      guard result.count <= Frame.stringLimit,
        frame.spend(1 + (separator.count + element.count) / 8)
      else { return frame.error(.stepLimit) }
      if index > 0 { result += separator.utf8 }
      result += element.utf8
    }
    return frame.string(result)
  }

  static func mapped(_ text: Value, _ frame: Frame, _ change: (UInt8) -> UInt8) -> Value {
    guard frame.spend(1 + text.count / 8) else { return frame.error(.stepLimit) }
    let count = text.count
    guard count > 0, let base = text.utf8.baseAddress else { return text }
    let memory = frame.arena.allocate(byteCount: count).assumingMemoryBound(to: UInt8.self)
    for index in 0..<count { memory[index] = change(base[index]) }
    return .string(at: memory, count: count, isASCII: text.isASCII)
  }

  /// The string without Unicode white space at both ends, over the same memory.
  static func trimmed(_ text: Value) -> Value {
    var start = 0
    while start < text.count, isSpace(text, at: start) { start += length(text, at: start) }
    var end = text.count
    while end > start {
      var last = end - 1
      while last > start, text.utf8[last] & 0xC0 == 0x80 { last -= 1 }
      guard isSpace(text, at: last) else { break }
      end = last
    }
    return slice(text, start, end)
  }

  /// Whether the code point at an offset is white space to Go's `unicode.IsSpace`.
  private static func isSpace(_ text: Value, at offset: Int) -> Bool {
    let bytes = text.utf8
    switch bytes[offset] {
    case 0x09...0x0D, 0x20: return true
    case 0xC2: return bytes[offset + 1] == 0x85 || bytes[offset + 1] == 0xA0
    case 0xE1: return bytes[offset + 1] == 0x9A && bytes[offset + 2] == 0x80
    case 0xE2:
      let (second, third) = (bytes[offset + 1], bytes[offset + 2])
      return second == 0x80 && (third <= 0x8A || third == 0xA8 || third == 0xA9 || third == 0xAF)
        || second == 0x81 && third == 0x9F
    case 0xE3: return bytes[offset + 1] == 0x80 && bytes[offset + 2] == 0x80
    default: return false
    }
  }

  /// A string literal of CEL for the text.
  static func quoted(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var result: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text {
      let letter: Unicode.Scalar? =
        switch byte {
        case 0x07: "a"
        case 0x08: "b"
        case 0x0C: "f"
        case 0x0A: "n"
        case 0x0D: "r"
        case 0x09: "t"
        case 0x0B: "v"
        case UInt8(ascii: "\\"): "\\"
        case UInt8(ascii: "\""): "\""
        default: nil
        }
      if let letter {
        result += [UInt8(ascii: "\\"), UInt8(ascii: letter)]
      } else {
        result.append(byte)
      }
    }
    result.append(UInt8(ascii: "\""))
    return result
  }
}

extension Frame {
  /// The bytes that one string made by a function may have.
  static let stringLimit = 64 << 20

  /// A string made by a function, within the limits.
  func string(_ bytes: [UInt8]) -> Value {
    guard bytes.count <= Self.stringLimit, spend(1 + bytes.count / 8) else {
      return error(.stepLimit)
    }
    return arena.string(bytes)
  }

  /// A string made by a function of an argument of `byteCount` bytes, within the limits.
  func string(byteCount: Int, _ text: @autoclosure () -> String) -> Value {
    guard byteCount <= Self.stringLimit, spend(1 + byteCount / 8) else { return error(.stepLimit) }
    return arena.string(text())
  }
}

extension Availability {
  /// Everywhere but in the specification.
  static let notSpec = Availability(inSpec: false, inKro: true, kubernetes: 0..<1000)
}

extension CostRule {
  /// `factor` for each code point, byte or element of an argument, rounded up; may be 0.
  static func rounded(_ index: Int, _ factor: Double) -> CostRule {
    .custom { arguments, _ in size(arguments[index], times: factor) }
  }

  /// `factor` for each code point of the result, rounded up.
  static func roundedResult(_ factor: Double) -> CostRule {
    .custom { _, result in size(result, times: factor) }
  }

  private static func size(_ value: Value, times factor: Double) -> UInt64 {
    UInt64((Double(size(of: value)) * factor).rounded(.up))
  }

  /// The size of a value as the cost model counts it: code points, bytes, elements; 1 of a scalar.
  static func size(of value: Value) -> Int {
    switch value.kind {
    case .string: value.characterCount
    case .bytes, .list, .map: value.count
    default: 1
    }
  }
}
