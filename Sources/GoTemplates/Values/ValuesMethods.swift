extension GoMap {
  /// What a method of `chartutil.Values` gives (Helm 3.17.2, `pkg/chartutil/values.go`); nil if there is
  /// no such method. Throws what the method says.
  func method(_ name: [UInt8], _ arguments: [GoValue]) throws -> GoValue? {
    switch String(decoding: name, as: UTF8.self) {
    case "AsMap" where arguments.isEmpty:
      return .map(count == 0 ? GoMap() : GoMap(copying: self))
    case "YAML" where arguments.isEmpty:
      return .string(try toYAML(.map(self)))
    case "Table" where arguments.count == 1:
      let path = arguments[0].asString ?? ""
      guard let table = table(path.split(separator: ".", omittingEmptySubsequences: false)) else {
        throw FunctionError("\"\(path)\" is not a table")
      }
      return .map(table)
    case "PathValue" where arguments.count == 1:
      let path = arguments[0].asString ?? ""
      let steps = path.split(separator: ".", omittingEmptySubsequences: false)
      guard let last = steps.last, let table = table(steps.dropLast()),
        let value = table[Array(last.utf8)], value.asMap == nil
      else { throw FunctionError("\"\(steps.last ?? "")\" is not a value") }
      return value
    default: return nil
    }
  }

  private func table(_ path: [Substring]) -> GoMap? {
    var table = self
    for step in path {
      guard case .map(let inner)? = table[Array(step.utf8)] else { return nil }
      table = inner
    }
    return table
  }
}
