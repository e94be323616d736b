public import Diagnostics
public import Documents
import Glibc

/// The waivers in the comments of a file of intents, each for one line:
/// `# pave: waive RULE expires=2027-01-31 owner=payments reason="…"`, behind what it is for or on a line of its own above.
///
/// `allowed` are the rules that may be waived so (`spec.inlineWaivers`). Findings: `waiver/not-inline` for other
/// rules, `waiver/missing-field`, `waiver/unknown-field` and `waiver/invalid-value`. One with a fault waives nothing.
public func inlineWaivers(
  in bytes: [UInt8], file: String, allowed: [String]
) -> (waivers: [Waiver], findings: [Finding]) {
  var reader = InlineWaiverReader(file: file, source: SourceFile(bytes), allowed: allowed)
  reader.read()
  return (reader.waivers, reader.findings)
}

/// Whether a file may have such comments: quick, for files that have none.
public func mayHoldInlineWaivers(_ bytes: some Sequence<UInt8>) -> Bool {
  let word = "pave: waive"
  let found = bytes.withContiguousStorageIfAvailable { bytes -> Bool in
    guard let start = bytes.baseAddress else { return false }
    var position = 0
    while position < bytes.count,
      let hash = memchr(start + position, 0x23, bytes.count - position)
    {
      position = UnsafeRawPointer(hash) - UnsafeRawPointer(start) + 1
      while position < bytes.count, bytes[position] == 0x20 { position += 1 }
      guard bytes.count - position >= word.utf8.count else { return false }
      if memcmp(start + position, word, word.utf8.count) == 0 { return true }
    }
    return false
  }
  return found ?? true
}

private struct InlineWaiverReader {
  let file: String
  let source: SourceFile
  let allowed: [String]
  var waivers: [Waiver] = []
  var findings: [Finding] = []

  private static let known = ["expires", "owner", "reason"]

  mutating func read() {
    for number in 1...max(1, source.lineCount) {
      guard let line = source.line(number), let start = comment(in: line, number) else { continue }
      let words = line.utf8.dropFirst(start + 1)
      let text = String(decoding: words, as: UTF8.self)
      let trimmed = text.drop { $0 == " " || $0 == "\t" || $0 == "#" }
      guard trimmed.hasPrefix("pave: waive") else { continue }
      let isAlone = line.utf8.prefix(start).allSatisfy { $0 == 0x20 || $0 == 0x09 }
      let offset = source.offset(ofLine: number) + start
      let place = Place(file: file, anchor: .bytes(offset..<(offset + words.count + 1)))
      add(
        String(trimmed.dropFirst("pave: waive".count)), line: isAlone ? below(number) : number,
        place)
    }
  }

  /// The byte of the line at which a comment that may be one begins.
  private func comment(in line: String, _ number: Int) -> Int? {
    let bytes = Array(line.utf8)
    guard mayHoldInlineWaivers(bytes) else { return nil }
    let lineStart = source.offset(ofLine: number)
    return bytes.indices.first { index in
      bytes[index] == UInt8(ascii: "#")
        && (index == 0 || bytes[index - 1] == 0x20 || bytes[index - 1] == 0x09)
        && !source.isInsideScalar(lineStart + index)
    }
  }

  /// The first line below that holds more than a comment.
  private func below(_ number: Int) -> Int {
    var next = number + 1
    while next <= source.lineCount {
      let text = (source.line(next) ?? "").drop { $0 == " " || $0 == "\t" }
      if !text.isEmpty, text.first != "#" { break }
      next += 1
    }
    return next
  }

  private mutating func add(_ text: String, line: Int, _ place: Place) {
    var fields: [String: String] = [:]
    var rule: String?
    let before = findings.count
    for word in words(text) {
      guard let mark = word.firstIndex(of: "=") else {
        if rule == nil {
          rule = word
        } else {
          report(
            "invalid-value", "'\(word)' is no 'name=value'", place,
            help: "put a text with blanks in quotes")
        }
        continue
      }
      let name = String(word[..<mark])
      guard Self.known.contains(name) else {
        report(
          "unknown-field", "unknown field '\(name)' of a waiver", place,
          help: nearestName(to: name, in: Self.known).map { "did you mean '\($0)'?" })
        continue
      }
      fields[name] = String(word[word.index(after: mark)...])
    }
    guard let rule else {
      return report(
        "missing-field", "the waiver names no rule", place, help: "write it behind 'waive'")
    }
    for name in Self.known where (fields[name] ?? "").isEmpty {
      report(
        "missing-field", "the waiver of '\(rule)' has no '\(name)', which is required", place,
        help: "such as expires=2027-01-31 owner=payments reason=\"vendor image\"")
    }
    if let expires = fields["expires"], !expires.isEmpty, !isDay(expires) {
      report("invalid-value", "'\(expires)' is no day", place, help: "write it as 2027-01-31")
    }
    if !allowed.contains(rule) {
      report(
        "not-inline", "'\(rule)' cannot be waived inside an intent", place,
        help: allowed.isEmpty
          ? "'spec.inlineWaivers' of pave.yaml opens no rules"
          : "'spec.inlineWaivers' of pave.yaml opens \(allowed.map { "'\($0)'" }.joined(separator: ", "))"
      )
    }
    guard findings.count == before, let expires = fields["expires"], let owner = fields["owner"],
      let reason = fields["reason"]
    else { return }
    waivers.append(
      Waiver(
        rule: rule, validation: nil, target: .line(file: file, line), path: nil,
        environments: nil, reason: reason, owner: owner, expires: expires, place: place))
  }

  /// The words between blanks; blanks inside double quotes do not part them, and the quotes go.
  private func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    for character in text {
      switch character {
      case "\"": isQuoted.toggle()
      case " ", "\t":
        if isQuoted {
          word.append(character)
        } else if !word.isEmpty {
          words.append(word)
          word = ""
        }
      default: word.append(character)
      }
    }
    if !word.isEmpty { words.append(word) }
    return words
  }

  private mutating func report(_ rule: String, _ message: String, _ place: Place, help: String?) {
    findings.append(Finding(rule: "waiver/\(rule)", message, at: place, help: help))
  }
}
