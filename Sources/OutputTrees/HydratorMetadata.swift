import Documents
public import Repositories

/// `hydrator.metadata` at the root of an output branch: which source commit it was rendered from.
///
/// The contract that Argo CD's source hydrator writes and GitOps Promoter reads (Argo CD
/// `commitserver/commit`, `hydratorMetadataFile`): JSON, two spaces of indent, empty fields left out.
public struct HydratorMetadata: Sendable {
  /// The path of the file in the output.
  public static let path = "hydrator.metadata"

  /// The source repository's http(s) URL; empty when it is unknown or of another kind.
  public var repositoryURL: String
  /// The source commit.
  public var source: Commit

  /// The metadata of a source commit; a URL that is not http(s) is left out.
  public init(repositoryURL: String, source: Commit) {
    let isWeb = repositoryURL.hasPrefix("https://") || repositoryURL.hasPrefix("http://")
    self.repositoryURL = isWeb ? repositoryURL : ""
    self.source = source
  }

  /// The file's bytes, with a final line feed.
  public var encoded: [UInt8] {
    let fields = [
      ("repoURL", repositoryURL), ("drySha", "\(source.id)"), ("author", source.author.identity),
      ("date", source.author.dateText), ("subject", source.subject), ("body", source.body),
    ]
    let arena = Arena()
    let entries = fields.filter { !$0.1.isEmpty }.map {
      MapEntry(key: arena.string($0.0), value: arena.string($0.1))
    }
    let writer = JSONWriter()
    writer.write(arena.map(entries), indented: true)
    writer.writeLineFeed()
    return writer.bytes
  }
}

extension Signature {
  /// The time as RFC 3339 writes it, in the signature's own offset.
  public var dateText: String {
    let local = timeSeconds.addingReportingOverflow(Int64(offsetMinutes) * 60).partialValue
    let day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    let second = Int(local - day * 86_400)
    let date = civilDate(dayNumber: Int(day))
    var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
    text += "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
    if offsetMinutes == 0 { return text + "Z" }
    let minutes = abs(offsetMinutes)
    return text + (offsetMinutes < 0 ? "-" : "+")
      + "\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
  }
}

/// The Gregorian date of a day counted from 1970-01-01 (Hinnant, "chrono-compatible low-level date
/// algorithms", `civil_from_days`).
private func civilDate(dayNumber: Int) -> (year: Int, month: Int, day: Int) {
  let shifted = dayNumber + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra =
    (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shiftedMonth = (5 * dayOfYear + 2) / 153
  let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
}

private func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
