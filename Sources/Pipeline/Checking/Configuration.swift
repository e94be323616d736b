/// The files that say what a platform is held to: `pave.yaml`, policies, waivers, what is in the cluster.
public struct Configuration: Sendable, Equatable {
  /// By path, a hash of the bytes.
  private var files: [String: UInt64] = [:]

  /// Whether a file is one of them.
  func holds(_ path: String) -> Bool { files[path] != nil }

  mutating func add(_ path: String, _ bytes: [UInt8]) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    files[path] = hash ^ UInt64(bytes.count) << 40
  }
}
