/// Types in the notation of conformance tables: `map(string, list(int))`.
enum TypeText {
  /// The type of a text; nil if it is none.
  static func type(_ text: String) -> CELType? {
    var reader = Reader(bytes: Array(text.utf8))
    guard let type = reader.type(depth: 0), reader.position == reader.bytes.count else {
      return nil
    }
    return type
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      while position < bytes.count, bytes[position] == 0x20 { position += 1 }
      guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func type(depth: Int) -> CELType? {
      guard depth < 50 else { return nil }
      while position < bytes.count, bytes[position] == 0x20 { position += 1 }
      let start = position
      while position < bytes.count, !" (),".utf8.contains(bytes[position]) { position += 1 }
      let name = String(decoding: bytes[start..<position], as: UTF8.self)
      if name == "param" || name == "message" {
        guard take("(") else { return nil }
        let first = position
        while position < bytes.count, bytes[position] != UInt8(ascii: ")") { position += 1 }
        let inner = String(decoding: bytes[first..<position], as: UTF8.self)
        guard take(")") else { return nil }
        return name == "param" ? .parameter(inner) : .opaque(inner, [])
      }
      var arguments: [CELType] = []
      if take("(") {
        repeat {
          guard let argument = type(depth: depth + 1) else { return nil }
          arguments.append(argument)
        } while take(",")
        guard take(")") else { return nil }
      }
      return named(name, arguments)
    }

    private func named(_ name: String, _ arguments: [CELType]) -> CELType? {
      switch (name, arguments.count) {
      case ("int", 0): .int
      case ("uint", 0): .uint
      case ("double", 0): .double
      case ("bool", 0): .bool
      case ("string", 0): .string
      case ("bytes", 0): .bytes
      case ("null_type", 0): .null
      case ("dyn", 0), ("google.protobuf.Any", 0): .dyn
      case ("error", 0): .error
      case ("google.protobuf.Timestamp", 0): .timestamp
      case ("google.protobuf.Duration", 0): .duration
      case ("list", 1): .list(arguments[0])
      case ("map", 2): .map(arguments[0], arguments[1])
      case ("type", 0): .type(.dyn)
      case ("type", 1): .type(arguments[0])
      case ("optional_type", 1): .optional(arguments[0])
      case ("wrapper", 1): .wrapper(arguments[0])
      case ("", _): nil
      default: .opaque(name, arguments)
      }
    }
  }
}
