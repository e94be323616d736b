import Foundation
import Testing

/// The pages say what is so: their commands are run, and print what stands below them.
///
/// A page is read from top to bottom. `<!-- platform: fixtures/acme -->` starts with a copy of that folder;
/// `<!-- file: apps/home.yaml -->` writes the block that follows into it; in a `console` block, lines
/// that begin with `$ pave` are run in the copy, and what they print, standard output before
/// standard error, must be what follows. A line `…` stands for any lines.
@Suite struct PageTests {
  @Test(arguments: try pages())
  func commandsPrintWhatThePageSays(_ page: String) throws {
    let steps = Page(
      try String(contentsOf: packageRoot.appendingPathComponent(page), encoding: .utf8)
    ).steps
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("page-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for step in steps {
      switch step {
      case .platform(let path):
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.copyItem(at: packageRoot.appendingPathComponent(path), to: folder)
      case .file(let path, let text):
        let file = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      case .command(let words, let expected):
        let transcript = try runPave(words, in: folder)
        let printed = (transcript.standardOutput + transcript.standardError)
          .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(
          Page.matches(Page.trimmed(printed)[...], Page.trimmed(expected)[...]),
          """
          \(page): pave \(words.joined(separator: " ")) prints
          \(printed.joined(separator: "\n"))
          """)
      }
    }
  }

  /// At the least the README shows the program at work.
  @Test func theReadmeRunsCommands() throws {
    let text = try String(
      contentsOf: packageRoot.appendingPathComponent("README.md"), encoding: .utf8)
    let commands = Page(text).steps.filter { if case .command = $0 { true } else { false } }
    #expect(!commands.isEmpty)
  }

  /// What an author is taught is what was run: no example stands only on the page.
  @Test func everyExampleForAuthorsIsWritten() throws {
    let lines = try String(
      contentsOf: packageRoot.appendingPathComponent("docs/golden-paths.md"), encoding: .utf8
    ).split(separator: "\n", omittingEmptySubsequences: false)
    var isInside = false
    for (number, line) in lines.enumerated() where line.drop(while: { $0 == " " }).hasPrefix("```")
    {
      isInside.toggle()
      guard isInside else { continue }
      let isRun = line == "```console" || number > 0 && lines[number - 1].hasPrefix("<!-- file: ")
      #expect(isRun, "docs/golden-paths.md:\(number + 1): a block that nothing runs")
    }
  }

  @Test func aWrongPageIsFound() {
    #expect(Page.matches(["a", "b", "c"], ["a", "…", "c"]))
    #expect(Page.matches(["a"], ["…", "a", "…"]))
    #expect(!Page.matches(["a", "b"], ["a"]))
    #expect(!Page.matches(["a"], ["a", "b"]))
    #expect(!Page.matches(["a", "x"], ["…", "b"]))
    let page = Page(
      "<!-- platform: p -->\n```console\n$ pave lint --x\none\n\ntwo\n$ make test\nno\n```")
    #expect(page.steps == [.platform("p"), .command(["lint", "--x"], ["one", "", "two"])])
  }

  private static func pages() throws -> [String] {
    let docs = packageRoot.appendingPathComponent("docs").path
    return ["README.md"]
      + (try FileManager.default.contentsOfDirectory(atPath: docs)).sorted()
      .filter { $0.hasSuffix(".md") }.map { "docs/" + $0 }
  }
}

/// What a page asks to be done, in its order.
private struct Page {
  enum Step: Equatable {
    case platform(String)
    case file(String, String)
    case command([String], [String])
  }

  private(set) var steps: [Step] = []

  init(_ text: String) {
    var fileName: String?
    var language: String?
    var block: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("```") {
        if let opened = language {
          if let name = fileName {
            steps.append(.file(name, block.joined(separator: "\n") + "\n"))
          } else if opened == "console" {
            addCommands(block)
          }
          (language, fileName, block) = (nil, nil, [])
        } else {
          language = String(line.dropFirst(3))
        }
      } else if language != nil {
        block.append(line)
      } else if let match = line.wholeMatch(of: #/<!-- (platform|file): (\S+) -->/#) {
        if match.1 == "platform" {
          steps.append(.platform(String(match.2)))
        } else {
          fileName = String(match.2)
        }
      }
    }
  }

  private mutating func addCommands(_ block: [String]) {
    var words: [String]?
    var printed: [String] = []
    func finished() -> [Step] {
      guard let words, words.first == "pave" else { return [] }
      return [.command(Array(words.dropFirst()), printed)]
    }
    for line in block {
      if line.hasPrefix("$ ") {
        steps += finished()
        words = line.dropFirst(2).split(separator: " ").map(String.init)
        printed = []
      } else {
        printed.append(line)
      }
    }
    steps += finished()
  }

  static func trimmed(_ lines: [String]) -> [String] {
    var lines = lines
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// Whether lines are those expected, where `…` stands for any.
  static func matches(_ lines: ArraySlice<String>, _ expected: ArraySlice<String>) -> Bool {
    guard let first = expected.first else { return lines.isEmpty }
    if first == "…" {
      return (lines.startIndex...lines.endIndex).contains {
        matches(lines[$0...], expected.dropFirst())
      }
    }
    return lines.first == first && matches(lines.dropFirst(), expected.dropFirst())
  }
}
