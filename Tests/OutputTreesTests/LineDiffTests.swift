import Diagnostics
import Foundation
import OutputTrees
import Testing

@Suite struct LineDiffTests {
  @Test func hunksLookAsDiffPrintsThem() {
    let old = (1...20).map { "line \($0)\n" }.joined()
    let new =
      old.replacingOccurrences(of: "line 3\n", with: "line three\nand more\n")
      .replacingOccurrences(of: "line 18\n", with: "") + "end"
    let diff = LineDiff(old: Array(old.utf8)[...], new: Array(new.utf8)[...])
    #expect(
      String(decoding: diff.unified, as: UTF8.self) == """
        @@ -1,6 +1,7 @@
         line 1
         line 2
        -line 3
        +line three
        +and more
         line 4
         line 5
         line 6
        @@ -15,6 +16,6 @@
         line 15
         line 16
         line 17
        -line 18
         line 19
         line 20
        +end
        \\ No newline at end of file

        """)
    #expect(diff.addedCount == 3 && diff.removedCount == 2)
  }

  @Test func emptySides() {
    let text = Array("a\nb\n".utf8)[...]
    #expect(LineDiff(old: [], new: text).hunks.map(\.header) == ["@@ -0,0 +1,2 @@"])
    #expect(LineDiff(old: text, new: []).hunks.map(\.header) == ["@@ -1,2 +0,0 @@"])
    #expect(LineDiff(old: text, new: text).hunks.isEmpty)
    #expect(LineDiff(old: [], new: []).hunks.isEmpty)
  }

  /// The script is as short as dynamic programming finds it, and makes the new text of the old.
  @Test func randomTextsGiveAShortestScript() {
    var random = SplitMix(state: 11)
    for round in 0..<400 {
      let letters = 2 + UInt64(round % 5)
      func text() -> [UInt8] {
        var text: [UInt8] = []
        for _ in 0..<(random.next() % 30) {
          text += [UInt8(ascii: "a") + UInt8(random.next() % letters), 10]
        }
        if random.next() % 4 == 0 { text.append(UInt8(ascii: "z")) }
        return text
      }
      let (old, new) = (text(), text())
      let diff = LineDiff(old: old[...], new: new[...], context: Int(random.next() % 4))
      let common = commonLength(lines(old), lines(new))
      #expect(diff.removedCount == lines(old).count - common)
      #expect(diff.addedCount == lines(new).count - common)
      #expect(applied(diff, to: old) == new)
    }
  }

  @Test func hugeTextsStayQuick() {
    let old = (0..<60_000).map { "old \($0)\n" }.joined()
    let new = (0..<60_000).map { "new \($0)\n" }.joined()
    let diff = LineDiff(old: Array(old.utf8)[...], new: Array(new.utf8)[...])
    #expect(diff.removedCount == 60_000 && diff.addedCount == 60_000)
    #expect(applied(diff, to: Array(old.utf8)) == Array(new.utf8))
  }
}

private func lines(_ text: [UInt8]) -> [[UInt8]] {
  var lines: [[UInt8]] = []
  var current: [UInt8] = []
  for byte in text {
    current.append(byte)
    if byte == 10 {
      lines.append(current)
      current = []
    }
  }
  return current.isEmpty ? lines : lines + [current]
}

private func commonLength(_ a: [[UInt8]], _ b: [[UInt8]]) -> Int {
  var last = [Int](repeating: 0, count: b.count + 1)
  for line in a {
    var current = [0]
    for (j, other) in b.enumerated() {
      current.append(line == other ? last[j] + 1 : max(last[j + 1], current[j]))
    }
    last = current
  }
  return last[b.count]
}

/// The new text, by applying the hunks to the old one by their line numbers.
private func applied(_ diff: LineDiff, to old: [UInt8]) -> [UInt8] {
  let oldLines = lines(old)
  var result: [UInt8] = []
  var next = 0
  for hunk in diff.hunks {
    let start = hunk.oldCount == 0 ? hunk.oldStart : hunk.oldStart - 1
    result += oldLines[next..<start].joined()
    #expect(
      lines(result).count == (hunk.newCount == 0 ? hunk.newStart : hunk.newStart - 1))
    for line in hunk.lines where line.kind != .removed {
      result += line.text + (line.endsInLineFeed ? [10] : [])
    }
    next = start + hunk.oldCount
  }
  return result + oldLines[next...].joined()
}
