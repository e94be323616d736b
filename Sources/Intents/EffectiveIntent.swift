public import Diagnostics
public import Documents

/// An intent as it is in one environment: the base with that environment's merge patch.
///
/// Neither defaulted nor validated. The document borrows the intent's.
public struct EffectiveIntent: Sendable {
  /// What the developer wrote.
  public let intent: Intent
  /// The environment's name; empty without a platform.
  public let environment: String
  /// A map with `apiVersion`, `kind`, `metadata` and, if they are written, `spec` and `patches`.
  public let document: Document

  /// The intent in an environment: the patch of that name on `spec`, `metadata.labels` and
  /// `metadata.annotations`.
  public init(_ intent: Intent, in environment: String) {
    self.intent = intent
    self.environment = environment
    let root = intent.document.root
    let patch = intent.patch(for: environment)
    let hasEnvironments = !root["environments"].isAbsent
    if patch.isAbsent && !hasEnvironments && !root["spec"].isNull {
      document = intent.document
      return
    }
    let arena = Arena(firstChunkByteCount: 1024)
    var entries: [MapEntry] = []
    for entry in root.entries where !entry.key.isString("environments") {
      var value = entry.value
      if entry.key.isString("spec") {
        let change = patch["spec"]
        if !isMissing(change) { value = mergePatch(value, change, in: arena) }
        if value.isNull { continue }
      } else if entry.key.isString("patches") {
        let change = patch["patches"]
        if change.isKind(.map) { value = addingPatches(change, to: value, in: arena) }
      } else if entry.key.isString("metadata") {
        let change = patch["metadata"]
        if change.isKind(.map) { value = mergePatch(value, change, in: arena) }
      }
      entries.append(MapEntry(key: entry.key, value: value))
    }
    if root["patches"].isAbsent, patch["patches"].isKind(.map) {
      entries.append(MapEntry(key: arena.string("patches"), value: patch["patches"]))
    }
    if root["spec"].isAbsent, patch["spec"].isKind(.map) {
      entries.append(
        MapEntry(
          key: arena.string("spec"), value: mergePatch(.emptyMap, patch["spec"], in: arena)))
    }
    document = Document(root: arena.map(entries), arena: arena, borrowing: [intent.document])
  }

  /// The place where the value at a path was written: in the environment's patch if that sets it,
  /// else in the base; for a value that is not there, the innermost of the two that holds it.
  public func place(of path: FieldPath, part: Place.Part = .value) -> Place {
    let root = intent.document.root
    let patchPath = FieldPath(keys: "environments", environment)
    let inPatch = writtenDepth(path, below: root[patchPath])
    let inBase = writtenDepth(path, below: root)
    let depth = max(inPatch, inBase)
    let isWhole = depth == path.steps.count
    let nearest = FieldPath(Array(path.steps.prefix(depth)))
    // A patch that replaces a list, or sets the field, is where the value comes from.
    let fromPatch = inPatch > 0 && inPatch >= inBase
    return intent.place(
      fromPatch ? patchPath.appending(nearest) : nearest, part: isWhole ? part : .value)
  }
}

/// Patches of an environment after those of the base: a null in either takes a field away from the
/// object, so that it must not be lost when the two become one.
private func addingPatches(_ change: Value, to base: Value, in arena: Arena) -> Value {
  guard base.isKind(.map), change.isKind(.map) else { return change }
  var entries: [MapEntry] = []
  for entry in base.entries {
    let next = change.lookup(entry.key)
    entries.append(
      MapEntry(
        key: entry.key,
        value: next.isAbsent ? entry.value : addingPatches(next, to: entry.value, in: arena)))
  }
  for entry in change.entries where base.lookup(entry.key).isAbsent { entries.append(entry) }
  return arena.map(entries)
}

/// How many steps of a path lead to values that are written below a root.
private func writtenDepth(_ path: FieldPath, below root: Value) -> Int {
  var value = root
  for (depth, step) in path.steps.enumerated() {
    value = value[FieldPath([step])]
    if value.isAbsent { return depth }
  }
  return path.steps.count
}
