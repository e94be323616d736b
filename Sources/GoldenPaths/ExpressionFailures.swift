import CEL
import Diagnostics
import Documents

// What is said of an expression that gave no value.
extension UnitRendering {
  /// Reports an expression that failed: at its place in the golden path, by who is to blame.
  func reportFailure(
    _ failure: TemplateWalker.Failure, _ expression: Expression, _ path: GoldenPath,
    resource: Resource?
  ) {
    if let inner = lazyFailures[failure.message] {
      return reportFailure(inner.failure, inner.expression, path, resource: resource)
    }
    let place = path.place(of: expression, failure.range)
    let uses = path.usesRelated(expression.path)
    guard let missing = failure.missing, !expression.program.references.isEmpty else {
      let rule = expression.program.references.isEmpty ? "golden-path" : "intent"
      let message =
        failure.message.hasPrefix("gives ")
        ? "'\(expression.shown)' \(failure.message)"
        : "'\(expression.shown)' failed: \(failure.message)"
      return report(
        Finding(
          rule: "\(rule)/expression-failed", message, at: place, help: failure.help,
          related: uses))
    }
    let read = expression.text(of: failure.range)
    switch owner(of: failure, expression, path) {
    case .resource:
      report(
        Finding(
          rule: "golden-path/needs-cluster",
          "'\(expression.shown)' needs a cluster: no template sets '\(missing.key)'", at: place,
          help: "read only what the intent or a template says", related: uses))
    case .platform(let variable):
      report(
        Finding(
          rule: "platform/missing-key",
          "'\(read)' has no value: '\(variable)' has no \(missing.described)", at: place,
          help:
            "set it in the values of pave.yaml, or read it as an optional: '\(missing.optional)'",
          related: uses))
    case .intent:
      report(
        Finding(
          rule: "intent/missing-key", "'\(read)' has no value: there is no \(missing.described)",
          at: place,
          help: "set it in the intent, give it a default in the schema, or read it as an optional: "
            + "'\(missing.optional)'", related: uses))
    }
  }

  private enum Owner {
    case intent
    case platform(String)
    case resource
  }

  /// Whose key it is that is missing.
  private func owner(
    of failure: TemplateWalker.Failure, _ expression: Expression, _ path: GoldenPath
  ) -> Owner {
    func owner(_ variable: String) -> Owner {
      if path.imports.names.meaning(variable, in: expression.scope) != nil { return .intent }
      if expression.scope == 0, path.resources.contains(where: { $0.id == variable }) {
        return .resource
      }
      let isPlatform = variable == "environment" || variable == "platform"
      return isPlatform && path.dialect == .goldenPath ? .platform(variable) : .intent
    }
    let references = expression.program.references
    if let range = failure.range,
      let reference = references.first(where: { $0.range.lowerBound == range.lowerBound })
    {
      return owner(reference.variable)
    }
    // The read starts from a loop's variable: it may walk over what another resource says.
    let owners = references.map { owner($0.variable) }
    if owners.contains(where: { if case .resource = $0 { true } else { false } }) {
      return .resource
    }
    return references.count == 1 ? owners[0] : .intent
  }
}

extension TemplateWalker.Failure {
  /// A key or an element that is not there.
  struct Missing {
    var key: String
    var isIndex: Bool

    var described: String { isIndex ? "element \(key)" : "key '\(key)'" }
    /// The optional form of the read.
    var optional: String {
      if isIndex { return "[?\(key)]" }
      return PlainPath(key)?.steps.isEmpty ?? false ? ".?\(key)" : "[?\"\(key)\"]"
    }
  }

  /// The key or index that is not there; nil for any other failure.
  var missing: Missing? {
    for (prefix, isIndex) in [("no such key: ", false), ("index out of bounds: ", true)]
    where message.hasPrefix(prefix) {
      return Missing(key: String(message.dropFirst(prefix.count)), isIndex: isIndex)
    }
    return nil
  }
}

extension Expression {
  /// The part of the source at a range; all of it without one.
  fileprivate func text(of range: Range<Int>?) -> String {
    let bytes = Array(program.source.utf8)
    guard let range = range?.clamped(to: 0..<bytes.count), !range.isEmpty else { return shown }
    return shortened(String(decoding: bytes[range], as: UTF8.self))
  }
}
