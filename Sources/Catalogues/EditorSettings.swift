import Documents

/// The settings of VS Code that map the intents' files to their schema.
public enum EditorSettings {
  /// A file with the mapping alone, as UTF-8 JSON with a final newline.
  public static func bytes(schema: String, patterns: [String]) -> [UInt8] {
    bytes(adding: schema, patterns: patterns, to: Array("{}".utf8)) ?? []
  }

  /// The settings with the mapping added or renewed, all other keys as they were; nil when they are not plain JSON
  /// (VS Code allows comments, which would be lost).
  public static func bytes(
    adding schema: String, patterns: [String], to settings: [UInt8]
  ) -> [UInt8]? {
    let parsed = parseJSON(settings, file: "settings.json")
    guard parsed.findings.isEmpty, let document = parsed.documents.first,
      document.root.isKind(.map)
    else { return nil }
    let arena = Arena(firstChunkByteCount: 1 << 12)
    let mapping = MapEntry(
      key: arena.string(schema), value: arena.list(patterns.map { arena.string($0) }))
    let old = document.root["yaml.schemas"]
    guard old.isAbsent || old.isKind(.map) else { return nil }
    let schemas = arena.map(setting(mapping, in: old))
    let root = arena.map(
      setting(MapEntry(key: arena.string("yaml.schemas"), value: schemas), in: document.root))
    let writer = JSONWriter()
    writer.write(root, indented: true)
    writer.writeLineFeed()
    withExtendedLifetime(document) {}
    return writer.bytes
  }

  /// The map's entries with one replaced where its key stands, or added at the end.
  private static func setting(_ entry: MapEntry, in map: Value) -> [MapEntry] {
    var entries = Array(map.entries)
    if let index = entries.firstIndex(where: { $0.key.hasSameBytes(as: entry.key) }) {
      entries[index] = entry
    } else {
      entries.append(entry)
    }
    return entries
  }
}
