import Documents
import Quantities

/// Checks of a single field that many kinds share, with the reasons of the API server.
extension ObjectValidation {
  /// Whether a field is there and not empty; reports it as required where it is not.
  @discardableResult
  mutating func require(
    _ rule: StaticString, _ name: StaticString, of map: Value, _ message: StaticString? = nil
  ) -> Bool {
    if !map[name].isUnset { return true }
    report(
      rule, .required, at: name, message.map { "\($0)" } ?? "'\(name)' is required and is not given"
    )
    return false
  }

  /// Holds that a field is one of a few words; reports what is missing only with `isRequired`. An empty text that is
  /// still there (a pointer in Go) is none of them unless `allowsEmpty`.
  mutating func choice(
    _ rule: StaticString, _ name: StaticString, of map: Value, among words: [StaticString],
    isRequired: Bool = false, allowsEmpty: Bool = false
  ) {
    let value = map[name]
    if value.isUnset {
      if isRequired {
        report(rule, .required, at: name, "'\(name)' is required, expected \(listed(words))")
      }
      if isRequired || allowsEmpty || !value.isKind(.string) { return }
    }
    field(name, of: map) { validation, value in
      validation.choice(rule, value, among: words)
    }
  }

  /// Holds that the value where the walk stands is one of a few words.
  mutating func choice(_ rule: StaticString, _ value: Value, among words: [StaticString]) {
    if words.contains(where: { value.isString($0) }) { return }
    report(rule, .notSupported, "found \(shown(value)), expected \(listed(words))")
  }

  /// Holds that a text has the form of a name; absent is empty text.
  mutating func name(
    _ rule: StaticString, _ value: Value, _ format: NameFormat, at field: StaticString? = nil
  ) {
    if value.isKind(.string), format.accepts(value.utf8) { return }
    for problem in format.problems(in: value.asString ?? "") {
      report(rule, .invalid, at: field, "\(shown(value)) \(problem)")
    }
  }

  /// Holds that a field is given and has the form of a name.
  mutating func requiredName(
    _ rule: StaticString, _ name: StaticString, of map: Value, _ format: NameFormat
  ) {
    if require(rule, name, of: map) { self.name(rule, map[name], format, at: name) }
  }

  /// Holds that a number that is given is 0 or more.
  mutating func nonNegative(_ rule: StaticString, _ name: StaticString, of map: Value) {
    if let number = map[name].asInt, number < 0 {
      report(rule, .invalid, at: name, "found \(number), expected 0 or more")
    }
  }

  /// Holds that a number that is given lies in a range.
  mutating func range(
    _ rule: StaticString, _ name: StaticString, of map: Value, _ range: ClosedRange<Int64>
  ) {
    if let number = map[name].asInt, !range.contains(number) {
      report(
        rule, .invalid, at: name,
        "found \(number), expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// Holds that a port number is one: 1 to 65535. Absent is 0.
  mutating func portNumber(_ rule: StaticString, _ value: Value, at field: StaticString? = nil) {
    let number = value.asInt ?? 0
    if !(1...65535).contains(number) {
      report(rule, .invalid, at: field, "port \(number) is not between 1 and 65535")
    }
  }

  /// Holds that a port is a number from 1 to 65535 or a port's name.
  mutating func portNumberOrName(
    _ rule: StaticString, _ value: Value, at field: StaticString? = nil
  ) {
    if value.isKind(.string) {
      name(rule, value, .portName, at: field)
    } else {
      portNumber(rule, value, at: field)
    }
  }

  /// Holds that a field did not change since `old`.
  mutating func immutable(
    _ rule: StaticString, _ name: StaticString, of map: Value, was old: Value,
    help: String? = nil
  ) {
    if !unchanged(map[name], old[name]) {
      report(
        rule, .invalid, at: name, "'\(name)' cannot change once the object exists",
        help: help ?? "keep the old value, or delete the object and create it anew")
    }
  }

  /// Holds that the label map where the walk stands has only label keys and values.
  mutating func labels(_ rule: StaticString, _ map: Value) {
    for entry in map.entries {
      name(rule, entry.key, .qualifiedName)
      name(rule, entry.value, .labelValue)
    }
  }

  /// Holds that no text of the list where the walk stands is there twice.
  mutating func unique(_ rule: StaticString, _ list: Value) {
    elements(of: list) { validation, value, index in
      if list.elements[..<index].contains(where: { $0.hasSameBytes(as: value) }) {
        validation.report(rule, .duplicate, "\(shown(value)) is there twice")
      }
    }
  }

  /// Reports at a field some steps down.
  mutating func report(
    _ rule: StaticString, _ reason: ObjectError.Reason, in outer: StaticString,
    at field: StaticString, _ message: String, help: String? = nil
  ) {
    self.field(outer, of: .absent) { validation, _ in
      validation.report(rule, reason, at: field, message, help: help)
    }
  }
}

extension Value {
  /// Whether there is something here that is not null: a pointer that is set.
  var isSet: Bool { !isAbsent && !isNull }

  /// Whether a list has a text among its elements.
  func hasElement(_ text: StaticString) -> Bool { elements.contains { $0.isString(text) } }

  /// Whether a text has a byte.
  func hasByte(_ byte: UInt8) -> Bool { isKind(.string) && utf8.contains(byte) }

  /// The amount of a quantity, nil where it is none.
  var quantity: Quantity? {
    switch kind {
    case .int: return Quantity(intPayload)
    case .string:
      if case .success(let quantity) = Quantity.parse(utf8) { return quantity }
      return nil
    default: return nil
    }
  }

  /// The address that a text is, as Go's `netip` reads it.
  var address: IPAddress? {
    guard let text = asString, case .success(let address) = IPAddress.parse(text) else {
      return nil
    }
    return address
  }

  /// The block of addresses that a text is.
  var addressBlock: CIDRBlock? {
    guard let text = asString, case .success(let block) = CIDRBlock.parse(text) else { return nil }
    return block
  }
}

/// Whether a field of the new object is what the old one had; an empty one is none.
func unchanged(_ new: Value, _ old: Value) -> Bool {
  new.isUnset && old.isUnset || new.isIdentical(to: old)
}

/// A value as a message shows it: text in quotes, nothing for what is absent.
func shown(_ value: Value) -> String {
  switch value.kind {
  case .string: "'\(value.asString ?? "")'"
  case .int: "\(value.intPayload)"
  case .bool: value.isTrue ? "true" : "false"
  case .double: "\(value.doublePayload)"
  case .list: "a list"
  case .map: "a map"
  default: "''"
  }
}

/// Words as a message lists them: 'a', 'b' or 'c'.
func listed(_ words: [StaticString]) -> String {
  let quoted = words.map { "'\($0)'" }
  guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "nothing" }
  return quoted.dropLast().joined(separator: ", ") + " or " + last
}

extension ObjectValidation {
  /// Holds that a text can stand in a URL's path as one segment (apimachinery `IsValidPathSegmentName`).
  mutating func pathSegment(_ rule: StaticString, _ value: Value, at field: StaticString? = nil) {
    if value.isString(".") || value.isString("..") {
      report(rule, .invalid, at: field, "\(shown(value)) cannot be a name")
    }
    if value.hasByte(UInt8(ascii: "/")) {
      report(rule, .invalid, at: field, "\(shown(value)) may not contain '/'")
    }
    if value.hasByte(UInt8(ascii: "%")) {
      report(rule, .invalid, at: field, "\(shown(value)) may not contain '%'")
    }
  }

  /// Holds that a text is an address, without leading zeros.
  @discardableResult
  mutating func address(
    _ rule: StaticString, _ value: Value, at field: StaticString? = nil
  ) -> IPAddress? {
    if let address = value.address, !address.isVersion4Mapped { return address }
    report(
      rule, .invalid, at: field,
      "\(shown(value)) is no IP address, expected one such as '10.9.8.7' or '2001:db8::ffff'")
    return nil
  }

  /// Holds that a text is a block of addresses.
  @discardableResult
  mutating func addressBlock(
    _ rule: StaticString, _ value: Value, at field: StaticString? = nil, printedAs: String? = nil
  ) -> CIDRBlock? {
    if let block = value.addressBlock { return block }
    report(
      rule, .invalid, at: field,
      "\(shown(value)) is no block of addresses, expected one such as '10.9.8.0/24' or "
        + "'2001:db8::/64'", printedAs: printedAs)
    return nil
  }

  /// Holds that traffic can be sent to an address from elsewhere (core `ValidateEndpointIP`).
  mutating func endpointAddress(
    _ rule: StaticString, _ address: IPAddress, at field: StaticString? = nil
  ) {
    if address.isUnspecified {
      report(rule, .invalid, at: field, "'\(address)' is the unspecified address")
    }
    if address.isLoopback {
      report(rule, .invalid, at: field, "'\(address)' is in the loopback range (127.0.0.0/8, ::1)")
    }
    if address.isLinkLocalUnicast {
      report(
        rule, .invalid, at: field,
        "'\(address)' is in the link-local range (169.254.0.0/16, fe80::/10)")
    }
    if address.isLinkLocalMulticast {
      report(
        rule, .invalid, at: field,
        "'\(address)' is in the link-local multicast range (224.0.0.0/24, ff02::/10)")
    }
  }
}
