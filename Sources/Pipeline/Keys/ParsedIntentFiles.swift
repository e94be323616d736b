import Documents
import Repositories
import Synchronization

/// A file of intents, parsed.
struct IntentFile: Sendable {
  let file: ParsedFile
  /// The bytes of a file that may have waivers in comments.
  let waivedBytes: [UInt8]?
}

/// The files of intents that were parsed in this process, by path and content: most of a change's are its base's.
final class ParsedIntentFiles: Sendable {
  private struct Key: Hashable {
    let path: String
    let content: ObjectID
  }

  private let files = Mutex<[Key: IntentFile]>([:])

  /// The parsed file, from `parse` where it is not known.
  func file(_ path: String, _ content: ObjectID?, _ parse: () -> IntentFile) -> IntentFile {
    guard let content else { return parse() }
    let key = Key(path: path, content: content)
    if let known = files.withLock({ $0[key] }) { return known }
    let file = parse()
    files.withLock { $0[key] = file }
    return file
  }
}
