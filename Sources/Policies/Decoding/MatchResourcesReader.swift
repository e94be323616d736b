import Diagnostics
import Documents
import Manifests

extension MatchResources {
  static let keys = [
    "namespaceSelector", "objectSelector", "matchPolicy", "resourceRules", "excludeResourceRules",
  ]

  private enum MatchPolicy: String, CaseIterable {
    case exact = "Exact"
    case equivalent = "Equivalent"
  }

  /// Reads and checks a `MatchResources` as the API server does (kubernetes 1.36,
  /// `pkg/apis/admissionregistration/validation`).
  init(_ reader: FieldReader) {
    namespaceSelector = MatchResources.selector(reader, "namespaceSelector")
    objectSelector = MatchResources.selector(reader, "objectSelector")
    matchesEquivalent = reader.choice("matchPolicy", of: MatchPolicy.self) != .exact
    resourceRules = reader.maps("resourceRules", known: ResourceRule.keys).map(ResourceRule.init)
    excludeResourceRules = reader.maps("excludeResourceRules", known: ResourceRule.keys)
      .map(ResourceRule.init)
  }

  /// A selector that selects less than everything; absent for one that does not.
  private static func selector(_ reader: FieldReader, _ key: String) -> Value {
    guard let selector = readSelector(reader, key) else { return .absent }
    let isEmpty = selector["matchLabels"].count == 0 && selector["matchExpressions"].count == 0
    return isEmpty ? .absent : selector
  }
}

/// A label selector, with what is wrong with it logged; nil when it is not there.
func readSelector(_ reader: FieldReader, _ key: String) -> Value? {
  guard let map = reader.map(key, known: ["matchLabels", "matchExpressions"]),
    map.value.isKind(.map)
  else { return nil }
  if let labels = map.map("matchLabels", known: map.value["matchLabels"].keys) {
    for entry in labels.value.entries where !entry.value.isKind(.string) {
      let key = entry.key.asString ?? ""
      labels.fail(key, "the label's value must be a string, found \(found(entry.value))")
    }
  }
  for requirement in map.maps("matchExpressions", known: ["key", "operator", "values"]) {
    _ = requirement.strings("values")
  }
  for problem in selectorProblems(map.value) {
    map.log.add(problem.message, at: map.path.appending(problem.path))
  }
  return map.value
}

extension Value {
  /// The keys of a map that are strings.
  var keys: [String] { entries.compactMap(\.key.asString) }
}

extension ResourceRule {
  static let keys = [
    "resourceNames", "operations", "apiGroups", "apiVersions", "resources", "scope",
  ]

  init(_ reader: FieldReader) {
    let names = reader.strings("resourceNames")
    ResourceRule.checkDuplicates(names, reader)
    resourceNames = names.map(\.text)
    operations = ResourceRule.operations(reader)
    apiGroups = ResourceRule.words("apiGroups", "API groups", reader)
    apiVersions = ResourceRule.words("apiVersions", "API versions", reader)
    resources = ResourceRule.resources(reader)
    scope = ResourceRule.scope(reader)
  }

  private static func checkDuplicates(
    _ texts: [(text: String, path: FieldPath)], _ reader: FieldReader
  ) {
    var seen: Set<String> = []
    for (text, path) in texts where !seen.insert(text).inserted {
      reader.log.add("'\(text)' stands here twice", at: path)
    }
  }

  private static func operations(_ reader: FieldReader) -> Set<Operation> {
    let words = reader.strings("operations")
    if words.isEmpty { reader.fail("operations", "'operations' is required") }
    if words.contains(where: { $0.text == "*" }) {
      if words.count > 1 { reader.fail("operations", "'*' stands beside other operations") }
      return Set(Operation.allCases)
    }
    return Set(words.compactMap { reader.choice($0.text, at: $0.path, of: Operation.self) })
  }

  private static func words(_ key: String, _ what: String, _ reader: FieldReader) -> [String] {
    let words = reader.strings(key)
    if words.isEmpty { reader.fail(key, "'\(key)' is required") }
    if words.count > 1, words.contains(where: { $0.text == "*" }) {
      reader.fail(key, "'*' stands beside other \(what)")
    }
    if key == "apiVersions" {
      for word in words where word.text.isEmpty {
        reader.log.add("the version is empty", at: word.path, help: "'*' is every version")
      }
    }
    return words.map(\.text)
  }

  private static func scope(_ reader: FieldReader) -> ResourceScope? {
    guard let text = reader.string("scope"), text != "*" else { return nil }
    if let scope = ResourceScope(rawValue: text) { return scope }
    reader.fail("scope", "'\(text)' is not one of Cluster, Namespaced, *")
    return nil
  }

  /// The resources, with combinations refused that say the same twice.
  private static func resources(_ reader: FieldReader) -> [String] {
    let words = reader.strings("resources")
    if words.isEmpty { reader.fail("resources", "'resources' is required") }
    var allOf: Set<Substring> = []
    var inAll: Set<Substring> = []
    var hasMain = false
    for (text, path) in words {
      if text.isEmpty {
        reader.log.add("the resource is empty", at: path)
        continue
      }
      let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        if text != "*" { hasMain = true }
        continue
      }
      if allOf.contains(parts[0]) {
        reader.log.add("'\(parts[0])/*' is there already and means '\(text)' too", at: path)
      }
      if inAll.contains(parts[1]) {
        reader.log.add("'*/\(parts[1])' is there already and means '\(text)' too", at: path)
      }
      if parts[1] == "*" { allOf.insert(parts[0]) }
      if parts[0] == "*" { inAll.insert(parts[1]) }
    }
    if words.count > 1, words.contains(where: { $0.text == "*/*" }) {
      reader.fail("resources", "'*/*' stands beside other resources")
    }
    if hasMain, words.contains(where: { $0.text == "*" }) {
      reader.fail("resources", "'*' stands beside other resources")
    }
    return words.map(\.text)
  }
}
