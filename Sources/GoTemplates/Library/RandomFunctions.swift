// Functions whose answers are random: refused, or drawn from the seeded generator.

func addRandomness(to table: inout FunctionTable) {
  let digits = Array("0123456789".utf8)
  let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
  let sets: [(String, [UInt8])] = [
    ("randAlphaNum", letters + digits), ("randAlpha", letters), ("randNumeric", digits),
    ("randAscii", Array(32...126)),
  ]
  for (name, set) in sets {
    table.add1(name, "i") { execution, count in
      guard int(count) >= 0 else {
        throw FunctionError("Requested random string length \(int(count)) is less than 0.")
      }
      let bytes = try execution.randomBytes(int(count), for: name)
      return .string(bytes.map { set[Int($0) % set.count] })
    }
  }
  table.add1("randBytes", "i") { execution, count in
    guard int(count) >= 0 else { throw FunctionError("negative length") }
    return .string(base64(try execution.randomBytes(int(count), for: "randBytes")))
  }
  table.add2("randInt", "ii") { execution, low, high in
    let (span, overflow) = int(high).subtractingReportingOverflow(int(low))
    guard !overflow, span > 0 else { throw FunctionError("invalid argument to Intn") }
    // One possible number is no chance.
    if span == 1 { return low }
    return try execution.withGenerator(for: "randInt") { generator in
      .int(int(low) + Int.random(in: 0..<span, using: &generator))
    }
  }
  table.add1("shuffle", "s") { execution, value in
    var characters = scalars(of: value.asBytes ?? [])
    if characters.count < 2 { return value }
    try execution.withGenerator(for: "shuffle") { characters.shuffle(using: &$0) }
    return .string(utf8(characters))
  }
  table.add("uuidv4", "") { execution, _ in
    var bytes = try execution.randomBytes(16, for: "uuidv4")
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let text = hexText(bytes)
    return .string(
      joined(
        [text[0..<8], text[8..<12], text[12..<16], text[16..<20], text[20..<32]].map { Array($0) },
        [0x2D]))
  }
}
