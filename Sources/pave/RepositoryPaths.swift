import Diagnostics
import Documents
import Files
import Glibc
import Pipeline
import Reports

/// Files as services that show a repository name them: from its root, where a platform's own reports name them from its folder.
struct RepositoryPaths {
  private let folder: String

  /// The names of a platform in a folder of its repository.
  init(_ folder: String) { self.folder = folder }

  /// The folder of a platform inside the repository that holds it; empty at its root, and outside any.
  static func folder(of platform: String) -> String {
    guard var folder = realPath(platform) else { return "" }
    var inside: [Substring] = []
    while folder != "/", !folder.isEmpty {
      if access(folder + "/.git", F_OK) == 0 {
        return inside.reversed().joined(separator: "/")
      }
      let steps = folder.split(separator: "/")
      inside.append(steps.last ?? "")
      folder = "/" + steps.dropLast().joined(separator: "/")
    }
    return ""
  }

  /// The finding with all its places named from the repository's root.
  func finding(_ finding: Finding) -> Finding {
    var finding = finding
    finding.place = finding.place.map(place)
    finding.related = finding.related.map { .init(label: $0.label, place: place($0.place)) }
    if let fix = finding.fix { finding.fix?.place = place(fix.place) }
    if let waiver = finding.waiver { finding.waiver?.place = place(waiver.place) }
    return finding
  }

  private func place(_ place: Place) -> Place {
    guard BuiltInPack.bytes(ofFile: place.file) == nil else { return place }
    var place = place
    place.file = "\(folder)/\(place.file)"
    return place
  }

  /// Finds places of such findings.
  func places(_ places: PlaceFinder) -> PlaceFinder {
    let start = folder + "/"
    return PlaceFinder { place in
      var own = place
      if own.file.hasPrefix(start) { own.file = String(own.file.dropFirst(start.count)) }
      return places.bytes(of: own)
    }
  }
}

extension ReportFormat {
  /// The report, with files named from the repository's root in the forms that services read.
  func bytes(
    of findings: [Finding], ledger: Ledger, _ context: Context, _ paths: RepositoryPaths?
  ) -> [UInt8] {
    guard let paths, isForServices else {
      return bytes(of: findings, ledger: ledger, context)
    }
    var context = context
    context.places = paths.places(context.places)
    return bytes(of: findings.map(paths.finding), ledger: ledger, context)
  }

  private var isForServices: Bool {
    switch self {
    case .text, .concise, .json: false
    default: true
    }
  }
}
