import Synchronization

/// Templates by name that may call each other, parsed once and executed many times.
///
/// Not to be changed while an execution runs.
public final class TemplateSet {
  /// What `.a` of a map without an entry `a` gives.
  public enum MissingKey: Sendable {
    /// No value (Go's default): `.a.b` of it is no value either.
    case invalid
    /// Nil (`missingkey=zero`, as Helm sets it): `.a.b` of it fails.
    case zero
    /// A failure (`missingkey=error`).
    case error
  }

  /// The dialect.
  public struct Options: Sendable {
    /// What a missing key gives.
    public var missingKey = MissingKey.invalid
    /// Whether `range 3` counts, as from Go 1.24 (Helm 3.18) on.
    public var rangesOverIntegers = true

    /// Go's defaults.
    public init() {}
    /// What Helm 3.17 sets.
    public static var helm: Options {
      var options = Options()
      options.missingKey = .zero
      options.rangesOverIntegers = false
      return options
    }
  }

  /// The functions the templates may call.
  public let functions: FunctionTable
  /// The dialect.
  public let options: Options
  private(set) var templates: [ByteKey: Template] = [:]
  private let texts: ParsedTexts

  /// An empty set.
  public convenience init(functions: FunctionTable, options: Options = Options()) {
    self.init(functions, options, ParsedTexts())
  }

  private init(_ functions: FunctionTable, _ options: Options, _ texts: ParsedTexts) {
    self.functions = functions
    self.options = options
    self.texts = texts
  }

  /// A set that holds the same templates and may be added to without changing this one.
  public func clone() -> TemplateSet {
    let copy = TemplateSet(functions, options, texts)
    copy.templates = templates
    return copy
  }

  /// Parses a text under a name and adds it and what it defines. A name that is there is replaced,
  /// unless the new one is empty (`text/template.Template.AddParseTree`).
  ///
  /// Throws when the text is no template; the set is unchanged then.
  public func parse(name: String, _ text: [UInt8]) throws {
    for template in try parsedTemplates(name: name, text) { add(template) }
  }

  func add(_ template: Template) {
    let key = ByteKey(template.nameBytes)
    if template.isEmpty, templates[key] != nil { return }
    templates[key] = template
  }

  func parsedTemplates(name: String, _ text: [UInt8]) throws -> [Template] {
    var parser = Parser(file: name, text: text, functions: functions, options: options)
    return try parser.parse()
  }

  /// The templates in a text that a template gives `tpl`, from earlier executions if they had it too.
  func templates(inText text: [UInt8]) throws -> [Template] {
    let key = ByteKey(text)
    if let known = texts.templates(key) { return known }
    let templates = try parsedTemplates(name: "gotpl", text)
    texts.keep(templates, key)
    return templates
  }

  /// Whether there is a template of that name.
  public func contains(_ name: String) -> Bool { templates[ByteKey(Array(name.utf8))] != nil }

  /// The names of all templates, sorted by bytes.
  public var names: [String] {
    templates.values.map(\.nameBytes).sorted { byteOrder($0, $1) < 0 }
      .map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Texts of `tpl` that were parsed before: they do not depend on the templates beside them.
private final class ParsedTexts: Sendable {
  private struct State {
    var templates: [ByteKey: [Template]] = [:]
    var byteCount = 0
  }

  private let state = Mutex(State())

  func templates(_ text: ByteKey) -> [Template]? { state.withLock { $0.templates[text] } }

  func keep(_ templates: [Template], _ text: ByteKey) {
    // A parsed text takes several times its bytes.
    let byteCount = text.bytes.count + 256
    guard byteCount <= 1 << 18 else { return }
    state.withLock { state in
      if state.byteCount + byteCount > 1 << 21 { state = State() }
      state.templates[text] = templates
      state.byteCount += byteCount
    }
  }
}

/// Bytes as a key of a dictionary: equal if all bytes are.
struct ByteKey: Hashable {
  let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func == (left: ByteKey, right: ByteKey) -> Bool {
    areSame(left.bytes, right.bytes)
  }

  func hash(into hasher: inout Hasher) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hasher.combine(hash)
  }
}

/// One named template, ready to run.
///
/// Immutable once parsed: its nodes hold constants only.
final class Template: @unchecked Sendable {
  let name: String
  let nameBytes: [UInt8]
  let body: [Node]
  let slotCount: Int
  let isEmpty: Bool

  init(name: String, nameBytes: [UInt8], body: [Node], slotCount: Int, isEmpty: Bool) {
    self.name = name
    self.nameBytes = nameBytes
    self.body = body
    self.slotCount = slotCount
    self.isEmpty = isEmpty
  }
}
