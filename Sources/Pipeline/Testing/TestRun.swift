public import Diagnostics

/// What came of running test cases: of policies, of golden paths.
public struct TestRun: Sendable {
  /// One case.
  public struct Case: Sendable {
    /// The file that it stands in, or its folder.
    public let file: String
    /// Its name.
    public let name: String
    /// Whether everything was as expected.
    public let isPassed: Bool
  }

  /// How well the cases cover one thing that can be tested.
  public struct Coverage: Sendable {
    /// A policy's name, or a golden path's folder.
    public let subject: String
    /// What is counted: `validations`, `resources`, `conditions`, `fields`.
    public let of: String
    /// How many of them some case reached.
    public let reached: Int
    /// How many there are.
    public let total: Int
  }

  /// A file to be written, or deleted where it has no bytes.
  public struct Written: Sendable {
    /// The path in the tree of the tests.
    public let path: String
    /// Its bytes; nil when nothing is to be there.
    public let bytes: [UInt8]?
  }

  /// The cases in the order of files, then as written.
  public var cases: [Case] = []
  /// What was not as expected, what is wrong with the files, and (notes) what no case reached.
  public var findings: [Finding] = []
  /// The coverage by subject.
  public var coverage: [Coverage] = []
  /// Files that differ, when recorded results were to be brought up to date.
  public var written: [Written] = []

  /// Nothing yet.
  public init() {}

  /// The cases that failed.
  public var failedCount: Int { cases.count { !$0.isPassed } }

  /// Adds what came of another run.
  public mutating func add(_ other: TestRun) {
    cases += other.cases
    findings += other.findings
    coverage += other.coverage
    written += other.written
  }
}
