public import Diagnostics
import Documents
public import OutputTrees

/// What a change does to the rendered objects: by environment and intent, field by field.
///
/// Objects of one kind that change in the same way are told together, and long lists of fields are folded.
public struct DifferenceReport {
  /// How it is written.
  public enum Form: String, Sendable, CaseIterable {
    case text
    case markdown
    case json
    case html
  }

  /// Fields of an object that are listed; the rest is counted.
  static let fieldLimit = 20
  /// Objects with the same change from which on they are told together.
  static let foldFrom = 4
  /// The version of the JSON document's shape.
  public static let schemaVersion = 1

  let objects: [ObjectDifference]
  let style: Style

  /// A report on objects in the order of environments, intents and objects.
  public init(_ objects: [ObjectDifference], style: Style = .plain) {
    self.objects = objects
    self.style = style
  }

  /// The report in a form; `title` says what is compared, such as `origin/main (1a2b3c4)`.
  public func bytes(in form: Form, since title: String?) -> [UInt8] {
    switch form {
    case .text: Array(text.utf8)
    case .markdown: Array(markdown(since: title).utf8)
    case .json: json(since: title)
    case .html: Array(html(since: title).utf8)
    }
  }

  /// `17 apps, 51 objects, 3 deletions, 1 immutable field`; `no changes` without any.
  public var summary: String {
    guard !objects.isEmpty else { return "no changes" }
    let apps = Set(objects.map(\.intent)).subtracting([""]).count
    var parts = [counted(apps, "app"), counted(objects.count, "object")]
    let created = objects.count { $0.kind == .created }
    let deleted = objects.count { $0.kind == .deleted }
    let immutable = objects.reduce(0) { $0 + $1.fields.count(where: \.isImmutable) }
    if created > 0 { parts.append(counted(created, "creation")) }
    if deleted > 0 { parts.append(counted(deleted, "deletion")) }
    if immutable > 0 { parts.append(counted(immutable, "immutable field")) }
    return parts.joined(separator: ", ")
  }

  // MARK: text

  /// For a terminal; the blast radius is the last line.
  public var text: String {
    var text = ""
    for (environment, blocks) in blocksByEnvironment {
      text += style(printableText(environment), .bold) + "\n"
      var intent: String?
      for block in blocks {
        let first = block[0]
        if block.count > 1 {
          text +=
            "  \(mark(first.kind)) \(block.count) × \(kindName(first.object)) "
            + style("(\(printableText(named(block))))", .faint) + "\n"
          intent = nil
        } else {
          if intent != first.intent {
            let name = first.intent.isEmpty ? "shared by several intents" : first.intent
            text += "  \(printableText(name))\n"
            intent = first.intent
          }
          text += "    \(mark(first.kind)) \(printableText(first.object.description))\n"
        }
        for line in fieldLines(first) { text += "        \(line)\n" }
      }
      text += "\n"
    }
    return text + summary + "\n"
  }

  private func mark(_ kind: ChangeSet.Kind) -> String {
    switch kind {
    case .created: style("+", .green)
    case .updated: style("~", .yellow)
    case .deleted: style("-", .red)
    }
  }

  private func fieldLines(_ object: ObjectDifference) -> [String] {
    var lines = object.fields.prefix(Self.fieldLimit).map { field in
      let note = field.isImmutable ? style("  (immutable)", .boldRed) : ""
      return "\(printableText(field.path)): \(values(of: field))\(note)"
    }
    let rest = object.fields.count - Self.fieldLimit
    if rest > 0 { lines.append(style("… and \(counted(rest, "more field"))", .faint)) }
    return lines
  }

  private func values(of field: ObjectDifference.Field) -> String {
    let old = field.old.map { style(short($0), .red) } ?? style("(none)", .faint)
    let new = field.new.map { style(short($0), .green) } ?? style("(gone)", .faint)
    return "\(old) → \(new)"
  }

  // MARK: folding

  /// The environments in their order, each with its objects: those that change alike as one block.
  var blocksByEnvironment: [(environment: String, blocks: [[ObjectDifference]])] {
    var result: [(environment: String, blocks: [[ObjectDifference]])] = []
    var start = 0
    while start < objects.count {
      var end = start
      while end < objects.count, objects[end].environment == objects[start].environment { end += 1 }
      result.append((objects[start].environment, blocks(of: objects[start..<end])))
      start = end
    }
    return result
  }

  private func blocks(of objects: ArraySlice<ObjectDifference>) -> [[ObjectDifference]] {
    struct Change: Hashable {
      var kind: ChangeSet.Kind
      var object: String
      var fields: [ObjectDifference.Field]
    }
    func change(_ object: ObjectDifference) -> Change {
      Change(kind: object.kind, object: kindName(object.object), fields: object.fields)
    }
    var alike: [Change: [ObjectDifference]] = [:]
    for object in objects { alike[change(object), default: []].append(object) }
    var blocks: [[ObjectDifference]] = []
    for object in objects {
      let key = change(object)
      guard let group = alike[key] else { continue }
      if group.count >= Self.foldFrom {
        alike[key] = nil
        blocks.append(group)
      } else {
        blocks.append([object])
      }
    }
    return blocks
  }

  /// `payments/checkout, payments/ledger and 15 more`.
  func named(_ block: [ObjectDifference]) -> String {
    let names = block.map { object in
      (object.object.namespace.map { $0 + "/" } ?? "") + object.object.name
    }
    let shown = names.prefix(3).joined(separator: ", ")
    return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
  }

  /// `Deployment.apps`.
  func kindName(_ object: ObjectReference) -> String {
    let group = object.apiVersion.split(separator: "/").dropLast().joined()
    return group.isEmpty ? object.kind : "\(object.kind).\(group)"
  }

  /// A value cut for one line of a report.
  func short(_ value: String) -> String {
    let text = printableText(value)
    return text.count > 120 ? text.prefix(119) + "…" : text
  }

  // MARK: JSON

  private func json(since title: String?) -> [UInt8] {
    jsonDocument { arena in
      arena.object { root in
        root.set("schemaVersion", Self.schemaVersion)
        root.set("base", title)
        root.set("summary", arena.string(summary))
        root.set(
          "objects",
          arena.list(
            objects.map { object in
              arena.object { entry in
                entry.set("change", arena.string(object.kind.rawValue))
                entry.set("environment", arena.string(object.environment))
                entry.set("intent", object.intent.isEmpty ? nil : object.intent)
                entry.set(
                  "object",
                  arena.object { reference in
                    reference.set("apiVersion", arena.string(object.object.apiVersion))
                    reference.set("kind", arena.string(object.object.kind))
                    reference.set("namespace", object.object.namespace)
                    reference.set("name", arena.string(object.object.name))
                  })
                entry.set("fields", arena.list(object.fields.map { field($0, arena) }))
              }
            }))
      }
    }
  }

  private func field(_ field: ObjectDifference.Field, _ arena: Arena) -> Value {
    arena.object { entry in
      entry.set("path", arena.string(field.path))
      for (key, text) in [("old", field.old), ("new", field.new)] {
        guard let text, let parsed = parseJSON(Array(text.utf8), file: "").documents.first else {
          continue
        }
        entry.set(key, arena.copy(parsed.root))
      }
      entry.set("immutable", .bool(field.isImmutable))
    }
  }
}
