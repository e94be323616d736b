import Regexes

/// Regular expressions that were compiled before, by pattern.
struct RegexCache {
  private var compiled: [ByteKey: Result<Regex, RegexError>] = [:]

  mutating func regex(_ pattern: [UInt8]) -> Result<Regex, RegexError> {
    let key = ByteKey(pattern)
    if let known = compiled[key] { return known }
    let result = pattern.withUnsafeBufferPointer { Regex.compile($0) }
    if compiled.count > 500 { compiled = [:] }
    compiled[key] = result
    return result
  }
}
