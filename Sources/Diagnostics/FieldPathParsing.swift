extension FieldPath {
  /// The path that a text says as `description` prints it: `spec.containers[0].image`,
  /// `metadata.labels[app.kubernetes.io/name]`. A leading dot is passed over. Nil when the text is no path.
  public init?(parsing text: String) {
    var steps: [Step] = []
    var rest = text[...]
    if rest.first == "." { rest = rest.dropFirst() }
    while !rest.isEmpty {
      if rest.first == "[" {
        guard let end = rest.firstIndex(of: "]") else { return nil }
        var inside = rest[rest.index(after: rest.startIndex)..<end]
        if let index = Int(inside), index >= 0 {
          steps.append(.index(index))
        } else {
          for quote: Character in ["'", "\""]
          where inside.count > 1 && inside.first == quote && inside.last == quote {
            inside = inside.dropFirst().dropLast()
          }
          guard !inside.isEmpty else { return nil }
          steps.append(.key(String(inside)))
        }
        rest = rest[rest.index(after: end)...]
        if rest.first == "." { rest = rest.dropFirst() }
        continue
      }
      let name = rest.prefix { $0 != "." && $0 != "[" }
      guard !name.isEmpty else { return nil }
      steps.append(.key(String(name)))
      rest = rest[name.endIndex...]
      if rest.first == "." {
        rest = rest.dropFirst()
        guard !rest.isEmpty else { return nil }
      }
    }
    self.init(steps)
  }
}
