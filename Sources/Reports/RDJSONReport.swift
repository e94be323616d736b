public import Diagnostics
public import Documents

/// Findings as reviewdog's `rdjson` (proto/rdf/reviewdog.proto, `DiagnosticResult`): lines count from 1, columns
/// bytes of UTF-8 from 1.
public struct RDJSONReport {
  private let places: PlaceFinder

  /// A report whose places are found by `places`.
  public init(places: PlaceFinder) { self.places = places }

  /// The document as UTF-8, with a final newline.
  public func bytes(findings: [Finding]) -> [UInt8] {
    jsonDocument { arena in
      arena.object { root in
        root.set("source", arena.object { $0.set("name", "pave") })
        root.set("diagnostics", arena.list(places.merged(findings).map { diagnostic($0, arena) }))
      }
    }
  }

  private func diagnostic(_ merged: MergedFinding, _ arena: Arena) -> Value {
    let finding = merged.finding
    return arena.object { object in
      var message = merged.messageWithEnvironments
      if let help = finding.help { message += "\n\(help)" }
      object.set("message", message)
      object.set("severity", severity(finding.severity))
      object.set("code", arena.object { $0.set("value", finding.rule) })
      if let place = finding.place, let range = merged.located.range {
        object.set("location", location(place, range, arena))
      }
      let related = zip(finding.related, merged.located.relatedRanges).map { related, range in
        arena.object {
          $0.set("message", related.label)
          $0.set("location", location(related.place, range, arena))
        }
      }
      if !related.isEmpty { object.set("relatedLocations", arena.list(related)) }
      if let edit = places.edit(mending: finding), let place = finding.place {
        let suggestion = arena.object {
          $0.set(
            "range",
            arena.object {
              $0.set("start", position(edit.range.line, edit.range.column, of: place, arena))
              $0.set("end", position(edit.range.endLine, edit.range.endColumn, of: place, arena))
            })
          $0.set("text", edit.text)
        }
        object.set("suggestions", arena.list([suggestion]))
      }
    }
  }

  private func location(_ place: Place, _ range: SourceRange, _ arena: Arena) -> Value {
    arena.object { location in
      location.set("path", place.file)
      guard place.anchor != .file else { return }
      location.set(
        "range",
        arena.object {
          $0.set("start", position(range.line, range.column, of: place, arena))
          $0.set("end", position(range.endLine, range.endColumn, of: place, arena))
        })
    }
  }

  private func position(_ line: Int, _ column: Int, of place: Place, _ arena: Arena) -> Value {
    let text = places.line(line, of: place) ?? ""
    let byteColumn = text.unicodeScalars.prefix(column - 1).reduce(1) { $0 + UTF8.width($1) }
    return arena.object {
      $0.set("line", line)
      $0.set("column", byteColumn)
    }
  }

  private func severity(_ severity: Severity) -> String {
    switch severity {
    case .error: "ERROR"
    case .warning: "WARNING"
    case .note: "INFO"
    }
  }
}
