import Diagnostics
import Documents
import GoldenPaths
import Intents

/// What decided a finding, and which of it its reader can change.
struct Blame {
  /// What is changed before what: an intent before a setting of the platform, that before a default, and
  /// that before a template.
  fileprivate enum Rank: Int, Comparable {
    case intent, setting, schemaDefault, template

    static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
  }

  private struct Candidate: Equatable {
    let rank: Rank
    let place: Place
  }

  private var candidates: [Candidate] = []
  /// The templates that make the fields, innermost first.
  private var templates: [Place] = []
  /// The templates around those, through composition.
  private var outer: [Place] = []
  private let intent: EffectiveIntent
  private let setting: (String, FieldPath) -> Place?

  /// Nothing yet; `setting` finds where a value of the environment or of the platform is written.
  init(of intent: EffectiveIntent, setting: @escaping (String, FieldPath) -> Place?) {
    self.intent = intent
    self.setting = setting
  }

  /// Adds a field that decided. `isKey` says that its key did, and not its value.
  mutating func add(_ source: FieldSource, isKey: Bool) {
    if let place = source.place, case .template = source.kind, !templates.contains(place) {
      templates.append(place)
    }
    collect(source, isKey: isKey, isOutermost: true)
  }

  private mutating func collect(_ source: FieldSource, isKey: Bool, isOutermost: Bool) {
    switch source.kind {
    case .intent(let field):
      add(.intent, patched(source, field) ?? intent.place(of: field), isKey: isKey)
    case .missing(let field):
      // Of a golden path inside another one it is the outer template that leaves the field out.
      if let place = source.place, case .field(_, let path, _) = place.anchor,
        path.steps.contains(.key("template"))
      {
        add(.template, place, isKey: false)
      } else {
        add(.intent, intent.place(of: field), isKey: false)
      }
    case .schemaDefault: add(.schemaDefault, source.place, isKey: false)
    case .setting(let variable, let path): add(.setting, setting(variable, path), isKey: isKey)
    case .template, .resource, .iterator, .variable:
      if case .template = source.kind, !isOutermost, let place = source.place,
        !outer.contains(place)
      {
        outer.append(place)
      }
      let place = source.place ?? templates.last
      if source.isPart || source.sources.isEmpty {
        add(.template, place, isKey: isKey && source.isKeyed)
      }
      if source.isPart { return }
      for inner in source.sources { collect(inner, isKey: isKey, isOutermost: false) }
    }
  }

  /// A patch of the intent has its own path there.
  private func patched(_ source: FieldSource, _ field: FieldPath) -> Place? {
    field.steps.first == .key("patches") ? source.place : nil
  }

  private mutating func add(_ rank: Rank, _ place: Place?, isKey: Bool) {
    guard var place else { return }
    if isKey, case .field(let document, let path, .value) = place.anchor {
      place.anchor = .field(document: document, path: path, part: .key)
    }
    let candidate = Candidate(rank: rank, place: place)
    if !candidates.contains(candidate) { candidates.append(candidate) }
  }

  /// Gives a finding its place and what explains it; leaves the place alone when nothing is known.
  func apply(to finding: inout Finding) {
    guard let best = candidates.map(\.rank).min() else { return }
    let chosen = candidates.filter { $0.rank == best }.map(\.place)
    let place = chosen.count == 1 ? chosen[0] : Blame.around(chosen, least: best.leastDepth)
    finding.place = place
    let intentName = intent.intent.place(FieldPath(keys: "metadata", "name"))
    var related: [Finding.Related] = []
    func add(_ label: String, _ place: Place) {
      if place != finding.place, !related.contains(where: { $0.place == place }) {
        related.append(.init(label: label, place: place))
      }
    }
    if let place, place.file != intent.intent.file { add("the intent", intentName) }
    for place in templates { add("the template", place) }
    for place in outer { add("expanded from", place) }
    // Where several decide alike, each is named.
    for candidate in candidates where place != nil || candidate.place != intentName {
      add(candidate.rank.label, candidate.place)
    }
    finding.related = Array(related.prefix(Blame.mostRelated)) + finding.related
  }

  private static let mostRelated = 6

  /// The innermost thing that holds all places; nil when that is less than `least` steps inside a
  /// document, or they are of several.
  private static func around(_ places: [Place], least: Int) -> Place? {
    guard case .field(let document, var common, _)? = places.first?.anchor else { return nil }
    for place in places {
      guard place.file == places[0].file, place.revision == places[0].revision,
        case .field(document, let path, _) = place.anchor
      else { return nil }
      let shared = zip(common.steps, path.steps).prefix { $0 == $1 }.count
      common = FieldPath(Array(common.steps.prefix(shared)))
    }
    guard common.steps.count >= least else { return nil }
    var place = places[0]
    place.anchor = .field(document: document, path: common, part: .key)
    return place
  }
}

extension Blame.Rank {
  /// How far inside a document a place must be to say anything: a field of an intent; in `pave.yaml` the
  /// values; the template of one resource.
  fileprivate var leastDepth: Int {
    switch self {
    case .intent: 1
    case .setting: 2
    case .schemaDefault, .template: 4
    }
  }

  fileprivate var label: String {
    switch self {
    case .intent, .setting: "also made of"
    case .schemaDefault: "also made of the default"
    case .template: "also made by"
    }
  }
}

extension FieldSource {
  /// Whether its place is that of a field with a key of its own.
  fileprivate var isKeyed: Bool {
    guard case .field(_, let path, .value)? = place?.anchor, case .key? = path.steps.last else {
      return false
    }
    return true
  }
}
