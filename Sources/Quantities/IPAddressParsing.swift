/// Why a text is no address or block, in the words of Go's `net/netip`.
public struct IPAddressError: Error, Sendable, Equatable {
  /// The whole sentence, the text in quotes.
  public let message: String
  /// Whether it would be an address but for its zone, as in `fe80::1%eth0`.
  public let isOnlyZone: Bool

  init(_ message: String, isOnlyZone: Bool = false) {
    self.message = message
    self.isOnlyZone = isOnlyZone
  }
}

extension IPAddress {
  /// Reads an address. A zone is refused, and so are leading zeros.
  public static func parse(_ text: String) -> Result<IPAddress, IPAddressError> {
    do throws(IPAddressError) {
      var parser = AddressParser(text)
      return .success(try parser.parse())
    } catch {
      return .failure(error)
    }
  }
}

extension CIDRBlock {
  /// Reads a block: an address, `/`, and the number of bits.
  public static func parse(_ text: String) -> Result<CIDRBlock, IPAddressError> {
    func failure(_ message: String) -> Result<CIDRBlock, IPAddressError> {
      .failure(IPAddressError("netip.ParsePrefix(\(quoted(text))): " + message))
    }
    guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")) else { return failure("no '/'") }
    let bits = text[text.utf8.index(after: slash)...]
    switch IPAddress.parse(String(text[..<slash])) {
    case .failure(let error):
      return failure(error.isOnlyZone ? "IPv6 zones cannot be present in a prefix" : error.message)
    case .success(let address):
      let isNumber = !bits.isEmpty && bits.utf8.allSatisfy { $0 &- 0x30 < 10 }
      guard isNumber, bits.utf8.count == 1 || bits.utf8.first != 0x30 else {
        return failure("bad bits after slash: \(quoted(String(bits)))")
      }
      guard let length = Int(bits) else {
        return failure("bad bits after slash: \(quoted(String(bits)))")
      }
      return CIDRBlock(address, prefixLength: length).map(Result.success)
        ?? failure("prefix length out of range")
    }
  }
}

private struct AddressParser {
  private let text: String
  private let bytes: [UInt8]
  /// Where the address ends and the zone, if any, begins.
  private var end: Int

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    end = bytes.count
  }

  mutating func parse() throws(IPAddressError) -> IPAddress {
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "."): return try parseVersion4()
      case UInt8(ascii: ":"): return try parseVersion6()
      case UInt8(ascii: "%"): throw failure("missing IPv6 address")
      default: continue
      }
    }
    throw failure("unable to parse IP")
  }

  private func failure(_ message: String, at index: Int? = nil) -> IPAddressError {
    var sentence = "ParseAddr(\(quoted(text))): \(message)"
    if let index, index < end {
      sentence += " (at \(quoted(String(decoding: bytes[index..<end], as: UTF8.self))))"
    }
    return IPAddressError(sentence)
  }

  private func parseVersion4() throws(IPAddressError) -> IPAddress {
    IPAddress(high: 0, low: UInt64(try octets(from: 0)), isVersion4: true)
  }

  /// Four numbers with dots between them, up to `end`.
  private func octets(from start: Int) throws(IPAddressError) -> UInt32 {
    var result: UInt32 = 0
    var value: UInt32 = 0
    var digitCount = 0
    var dots = 0
    for index in start..<end {
      let byte = bytes[index]
      if byte &- 0x30 < 10 {
        if digitCount == 1, value == 0 { throw failure("IPv4 field has octet with leading zero") }
        value = value * 10 + UInt32(byte - 0x30)
        digitCount += 1
        if value > 255 { throw failure("IPv4 field has value >255") }
      } else if byte == UInt8(ascii: ".") {
        if digitCount == 0 || index == end - 1 {
          throw failure("IPv4 field must have at least one digit", at: index)
        }
        if dots == 3 { throw failure("IPv4 address too long") }
        result = result << 8 | value
        (value, digitCount, dots) = (0, 0, dots + 1)
      } else {
        throw failure("unexpected character", at: index)
      }
    }
    if dots < 3 { throw failure("IPv4 address too short") }
    return result << 8 | value
  }

  private mutating func parseVersion6() throws(IPAddressError) -> IPAddress {
    let percent = bytes.firstIndex(of: UInt8(ascii: "%"))
    if let percent {
      if percent == bytes.count - 1 { throw failure("zone must be a non-empty string") }
      end = percent
    }
    let groups = try parseGroups()
    if percent != nil {
      throw IPAddressError(failure("zones are not allowed").message, isOnlyZone: true)
    }
    var words: [UInt64] = [0, 0]
    for (index, group) in groups.enumerated() {
      words[index / 4] |= UInt64(group) << UInt64(48 - index % 4 * 16)
    }
    return IPAddress(high: words[0], low: words[1], isVersion4: false)
  }

  /// The eight groups of 16 bits.
  private func parseGroups() throws(IPAddressError) -> [UInt16] {
    var groups: [UInt16] = []
    var ellipsis: Int?
    var index = 0
    if end >= 2, bytes[0] == UInt8(ascii: ":"), bytes[1] == UInt8(ascii: ":") {
      ellipsis = 0
      index = 2
    }
    while index < end, groups.count < 8 {
      let start = index
      let value = try group(&index)
      if index < end, bytes[index] == UInt8(ascii: ".") {
        try append(version4At: start, ellipsis, &groups)
        index = end
        break
      }
      groups.append(value)
      if index == end { break }
      if bytes[index] != UInt8(ascii: ":") {
        throw failure("unexpected character, want colon", at: index)
      }
      if index == end - 1 { throw failure("colon must be followed by more characters", at: index) }
      index += 1
      if bytes[index] == UInt8(ascii: ":") {
        if ellipsis != nil { throw failure("multiple :: in address", at: index) }
        ellipsis = groups.count
        index += 1
      }
    }
    if index < end { throw failure("trailing garbage after address", at: index) }
    if groups.count == 8 {
      if ellipsis != nil { throw failure("the :: must expand to at least one field of zeros") }
      return groups
    }
    guard let ellipsis else { throw failure("address string too short") }
    groups.insert(contentsOf: Array(repeating: 0, count: 8 - groups.count), at: ellipsis)
    return groups
  }

  /// One to four hexadecimal digits.
  private func group(_ index: inout Int) throws(IPAddressError) -> UInt16 {
    let start = index
    var value: UInt32 = 0
    while index < end, let digit = hexadecimalValue(bytes[index]) {
      value = value << 4 | digit
      if index - start > 3 { throw failure("each group must have 4 or fewer digits", at: start) }
      index += 1
    }
    if index == start {
      throw failure("each colon-separated field must have at least one digit", at: start)
    }
    return UInt16(truncatingIfNeeded: value)
  }

  private func append(
    version4At start: Int, _ ellipsis: Int?, _ groups: inout [UInt16]
  ) throws(IPAddressError) {
    if ellipsis == nil, groups.count != 6 {
      throw failure(
        "embedded IPv4 address must replace the final 2 fields of the address", at: start)
    }
    if groups.count > 6 {
      throw failure(
        "too many hex fields to fit an embedded IPv4 at the end of the address", at: start)
    }
    let bits = try octets(from: start)
    groups += [UInt16(truncatingIfNeeded: bits >> 16), UInt16(truncatingIfNeeded: bits)]
  }

  private func hexadecimalValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case 0x41...0x46: UInt32(byte - 0x37)
    case 0x61...0x66: UInt32(byte - 0x57)
    default: nil
    }
  }
}

/// A text in Go's double quotes, as `strconv.Quote` writes it for text without odd characters.
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    case "\r": result += "\\r"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
