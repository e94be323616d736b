/// The lines that two texts differ in, as hunks of a unified diff.
///
/// The shortest edit script (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986, the
/// linear-space variant) unless the texts differ in thousands of lines: then a stretch in the
/// middle is taken as replaced, so that time stays near linear.
public struct LineDiff: Sendable {
  /// One line of a hunk.
  public struct Line: Sendable, Equatable {
    /// What became of the line.
    public enum Kind: Sendable {
      case same
      case removed
      case added
    }

    /// What became of the line.
    public let kind: Kind
    /// The line's bytes without its line feed.
    public let text: ArraySlice<UInt8>
    /// Whether the line ends in a line feed; false only for the last line of a text.
    public let endsInLineFeed: Bool
  }

  /// Neighbouring changes with the lines around them.
  public struct Hunk: Sendable, Equatable {
    /// The 1-based number of the first old line; 0 when the old side has none here.
    public let oldStart: Int
    /// The number of old lines.
    public let oldCount: Int
    /// The 1-based number of the first new line; 0 when the new side has none here.
    public let newStart: Int
    /// The number of new lines.
    public let newCount: Int
    /// In order, removed lines before the added ones that replace them.
    public let lines: [Line]

    /// The line that opens the hunk: `@@ -1,3 +1,4 @@`.
    public var header: String {
      func range(_ start: Int, _ count: Int) -> String {
        count == 1 ? "\(start)" : "\(start),\(count)"
      }
      return "@@ -\(range(oldStart, oldCount)) +\(range(newStart, newCount)) @@"
    }
  }

  /// In order; empty when the texts are equal.
  public let hunks: [Hunk]

  /// The difference of two texts with `context` unchanged lines around each change.
  public init(old: ArraySlice<UInt8>, new: ArraySlice<UInt8>, context: Int = 3) {
    let oldLines = lines(of: old)
    let newLines = lines(of: new)
    var search = Search(oldLines, newLines)
    search.run()
    hunks = assembledHunks(oldLines, newLines, search, context: max(0, context))
  }

  /// The number of lines that were added.
  public var addedCount: Int { count(.added) }

  /// The number of lines that were removed.
  public var removedCount: Int { count(.removed) }

  /// The hunks as a patch, without the two lines that name the files; empty for equal texts.
  public var unified: [UInt8] {
    var text: [UInt8] = []
    for hunk in hunks {
      text.append(contentsOf: hunk.header.utf8)
      text.append(UInt8(ascii: "\n"))
      for line in hunk.lines {
        text.append(line.kind.mark)
        text.append(contentsOf: line.text)
        text.append(UInt8(ascii: "\n"))
        if !line.endsInLineFeed { text.append(contentsOf: "\\ No newline at end of file\n".utf8) }
      }
    }
    return text
  }

  private func count(_ kind: Line.Kind) -> Int {
    hunks.reduce(0) { $0 + $1.lines.count { $0.kind == kind } }
  }
}

extension LineDiff.Line.Kind {
  /// The byte in front of the line in a patch: space, `-` or `+`.
  public var mark: UInt8 {
    switch self {
    case .same: UInt8(ascii: " ")
    case .removed: UInt8(ascii: "-")
    case .added: UInt8(ascii: "+")
    }
  }
}

/// The lines of a text, each with its line feed.
private func lines(of text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
  var lines: [ArraySlice<UInt8>] = []
  var start = text.startIndex
  while start < text.endIndex {
    let feed = text[start...].firstIndex(of: UInt8(ascii: "\n"))
    let end = feed.map { $0 + 1 } ?? text.endIndex
    lines.append(text[start..<end])
    start = end
  }
  return lines
}

/// Marks the lines of two texts that are no part of what they have in common.
private struct Search {
  private let old: [Int]
  private let new: [Int]
  private(set) var isRemoved: [Bool]
  private(set) var isAdded: [Bool]
  private var forward: [Int]
  private var backward: [Int]
  /// Edits after which a stretch is no longer searched for its shortest script.
  private let patience = 4000
  /// Marks a diagonal whose path left the grid; far below zero, so that no step from it comes back.
  private let outside = Int.min / 2

  init(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) {
    var numbers: [ArraySlice<UInt8>: Int] = [:]
    func number(_ line: ArraySlice<UInt8>) -> Int {
      if let known = numbers[line] { return known }
      numbers[line] = numbers.count
      return numbers.count - 1
    }
    self.old = old.map(number)
    self.new = new.map(number)
    isRemoved = [Bool](repeating: false, count: old.count)
    isAdded = [Bool](repeating: false, count: new.count)
    let size = 2 * (min(old.count + new.count, 2 * patience) + 2) + 1
    forward = [Int](repeating: 0, count: size)
    backward = [Int](repeating: 0, count: size)
  }

  mutating func run() {
    var waiting = [(old: old.indices, new: new.indices)]
    while let next = waiting.popLast() {
      let (a, b) = trimmed(next.old, next.new)
      if a.isEmpty || b.isEmpty {
        mark(a, b)
      } else if let middle = middle(a, b) {
        waiting.append((a.lowerBound..<middle.old, b.lowerBound..<middle.new))
        waiting.append((middle.old..<a.upperBound, middle.new..<b.upperBound))
      } else {
        mark(a, b)
      }
    }
  }

  private mutating func mark(_ a: Range<Int>, _ b: Range<Int>) {
    for index in a { isRemoved[index] = true }
    for index in b { isAdded[index] = true }
  }

  /// The two stretches without what they begin and end with alike.
  private func trimmed(_ a: Range<Int>, _ b: Range<Int>) -> (Range<Int>, Range<Int>) {
    var (aStart, aEnd) = (a.lowerBound, a.upperBound)
    var (bStart, bEnd) = (b.lowerBound, b.upperBound)
    while aStart < aEnd, bStart < bEnd, old[aStart] == new[bStart] {
      aStart += 1
      bStart += 1
    }
    while aStart < aEnd, bStart < bEnd, old[aEnd - 1] == new[bEnd - 1] {
      aEnd -= 1
      bEnd -= 1
    }
    return (aStart..<aEnd, bStart..<bEnd)
  }

  /// A point that a shortest script goes through; nil when it would take over `patience` edits.
  ///
  /// Searches from both ends at once: `forward[k]` and `backward[k]` are the furthest old lines
  /// reached on the diagonal `k` (old offset less new offset).
  private mutating func middle(_ a: Range<Int>, _ b: Range<Int>) -> (old: Int, new: Int)? {
    let (n, m) = (a.count, b.count)
    let delta = n - m
    let limit = min((n + m + 1) / 2, patience / 2)
    let origin = limit + 1
    guard forward.count > 2 * origin else { return nil }
    forward[origin + 1] = 0
    backward[origin + 1] = 0
    for d in 0...limit {
      for k in stride(from: -d, through: d, by: 2) {
        let isDown =
          k == -d || k != d && forward[origin + k - 1] < forward[origin + k + 1]
        var x = isDown ? forward[origin + k + 1] : forward[origin + k - 1] + 1
        var y = x - k
        guard x >= 0, x <= n, y <= m else {
          forward[origin + k] = outside
          continue
        }
        while x < n, y < m, old[a.lowerBound + x] == new[b.lowerBound + y] {
          x += 1
          y += 1
        }
        forward[origin + k] = x
        let reverse = delta - k
        if delta % 2 != 0, abs(reverse) <= d - 1, x + backward[origin + reverse] >= n {
          return splitPoint(a, b, x: x, y: y)
        }
      }
      for k in stride(from: -d, through: d, by: 2) {
        let isDown =
          k == -d || k != d && backward[origin + k - 1] < backward[origin + k + 1]
        var x = isDown ? backward[origin + k + 1] : backward[origin + k - 1] + 1
        var y = x - k
        guard x >= 0, x <= n, y <= m else {
          backward[origin + k] = outside
          continue
        }
        while x < n, y < m, old[a.upperBound - 1 - x] == new[b.upperBound - 1 - y] {
          x += 1
          y += 1
        }
        backward[origin + k] = x
        let reverse = delta - k
        if delta % 2 == 0, abs(reverse) <= d, x + forward[origin + reverse] >= n {
          return splitPoint(a, b, x: n - x, y: m - y)
        }
      }
    }
    return nil
  }

  /// A point of the script that leaves two smaller problems; nil where it would leave the same one.
  private func splitPoint(
    _ a: Range<Int>, _ b: Range<Int>, x: Int, y: Int
  ) -> (old: Int, new: Int)? {
    let isCorner = x == 0 && y == 0 || x == a.count && y == b.count
    return isCorner ? nil : (a.lowerBound + x, b.lowerBound + y)
  }
}

private func assembledHunks(
  _ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>], _ search: Search, context: Int
) -> [LineDiff.Hunk] {
  var hunks: [LineDiff.Hunk] = []
  var (i, j) = (0, 0)
  var draft: HunkDraft?
  var before: [LineDiff.Line] = []
  while i < old.count || j < new.count {
    let isRemoval = i < old.count && search.isRemoved[i]
    let isAddition = j < new.count && search.isAdded[j]
    if isRemoval || isAddition {
      var current =
        draft
        ?? HunkDraft(oldStart: i - before.count, newStart: j - before.count, lines: before)
      while i < old.count, search.isRemoved[i] {
        current.lines.append(line(old[i], .removed))
        i += 1
      }
      while j < new.count, search.isAdded[j] {
        current.lines.append(line(new[j], .added))
        j += 1
      }
      current.tail = 0
      draft = current
      before = []
      continue
    }
    let same = line(old[i], .same)
    i += 1
    j += 1
    if var current = draft {
      current.lines.append(same)
      current.tail += 1
      draft = current
      // Two changes share a hunk when at most twice the context is between them.
      guard current.tail > 2 * context else { continue }
      before = Array(current.lines.suffix(context))
      hunks.append(current.finished(context: context))
      draft = nil
    } else {
      before.append(same)
      if before.count > context { before.removeFirst() }
    }
  }
  if let draft { hunks.append(draft.finished(context: context)) }
  return hunks
}

private struct HunkDraft {
  let oldStart: Int
  let newStart: Int
  var lines: [LineDiff.Line]
  /// Unchanged lines since the last change.
  var tail = 0

  func finished(context: Int) -> LineDiff.Hunk {
    let kept = Array(lines.dropLast(max(0, tail - context)))
    let oldCount = kept.count { $0.kind != .added }
    let newCount = kept.count { $0.kind != .removed }
    return LineDiff.Hunk(
      oldStart: oldCount == 0 ? oldStart : oldStart + 1, oldCount: oldCount,
      newStart: newCount == 0 ? newStart : newStart + 1, newCount: newCount, lines: kept)
  }
}

private func line(_ bytes: ArraySlice<UInt8>, _ kind: LineDiff.Line.Kind) -> LineDiff.Line {
  let hasFeed = bytes.last == UInt8(ascii: "\n")
  return LineDiff.Line(
    kind: kind, text: hasFeed ? bytes.dropLast() : bytes, endsInLineFeed: hasFeed)
}
