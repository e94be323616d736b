/// Writes values as JSON (RFC 8259) into one buffer that is used again.
///
/// The same tree gives the same bytes. Doubles keep a point or an exponent, so that they read back
/// as doubles; the infinities and NaN, which JSON cannot say, become null. Bytes become base64
/// text; keys that are no strings become text; what no document can hold becomes null. Not for use
/// by two threads at once.
public final class JSONWriter {
  @exclusivity(unchecked) private var out = ByteBuffer()
  @exclusivity(unchecked) private var sorter = KeySorter()
  @exclusivity(unchecked) private var order = KeyOrder.asIs
  @exclusivity(unchecked) private var isIndented = false

  private let doubles: DoubleForm

  /// How doubles are written.
  public enum DoubleForm: Sendable {
    /// With a point or an exponent, so that they read back as doubles.
    case asDoubles
    /// As an API server answers: whole ones without a point (Go's `encoding/json`).
    case asGo
  }

  /// A writer with nothing written.
  public init(doubles: DoubleForm = .asDoubles) { self.doubles = doubles }

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
  public func reset() { out.removeAll() }

  /// Writes one value: on one line without blanks, or with lines indented by two spaces. No line
  /// feed follows it.
  public func write(_ value: Value, order: KeyOrder = .asIs, indented: Bool = false) {
    self.order = order
    isIndented = indented
    write(value, depth: 0)
  }

  /// Appends a line feed: the end of a file, or of a line of JSON Lines.
  public func writeLineFeed() { out.append(0x0A) }

  private func write(_ value: Value, depth: Int) {
    switch value.kind {
    case .string: writeString(value.utf8)
    case .int: out.append(decimal: value.intPayload.magnitude, isNegative: value.intPayload < 0)
    case .uint: out.append(decimal: value.payload)
    case .bool:
      if value.payload == 1 { out.append("true") } else { out.append("false") }
    case .double where value.doublePayload.isFinite:
      out.append(
        doubles == .asGo ? goJSONText(value.doublePayload) : doubleText(value.doublePayload))
    case .bytes: base64Encoded(value.utf8).withUnsafeBufferPointer { writeString($0) }
    case .list: writeList(value, depth: depth)
    case .map: writeMap(value, depth: depth)
    case .double, .null, .absent, .error, .box: out.append("null")
    }
  }

  private func writeList(_ list: Value, depth: Int) {
    let elements = list.elements
    guard elements.count > 0 else { return out.append("[]") }
    out.append(UInt8(ascii: "["))
    for index in 0..<elements.count {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      breakLine(depth + 1)
      write(elements[index], depth: depth + 1)
    }
    breakLine(depth)
    out.append(UInt8(ascii: "]"))
  }

  private func writeMap(_ map: Value, depth: Int) {
    let entries = map.entries
    guard entries.count > 0 else { return out.append("{}") }
    guard entries.allSatisfy({ $0.key.isKind(.string) }) else {
      return writeMap(Self.withTextKeys(map), depth: depth)
    }
    out.append(UInt8(ascii: "{"))
    let base = sorter.count
    let isReordered =
      order != .asIs
      && sorter.push(entries, isKubernetesRoot: depth == 0 && order == .kubernetes)
    for position in 0..<entries.count {
      if position > 0 { out.append(UInt8(ascii: ",")) }
      breakLine(depth + 1)
      let entry = entries[isReordered ? sorter.entryIndex(base, position) : position]
      writeString(entry.key.utf8)
      out.append(UInt8(ascii: ":"))
      if isIndented { out.append(0x20) }
      write(entry.value, depth: depth + 1)
    }
    sorter.cut(to: base)
    breakLine(depth)
    out.append(UInt8(ascii: "}"))
  }

  private func writeMap(_ document: Document, depth: Int) {
    writeMap(document.root, depth: depth)
    withExtendedLifetime(document) {}
  }

  private static func withTextKeys(_ map: Value) -> Document {
    Document { arena in
      arena.map(
        map.entries.map { entry in
          entry.key.isKind(.string)
            ? entry : MapEntry(key: arena.string(plainText(of: entry.key)), value: entry.value)
        })
    }
  }

  private func breakLine(_ depth: Int) {
    guard isIndented else { return }
    out.append(0x0A)
    out.appendSpaces(depth * 2)
  }

  private func writeString(_ text: UnsafeBufferPointer<UInt8>) {
    out.append(UInt8(ascii: "\""))
    var runStart = 0
    var index = 0
    func flush(_ end: Int) {
      if end > runStart { out.append(UnsafeBufferPointer(rebasing: text[runStart..<end])) }
    }
    while index < text.count {
      let byte = text[index]
      if byte >= 0x80 {
        if let (_, scalarLength) = decodedScalar(text, at: index) {
          index += scalarLength
          continue
        }
        flush(index)
        out.appendReplacement()
      } else if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        flush(index)
        writeEscape(byte)
      } else {
        index += 1
        continue
      }
      index += 1
      runStart = index
    }
    flush(text.count)
    out.append(UInt8(ascii: "\""))
  }

  private func writeEscape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(UInt8(ascii: "\\"), byte)
    case 0x0A: out.append("\\n")
    case 0x0D: out.append("\\r")
    case 0x09: out.append("\\t")
    default: out.append("\\u\(hex(UInt32(byte), 4))")
    }
  }
}

/// A value as JSON text, UTF-8: for one value; a `JSONWriter` is quicker for many.
public func jsonBytes(of value: Value, order: KeyOrder = .asIs, indented: Bool = false) -> [UInt8] {
  let writer = JSONWriter()
  writer.write(value, order: order, indented: indented)
  return writer.bytes
}
