internal import Diagnostics

/// A file's bytes with the two ways of counting into them.
///
/// The bytes are borrowed: they must outlive this. libyaml counts characters; in a file that is
/// ASCII only a character offset is a byte offset, elsewhere every 64th character's byte is kept.
struct SourceText {
  /// The file without its byte order mark.
  let bytes: UnsafeBufferPointer<UInt8>
  /// Bytes of the byte order mark: 0 or 3.
  let markByteCount: Int
  private let isASCII: Bool
  private var checkpoints: [UInt32] = []

  init(_ file: UnsafeBufferPointer<UInt8>) {
    let hasMark = file.count >= 3 && file[0] == 0xEF && file[1] == 0xBB && file[2] == 0xBF
    markByteCount = hasMark ? 3 : 0
    let text = UnsafeBufferPointer(rebasing: file[(hasMark ? 3 : 0)...])
    bytes = text
    isASCII = text.baseAddress.map { isAllASCII($0, text.count) } ?? true
  }

  /// The byte offset into `bytes` of the character at an offset; the end when there are fewer.
  mutating func byteOffset(ofCharacter index: UInt32) -> Int {
    if isASCII { return min(Int(index), bytes.count) }
    if checkpoints.isEmpty { makeCheckpoints() }
    let checkpoint = min(Int(index) / 64, checkpoints.count - 1)
    var remaining = Int(index) - checkpoint * 64
    var offset = Int(checkpoints[checkpoint])
    while remaining > 0, offset < bytes.count {
      offset += utf8Length(bytes[offset])
      remaining -= 1
    }
    return min(offset, bytes.count)
  }

  /// The byte range into the whole file, mark included, between two character offsets.
  mutating func fileRange(_ start: UInt32, _ end: UInt32) -> Range<Int> {
    let first = byteOffset(ofCharacter: start)
    let last = max(first, byteOffset(ofCharacter: end))
    return markByteCount + first..<markByteCount + last
  }

  private mutating func makeCheckpoints() {
    var offset = 0
    var count = 0
    checkpoints.append(0)
    while offset < bytes.count {
      offset += utf8Length(bytes[offset])
      count += 1
      if count & 63 == 0 {
        checkpoints.append(UInt32(truncatingIfNeeded: min(offset, bytes.count)))
      }
    }
  }
}

/// The bytes of a character by its first byte.
@inline(__always)
func utf8Length(_ lead: UInt8) -> Int {
  lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
}

/// What is wrong with a file's characters.
enum ForbiddenCharacter: Equatable {
  case notUTF8
  case utf16
  case control(UInt32)
}

/// The places of bytes that no YAML file may hold, at most `limit`, in file order.
///
/// YAML 1.1 section 4.1 "Character Set", as libyaml 0.2.5 reads it (`reader.c`): tab, line feed,
/// carriage return, U+0020 to U+007E, U+0085, U+00A0 to U+D7FF, U+E000 to U+FFFD without U+FEFF,
/// U+10000 to U+10FFFF.
func forbiddenCharacters(
  in bytes: UnsafeBufferPointer<UInt8>, limit: Int
) -> [(range: Range<Int>, what: ForbiddenCharacter)] {
  guard let start = bytes.baseAddress else { return [] }
  if bytes.count >= 2,
    bytes[0] == 0xFF && bytes[1] == 0xFE || bytes[0] == 0xFE && bytes[1] == 0xFF
  {
    return [(0..<2, .utf16)]
  }
  var found: [(range: Range<Int>, what: ForbiddenCharacter)] = []
  let raw = UnsafeRawPointer(start)
  var index = 0
  while index < bytes.count, found.count < limit {
    if index + 8 <= bytes.count,
      isPlainASCII(raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    {
      index += 8
      continue
    }
    let byte = bytes[index]
    if byte < 0x80 {
      if byte < 0x20 && byte != 0x0A && byte != 0x09 && byte != 0x0D || byte == 0x7F {
        found.append((index..<index + 1, .control(UInt32(byte))))
      }
      index += 1
      continue
    }
    guard let (scalar, length) = decodedScalar(bytes, at: index) else {
      found.append((index..<index + 1, .notUTF8))
      index += 1
      while index < bytes.count, bytes[index] & 0xC0 == 0x80 { index += 1 }
      continue
    }
    if scalar < 0xA0 && scalar != 0x85 || scalar == 0xFEFF || scalar == 0xFFFE || scalar == 0xFFFF {
      found.append((index..<index + length, .control(scalar)))
    }
    index += length
  }
  return found
}

/// Whether all eight bytes are U+0020 to U+007E or a line feed.
@inline(__always)
private func isPlainASCII(_ word: UInt64) -> Bool {
  let ones: UInt64 = 0x0101_0101_0101_0101
  let highs: UInt64 = 0x8080_8080_8080_8080
  // A line feed becomes a space first; then no byte may be below 0x20, above 0x7E.
  let feeds = word ^ (ones &* 0x0A)
  let isFeed = ~((feeds & ~highs) &+ ~highs | feeds) & highs
  let adjusted = word | (isFeed >> 2)
  let below = (adjusted &- ones &* 0x20) & ~adjusted
  return (word | below | (adjusted &+ ones)) & highs == 0
}

/// The Unicode scalar that starts at an offset and its bytes; nil when it is not UTF-8.
func decodedScalar(
  _ bytes: UnsafeBufferPointer<UInt8>, at index: Int
) -> (scalar: UInt32, length: Int)? {
  let lead = UInt32(bytes[index])
  func continuation(_ offset: Int) -> UInt32? {
    guard index + offset < bytes.count else { return nil }
    let byte = bytes[index + offset]
    return byte & 0xC0 == 0x80 ? UInt32(byte & 0x3F) : nil
  }
  switch lead {
  case ..<0x80:
    return (lead, 1)
  case 0xC2...0xDF:
    guard let a = continuation(1) else { return nil }
    return ((lead & 0x1F) << 6 | a, 2)
  case 0xE0...0xEF:
    guard let a = continuation(1), let b = continuation(2) else { return nil }
    let scalar = (lead & 0x0F) << 12 | a << 6 | b
    return scalar < 0x800 || (0xD800...0xDFFF).contains(scalar) ? nil : (scalar, 3)
  case 0xF0...0xF4:
    guard let a = continuation(1), let b = continuation(2), let c = continuation(3) else {
      return nil
    }
    let scalar = (lead & 0x07) << 18 | a << 12 | b << 6 | c
    return scalar < 0x10000 || scalar > 0x10FFFF ? nil : (scalar, 4)
  default:
    return nil
  }
}
