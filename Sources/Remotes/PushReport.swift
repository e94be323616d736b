/// What a server says became of a push (gitprotocol-pack, "Report Status").
struct PushReport: Equatable {
  /// Why the pack was not taken; nil when it was.
  private(set) var unpackError: String?
  /// What became of each reference that the server named: nil when it was moved, else why not.
  private(set) var references: [String: String?] = [:]

  /// A report on nothing.
  init() {}

  /// Reads up to the flush.
  ///
  /// Throws `cut` when it ends early, `malformed` for a line that a report cannot have.
  init(_ reader: inout PacketReader) throws(RemoteError) {
    var isUnpackRead = false
    var count = 0
    while true {
      let next = try reader.next()
      if next == .end {
        throw RemoteError(.cut, "the connection ended before the server's report")
      }
      guard let line = next.line else { break }
      count += 1
      guard count <= 10_000 else { throw malformed(line) }
      let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
      switch (words.first.map { String(decoding: $0, as: UTF8.self) }, words.count) {
      case ("unpack", 2...) where !isUnpackRead:
        isUnpackRead = true
        let result = printable(line.dropFirst("unpack ".utf8.count))
        if result != "ok" { unpackError = result }
      case ("ok", 2) where isUnpackRead:
        references[String(decoding: words[1], as: UTF8.self)] = .some(nil)
      case ("ng", 2...) where isUnpackRead:
        let reason = words.count > 2 ? printable(words[2]) : "no reason given"
        references[String(decoding: words[1], as: UTF8.self)] = reason
      case ("option", _) where isUnpackRead: continue
      default: throw malformed(line)
      }
    }
    guard isUnpackRead else {
      throw RemoteError(.cut, "the server's report says nothing of what it received")
    }
  }

  /// Why a reference was not moved; nil when the server reported that it was.
  func refusal(of reference: String) -> String? {
    guard let reported = references[reference] else {
      return unpackError.map { "unpacking failed: \($0)" } ?? "the server did not report on it"
    }
    if let unpackError { return "unpacking failed: \(unpackError)" }
    return reported
  }
}

private func malformed(_ line: ArraySlice<UInt8>) -> RemoteError {
  RemoteError(.malformed, "the server's report has the line '\(printable(line, limit: 100))'")
}
