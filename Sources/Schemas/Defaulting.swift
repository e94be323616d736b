public import Documents

extension Schema {
  /// A value with the defaults of this schema, as the API server fills them in (apiextensions
  /// `pkg/apiserver/schema/defaulting`): only where a key is absent, or null where null is not
  /// allowed; inside objects, list items and map values that exist or were defaulted.
  ///
  /// In structural schemas a null that is not allowed and has no default is dropped, as the API
  /// server does. The absent value becomes the root's default, or stays absent. Parts that do not
  /// change are shared with `value`, defaults with `document`; new maps and lists are put into
  /// `arena`. The cost is linear in the value's size.
  public func defaulted(_ value: Value, in arena: Arena) -> Value {
    var defaulter = Defaulter(nodes: nodes, defaulting: defaulting, arena: arena)
    if value.isAbsent || defaulter.countsAsAbsent(value, rootIndex) {
      return nodes[Int(rootIndex)].defaultValue
    }
    return defaulter.defaulted(value, rootIndex)
  }
}

/// Fills in defaults over the frozen arrays of a schema.
struct Defaulter {
  let nodes: UnsafeBufferPointer<Node>
  let defaulting: UnsafeBufferPointer<DefaultingProperty>
  let arena: Arena
  private var depth = 0

  /// Deeper values are left as they are; validation refuses them.
  static let maximumDepth = 200

  init(
    nodes: UnsafeBufferPointer<Node>, defaulting: UnsafeBufferPointer<DefaultingProperty>,
    arena: Arena
  ) {
    self.nodes = nodes
    self.defaulting = defaulting
    self.arena = arena
  }

  /// Whether a value is a null that stands for nothing under the schema at `index`.
  func countsAsAbsent(_ value: Value, _ index: Int32) -> Bool {
    guard value.isNull else { return false }
    let node = nodes[Int(index)]
    return !node.flags.contains(.nullable)
      && (node.flags.contains(.dropsNulls) || !node.defaultValue.isAbsent)
  }

  mutating func defaulted(_ value: Value, _ index: Int32) -> Value {
    let node = nodes[Int(index)]
    guard node.flags.contains(.hasDefaults), depth < Defaulter.maximumDepth else { return value }
    depth += 1
    defer { depth -= 1 }
    if value.isKind(.map) { return defaultedMap(value, node) }
    if value.isKind(.list), node.items >= 0 { return defaultedList(value, node.items) }
    return value
  }

  private mutating func defaultedMap(_ map: Value, _ node: Node) -> Value {
    var changed: [MapEntry]?
    let entries = map.entries
    if node.additional >= 0 || node.defaultingCount > 0 {
      for index in entries.indices {
        let entry = entries[index]
        // Scalars that are there need nothing; looking their schema up would be half the work.
        guard entry.value.isKind(.map) || entry.value.isKind(.list) || entry.value.isNull,
          let child = child(entry.key, node)
        else { continue }
        let value: Value
        if entry.value.isNull, countsAsAbsent(entry.value, child) {
          value = nodes[Int(child)].defaultValue
        } else {
          value = defaulted(entry.value, child)
        }
        if value.payload == entry.value.payload, value.meta == entry.value.meta { continue }
        if changed == nil { changed = Array(entries) }
        changed?[index].value = value
      }
    }
    for offset in 0..<Int(node.defaultingCount) {
      let property = defaulting[Int(node.defaultingStart) + offset]
      let value = nodes[Int(property.node)].defaultValue
      guard !value.isAbsent, map.lookup(property.name).isAbsent else { continue }
      if changed == nil { changed = Array(entries) }
      changed?.append(MapEntry(key: property.name, value: value))
    }
    guard var changed else { return map }
    changed.removeAll { $0.value.isAbsent }
    return arena.map(changed)
  }

  /// The node of what is under a key, if defaulting has to look at it.
  private func child(_ key: Value, _ node: Node) -> Int32? {
    let property = node.properties.lookup(key)
    if !property.isAbsent { return Int32(truncatingIfNeeded: property.intPayload) }
    return node.additional >= 0 ? node.additional : nil
  }

  private mutating func defaultedList(_ list: Value, _ items: Int32) -> Value {
    var changed: [Value]?
    let elements = list.elements
    for index in elements.indices {
      let element = elements[index]
      let isDefaulted = countsAsAbsent(element, items) && !nodes[Int(items)].defaultValue.isAbsent
      let value = isDefaulted ? nodes[Int(items)].defaultValue : defaulted(element, items)
      if value.payload == element.payload, value.meta == element.meta { continue }
      if changed == nil { changed = Array(elements) }
      changed?[index] = value
    }
    return changed.map { arena.list($0) } ?? list
  }
}
