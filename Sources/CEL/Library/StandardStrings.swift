import Documents

#if canImport(Glibc)
  import Glibc
#endif

extension Library {
  /// The string functions of the standard library; `matches` stands with the regular expressions.
  static let standardStrings: [Function] = [
    Function(
      "contains", on: .string, .string, returns: .bool,
      cost: .custom { arguments, _ in
        CostRule.tenth(CostRule.size(arguments[0])) * CostRule.tenth(CostRule.size(arguments[1]))
      }
    ) { text, part, _ in .bool(Bytes.contains(text, part)) },
    Function("startsWith", on: .string, .string, returns: .bool, cost: .traversal(of: 0)) {
      text, prefix, _ in .bool(Bytes.hasPrefix(text, prefix))
    },
    Function("endsWith", on: .string, .string, returns: .bool, cost: .traversal(of: 0)) {
      text, suffix, _ in .bool(Bytes.hasSuffix(text, suffix))
    },
  ]
}

/// Searches in UTF-8 bytes.
enum Bytes {
  static func contains(_ text: Value, _ part: Value) -> Bool {
    guard part.count > 0 else { return true }
    guard let haystack = text.utf8.baseAddress, let needle = part.utf8.baseAddress else {
      return false
    }
    return find(haystack, text.count, needle, part.count) != nil
  }

  /// The offset of the first occurrence; nil if there is none. `needleCount` is at least 1.
  static func find(
    _ haystack: UnsafePointer<UInt8>, _ haystackCount: Int, _ needle: UnsafePointer<UInt8>,
    _ needleCount: Int
  ) -> Int? {
    var position = 0
    while haystackCount - position >= needleCount {
      guard
        let found = memchr(
          haystack + position, Int32(needle[0]), haystackCount - position - needleCount + 1)
      else { return nil }
      position = UnsafeRawPointer(found) - UnsafeRawPointer(haystack)
      if bytesAreEqual(haystack + position, needle, needleCount) { return position }
      position += 1
    }
    return nil
  }

  @inline(__always)
  static func hasPrefix(_ text: Value, _ prefix: Value) -> Bool {
    let count = prefix.count
    guard count <= text.count else { return false }
    guard count > 0, let first = text.utf8.baseAddress, let second = prefix.utf8.baseAddress
    else { return true }
    return bytesAreEqual(first, second, count)
  }

  @inline(__always)
  static func hasSuffix(_ text: Value, _ suffix: Value) -> Bool {
    let count = suffix.count
    guard count <= text.count else { return false }
    guard count > 0, let first = text.utf8.baseAddress, let second = suffix.utf8.baseAddress
    else { return true }
    return bytesAreEqual(first + (text.count - count), second, count)
  }
}
