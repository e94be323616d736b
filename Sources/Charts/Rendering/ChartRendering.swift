public import GoTemplates

extension Chart {
  /// Renders the chart for a release with the user's values over its own.
  ///
  /// The values are not changed. Throws `ChartError`: one cause, the first that Helm would meet.
  public func rendered(_ release: Release, values: GoMap) throws -> RenderedChart {
    guard !metadata.isLibrary else {
      throw ChartError(.invalidChart, "library charts are not installable", file: "Chart.yaml")
    }
    let plan = try plan(for: values)
    let cluster = release.capabilities
    if !metadata.kubeVersion.isEmpty,
      !isCompatible(metadata.kubeVersion, cluster.kubernetesVersion)
    {
      throw ChartError(
        .kubernetesVersion,
        "chart requires kubeVersion: \(metadata.kubeVersion) which is incompatible with Kubernetes "
          + cluster.kubernetesVersion, file: "Chart.yaml")
    }
    let all = try plan.root.coalesced(values)
    try plan.root.validate(all)
    guard case .refused = release.nondeterminism else {
      return try ChartRun(plan, release).render(all)
    }
    let (one, other) = release.trials
    if !plan.memory.needsTwoRuns {
      if let result = try ChartRun(plan, one).rendered(all, against: other) { return result }
      plan.memory.needsTwoRuns = true
    }
    return try renderedTwice(plan, release, values)
  }

  /// The rendering of a chart that asks for random values or the time, if they change nothing: two runs
  /// with other seeds and other clocks must give the same. Throws the refusal if they do not.
  private func renderedTwice(
    _ plan: ChartPlan, _ release: Release, _ values: GoMap
  ) throws -> RenderedChart {
    let (one, other) = release.trials
    let run = ChartRun(plan, one)
    let result = try run.render(try plan.root.coalesced(values))
    guard run.usesChance else { return result }
    let second = try ChartRun(plan, other).render(try plan.root.coalesced(values))
    if result.isSame(as: second) { return result }
    _ = try ChartRun(plan, release).render(try plan.root.coalesced(values))
    throw ChartError(.nondeterministic, "the chart '\(name)' renders differently on each run")
  }

  /// The values as the templates would see them.
  public func effectiveValues(_ values: GoMap) throws -> GoMap {
    try plan(for: values).root.coalesced(values)
  }

  /// The charts that take part with these values, and their templates.
  private func plan(for values: GoMap) throws -> ChartPlan {
    let root = ChartNode(self)
    if root.dependencies == nil {
      return try prepared.plan("") {
        try root.resolveDependencies(values)
        return try ChartPlan(root)
      }
    }
    try root.resolveDependencies(values)
    return try prepared.plan(root.signature) { try ChartPlan(root) }
  }
}

extension Release {
  /// The release with two seeds and, where it has no clock, two clocks: what differs between them is not
  /// a function of the values.
  fileprivate var trials: (Release, Release) {
    func trial(_ seed: String, _ time: Int64) -> Release {
      var trial = self
      trial.clock = clock ?? Clock(unixSeconds: time)
      trial.nondeterminism = .seeded(seed)
      return trial
    }
    return (trial("one", 86_399), trial("other", 1_893_456_000))
  }
}
