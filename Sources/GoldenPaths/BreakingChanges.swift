public import Diagnostics
import Documents
import Schemas

/// What a change of golden paths takes from intents that are valid today: warnings on the lines of the new files, and on
/// the old file for a kind that is gone (`golden-path/removed-kind`).
///
/// A golden path's contract is its schema. Looser is fine and said by nobody: a new optional field, a wider range, one more
/// allowed value.
public func breakingChanges(
  from old: GoldenPathLibrary, to new: GoldenPathLibrary
) -> [Finding] {
  old.paths.flatMap { path -> [Finding] in
    guard let next = new.path(apiVersion: path.apiVersion, kind: path.kind) else {
      return new.isBroken(path) ? [] : [removedKind(path, from: new)]
    }
    var comparison = SchemaComparison(old: path, new: next)
    comparison.compare(path.schema.root, next.schema.root, at: FieldPath(keys: "spec"))
    comparison.comparePatchable()
    comparison.comparePromoted()
    comparison.compareEnvironments()
    return comparison.findings
  }
}

private func removedKind(_ path: GoldenPath, from library: GoldenPathLibrary) -> Finding {
  let versions = library.paths.filter { $0.kind == path.kind && $0.group == path.group }
  return Finding(
    rule: "golden-path/removed-kind", severity: .warning,
    "kind '\(path.kind)' of '\(path.apiVersion)' is no golden path's any more",
    at: Place(file: path.file),
    help: versions.isEmpty
      ? "intents of this kind can no longer be rendered"
      : "keep the old version beside the new one, until no intent uses it")
}

private struct SchemaComparison {
  let old: GoldenPath
  let new: GoldenPath
  var findings: [Finding] = []

  init(old: GoldenPath, new: GoldenPath) {
    self.old = old
    self.new = new
  }

  mutating func compare(_ before: SchemaNode, _ after: SchemaNode, at field: FieldPath) {
    guard field.steps.count < 40 else { return }
    compareTypes(before, after, field)
    compareBounds(before, after, field)
    compareValues(before, after, field)
    let required = Set(after.required).subtracting(before.required)
    for name in after.required where required.contains(name) {
      let child = after.property(name)
      guard child?.defaultValue.isAbsent != false else { continue }
      report(
        "golden-path/new-required-field", field.key(name),
        "'\(field.key(name))' is required now", "give it a default")
    }
    for name in before.propertyNames {
      guard let earlier = before.property(name) else { continue }
      if let later = after.property(name) {
        compare(earlier, later, at: field.key(name))
      } else if !after.isOpen, after.values == nil {
        report(
          "golden-path/removed-field", field.key(name), "'\(field.key(name))' is gone",
          "keep it with deprecated=true, until no intent writes it")
      }
    }
    if let earlier = before.values, let later = after.values {
      compare(earlier, later, at: field.key("*"))
    } else if before.isOpen || before.values != nil, !after.isOpen, after.values == nil,
      after.types.contains(.object)
    {
      report(
        "golden-path/tightened-field", field, "'\(field)' no longer takes any key", nil)
    }
    if let earlier = before.items, let later = after.items {
      compare(earlier, later, at: field.index(0))
    }
  }

  private mutating func compareTypes(
    _ before: SchemaNode, _ after: SchemaNode, _ field: FieldPath
  ) {
    var accepted = after.types
    if after.isIntOrString { accepted.formUnion([.integer, .string]) }
    if accepted.contains(.number) { accepted.insert(.integer) }
    var given = before.types
    if before.isIntOrString { given.formUnion([.integer, .string]) }
    guard !accepted.isEmpty, given.isEmpty || !accepted.isSuperset(of: given) else { return }
    report(
      "golden-path/changed-type", field,
      "'\(field)' was \(before.typeName) and is \(after.typeName) now",
      "offer a new field, or a new version of the golden path")
  }

  private mutating func compareBounds(
    _ before: SchemaNode, _ after: SchemaNode, _ field: FieldPath
  ) {
    let isTighter =
      isRaised(before.bounds.minimum, after.bounds.minimum)
      || isLowered(before.bounds.maximum, after.bounds.maximum)
      || isRaised(before.sizes.minimum, after.sizes.minimum)
      || isLowered(before.sizes.maximum, after.sizes.maximum)
    if isTighter {
      report(
        "golden-path/tightened-field", field, "the bounds of '\(field)' are narrower now",
        "check that no intent is outside them")
    }
    if let pattern = after.pattern, pattern != before.pattern {
      report(
        "golden-path/tightened-field", field,
        before.pattern == nil
          ? "'\(field)' must match a pattern now" : "the pattern of '\(field)' is another now",
        "check that every intent's value matches it")
    }
    if after.hasUniqueItems, !before.hasUniqueItems {
      report(
        "golden-path/tightened-field", field, "items of '\(field)' must differ now", nil)
    }
    if after.isImmutable, !before.isImmutable {
      report("golden-path/tightened-field", field, "'\(field)' cannot be changed any more", nil)
    }
  }

  private func isRaised<Bound: Comparable>(_ before: Bound?, _ after: Bound?) -> Bool {
    guard let after else { return false }
    return before.map { after > $0 } ?? true
  }

  private func isLowered<Bound: Comparable>(_ before: Bound?, _ after: Bound?) -> Bool {
    guard let after else { return false }
    return before.map { after < $0 } ?? true
  }

  private mutating func compareValues(
    _ before: SchemaNode, _ after: SchemaNode, _ field: FieldPath
  ) {
    guard !after.allowedValues.isEmpty else { return }
    let allowed = Set(after.allowedValues.map(text))
    let gone = before.allowedValues.map(text).filter { !allowed.contains($0) }
    if before.allowedValues.isEmpty {
      report(
        "golden-path/tightened-field", field,
        "'\(field)' takes only \(after.allowedValues.map(text).joined(separator: ", ")) now", nil)
    } else if !gone.isEmpty {
      report(
        "golden-path/tightened-field", field,
        "'\(field)' no longer takes \(gone.joined(separator: ", "))", nil)
    }
  }

  mutating func comparePatchable() {
    for (id, fields) in old.patchable.sorted(by: { $0.key < $1.key }) {
      for field in fields
      where !(new.patchable[id] ?? []).contains(where: { $0.contains(field) }) {
        findings.append(
          finding(
            "golden-path/removed-patchable", FieldPath(keys: "spec", "patchable"),
            "'\(id).\(field)' is no longer open to patches",
            "open it again, until no intent patches it"))
      }
    }
  }

  mutating func compareEnvironments() {
    guard !new.environments.isEmpty else { return }
    let lost =
      old.environments.isEmpty
      ? "every environment but \(new.environments.joined(separator: ", "))"
      : old.environments.filter { !new.environments.contains($0) }.joined(separator: ", ")
    guard !lost.isEmpty else { return }
    findings.append(
      finding(
        "golden-path/removed-environment", FieldPath(keys: "spec", "environments"),
        "intents may no longer be for \(lost)", "allow it again, until no intent is for it"))
  }

  mutating func comparePromoted() {
    for field in new.promoted where !old.promoted.contains(field) {
      findings.append(
        finding(
          "golden-path/newly-promoted", FieldPath(keys: "spec", "promoted"),
          "'\(field)' is promoted now and can no longer stand in the base of an intent",
          "move it under the environments of every intent first"))
    }
  }

  private mutating func report(
    _ rule: String, _ field: FieldPath, _ message: String, _ help: String?
  ) {
    var finding = Finding(
      rule: rule, severity: .warning, message + " (\(new.kind))", at: new.schemaPlace(of: field),
      help: help)
    finding.path = field
    findings.append(finding)
  }

  private func finding(
    _ rule: String, _ path: FieldPath, _ message: String, _ help: String
  ) -> Finding {
    Finding(
      rule: rule, severity: .warning, message + " (\(new.kind))", at: new.place(path, part: .key),
      help: help)
  }
}

private func text(_ value: Value) -> String {
  value.asString.map { "'\($0)'" } ?? String(decoding: jsonBytes(of: value), as: UTF8.self)
}

extension GoldenPathLibrary {
  /// Whether the golden path stands in this library too but cannot be used there, which was said.
  fileprivate func isBroken(_ path: GoldenPath) -> Bool { cannotTell(path.apiVersion, path.kind) }
}
