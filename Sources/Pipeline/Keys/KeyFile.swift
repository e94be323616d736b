import Files
import Glibc
public import Repositories

/// A file in which something is kept between runs on one machine, in the folder `pave` of the Git folder of the
/// repository that holds the platform: `keys` has the outcomes of units, `published` what publications came to.
///
/// It is never part of a commit, so that nobody who proposes a change can write it. Runs at the same time do
/// not disturb each other: it is replaced whole, and the last one wins.
public struct KeyFile: Sendable {
  private let path: String

  /// The file of outcomes of the repository that a folder is in; nil outside of any, and where Git refuses it.
  public init?(holding folder: String) {
    guard let repository = try? Repository(holding: folder) else { return nil }
    self.init(outcomesIn: repository)
  }

  /// The file of outcomes of a repository.
  public init(outcomesIn repository: Repository) {
    path = repository.commonFolder + "pave/keys"
  }

  /// The file of publications of a repository: small, so that what changes little needs no other.
  public init(publicationsIn repository: Repository) {
    path = repository.commonFolder + "pave/published"
  }

  /// The file at a path.
  init(path: String) { self.path = path }

  /// What earlier runs left; nothing when there is no such file, or it is damaged.
  public func read() -> KnownOutcomes {
    guard let bytes = wholeFile(path, mostBytes: OutcomeRecords.mostBytes + 1024) else {
      return KnownOutcomes()
    }
    return KnownOutcomes(OutcomeRecords(reading: bytes))
  }

  /// Leaves what a run found for later ones. Where that cannot be written nothing happens: it costs them time
  /// only.
  public func write(_ outcomes: KnownOutcomes) {
    guard let bytes = outcomes.records(keepingUnused: true),
      bytes.count <= OutcomeRecords.mostBytes
    else { return }
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    if mkdir(folder, 0o777) != 0, errno != EEXIST { return }
    var name = Array("\(path).XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { return }
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + offset }, bytes.count - offset)
      }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      offset += count
    }
    if close(descriptor) != 0 || offset < bytes.count || rename(name, path) != 0 { unlink(name) }
  }
}

/// The bytes of a file; nil when there is none, or it is larger than `mostBytes`.
private func wholeFile(_ path: String, mostBytes: Int) -> [UInt8]? {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
    status.st_size > 0, status.st_size <= mostBytes
  else { return nil }
  let size = Int(status.st_size)
  var isWhole = true
  let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
    while count < size {
      let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
      if got < 0, errno == EINTR { continue }
      if got <= 0 { break }
      count += got
    }
    isWhole = count == size
  }
  return isWhole ? bytes : nil
}
