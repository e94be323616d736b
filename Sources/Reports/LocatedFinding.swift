public import Diagnostics
public import Documents

/// A finding with its places turned into lines and columns.
public struct LocatedFinding: Sendable {
  /// What was found.
  public var finding: Finding
  /// Where the primary place stands; nil when the finding has none.
  public var range: SourceRange?
  /// Where the related places stand, in the order of `finding.related`.
  public var relatedRanges: [SourceRange]
}

extension PlaceFinder {
  /// The findings with their places found, in the order of reports: by file, line, column, rule,
  /// message, environment.
  public func located(_ findings: [Finding]) -> [LocatedFinding] {
    findings.map { finding in
      LocatedFinding(
        finding: finding,
        range: finding.place.map { range(of: $0) },
        relatedRanges: finding.related.map { range(of: $0.place) })
    }.sorted(by: isOrderedBefore)
  }
}

private func isOrderedBefore(_ left: LocatedFinding, _ right: LocatedFinding) -> Bool {
  let leftFile = left.finding.place?.file ?? ""
  let rightFile = right.finding.place?.file ?? ""
  if leftFile != rightFile { return leftFile < rightFile }
  let leftRange = left.range ?? .start
  let rightRange = right.range ?? .start
  if leftRange.line != rightRange.line { return leftRange.line < rightRange.line }
  if leftRange.column != rightRange.column { return leftRange.column < rightRange.column }
  return (left.finding.rule, left.finding.message, left.finding.environment ?? "")
    < (right.finding.rule, right.finding.message, right.finding.environment ?? "")
}
