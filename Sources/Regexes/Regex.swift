/// A compiled pattern in RE2's syntax and with its meaning (leftmost-first), over UTF-8 bytes.
///
/// Takes what Go's `regexp` takes and refuses what that refuses: look-around, back-references,
/// possessive repetition. Any search takes time linear in the text, whatever the pattern. Immutable:
/// any number of threads may use one at once.
///
///     let pattern = try Regex.compile("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$").get()
///     pattern.matches("my-name")  // true
public final class Regex: Sendable {
  /// The text it was compiled from.
  public let pattern: String

  /// The name of each group by its number, nil for one without; group 0 is the whole match.
  public let groupNames: [String?]

  private let search: LiteralSearch
  fileprivate let program: RegexProgram
  private let automaton: LazyDFA

  /// Compiles a pattern; the error says what is wrong in Go's words, and where.
  ///
  /// Refused besides errors of syntax: nesting deeper than 1000, counts over 1000 (also multiplied
  /// through nesting), programs over a million instructions.
  public static func compile(_ pattern: String) -> Result<Regex, RegexError> {
    var pattern = pattern
    return pattern.withUTF8(compile)
  }

  /// Compiles a pattern of UTF-8 bytes.
  public static func compile(_ pattern: UnsafeBufferPointer<UInt8>) -> Result<Regex, RegexError> {
    do throws(RegexError) {
      let tree = try Parser.parse(pattern)
      let program = try Compiler.compile(tree)
      return .success(
        Regex(String(decoding: pattern, as: UTF8.self), tree: tree, program: program))
    } catch {
      return .failure(error)
    }
  }

  private init(_ pattern: String, tree: SyntaxTree, program: RegexProgram) {
    self.pattern = pattern
    groupNames = tree.groupNames
    search = LiteralSearch(tree)
    self.program = program
    automaton = LazyDFA(program)
  }

  // MARK: yes or no

  /// Whether the text holds a match anywhere.
  public func matches(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = utf8.baseAddress else { return matches(emptyText, from: 0, 0) }
    return matches(start, from: 0, utf8.count)
  }

  /// Whether the text holds a match anywhere.
  public func matches(_ text: String) -> Bool {
    var text = text
    return text.withUTF8(matches)
  }

  @inline(__always)
  private func matches(_ text: UnsafePointer<UInt8>, from: Int, _ count: Int) -> Bool {
    switch search.kind {
    case .none: automaton.matches(text, from: from, count)
    case .whole: search.firstMatch(text, from: from, count) != nil
    case .prefix:
      if let start = search.nextPrefix(text, from: from, count) {
        automaton.matches(text, from: start, count)
      } else {
        false
      }
    }
  }

  // MARK: places

  /// The first match that starts at the byte offset `from` or later, with its groups; nil if there
  /// is none. What is before `from` still counts for `^` and `\b`.
  public func firstMatch(
    in utf8: UnsafeBufferPointer<UInt8>, from: Int = 0
  ) -> RegexMatch? {
    slots(utf8, from: from, slotCount: program.slotCount).map(RegexMatch.init)
  }

  /// The byte range of the first match that starts at `from` or later.
  public func firstRange(in utf8: UnsafeBufferPointer<UInt8>, from: Int = 0) -> Range<Int>? {
    slots(utf8, from: from, slotCount: 2).map { $0[0]..<$0[1] }
  }

  private func slots(
    _ utf8: UnsafeBufferPointer<UInt8>, from: Int, slotCount: Int
  ) -> [Int]? {
    precondition(from >= 0 && from <= utf8.count, "a search starts inside of the text")
    let text = utf8.baseAddress ?? emptyText
    let count = utf8.count
    if case .whole = search.kind {
      return search.firstMatch(text, from: from, count).map { [$0.lowerBound, $0.upperBound] }
    }
    guard matches(text, from: from, count) else { return nil }
    let nextCandidate: (Int) -> Int? = { [search] start in
      if case .prefix = search.kind { search.nextPrefix(text, from: start, count) } else { start }
    }
    return BacktrackMatcher.fits(program, byteCount: count - from)
      ? BacktrackMatcher.firstMatch(
        program, text, count, from: from, slotCount: slotCount, nextCandidate: nextCandidate)
      : PikeMatcher.firstMatch(
        program, text, count, from: from, slotCount: slotCount, nextCandidate: nextCandidate)
  }
}

extension Regex {
  /// What `firstMatch` answers, always by simulation: for tests that compare the two ways.
  func firstMatchBySimulation(in utf8: UnsafeBufferPointer<UInt8>) -> RegexMatch? {
    PikeMatcher.firstMatch(
      program, utf8.baseAddress ?? emptyText, utf8.count, from: 0, slotCount: program.slotCount,
      nextCandidate: { $0 }
    ).map(RegexMatch.init)
  }
}

/// A place for texts of no bytes, which may have no address.
nonisolated(unsafe) private let emptyText: UnsafePointer<UInt8> = {
  let byte = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
  byte.initialize(to: 0)
  return UnsafePointer(byte)
}()

/// One match: where it and its groups are, in bytes from the start of the text.
public struct RegexMatch: Equatable, Sendable {
  /// The range of each group by its number, group 0 first; nil for a group that took no part.
  public let ranges: [Range<Int>?]

  init(slots: [Int]) {
    ranges = stride(from: 0, to: slots.count, by: 2).map {
      slots[$0] < 0 || slots[$0 + 1] < slots[$0] ? nil : slots[$0]..<slots[$0 + 1]
    }
  }

  /// The range of the whole match.
  public var range: Range<Int> { ranges[0] ?? 0..<0 }
}
