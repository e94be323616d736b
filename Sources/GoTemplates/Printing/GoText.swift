// Text as Go's strconv and unicode/utf8 see it.

/// The scalar at an index and its length; U+FFFD and 1 where the bytes are no UTF-8.
func decodeScalar(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> (UInt32, Int) {
  let first = text[index]
  if first < 0x80 { return (UInt32(first), 1) }
  let length: Int
  var value: UInt32
  switch first {
  case 0xC2...0xDF: (length, value) = (2, UInt32(first & 0x1F))
  case 0xE0...0xEF: (length, value) = (3, UInt32(first & 0x0F))
  case 0xF0...0xF4: (length, value) = (4, UInt32(first & 0x07))
  default: return (0xFFFD, 1)
  }
  guard index + length <= text.count else { return (0xFFFD, 1) }
  for next in text[(index + 1)..<(index + length)] {
    guard next & 0xC0 == 0x80 else { return (0xFFFD, 1) }
    value = value << 6 | UInt32(next & 0x3F)
  }
  let isValid =
    length == 2 || length == 3 && value >= 0x800 && !(0xD800...0xDFFF).contains(value)
    || length == 4 && (0x10000...0x10FFFF).contains(value)
  return isValid ? (value, length) : (0xFFFD, 1)
}

/// The scalars of a text, U+FFFD for every byte that is no UTF-8.
func scalars(of text: [UInt8]) -> [UInt32] {
  var result: [UInt32] = []
  result.reserveCapacity(text.count)
  text.withUnsafeBufferPointer { text in
    var index = 0
    while index < text.count {
      let (value, length) = decodeScalar(text, at: index)
      result.append(value)
      index += length
    }
  }
  return result
}

/// The number of scalars.
func scalarCount(_ text: [UInt8]) -> Int {
  if text.allSatisfy({ $0 < 0x80 }) { return text.count }
  return scalars(of: text).count
}

/// Appends a scalar as UTF-8, U+FFFD for what is none.
func appendScalar(_ value: UInt32, to text: inout [UInt8]) {
  guard let scalar = Unicode.Scalar(value) else { return appendScalar(0xFFFD, to: &text) }
  text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
}

func utf8(_ scalars: [UInt32]) -> [UInt8] {
  var text: [UInt8] = []
  text.reserveCapacity(scalars.count)
  for scalar in scalars { appendScalar(scalar, to: &text) }
  return text
}

/// `U+0041` or `U+0041 'A'`.
func codePoint(_ value: UInt32, quoted: Bool = false) -> String {
  let digits = String(value, radix: 16, uppercase: true)
  let name = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  guard quoted, isPrintable(value), let scalar = Unicode.Scalar(value) else { return name }
  return name + " '\(Character(scalar))'"
}

/// `strconv.IsPrint`.
func isPrintable(_ value: UInt32) -> Bool {
  if value < 0x7F { return value >= 0x20 }
  guard let scalar = Unicode.Scalar(value) else { return false }
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
    .paragraphSeparator, .spaceSeparator:
    return false
  default: return true
  }
}

private let hexDigits = Array("0123456789abcdef".utf8)

func hex(_ value: UInt32, width: Int) -> [UInt8] {
  (0..<width).reversed().map { hexDigits[Int(value >> UInt32(4 * $0)) & 0xF] }
}

/// The bytes in quotation marks as `strconv.Quote` (or `QuoteToASCII`) writes them.
func goQuotedBytes(_ bytes: [UInt8], quote: UInt8 = 0x22, ascii: Bool = false) -> [UInt8] {
  var result: [UInt8] = [quote]
  result.reserveCapacity(bytes.count + 2)
  bytes.withUnsafeBufferPointer { bytes in
    var index = 0
    while index < bytes.count {
      let start = index
      while index < bytes.count, (0x20...0x7E).contains(bytes[index]), bytes[index] != quote,
        bytes[index] != 0x5C
      {
        index += 1
      }
      result.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<index]))
      guard index < bytes.count else { break }
      let (value, length) = decodeScalar(bytes, at: index)
      if value == 0xFFFD, length == 1 {
        result += [0x5C, 0x78] + hex(UInt32(bytes[index]), width: 2)
      } else {
        appendEscaped(value, quote, ascii, to: &result)
      }
      index += length
    }
  }
  result.append(quote)
  return result
}

/// One scalar as it stands within quotation marks.
func appendEscaped(_ value: UInt32, _ quote: UInt8, _ ascii: Bool, to result: inout [UInt8]) {
  switch value {
  case UInt32(quote), 0x5C: result += [0x5C, UInt8(value)]
  case 7: result += [0x5C, 0x61]
  case 8: result += [0x5C, 0x62]
  case 0xC: result += [0x5C, 0x66]
  case 0xA: result += [0x5C, 0x6E]
  case 0xD: result += [0x5C, 0x72]
  case 9: result += [0x5C, 0x74]
  case 0xB: result += [0x5C, 0x76]
  case 0x20...0x7E: result.append(UInt8(value))
  case 0...0x1F, 0x7F: result += [0x5C, 0x78] + hex(value, width: 2)
  default:
    if !ascii, isPrintable(value) {
      appendScalar(value, to: &result)
    } else if value < 0x10000 {
      result += [0x5C, 0x75] + hex(value, width: 4)
    } else {
      result += [0x5C, 0x55] + hex(value, width: 8)
    }
  }
}

/// As `strconv.Quote`, for messages.
func goQuoted(_ bytes: [UInt8]) -> String { String(decoding: goQuotedBytes(bytes), as: UTF8.self) }

/// As `strconv.Quote`, for messages.
func goQuoted(_ text: String) -> String { goQuoted(Array(text.utf8)) }

/// The inside of a Go literal in quotation marks without its escapes; nil if one is wrong.
func goUnquoted(_ bytes: [UInt8], quote: UInt8) -> [UInt8]? {
  guard bytes.contains(0x5C) else { return bytes.contains(0x0A) ? nil : bytes }
  var result: [UInt8] = []
  var index = 0
  while index < bytes.count {
    guard bytes[index] == 0x5C else {
      if bytes[index] == 0x0A { return nil }
      result.append(bytes[index])
      index += 1
      continue
    }
    guard index + 1 < bytes.count else { return nil }
    let letter = bytes[index + 1]
    index += 2
    func number(_ count: Int, _ radix: Int) -> UInt32? {
      guard index + count <= bytes.count else { return nil }
      let digits = String(decoding: bytes[index..<(index + count)], as: UTF8.self)
      guard !digits.hasPrefix("+"), !digits.hasPrefix("-") else { return nil }
      return UInt32(digits, radix: radix)
    }
    switch letter {
    case 0x61: result.append(7)
    case 0x62: result.append(8)
    case 0x66: result.append(0xC)
    case 0x6E: result.append(0xA)
    case 0x72: result.append(0xD)
    case 0x74: result.append(9)
    case 0x76: result.append(0xB)
    case 0x5C: result.append(0x5C)
    case 0x22, 0x27:
      guard letter == quote else { return nil }
      result.append(letter)
    case 0x78:
      guard let value = number(2, 16) else { return nil }
      result.append(UInt8(truncatingIfNeeded: value))
      index += 2
    case 0x75, 0x55:
      let count = letter == 0x75 ? 4 : 8
      guard let value = number(count, 16), Unicode.Scalar(value) != nil else { return nil }
      appendScalar(value, to: &result)
      index += count
    case 0x30...0x37:
      index -= 1
      guard let value = number(3, 8), value <= 255 else { return nil }
      result.append(UInt8(value))
      index += 3
    default: return nil
    }
  }
  return result
}
