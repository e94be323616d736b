import Documents

/// Collects the keys of one JSON object in the order they are set.
final class ObjectBuilder {
  private let arena: Arena
  private var entries: [MapEntry] = []

  init(_ arena: Arena) { self.arena = arena }

  var value: Value { arena.map(entries) }

  func set(_ key: String, _ value: Value) {
    entries.append(MapEntry(key: arena.string(key), value: value))
  }

  /// Sets the key when there is a text; leaves it out otherwise.
  func set(_ key: String, _ text: String?) {
    if let text { set(key, arena.string(text)) }
  }

  func set(_ key: String, _ number: Int) { set(key, .int(Int64(number))) }
}

extension Arena {
  /// An object whose keys the closure sets, in that order.
  func object(_ fill: (ObjectBuilder) -> Void) -> Value {
    let builder = ObjectBuilder(self)
    fill(builder)
    return builder.value
  }
}

/// A root value as an indented JSON document with a final newline.
func jsonDocument(_ build: (Arena) -> Value) -> [UInt8] {
  let arena = Arena(firstChunkByteCount: 1 << 16)
  let writer = JSONWriter()
  writer.write(build(arena), indented: true)
  writer.writeLineFeed()
  return writer.bytes
}
