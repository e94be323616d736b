/// A pattern over paths: `*` and `?` inside one step, `**` over any number of steps, `[a-z]` and
/// `[!a-z]` classes, `{a,b}` alternatives. Everything else stands for itself.
///
/// A `*` at the start of a step also matches names that begin with a dot; names that begin with `_`
/// are left to the caller.
public struct GlobPattern: Sendable, Hashable {
  /// The pattern as written.
  public let text: String
  private let alternatives: [[Step]]

  private enum Step: Sendable, Hashable {
    case anySteps
    case name([UInt8])
  }

  /// Why a pattern cannot be used.
  public struct Malformed: Error, Sendable, Equatable {
    /// One line, lower case.
    public let message: String
  }

  /// A pattern from its text.
  ///
  /// Throws when a class or an alternative is not closed, when there are over 64 alternatives, or
  /// when the path could leave the tree.
  public init(_ text: String) throws(Malformed) {
    self.text = text
    alternatives = try expandedAlternatives(Array(text.utf8)).map { (bytes) throws(Malformed) in
      guard staysInside(String(decoding: bytes, as: UTF8.self)) else {
        throw Malformed(message: "'\(text)' must be a path inside the platform's folder")
      }
      return bytes.split(separator: UInt8(ascii: "/")).map {
        $0.elementsEqual("**".utf8) ? .anySteps : .name(Array($0))
      }
    }
  }

  /// The folder that every match is in or is: the steps before the first one with a wildcard.
  public var fixedFolder: String {
    guard alternatives.count == 1 else { return "" }
    var steps: [String] = []
    for step in alternatives[0] {
      guard case .name(let name) = step, !name.contains(where: isWildcard) else { break }
      steps.append(String(decoding: name, as: UTF8.self))
    }
    return steps.joined(separator: "/")
  }

  /// Whether the pattern has no wildcard at all, so that it names one path.
  public var isLiteral: Bool { fixedFolder == text }

  /// Whether the whole path matches.
  public func matches(_ path: String) -> Bool {
    let steps = path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
    return alternatives.contains { matchesSteps($0[...], steps[...]) }
  }

  private func matchesSteps(_ pattern: ArraySlice<Step>, _ path: ArraySlice<[UInt8]>) -> Bool {
    // Greedy with one point of return, so that time is a product, never an exponential.
    var pattern = pattern
    var path = path
    var retry: (pattern: ArraySlice<Step>, path: ArraySlice<[UInt8]>)?
    while true {
      if let step = pattern.first {
        if case .anySteps = step {
          pattern = pattern.dropFirst()
          retry = (pattern, path)
          continue
        }
        if case .name(let name) = step, let head = path.first, matchesName(name, head) {
          pattern = pattern.dropFirst()
          path = path.dropFirst()
          continue
        }
      } else if path.isEmpty {
        return true
      }
      guard let last = retry, !last.path.isEmpty else { return false }
      pattern = last.pattern
      path = last.path.dropFirst()
      retry = (pattern, path)
    }
  }
}

private func isWildcard(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: "*") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "[")
}

/// Whether one step of a path matches one step of a pattern.
private func matchesName(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
  var p = 0
  var n = 0
  var retry: (p: Int, n: Int)?
  while n < name.count || p < pattern.count {
    if p < pattern.count {
      if pattern[p] == UInt8(ascii: "*") {
        p += 1
        retry = (p, n)
        continue
      }
      if n < name.count, let length = matchedLength(pattern, p, name[n]) {
        p += length
        n += 1
        continue
      }
    }
    guard let last = retry, last.n < name.count else { return false }
    p = last.p
    n = last.n + 1
    retry = (p, n)
  }
  return true
}

/// How many pattern bytes from `p` on match `byte`; nil when they do not.
private func matchedLength(_ pattern: [UInt8], _ p: Int, _ byte: UInt8) -> Int? {
  switch pattern[p] {
  case UInt8(ascii: "?"): return 1
  case UInt8(ascii: "["):
    guard let close = pattern[(p + 2)...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
    var members = pattern[(p + 1)..<close]
    let isNegated = members.first == UInt8(ascii: "!")
    if isNegated { members = members.dropFirst() }
    var isMember = false
    while let low = members.popFirst() {
      if members.first == UInt8(ascii: "-"), members.count > 1 {
        members = members.dropFirst()
        let high = members.removeFirst()
        isMember = isMember || (low...max(low, high)).contains(byte)
      } else {
        isMember = isMember || low == byte
      }
    }
    return isMember != isNegated ? close - p + 1 : nil
  default: return pattern[p] == byte ? 1 : nil
  }
}

/// The patterns that `{a,b}` stand for, in order; classes are checked for their end.
private func expandedAlternatives(_ bytes: [UInt8]) throws(GlobPattern.Malformed) -> [[UInt8]] {
  let text = String(decoding: bytes, as: UTF8.self)
  var done: [[UInt8]] = []
  var waiting = [bytes]
  while let next = waiting.popLast() {
    guard let open = next.firstIndex(of: UInt8(ascii: "{")) else {
      done.append(next)
      continue
    }
    guard let close = next[open...].firstIndex(of: UInt8(ascii: "}")) else {
      throw GlobPattern.Malformed(message: "'\(text)' has a '{' without its '}'")
    }
    let choices = next[(open + 1)..<close].split(
      separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    for choice in choices.reversed() {
      waiting.append(Array(next[..<open] + choice + next[(close + 1)...]))
    }
    guard waiting.count + done.count <= 64 else {
      throw GlobPattern.Malformed(message: "'\(text)' stands for over 64 patterns")
    }
  }
  for pattern in done {
    for (index, byte) in pattern.enumerated() where byte == UInt8(ascii: "[") {
      guard index + 2 < pattern.count,
        pattern[(index + 2)...].contains(UInt8(ascii: "]"))
      else { throw GlobPattern.Malformed(message: "'\(text)' has a '[' without its ']'") }
    }
  }
  return done
}
