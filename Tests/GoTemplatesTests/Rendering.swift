import GoTemplates

/// What a template gives with Helm's functions, or the message of its failure.
func rendered(
  _ template: String, _ data: GoValue = .invalid, functions: FunctionTable = .helm,
  options: TemplateSet.Options = .init(), nondeterminism: Nondeterminism = .refused,
  limits: Limits = Limits()
) -> String {
  do {
    let set = TemplateSet(functions: functions, options: options)
    try set.parse(name: "t", Array(template.utf8))
    let execution = Execution(
      set, limits: limits, clock: Clock(unixSeconds: 1_000_000_000),
      nondeterminism: nondeterminism)
    return String(decoding: try execution.execute("t", data), as: UTF8.self)
  } catch let error as TemplateError {
    return "error: " + error.message
  } catch {
    return "other error: \(error)"
  }
}

/// Data from YAML.
func data(_ yaml: String) -> GoValue { (try? readYAML(Array(yaml.utf8))) ?? .invalid }
