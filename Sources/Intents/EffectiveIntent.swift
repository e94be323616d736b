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
  /// else in the base. For a value that is not there it is the key of the innermost map or list that
  /// is, in the base unless only the patch has it.
  public func place(of path: FieldPath, part: Place.Part = .value) -> Place {
    let root = intent.document.root
    let patchPath = FieldPath(keys: "environments", environment)
    let inPatch = writtenDepth(path, below: root[patchPath])
    let inBase = writtenDepth(path, below: root)
    let depth = max(inPatch, inBase)
    // Nothing of the path is there: what the intent is says where it would go.
    if depth == 0 { return intent.place(FieldPath(keys: "kind"), part: .value) }
    let isWhole = depth == path.steps.count
    let fromPatch = isWhole ? inPatch == depth : inPatch > inBase
    let nearest = FieldPath(Array(path.steps.prefix(depth)))
    return intent.place(
      fromPatch ? patchPath.appending(nearest) : nearest, part: isWhole ? part : .key)
  }

  /// The intent with another value at a path of the merged document, for trying what depends on it.
  ///
  /// A path that is not there is made, with maps around it.
  public func setting(_ path: FieldPath, to value: (Arena) -> Value) -> EffectiveIntent {
    let arena = Arena(firstChunkByteCount: 1024)
    let root = replaced(document.root, path.steps[...], value(arena), in: arena)
    return EffectiveIntent(
      intent: intent, environment: environment,
      document: Document(root: root, arena: arena, borrowing: [document]))
  }

  private init(intent: Intent, environment: String, document: Document) {
    self.intent = intent
    self.environment = environment
    self.document = document
  }
}

/// A value with another at a path below it; maps around it are made where there are none.
package func replaced(
  _ target: Value, _ path: ArraySlice<FieldPath.Step>, _ value: Value, in arena: Arena
) -> Value {
  guard let step = path.first else { return value }
  let rest = path.dropFirst()
  switch step {
  case .index(let index):
    return arena.list(
      target.elements.enumerated().map {
        $0.offset == index ? replaced($0.element, rest, value, in: arena) : $0.element
      })
  case .key(let key):
    var entries = Array(target.entries)
    let inner = replaced(target[key], rest, value, in: arena)
    if let index = entries.firstIndex(where: { $0.key.asString == key }) {
      entries[index].value = inner
    } else {
      entries.append(MapEntry(key: arena.string(key), value: inner))
    }
    return arena.map(entries)
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
