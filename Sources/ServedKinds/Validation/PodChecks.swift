import Diagnostics
import Documents
import Quantities

/// Checks of one field, as `pkg/apis/core/validation` and apimachinery's `pkg/api/validation` have them.
extension ObjectValidation {
  /// Reports a field that has to be there and is not, or is empty.
  @inline(__always)
  mutating func require(
    _ field: StaticString, of map: Value, _ rule: StaticString, help: String? = nil
  ) {
    if map[field].isUnset { reportMissing(field, rule, help: help) }
  }

  private mutating func reportMissing(
    _ field: StaticString, _ rule: StaticString, help: String? = nil
  ) {
    report(rule, .required, at: field, "'\(field)' is missing or empty", help: help)
  }

  /// Reports a number below zero; nothing for a field that is not there.
  @inline(__always)
  mutating func expectNonNegative(_ field: StaticString, of map: Value, _ rule: StaticString) {
    let value = map[field]
    if value.isKind(.int), value.intPayload < 0 { reportNegative(field, value, rule) }
  }

  private mutating func reportNegative(
    _ field: StaticString, _ value: Value, _ rule: StaticString
  ) {
    report(
      rule, .invalid, at: field,
      "'\(field)' is \(value.shown), it must be greater than or equal to 0")
  }

  /// Reports what keeps a text from having a form, one error for each of the API server's reasons.
  @inline(__always)
  mutating func expect(
    _ format: NameFormat, _ value: Value, _ rule: StaticString, at field: StaticString? = nil,
    help: @autoclosure () -> String? = nil
  ) {
    if value.isKind(.string), format.accepts(value.utf8) { return }
    reportForm(format, value, rule, field, help())
  }

  private mutating func reportForm(
    _ format: NameFormat, _ value: Value, _ rule: StaticString, _ field: StaticString?,
    _ help: String?
  ) {
    let text = value.asString ?? ""
    for problem in format.problems(in: text) {
      report(rule, .invalid, at: field, "'\(text)': \(problem)", help: help)
    }
  }

  /// Reports a text that is none of those that the API knows, or, as missing, an empty one; `usual` is the one that
  /// most objects have, if there is such a one.
  @inline(__always)
  mutating func expectOneOf(
    _ allowed: @autoclosure () -> [StaticString], usually usual: StaticString = "", _ value: Value,
    _ rule: StaticString, at field: StaticString? = nil, emptyIsMissing: Bool = true
  ) {
    if usual.utf8CodeUnitCount > 0, value.isText(usual) { return }
    expectWord(allowed(), value, rule, field, emptyIsMissing)
  }

  private mutating func expectWord(
    _ allowed: [StaticString], _ value: Value, _ rule: StaticString, _ field: StaticString?,
    _ emptyIsMissing: Bool
  ) {
    for name in allowed where value.isString(name) { return }
    let names = allowed.map { "\($0)" }
    if value.isUnset, emptyIsMissing {
      report(
        rule, .required, at: field,
        "\(field.map { "'\($0)'" } ?? "the value") is missing, expected one of \(list(names))")
      return
    }
    let text = value.shown
    let nearest = nearestName(to: text, in: names)
    report(
      rule, .notSupported, at: field, "'\(text)' is not known here, expected \(list(names))",
      help: nearest.map { "write '\($0)'" })
  }

  /// Reports a number out of a range.
  mutating func expectRange(
    _ range: ClosedRange<Int64>, _ value: Value, _ rule: StaticString,
    at field: StaticString? = nil
  ) {
    guard value.isKind(.int), !range.contains(value.intPayload) else { return }
    report(
      rule, .invalid, at: field,
      "\(value.shown) must be between \(range.lowerBound) and \(range.upperBound), inclusive")
  }

  /// Reports a port number out of 1 to 65535, or a port's name that is none.
  mutating func expectPort(_ value: Value, _ rule: StaticString, at field: StaticString) {
    if value.isKind(.string) {
      if NameFormat.portName.accepts(value.utf8) { return }
      expect(
        .portName, value, rule, at: field,
        help: value.utf8.allSatisfy { $0 &- 0x30 < 10 } && value.count > 0
          ? "write the number without quotes" : "name a port of the container, or give its number")
    } else if !value.isKind(.int) || !(1...65535).contains(value.intPayload) {
      report(
        rule, .invalid, at: field, "port \(value.intOrZero) must be between 1 and 65535, inclusive")
    }
  }

  /// Reports file mode bits out of 0 to 0777.
  mutating func expectFileMode(_ field: StaticString, of map: Value) {
    let value = map[field]
    guard value.isKind(.int), !(0...0o777).contains(value.intPayload) else { return }
    report(
      "volume/file-mode", .invalid, at: field,
      "\(value.shown) must be a number between 0 and 0777 (octal), both inclusive",
      help: "YAML takes 0644 for octal, JSON needs the decimal number 420")
  }

  /// Reports an absolute path, and one with `..` in it.
  mutating func expectDescendingPath(
    _ value: Value, _ rule: StaticString, at field: StaticString, isReserved: Bool = false
  ) {
    guard value.isKind(.string) else { return }
    let text = value.utf8
    if text.first == 0x2F {
      report(rule, .invalid, at: field, "'\(value.shown)' must be a relative path")
    }
    let steps = hasParentStep(text)
    if steps { report(rule, .invalid, at: field, "'\(value.shown)' must not contain '..'") }
    if isReserved, value.hasPrefix(".."), !value.hasPrefix("../") {
      report(rule, .invalid, at: field, "'\(value.shown)' must not start with '..'")
    }
  }

  /// Reports a path with the element `..`.
  mutating func expectNoParentStep(_ value: Value, _ rule: StaticString, at field: StaticString) {
    guard value.isKind(.string), hasParentStep(value.utf8) else { return }
    report(rule, .invalid, at: field, "'\(value.shown)' must not contain '..'")
  }

  /// Reports what is no IP address; a leading zero is let in before 1.36.
  mutating func expectIPAddress(_ value: Value, _ rule: StaticString, at field: StaticString? = nil)
  {
    let text = value.asString ?? ""
    if case .success = IPAddress.parse(text) { return }
    if minor < 36, case .success = IPAddress.parse(withoutLeadingZeros(text)) { return }
    report(
      rule, .invalid, at: field,
      "'\(text)' must be a valid IP address (e.g. 10.9.8.7 or 2001:db8::ffff)")
  }
}

/// Names in quotes with commas between them.
func list(_ names: [String]) -> String {
  names.map { "'\($0)'" }.joined(separator: ", ")
}

/// Whether one element of a path is `..`.
func hasParentStep(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
  var start = 0
  for index in 0...text.count where index == text.count || text[index] == 0x2F {
    if index - start == 2, text[start] == 0x2E, text[start + 1] == 0x2E { return true }
    start = index + 1
  }
  return false
}

/// An IPv4 address without the leading zeros of its numbers, as Go's old parser read it.
private func withoutLeadingZeros(_ text: String) -> String {
  text.split(separator: ".", omittingEmptySubsequences: false)
    .map { part in
      let digits = part.drop { $0 == "0" }
      return digits.isEmpty && !part.isEmpty ? "0" : String(digits)
    }
    .joined(separator: ".")
}
