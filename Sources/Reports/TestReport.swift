public import Diagnostics
public import Documents

/// What test cases gave, for people and for machines.
public struct TestReport {
  /// One case.
  public struct Case {
    let file: String
    let name: String
    let isPassed: Bool

    /// A case of a file, with its name.
    public init(file: String, name: String, isPassed: Bool) {
      self.file = file
      self.name = name
      self.isPassed = isPassed
    }
  }

  /// How many of the things that cases can reach they reach.
  public struct Coverage {
    let subject: String
    let of: String
    let reached: Int
    let total: Int

    /// Coverage of a subject, such as 3 of 4 `validations` of a policy.
    public init(subject: String, of: String, reached: Int, total: Int) {
      self.subject = subject
      self.of = of
      self.reached = reached
      self.total = total
    }
  }

  private let cases: [Case]
  private let coverage: [Coverage]
  private let findings: [Finding]
  private let places: PlaceFinder

  /// A report of cases, their coverage, and what was found.
  public init(
    cases: [Case], coverage: [Coverage], findings: [Finding], places: PlaceFinder
  ) {
    self.cases = cases
    self.coverage = coverage
    self.findings = findings
    self.places = places
  }

  /// One line a file with its counts, then the findings, then what is not covered, then a summary.
  public func text(style: Style, detail: TerminalReport.Detail) -> String {
    var text = ""
    for (file, cases) in byFile {
      let failed = cases.filter { !$0.isPassed }
      let mark = failed.isEmpty ? style("ok", .green) : style("FAILED", .boldRed)
      text += "\(mark) \(printableText(file)): \(counted(cases.count, "case"))"
      text += failed.isEmpty ? "\n" : ", \(failed.count) failed\n"
    }
    let shown = findings.filter { $0.severity > .note }
    if !shown.isEmpty {
      text += "\n"
      text += TerminalReport(places: places, style: style, detail: detail).text(of: shown)
    }
    for row in coverage where row.reached < row.total {
      text += style("\(row.subject): \(row.reached) of \(row.total) \(row.of) reached", .faint)
      text += "\n"
    }
    let failed = cases.count { !$0.isPassed }
    text += "\(cases.count - failed) passed, \(failed) failed"
    for (of, rows) in grouped(coverage) {
      let reached = rows.reduce(0) { $0 + $1.reached }
      text += ", \(reached) of \(rows.reduce(0) { $0 + $1.total }) \(of) reached"
    }
    return text + "\n"
  }

  private var byFile: [(String, [Case])] {
    var order: [String] = []
    var files: [String: [Case]] = [:]
    for test in cases {
      if files[test.file] == nil { order.append(test.file) }
      files[test.file, default: []].append(test)
    }
    return order.map { ($0, files[$0] ?? []) }
  }

  private func grouped(_ rows: [Coverage]) -> [(String, [Coverage])] {
    Dictionary(grouping: rows, by: \.of).sorted { $0.key > $1.key }
  }

  /// One JSON document: `schemaVersion`, `cases`, `coverage`, and `findings` as `pave lint` has them.
  public func json() -> [UInt8] {
    let arena = Arena(firstChunkByteCount: 1 << 14)
    let root = ObjectBuilder(arena)
    root.set("schemaVersion", .int(Int64(JSONReport.schemaVersion)))
    root.set(
      "cases",
      arena.list(
        cases.map { test in
          let entry = ObjectBuilder(arena)
          entry.set("file", arena.string(test.file))
          entry.set("name", arena.string(test.name))
          entry.set("passed", .bool(test.isPassed))
          return entry.value
        }))
    root.set(
      "coverage",
      arena.list(
        coverage.map { row in
          let entry = ObjectBuilder(arena)
          entry.set("subject", arena.string(row.subject))
          entry.set("of", arena.string(row.of))
          entry.set("reached", .int(Int64(row.reached)))
          entry.set("total", .int(Int64(row.total)))
          return entry.value
        }))
    root.set("findings", JSONReport(places: places).list(of: findings, arena))
    let writer = JSONWriter()
    writer.write(root.value, indented: true)
    writer.writeLineFeed()
    return writer.bytes
  }
}
