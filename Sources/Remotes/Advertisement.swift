import Repositories

/// What a server says first: its references and what it can do (gitprotocol-pack, "Reference
/// Discovery").
struct Advertisement {
  /// The object of each reference by its full name; peeled tags, `.have` lines and
  /// names that Git would not take are left out.
  private(set) var references: [String: ObjectID] = [:]
  /// What the server can do, such as `report-status` or `agent=git/2.39.5`.
  private(set) var capabilities: Set<Substring> = []

  /// The most references that are read: a server with more is not answering for one repository.
  static let mostReferences = 1 << 20

  /// Reads up to the flush that ends the list.
  ///
  /// Throws `malformed` for anything else than an advertisement of protocol version 0, `cut` when it
  /// ends early, `unsupported` for SHA-256, and what the server says in an `ERR` line.
  init(_ reader: inout PacketReader) throws(RemoteError) {
    var isFirst = true
    var count = 0
    while true {
      let next = try reader.next()
      if next == .end { throw RemoteError(.cut, "the connection ended before the server's answer") }
      guard let line = next.line else { break }
      if line.starts(with: "# service=".utf8) {
        guard isFirst, try reader.next() == .flush else { throw malformed(line) }
        continue
      }
      if line.starts(with: "ERR ".utf8) { throw refusal(line.dropFirst(4)) }
      if isFirst, line.elementsEqual("version 1".utf8) { continue }
      count += 1
      guard count <= Advertisement.mostReferences else {
        throw RemoteError(
          .malformed, "the server has over \(Advertisement.mostReferences) references")
      }
      try take(line, isFirst: isFirst)
      isFirst = false
    }
    if let format = capability("object-format"), format != "sha1" {
      throw RemoteError(
        .unsupported, "the repository's object ids are \(printable(format.utf8)), not SHA-1")
    }
  }

  /// Whether the server can do something.
  func has(_ capability: Substring) -> Bool { capabilities.contains(capability) }

  private func capability(_ name: String) -> Substring? {
    capabilities.first { $0.hasPrefix(name + "=") }?.dropFirst(name.utf8.count + 1)
  }

  private mutating func take(_ line: ArraySlice<UInt8>, isFirst: Bool) throws(RemoteError) {
    var text = line
    if isFirst, let end = line.firstIndex(of: 0) {
      text = line[..<end]
      let words = String(decoding: line[(end + 1)...], as: UTF8.self)
      capabilities = Set(words.split(separator: " "))
    }
    guard text.count > 41 || text.starts(with: "shallow ".utf8) else {
      // 64 digits in place of 40 cannot be told apart from rubbish here.
      throw malformed(line)
    }
    if text.starts(with: "shallow ".utf8) { return }
    let digits = text.prefix(40)
    let rest = text.dropFirst(40)
    guard let id = ObjectID(String(decoding: digits, as: UTF8.self)) else { throw malformed(line) }
    guard rest.first == UInt8(ascii: " ") else {
      let isLong = text.prefix(64).allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
      guard isLong, capability("object-format") != nil else { throw malformed(line) }
      return
    }
    let name = rest.dropFirst()
    guard name.starts(with: "refs/".utf8), isReferenceName(name) else { return }
    references[String(decoding: name, as: UTF8.self)] = id
  }
}

/// Whether a name is one that Git takes for a reference (git-check-ref-format(1)): no other must become
/// a path here.
private func isReferenceName(_ name: ArraySlice<UInt8>) -> Bool {
  let forbidden = " ~^:?*[\\".utf8
  guard !name.contains(where: { $0 < 0x20 || $0 == 0x7F || forbidden.contains($0) }) else {
    return false
  }
  let text = String(decoding: name, as: UTF8.self)
  // `@{` and `..` mean other things; a name that is not UTF-8 would become another one here.
  guard text.utf8.elementsEqual(name), !text.contains(".."), !text.contains("@{") else {
    return false
  }
  return text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
    !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".") && !$0.hasSuffix(".lock")
  }
}

private func malformed(_ line: ArraySlice<UInt8>) -> RemoteError {
  RemoteError(
    .malformed, "the server's list of references has the line '\(printable(line, limit: 100))'")
}

/// What a server says in an `ERR` line.
func refusal(_ text: ArraySlice<UInt8>) -> RemoteError {
  let said = printable(text)
  let lower = said.lowercased()
  let isMissing = lower.contains("not found") || lower.contains("not exported")
  return RemoteError(isMissing ? .notFound : .rejected, "the server says: \(said)")
}
