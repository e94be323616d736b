public import Diagnostics
import Documents
public import GoldenPaths
import Intents
import Manifests
import OutputTrees

/// Where one rendered field came from: what `pave why` prints.
public struct FieldExplanation: Sendable {
  /// The environment's name.
  public let environment: String
  /// The intent as `Kind/namespace/name`.
  public let intent: String
  /// The object.
  public let object: ObjectReference
  /// The field of the object; the root for the object as a whole.
  public let field: FieldPath
  /// The value as JSON on one line, cut after 200 characters; nil when the field is not there.
  public let value: String?
  /// What it is made of; nil when that is not known for sure.
  public let source: FieldSource?
  /// The places of the settings that the source reads, by variable and path.
  private let settings: [FieldSource.Kind: Place]

  /// Where a source stands; nil when nothing stands anywhere.
  public func place(of source: FieldSource) -> Place? { source.place ?? settings[source.kind] }

  fileprivate init(
    _ unit: ExplainedUnit, _ manifest: Manifest, _ field: FieldPath, _ loaded: LoadedPlatform,
    _ source: FieldSource?
  ) {
    environment = unit.environment.name
    intent = unit.effective.intent.reference
    object = manifest.reference
    self.field = field
    let value = manifest.value[field]
    self.value =
      value.isAbsent
      ? nil : String(decoding: jsonBytes(of: value), as: UTF8.self).cut(after: 200)
    self.source = source
    var settings: [FieldSource.Kind: Place] = [:]
    func collect(_ source: FieldSource) {
      if case .setting(let variable, let path) = source.kind {
        settings[source.kind] = loaded.place(ofSetting: variable, path, in: unit.environment)
      }
      source.sources.forEach(collect)
    }
    if let source { collect(source) }
    self.settings = settings
  }
}

/// What is to be explained.
public struct FieldQuestion: Sendable {
  /// Which objects are meant.
  public enum Subject: Sendable {
    /// Of a kind (case ignored; a plural's or a short name's too) and a name.
    case object(kind: String, name: String)
    /// In a file of the output, by its path; the path's end is compared with the output's.
    case file(String)
    /// Everything that comes from an intent's file, named as the platform names it: from a line of it, or all objects when
    /// the line is nil.
    case intent(file: String, line: Int?)
  }

  /// The objects.
  public var subject: Subject
  /// The field; the root for the object as a whole. Not read when a line of an intent is meant.
  public var field: FieldPath

  /// A question about a field of objects.
  public init(_ subject: Subject, field: FieldPath) {
    self.subject = subject
    self.field = field
  }
}

private struct ExplainedUnit {
  let environment: Environment
  let effective: EffectiveIntent
  let folder: String
  let renderer: Renderer
}

extension LoadedPlatform {
  /// The answers for all objects of the selected units that are meant, in the order of rendering; empty when none is.
  /// The findings are those of rendering. `places` tells the lines of intents.
  public func explanations(
    of question: FieldQuestion, _ selection: UnitSelection, places: PlaceFinder
  ) -> (explanations: [FieldExplanation], findings: [Finding]) {
    var explanations: [FieldExplanation] = []
    var findings: [Finding] = []
    let asked = AskedLine(question.subject, places)
    for index in selection.environments {
      let environment = platform.environments[index]
      let worker = UnitWorker(self, tasks: [], policySets: [])
      let renderer = Renderer(
        library: library, context: RenderContext(environment, of: platform))
      for intent in selection.intents
      where !unusableIntents.contains(intent) && intents[intent].isFor(environment.name)
        && question.subject.canMean(intents[intent])
      {
        let effective = EffectiveIntent(intents[intent], in: environment.name)
        let rendered = renderer.render(effective)
        findings += rendered.findings
        let unit = ExplainedUnit(
          environment: environment, effective: effective,
          folder: worker.folder(of: effective, renderer.context), renderer: renderer)
        var attempts = UnitWorker.mostChartAttempts
        var iteration = 0
        for (index, manifest) in rendered.manifests.enumerated() {
          let isNext = index > 0 && rendered.manifests[index - 1].resource == manifest.resource
          iteration = isNext ? iteration + 1 : 0
          guard question.subject.means(manifest, in: unit) else { continue }
          for field in asked == nil ? [question.field] : leaves(of: manifest.value) {
            let source = source(of: field, in: manifest, of: unit, iteration, &attempts)
            if let asked, !(source.map(asked.isIn) ?? false) { continue }
            explanations.append(FieldExplanation(unit, manifest, field, self, source))
          }
        }
      }
    }
    return (explanations, findings)
  }

  private func source(
    of field: FieldPath, in manifest: Manifest, of unit: ExplainedUnit, _ iteration: Int,
    _ chartAttempts: inout Int
  ) -> FieldSource? {
    if let source = library.source(
      of: field, in: manifest, of: unit.effective, iteration: iteration,
      tellingApart: unit.renderer)
    {
      return source
    }
    let attempts = min(64, chartAttempts)
    let source = unit.renderer.chartSource(
      of: field, in: manifest, of: unit.effective, attempts: attempts)
    if source != nil { chartAttempts -= attempts }
    return source
  }

  /// Where a value of an environment or of the platform is written, through what an environment inherits.
  func place(
    ofSetting variable: String, _ path: FieldPath, in environment: Environment
  ) -> Place? {
    let root = platform.document.root
    if variable == "platform" {
      let name = FieldPath(keys: "metadata", "name")
      let field =
        path == FieldPath(keys: "name") ? name : FieldPath(keys: "spec").appending(path)
      return platform.place(field)
    }
    var candidate: Environment? = environment
    // A chain of inheritance has no circle: that was checked when it was read.
    while let current = candidate {
      let field = FieldPath([.key("spec"), .key("environments"), .index(current.index)])
        .appending(path)
      if !root[field].isAbsent { return platform.place(field) }
      candidate = current.inherits.flatMap { platform.environment(named: $0) }
    }
    return platform.place(
      FieldPath([.key("spec"), .key("environments"), .index(environment.index)]))
  }
}

/// A line of an intent's file that is asked about.
private struct AskedLine {
  let file: String
  let line: Int
  /// The field that is written there, with all that is below it.
  let field: FieldPath
  let places: PlaceFinder

  /// Nil when no line is asked about.
  init?(_ subject: FieldQuestion.Subject, _ places: PlaceFinder) {
    guard case .intent(let file, let line?) = subject else { return nil }
    let found = places.file(of: Place(file: file))?.field(atLine: line)
    self.file = file
    self.line = line
    self.field = found?.path ?? .root
    self.places = places
  }

  /// Whether a value is made of what stands on the line, or below its key.
  func isIn(_ source: FieldSource) -> Bool {
    if let place = source.place, place.file == file, case .field(_, let path, _) = place.anchor {
      let range = places.range(of: place)
      let isBelow = !field.isRoot && path.steps.starts(with: field.steps)
      if isBelow || (range.line...range.endLine).contains(line) { return true }
    }
    return source.sources.contains(where: isIn)
  }
}

/// The fields of a value that hold no further ones.
private func leaves(of value: Value, at path: FieldPath = .root) -> [FieldPath] {
  switch value.kind {
  case .map where value.count > 0:
    value.entries.flatMap { entry in
      entry.key.asString.map { leaves(of: entry.value, at: path.key($0)) } ?? []
    }
  case .list where value.count > 0:
    value.elements.enumerated().flatMap { leaves(of: $1, at: path.index($0)) }
  default: [path]
  }
}

extension FieldQuestion.Subject {
  /// Whether an intent's objects may be meant.
  fileprivate func canMean(_ intent: Intent) -> Bool {
    guard case .intent(let file, _) = self else { return true }
    return intent.file == file
  }

  fileprivate func means(_ manifest: Manifest, in unit: ExplainedUnit) -> Bool {
    switch self {
    case .object(let word, let name):
      guard manifest.name.asString == name, let kind = manifest.kind.asString else { return false }
      let word = word.lowercased()
      let plain = word.split(separator: ".").first.map(String.init) ?? word
      return kind.lowercased() == plain
        || KindTable.builtIn.kinds(named: plain).contains { $0.kind == kind }
    case .file(let path):
      let own =
        (unit.folder.isEmpty ? "" : unit.folder + "/")
        + fileName(of: manifest.identity, intentNamespace: unit.effective.intent.namespace)
      return path == own || path.hasSuffix("/" + own)
    case .intent: return true
    }
  }
}

extension String {
  fileprivate func cut(after count: Int) -> String {
    self.count > count ? prefix(count) + "…" : self
  }
}
