public import Diagnostics
public import Documents

/// Findings as GitLab's code quality artifact: a list of CodeClimate issues.
public struct GitLabReport {
  private let places: PlaceFinder

  /// A report whose places are found by `places`.
  public init(places: PlaceFinder) { self.places = places }

  /// The document as UTF-8, with a final newline. A finding of no file stands at the first line of `pave.yaml`, since
  /// an issue needs a place.
  public func bytes(findings: [Finding]) -> [UInt8] {
    // GitLab drops all but one of the issues that share a fingerprint.
    var countByFingerprint: [String: Int] = [:]
    return jsonDocument { arena in
      arena.list(
        places.merged(findings).map { merged in
          let finding = merged.finding
          let fingerprint = finding.fingerprint(withEnvironment: false)
          let count = countByFingerprint[fingerprint, default: 0] + 1
          countByFingerprint[fingerprint] = count
          return arena.object { issue in
            issue.set("type", "issue")
            issue.set("check_name", finding.rule)
            issue.set("description", merged.messageWithEnvironments)
            if let help = finding.help {
              issue.set("content", arena.object { $0.set("body", help) })
            }
            issue.set("fingerprint", count == 1 ? fingerprint : "\(fingerprint)-\(count)")
            issue.set("severity", severity(finding.severity))
            issue.set("categories", arena.list([arena.string("Bug Risk")]))
            issue.set(
              "location",
              arena.object { location in
                location.set("path", finding.place?.file ?? "pave.yaml")
                location.set(
                  "lines",
                  arena.object {
                    $0.set("begin", merged.located.range?.line ?? 1)
                    $0.set("end", merged.located.range?.endLine ?? 1)
                  })
              })
          }
        })
    }
  }

  private func severity(_ severity: Severity) -> String {
    switch severity {
    case .error: "major"
    case .warning: "minor"
    case .note: "info"
    }
  }
}
