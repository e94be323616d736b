public import Diagnostics

/// A stretch of a file and the text that takes its place.
public struct TextEdit: Sendable, Equatable {
  /// The file, as places name it.
  public var file: String
  /// UTF-8 byte offsets, end not included.
  public var bytes: Range<Int>
  /// The same stretch in lines and columns.
  public var range: SourceRange
  /// What stands there then.
  public var text: String
}

extension PlaceFinder {
  /// The edit that mends a finding: its own fix, or the nearest name of a misspelt word, or a number that stands in
  /// quotes without them. Nil when none is known, when the file is one of another commit, and when what stands at the place
  /// is not what the finding speaks of.
  public func edit(mending finding: Finding) -> TextEdit? {
    guard finding.place?.revision == nil else { return nil }
    if let fix = finding.fix { return edit(fix) }
    guard let place = finding.place, let help = finding.help, case .field = place.anchor,
      let word = scalar(at: place), finding.message.contains("'\(word.text)'")
    else { return nil }
    if let wanted = quoted(help, after: "did you mean '") {
      return edit(Fix(at: place, wanted, isText: true))
    }
    if help == "remove the quotes" { return edit(Fix(at: place, word.text, isText: false)) }
    return nil
  }

  private func edit(_ fix: Fix) -> TextEdit? {
    guard fix.place.revision == nil, let scalar = scalar(at: fix.place) else { return nil }
    var text = fix.text
    if fix.isText, let quote = scalar.quote {
      guard !text.contains(quote), !text.contains("\\") else { return nil }
      text = "\(quote)\(text)\(quote)"
    } else if fix.isText, !isPlainWord(text) {
      text = String(decoding: jsonBytes(of: text), as: UTF8.self)
    }
    return TextEdit(file: fix.place.file, bytes: scalar.bytes, range: scalar.lines, text: text)
  }

  private struct Scalar {
    var text: String
    var quote: Character?
    var bytes: Range<Int>
    var lines: SourceRange
  }

  /// A key or a scalar on one line, plain or in quotes without escapes; nil for anything else.
  private func scalar(at place: Place) -> Scalar? {
    guard let file = file(of: place) else { return nil }
    let bytes = file.byteRange(of: place.anchor)
    let written = file.text(ofBytes: bytes)
    guard let first = written.first, !written.contains("\n"), !"|>&*!{[".contains(first) else {
      return nil
    }
    let lines = file.range(ofBytes: bytes)
    guard first == "\"" || first == "'" else {
      return Scalar(text: written, quote: nil, bytes: bytes, lines: lines)
    }
    let inner = written.dropFirst().dropLast()
    guard written.count >= 2, written.last == first, !inner.contains(first), !inner.contains("\\")
    else { return nil }
    return Scalar(text: String(inner), quote: first, bytes: bytes, lines: lines)
  }
}

/// What stands between a beginning and the next quote.
private func quoted(_ text: String, after beginning: String) -> String? {
  guard text.hasPrefix(beginning) else { return nil }
  let rest = text.dropFirst(beginning.count)
  guard let end = rest.firstIndex(of: "'") else { return nil }
  return String(rest[..<end])
}

/// Whether a text reads as itself without quotes, as a key and as a value.
private func isPlainWord(_ text: String) -> Bool {
  guard let first = text.utf8.first, (0x61...0x7A).contains(first | 0x20),
    text.utf8.allSatisfy({
      (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0)
        || [0x2D, 0x2E, 0x5F, 0x2F].contains($0)
    })
  else { return false }
  return !["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(text.lowercased())
}

private func jsonBytes(of text: String) -> [UInt8] {
  let arena = Arena(firstChunkByteCount: 64)
  return jsonBytes(of: arena.string(text))
}
