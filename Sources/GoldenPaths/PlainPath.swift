import Diagnostics

/// An expression that only walks down from a variable: `schema.spec.labels["team"]`, `args[0]`.
///
/// Nine expressions of ten in golden paths are such; they are rendered without an evaluator.
struct PlainPath {
  let variable: String
  let steps: [FieldPath.Step]

  /// The path that an expression is; nil for any other expression.
  init?(_ source: String) {
    var scanner = Scanner(bytes: Array(source.utf8))
    scanner.skipSpace()
    guard let variable = scanner.identifier() else { return nil }
    self.variable = variable
    var steps: [FieldPath.Step] = []
    while let step = scanner.step() { steps.append(step) }
    scanner.skipSpace()
    guard scanner.isAtEnd, !scanner.hasFailed else { return nil }
    self.steps = steps
  }
}

private struct Scanner {
  let bytes: [UInt8]
  var position = 0
  var hasFailed = false

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  mutating func identifier() -> String? {
    let start = position
    while let byte = next,
      (0x61...0x7A).contains(byte | 0x20) || byte == 0x5F
        || (position > start && (0x30...0x39).contains(byte))
    {
      position += 1
    }
    guard position > start else { return nil }
    let name = String(decoding: bytes[start..<position], as: UTF8.self)
    return ["true", "false", "null", "in"].contains(name) ? nil : name
  }

  /// The next step; nil at the end, or with `hasFailed` where something else stands.
  mutating func step() -> FieldPath.Step? {
    switch next {
    case UInt8(ascii: "."):
      position += 1
      guard let name = identifier() else { break }
      return .key(name)
    case UInt8(ascii: "["):
      position += 1
      guard let step = bracketed(), next == UInt8(ascii: "]") else { break }
      position += 1
      return step
    default: return nil
    }
    hasFailed = true
    return nil
  }

  private mutating func bracketed() -> FieldPath.Step? {
    guard let first = next else { return nil }
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
      position += 1
      let start = position
      while let byte = next, byte != first {
        if byte == UInt8(ascii: "\\") || byte == 0x0A { return nil }
        position += 1
      }
      guard next == first else { return nil }
      position += 1
      return .key(String(decoding: bytes[start..<position - 1], as: UTF8.self))
    }
    let start = position
    while let byte = next, (0x30...0x39).contains(byte), position - start < 9 { position += 1 }
    return Int(String(decoding: bytes[start..<position], as: UTF8.self)).map { .index($0) }
  }
}
