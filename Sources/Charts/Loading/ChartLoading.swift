public import Files
import GoTemplates

extension Chart {
  /// Whether a folder of a tree holds a chart.
  public static func stands(in folder: String, of tree: any FileTree) -> Bool {
    let path = folder.isEmpty ? "Chart.yaml" : folder + "/Chart.yaml"
    return ((try? tree.read(path)) ?? nil) != nil
  }

  /// Loads the chart in a folder (`""`: the root) of a tree, without what its `.helmignore` leaves out.
  ///
  /// Throws `ChartError`, or `FileTreeError` for a file that cannot be had: links are not followed.
  public convenience init(folder: String, of tree: any FileTree) throws {
    let prefix = folder.isEmpty ? "" : folder + "/"
    var rules = IgnoreRules()
    if let text = try tree.read(prefix + ".helmignore") { rules = try IgnoreRules(text) }
    var files: [ChartFile] = []
    var byteCount = 0
    let paths = try tree.paths(under: folder).map { $0.dropFirst(prefix.utf8.count) }
    for path in paths.map(String.init).sorted(by: isWalkedBefore) where !rules.leavesOut(path) {
      guard let data = try tree.read(prefix + path) else { continue }
      guard data.count <= ChartLimits.fileByteCount else {
        throw ChartError(
          .limit,
          "chart file \"\(path)\" is larger than the maximum file size "
            + "\(ChartLimits.fileByteCount)", file: path)
      }
      byteCount += data.count
      guard byteCount <= ChartLimits.chartByteCount, files.count < ChartLimits.fileCount else {
        throw ChartError(
          .limit,
          "the chart has over \(ChartLimits.chartByteCount >> 20) MiB or "
            + "\(ChartLimits.fileCount) files", file: path)
      }
      files.append(ChartFile(name: path, data: withoutByteOrderMark(data[...])))
    }
    var loader = ChartLoader()
    try self.init(loader.parts(of: files, depth: 0))
  }

  /// Loads the chart that `helm package` made a `.tgz` file of.
  public convenience init(archive bytes: [UInt8]) throws {
    var loader = ChartLoader()
    try self.init(loader.parts(of: try ChartArchive.files(in: bytes), depth: 0))
  }

  fileprivate convenience init(_ parts: ChartLoader.Parts) {
    self.init(
      metadata: parts.metadata, values: parts.values, templates: parts.templates,
      files: parts.files, subcharts: parts.subcharts, schemaText: parts.schemaText)
  }
}

/// Whether a path comes before another where folders are walked name by name.
private func isWalkedBefore(_ left: String, _ right: String) -> Bool {
  let left = left.utf8.split(separator: UInt8(ascii: "/"))
  let right = right.utf8.split(separator: UInt8(ascii: "/"))
  for (one, other) in zip(left, right) where !one.elementsEqual(other) {
    return one.lexicographicallyPrecedes(other)
  }
  return left.count < right.count
}

/// Sorts the files of a chart into what they are (Helm 3.17.2, `pkg/chart/loader/load.go`).
private struct ChartLoader {
  struct Parts {
    var metadata = ChartMetadata()
    var values = GoMap()
    var templates: [ChartFile] = []
    var files: [ChartFile] = []
    var subcharts: [Chart] = []
    var schemaText: [UInt8]?
  }

  private var byteCount = 0

  mutating func parts(of files: [ChartFile], depth: Int) throws -> Parts {
    guard depth < ChartLimits.chartDepth else {
      throw ChartError(.limit, "charts stand over \(ChartLimits.chartDepth) deep in 'charts/'")
    }
    byteCount += files.reduce(0) { $0 + $1.data.count }
    guard byteCount <= ChartLimits.chartByteCount * 2 else {
      throw ChartError(.limit, "the chart's archives hold over \(byteCount >> 20) MiB together")
    }
    var parts = Parts()
    guard let file = files.last(where: { $0.name == "Chart.yaml" }) else {
      throw ChartError(.invalidChart, "Chart.yaml file is missing", file: "Chart.yaml")
    }
    try parts.metadata.read(map(file), from: file.name)
    if parts.metadata.apiVersion.isEmpty { parts.metadata.apiVersion = "v1" }
    var inCharts: [(name: String, files: [ChartFile])] = []
    for file in files { try sort(file, into: &parts, &inCharts) }
    try parts.metadata.validate()
    inCharts.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    for (name, files) in inCharts where !name.hasPrefix("_") && !name.hasPrefix(".") {
      do {
        parts.subcharts.append(try subchart(name, files, depth: depth + 1))
      } catch let error as ChartError {
        throw ChartError(
          error.code,
          "error unpacking subchart \(name) in \(parts.metadata.name): \(error.message)",
          file: error.file.map { "charts/\(name)/\($0)" })
      }
    }
    return parts
  }

  private func sort(
    _ file: ChartFile, into parts: inout Parts,
    _ inCharts: inout [(name: String, files: [ChartFile])]
  ) throws {
    switch file.name {
    case "Chart.yaml", "Chart.lock", "requirements.lock": break
    case "values.yaml": parts.values = try map(file)
    case "values.schema.json": parts.schemaText = file.data
    case "requirements.yaml":
      try parts.metadata.read(map(file), from: file.name)
      if parts.metadata.apiVersion == "v1" { parts.files.append(file) }
    default:
      if file.name.hasPrefix("templates/") {
        parts.templates.append(file)
      } else if file.name.hasPrefix("charts/"), !file.name.hasSuffix(".prov") {
        let path = file.name.dropFirst("charts/".count)
        let name = String(path.prefix { $0 != "/" })
        let inside = ChartFile(name: String(path), data: file.data)
        if let index = inCharts.firstIndex(where: { $0.name == name }) {
          inCharts[index].files.append(inside)
        } else {
          inCharts.append((name, [inside]))
        }
      } else {
        parts.files.append(file)
      }
    }
  }

  private mutating func subchart(
    _ name: String, _ files: [ChartFile], depth: Int
  ) throws -> Chart {
    if name.hasSuffix(".tgz") {
      guard let file = files.first, file.name == name else {
        throw ChartError(.invalidChart, "expected \(name), got \(files.first?.name ?? "nothing")")
      }
      return Chart(try parts(of: try ChartArchive.files(in: file.data), depth: depth))
    }
    let inside = files.compactMap { file -> ChartFile? in
      guard let slash = file.name.firstIndex(of: "/") else { return nil }
      return ChartFile(name: String(file.name[file.name.index(after: slash)...]), data: file.data)
    }
    return Chart(try parts(of: inside, depth: depth))
  }

  private func map(_ file: ChartFile) throws -> GoMap {
    do {
      return try valuesMap(file.data)
    } catch let error as ChartError {
      throw ChartError(
        .invalidChart, "cannot load \(file.name): \(error.message)", file: file.name)
    }
  }
}
