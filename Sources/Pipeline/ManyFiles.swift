public import Documents

/// Reads and parses YAML files on all cores.
///
/// - Parameters:
///   - count: how many there are.
///   - file: the path that the file is named by, and its bytes; called once for each index, from several threads.
/// - Returns: the files by index, with their bytes; what is wrong with one is in its findings.
/// - Throws: the first error of `file`, by index.
public func parsedFiles<Failure: Error>(
  _ count: Int, _ file: @Sendable (Int) throws(Failure) -> (path: String, bytes: [UInt8])
) throws(Failure) -> [(file: ParsedFile, bytes: [UInt8])] {
  let results = eachResult(below: count, blockCount: 16) {
    index -> Result<(file: ParsedFile, bytes: [UInt8]), Failure> in
    do throws(Failure) {
      let (path, bytes) = try file(index)
      return .success((parseYAML(bytes, file: path), bytes))
    } catch {
      return .failure(error)
    }
  }
  var files: [(file: ParsedFile, bytes: [UInt8])] = []
  files.reserveCapacity(count)
  for result in results { files.append(try result.get()) }
  return files
}
