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
  eachResult(below: count, blockCount: 16) { index in
    let (path, bytes) = file(index)
    return parseYAML(bytes, file: path)
  }
}
