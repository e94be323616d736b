/// Splits a stream into pkt-lines (gitprotocol-common, "pkt-line Format").
///
/// Whatever the other side sends, this throws and never traps, and holds no more than one packet and
/// one piece of the stream.
struct PacketReader {
  /// One pkt-line, or the end of the stream.
  enum Packet: Equatable {
    /// The bytes after the length, without a final line feed being cut off.
    case data(ArraySlice<UInt8>)
    /// `0000`.
    case flush
    /// No more bytes, and none is missing.
    case end

    /// The packet's line without its line feed; nil when it is no data.
    var line: ArraySlice<UInt8>? {
      guard case .data(let bytes) = self else { return nil }
      return bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes
    }
  }

  private let more: () throws(RemoteError) -> [UInt8]
  private var buffer: ArraySlice<UInt8> = []

  /// A reader of what `more` gives piece by piece, until it gives an empty one.
  init(_ more: @escaping () throws(RemoteError) -> [UInt8]) { self.more = more }

  init(_ channel: Channel) { self.init { () throws(RemoteError) in try channel.read() } }

  /// A reader of bytes that are all there.
  init(bytes: [UInt8]) {
    var rest: [UInt8]? = bytes
    self.init { () throws(RemoteError) in
      defer { rest = nil }
      return rest ?? []
    }
  }

  /// The next packet. Throws `malformed` for a length that cannot be, `cut` inside a packet.
  mutating func next() throws(RemoteError) -> Packet {
    guard let digits = try take(4) else { return .end }
    var length = 0
    for digit in digits {
      guard let value = Character(UnicodeScalar(digit)).hexDigitValue else {
        throw noGitAnswer(digits + buffer)
      }
      length = length << 4 | value
    }
    switch length {
    case 0: return .flush
    case 4: return .data([])
    // 65,520 with its own length (LARGE_PACKET_MAX of pkt-line.h).
    case 5...65_520:
      guard let bytes = try take(length - 4) else { throw wasCut }
      return .data(bytes)
    default:
      throw noGitAnswer(digits + buffer)
    }
  }

  /// What is left of the stream, piece by piece and without looking at it; empty at its end.
  mutating func piece() throws(RemoteError) -> ArraySlice<UInt8> {
    if buffer.isEmpty { return try more()[...] }
    defer { buffer = [] }
    return buffer
  }

  /// All that is left of the stream.
  mutating func remainder() throws(RemoteError) -> ArraySlice<UInt8> {
    var all = try piece()
    while true {
      let next = try more()
      if next.isEmpty { return all }
      all.append(contentsOf: next)
    }
  }

  /// The next `count` bytes; nil at the end of the stream.
  private mutating func take(_ count: Int) throws(RemoteError) -> ArraySlice<UInt8>? {
    while buffer.count < count {
      let piece = try more()
      if piece.isEmpty {
        if buffer.isEmpty { return nil }
        // An answer that is too short to be a packet is shown as far as it goes.
        throw count == 4 && !buffer.allSatisfy(isHexadecimal) ? noGitAnswer(buffer) : wasCut
      }
      if buffer.isEmpty { buffer = piece[...] } else { buffer.append(contentsOf: piece) }
    }
    defer { buffer = buffer.dropFirst(count) }
    return buffer.prefix(count)
  }
}

private let wasCut = RemoteError(.cut, "the connection ended in the middle of the answer")

private func isHexadecimal(_ byte: UInt8) -> Bool {
  Character(UnicodeScalar(byte)).hexDigitValue != nil && byte < 0x80
}

private func noGitAnswer(_ bytes: some Collection<UInt8>) -> RemoteError {
  RemoteError(
    .malformed,
    "the answer is not what a Git server says: '\(printable(bytes.prefix(60), limit: 60))'")
}

/// A pkt-line of a text.
func packet(_ text: String) -> [UInt8] { packet(bytes: Array(text.utf8)) }

/// A pkt-line of bytes, of which there are at most 65,516.
func packet(bytes: some Collection<UInt8>) -> [UInt8] {
  let digits = String(bytes.count + 4, radix: 16)
  return Array((String(repeating: "0", count: 4 - digits.count) + digits).utf8) + bytes
}

/// The pkt-line that ends a list.
let flushPacket = Array("0000".utf8)
