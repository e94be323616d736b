import Diagnostics
import Documents
import Manifests
import OutputTrees
import Quantities
import ServedKinds

/// Compares two versions of one object field by field, as a cluster would hold them.
///
/// Defaults count as written, quantities by their amount, and elements of lists of maps are told by the keys that the
/// kind's schema names. A field that nobody wrote on either side is not listed.
struct FieldDifference {
  private let written: (old: Value, new: Value)
  private var fields: [ObjectDifference.Field] = []
  private var immutable: [FieldPath]
  /// The kind of both, where it is served.
  private let kind: ServedKind?

  /// The fields that differ between two objects.
  static func fields(
    from old: Document, to new: Document, _ admitter: ObjectAdmitter
  ) -> [ObjectDifference.Field] {
    let admission = admitter.kinds.admission(of: new, old: old)
    let before = admitter.kinds.admission(of: old).stored
    // Both as the server holds them, or both as written.
    let after = before == nil ? nil : admitter.kinds.admission(of: new).stored
    var difference = FieldDifference(
      written: (old.root, new.root),
      immutable: admission.errors.filter { $0.isAboutChange }.map(\.path),
      kind: admitter.kinds.kind(
        apiVersion: new.root["apiVersion"].asString ?? "", kind: new.root["kind"].asString ?? ""))
    difference.compare(
      after == nil ? old.root : before?.root ?? old.root, after?.root ?? new.root,
      FieldPath.root, FieldPath.root, shown: "")
    withExtendedLifetime((before, after)) {}
    return difference.fields
  }

  private init(written: (old: Value, new: Value), immutable: [FieldPath], kind: ServedKind?) {
    self.written = written
    self.immutable = immutable
    self.kind = kind
  }

  /// `oldPath` and `newPath` are where the values stand on their sides, `shown` how the path is printed.
  private mutating func compare(
    _ old: Value, _ new: Value, _ oldPath: FieldPath, _ newPath: FieldPath, shown: String
  ) {
    if old.isIdentical(to: new) { return }
    if old.isKind(.map), new.isKind(.map) {
      for key in keys(old, new) {
        compare(
          old[key], new[key], oldPath.key(key), newPath.key(key),
          shown: FieldDifference.shown(shown, key))
      }
      return
    }
    if old.isKind(.list), new.isKind(.list),
      let names = ListKeys(old, new, known: kind?.listKeys(at: newPath) ?? [])
    {
      for (index, element) in old.elements.enumerated() {
        let name = names.name(of: element)
        let other = new.elements.firstIndex { names.name(of: $0) == name }
        compare(
          element, other.map { new.elements[$0] } ?? .absent, oldPath.index(index),
          newPath.index(other ?? new.count), shown: "\(shown)[\(name)]")
      }
      for (index, element) in new.elements.enumerated() {
        let name = names.name(of: element)
        guard !old.elements.contains(where: { names.name(of: $0) == name }) else { continue }
        compare(
          .absent, element, oldPath.index(old.count), newPath.index(index),
          shown: "\(shown)[\(name)]")
      }
      return
    }
    if isSameAmount(old, new, newPath) { return }
    // What stands nowhere in the files was added by the server alone.
    let texts = (text(written.old[oldPath], else: old), text(written.new[newPath], else: new))
    if written.old[oldPath].isAbsent, written.new[newPath].isAbsent { return }
    fields.append(
      .init(
        path: shown, old: texts.0, new: texts.1,
        isImmutable: immutable.contains { $0.contains(newPath) || newPath.contains($0) }))
  }

  /// The value as it was written; where only the server's form has it, as that says.
  private func text(_ written: Value, else stored: Value) -> String? {
    let value = written.isAbsent ? stored : written
    return value.isAbsent ? nil : String(decoding: jsonBytes(of: value), as: UTF8.self)
  }

  private func keys(_ old: Value, _ new: Value) -> [String] {
    var keys = old.entries.compactMap(\.key.asString)
    for entry in new.entries where old.lookup(entry.key).isAbsent {
      if let key = entry.key.asString { keys.append(key) }
    }
    return keys.sorted()
  }

  private static func shown(_ path: String, _ key: String) -> String {
    let own = FieldPath(keys: key).description
    return path.isEmpty || own.utf8.first == UInt8(ascii: "[") ? path + own : "\(path).\(own)"
  }

  /// Whether both are the same number, or the same amount where a quantity stands.
  private func isSameAmount(_ old: Value, _ new: Value, _ path: FieldPath) -> Bool {
    let isQuantity = path.steps.contains {
      [.key("limits"), .key("requests"), .key("capacity"), .key("hard"), .key("sizeLimit")]
        .contains($0)
    }
    guard isQuantity, let old = amount(old), let new = amount(new) else { return false }
    return old == new
  }

  private func amount(_ value: Value) -> Quantity? {
    switch value.kind {
    case .string: value.asString.flatMap { try? Quantity.parse($0).get() }
    case .int: Quantity(value.intPayload)
    default: nil
    }
  }
}

/// What tells the elements of a list of maps apart: the keys that the schema names; in a list that an apply replaces as
/// a whole, or of which no schema tells, the first field that names things and that all have and no two share.
private struct ListKeys {
  private let keys: [String]

  private static let naming = ["name", "host", "path", "key", "type"].map { [$0] }

  init?(_ old: Value, _ new: Value, known: [String]) {
    guard
      let keys = ([known] + known.map { [$0] } + ListKeys.naming).first(where: { keys in
        [old, new].allSatisfy { ListKeys.areTold($0, by: keys) }
      })
    else { return nil }
    self.keys = keys
  }

  private static func areTold(_ list: Value, by keys: [String]) -> Bool {
    var seen: Set<String> = []
    let known = ListKeys(keys: keys)
    return !keys.isEmpty
      && list.elements.allSatisfy { element in
        element.isKind(.map)
          && keys.allSatisfy { element[$0].isKind(.string) || element[$0].isKind(.int) }
          && seen.insert(known.name(of: element)).inserted
      }
  }

  private init(keys: [String]) { self.keys = keys }

  /// `name=app`, `port=80,protocol=TCP`.
  func name(of element: Value) -> String {
    keys.map { key in
      let value = element[key]
      return "\(key)=\(value.asString ?? "\(value.intPayload)")"
    }.joined(separator: ",")
  }
}
