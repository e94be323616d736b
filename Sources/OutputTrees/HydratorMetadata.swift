import Documents
public import Repositories

/// `hydrator.metadata` at the root of an output branch: which source commit it was rendered from.
///
/// The contract that Argo CD's source hydrator writes and GitOps Promoter reads (Argo CD 3.1,
/// `commitserver/commit`, `hydratorMetadataFile`): JSON, two spaces of indent, empty fields left out,
/// the keys in the order of that type.
public struct HydratorMetadata: Sendable {
  /// The path of the file in the output.
  public static let path = "hydrator.metadata"

  /// The source repository's http(s) URL; empty when it is unknown or of another kind.
  public var repositoryURL: String
  /// The source commit.
  public var source: Commit

  /// The metadata of a source commit. The URL is made one that a browser opens (`webURL(of:)`).
  public init(repositoryURL: String, source: Commit) {
    self.repositoryURL = webURL(of: repositoryURL) ?? ""
    self.source = source
  }

  /// The file's bytes, with a final line feed.
  public var encoded: [UInt8] {
    let (reference, body) = CommitReference.parse(source.body)
    let arena = Arena()
    func entries(_ fields: [(String, String)]) -> [MapEntry] {
      fields.filter { !$0.1.isEmpty }.map {
        MapEntry(key: arena.string($0.0), value: arena.string($0.1))
      }
    }
    var all = entries([
      ("repoURL", repositoryURL), ("drySha", "\(source.id)"), ("author", source.author.identity),
      ("date", source.author.dateText), ("subject", source.subject), ("body", body),
    ])
    if let reference {
      let commit = arena.map([
        MapEntry(
          key: arena.string("commit"),
          value: arena.map(
            entries([
              ("author", reference.author), ("date", reference.date),
              ("subject", reference.subject), ("body", reference.body), ("sha", reference.id),
              ("repoURL", reference.repositoryURL),
            ])))
      ])
      all.append(MapEntry(key: arena.string("references"), value: arena.list([commit])))
    }
    let writer = JSONWriter()
    writer.write(arena.map(all), indented: true)
    writer.writeLineFeed()
    return writer.bytes
  }
}

/// The commit of an application's own repository that a source commit follows, as its trailers
/// `Argocd-reference-commit-*` name it (Argo CD, "Source Hydrator", commit tracing).
struct CommitReference {
  var author = ""
  var date = ""
  var subject = ""
  var body = ""
  var id = ""
  var repositoryURL = ""

  private static let prefix = "Argocd-reference-commit-"

  /// The reference in the body of a commit's message, nil without one, and the body without the lines
  /// that make it. Lines that Argo CD would not take stay in the body.
  static func parse(_ body: String) -> (reference: CommitReference?, body: String) {
    var reference = CommitReference()
    var isFound = false
    var kept: [Substring] = []
    for line in body.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(prefix), reference.take(line.dropFirst(prefix.count)) {
        isFound = true
      } else {
        kept.append(line)
      }
    }
    while kept.last?.allSatisfy({ $0 == " " }) == true { kept.removeLast() }
    return (isFound ? reference : nil, kept.joined(separator: "\n"))
  }

  private mutating func take(_ line: Substring) -> Bool {
    guard let colon = line.firstIndex(of: ":"), line[colon...].hasPrefix(": ") else { return false }
    let value = String(line[colon...].dropFirst(2))
    switch line[..<colon] {
    case "author" where value.contains("@"): author = value
    case "date" where isRFC3339(value): date = value
    case "subject": subject = value
    case "body":
      let parsed = parseJSON(Array(value.utf8), file: "")
      guard let text = parsed.documents.first?.root.asString else { return false }
      body = text
    case "sha"
    where (5...40).contains(value.utf8.count) && value.utf8.allSatisfy(isLowerHexadecimal):
      id = value
    case "repourl" where !value.isEmpty: repositoryURL = value
    default: return false
    }
    return true
  }
}

/// The URL under which people and tools open a repository in a browser, of any that `git clone` takes:
/// credentials are left out, `git@host:path` and `ssh://git@host/path` become `https://host/path`, so
/// that every runner writes the same. Nil for paths and other schemes.
public func webURL(of repository: String) -> String? {
  var scheme = "https://"
  var rest = Substring(repository)
  if let end = repository.utf8Range(of: "://") {
    let name = repository[..<end.lowerBound].lowercased()
    rest = repository[end.upperBound...]
    switch name {
    case "https": break
    case "http": scheme = "http://"
    case "ssh", "git+ssh": break
    default: return nil
    }
    let path = rest.firstIndex(of: "/") ?? rest.endIndex
    var host = rest[..<path]
    if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
    if name.hasSuffix("ssh"), let port = host.lastIndex(of: ":") { host = host[..<port] }
    return host.isEmpty ? nil : scheme + host + rest[path...]
  }
  // scp's form: a colon before the first slash (git-clone(1), "GIT URLS").
  guard let colon = rest.firstIndex(of: ":"), !rest[..<colon].contains("/") else { return nil }
  var host = rest[..<colon]
  if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
  let path = rest[colon...].dropFirst().drop { $0 == "/" }
  return host.isEmpty || path.isEmpty ? nil : scheme + host + "/" + path
}

extension String {
  /// Where a short text first stands.
  fileprivate func utf8Range(of text: String) -> Range<Index>? {
    for start in utf8.indices where utf8[start...].starts(with: text.utf8) {
      return start..<utf8.index(start, offsetBy: text.utf8.count)
    }
    return nil
  }
}

private func isLowerHexadecimal(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
}

/// Whether a text has the form `2026-11-25T19:48:18+01:00` (RFC 3339, section 5.6).
private func isRFC3339(_ text: String) -> Bool {
  let bytes = Array(text.utf8)
  guard bytes.count >= 20 else { return false }
  func matches(_ pattern: StaticString, at start: Int) -> Bool {
    pattern.withUTF8Buffer { pattern in
      guard bytes.count - start >= pattern.count else { return false }
      return pattern.indices.allSatisfy { index in
        let byte = bytes[start + index]
        return pattern[index] == UInt8(ascii: "9")
          ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : pattern[index] == byte
      }
    }
  }
  guard matches("9999-99-99T99:99:99", at: 0) else { return false }
  var end = 19
  if bytes[end] == UInt8(ascii: ".") {
    end += 1
    while end < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end]) {
      end += 1
    }
    guard end > 20, end < bytes.count else { return false }
  }
  if bytes[end] == UInt8(ascii: "Z") { return bytes.count == end + 1 }
  return bytes.count == end + 6 && (matches("+99:99", at: end) || matches("-99:99", at: end))
}

extension Signature {
  /// The time in UTC as RFC 3339 writes it: `2026-11-25T19:48:18Z`.
  public var dateText: String {
    let day = timeSeconds >= 0 ? timeSeconds / 86_400 : (timeSeconds - 86_399) / 86_400
    let second = Int(timeSeconds - day * 86_400)
    let date = civilDate(dayNumber: Int(day))
    var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
    text += "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    return text + "Z"
  }
}

/// The Gregorian date of a day counted from 1970-01-01 (Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`).
private func civilDate(dayNumber: Int) -> (year: Int, month: Int, day: Int) {
  let shifted = dayNumber + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra =
    (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shiftedMonth = (5 * dayOfYear + 2) / 153
  let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

private func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
