// All matches of a text, and what Go's `regexp` makes of them: replacing and splitting.

extension Regex {
  /// All matches from left to right that do not overlap, at most `limit` (negative: all). An empty
  /// match just after another is left out, as `regexp.FindAll` does.
  public func allMatches(
    in utf8: UnsafeBufferPointer<UInt8>, limit: Int = -1
  ) -> [RegexMatch] {
    var result: [RegexMatch] = []
    forEachMatch(in: utf8, limit: limit, { self.firstMatch(in: utf8, from: $0) }, \.range) {
      result.append($0)
    }
    return result
  }

  /// The byte ranges of what `allMatches` finds.
  public func allRanges(in utf8: UnsafeBufferPointer<UInt8>, limit: Int = -1) -> [Range<Int>] {
    var result: [Range<Int>] = []
    forEachMatch(in: utf8, limit: limit, { self.firstRange(in: utf8, from: $0) }, \.self) {
      result.append($0)
    }
    return result
  }

  private func forEachMatch<Match>(
    in utf8: UnsafeBufferPointer<UInt8>, limit: Int, _ next: (Int) -> Match?,
    _ range: KeyPath<Match, Range<Int>>, _ body: (Match) -> Void
  ) {
    var position = 0
    var lastEnd = -1
    var found = 0
    while limit < 0 || found < limit, position <= utf8.count, let match = next(position) {
      let bounds = match[keyPath: range]
      var isAccepted = true
      if bounds.upperBound == position {
        // Empty, or at least nothing that moves on.
        isAccepted = bounds.lowerBound != lastEnd
        position += scalarLength(utf8, at: position)
      } else {
        position = bounds.upperBound
      }
      lastEnd = bounds.upperBound
      if isAccepted {
        body(match)
        found += 1
      }
    }
  }

  /// The text with every match replaced. In the template `$1`, `${1}`, `$name` and `${name}` stand for
  /// a group (empty for one that is not there) and `$$` for a dollar, as in `regexp.ReplaceAll`.
  public func replacingAll(
    in utf8: UnsafeBufferPointer<UInt8>, with template: UnsafeBufferPointer<UInt8>
  ) -> [UInt8] {
    replacingAll(in: utf8) { match, output in expand(template, match, utf8, into: &output) }
  }

  /// The text with every match replaced by what `replacement` appends to the output.
  public func replacingAll(
    in utf8: UnsafeBufferPointer<UInt8>,
    _ replacement: (RegexMatch, _ output: inout [UInt8]) -> Void
  ) -> [UInt8] {
    var output: [UInt8] = []
    var lastEnd = 0
    var position = 0
    while position <= utf8.count, let match = firstMatch(in: utf8, from: position) {
      let range = match.range
      output += utf8[lastEnd..<range.lowerBound]
      // Nothing for an empty match just after another match.
      if range.upperBound > lastEnd || range.lowerBound == 0 { replacement(match, &output) }
      lastEnd = range.upperBound
      position = max(range.upperBound, position + scalarLength(utf8, at: position))
    }
    output += utf8[lastEnd...]
    return output
  }

  /// Appends a template with its groups filled in, as `regexp.Expand` does.
  public func expand(
    _ template: UnsafeBufferPointer<UInt8>, _ match: RegexMatch,
    _ utf8: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]
  ) {
    var index = 0
    while index < template.count {
      guard template[index] == UInt8(ascii: "$") else {
        output.append(template[index])
        index += 1
        continue
      }
      if index + 1 < template.count, template[index + 1] == UInt8(ascii: "$") {
        output.append(UInt8(ascii: "$"))
        index += 2
        continue
      }
      guard let (name, end) = groupReference(template, after: index) else {
        output.append(UInt8(ascii: "$"))
        index += 1
        continue
      }
      index = end
      if let range = group(named: name, of: match) { output += utf8[range] }
    }
  }

  private func group(named name: String, of match: RegexMatch) -> Range<Int>? {
    // A number with a leading zero is a name, as in Go.
    if name.utf8.allSatisfy({ $0 &- 0x30 < 10 }), name == "0" || !name.hasPrefix("0") {
      guard let number = Int(name), number < match.ranges.count else { return nil }
      return match.ranges[number]
    }
    for (number, other) in groupNames.enumerated() where other == name {
      if let range = match.ranges[number] { return range }
    }
    return nil
  }

  /// The parts of the text between matches, at most `limit` of them (negative: all), as
  /// `regexp.Split`: the last part is then the rest.
  public func split(_ utf8: UnsafeBufferPointer<UInt8>, limit: Int = -1) -> [Range<Int>] {
    if limit == 0 { return [] }
    if utf8.isEmpty, !pattern.isEmpty { return [0..<0] }
    var parts: [Range<Int>] = []
    var start = 0
    var end = 0
    for range in allRanges(in: utf8, limit: limit) {
      if limit > 0, parts.count == limit - 1 { break }
      end = range.lowerBound
      if range.upperBound != 0 { parts.append(start..<end) }
      start = range.upperBound
    }
    if end != utf8.count { parts.append(start..<utf8.count) }
    return parts
  }

  /// A pattern that matches exactly the text: `regexp.QuoteMeta`.
  public static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar) { result.unicodeScalars.append("\\") }
      result.unicodeScalars.append(scalar)
    }
    return result
  }
}

/// The bytes of the scalar at a place; 1 at the end and where the text is not UTF-8.
private func scalarLength(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
  index < utf8.count ? decodeScalar(utf8, at: index)?.1 ?? 1 : 1
}

/// The name after a `$`, in braces or as long as it is made of letters, digits and `_`.
private func groupReference(
  _ template: UnsafeBufferPointer<UInt8>, after dollar: Int
) -> (name: String, end: Int)? {
  let isBraced = dollar + 1 < template.count && template[dollar + 1] == UInt8(ascii: "{")
  let start = isBraced ? dollar + 2 : dollar + 1
  var end = start
  while end < template.count, isWordByte(template[end]) { end += 1 }
  guard end > start else { return nil }
  let name = String(decoding: template[start..<end], as: UTF8.self)
  guard isBraced else { return (name, end) }
  return end < template.count && template[end] == UInt8(ascii: "}") ? (name, end + 1) : nil
}
