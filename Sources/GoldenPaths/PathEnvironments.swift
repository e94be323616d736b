public import Diagnostics
public import Intents

// A golden path may be for some environments only: `spec.environments`.
extension GoldenPathLibrary {
  /// `golden-path/unknown-environment` for each environment that a golden path names and the platform does not have;
  /// `known` are the platform's names.
  public func unknownEnvironments(among known: [String]) -> [Finding] {
    paths.flatMap { path in
      path.environments.enumerated().filter { !known.contains($0.element) }.map { index, name in
        Finding(
          rule: "golden-path/unknown-environment", "there is no environment '\(name)'",
          at: path.place(FieldPath(keys: "spec", "environments").index(index)),
          help: nearestName(to: name, in: known).map { "did you mean '\($0)'?" }
            ?? "expected \(known.joined(separator: ", "))")
      }
    }
  }

  /// `intent/refused-environment` for each environment that an intent is for and its golden path is not; one in all where
  /// the intent names none. `known` are the platform's names.
  public func refusedEnvironments(of intent: Intent, among known: [String]) -> [Finding] {
    guard let path = path(apiVersion: intent.apiVersion, kind: intent.kind),
      !path.environments.isEmpty
    else { return [] }
    let refused = known.filter { intent.isFor($0) && !path.environments.contains($0) }
    guard let first = refused.first else { return [] }
    let allowed = path.environments.joined(separator: ", ")
    let related = Finding.Related(
      label: "the golden path", place: path.place(FieldPath(keys: "spec", "environments")))
    guard intent.environments != nil else {
      return [
        Finding(
          rule: "intent/refused-environment",
          "'\(path.kind)' is not for \(refused.count == 1 ? "'\(first)'" : refused.joined(separator: ", "))",
          at: intent.place(FieldPath(keys: "kind")),
          help: "name those that it is for under 'environments': \(allowed)", related: [related])
      ]
    }
    return refused.map { name in
      Finding(
        rule: "intent/refused-environment", "'\(path.kind)' is not for '\(name)'",
        at: intent.place(FieldPath(keys: "environments", name), part: .key),
        help: "expected \(allowed)", related: [related])
    }
  }
}
