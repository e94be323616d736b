public import Diagnostics
public import Documents

/// Findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), as code scanning services read it.
///
/// The same finding in several environments is one result with their names; a result's fingerprint stays while lines
/// move. Columns count Unicode characters, and `baselineState` is there when there is a base.
public struct SARIFReport {
  private let places: PlaceFinder
  private let version: String

  /// A report of the program's version whose places are found by `places`.
  public init(places: PlaceFinder, version: String) {
    self.places = places
    self.version = version
  }

  /// The document as UTF-8, with a final newline. `hasBase` says whether findings were held against a base.
  public func bytes(findings: [Finding], ledger: Ledger, hasBase: Bool = false) -> [UInt8] {
    let merged = places.merged(findings)
    let rules = Set(merged.map(\.finding.rule)).sorted()
    let indexByRule = Dictionary(uniqueKeysWithValues: zip(rules, 0...))
    return jsonDocument { arena in
      let run = arena.object { run in
        run.set("tool", arena.object { $0.set("driver", driver(rules, merged, arena)) })
        run.set("columnKind", "unicodeCodePoints")
        run.set(
          "originalUriBaseIds",
          arena.object {
            $0.set(
              "PLATFORM",
              arena.object {
                $0.set(
                  "description", arena.object { $0.set("text", "the folder that holds pave.yaml") })
              })
          })
        run.set(
          "results",
          arena.list(
            merged.map {
              result($0, indexByRule[$0.finding.rule] ?? 0, hasBase: hasBase, arena)
            }))
        run.set("invocations", arena.list([invocation(ledger, arena)]))
      }
      return arena.object {
        $0.set("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
        $0.set("version", "2.1.0")
        $0.set("runs", arena.list([run]))
      }
    }
  }

  private func driver(_ rules: [String], _ merged: [MergedFinding], _ arena: Arena) -> Value {
    var severityByRule: [String: Severity] = [:]
    var helpByRule: [String: String] = [:]
    for entry in merged {
      let finding = entry.finding
      severityByRule[finding.rule] = max(
        finding.severity, severityByRule[finding.rule] ?? finding.severity)
      if helpByRule[finding.rule] == nil { helpByRule[finding.rule] = finding.help }
    }
    return arena.object { driver in
      driver.set("name", "pave")
      driver.set("version", version)
      driver.set("semanticVersion", version)
      driver.set(
        "rules",
        arena.list(
          rules.map { rule in
            arena.object {
              $0.set("id", rule)
              $0.set("shortDescription", arena.object { $0.set("text", rule) })
              if let help = helpByRule[rule] {
                $0.set("help", arena.object { $0.set("text", help) })
              }
              $0.set(
                "defaultConfiguration",
                arena.object { $0.set("level", level(severityByRule[rule] ?? .error)) })
            }
          }))
    }
  }

  private func result(
    _ merged: MergedFinding, _ ruleIndex: Int, hasBase: Bool, _ arena: Arena
  ) -> Value {
    let finding = merged.finding
    return arena.object { result in
      result.set("ruleId", finding.rule)
      result.set("ruleIndex", ruleIndex)
      result.set("level", level(finding.severity))
      var text = merged.messageWithEnvironments
      if let help = finding.help { text += "\n\(help)" }
      result.set("message", arena.object { $0.set("text", text) })
      if let place = finding.place, let range = merged.located.range {
        result.set(
          "locations", arena.list([location(place, range, finding.object, nil, nil, arena)]))
      }
      if !finding.related.isEmpty {
        let related = zip(finding.related, merged.located.relatedRanges).enumerated()
        result.set(
          "relatedLocations",
          arena.list(
            related.map { index, entry in
              location(entry.0.place, entry.1, nil, entry.0.label, index, arena)
            }))
      }
      result.set(
        "partialFingerprints",
        arena.object { $0.set("pave/v1", finding.fingerprint(withEnvironment: false)) })
      if let waiver = finding.waiver {
        let suppression = arena.object {
          $0.set("kind", "external")
          $0.set("justification", "\(waiver.reason) (\(waiver.owner), until \(waiver.expires))")
        }
        result.set("suppressions", arena.list([suppression]))
      }
      if let edit = places.edit(mending: finding) {
        result.set("fixes", arena.list([fix(edit, arena)]))
      }
      if hasBase { result.set("baselineState", baselineState(finding.state)) }
      result.set(
        "properties",
        arena.object {
          $0.set("environments", arena.list(merged.environments.map { arena.string($0) }))
          $0.set("intent", finding.intent)
          $0.set("object", finding.object?.description)
          $0.set("path", finding.path?.description)
          $0.set("policy", finding.policy)
          $0.set("binding", finding.binding)
        })
    }
  }

  private func fix(_ edit: TextEdit, _ arena: Arena) -> Value {
    let replacement = arena.object { replacement in
      replacement.set(
        "deletedRegion",
        arena.object {
          $0.set("startLine", edit.range.line)
          $0.set("startColumn", edit.range.column)
          $0.set("endLine", edit.range.endLine)
          $0.set("endColumn", edit.range.endColumn)
        })
      replacement.set("insertedContent", arena.object { $0.set("text", edit.text) })
    }
    let change = arena.object { change in
      change.set(
        "artifactLocation",
        arena.object {
          $0.set("uri", uriReference(edit.file))
          $0.set("uriBaseId", "PLATFORM")
        })
      change.set("replacements", arena.list([replacement]))
    }
    return arena.object { fix in
      fix.set("description", arena.object { $0.set("text", "write \(edit.text)") })
      fix.set("artifactChanges", arena.list([change]))
    }
  }

  private func location(
    _ place: Place, _ range: SourceRange, _ object: ObjectReference?, _ label: String?,
    _ id: Int?, _ arena: Arena
  ) -> Value {
    arena.object { location in
      if let id { location.set("id", id) }
      location.set(
        "physicalLocation",
        arena.object { physical in
          physical.set(
            "artifactLocation",
            arena.object {
              $0.set("uri", uriReference(place.file))
              $0.set("uriBaseId", "PLATFORM")
            })
          guard place.anchor != .file else { return }
          physical.set(
            "region",
            arena.object {
              $0.set("startLine", range.line)
              $0.set("startColumn", range.column)
              $0.set("endLine", range.endLine)
              $0.set("endColumn", range.endColumn)
            })
        })
      if let object {
        location.set(
          "logicalLocations",
          arena.list([
            arena.object {
              $0.set("name", object.name)
              $0.set("fullyQualifiedName", object.description)
              $0.set("kind", "object")
            }
          ]))
      }
      if let label { location.set("message", arena.object { $0.set("text", label) }) }
    }
  }

  private func invocation(_ ledger: Ledger, _ arena: Arena) -> Value {
    arena.object { invocation in
      invocation.set("executionSuccessful", .true)
      let notes = ledger.notEvaluated.map { entry in
        arena.object {
          $0.set("level", "warning")
          $0.set(
            "message",
            arena.object { $0.set("text", "not evaluated: \(entry.subject): \(entry.reason)") })
        }
      }
      if !notes.isEmpty { invocation.set("toolExecutionNotifications", arena.list(notes)) }
    }
  }

  /// SARIF's words for severities (section 3.27.10).
  private func level(_ severity: Severity) -> String { severity.rawValue }

  /// SARIF's words for states (section 3.27.24).
  private func baselineState(_ state: Finding.State) -> String {
    switch state {
    case .new: "new"
    case .same: "unchanged"
    case .fixed: "absent"
    }
  }
}

/// A relative file path as a URI reference (RFC 3986): bytes outside the unreserved ones and `/` percent-encoded.
func uriReference(_ path: String) -> String {
  let digits = Array("0123456789ABCDEF")
  var text = ""
  for byte in path.utf8 {
    let scalar = Unicode.Scalar(byte)
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "~", "/":
      text.unicodeScalars.append(scalar)
    default:
      text += "%"
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
  }
  return text
}
