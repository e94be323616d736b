public import Diagnostics
import Documents
public import Files
import GoldenPaths
import Intents
public import OutputTrees
import Schemas

/// Changes of intents, written into the text of their files with comments and layout kept; nothing is on disk yet.
public struct IntentEditing {
  /// One field that gets another value.
  public struct Change: Sendable {
    /// The intent as `Kind/namespace/name`.
    public let intent: String
    /// The environment whose patch holds the field; nil for the base.
    public let environment: String?
    /// The field, without the environment.
    public let field: FieldPath
    /// What it was there, as text; nil when it was not written.
    public let old: String?
    /// What it becomes.
    public let new: String
  }

  /// A file with other bytes.
  public struct File: Sendable {
    /// From the platform's folder.
    public let path: String
    /// Its bytes as they are.
    public let old: [UInt8]
    /// Its bytes with the changes.
    public let new: [UInt8]
  }

  /// The fields that change; those that have the value already are left out.
  public private(set) var changes: [Change] = []
  /// Fields that cannot be promoted because they are not set where they would come from, with the intent.
  public private(set) var missing: [(intent: String, field: FieldPath)] = []
  /// The indices of the intents that change.
  public private(set) var intents: [Int] = []

  private let loaded: LoadedPlatform
  private let tree: any FileTree
  private var editors: [String: (old: [UInt8], editor: DocumentEditor)] = [:]

  /// Edits of a platform's intents, whose files are in `tree`.
  public init(_ loaded: LoadedPlatform, in tree: any FileTree) {
    self.loaded = loaded
    self.tree = tree
  }

  /// The files that change, sorted by path.
  public var files: [File] {
    editors.filter { $0.value.old != $0.value.editor.bytes }
      .map { File(path: $0.key, old: $0.value.old, new: $0.value.editor.bytes) }
      .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// Sets a field of an intent to a value that is written in YAML: in the patch of an environment, or in the base.
  ///
  /// A text that the golden path's schema wants as a text is one also where YAML would take it for something else. Throws
  /// for a field that no intent has, an environment that it is not for, and what cannot be written into the file.
  public mutating func set(
    _ field: FieldPath, to text: String, ofIntent index: Int, environment: String?
  ) throws(SelectionError) {
    try check(field)
    let intent = loaded.intents[index]
    let value = value(text, of: field, intent)
    try write(field, value, of: index, environment)
  }

  /// Moves the golden path's promoted fields of an intent (or those named) from one environment to another.
  ///
  /// Throws when there are none, when one of the environments is not the intent's, and when `target` promotes from another
  /// environment than `source`.
  public mutating func promote(
    _ fields: [FieldPath], ofIntent index: Int, from source: String?, to target: String
  ) throws(SelectionError) {
    let intent = loaded.intents[index]
    guard let place = loaded.platform.environment(named: target) else {
      throw noEnvironment(target)
    }
    if let source, loaded.platform.environment(named: source) == nil { throw noEnvironment(source) }
    guard let origin = place.promotesFrom ?? source else {
      throw SelectionError(
        message: "'\(target)' promotes from no environment: name one with --from")
    }
    if let source, source != origin {
      throw SelectionError(
        message: "'\(target)' promotes from '\(origin)', not from '\(source)': "
          + "'pave set --environment \(target)' writes a value without that order")
    }
    let own = loaded.library.path(apiVersion: intent.apiVersion, kind: intent.kind)?.promoted ?? []
    let promoted = fields.isEmpty ? own : fields
    if promoted.isEmpty {
      throw SelectionError(
        message: "the golden path of '\(intent.kind)' names no 'promoted' fields: "
          + "name them with --field spec.image")
    }
    for name in [origin, target] where !intent.isFor(name) { throw notFor(name, intent) }
    let from = EffectiveIntent(intent, in: origin).document
    defer { withExtendedLifetime(from) {} }
    for field in promoted {
      try check(field)
      let value = from.root[field]
      if value.isAbsent {
        missing.append((intent.reference, field))
        continue
      }
      let copy = Document { arena in arena.copy(value) }
      try write(field, copy, of: index, target)
    }
  }

  private mutating func write(
    _ field: FieldPath, _ value: Document, of index: Int, _ environment: String?
  ) throws(SelectionError) {
    let intent = loaded.intents[index]
    if let environment {
      guard loaded.platform.environment(named: environment) != nil else {
        throw noEnvironment(environment)
      }
      guard intent.isFor(environment) else { throw notFor(environment, intent) }
    }
    let whole = (environment.map { FieldPath(keys: "environments", $0) } ?? .root).appending(field)
    let root = intent.document.root
    if environment != nil { try checkIndices(field, whole, root, intent) }
    let old = root[whole]
    if old.isIdentical(to: value.root) { return }
    if editors[intent.file] == nil {
      guard let bytes = (try? tree.read(intent.file)) ?? nil else {
        throw SelectionError(message: "cannot read '\(intent.file)'")
      }
      editors[intent.file] = (bytes, DocumentEditor(bytes))
    }
    do throws(DocumentEditor.Failure) {
      if environment != nil, intent.environments == nil {
        // Without the block the intent is for every environment, and stays so with it.
        for other in loaded.platform.environments {
          try editors[intent.file]?.editor.set(
            FieldPath(keys: "environments", other.name), to: .emptyMap,
            document: intent.documentIndex)
        }
      }
      try editors[intent.file]?.editor.set(
        whole, to: value.root, document: intent.documentIndex)
    } catch {
      throw SelectionError(
        message: "\(intent.file): \(error.message)" + (error.help.map { "; \($0)" } ?? ""))
    }
    if !intents.contains(index) { intents.append(index) }
    changes.append(
      Change(
        intent: intent.reference, environment: environment, field: field,
        old: old.isAbsent ? nil : shown(old), new: shown(value.root)))
  }

  /// A patch replaces lists whole (RFC 7386): one element can be set only where the patch has the list.
  private func checkIndices(
    _ field: FieldPath, _ whole: FieldPath, _ root: Value, _ intent: Intent
  ) throws(SelectionError) {
    for (depth, step) in field.steps.enumerated() {
      guard case .index = step else { continue }
      let list = FieldPath(Array(whole.steps.dropLast(field.steps.count - depth)))
      guard root[list].isKind(.list) else {
        throw SelectionError(
          message:
            "'\(field)' is an element of a list, and an environment's patch replaces lists whole: "
            + "set '\(FieldPath(Array(field.steps.prefix(depth))))'")
      }
      return
    }
  }

  private func check(_ field: FieldPath) throws(SelectionError) {
    let starts = [
      FieldPath(keys: "spec"), FieldPath(keys: "metadata", "labels"),
      FieldPath(keys: "metadata", "annotations"), FieldPath(keys: "patches"),
    ]
    if starts.contains(where: { $0.contains(field) && $0 != field }) { return }
    throw SelectionError(
      message: "'\(field)' is no field that can be set: write 'spec.\(field)', "
        + "'metadata.labels.…', 'metadata.annotations.…' or 'patches.…'")
  }

  private func noEnvironment(_ name: String) -> SelectionError {
    let known = loaded.platform.environments.map(\.name)
    return SelectionError(
      message: "there is no environment '\(name)'"
        + (nearestName(to: name, in: known).map { ", did you mean '\($0)'?" }
          ?? ": expected \(known.joined(separator: ", "))"))
  }

  private func notFor(_ environment: String, _ intent: Intent) -> SelectionError {
    SelectionError(
      message: "'\(intent.reference)' is not for '\(environment)': write 'environments: "
        + "{\(environment): {}}' in '\(intent.file)' first")
  }

  /// The value that a text stands for.
  private func value(_ text: String, of field: FieldPath, _ intent: Intent) -> Document {
    let path = loaded.library.path(apiVersion: intent.apiVersion, kind: intent.kind)
    var wantsText = false
    if field.steps.first == .key("spec") {
      let node = path?.schema.root.descendant(FieldPath(Array(field.steps.dropFirst())))
      wantsText = node.map { $0.types == .string && !$0.isIntOrString } ?? false
    } else if field.steps.first == .key("metadata") {
      wantsText = true
    }
    let parsed = parseYAML(Array(text.utf8), file: "")
    if !parsed.hasErrors, parsed.documents.count == 1, let document = parsed.documents.first,
      !wantsText || document.root.isKind(.string)
    {
      return document
    }
    return Document { arena in arena.string(text) }
  }
}

/// A value on one line.
private func shown(_ value: Value) -> String {
  value.asString ?? String(decoding: jsonBytes(of: value), as: UTF8.self)
}

extension LoadedPlatform {
  /// The index of the intent that a name means: `checkout`, `payments/checkout`, or `WebService/payments/checkout`.
  ///
  /// Throws when there is none, or more than one.
  public func intent(named text: String) throws(SelectionError) -> Int {
    let found = intents.indices.filter { index in
      let reference = intents[index].reference
      return reference == text || reference.hasSuffix("/" + text)
    }
    if found.count == 1 { return found[0] }
    let exact = found.filter { intents[$0].reference == text }
    if exact.count == 1 { return exact[0] }
    if found.isEmpty {
      let names = Set(intents.map(\.name)).union(intents.map(\.reference))
      throw SelectionError(
        message: "there is no intent '\(text)'"
          + (nearestName(to: text, in: names.sorted()).map { ", did you mean '\($0)'?" } ?? ""))
    }
    throw SelectionError(
      message: "'\(text)' may be "
        + found.map { "'\(intents[$0].reference)'" }.sorted().joined(separator: " or "))
  }

  /// How units that are rendered here differ from the same ones of another state of the platform.
  public func differences(
    of rendering: Rendering, _ selection: UnitSelection, since other: LoadedPlatform
  ) -> [ObjectDifference] {
    differences(of: rendering, selection, from: other).objects
  }
}
