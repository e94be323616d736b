import Quantities

/// What is wrong with a schedule, as `ParseStandard` of robfig/cron v3 reads it; nil when it is one.
func cronScheduleProblem(_ schedule: String) -> String? {
  guard !schedule.isEmpty else { return "the schedule is empty" }
  var text = schedule[...]
  if text.hasPrefix("TZ=") || text.hasPrefix("CRON_TZ=") {
    guard let space = text.firstIndex(of: " "), let equals = text.firstIndex(of: "="),
      equals < space
    else { return "there is no schedule behind the time zone" }
    let zone = String(text[text.index(after: equals)..<space])
    if !zone.isEmpty, zone != "Local", !isTimeZone(zone) { return "unknown time zone '\(zone)'" }
    text = text[space...].drop { $0.isWhitespace }
    while text.last?.isWhitespace ?? false { text.removeLast() }
  }
  if text.hasPrefix("@") { return descriptorProblem(String(text)) }
  let fields = text.split { $0.isWhitespace }
  guard fields.count == 5 else { return "expected exactly 5 fields, found \(fields.count)" }
  for (field, bounds) in zip(fields, CronBounds.all) {
    for part in field.split(separator: ",") {
      if let problem = bounds.problem(in: String(part)) { return problem }
    }
  }
  return nil
}

/// The numbers that a field of a schedule may have, and the names that stand for some.
private struct CronBounds {
  let least: Int
  let most: Int
  var names: [String] = []

  static let all = [
    CronBounds(least: 0, most: 59), CronBounds(least: 0, most: 23), CronBounds(least: 1, most: 31),
    CronBounds(
      least: 1, most: 12,
      names: [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
      ]),
    CronBounds(least: 0, most: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
  ]

  /// What is wrong with `a`, `a-b`, `*`, each with `/step` or without.
  func problem(in part: String) -> String? {
    let pieces = part.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let ends = pieces[0].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    var range = (least, most)
    if ends[0] != "*", ends[0] != "?" {
      if ends.count > 2 { return "too many hyphens: \(part)" }
      guard let start = number(ends[0]) else { return "'\(ends[0])' is no number: \(part)" }
      guard let end = number(ends[ends.count - 1]) else {
        return "'\(ends[ends.count - 1])' is no number: \(part)"
      }
      range = (start, end)
    }
    if pieces.count > 2 { return "too many slashes: \(part)" }
    var step = 1
    if pieces.count == 2 {
      guard let given = plainNumber(pieces[1]) else {
        return "'\(pieces[1])' is no number: \(part)"
      }
      step = given
      if ends.count == 1 { range.1 = most }
    }
    if range.0 < least {
      return "beginning of range (\(range.0)) below minimum (\(least)): \(part)"
    }
    if range.1 > most { return "end of range (\(range.1)) above maximum (\(most)): \(part)" }
    if range.0 > range.1 {
      return "beginning of range (\(range.0)) beyond end of range (\(range.1)): \(part)"
    }
    return step == 0 ? "step of range should be a positive number: \(part)" : nil
  }

  private func number(_ text: String) -> Int? {
    if let index = names.firstIndex(of: text.lowercased()) { return index + least }
    return plainNumber(text)
  }

  private func plainNumber(_ text: String) -> Int? {
    guard let number = Int(text), number >= 0 else { return nil }
    return number
  }
}

private func descriptorProblem(_ text: String) -> String? {
  let known = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"]
  if known.contains(text) { return nil }
  guard text.hasPrefix("@every ") else { return "unrecognized descriptor '\(text)'" }
  return isGoDuration(text.dropFirst("@every ".count))
    ? nil : "'\(text.dropFirst("@every ".count))' is no duration such as '1h30m'"
}

/// Whether a text is a duration of Go: a sign, then numbers with units.
private func isGoDuration(_ text: Substring) -> Bool {
  var rest = text
  if rest.first == "-" || rest.first == "+" { rest.removeFirst() }
  if rest == "0" { return true }
  guard !rest.isEmpty else { return false }
  while !rest.isEmpty {
    let whole = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(whole.count)
    var fraction = rest[rest.startIndex..<rest.startIndex]
    if rest.first == "." {
      rest.removeFirst()
      fraction = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(fraction.count)
    }
    guard !whole.isEmpty || !fraction.isEmpty else { return false }
    let unit = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
    guard ["ns", "us", "µs", "μs", "ms", "s", "m", "h"].contains(String(unit)) else { return false }
    rest = rest.dropFirst(unit.count)
  }
  return true
}
