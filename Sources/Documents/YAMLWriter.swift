/// Writes values as YAML into one buffer that is used again.
///
/// The form: block style, two spaces, list items at their key's column, `{}` and `[]` for what is
/// empty, LF, a final newline, no folding. The same tree gives the same bytes. Strings that a YAML
/// 1.1 or 1.2 reader could take for anything else are quoted; strings of several lines are literal
/// blocks where YAML can say them so. Bytes become base64 text, as in JSON; keys that are no
/// strings become text; a value of an expression that no document can hold becomes null.
///
/// Not for use by two threads at once.
public final class YAMLWriter {
  // Unchecked: the dynamic checks of exclusive access were half of all instructions, and no method
  // of these calls back.
  @exclusivity(unchecked) var out = ByteBuffer()
  @exclusivity(unchecked) private var sorter = KeySorter()
  private let shape = TextShape()
  @exclusivity(unchecked) private var order = KeyOrder.kubernetes
  private var documentCount = 0
  /// Holds the entries of maps whose keys had to become text.
  private let temporaries = Arena(firstChunkByteCount: 256)

  /// A writer with nothing written.
  public init() {}

  /// The number of bytes written since the start or the last `reset`.
  public var byteCount: Int { out.count }

  /// What was written since the start or the last `reset`, UTF-8. The memory is good until the
  /// next write and only inside `body`.
  public func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows
    -> Result
  {
    try body(out.bytes)
  }

  /// A copy of what was written since the start or the last `reset`, UTF-8.
  public var bytes: [UInt8] { Array(out.bytes) }

  /// Forgets what was written and keeps the memory.
  public func reset() {
    out.removeAll()
    documentCount = 0
  }

  /// Writes one value as a whole file: no separator before it, a newline after it.
  public func write(_ value: Value, order: KeyOrder = .kubernetes) {
    self.order = order
    documentCount += 1
    switch value.kind {
    case .map where value.count > 0: writeMap(value, column: 0, isRoot: true)
    case .list where value.count > 0: writeList(value, column: 0)
    default:
      writeScalar(value, column: -2)
      out.append(0x0A)
    }
  }

  /// Writes one value as the next document of a stream: `---` stands before all but the first.
  public func writeDocument(_ value: Value, order: KeyOrder = .kubernetes) {
    if documentCount > 0 { out.append("---\n") }
    write(value, order: order)
  }

  // MARK: maps and lists

  /// Writes a map whose first key stands where the buffer is, at the 0-based `column`.
  private func writeMap(_ map: Value, column: Int, isRoot: Bool = false) {
    let entries = withTextKeys(map.entries)
    let base = sorter.count
    let isReordered =
      order != .asIs && sorter.push(entries, isKubernetesRoot: isRoot && order == .kubernetes)
    var position = 0
    while position < entries.count {
      if position > 0 { out.appendSpaces(column) }
      let entry = entries[isReordered ? sorter.entryIndex(base, position) : position]
      writeKey(entry.key)
      writeAfterKey(entry.value, column: column)
      position &+= 1
    }
    sorter.cut(to: base)
  }

  @inline(__always)
  private func writeAfterKey(_ value: Value, column: Int) {
    switch value.kind {
    case .map where value.count > 0:
      out.append(UInt8(ascii: ":"), 0x0A)
      out.appendSpaces(column &+ 2)
      writeMap(value, column: column &+ 2)
    case .list where value.count > 0:
      out.append(UInt8(ascii: ":"), 0x0A)
      out.appendSpaces(column)
      writeList(value, column: column)
    default:
      out.append(UInt8(ascii: ":"), 0x20)
      writeScalar(value, column: column)
      out.append(0x0A)
    }
  }

  /// Writes a list whose first `-` stands where the buffer is, at the 0-based `column`.
  private func writeList(_ list: Value, column: Int) {
    let elements = list.elements
    var index = 0
    while index < elements.count {
      if index > 0 { out.appendSpaces(column) }
      out.append(UInt8(ascii: "-"), 0x20)
      let element = elements[index]
      switch element.kind {
      case .map where element.count > 0: writeMap(element, column: column &+ 2)
      case .list where element.count > 0: writeList(element, column: column &+ 2)
      default:
        writeScalar(element, column: column)
        out.append(0x0A)
      }
      index &+= 1
    }
  }

  /// The entries with all keys as strings; a copy only if one is none.
  @inline(__always)
  private func withTextKeys(_ entries: UnsafeBufferPointer<MapEntry>)
    -> UnsafeBufferPointer<MapEntry>
  {
    var index = 0
    while index < entries.count {
      if !entries[index].key.isKind(.string) { return copyWithTextKeys(entries) }
      index &+= 1
    }
    return entries
  }

  @inline(never)
  private func copyWithTextKeys(_ entries: UnsafeBufferPointer<MapEntry>)
    -> UnsafeBufferPointer<MapEntry>
  {
    temporaries.map(
      entries.map { entry in
        entry.key.isKind(.string)
          ? entry
          : MapEntry(key: temporaries.string(plainText(of: entry.key)), value: entry.value)
      }
    ).entries
  }

  // MARK: scalars

  private func writeKey(_ key: Value) {
    let start = out.count
    writeText(key.utf8, column: nil)
    // A key of over 1024 characters needs the explicit form (YAML 1.2 section 7.4.2).
    guard out.count &- start > 1000 else { return }
    let written = Array(out.bytes[start...])
    out.cut(to: start)
    out.append("? ")
    written.withUnsafeBufferPointer { out.append($0) }
    out.append(0x0A)
    out.appendSpaces(lastColumn(before: start))
  }

  /// The column at a byte offset of the buffer.
  private func lastColumn(before offset: Int) -> Int {
    let bytes = out.bytes
    var index = offset
    while index > 0, bytes[index - 1] != 0x0A { index -= 1 }
    return offset - index
  }

  /// Writes a scalar, or an empty map or list; `column` is that of the map or list it is in.
  func writeScalar(_ value: Value, column: Int) {
    switch value.kind {
    case .string: writeText(value.utf8, column: column)
    case .int: out.append(decimal: value.intPayload.magnitude, isNegative: value.intPayload < 0)
    case .uint: out.append(decimal: value.payload)
    case .bool:
      if value.payload == 1 { out.append("true") } else { out.append("false") }
    case .double: out.append(doubleText(value.doublePayload))
    case .map: out.append("{}")
    case .list: out.append("[]")
    case .bytes:
      base64Encoded(value.utf8).withUnsafeBufferPointer { writeText($0, column: column) }
    case .null, .absent, .error, .box: out.append("null")
    }
  }

  /// Writes a string in the simplest style that keeps it; without a column no block is allowed.
  @inline(__always)
  private func writeText(_ text: UnsafeBufferPointer<UInt8>, column: Int?) {
    let flags = shape.flags(of: text)
    if flags == 0, text.count > 0, shape.start(text[0]) == TextShape.Start.letter,
      text[text.count &- 1] != 0x20
    {
      out.append(text)
    } else {
      writeUnusualText(text, flags: flags, column: column)
    }
  }

  @inline(never)
  private func writeUnusualText(
    _ text: UnsafeBufferPointer<UInt8>, flags: UInt8, column: Int?
  ) {
    let needsEscapes =
      flags & TextShape.control != 0 || flags & TextShape.notASCII != 0 && needsEscapes(text)
    if flags & TextShape.lineFeed != 0 {
      if let column, !needsEscapes, let header = literalHeader(text) {
        writeLiteral(text, header: header, column: column &+ 2)
      } else {
        writeDoubleQuoted(text)
      }
    } else if needsEscapes || flags & TextShape.tab != 0 {
      writeDoubleQuoted(text)
    } else if canBePlain(text, flags: flags) {
      out.append(text)
    } else if flags & TextShape.doubleQuoteOrBackslash != 0 {
      writeSingleQuoted(text)
    } else {
      out.append(UInt8(ascii: "\""))
      out.append(text)
      out.append(UInt8(ascii: "\""))
    }
  }

  private func canBePlain(_ text: UnsafeBufferPointer<UInt8>, flags: UInt8) -> Bool {
    guard let first = text.first, text[text.count - 1] != 0x20 else { return false }
    if flags & TextShape.separator != 0, hasPlainSeparator(text) { return false }
    switch shape.start(first) {
    case TextShape.Start.letter: return true
    case TextShape.Start.ambiguous:
      if first == UInt8(ascii: "."), text.starts(with: "...".utf8) { return false }
      return !looksLikeAnotherType(text)
    default:
      // `-` may start a plain scalar before a non-blank, but not a document marker.
      return first == UInt8(ascii: "-") && text.count > 1 && text[1] != 0x20
        && !text.starts(with: "---".utf8) && !looksLikeAnotherType(text)
    }
  }

  func writeSingleQuoted(_ text: UnsafeBufferPointer<UInt8>) {
    out.append(UInt8(ascii: "'"))
    for byte in text {
      if byte == UInt8(ascii: "'") { out.append(byte) }
      out.append(byte)
    }
    out.append(UInt8(ascii: "'"))
  }
}
