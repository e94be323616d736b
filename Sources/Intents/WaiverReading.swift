public import Diagnostics
public import Documents

/// The waivers of a file: `pave.dev/v1alpha1`, kind `Waivers`, one or several documents.
///
/// `environments` are the names that a waiver may use. Findings are `waiver/…`: unknown fields, wrong
/// types, and what a waiver must have (rule, target, reason, owner, expiry). One with a fault waives
/// nothing.
public func waivers(
  in file: ParsedFile, environments: [String]
) -> (waivers: [Waiver], findings: [Finding]) {
  var waivers: [Waiver] = []
  var findings: [Finding] = []
  for (index, document) in file.documents.enumerated() where !document.root.isNull {
    var reader = WaiverReader(
      fields: FieldReader(file: file.file, document: index, area: "waiver"),
      environments: environments)
    waivers += reader.waivers(document)
    findings += reader.fields.findings
  }
  return (waivers, findings)
}

private struct WaiverReader {
  var fields: FieldReader
  let environments: [String]

  private static let known = ["rule", "target", "reason", "owner", "expires"]

  mutating func waivers(_ document: Document) -> [Waiver] {
    let root = fields.fields(
      document.root, at: .root, known: ["apiVersion", "kind", "metadata", "waivers"])
    let kind = fields.string(root, "kind", at: .root, isRequired: true)
    let apiVersion = fields.string(root, "apiVersion", at: .root, isRequired: true)
    guard let kind, let apiVersion else { return [] }
    guard kind == "Waivers", apiVersion == "pave.dev/v1alpha1" else {
      fields.report(
        "invalid-value",
        "expected kind 'Waivers' of 'pave.dev/v1alpha1', found '\(kind)' of "
          + "'\(apiVersion)'", at: FieldPath(keys: "kind"))
      return []
    }
    let list = fields.list(root, "waivers", at: .root)
    return list.enumerated().compactMap { index, value in
      waiver(value, at: FieldPath(keys: "waivers").index(index))
    }
  }

  private mutating func waiver(_ value: Value, at path: FieldPath) -> Waiver? {
    let before = fields.findings.count
    let map = fields.fields(value, at: path, known: Self.known)
    let rule = fields.string(map, "rule", at: path, isRequired: true)
    let reason = fields.string(map, "reason", at: path, isRequired: true)
    let owner = fields.string(map, "owner", at: path, isRequired: true)
    let expires = fields.string(map, "expires", at: path, isRequired: true)
    if let expires, !isDay(expires) {
      fields.report(
        "invalid-value", "'\(expires)' is no day", at: path.key("expires"),
        help: "write it as 2027-01-31")
    }
    if map["target"].isAbsent { fields.reportMissing("target", at: path) }
    let place = path.key("target")
    let target = fields.fields(
      map["target"], at: place, known: ["intent", "object", "path", "environments"])
    let intent = fields.string(target, "intent", at: place)
    let object = fields.string(target, "object", at: place)
    if !map["target"].isAbsent, (intent == nil) == (object == nil) {
      fields.report(
        "invalid-value", "a target is either an 'intent' or an 'object'", at: place,
        help: "such as 'intent: WebService/payments/checkout'")
    }
    let names = self.environments(target, at: place)
    let (name, validation) = split(rule ?? "", at: path)
    guard fields.findings.count == before, let reason, let owner, let expires else { return nil }
    return Waiver(
      rule: name, validation: validation,
      target: intent.map { .intent($0) } ?? .object(object ?? ""),
      path: fields.string(target, "path", at: place), environments: names, reason: reason,
      owner: owner, expires: expires, place: fields.place(path.key("rule")))
  }

  private mutating func environments(_ target: Value, at path: FieldPath) -> [String]? {
    guard !isMissing(target["environments"]) else { return nil }
    let names = fields.strings(target, "environments", at: path)
    for (index, name) in names.enumerated() where !environments.contains(name) {
      fields.report(
        "unknown-environment", "there is no environment '\(name)'",
        at: path.key("environments").index(index),
        help: nearestName(to: name, in: environments).map { "did you mean '\($0)'?" })
    }
    return names
  }

  /// `name#1` as a rule and the index of one of its validations.
  private mutating func split(_ rule: String, at path: FieldPath) -> (String, Int?) {
    guard let mark = rule.lastIndex(of: "#") else { return (rule, nil) }
    guard let index = Int(rule[rule.index(after: mark)...]), index >= 0 else {
      fields.report(
        "invalid-value", "'\(rule)' names no validation", at: path.key("rule"),
        help: "write the policy's name, with '#0' behind it for its first validation")
      return (rule, nil)
    }
    return (String(rule[..<mark]), index)
  }
}

/// Whether a text is a day of the calendar as `2027-01-31`.
public func isDay(_ text: String) -> Bool {
  let parts = text.split(separator: "-", omittingEmptySubsequences: false)
  guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
    parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
    let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
    (1...12).contains(month)
  else { return false }
  let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
  let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return (1...days[month - 1]).contains(day)
}
