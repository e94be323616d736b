public import Documents

/// The result of a JSON merge patch (RFC 7386, section 2) on a value.
///
/// Maps merge key by key, a null takes a key away, everything else replaces. New maps and lists are
/// made in `arena`; what did not change is shared with `target` and `patch`, whose memory must live
/// as long as the result. Keys keep the target's order, new ones follow in the patch's.
public func mergePatch(_ target: Value, _ patch: Value, in arena: Arena) -> Value {
  guard patch.isKind(.map) else { return patch }
  var entries: [MapEntry] = []
  entries.reserveCapacity(target.isKind(.map) ? target.count + patch.count : patch.count)
  for entry in target.entries {
    let change = patch.lookup(entry.key)
    if change.isAbsent {
      entries.append(entry)
    } else if !change.isNull {
      entries.append(
        MapEntry(key: entry.key, value: mergePatch(entry.value, change, in: arena)))
    }
  }
  for entry in patch.entries where !entry.value.isNull && target.lookup(entry.key).isAbsent {
    entries.append(MapEntry(key: entry.key, value: mergePatch(.absent, entry.value, in: arena)))
  }
  return arena.map(entries)
}
