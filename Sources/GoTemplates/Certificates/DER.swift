/// Values in the distinguished encoding rules of ASN.1 (X.690), as bytes.
enum DER {
  static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    var length: [UInt8] = []
    if content.count < 0x80 {
      length = [UInt8(content.count)]
    } else {
      var rest = content.count
      while rest > 0 {
        length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
        rest >>= 8
      }
      length.insert(0x80 | UInt8(length.count), at: 0)
    }
    return [tag] + length + content
  }

  static func sequence(_ parts: [UInt8]...) -> [UInt8] { tagged(0x30, Array(parts.joined())) }
  static func set(_ parts: [UInt8]...) -> [UInt8] { tagged(0x31, Array(parts.joined())) }
  static func octets(_ bytes: [UInt8]) -> [UInt8] { tagged(0x04, bytes) }
  static let null: [UInt8] = [0x05, 0x00]
  static let yes: [UInt8] = [0x01, 0x01, 0xFF]

  /// A number that is not negative, from its bytes.
  static func integer(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array(bytes.drop { $0 == 0 })
    guard let first = digits.first else { return tagged(0x02, [0]) }
    return tagged(0x02, first & 0x80 == 0 ? digits : [0] + digits)
  }

  static func integer(_ number: BigNumber) -> [UInt8] { integer(number.bytes) }

  static func bits(_ bytes: [UInt8], unused: UInt8 = 0) -> [UInt8] {
    tagged(0x03, [unused] + bytes)
  }

  static func object(_ numbers: UInt32...) -> [UInt8] {
    var content = [UInt8(truncatingIfNeeded: numbers[0] * 40 + numbers[1])]
    for number in numbers.dropFirst(2) {
      var groups = [UInt8(number & 0x7F)]
      var rest = number >> 7
      while rest > 0 {
        groups.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
        rest >>= 7
      }
      content += groups
    }
    return tagged(0x06, content)
  }

  /// A text: a printable string where its letters allow it, as Go chooses.
  static func text(_ bytes: [UInt8]) -> [UInt8] {
    let isPrintable = bytes.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF)
        || Array(" '()+,-./:=?".utf8).contains($0)
    }
    return tagged(isPrintable ? 0x13 : 0x0C, bytes)
  }

  /// A moment: with two digits of its year up to 2049 (RFC 5280, 4.1.2.5).
  static func time(_ time: GoTime) -> [UInt8] {
    let year = time.parts.year
    return (1950..<2050).contains(year)
      ? tagged(0x17, time.formatted(Array("060102150405Z".utf8)))
      : tagged(0x18, time.formatted(Array("20060102150405Z".utf8)))
  }
}

/// Reads DER, one value after the other.
struct DERReader {
  /// One value: its tag, what it holds, and both with the length as they stand there.
  struct Item {
    let tag: UInt8
    let content: [UInt8]
    let whole: [UInt8]
    var reader: DERReader { DERReader(content) }
  }

  private var bytes: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  var isAtEnd: Bool { bytes.isEmpty }

  /// The next value; nil if none is there, or another than the wanted, or one that is cut off.
  mutating func next(_ wanted: UInt8? = nil) -> Item? {
    let start = bytes.startIndex
    guard bytes.count >= 2, wanted == nil || bytes[start] == wanted else { return nil }
    var index = start + 2
    var length = Int(bytes[start + 1])
    if length & 0x80 != 0 {
      let count = length & 0x7F
      guard (1...4).contains(count), bytes.endIndex - index >= count else { return nil }
      length = bytes[index..<(index + count)].reduce(0) { $0 << 8 | Int($1) }
      index += count
    }
    guard bytes.endIndex - index >= length else { return nil }
    let item = Item(
      tag: bytes[start], content: Array(bytes[index..<(index + length)]),
      whole: Array(bytes[start..<(index + length)]))
    bytes = bytes[(index + length)...]
    return item
  }
}

/// A block of base 64 between two lines that say what it is (RFC 7468).
struct PEMBlock {
  let type: String
  let bytes: [UInt8]

  init(_ type: String, _ bytes: [UInt8]) {
    self.type = type
    self.bytes = bytes
  }

  /// The first block of a text.
  init?(in text: [UInt8]) {
    let lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard
      let start = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN ") && $0.hasSuffix("-----") })
    else { return nil }
    type = String(lines[start].dropFirst(11).dropLast(5))
    let end = "-----END \(type)-----"
    guard let last = lines[start...].firstIndex(where: { $0.hasPrefix(end) }) else { return nil }
    // Headers are lines with a colon.
    let body = lines[(start + 1)..<last].filter { !$0.contains(":") }.joined()
    guard case .success(let bytes) = decodedBase64(Array(body.utf8)) else { return nil }
    self.bytes = bytes
  }

  var text: [UInt8] {
    let encoded = base64(bytes)
    var text = Array("-----BEGIN \(type)-----\n".utf8)
    for start in stride(from: 0, to: encoded.count, by: 64) {
      text += encoded[start..<min(start + 64, encoded.count)]
      text.append(0x0A)
    }
    return text + Array("-----END \(type)-----\n".utf8)
  }
}
