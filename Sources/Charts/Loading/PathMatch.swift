/// Matches a path against a pattern as Go's `path.Match` does: `*` and `?` never match `/`, `[a-z]` and
/// `[^a-z]` are classes, `\` takes the next character as it is. Nil when the pattern is malformed.
func pathMatches(_ pattern: String, _ path: String) -> Bool? {
  guard let parts = patternParts(Array(pattern.unicodeScalars)) else { return nil }
  let text = Array(path.unicodeScalars)
  var part = 0
  var index = 0
  var retry: (part: Int, index: Int)?
  while index < text.count || part < parts.count {
    if part < parts.count {
      if case .star = parts[part] {
        part += 1
        retry = (part, index)
        continue
      }
      if index < text.count, parts[part].matches(text[index]) {
        part += 1
        index += 1
        continue
      }
    }
    guard let last = retry, last.index < text.count, text[last.index] != "/" else { return false }
    part = last.part
    index = last.index + 1
    retry = (part, index)
  }
  return true
}

private enum PatternPart {
  case star
  case any
  case one(Unicode.Scalar)
  case oneOf([ClosedRange<Unicode.Scalar>], isNegated: Bool)

  func matches(_ scalar: Unicode.Scalar) -> Bool {
    switch self {
    case .star: false
    case .any: scalar != "/"
    case .one(let other): scalar == other
    case .oneOf(let ranges, let isNegated):
      scalar != "/" && ranges.contains { $0.contains(scalar) } != isNegated
    }
  }
}

private func patternParts(_ text: [Unicode.Scalar]) -> [PatternPart]? {
  var parts: [PatternPart] = []
  var index = 0
  func escaped() -> Unicode.Scalar? {
    guard index < text.count else { return nil }
    if text[index] == "\\" { index += 1 }
    guard index < text.count else { return nil }
    defer { index += 1 }
    return text[index]
  }
  while index < text.count {
    switch text[index] {
    case "*":
      index += 1
      parts.append(.star)
    case "?":
      index += 1
      parts.append(.any)
    case "[":
      index += 1
      let isNegated = index < text.count && text[index] == "^"
      if isNegated { index += 1 }
      var ranges: [ClosedRange<Unicode.Scalar>] = []
      while index < text.count, text[index] != "]" || ranges.isEmpty {
        if text[index] == "-" || text[index] == "]" { return nil }
        guard let low = escaped() else { return nil }
        var high = low
        if index < text.count, text[index] == "-" {
          index += 1
          guard index < text.count, text[index] != "]", text[index] != "-", let end = escaped()
          else { return nil }
          high = end
        }
        // Go takes a range that ends before it begins, and matches nothing.
        if low <= high { ranges.append(low...high) } else { ranges.append("\0"..."\0") }
      }
      guard index < text.count else { return nil }
      index += 1
      parts.append(.oneOf(ranges, isNegated: isNegated))
    default:
      guard let scalar = escaped() else { return nil }
      parts.append(.one(scalar))
    }
  }
  return parts
}
