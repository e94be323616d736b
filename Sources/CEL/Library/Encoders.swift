import Documents

extension Library {
  /// The extension `encoders`: base64 with the standard alphabet.
  static let encoders: [Function] = [
    Function("base64.encode", .bytes, returns: .string, in: .specAndKro, cost: .traversal(of: 0)) {
      bytes, frame in frame.string(byteCount: bytes.count * 2, Base64.encoded(bytes.utf8))
    },
    Function("base64.decode", .string, returns: .bytes, in: .specAndKro, cost: .traversal(of: 0)) {
      text, frame in
      guard frame.spend(1 + text.count / 8) else { return frame.error(.stepLimit) }
      return Base64.decoded(text.utf8).map(frame.arena.bytes)
        ?? frame.error("illegal base64 data: '\(text.asString ?? "")'")
    },
  ]
}
