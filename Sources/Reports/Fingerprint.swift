public import Diagnostics

extension Finding {
  /// 16 hex digits that stay the same while lines move: a hash (64-bit FNV-1a) of rule, object,
  /// field, intent and environment, or of rule, file, field and message where no object is meant.
  public var fingerprint: String { fingerprint(withEnvironment: true) }

  /// The fingerprint, or the one that the same finding has in every environment.
  func fingerprint(withEnvironment: Bool) -> String {
    var parts = [rule, withEnvironment ? environment ?? "" : "", intent ?? ""]
    if let object {
      parts += [object.description, path?.description ?? ""]
    } else {
      parts += [place?.file ?? "", path?.description ?? "", message]
    }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for part in parts {
      for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
      hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
