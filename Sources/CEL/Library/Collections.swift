import Documents

extension Library {
  /// `size`, `type`, `dyn`, and the other functions of every kind of value.
  static let collections: [Function] = [
    Function("size", .string, returns: .int) { text, _ in
      .int(Int64(text.characterCount))
    },
    Function("size", .bytes, returns: .int) { bytes, _ in .int(Int64(bytes.count)) },
    Function("size", .list(.parameter("T")), returns: .int) { list, _ in .int(Int64(list.count)) },
    Function("size", .map(.parameter("K"), .parameter("V")), returns: .int) { map, _ in
      .int(Int64(map.count))
    },
    Function("size", on: .list(.parameter("T")), returns: .int) { list, _ in
      .int(Int64(list.count))
    },
    Function("size", on: .string, returns: .int) { text, _ in
      .int(Int64(text.characterCount))
    },
    Function("size", on: .bytes, returns: .int) { bytes, _ in .int(Int64(bytes.count)) },
    Function("size", on: .map(.parameter("K"), .parameter("V")), returns: .int) { map, _ in
      .int(Int64(map.count))
    },
    Function("type", .parameter("T"), returns: .type(.parameter("T"))) { value, _ in
      TypeValues.type(of: value)
    },
    Function("dyn", .parameter("T"), returns: .dyn) { value, _ in value },
  ]
}

extension Value {
  /// The number of Unicode scalars of a string.
  var characterCount: Int {
    if isASCII { return count }
    var result = 0
    for byte in utf8 where byte & 0xC0 != 0x80 { result &+= 1 }
    return result
  }
}
