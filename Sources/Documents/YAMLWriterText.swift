extension YAMLWriter {
  /// How a literal block starts: its chomping and whether it names its indentation.
  struct LiteralHeader {
    var hasIndicator: Bool
    /// 0 for one final line feed, `-` for none, `+` for several.
    var chomping: UInt8
  }

  /// The header of a literal block for a text with line feeds and no control characters; nil when
  /// the text is better quoted: it is all blanks and breaks, or begins with a break or a tab.
  func literalHeader(_ text: UnsafeBufferPointer<UInt8>) -> LiteralHeader? {
    guard let first = text.first, first != 0x0A, first != 0x09,
      text.contains(where: { $0 != 0x20 && $0 != 0x0A && $0 != 0x09 })
    else { return nil }
    let endsInBreak = text[text.count - 1] == 0x0A
    let endsInBreaks = endsInBreak && text.count > 1 && text[text.count - 2] == 0x0A
    return LiteralHeader(
      hasIndicator: first == 0x20,
      chomping: endsInBreaks ? UInt8(ascii: "+") : endsInBreak ? 0 : UInt8(ascii: "-"))
  }

  /// Writes a literal block without its last line feed, which the caller writes.
  func writeLiteral(_ text: UnsafeBufferPointer<UInt8>, header: LiteralHeader, column: Int) {
    out.append(UInt8(ascii: "|"))
    // The indicator counts from the parent's column; at the root there is none, and it is 2 too.
    let column = max(column, 2)
    if header.hasIndicator { out.append(UInt8(ascii: "2")) }
    if header.chomping != 0 { out.append(header.chomping) }
    var lineStart = 0
    let end = header.chomping == UInt8(ascii: "-") ? text.count : text.count - 1
    while lineStart <= end {
      var lineEnd = lineStart
      while lineEnd < end, text[lineEnd] != 0x0A { lineEnd &+= 1 }
      out.append(0x0A)
      if lineEnd > lineStart {
        out.appendSpaces(column)
        out.append(UnsafeBufferPointer(rebasing: text[lineStart..<lineEnd]))
      }
      lineStart = lineEnd &+ 1
    }
  }

  /// Writes one scalar without a newline after it, a string in the quotes of `style` if it can be;
  /// `column` is that of the map or list it is in.
  func writeScalar(_ value: Value, column: Int, style: ScalarStyle?) {
    guard value.isKind(.string) else { return writeScalar(value, column: column) }
    let text = value.utf8
    switch style {
    case .doubleQuoted: writeDoubleQuoted(text)
    case .singleQuoted where !text.contains { $0 < 0x20 || $0 == 0x7F } && !needsEscapes(text):
      writeSingleQuoted(text)
    default: writeScalar(value, column: column)
    }
  }

  /// Writes a string in double quotes with escapes for whatever cannot stand for itself.
  func writeDoubleQuoted(_ text: UnsafeBufferPointer<UInt8>) {
    out.append(UInt8(ascii: "\""))
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte < 0x80 {
        writeEscaped(byte)
        index += 1
        continue
      }
      guard let (scalar, length) = decodedScalar(text, at: index) else {
        out.appendReplacement()
        index += 1
        continue
      }
      if mustEscape(scalar) {
        writeEscape(scalar)
      } else {
        out.append(UnsafeBufferPointer(rebasing: text[index..<index + length]))
      }
      index += length
    }
    out.append(UInt8(ascii: "\""))
  }

  private func writeEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(UInt8(ascii: "\\"), byte)
    case 0x0A: out.append("\\n")
    case 0x09: out.append("\\t")
    case 0x0D: out.append("\\r")
    case 0x00: out.append("\\0")
    case 0x1B: out.append("\\e")
    case ..<0x20, 0x7F: writeEscape(UInt32(byte))
    default: out.append(byte)
    }
  }

  private func writeEscape(_ scalar: UInt32) {
    out.append(scalar <= 0xFF ? "\\x\(hex(scalar, 2))" : "\\u\(hex(scalar, 4))")
  }
}

/// A value as a whole YAML file, UTF-8: for one value; a `YAMLWriter` is quicker for many.
public func yamlBytes(of value: Value, order: KeyOrder = .kubernetes) -> [UInt8] {
  let writer = YAMLWriter()
  writer.write(value, order: order)
  return writer.bytes
}
