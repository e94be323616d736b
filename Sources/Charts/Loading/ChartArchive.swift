/// A chart as `helm package` makes it: a gzipped tar file with one folder at its root.
enum ChartArchive {
  /// The files by their path below that folder, in the archive's order.
  ///
  /// Throws for what is no such archive, for paths that would leave the folder, for links, and when a
  /// limit is reached. (Helm 3.17.2, `pkg/chart/loader/archive.go`.)
  static func files(in bytes: [UInt8]) throws -> [ChartFile] {
    let tar = try Inflater.gunzip(bytes, limit: ChartLimits.chartByteCount)
    var files: [ChartFile] = []
    var offset = 0
    var longName: String?
    while offset + 512 <= tar.count {
      let header = tar[offset..<(offset + 512)]
      if header.allSatisfy({ $0 == 0 }) { break }
      guard checksumHolds(header), let size = number(header, 124, 12),
        size <= tar.count - offset - 512
      else { throw ChartError(.invalidChart, "archive/tar: invalid tar header") }
      let content = tar[(offset + 512)..<(offset + 512 + size)]
      offset += 512 + (size + 511) / 512 * 512
      switch header[header.startIndex + 156] {
      case UInt8(ascii: "L"): longName = text(content)
      case UInt8(ascii: "x"): longName = paxPath(content) ?? longName
      case UInt8(ascii: "g"), UInt8(ascii: "K"): break
      case UInt8(ascii: "5"): longName = nil
      case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
        let written = longName ?? name(header)
        longName = nil
        if written.hasSuffix("/") { continue }
        files.append(try file(written, content, count: files.count))
      default:
        throw ChartError(
          .invalidChart,
          "'\(longName ?? name(header))' in the archive is a link or a device, expected a file")
      }
    }
    guard !files.isEmpty else { throw ChartError(.invalidChart, "no files in chart archive") }
    return files
  }

  private static func file(
    _ written: String, _ content: ArraySlice<UInt8>, count: Int
  ) throws -> ChartFile {
    let name = try path(written)
    guard content.count <= ChartLimits.fileByteCount else {
      throw ChartError(
        .limit,
        "decompressed chart file \"\(name)\" is larger than the maximum file size "
          + "\(ChartLimits.fileByteCount)")
    }
    guard count < ChartLimits.fileCount else {
      throw ChartError(.limit, "the archive has over \(ChartLimits.fileCount) files")
    }
    return ChartFile(name: name, data: withoutByteOrderMark(content))
  }

  /// The path below the archive's folder.
  private static func path(_ written: String) throws -> String {
    let delimiter: Character = written.contains("\\") ? "\\" : "/"
    let parts = written.split(separator: delimiter, omittingEmptySubsequences: false)
    let rest = parts.dropFirst().joined(separator: "/")
    if rest.hasPrefix("/") {
      throw ChartError(.invalidChart, "chart illegally contains absolute paths")
    }
    if parts.first == "Chart.yaml" {
      throw ChartError(.invalidChart, "chart yaml not in base directory")
    }
    var steps: [Substring] = []
    for step in rest.split(separator: "/") where step != "." {
      if step == "..", steps.popLast() == nil {
        throw ChartError(.invalidChart, "chart illegally references parent directory")
      }
      if step != ".." { steps.append(step) }
    }
    guard let first = steps.first else {
      throw ChartError(
        .invalidChart,
        "chart illegally contains content outside the base directory: \"\(written)\"")
    }
    let bytes = Array(first.utf8)
    if bytes.count > 1, bytes[1] == UInt8(ascii: ":"), (bytes[0] | 0x20) &- 0x61 < 26 {
      throw ChartError(.invalidChart, "chart contains illegally named files")
    }
    return steps.joined(separator: "/")
  }

  private static func checksumHolds(_ header: ArraySlice<UInt8>) -> Bool {
    var sum = 0
    for (index, byte) in header.enumerated() {
      sum += 148..<156 ~= index ? 32 : Int(byte)
    }
    return number(header, 148, 8) == sum
  }

  /// An octal number, or one in base 256 (GNU); nil if it is neither.
  private static func number(_ header: ArraySlice<UInt8>, _ start: Int, _ count: Int) -> Int? {
    let field = header.dropFirst(start).prefix(count)
    if let first = field.first, first & 0x80 != 0 {
      var value = Int(first & 0x7F)
      for byte in field.dropFirst() {
        guard value < 1 << 40 else { return nil }
        value = value << 8 | Int(byte)
      }
      return value
    }
    let digits = field.drop { $0 == 0x20 }.prefix { $0 >= 0x30 && $0 <= 0x37 }
    let rest = field.drop { $0 == 0x20 }.dropFirst(digits.count)
    guard rest.allSatisfy({ $0 == 0 || $0 == 0x20 }) else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 & 7) }
  }

  private static func name(_ header: ArraySlice<UInt8>) -> String {
    let name = text(header.prefix(100))
    let isUstar = header.dropFirst(257).prefix(5).elementsEqual("ustar".utf8)
    let prefix = isUstar ? text(header.dropFirst(345).prefix(155)) : ""
    return prefix.isEmpty ? name : prefix + "/" + name
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The `path` of a PAX header: lines `LENGTH KEY=VALUE`.
  private static func paxPath(_ content: ArraySlice<UInt8>) -> String? {
    var rest = content
    var path: String?
    while let space = rest.firstIndex(of: 0x20),
      let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
      length > space - rest.startIndex + 1, length <= rest.count
    {
      let record = rest[(space + 1)..<(rest.startIndex + length - 1)]
      if record.starts(with: "path=".utf8) {
        path = String(decoding: record.dropFirst(5), as: UTF8.self)
      }
      rest = rest.dropFirst(length)
    }
    return path
  }
}

/// The bytes without the mark that some editors put before UTF-8.
func withoutByteOrderMark(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
  Array(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes)
}
