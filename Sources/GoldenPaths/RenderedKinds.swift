public import Intents

extension GoldenPathLibrary {
  /// Whether an intent's golden path, or one that it expands into, has a template of one of the
  /// kinds. Templates name their kind literally, so nothing has to be rendered to know.
  public func mayRender(_ kinds: Set<GroupKind>, from intent: Intent) -> Bool {
    guard let path = path(apiVersion: intent.apiVersion, kind: intent.kind) else { return false }
    return mayRender(kinds, path, depth: 0)
  }

  /// Whether a golden path of this library, or one that it expands into, has a template of one of the kinds.
  public func mayRender(_ kinds: Set<GroupKind>, _ path: GoldenPath) -> Bool {
    mayRender(kinds, path, depth: 0)
  }

  private func mayRender(_ kinds: Set<GroupKind>, _ path: GoldenPath, depth: Int) -> Bool {
    guard depth < RenderLimits.depth else { return false }
    // What a chart makes is known when it is rendered.
    if path.chart != nil { return true }
    if path.resources.contains(where: { kinds.contains(GroupKind(group: $0.group, kind: $0.kind)) })
    {
      return true
    }
    return links(of: path).contains { inner in
      inner.map { mayRender(kinds, $0, depth: depth + 1) } ?? false
    }
  }
}
