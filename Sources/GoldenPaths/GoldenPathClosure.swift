/// All that the rendering of a golden path's intents reads of the platform, beside `pave.yaml` and the intent: what a key
/// of it has to be made of.
public struct GoldenPathClosure: Hashable, Sendable {
  /// The files of the golden path, of the libraries that it imports, and of the golden paths that its templates expand
  /// into, sorted by bytes.
  public let files: [String]
  /// The folders of the charts that are rendered: every file below them counts. Sorted by bytes.
  public let chartFolders: [String]
}

extension GoldenPathLibrary {
  /// What a golden path of this library is made of, through imports, composition and charts.
  public func closure(of path: GoldenPath) -> GoldenPathClosure {
    var files: Set<String> = []
    var folders: Set<String> = []
    var seen: Set<ObjectIdentifier> = []
    var waiting = [path]
    while let next = waiting.popLast() {
      guard seen.insert(ObjectIdentifier(next)).inserted else { continue }
      if let chart = next.chart {
        folders.insert(chart.folder)
        continue
      }
      files.formUnion(next.files)
      folders.formUnion(next.resources.compactMap(\.chartFolder))
      waiting += links(of: next).compactMap { $0 }
    }
    func sorted(_ texts: Set<String>) -> [String] {
      texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    return GoldenPathClosure(files: sorted(files), chartFolders: sorted(folders))
  }
}
