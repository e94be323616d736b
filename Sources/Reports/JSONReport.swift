public import Diagnostics
public import Documents

/// Findings and ledger as one JSON document: every finding, never merged or cut.
///
/// Its shape is described by `docs/findings.schema.json`; `schemaVersion` rises when a key changes
/// its meaning or goes.
public struct JSONReport {
  /// The version of the document's shape.
  public static let schemaVersion = 1

  private let places: PlaceFinder

  /// A report whose places are found by `places`.
  public init(places: PlaceFinder) { self.places = places }

  /// The document as UTF-8, indented by two blanks, with a final newline.
  public func bytes(findings: [Finding], ledger: Ledger) -> [UInt8] {
    let arena = Arena(firstChunkByteCount: 1 << 16)
    let root = ObjectBuilder(arena)
    root.set("schemaVersion", .int(Int64(Self.schemaVersion)))
    root.set("findings", arena.list(places.located(findings).map { json($0, arena) }))
    root.set("ledger", json(ledger, arena))
    let writer = JSONWriter()
    writer.write(root.value, indented: true)
    writer.writeLineFeed()
    return writer.bytes
  }

  /// Findings in their order, as the list `findings` of the document.
  func list(of findings: [Finding], _ arena: Arena) -> Value {
    arena.list(places.located(findings).map { json($0, arena) })
  }

  private func json(_ located: LocatedFinding, _ arena: Arena) -> Value {
    let finding = located.finding
    let object = ObjectBuilder(arena)
    object.set("rule", arena.string(finding.rule))
    object.set("severity", arena.string(finding.severity.rawValue))
    object.set("message", arena.string(finding.message))
    object.set("help", finding.help)
    object.set("policy", finding.policy)
    object.set("binding", finding.binding)
    if let reference = finding.object { object.set("object", json(reference, arena)) }
    object.set("path", finding.path?.description)
    object.set("environment", finding.environment)
    object.set("intent", finding.intent)
    object.set("owner", finding.owner)
    if let place = finding.place, let range = located.range {
      object.set("location", json(place, range, arena))
    }
    object.set(
      "related",
      arena.list(
        zip(finding.related, located.relatedRanges).map { related, range in
          let entry = ObjectBuilder(arena)
          entry.set("label", arena.string(related.label))
          entry.set("location", json(related.place, range, arena))
          return entry.value
        }))
    object.set("fingerprint", arena.string(finding.fingerprint))
    object.set("state", arena.string(finding.state.rawValue))
    if let shown = finding.shown { object.set("shown", .bool(shown)) }
    if let edit = places.edit(mending: finding), let place = finding.place {
      let entry = ObjectBuilder(arena)
      entry.set("location", json(place, edit.range, arena))
      entry.set("text", arena.string(edit.text))
      object.set("fix", entry.value)
    }
    if let waiver = finding.waiver {
      let entry = ObjectBuilder(arena)
      entry.set("reason", arena.string(waiver.reason))
      entry.set("owner", arena.string(waiver.owner))
      entry.set("expires", arena.string(waiver.expires))
      object.set("waiver", entry.value)
    }
    if let derivedFrom = finding.derivedFrom { object.set("derivedFrom", json(derivedFrom, arena)) }
    return object.value
  }

  private func json(_ place: Place, _ range: SourceRange, _ arena: Arena) -> Value {
    let object = ObjectBuilder(arena)
    object.set("file", arena.string(place.file))
    object.set("line", .int(Int64(range.line)))
    object.set("column", .int(Int64(range.column)))
    object.set("endLine", .int(Int64(range.endLine)))
    object.set("endColumn", .int(Int64(range.endColumn)))
    object.set("revision", place.revision)
    return object.value
  }

  private func json(_ reference: ObjectReference, _ arena: Arena) -> Value {
    let object = ObjectBuilder(arena)
    object.set("apiVersion", arena.string(reference.apiVersion))
    object.set("kind", arena.string(reference.kind))
    object.set("namespace", reference.namespace)
    object.set("name", arena.string(reference.name))
    return object.value
  }

  private func json(_ ledger: Ledger, _ arena: Arena) -> Value {
    let object = ObjectBuilder(arena)
    object.set("manifests", .int(Int64(ledger.manifests)))
    object.set("policies", .int(Int64(ledger.policies)))
    object.set("evaluations", .int(Int64(ledger.evaluations)))
    object.set("reused", .int(Int64(ledger.reused)))
    object.set("waived", .int(Int64(ledger.waived)))
    object.set("oldSide", ledger.oldSide)
    object.set("notMatched", arena.list(ledger.notMatched.map { arena.string($0) }))
    object.set(
      "notEvaluated",
      arena.list(
        ledger.notEvaluated.map {
          arena.map(["subject": arena.string($0.subject), "reason": arena.string($0.reason)])
        }))
    return object.value
  }
}
