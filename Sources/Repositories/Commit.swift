/// A commit as it stands in a repository.
public struct Commit: Sendable, Equatable {
  /// The id of the commit object.
  public let id: ObjectID
  /// The id of the tree of its root folder.
  public let tree: ObjectID
  /// The commits it follows; empty for a first commit.
  public let parents: [ObjectID]
  /// Who wrote the change.
  public let author: Signature
  /// Who made the commit.
  public let committer: Signature
  /// The whole message, subject and trailers included.
  public let message: String

  /// The message's first line.
  public var subject: String {
    String(message.prefix { $0 != "\n" })
  }

  /// What follows the subject, without the blank lines around it; empty when nothing does.
  public var body: String {
    let lines = message.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
    let trimmed = lines.drop { $0.isEmpty }
    guard let last = trimmed.lastIndex(where: { !$0.isEmpty }) else { return "" }
    return trimmed[...last].joined(separator: "\n")
  }

  /// The `Key: value` lines of the message's last paragraph, in order (git-interpret-trailers(1)).
  ///
  /// Empty when that paragraph is the subject or holds any other line.
  public var trailers: [(key: String, value: String)] {
    let paragraphs = message.split(separator: "\n", omittingEmptySubsequences: false)
      .split { $0.allSatisfy { $0 == " " } }
    guard paragraphs.count > 1, let last = paragraphs.last else { return [] }
    var found: [(key: String, value: String)] = []
    for line in last {
      guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return [] }
      let key = line[..<colon]
      guard !key.isEmpty, key.utf8.allSatisfy(isTrailerKeyByte) else { return [] }
      let value = line[line.utf8.index(after: colon)...].drop { $0 == " " }
      found.append((String(key), String(value)))
    }
    return found
  }

  /// The value of the last trailer of that key, ASCII case ignored; nil without one.
  public func trailer(_ key: String) -> String? {
    trailers.last { $0.key.lowercased() == key.lowercased() }?.value
  }
}

/// Who made a commit, and when.
public struct Signature: Sendable, Equatable {
  /// The person's name.
  public var name: String
  /// The address without angle brackets.
  public var email: String
  /// Seconds since 1970-01-01 00:00 UTC.
  public var timeSeconds: Int64
  /// Minutes east of UTC.
  public var offsetMinutes: Int

  /// A signature from its parts; the time is always the caller's, never the clock's.
  public init(name: String, email: String, timeSeconds: Int64, offsetMinutes: Int = 0) {
    self.name = name
    self.email = email
    self.timeSeconds = timeSeconds
    self.offsetMinutes = offsetMinutes
  }

  /// `Name <email>`, with the address in the place of an empty name (git refuses one).
  public var identity: String {
    let address = cleaned(email)
    let person = cleaned(name)
    return "\(person.isEmpty ? address.isEmpty ? "unknown" : address : person) <\(address)>"
  }

  /// The line of a commit object, without its key: `Name <email> seconds +hhmm`.
  var encoded: String {
    let minutes = min(abs(offsetMinutes), 99 * 60 + 59)
    let digits = String(minutes / 60 * 100 + minutes % 60)
    let zone = String(repeating: "0", count: 4 - digits.count) + digits
    return "\(identity) \(max(0, timeSeconds)) \(offsetMinutes < 0 ? "-" : "+")\(zone)"
  }
}

/// What a new commit says.
public struct CommitDraft: Sendable {
  /// Who wrote the change.
  public var author: Signature
  /// Who makes the commit.
  public var committer: Signature
  /// The whole message; a final line feed is added where it is missing.
  public var message: String

  /// A draft of a commit by one person.
  public init(author: Signature, committer: Signature? = nil, message: String) {
    self.author = author
    self.committer = committer ?? author
    self.message = message
  }

  /// The bytes of the commit object (gitformat-commit), as `git commit-tree` writes them.
  func encoded(tree: ObjectID, parents: [ObjectID]) -> [UInt8] {
    var text = "tree \(tree)\n"
    for parent in parents { text += "parent \(parent)\n" }
    text += "author \(author.encoded)\ncommitter \(committer.encoded)\n\n"
    text += String(decoding: message.utf8.filter { $0 != 0 }, as: UTF8.self)
    if text.utf8.last != UInt8(ascii: "\n") { text += "\n" }
    return Array(text.utf8)
  }

  /// A commit's bytes with a signature of them as its last header; each further line of a header
  /// begins with a space (gitformat-signature, "COMMIT SIGNATURES").
  static func signed(_ commit: [UInt8], with signature: String) -> [UInt8] {
    let lines = signature.utf8.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let end = lines.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? 0
    var header = Array("gpgsig".utf8)
    for line in lines[..<end] { header += [UInt8(ascii: " ")] + line + [UInt8(ascii: "\n")] }
    let place = headerCount(of: commit)
    return commit[..<place] + header + commit[place...]
  }

  /// What `signed` was given, of a commit's bytes; no signature when there is none.
  static func signedParts(of commit: [UInt8]) -> (text: [UInt8], signature: String?) {
    let headers = commit[..<headerCount(of: commit)]
    var signature: [UInt8]?
    var text: [UInt8] = []
    for line in headers.split(separator: UInt8(ascii: "\n")) {
      if let known = signature, line.first == UInt8(ascii: " ") {
        signature = known + [UInt8(ascii: "\n")] + line.dropFirst()
      } else if line.starts(with: "gpgsig ".utf8) {
        signature = Array(line.dropFirst("gpgsig ".utf8.count))
      } else {
        text += line + [UInt8(ascii: "\n")]
      }
    }
    text += commit[headers.endIndex...]
    return (text, signature.map { String(decoding: $0, as: UTF8.self) })
  }

  /// The number of bytes of a commit's header lines, each with its line feed.
  private static func headerCount(of commit: [UInt8]) -> Int {
    var start = 0
    while start < commit.count, commit[start] != UInt8(ascii: "\n") {
      start = (commit[start...].firstIndex(of: UInt8(ascii: "\n")) ?? commit.count - 1) + 1
    }
    return start
  }
}

private func isTrailerKeyByte(_ byte: UInt8) -> Bool {
  (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte >= 0x30 && byte <= 0x39 || byte == 0x2D
}

/// A name or address as git writes it (`strbuf_addstr_without_crud` of ident.c): what would end
/// the field is left out, and what people put around names is cut off both ends.
private func cleaned(_ text: String) -> String {
  let isCrud = { (byte: UInt8) in
    byte <= 32 || ".,:;<>\"\\'".utf8.contains(byte)
  }
  let bytes = Array(text.utf8)
  guard let first = bytes.firstIndex(where: { !isCrud($0) }),
    let last = bytes.lastIndex(where: { !isCrud($0) })
  else { return "" }
  let kept = bytes[first...last].filter {
    $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") && $0 != 0
  }
  return String(decoding: kept, as: UTF8.self)
}
