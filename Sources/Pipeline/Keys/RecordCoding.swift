/// Writes the parts of a record one after the other: numbers as LEB128, texts with their length in front.
struct RecordWriter {
  var bytes: [UInt8] = []

  mutating func add(_ number: Int) {
    var rest = UInt64(bitPattern: Int64(number))
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func add(word: UInt64) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ isTrue: Bool) { bytes.append(isTrue ? 1 : 0) }

  mutating func add(_ text: String) {
    add(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func add(raw: some Sequence<UInt8>) { bytes.append(contentsOf: raw) }

  mutating func add<Element>(
    optional value: Element?, _ write: (inout RecordWriter, Element) -> Void
  ) {
    add(value != nil)
    if let value { write(&self, value) }
  }

  mutating func add(optional text: String?) { add(optional: text) { $0.add($1) } }

  mutating func add<Element>(
    list: some Collection<Element>, _ write: (inout RecordWriter, Element) -> Void
  ) {
    add(list.count)
    for element in list { write(&self, element) }
  }
}

/// Why a record cannot be read: its bytes are not what they should be.
struct DamagedRecord: Error {}

/// Reads what a `RecordWriter` wrote. Never reads outside its bytes, whatever they are.
struct RecordReader {
  private let bytes: [UInt8]
  private(set) var offset: Int
  private let end: Int

  init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { offset == end }

  private mutating func take(_ count: Int) throws(DamagedRecord) -> Range<Int> {
    guard count >= 0, count <= end - offset else { throw DamagedRecord() }
    defer { offset += count }
    return offset..<offset + count
  }

  mutating func number() throws(DamagedRecord) -> Int {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      guard offset < end, shift < 64 else { throw DamagedRecord() }
      let byte = bytes[offset]
      offset += 1
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    return Int(Int64(bitPattern: result))
  }

  /// A number of things of which each takes at least a byte.
  mutating func count() throws(DamagedRecord) -> Int {
    let count = try number()
    guard count >= 0, count <= end - offset else { throw DamagedRecord() }
    return count
  }

  mutating func word() throws(DamagedRecord) -> UInt64 {
    let range = try take(8)
    return bytes.withUnsafeBytes {
      UInt64(
        littleEndian: $0.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self))
    }
  }

  mutating func isTrue() throws(DamagedRecord) -> Bool {
    let byte = bytes[try take(1).lowerBound]
    guard byte < 2 else { throw DamagedRecord() }
    return byte == 1
  }

  mutating func text() throws(DamagedRecord) -> String {
    let range = try take(try number())
    return bytes.withUnsafeBytes {
      String(decoding: UnsafeRawBufferPointer(rebasing: $0[range]), as: UTF8.self)
    }
  }

  /// Gives `body` all bytes, in which ranges are offsets.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withUnsafeBytes(body)
  }

  /// The place of a stretch of bytes, which is passed over.
  mutating func range(_ count: Int) throws(DamagedRecord) -> Range<Int> { try take(count) }

  mutating func optional<Element>(
    _ read: (inout RecordReader) throws(DamagedRecord) -> Element
  ) throws(DamagedRecord) -> Element? {
    try isTrue() ? try read(&self) : nil
  }

  mutating func optionalText() throws(DamagedRecord) -> String? {
    try isTrue() ? try text() : nil
  }

  mutating func list<Element>(
    _ read: (inout RecordReader) throws(DamagedRecord) -> Element
  ) throws(DamagedRecord) -> [Element] {
    let count = try count()
    var list: [Element] = []
    list.reserveCapacity(count)
    for _ in 0..<count { list.append(try read(&self)) }
    return list
  }
}
