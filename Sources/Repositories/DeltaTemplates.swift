/// Deltas of blobs against one of the first few blobs of a like file name in the same pack.
///
/// Manifests of one kind differ in few lines, so copies are anchored at the starts of lines and
/// chains are one long.
struct DeltaTemplates {
  private struct Template {
    let bytes: ArraySlice<UInt8>
    let offset: Int
    /// The start of each line's first occurrence by the hash of the line.
    var lines: [UInt64: Int]
  }

  private var templates: [String: [Template]] = [:]

  /// A delta for a blob that is written at `offset` of the pack; nil when it is written whole.
  mutating func delta(
    for object: NewObjects.Object, at offset: Int
  ) -> (bytes: [UInt8], baseOffset: Int)? {
    guard (64...30_000).contains(object.bytes.count), let key = templateKey(object.path) else {
      return nil
    }
    let limit = object.bytes.count * 6 / 10
    for template in templates[key, default: []] {
      let delta = object.bytes.withUnsafeBytes { target in
        template.bytes.withUnsafeBytes { base in
          encodedDelta(target, base, lines: template.lines, limit: limit)
        }
      }
      if let delta { return (delta, template.offset) }
    }
    // The fourth of a name is replaced, so that a kind with many forms costs no more than four tries.
    if templates[key, default: []].count == 4 { templates[key]?.removeLast() }
    templates[key, default: []].append(
      Template(bytes: object.bytes, offset: offset, lines: lineStarts(object.bytes)))
    return nil
  }
}

/// What files that are alike have in common in their names: the part before the first `-` of the
/// last step, such as `deployment`. Nil for names without an extension: those are rarely alike.
private func templateKey(_ path: String) -> String? {
  let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
  let step = slash.map { path.utf8[path.utf8.index(after: $0)...] } ?? path.utf8[...]
  guard step.contains(UInt8(ascii: ".")) else { return nil }
  return String(Substring(step.prefix { $0 != UInt8(ascii: "-") }))
}

private func lineStarts(_ bytes: ArraySlice<UInt8>) -> [UInt64: Int] {
  bytes.withUnsafeBytes { raw in
    var starts: [UInt64: Int] = [:]
    var start = 0
    while start < raw.count {
      let line = lineHash(raw, start)
      if starts[line.hash] == nil { starts[line.hash] = start }
      start = line.end
    }
    return starts
  }
}

/// FNV-1a of the line at `start`, and where the next one begins.
private func lineHash(_ raw: UnsafeRawBufferPointer, _ start: Int) -> (hash: UInt64, end: Int) {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  var index = start
  while index < raw.count {
    let byte = raw[index]
    hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    index += 1
    if byte == UInt8(ascii: "\n") { break }
  }
  return (hash, index)
}

/// The delta (gitformat-pack, "deltified representation") that makes `target` of `base`; nil when it
/// would be over `limit` bytes.
private func encodedDelta(
  _ target: UnsafeRawBufferPointer, _ base: UnsafeRawBufferPointer, lines: [UInt64: Int],
  limit: Int
) -> [UInt8]? {
  var delta: [UInt8] = []
  delta.reserveCapacity(limit)
  appendSize(base.count, to: &delta)
  appendSize(target.count, to: &delta)
  var position = 0
  var inserted = 0
  var expected = 0
  while position < target.count {
    guard delta.count + (position - inserted) <= limit else { return nil }
    // Most lines follow the one before them in both.
    var length = commonLength(target, position, base, expected)
    var source = expected
    if length < 8 {
      let line = lineHash(target, position)
      guard let start = lines[line.hash] else {
        position = line.end
        expected = base.count
        continue
      }
      length = commonLength(target, position, base, start)
      source = start
      if length < 8 {
        position = line.end
        continue
      }
    }
    appendInsert(target, inserted..<position, to: &delta)
    appendCopy(source, length, to: &delta)
    position += length
    inserted = position
    expected = source + length
    // A copy ends inside a line that differs: the rest of it is new.
    if position < target.count, position == 0 || target[position - 1] != UInt8(ascii: "\n") {
      position = lineHash(target, position).end
      expected = nextLine(base, expected)
    }
  }
  appendInsert(target, inserted..<target.count, to: &delta)
  return delta.count <= limit ? delta : nil
}

private func nextLine(_ base: UnsafeRawBufferPointer, _ start: Int) -> Int {
  start < base.count ? lineHash(base, start).end : base.count
}

private func commonLength(
  _ target: UnsafeRawBufferPointer, _ position: Int, _ base: UnsafeRawBufferPointer, _ start: Int
) -> Int {
  let limit = min(target.count - position, base.count - start)
  var length = 0
  while length + 8 <= limit,
    target.loadUnaligned(fromByteOffset: position + length, as: UInt64.self)
      == base.loadUnaligned(fromByteOffset: start + length, as: UInt64.self)
  {
    length += 8
  }
  while length < limit, target[position + length] == base[start + length] { length += 1 }
  return max(length, 0)
}

private func appendSize(_ size: Int, to delta: inout [UInt8]) {
  var rest = size
  while rest > 0x7F {
    delta.append(UInt8(rest & 0x7F) | 0x80)
    rest >>= 7
  }
  delta.append(UInt8(rest))
}

private func appendInsert(
  _ target: UnsafeRawBufferPointer, _ range: Range<Int>, to delta: inout [UInt8]
) {
  var start = range.lowerBound
  while start < range.upperBound {
    let count = min(127, range.upperBound - start)
    delta.append(UInt8(count))
    delta.append(contentsOf: UnsafeRawBufferPointer(rebasing: target[start..<start + count]))
    start += count
  }
}

private func appendCopy(_ offset: Int, _ length: Int, to delta: inout [UInt8]) {
  var command: UInt8 = 0x80
  let place = delta.count
  delta.append(0)
  for index in 0..<4 {
    let byte = UInt8(offset >> (8 * index) & 0xFF)
    if byte != 0 {
      command |= 1 << UInt8(index)
      delta.append(byte)
    }
  }
  for index in 0..<3 {
    let byte = UInt8(length >> (8 * index) & 0xFF)
    if byte != 0 {
      command |= 0x10 << UInt8(index)
      delta.append(byte)
    }
  }
  delta[place] = command
}
