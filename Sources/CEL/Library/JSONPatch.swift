import Documents

extension Library {
  /// `jsonpatch.escapeKey` of Kubernetes.
  static let jsonPatch: [Function] = [
    Function(
      "jsonpatch.escapeKey", .string, returns: .string,
      in: .kubernetes(since: 32, inKro: false, inSpec: false), cost: .rounded(0, 0.1)
    ) { key, frame in
      var result: [UInt8] = []
      for byte in key.utf8 {
        switch byte {
        case UInt8(ascii: "~"): result += "~0".utf8
        case UInt8(ascii: "/"): result += "~1".utf8
        default: result.append(byte)
        }
      }
      return frame.string(result)
    }
  ]
}
