import Documents
import Quantities

/// The formats that are checked; others are only hints, as the API server holds it
/// (apiextensions `validation.go`, supported formats).
enum Format: UInt8 {
  case none
  case int32
  case int64
  case byte
  case date
  case dateTime
  case uuid
  case ipv4
  case ipv6
  case cidr
  case hostname
  case email
  case uri

  /// A format from its name in a schema; `.none` for one that is not checked.
  init(name: String) {
    self = Format.names.first { $0.name == name }?.format ?? .none
  }

  /// A format that only JSON Schema checks (drafts 4 and later); nil for others.
  init?(JSONSchemaName name: String) {
    switch name {
    case "email": self = .email
    case "uri": self = .uri
    default: return nil
    }
  }

  /// The name in a schema; nil for `.none`.
  var name: String? { Format.names.first { $0.format == self }?.name }

  private static let names: [(name: String, format: Format)] = [
    ("int32", .int32), ("int64", .int64), ("byte", .byte), ("date", .date),
    ("date-time", .dateTime), ("datetime", .dateTime), ("uuid", .uuid), ("ipv4", .ipv4),
    ("ipv6", .ipv6), ("cidr", .cidr), ("hostname", .hostname),
  ]

  /// What is expected, for a message.
  var expectation: String {
    switch self {
    case .none: "anything"
    case .int32: "a whole number of 32 bits"
    case .int64: "a whole number of 64 bits"
    case .byte: "base64"
    case .date: "a date such as '2027-01-31'"
    case .dateTime: "a time such as '2027-01-31T12:00:00Z'"
    case .uuid: "a UUID"
    case .ipv4: "an IPv4 address"
    case .ipv6: "an IPv6 address"
    case .cidr: "a block of addresses such as '10.0.0.0/8'"
    case .hostname: "a host name"
    case .email: "an address such as 'team@acme.test'"
    case .uri: "a URI such as 'https://acme.test/'"
    }
  }

  /// Whether a value of the right type has the format.
  func accepts(_ value: Value) -> Bool {
    switch self {
    case .none: return true
    case .int32: return !value.isKind(.int) || Int32(exactly: value.intPayload) != nil
    case .int64: return !value.isKind(.uint)
    default: break
    }
    guard value.isKind(.string) else { return true }
    let text = value.utf8
    switch self {
    case .byte: return isBase64(text)
    case .date: return text.count == 10 && isDate(text)
    case .dateTime: return isDateTime(text)
    case .uuid: return isUUID(text)
    case .ipv4: return address(text)?.isVersion4 == true
    case .ipv6: return address(text)?.isVersion4 == false
    case .cidr: return isCIDR(text)
    case .hostname: return isHostName(text)
    case .email: return isEmail(text)
    case .uri: return isURI(text)
    case .none, .int32, .int64: return true
    }
  }
}

/// An address of RFC 5322, with a name before it or not.
private func isEmail(_ text: Bytes) -> Bool {
  var address = text[...]
  if let open = address.lastIndex(of: UInt8(ascii: "<")), address.last == UInt8(ascii: ">") {
    address = address[(open + 1)..<(address.endIndex - 1)]
  }
  guard let at = address.lastIndex(of: UInt8(ascii: "@")) else { return false }
  let isAtoms = { (part: Slice<Bytes>) in
    part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { atom in
      !atom.isEmpty
        && atom.allSatisfy { $0 > 0x20 && $0 != 0x7F && !Array("()<>[]:;@\\,\"".utf8).contains($0) }
    }
  }
  let (local, domain) = (address[..<at], address[(at + 1)...])
  let isQuoted = local.count > 2 && local.first == UInt8(ascii: "\"") && local.last == local.first
  let isLiteral = domain.first == UInt8(ascii: "[") && domain.last == UInt8(ascii: "]")
  return (isQuoted || isAtoms(local)) && (isLiteral || isAtoms(domain))
}

/// A URI with a scheme (RFC 3986), as far as Go's `net/url` looks.
private func isURI(_ text: Bytes) -> Bool {
  guard let colon = text.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return false }
  guard (0x61...0x7A).contains(text[0] | 0x20),
    text[..<colon].allSatisfy({
      (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0)
        || Array("+-.".utf8).contains($0)
    })
  else { return false }
  return !text.contains { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }
}

private typealias Bytes = UnsafeBufferPointer<UInt8>

/// Standard alphabet with padding, as Go's `base64.StdEncoding` reads it: line ends are skipped.
private func isBase64(_ text: Bytes) -> Bool {
  var count = 0
  var padding = 0
  for byte in text where byte != 0x0A && byte != 0x0D {
    count += 1
    if byte == UInt8(ascii: "=") {
      padding += 1
      continue
    }
    guard padding == 0 else { return false }
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F: continue
    default: return false
    }
  }
  return count % 4 == 0 && padding <= 2
}

private func number(_ text: Bytes, _ range: Range<Int>) -> Int? {
  var value = 0
  for index in range {
    guard index < text.count, (0x30...0x39).contains(text[index]) else { return nil }
    value = value * 10 + Int(text[index] & 15)
  }
  return value
}

/// `YYYY-MM-DD` of a day that exists.
private func isDate(_ text: Bytes) -> Bool {
  guard text.count >= 10, text[4] == 0x2D, text[7] == 0x2D, let year = number(text, 0..<4),
    let month = number(text, 5..<7), let day = number(text, 8..<10), (1...12).contains(month)
  else { return false }
  let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return (1...days[month - 1]).contains(day)
}

/// RFC 3339 section 5.6.
private func isDateTime(_ text: Bytes) -> Bool {
  guard text.count >= 20, isDate(text), text[10] | 0x20 == 0x74, text[13] == 0x3A,
    text[16] == 0x3A, let hour = number(text, 11..<13), let minute = number(text, 14..<16),
    let second = number(text, 17..<19), hour < 24, minute < 60, second < 61
  else { return false }
  var index = 19
  if text[index] == 0x2E {
    let start = index + 1
    index = start
    while index < text.count, (0x30...0x39).contains(text[index]) { index += 1 }
    guard index > start else { return false }
  }
  guard index < text.count else { return false }
  if text[index] | 0x20 == 0x7A { return index + 1 == text.count }
  guard text[index] == 0x2B || text[index] == 0x2D, text.count == index + 6,
    text[index + 3] == 0x3A, let zoneHour = number(text, index + 1..<index + 3),
    let zoneMinute = number(text, index + 4..<index + 6)
  else { return false }
  return zoneHour < 24 && zoneMinute < 60
}

/// 32 hexadecimal digits with hyphens between groups of 8, 4, 4, 4 and 12, or without any.
private func isUUID(_ text: Bytes) -> Bool {
  guard text.count == 36 || text.count == 32 else { return false }
  for (index, byte) in text.enumerated() {
    if text.count == 36, [8, 13, 18, 23].contains(index) {
      guard byte == 0x2D else { return false }
    } else {
      guard (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20) else {
        return false
      }
    }
  }
  return true
}

private func address(_ text: Bytes) -> IPAddress? {
  switch IPAddress.parse(String(decoding: text, as: UTF8.self)) {
  case .success(let address): address
  case .failure: nil
  }
}

private func isCIDR(_ text: Bytes) -> Bool {
  switch CIDRBlock.parse(String(decoding: text, as: UTF8.self)) {
  case .success: true
  case .failure: false
  }
}

/// RFC 1123: labels of at most 63 letters, digits and hyphens, 255 bytes in all.
private func isHostName(_ text: Bytes) -> Bool {
  guard (1...255).contains(text.count) else { return false }
  return text.split(separator: 0x2E, omittingEmptySubsequences: false).allSatisfy { label in
    (1...63).contains(label.count) && label.first != 0x2D && label.last != 0x2D
      && label.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D
      }
  }
}
