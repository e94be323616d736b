/// Names that no resource and no iterator may have, since expressions or kro's own objects use
/// them (kro 0302e659, `pkg/graph/validation.go`).
enum ReservedWords {
  static func contains(_ name: String) -> Bool { all.contains(name) }

  /// Whether a name means something in every expression of a GoldenPath: all that the names in a library must not be, since
  /// kro has no libraries.
  static func isTaken(_ name: String) -> Bool {
    celWords.contains(name) || name == "schema" || goldenPathVariables.contains(name)
  }

  private static let all: Set<String> = Set(celWords + kroWords)

  private static let celWords = [
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function",
    "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
  ]

  private static let kroWords = [
    "apiVersion", "context", "dependency", "dependencies", "each", "externalRef",
    "externalReference", "externalRefs", "externalReferences", "graph", "instance", "item",
    "items", "kind", "kro", "metadata", "namespace", "object", "resource",
    "resourcegraphdefinition", "resourceGraphDefinition", "resources", "root", "runtime",
    "schema", "self", "serviceAccountName", "spec", "status", "this", "variables", "vars",
    "version",
  ]

  /// What a GoldenPath has in scope beside `schema`.
  static let goldenPathVariables = ["environment", "platform", "intent"]
}

/// Whether a name is lowerCamelCase: `^[a-z][a-zA-Z0-9]*$`.
func isLowerCamelCase(_ name: String) -> Bool {
  guard let first = name.utf8.first, (0x61...0x7A).contains(first) else { return false }
  return name.utf8.allSatisfy(isAlphanumeric)
}

/// Whether a name is that of a kind: `^[A-Z][a-zA-Z0-9]{0,62}$`.
func isKindName(_ name: String) -> Bool {
  guard let first = name.utf8.first, (0x41...0x5A).contains(first) else { return false }
  return name.utf8.count <= 63 && name.utf8.allSatisfy(isAlphanumeric)
}

/// Whether a text is a version: `^v[0-9]+(alpha[0-9]+|beta[0-9]+)?$`.
func isVersionName(_ name: String) -> Bool {
  guard name.utf8.first == UInt8(ascii: "v") else { return false }
  var rest = name.utf8.dropFirst()
  func dropDigits() -> Bool {
    let digits = rest.prefix { (0x30...0x39).contains($0) }.count
    rest = rest.dropFirst(digits)
    return digits > 0
  }
  guard dropDigits() else { return false }
  if rest.isEmpty { return true }
  for stage in ["alpha", "beta"] where rest.starts(with: stage.utf8) {
    rest = rest.dropFirst(stage.utf8.count)
    return dropDigits() && rest.isEmpty
  }
  return false
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
  (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
}
