/// The name by which CEL rules select a property, as the API server has it (apiserver
/// `pkg/cel/escaping.go`): words that CEL reserves and characters that names cannot have are
/// written out. `namespace` is `__namespace__`, `cluster-ip` is `cluster__dash__ip`.
///
/// Nil when the name can be selected as it is.
public func escapedRuleName(_ name: String) -> String? {
  if reservedWords.contains(name) { return "__\(name)__" }
  guard name.utf8.contains(where: { $0 == 0x2D || $0 == 0x2E || $0 == 0x2F }) || name.contains("__")
  else { return nil }
  var result = ""
  var rest = name[...]
  while let character = rest.popFirst() {
    switch character {
    case "_" where rest.first == "_":
      rest.removeFirst()
      result += "__underscores__"
    case "-": result += "__dash__"
    case ".": result += "__dot__"
    case "/": result += "__slash__"
    default: result.append(character)
    }
  }
  return result
}

private let reservedWords: Set<String> = [
  "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function",
  "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
]
