import CEmbedded

/// The folders of the repository that are part of the binary, as file trees.
public enum EmbeddedFiles {
  /// The built-in policies: `<name>/policy.yaml` and `<name>/tests.yaml`.
  public static let policies = MemoryFileTree(archive: pave_embedded_policies())

  /// The pages of Pave's own rules: `<area>.md`.
  public static let rules = MemoryFileTree(archive: pave_embedded_rules())
}

extension MemoryFileTree {
  fileprivate init(archive: PaveEmbeddedBytes) {
    self.init(archive: UnsafeRawBufferPointer(start: archive.start, count: archive.count))
  }

  /// The files of an archive: for each a line `path size`, then its bytes. Reading stops at the first
  /// line that is not of this form.
  init(archive bytes: UnsafeRawBufferPointer) {
    var files: [String: [UInt8]] = [:]
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let head = rest[..<end]
      guard let blank = head.lastIndex(of: UInt8(ascii: " ")),
        let size = Int(String(decoding: head[(blank + 1)...], as: UTF8.self)), size >= 0,
        size <= rest.endIndex - end - 1
      else { break }
      let path = String(decoding: head[..<blank], as: UTF8.self)
      files[path] = Array(rest[(end + 1)..<(end + 1 + size)])
      rest = rest[(end + 1 + size)...]
    }
    self.init(files)
  }
}
