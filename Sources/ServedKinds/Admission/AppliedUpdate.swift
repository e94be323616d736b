import Documents

/// What an apply of an object makes of the stored one, where the same hand applied the old one: what it wrote is
/// replaced, what it wrote before and does not write any more is removed, and everything else stays as it is stored,
/// defaults included.
///
/// Source: structured-merge-diff, as server-side apply uses it: lists and maps that are atomic are replaced as a whole,
/// elements of map lists are told apart by their keys.
struct AppliedUpdate {
  typealias TypeReference = ServedTypes.TypeReference

  private let tables: ServedTypes.Tables
  private let arena: Arena

  init(types: ServedTypes, arena: Arena) {
    tables = types.tables
    self.arena = arena
  }

  /// The object to be read again: `before` is the old object as it was written, `stored` as it is held.
  func applied(_ object: Value, stored: Value, before: Value) -> Value {
    merged(object, stored, before, TypeReference(kind: .structure, index: ServedTypes.root))
  }

  private func merged(
    _ new: Value, _ stored: Value, _ before: Value, _ type: TypeReference
  ) -> Value {
    guard !type.isAtomic else { return new }
    switch type.kind {
    case .structure where new.isKind(.map) && stored.isKind(.map),
      .map where new.isKind(.map) && stored.isKind(.map):
      return mergedMap(new, stored, before, type)
    case .list where new.isKind(.list) && stored.isKind(.list):
      return mergedList(new, stored, before, type)
    default: return new
    }
  }

  private func fieldType(_ key: Value, _ type: TypeReference) -> TypeReference {
    if type.kind == .map { return tables.elements[Int(type.index)].element }
    let found = tables.structures[Int(type.index)].fields.lookup(key)
    guard found.isKind(.int) else { return TypeReference(kind: .anything) }
    return tables.fields[Int(truncatingIfNeeded: found.intPayload)].type
  }

  private func mergedMap(
    _ new: Value, _ stored: Value, _ before: Value, _ type: TypeReference
  ) -> Value {
    var entries: [MapEntry] = []
    for entry in new.entries {
      let value = merged(
        entry.value, stored.lookup(entry.key), before.lookup(entry.key), fieldType(entry.key, type))
      entries.append(MapEntry(key: entry.key, value: value))
    }
    for entry in stored.entries where new.lookup(entry.key).isAbsent {
      let owned = before.lookup(entry.key)
      if owned.isAbsent || owned.isNull {
        entries.append(entry)
      } else if let left = remainder(entry.value, owned, fieldType(entry.key, type)) {
        entries.append(MapEntry(key: entry.key, value: left))
      }
    }
    return arena.map(entries)
  }

  /// What is left of a stored value when all that was written of it goes; nil for nothing.
  private func remainder(_ stored: Value, _ owned: Value, _ type: TypeReference) -> Value? {
    guard !type.isAtomic, type.kind == .structure || type.kind == .map, stored.isKind(.map),
      owned.isKind(.map), owned.count > 0
    else { return nil }
    var entries: [MapEntry] = []
    for entry in stored.entries {
      let part = owned.lookup(entry.key)
      if part.isAbsent || part.isNull {
        // What is always there is no sign that somebody else owns something.
        if entry.value.isKind(.map), entry.value.count == 0 { continue }
        entries.append(entry)
      } else if let left = remainder(entry.value, part, fieldType(entry.key, type)) {
        entries.append(MapEntry(key: entry.key, value: left))
      }
    }
    return entries.isEmpty ? nil : arena.map(entries)
  }

  private func mergedList(
    _ new: Value, _ stored: Value, _ before: Value, _ type: TypeReference
  ) -> Value {
    let traits = tables.elements[Int(type.index)]
    if traits.isSet {
      var elements = Array(new.elements)
      for element in stored.elements
      where !new.elements.contains(where: { $0.isIdentical(to: element) })
        && !before.elements.contains(where: { $0.isIdentical(to: element) })
      {
        elements.append(element)
      }
      return arena.list(elements)
    }
    guard traits.keys.count > 0 else { return new }
    var elements: [Value] = []
    for element in new.elements {
      guard let old = match(element, stored, traits) else {
        elements.append(element)
        continue
      }
      elements.append(
        merged(element, old, match(element, before, traits) ?? .absent, traits.element))
    }
    for element in stored.elements
    where match(element, new, traits) == nil && match(element, before, traits) == nil {
      elements.append(element)
    }
    return arena.list(elements)
  }

  private func match(
    _ element: Value, _ list: Value, _ traits: ServedTypes.ListTraits
  ) -> Value? {
    list.elements.first { other in
      traits.keys.elements.allSatisfy { key in
        keyValue(element, key).isIdentical(to: keyValue(other, key))
      }
    }
  }

  /// A key that is not written is its default; the only one that has one is the protocol of a port.
  private func keyValue(_ element: Value, _ key: Value) -> Value {
    let value = element.lookup(key)
    if value.isAbsent || value.isNull, key.isString("protocol") { return nameValue("TCP") }
    return value
  }
}
