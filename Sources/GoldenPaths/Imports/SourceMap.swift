import Diagnostics

/// From the fields of a golden path, as it is once the parts of libraries stand in it, to where they are written.
struct SourceMap: Sendable {
  /// Where the value at a path is written.
  struct Origin: Sendable, Hashable {
    var file: String
    var document: Int
    var path: FieldPath
    /// The path, in the golden path, of the expression that put it there; nil for what is written there itself.
    var use: FieldPath?
  }

  private var origins: [FieldPath: Origin] = [:]

  /// Whether everything stands in the golden path's own file.
  var isEmpty: Bool { origins.isEmpty }

  /// The files of all origins.
  var files: Set<String> { Set(origins.values.map(\.file)) }

  mutating func add(_ origin: Origin, at path: FieldPath) { origins[path] = origin }

  /// Where a field is written; nil for the golden path's own file.
  func origin(of path: FieldPath) -> Origin? {
    guard !origins.isEmpty else { return nil }
    for count in stride(from: path.steps.count, through: 0, by: -1) {
      guard var origin = origins[FieldPath(Array(path.steps.prefix(count)))] else { continue }
      origin.path.steps += path.steps[count...]
      return origin
    }
    return nil
  }

  /// The place of a field of the golden path in `file`.
  func place(_ file: String, document: Int, _ path: FieldPath, part: Place.Part) -> Place {
    guard let origin = origin(of: path) else {
      return .field(file, document: document, path, part: part)
    }
    return .field(origin.file, document: origin.document, origin.path, part: part)
  }

  /// The expressions that put a field there, innermost first: empty for what is written in the golden path itself.
  func uses(of path: FieldPath) -> [FieldPath] {
    var uses: [FieldPath] = []
    var next = origin(of: path)?.use
    while let use = next, !uses.contains(use), uses.count < 16 {
      uses.append(use)
      next = origin(of: use)?.use
    }
    return uses
  }

  /// A finding whose places are those of the golden path's fields, with the places where they are written.
  func mapped(_ finding: Finding, file: String, document: Int) -> Finding {
    guard !origins.isEmpty else { return finding }
    var finding = finding
    var uses: [FieldPath] = []
    func mapped(_ place: Place) -> Place {
      guard place.file == file, case .field(document, let path, let part) = place.anchor else {
        return place
      }
      return self.place(file, document: document, path, part: part)
    }
    if let place = finding.place, place.file == file,
      case .field(document, let path, _) = place.anchor
    {
      uses = self.uses(of: path)
    }
    finding.place = finding.place.map(mapped)
    for index in finding.related.indices {
      finding.related[index].place = mapped(finding.related[index].place)
    }
    for use in uses {
      let place = self.place(file, document: document, use, part: .value)
      if place != finding.place { finding.related.append(.init(label: "used here", place: place)) }
    }
    return finding
  }
}
