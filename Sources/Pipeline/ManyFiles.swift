public import Documents

/// Parses files of YAML on all cores.
///
/// - Parameters:
///   - count: how many there are.
///   - file: the path that the file is named by, and its bytes; called once for each index, from several threads.
/// - Returns: the files by index; what is wrong with one is in its findings.
public func parsedFiles(
  _ count: Int, _ file: @Sendable (Int) -> (path: String, bytes: [UInt8])
) -> [ParsedFile] {
  let parsed = eachIndex(
    below: count, blockCount: 16, makeState: { [(index: Int, file: ParsedFile)]() }
  ) { index, parsed in
    let (path, bytes) = file(index)
    parsed.append((index, parseYAML(bytes, file: path)))
  }
  return parsed.joined().sorted { $0.index < $1.index }.map(\.file)
}
