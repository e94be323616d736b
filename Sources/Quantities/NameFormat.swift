/// A form that Kubernetes asks of a name, a label or a key, with the messages of its API server.
///
/// Read at k8s.io/apimachinery v0.36, `pkg/util/validation` and `pkg/api/validate/content`. Lengths
/// are counted in UTF-8 bytes. The lengths of qualified names and label values are refused "in
/// bytes", those of DNS names "in characters": the API server has two wordings.
public enum NameFormat: Sendable, CaseIterable {
  /// A DNS label of RFC 1123: up to 63 of `[-a-z0-9]`, alphanumeric at both ends.
  case dns1123Label
  /// Labels with dots between them, up to 253 bytes in all.
  case dns1123Subdomain
  /// A DNS label of RFC 1035: as `dns1123Label`, but it starts with a letter.
  case dns1035Label
  /// `*.` and a subdomain.
  case wildcardDNS1123Subdomain
  /// `metadata.generateName` of a `dns1123Label`: may end in a dash.
  case dns1123LabelPrefix
  /// `metadata.generateName` of a `dns1123Subdomain`: may end in a dash.
  case dns1123SubdomainPrefix
  /// `metadata.generateName` of a `dns1035Label`: may end in a dash.
  case dns1035LabelPrefix
  /// A label or annotation key: an optional subdomain and `/`, then up to 63 of `[-A-Za-z0-9_.]`.
  case qualifiedName
  /// The value of a label: empty, or up to 63 of `[-A-Za-z0-9_.]`, alphanumeric at both ends.
  case labelValue
  /// An identifier of C.
  case cIdentifier
  /// The name of a port: up to 15 of `[-a-z0-9]` with a letter, no two dashes together.
  case portName
  /// The name of an environment variable, relaxed form: dots and dashes are let in.
  case environmentVariableName
  /// A key of a ConfigMap or Secret.
  case configMapKey
  /// The name of an HTTP header: `[-A-Za-z0-9]+`.
  case httpHeaderName
  /// Digits and `%`.
  case percent

  /// Whether the text has this form. Makes no message and allocates nothing.
  public func accepts(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
    switch self {
    case .dns1123Label: utf8.count <= 63 && isLabel(utf8, 0, utf8.count)
    case .dns1123Subdomain: utf8.count <= 253 && isSubdomain(utf8, 0, utf8.count)
    case .dns1035Label: utf8.count <= 63 && isDNS1035Label(utf8, 0, utf8.count)
    case .wildcardDNS1123Subdomain:
      utf8.count <= 253 && utf8.count > 2 && utf8[0] == 0x2A && utf8[1] == 0x2E
        && isSubdomain(utf8, 2, utf8.count)
    case .qualifiedName: isQualifiedName(utf8)
    case .portName: isPortName(utf8)
    case .environmentVariableName:
      isEnvironmentVariableName(utf8) && utf8[0] != 0x2E || problems(utf8).isEmpty
    case .configMapKey:
      utf8.count <= 253 && !utf8.isEmpty && utf8[0] != 0x2E
        && hasOnly(ByteClass.name, utf8, 0, utf8.count) || problems(utf8).isEmpty
    case .dns1123LabelPrefix, .dns1123SubdomainPrefix, .dns1035LabelPrefix:
      problems(utf8).isEmpty
    case .labelValue: utf8.count <= 63 && (utf8.isEmpty || isNamePart(utf8, 0, utf8.count))
    case .cIdentifier: isCIdentifier(utf8)
    case .httpHeaderName: !utf8.isEmpty && utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D }
    case .percent:
      utf8.count > 1 && utf8[utf8.count - 1] == 0x25 && utf8.dropLast().allSatisfy(isDigit)
    }
  }

  /// Whether the text has this form.
  public func accepts(_ text: String) -> Bool {
    var text = text
    return text.withUTF8(accepts)
  }

  /// What the API server says against the text, in its words and order; empty when it has this
  /// form.
  public func problems(in text: String) -> [String] {
    var text = text
    return text.withUTF8(problems)
  }

  private func problems(_ utf8: UnsafeBufferPointer<UInt8>) -> [String] {
    switch self {
    case .dns1123Label: dns1123LabelProblems(utf8)
    case .dns1123Subdomain: dns1123SubdomainProblems(utf8, "characters")
    case .dns1035Label: dns1035LabelProblems(utf8)
    case .wildcardDNS1123Subdomain:
      tooLong(utf8, 253, "characters")
        + (utf8.count > 2 && utf8[0] == 0x2A && utf8[1] == 0x2E && isSubdomain(utf8, 2, utf8.count)
          ? [] : [NamePattern.wildcardSubdomain.message])
    case .dns1123LabelPrefix: withoutTrailingDash(utf8, dns1123LabelProblems)
    case .dns1123SubdomainPrefix:
      withoutTrailingDash(utf8) { dns1123SubdomainProblems($0, "characters") }
    case .dns1035LabelPrefix: withoutTrailingDash(utf8, dns1035LabelProblems)
    case .qualifiedName: qualifiedNameProblems(utf8)
    case .labelValue:
      tooLong(utf8, 63, "bytes")
        + (utf8.isEmpty || isNamePart(utf8, 0, utf8.count) ? [] : [NamePattern.labelValue.message])
    case .cIdentifier: isCIdentifier(utf8) ? [] : [NamePattern.cIdentifier.message]
    case .portName: portNameProblems(utf8)
    case .environmentVariableName:
      (isEnvironmentVariableName(utf8) ? [] : [NamePattern.environmentVariable.message])
        + parentFolderProblems(utf8)
    case .configMapKey:
      tooLong(utf8, 253, "characters")
        + (!utf8.isEmpty && utf8.allSatisfy(isNameByte) ? [] : [NamePattern.configMapKey.message])
        + parentFolderProblems(utf8)
    case .httpHeaderName: accepts(utf8) ? [] : [NamePattern.httpHeader.message]
    case .percent: accepts(utf8) ? [] : [NamePattern.percent.message]
    }
  }
}

// MARK: problems

private func tooLong(
  _ utf8: UnsafeBufferPointer<UInt8>, _ limit: Int, _ unit: String
) -> [String] {
  utf8.count > limit ? ["must be no more than \(limit) \(unit)"] : []
}

private func dns1123LabelProblems(_ utf8: UnsafeBufferPointer<UInt8>) -> [String] {
  let problems = tooLong(utf8, 63, "characters")
  if isLabel(utf8, 0, utf8.count) { return problems }
  if isSubdomain(utf8, 0, utf8.count) { return problems + ["must not contain dots"] }
  return problems + [NamePattern.dns1123Label.message]
}

private func dns1123SubdomainProblems(
  _ utf8: UnsafeBufferPointer<UInt8>, _ unit: String
) -> [String] {
  let problems = tooLong(utf8, 253, unit)
  return isSubdomain(utf8, 0, utf8.count)
    ? problems : problems + [NamePattern.dns1123Subdomain.message]
}

private func dns1035LabelProblems(_ utf8: UnsafeBufferPointer<UInt8>) -> [String] {
  let problems = tooLong(utf8, 63, "characters")
  return isDNS1035Label(utf8, 0, utf8.count)
    ? problems : problems + [NamePattern.dns1035Label.message]
}

private func qualifiedNameProblems(_ utf8: UnsafeBufferPointer<UInt8>) -> [String] {
  let slashes = utf8.reduce(0) { $0 + ($1 == 0x2F ? 1 : 0) }
  guard slashes <= 1 else {
    return [
      "a qualified name " + NamePattern.qualifiedName.message
        + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
    ]
  }
  var problems: [String] = []
  var start = 0
  if let slash = utf8.firstIndex(of: 0x2F) {
    start = slash + 1
    let prefix = UnsafeBufferPointer(rebasing: utf8[..<slash])
    problems =
      prefix.isEmpty
      ? ["prefix part must be non-empty"]
      : dns1123SubdomainProblems(prefix, "bytes").map { "prefix part " + $0 }
  }
  let nameCount = utf8.count - start
  if nameCount == 0 { problems.append("name part must be non-empty") }
  if nameCount > 63 { problems.append("name part must be no more than 63 bytes") }
  if !isNamePart(utf8, start, utf8.count) {
    problems.append("name part " + NamePattern.qualifiedName.message)
  }
  return problems
}

private func portNameProblems(_ utf8: UnsafeBufferPointer<UInt8>) -> [String] {
  var problems = tooLong(utf8, 15, "characters")
  if utf8.isEmpty || !utf8.allSatisfy({ isLowerAlphanumeric($0) || $0 == 0x2D }) {
    problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
  }
  if !utf8.contains(where: isLowerLetter) {
    problems.append("must contain at least one letter (a-z)")
  }
  if utf8.count > 1, (1..<utf8.count).contains(where: { utf8[$0] == 0x2D && utf8[$0 - 1] == 0x2D })
  {
    problems.append("must not contain consecutive hyphens")
  }
  if utf8.first == 0x2D || utf8.last == 0x2D {
    problems.append("must not begin or end with a hyphen")
  }
  return problems
}

private func parentFolderProblems(_ utf8: UnsafeBufferPointer<UInt8>) -> [String] {
  guard utf8.first == 0x2E else { return [] }
  if utf8.count == 1 { return ["must not be '.'"] }
  guard utf8[1] == 0x2E else { return [] }
  return [utf8.count == 2 ? "must not be '..'" : "must not start with '..'"]
}

/// A prefix that ends in a dash is checked as if a letter stood for its last two bytes, as the API
/// server does.
private func withoutTrailingDash(
  _ utf8: UnsafeBufferPointer<UInt8>, _ check: (UnsafeBufferPointer<UInt8>) -> [String]
) -> [String] {
  guard utf8.count > 1, utf8.last == 0x2D else { return check(utf8) }
  return (Array(utf8.dropLast(2)) + [0x61]).withUnsafeBufferPointer(check)
}

// MARK: forms

/// What a byte may be in a name: a table of bits, since ranges cost several comparisons a byte.
private enum ByteClass {
  /// `[a-z0-9]`
  static let lower: UInt8 = 1
  /// `[-a-z0-9]`
  static let label: UInt8 = 2
  /// `[-A-Za-z0-9_.]`
  static let name: UInt8 = 4
  /// `[A-Za-z0-9]`
  static let alphanumeric: UInt8 = 8

  /// Made once, then only read.
  nonisolated(unsafe) static let table: UnsafePointer<UInt8> = {
    let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
    for byte in UInt8.min...UInt8.max {
      var bits: UInt8 = 0
      if isLowerAlphanumeric(byte) { bits |= lower }
      if isLowerAlphanumeric(byte) || byte == 0x2D { bits |= label }
      if isNameByte(byte) { bits |= name }
      if isAlphanumeric(byte) { bits |= alphanumeric }
      table[Int(byte)] = bits
    }
    return UnsafePointer(table)
  }()
}

/// Whether all bytes of a stretch are of a class.
@inline(__always)
private func hasOnly(
  _ bits: UInt8, _ utf8: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
) -> Bool {
  let table = ByteClass.table
  guard let bytes = utf8.baseAddress else { return true }
  var all = bits
  var index = start
  while index < end {
    all &= table[Int(bytes[index])]
    index &+= 1
  }
  return all != 0
}

/// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
private func isLabel(_ utf8: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
  start < end && isLowerAlphanumeric(utf8[start]) && isLowerAlphanumeric(utf8[end - 1])
    && hasOnly(ByteClass.label, utf8, start, end)
}

private func isDNS1035Label(_ utf8: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
  isLabel(utf8, start, end) && isLowerLetter(utf8[start])
}

/// Labels with single dots between them.
private func isSubdomain(_ utf8: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
  guard start < end, let bytes = utf8.baseAddress else { return false }
  let table = ByteClass.table
  // The class that the byte before allows: after a dot or a dash only some end well.
  var before: UInt8 = 0x2E
  var index = start
  while index < end {
    let byte = bytes[index]
    if table[Int(byte)] & ByteClass.lower == 0 {
      if byte == 0x2D {
        if before == 0x2E { return false }
      } else if byte != 0x2E || before == 0x2E || before == 0x2D {
        return false
      }
    }
    before = byte
    index &+= 1
  }
  return before != 0x2E && before != 0x2D
}

/// `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`
private func isNamePart(_ utf8: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
  start < end && isAlphanumeric(utf8[start]) && isAlphanumeric(utf8[end - 1])
    && hasOnly(ByteClass.name, utf8, start, end)
}

/// An optional subdomain and `/`, then a name.
private func isQualifiedName(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
  guard let bytes = utf8.baseAddress else { return false }
  var start = 0
  var index = 0
  while index < utf8.count {
    if bytes[index] == 0x2F {
      // A second slash fails as no byte of a name.
      guard index <= 253, isSubdomain(utf8, 0, index) else { return false }
      start = index &+ 1
      break
    }
    index &+= 1
  }
  return utf8.count &- start <= 63 && isNamePart(utf8, start, utf8.count)
}

/// Up to 15 of `[-a-z0-9]` with a letter, no dash at an end or beside another.
private func isPortName(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
  guard utf8.count <= 15 else { return false }
  var before: UInt8 = 0x2D
  var hasLetter = false
  for byte in utf8 {
    if isLowerLetter(byte) {
      hasLetter = true
    } else if byte == 0x2D ? before == 0x2D : !isDigit(byte) {
      return false
    }
    before = byte
  }
  return hasLetter && before != 0x2D
}

private func isCIdentifier(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
  guard let first = utf8.first, !isDigit(first) else { return false }
  return utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x5F }
}

private func isEnvironmentVariableName(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
  guard let first = utf8.first, !isDigit(first) else { return false }
  return utf8.allSatisfy(isNameByte)
}

private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
private func isLowerLetter(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }
private func isLowerAlphanumeric(_ byte: UInt8) -> Bool { isLowerLetter(byte) || isDigit(byte) }
private func isAlphanumeric(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || isDigit(byte) }
private func isNameByte(_ byte: UInt8) -> Bool {
  isAlphanumeric(byte) || byte == 0x2D || byte == 0x5F || byte == 0x2E
}
