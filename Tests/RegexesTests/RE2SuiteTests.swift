import Foundation
import Testing

@testable import Regexes

/// RE2's own search and exhaustive tests, read from beside the checkout when they are there.
@Suite struct RE2SuiteTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("../shared/conformance/regex").standardizedFileURL

  static var isThere: Bool { FileManager.default.fileExists(atPath: folder.path) }

  @Test(.enabled(if: isThere)) func agreesWithRE2OnItsSearchTests() throws {
    let bytes = [UInt8](try Data(contentsOf: Self.folder.appendingPathComponent("re2-search.txt")))
    let count = RE2Suite.check(bytes, every: 1)
    print("re2-search: \(count)")
    #expect(count.failures == [])
    #expect(count.checked > 2000)
  }

  /// Every pattern with every text takes minutes in a debug build: PAVE_EXHAUSTIVE=1 asks for all,
  /// otherwise every 61st pattern is tried.
  @Test(.enabled(if: isThere)) func agreesWithRE2OnItsExhaustiveTests() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "sh", "-c",
      "bzip2 -dc \"$0\" || python3 -c 'import bz2, sys; sys.stdout.buffer.write(bz2.open(sys.argv[1]).read())' \"$0\"",
      Self.folder.appendingPathComponent("re2-exhaustive.txt.bz2").path,
    ]
    process.standardError = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let bytes = [UInt8](try #require(try pipe.fileHandleForReading.readToEnd()))
    process.waitUntilExit()
    let isWhole = ProcessInfo.processInfo.environment["PAVE_EXHAUSTIVE"] == "1"
    let count = RE2Suite.check(bytes, every: isWhole ? 1 : 61)
    print("re2-exhaustive: \(count)")
    #expect(count.failures == [])
    #expect(count.checked > 10_000)
  }
}

/// Reads a file of tests as Go's `regexp` package has them and tries each.
struct RE2Suite: CustomStringConvertible {
  var patterns = 0
  var checked = 0
  var skipped = 0
  var failures: [String] = []

  var description: String {
    "\(patterns) patterns, \(checked) results agree or not, \(skipped) skipped (not UTF-8, \\C), "
      + "\(failures.count) failures shown"
  }

  static func check(_ bytes: [UInt8], every: Int) -> RE2Suite {
    var suite = RE2Suite()
    var texts: [[UInt8]?] = []
    var isReadingTexts = false
    var pattern = ""
    var regexes: (whole: Regex, part: Regex)?
    var resultIndex = 0
    var patternIndex = 0
    bytes.withUnsafeBufferPointer { all in
      for line in all.split(separator: 0x0A, omittingEmptySubsequences: true) {
        let line = UnsafeBufferPointer(rebasing: line)
        if line.elementsEqual("strings".utf8) {
          texts = []
          isReadingTexts = true
        } else if line.elementsEqual("regexps".utf8) {
          isReadingTexts = false
        } else if line[0] == UInt8(ascii: "\"") {
          let unquoted = unquote(line)
          if isReadingTexts {
            texts.append(String(validating: unquoted, as: UTF8.self) == nil ? nil : unquoted)
            continue
          }
          patternIndex += 1
          if patternIndex % every != 0 { continue }
          pattern = String(decoding: unquoted, as: UTF8.self)
          regexes = suite.compile(pattern)
          resultIndex = 0
        } else if line[0] == UInt8(ascii: "-") || line[0] &- 0x30 < 10 {
          if patternIndex % every != 0 { continue }
          let text = texts[resultIndex]
          resultIndex += 1
          guard let regexes, let text else {
            suite.skipped += 1
            continue
          }
          let expected = line.split(separator: 0x3B).map { String(decoding: $0, as: UTF8.self) }
          suite.expect(regexes.whole, pattern, text, expected[0])
          suite.expect(regexes.part, pattern, text, expected[1])
        }
      }
    }
    return suite
  }

  private mutating func compile(_ pattern: String) -> (whole: Regex, part: Regex)? {
    patterns += 1
    switch (Regex.compile("\\A(?:\(pattern))\\z"), Regex.compile(pattern)) {
    case (.success(let whole), .success(let part)): return (whole, part)
    case (_, .failure(let error)), (.failure(let error), _):
      if !pattern.contains("\\C") { fail("'\(pattern)' is refused: \(error.message)") }
      return nil
    }
  }

  private mutating func expect(
    _ regex: Regex, _ pattern: String, _ text: [UInt8], _ expected: String
  ) {
    checked += 1
    text.withUnsafeBufferPointer { text in
      let first = regex.firstMatch(in: text)
      if regex.firstMatchBySimulation(in: text) != first { fail("'\(pattern)': by simulation") }
      let found =
        first.map { match in
          match.ranges.map { $0.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "-" }
            .joined(separator: " ")
        } ?? "-"
      if found != expected {
        fail(
          "'\(pattern)' in '\(String(decoding: text, as: UTF8.self))': \(found), not \(expected)")
      }
      if regex.matches(text) != (expected != "-") { fail("'\(pattern)': yes or no") }
    }
  }

  private mutating func fail(_ message: String) {
    if failures.count < 20 { failures.append(message) }
  }
}

/// The bytes that a quoted Go string stands for.
private func unquote(_ line: UnsafeBufferPointer<UInt8>) -> [UInt8] {
  var result: [UInt8] = []
  var index = 1
  while index < line.count - 1 {
    guard line[index] == UInt8(ascii: "\\") else {
      result.append(line[index])
      index += 1
      continue
    }
    func number(_ count: Int) -> UInt32 {
      UInt32(String(decoding: line[(index + 2)..<(index + 2 + count)], as: UTF8.self), radix: 16)
        ?? 0
    }
    var length = 2
    switch line[index + 1] {
    case UInt8(ascii: "a"): result.append(7)
    case UInt8(ascii: "f"): result.append(12)
    case UInt8(ascii: "n"): result.append(10)
    case UInt8(ascii: "r"): result.append(13)
    case UInt8(ascii: "t"): result.append(9)
    case UInt8(ascii: "v"): result.append(11)
    case UInt8(ascii: "x"):
      result.append(UInt8(number(2)))
      length = 4
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let count = line[index + 1] == UInt8(ascii: "u") ? 4 : 8
      if let scalar = Unicode.Scalar(number(count)) { result += Array(String(scalar).utf8) }
      length = 2 + count
    default: result.append(line[index + 1])
    }
    index += length
  }
  return result
}
