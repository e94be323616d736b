import Quantities

func addVersions(to table: inout FunctionTable) {
  table.add1("semver", "s") { _, value in .object(try GoVersion(value.asBytes ?? [])) }
  table.add2("semverCompare", "ss") { _, constraint, value in
    let parsed: VersionConstraint
    switch VersionConstraint.parse(constraint.asString ?? "") {
    case .success(let result): parsed = result
    case .failure(let error): throw FunctionError(error.message)
    }
    return .bool(parsed.accepts(try GoVersion(value.asBytes ?? []).version))
  }
}

/// A `*semver.Version` of Masterminds' library.
final class GoVersion: GoObject {
  let version: SemanticVersion
  private let original: [UInt8]

  init(_ text: [UInt8]) throws {
    guard let parsed = looseVersion(text) else { throw FunctionError("Invalid Semantic Version") }
    version = parsed
    original = text
    super.init(typeName: "*semver.Version", kind: "ptr")
  }

  init(_ version: SemanticVersion) {
    self.version = version
    original = Array(version.description.utf8)
    super.init(typeName: "*semver.Version", kind: "ptr")
  }

  override var text: [UInt8]? { Array(version.description.utf8) }

  override func method(_ name: [UInt8]) -> ClosedRange<Int>? {
    switch String(decoding: name, as: UTF8.self) {
    case "Major", "Minor", "Patch", "Prerelease", "Metadata", "Original", "String", "IncMajor",
      "IncMinor", "IncPatch":
      0...0
    case "Compare", "Equal", "LessThan", "GreaterThan", "LessThanEqual", "GreaterThanEqual",
      "SetPrerelease", "SetMetadata":
      1...1
    default: nil
    }
  }

  override func call(
    _ name: [UInt8], _ arguments: [GoValue], _ execution: Execution
  ) throws -> GoValue {
    let method = String(decoding: name, as: UTF8.self)
    switch method {
    case "Major": return .uint64(version.major)
    case "Minor": return .uint64(version.minor)
    case "Patch": return .uint64(version.patch)
    case "Prerelease": return GoValue(version.prerelease)
    case "Metadata": return GoValue(version.build)
    case "Original": return .string(original)
    case "String": return GoValue(version.description)
    case "IncMajor":
      return .object(
        GoVersion(SemanticVersion(version.major &+ 1, 0, 0)))
    case "IncMinor":
      return .object(
        GoVersion(
          SemanticVersion(version.major, version.minor &+ 1, 0)))
    case "IncPatch":
      let patch = version.prerelease.isEmpty ? version.patch &+ 1 : version.patch
      return .object(
        GoVersion(SemanticVersion(version.major, version.minor, patch)))
    case "SetPrerelease", "SetMetadata":
      var changed = version
      let text = arguments.first?.asString ?? ""
      if method == "SetPrerelease" { changed.prerelease = text } else { changed.build = text }
      return .object(GoVersion(changed))
    default: break
    }
    guard case .object(let object)? = arguments.first, let other = object as? GoVersion else {
      throw FunctionError(
        "wrong type for value; expected *semver.Version; got \(GoTemplates.typeName(arguments.first ?? .null))"
      )
    }
    let order = version.order(to: other.version)
    switch method {
    case "Compare": return .int(order)
    case "Equal": return .bool(order == 0)
    case "LessThan": return .bool(order < 0)
    case "LessThanEqual": return .bool(order <= 0)
    case "GreaterThanEqual": return .bool(order >= 0)
    default: return .bool(order > 0)
    }
  }
}

/// `semver.NewVersion`: `v`, missing parts and leading zeros are let through.
private func looseVersion(_ text: [UInt8]) -> SemanticVersion? {
  var rest = text[...]
  if rest.first == 0x76 { rest.removeFirst() }
  var build = ""
  var prerelease = ""
  if let plus = rest.firstIndex(of: 0x2B) {
    guard let given = identifiers(rest[(plus + 1)...]) else { return nil }
    build = given
    rest = rest[..<plus]
  }
  if let dash = rest.firstIndex(of: 0x2D) {
    guard let given = identifiers(rest[(dash + 1)...]) else { return nil }
    for part in given.split(separator: ".") where part.count > 1 && part.first == "0" {
      if part.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return nil }
    }
    prerelease = given
    rest = rest[..<dash]
  }
  let parts = rest.split(separator: 0x2E, omittingEmptySubsequences: false)
  guard (1...3).contains(parts.count) else { return nil }
  var numbers: [UInt64] = []
  for part in parts {
    guard !part.isEmpty, part.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = UInt64(String(decoding: part, as: UTF8.self))
    else { return nil }
    numbers.append(number)
  }
  while numbers.count < 3 { numbers.append(0) }
  return SemanticVersion(
    numbers[0], numbers[1], numbers[2], prerelease: prerelease, build: build)
}

private func identifiers(_ text: ArraySlice<UInt8>) -> String? {
  for part in text.split(separator: 0x2E, omittingEmptySubsequences: false) {
    let isValid = part.allSatisfy {
      $0 == 0x2D || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF)
    }
    guard !part.isEmpty, isValid else { return nil }
  }
  return String(decoding: text, as: UTF8.self)
}
