/// Undoes the compression of gzip files (RFC 1952) and their deflate streams (RFC 1951).
struct Inflater {
  private let input: [UInt8]
  private var position: Int
  private var bits: UInt32 = 0
  private var bitCount = 0
  private var output: [UInt8] = []
  private let limit: Int

  /// What a gzip file holds, all its members one after the other.
  ///
  /// Throws `ChartError` for what is no gzip file, and `limit` when it holds over `limit` bytes.
  static func gunzip(_ bytes: [UInt8], limit: Int) throws -> [UInt8] {
    var result: [UInt8] = []
    var start = 0
    repeat {
      let body = try bodyStart(bytes, from: start)
      var inflater = Inflater(bytes, at: body, limit: limit - result.count)
      try inflater.inflate()
      let end = inflater.position
      guard end + 8 <= bytes.count else { throw damaged }
      var sum: UInt32 = 0
      var count: UInt32 = 0
      for index in 0..<4 {
        sum |= UInt32(bytes[end + index]) << UInt32(8 * index)
        count |= UInt32(bytes[end + 4 + index]) << UInt32(8 * index)
      }
      guard count == UInt32(truncatingIfNeeded: inflater.output.count),
        sum == checksum(inflater.output)
      else { throw ChartError(.invalidChart, "gzip: invalid checksum") }
      result += inflater.output
      start = end + 8
    } while start < bytes.count
    return result
  }

  private static let damaged = ChartError(.invalidChart, "gzip: invalid header")

  private static func bodyStart(_ bytes: [UInt8], from start: Int) throws -> Int {
    guard start + 10 <= bytes.count, bytes[start] == 0x1F, bytes[start + 1] == 0x8B,
      bytes[start + 2] == 8
    else { throw damaged }
    let flags = bytes[start + 3]
    var position = start + 10
    if flags & 4 != 0 {
      guard position + 2 <= bytes.count else { throw damaged }
      position += 2 + Int(bytes[position]) + Int(bytes[position + 1]) << 8
    }
    // A name, then a comment, each ends with a zero byte.
    for flag in [UInt8(8), 16] where flags & flag != 0 {
      guard position < bytes.count, let end = bytes[position...].firstIndex(of: 0) else {
        throw damaged
      }
      position = end + 1
    }
    if flags & 2 != 0 { position += 2 }
    guard position <= bytes.count else { throw damaged }
    return position
  }

  private init(_ input: [UInt8], at position: Int, limit: Int) {
    self.input = input
    self.position = position
    self.limit = limit
  }

  private mutating func inflate() throws {
    var isLast = false
    while !isLast {
      isLast = try take(1) == 1
      switch try take(2) {
      case 0: try copyStored()
      case 1: try decode(Self.fixedLiterals, Self.fixedDistances)
      case 2:
        let (literals, distances) = try readTables()
        try decode(literals, distances)
      default: throw corrupt
      }
    }
    // Whole bytes that were taken ahead go back.
    position -= bitCount / 8
  }

  private var corrupt: ChartError {
    ChartError(.invalidChart, "flate: corrupt input before offset \(position)")
  }

  private mutating func take(_ count: Int) throws -> Int {
    while bitCount < count {
      guard position < input.count else { throw ChartError(.invalidChart, "unexpected EOF") }
      bits |= UInt32(input[position]) << UInt32(bitCount)
      position += 1
      bitCount += 8
    }
    let value = bits & ((1 << UInt32(count)) - 1)
    bits >>= UInt32(count)
    bitCount -= count
    return Int(value)
  }

  private mutating func grow(by count: Int) throws {
    guard output.count + count <= limit else {
      throw ChartError(
        .limit,
        "the archive holds over \(ChartLimits.chartByteCount >> 20) MiB, the most a chart may have")
    }
  }

  private mutating func copyStored() throws {
    position -= bitCount / 8
    bits = 0
    bitCount = 0
    guard position + 4 <= input.count else { throw corrupt }
    let count = Int(input[position]) | Int(input[position + 1]) << 8
    let inverse = Int(input[position + 2]) | Int(input[position + 3]) << 8
    guard count ^ 0xFFFF == inverse, position + 4 + count <= input.count else { throw corrupt }
    try grow(by: count)
    output += input[(position + 4)..<(position + 4 + count)]
    position += 4 + count
  }

  private mutating func decode(_ literals: Huffman, _ distances: Huffman) throws {
    while true {
      let symbol = try self.symbol(literals)
      if symbol < 256 {
        try grow(by: 1)
        output.append(UInt8(symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol < 286 else { throw corrupt }
      let length = Self.lengths[symbol - 257] + (try take(Self.lengthBits[symbol - 257]))
      let code = try self.symbol(distances)
      guard code < 30 else { throw corrupt }
      let distance = Self.distances[code] + (try take(code < 2 ? 0 : code / 2 - 1))
      guard distance <= output.count else { throw corrupt }
      try grow(by: length)
      let start = output.count - distance
      for offset in 0..<length { output.append(output[start + offset]) }
    }
  }

  private mutating func readTables() throws -> (Huffman, Huffman) {
    let literalCount = try take(5) + 257
    let distanceCount = try take(5) + 1
    let codeCount = try take(4) + 4
    guard literalCount <= 286, distanceCount <= 30 else { throw corrupt }
    var lengths = [UInt8](repeating: 0, count: 19)
    for index in 0..<codeCount { lengths[Self.codeOrder[index]] = UInt8(try take(3)) }
    guard let codes = Huffman(lengths) else { throw corrupt }
    var all: [UInt8] = []
    while all.count < literalCount + distanceCount {
      let symbol = try self.symbol(codes)
      switch symbol {
      case 0..<16: all.append(UInt8(symbol))
      case 16:
        guard let last = all.last else { throw corrupt }
        all += Array(repeating: last, count: try take(2) + 3)
      case 17: all += Array(repeating: 0, count: try take(3) + 3)
      default: all += Array(repeating: 0, count: try take(7) + 11)
      }
    }
    guard all.count == literalCount + distanceCount, all[256] != 0,
      let literals = Huffman(Array(all[..<literalCount])),
      let distances = Huffman(Array(all[literalCount...]))
    else { throw corrupt }
    return (literals, distances)
  }

  private mutating func symbol(_ table: Huffman) throws -> Int {
    var code = 0
    var first = 0
    var index = 0
    for length in 1...15 {
      code |= try take(1)
      let count = Int(table.counts[length])
      if code - count < first { return Int(table.symbols[index + code - first]) }
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    throw corrupt
  }

  /// A canonical Huffman code: how many codes there are of each length, and their symbols in order.
  private struct Huffman {
    var counts = [UInt16](repeating: 0, count: 16)
    var symbols: [UInt16]

    /// The code of the lengths of each symbol; nil if there are more codes than fit.
    init?(_ lengths: [UInt8]) {
      for length in lengths { counts[Int(length)] += 1 }
      counts[0] = 0
      var left = 1
      for length in 1...15 {
        left = left << 1 - Int(counts[length])
        if left < 0 { return nil }
      }
      var offsets = [Int](repeating: 0, count: 16)
      for length in 1..<15 { offsets[length + 1] = offsets[length] + Int(counts[length]) }
      symbols = [UInt16](repeating: 0, count: lengths.count)
      for (symbol, length) in lengths.enumerated() where length != 0 {
        symbols[offsets[Int(length)]] = UInt16(symbol)
        offsets[Int(length)] += 1
      }
    }

    /// The codes that every reader knows; an empty one stands in where the lengths were wrong.
    static func known(_ lengths: [UInt8]) -> Huffman { Huffman(lengths) ?? Huffman() }
    private init() { symbols = [] }
  }

  private static let fixedLiterals = Huffman.known(
    (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  private static let fixedDistances = Huffman.known(Array(repeating: 5, count: 30))
  private static let codeOrder = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]
  private static let lengths = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
  ]
  private static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distances = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
    3073, 4097, 6145, 8193, 12289, 16385, 24577,
  ]

  /// CRC-32 as gzip has it.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum = ~UInt32(0)
    for byte in bytes { sum = sum >> 8 ^ checksumTable[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
    return ~sum
  }

  private static let checksumTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
  }
}
