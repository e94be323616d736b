public import Diagnostics

/// The documents of one YAML file and what is wrong with it.
public struct ParsedFile: Sendable {
  /// The path the file was given under.
  public var file: String
  /// The documents in file order, empty ones included (their root is `.null`), so that an index
  /// here is the index in `Place.field(document:)`. After a syntax error: those before it.
  public var documents: [Document]
  /// What is wrong, in file order; rules are `yaml/…`.
  public var findings: [Finding]

  /// Whether any finding is an error: then values may be missing from the documents.
  public var hasErrors: Bool { findings.contains { $0.severity == .error } }
}

/// What a YAML file may cost at most. Beyond it, reading stops with an error at the place.
public enum YAMLLimits {
  /// Bytes of a file: 10 MiB.
  public static let fileByteCount = 10 << 20
  /// Lists and maps inside one another, aliases followed.
  public static let depth = 100
  /// Nodes that aliases add to those that are written out.
  public static let aliasedNodeCount = 10_000
  /// Findings that are listed for a file.
  public static let findingCount = 500
}

/// Parses a YAML file (which may hold several documents, or JSON) into trees.
///
/// Scalars mean what they mean to the Kubernetes API server's reader (`PlainScalar` has the rules
/// and their source). Merge keys are resolved as YAML 1.1 says (yaml.org/type/merge.html): keys
/// that are written out win, of several merged maps the earlier wins. Keys that are no strings
/// become the text that sigs.k8s.io/yaml makes of them, with a warning. `!!binary` becomes the
/// text it encodes, as there.
///
/// Findings (places are byte ranges): `yaml/syntax`, `yaml/encoding`, `yaml/character`,
/// `yaml/duplicate-key`, `yaml/unknown-alias`, `yaml/merge`, `yaml/key`, `yaml/tag`, `yaml/limit`,
/// `yaml/not-json` are errors; `yaml/ambiguous-scalar`, `yaml/key-type`, `yaml/merge-order` are
/// warnings.
public func parseYAML(
  _ bytes: [UInt8], file: String, as reader: YAMLReader = .configuration
) -> ParsedFile {
  bytes.withUnsafeBufferPointer { parseYAML($0, file: file, as: reader) }
}

/// Whose reading of a file counts where readers differ.
public enum YAMLReader: Sendable {
  /// A file that Pave reads and writes out anew before anything else sees it.
  case configuration
  /// A file that goes to an API server as it is, with strict field validation (sigs.k8s.io/yaml v1.6, goyaml.v2): a merge
  /// may bring no key that is there already, keys of different kinds that become the same text are let through, the
  /// escape `\/` is unknown (but in JSON), and inside brackets `?` ends a plain scalar.
  case apiServer
}

/// Parses a YAML file from borrowed bytes, which may go once this has returned.
public func parseYAML(
  _ bytes: UnsafeBufferPointer<UInt8>, file: String, as role: YAMLReader = .configuration
) -> ParsedFile {
  var findings = FindingList(file: file)
  guard bytes.count <= YAMLLimits.fileByteCount else {
    findings.add(
      .limit(
        "the file has \(bytes.count) bytes, the most is \(YAMLLimits.fileByteCount) (10 MiB)",
        help: "split it into several files"), at: 0..<0)
    return ParsedFile(file: file, documents: [], findings: findings.finished())
  }
  let source = SourceText(bytes)
  let forbidden = forbiddenCharacters(in: source.bytes, limit: 20)
  guard forbidden.isEmpty else {
    for (range, what) in forbidden {
      let mark = source.markByteCount
      findings.add(
        .forbiddenCharacter(what, byte: source.bytes[range.lowerBound]),
        at: range.lowerBound + mark..<range.upperBound + mark)
    }
    return ParsedFile(file: file, documents: [], findings: findings.finished())
  }
  let reader = YAMLTreeReader(source, findings: findings, as: role)
  reader.read()
  return ParsedFile(
    file: file, documents: reader.documents, findings: reader.findings.finished())
}

/// The findings of one file, so many and no more.
struct FindingList {
  let file: String
  private var list: [Finding] = []
  private var leftOut = 0

  init(file: String) { self.file = file }

  /// Adds what a message says at a byte range of the file.
  mutating func add(
    _ message: YAMLMessage, at range: Range<Int>,
    related: (label: String, range: Range<Int>)? = nil
  ) {
    guard list.count < YAMLLimits.findingCount else {
      leftOut += 1
      return
    }
    list.append(
      Finding(
        rule: message.rule, severity: message.severity, message.text,
        at: Place(file: file, anchor: .bytes(range)), help: message.help,
        related: related.map {
          [.init(label: $0.label, place: Place(file: file, anchor: .bytes($0.range)))]
        } ?? []))
  }

  /// The findings in file order; the last says how many were left out.
  func finished() -> [Finding] {
    func start(_ finding: Finding) -> Int {
      if case .bytes(let range)? = finding.place?.anchor { return range.lowerBound }
      return 0
    }
    var sorted = list.enumerated().sorted {
      (start($0.element), $0.offset) < (start($1.element), $1.offset)
    }.map(\.element)
    if leftOut > 0 {
      sorted.append(
        Finding(
          rule: "yaml/limit", severity: .warning,
          "\(leftOut) more findings in this file are not listed", at: Place(file: file)))
    }
    return sorted
  }
}
