public import Documents
public import Intents
import Schemas

extension GoldenPathLibrary {
  /// An intent as an API server would hold it if its kind were a custom resource: merged for its
  /// environment and with the defaults of its golden path's schema; nil when no golden path is for it.
  ///
  /// It is not validated. What is Pave's own (`environments`, `patches`) is left out.
  public func admitted(_ intent: EffectiveIntent) -> Document? {
    guard let path = path(apiVersion: intent.intent.apiVersion, kind: intent.intent.kind) else {
      return nil
    }
    let arena = Arena(firstChunkByteCount: 1024)
    let root = intent.document.root
    var spec = root["spec"]
    if spec.isAbsent || spec.isNull { spec = .emptyMap }
    let defaulted = path.schema.defaulted(spec, in: arena)
    var entries = root.entries.filter { entry in
      !entry.key.isString("spec") && !entry.key.isString("patches")
        && !entry.key.isString("environments")
    }
    entries.append(MapEntry(key: arena.string("spec"), value: defaulted))
    return Document(
      root: arena.map(entries), arena: arena, borrowing: [intent.document, path.memory])
  }
}
