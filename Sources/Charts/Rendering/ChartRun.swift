import GoTemplates

/// One rendering.
struct ChartRun {
  private let plan: ChartPlan
  private let release: Release
  private let execution: Execution

  init(_ plan: ChartPlan, _ release: Release) {
    self.plan = plan
    self.release = release
    execution = Execution(
      plan.templates, limits: release.limits, clock: release.clock,
      nondeterminism: release.nondeterminism)
  }

  /// Whether the templates asked for random values or the time.
  var usesChance: Bool { execution.chanceCount > 0 }

  /// Renders with the values, which templates may change. Throws `ChartError`.
  func render(_ values: GoMap) throws -> RenderedChart {
    let scopes = scopes(values)
    let counts = plan.memory.byteCounts
    let texts = try plan.files.indices.map { try text(of: $0, scopes, counts) }
    return try sorted(texts, values)
  }

  /// Renders with the values; a file that asks for random values or the time is executed a second time
  /// as `other` answers it. Nil if that changes anything, or changes maps, so that the whole must be
  /// rendered a second time to tell. Throws `ChartError`.
  func rendered(_ values: GoMap, against other: Release) throws -> RenderedChart? {
    let scopes = scopes(values)
    var texts: [[UInt8]] = []
    texts.reserveCapacity(plan.files.count)
    let counts = plan.memory.byteCounts
    for index in plan.files.indices {
      let file = plan.files[index]
      let (changeCount, chanceCount) = (execution.mapChangeCount, execution.chanceCount)
      let text = try text(of: index, scopes, counts)
      if execution.chanceCount != chanceCount {
        guard execution.mapChangeCount == changeCount else { return nil }
        let trial = execution.another(clock: other.clock, nondeterminism: other.nondeterminism)
        guard (try? trial.execute(file.name, .map(scopes[file.node]))) == text,
          trial.mapChangeCount == 0
        else { return nil }
      }
      texts.append(text)
    }
    return try sorted(texts, values)
  }

  /// What a file writes; it is about as much as in the last rendering.
  private func text(of index: Int, _ scopes: [GoMap], _ counts: [Int]) throws -> [UInt8] {
    let file = plan.files[index]
    let scope = scopes[file.node]
    scope[Self.template] = .map(
      GoMap(sorted: [(Self.basePath, file.baseValue), (Self.name, file.nameValue)], type: .values))
    do {
      return try execution.execute(
        file.name, .map(scope), expecting: index < counts.count ? counts[index] : 0)
    } catch {
      throw chartError(error, in: file.name)
    }
  }

  private static let template = Array("Template".utf8)
  private static let basePath = Array("BasePath".utf8)
  private static let name = Array("Name".utf8)

  /// What each chart's templates see.
  private func scopes(_ values: GoMap) -> [GoMap] {
    let release = self.release.object
    let capabilities = self.release.capabilities.object
    var scopes: [GoMap] = []
    for entry in plan.nodes {
      var own = values
      if let parent = entry.parent {
        own = GoMap(
          converting: scopes[parent]["Values"]?.table?[entry.node.name]?.table ?? GoMap(),
          to: .values)
      }
      let scope = GoMap([
        ("Capabilities", capabilities), ("Chart", entry.chartObject),
        ("Files", .object(FilesObject(entry.files))), ("Release", release),
        ("Subcharts", .map(GoMap())), ("Values", .map(own)),
      ])
      scope.type = .values
      scope.scope = Scope(execution)
      if let parent = entry.parent {
        scopes[parent]["Subcharts"]?.table?[entry.node.name] = .map(scope)
      }
      scopes.append(scope)
    }
    return scopes
  }

  /// The objects in what the files wrote. A file that wrote what it wrote for the last release holds the
  /// same ones.
  private func sorted(_ texts: [[UInt8]], _ values: GoMap) throws -> RenderedChart {
    var sorter = ManifestSorter()
    let known = plan.memory.written
    var written: [RenderingMemory.Written] = []
    written.reserveCapacity(plan.manifestFiles.count)
    for (place, index) in plan.manifestFiles.enumerated() {
      let text = texts[index]
      if place < known.count, areSame(known[place].text, text) {
        written.append(known[place])
      } else {
        let manifests = try manifests(in: withoutNoValue(text), from: plan.files[index].name)
        written.append(.init(text: text, manifests: manifests))
      }
      sorter.add(written[place].manifests)
    }
    plan.memory.written = written
    plan.memory.byteCounts = texts.map(\.count)
    sorter.sort()
    return RenderedChart(
      manifests: sorter.manifests, hooks: sorter.hooks, crds: plan.crds, values: values)
  }
}

private let noValue = Array("<no value>".utf8)

/// The text without each `<no value>`: what Go prints for nothing, and Helm takes away again.
private func withoutNoValue(_ text: [UInt8]) -> [UInt8] {
  let mark = noValue
  var result: [UInt8] = []
  var start = 0
  var index = 0
  while let next = position(of: mark[0], in: text[...], from: index),
    next + mark.count <= text.count
  {
    index = next + 1
    guard text[next..<(next + mark.count)].elementsEqual(mark) else { continue }
    result += text[start..<next]
    index = next + mark.count
    start = index
  }
  return start == 0 ? text : result + text[start...]
}

/// A failure of the engine in Helm's words.
func chartError(_ error: any Error, in file: String) -> ChartError {
  guard let failure = error as? TemplateError else {
    let message = (error as? FunctionError)?.message ?? "\(error)"
    return ChartError(.template, "\(message) in \(file)", file: file)
  }
  let code: ChartError.Code =
    switch failure.kind {
    case .refused: .refused
    case .limit: .limit
    case .nondeterministic: .nondeterministic
    default: .template
    }
  var text = failure.message
  if let first = failure.steps.first {
    let place = "\(first.file):\(first.line)" + (first.column.map { ":\($0)" } ?? "")
    switch failure.kind {
    case .refused: text = "execution error at (\(place)): \(failure.cause)"
    case .parse: text = "parse error at (\(place)): \(failure.cause)"
    default: break
    }
  }
  var result = ChartError(code, text, file: failure.steps.last?.file ?? file)
  result.cause = failure.cause
  result.steps = failure.steps.map {
    ChartError.Step(file: $0.file, line: $0.line, column: $0.column.map { $0 + 1 })
  }
  return result
}
