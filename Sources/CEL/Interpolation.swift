/// A string with `${…}` expressions, cut into literal and expression parts.
///
/// kro's rules (kro v0.x, pkg/graph/parser): braces are counted, and only double-quoted strings
/// are known, with `\` escapes; a `}` inside a single-quoted string therefore ends the expression.
/// `${` inside an expression, outside a double-quoted string, is an error.
public struct Interpolation: Sendable, Equatable {
  /// A stretch of the string.
  public enum Part: Sendable, Equatable {
    /// Text that stands for itself; the range is that of the text, in UTF-8 bytes.
    case literal(String, Range<Int>)
    /// The expression between `${` and `}`; the range is that of the expression, without them.
    case expression(String, Range<Int>)
  }

  /// Why a string cannot be cut.
  public struct Failure: Error, Sendable, Equatable {
    /// What is wrong, in lower case.
    public let message: String
    /// Where, in UTF-8 bytes of the string.
    public let range: Range<Int>
  }

  /// The parts in order; none is empty except an expression `${}`.
  public let parts: [Part]

  /// Whether the whole string is one expression, whose result keeps its type.
  public var isStandalone: Bool {
    guard parts.count == 1, case .expression = parts[0] else { return false }
    return true
  }

  /// The expressions and their ranges, in order.
  public var expressions: [(source: String, range: Range<Int>)] {
    parts.compactMap {
      if case .expression(let source, let range) = $0 { return (source, range) }
      return nil
    }
  }

  /// Whether a string has an expression at all: a quick look without cutting it.
  public static func mayContainExpression(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count > 2 else { return false }
    for index in 0..<bytes.count - 1
    where bytes[index] == UInt8(ascii: "$") && bytes[index + 1] == UInt8(ascii: "{") { return true }
    return false
  }

  /// Cuts a string. An expression that is not closed is an error when `isStrict`; else, as in kro,
  /// it is literal text.
  public static func parse(_ text: String, isStrict: Bool = true) -> Result<Interpolation, Failure>
  {
    var text = text
    return text.withUTF8 { bytes in
      var scanner = Scanner(bytes: bytes, isStrict: isStrict)
      do throws(Failure) {
        return .success(Interpolation(parts: try scanner.parts()))
      } catch {
        return .failure(error)
      }
    }
  }
}

private struct Scanner {
  let bytes: UnsafeBufferPointer<UInt8>
  let isStrict: Bool

  mutating func parts() throws(Interpolation.Failure) -> [Interpolation.Part] {
    var result: [Interpolation.Part] = []
    var literalStart = 0
    var position = 0
    while position < bytes.count {
      guard isOpening(position) else {
        position += 1
        continue
      }
      guard let end = try closing(from: position) else {
        if isStrict {
          throw Interpolation.Failure(
            message: "the expression after '${' is not closed", range: position..<bytes.count)
        }
        // kro goes on behind the opening: a later one may still be closed.
        position += 2
        continue
      }
      if literalStart < position {
        result.append(.literal(text(literalStart..<position), literalStart..<position))
      }
      result.append(.expression(text(position + 2..<end), position + 2..<end))
      position = end + 1
      literalStart = position
    }
    if literalStart < bytes.count {
      result.append(.literal(text(literalStart..<bytes.count), literalStart..<bytes.count))
    }
    return result
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private func isOpening(_ position: Int) -> Bool {
    position + 1 < bytes.count && bytes[position] == UInt8(ascii: "$")
      && bytes[position + 1] == UInt8(ascii: "{")
  }

  /// The offset of the brace that closes the expression opened at `start`; nil if there is none.
  private func closing(from start: Int) throws(Interpolation.Failure) -> Int? {
    var depth = 1
    var isQuoted = false
    var isEscaped = false
    var position = start + 2
    while position < bytes.count {
      let byte = bytes[position]
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = isQuoted
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if !isQuoted {
        if isOpening(position) {
          throw Interpolation.Failure(
            message: "nested expressions are not allowed: '${' inside '${'",
            range: position..<position + 2)
        }
        if byte == UInt8(ascii: "{") { depth += 1 }
        if byte == UInt8(ascii: "}") {
          depth -= 1
          if depth == 0 { return position }
        }
      }
      position += 1
    }
    return nil
  }
}
