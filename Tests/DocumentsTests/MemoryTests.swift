import Testing

@testable import Documents

/// The small types that own memory which nobody checks.
@Suite struct MemoryTests {
  private func bytes<Result>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result)
    -> Result
  {
    Array(text.utf8).withUnsafeBufferPointer(body)
  }

  @Test func byteBuffersGrowAndKeepWhatTheyHold() {
    var buffer = ByteBuffer(capacity: 1)
    var expected: [UInt8] = []
    for length in 0..<200 {
      let text = String(
        repeating: Character(Unicode.Scalar(UInt8(97 + length % 26))), count: length)
      bytes(text) { buffer.append($0) }
      buffer.append(0x2C)
      buffer.append(0x2D, 0x2E)
      buffer.appendSpaces(length % 19)
      buffer.append(decimal: UInt64(length) * 92_233_720_368_547_758, isNegative: length % 2 == 1)
      expected += Array(text.utf8) + [0x2C, 0x2D, 0x2E]
      expected += [UInt8](repeating: 0x20, count: length % 19)
      expected += Array(
        "\(length % 2 == 1 ? "-" : "")\(UInt64(length) * 92_233_720_368_547_758)".utf8)
    }
    #expect(Array(buffer.bytes) == expected)
    buffer.cut(to: 5)
    #expect(Array(buffer.bytes) == Array(expected[..<5]))
    buffer.removeAll()
    buffer.append(decimal: .max)
    #expect(Array(buffer.bytes) == Array("18446744073709551615".utf8))
    #expect(buffer.count == 20)
  }

  @Test func nodeStacksGrowAndAreCut() {
    var stack = NodeStack(capacity: 1)
    for number in 0..<1_000 {
      stack.push(.int(Int64(number)), .init(start: UInt32(number), end: UInt32(number + 1)))
    }
    #expect(stack.values(from: 998).map(\.intPayload) == [998, 999])
    #expect(stack.entries(from: 996).map(\.value.intPayload) == [997, 999])
    #expect(stack.mark(500).end == 501)
    stack.cut(to: 3)
    #expect(stack.count == 3)
    #expect(stack.values(from: 3).isEmpty)
    #expect(stack.mark(3).end == 0)
  }

  @Test func sortersNestAndOrderByBytes() {
    let arena = Arena()
    let texts = [
      "b", "a", "", "aaaaaaaab", "aaaaaaaaa", "aaaaaaaa", "é", "aaa", "aaaa", "aaaaa", "\u{0}",
    ]
    let entries = texts.map { MapEntry(key: arena.string($0), value: .null) }
    var sorter = KeySorter()
    entries.withUnsafeBufferPointer { entries in
      let outer = sorter.count
      let isOuterReordered = sorter.push(entries, isKubernetesRoot: false)
      #expect(isOuterReordered)
      let inner = sorter.count
      for _ in 0..<30 {
        let isReordered = sorter.push(entries, isKubernetesRoot: true)
        #expect(isReordered)
      }
      sorter.cut(to: inner)
      let order = (0..<entries.count).map { texts[sorter.entryIndex(outer, $0)] }
      #expect(
        order == texts.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
      sorter.cut(to: outer)
      #expect(sorter.count == 0)
    }
    withExtendedLifetime(arena) {}
  }

  @Test func forbiddenCharactersAreFoundAtEveryOffset() {
    for offset in 0..<20 {
      for byte in [UInt8(0), 1, 8, 0x0B, 0x1F, 0x7F, 0x80, 0xC0, 0xFF] {
        var text = [UInt8](repeating: UInt8(ascii: "~"), count: 20)
        text[(offset + 1) % 20] = 0x0A
        text[offset] = byte
        let found = text.withUnsafeBufferPointer { forbiddenCharacters(in: $0, limit: 5) }
        #expect(found.map(\.range.lowerBound) == [offset])
      }
      var fine = [UInt8](repeating: 0x0A, count: 20)
      for allowed in [UInt8(0x09), 0x0D, 0x20, 0x7E] {
        fine[offset] = allowed
        #expect(fine.withUnsafeBufferPointer { forbiddenCharacters(in: $0, limit: 5) }.isEmpty)
      }
    }
    #expect(
      bytes("\u{85}\u{A0}\u{D7FF}\u{E000}\u{FFFD}\u{10000}\u{10FFFF}") {
        forbiddenCharacters(in: $0, limit: 5)
      }.isEmpty)
  }

  @Test func charactersAreMappedToBytes() {
    let text = String(repeating: "aé日😀", count: 100)
    bytes("\u{FEFF}" + text) { file in
      var source = SourceText(file)
      var offset = 0
      for (index, scalar) in text.unicodeScalars.enumerated() {
        #expect(source.byteOffset(ofCharacter: UInt32(index)) == offset)
        offset += String(scalar).utf8.count
      }
      #expect(source.byteOffset(ofCharacter: 400) == offset)
      #expect(source.byteOffset(ofCharacter: .max) == offset)
      #expect(source.fileRange(0, 1) == 3..<4)
    }
  }

  @Test func base64GoesBothWays() {
    for count in 0..<40 {
      let input = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
      let text = input.withUnsafeBufferPointer { base64Encoded($0) }
      #expect(text.count == (count + 2) / 3 * 4)
      #expect(text.withUnsafeBufferPointer { base64Decoded($0) } == input)
    }
    for bad in ["a", "ab", "abc", "abc=d", "====", "ab=", "a===", "ab==="] {
      #expect(bytes(bad) { base64Decoded($0) } == nil)
    }
  }

  /// Go's strconv.FormatFloat(x, 'g', -1, 32), from its test table and the shortest digits.
  @Test(arguments: [
    (1.0, "1"), (1000.0, "1000"), (1e5, "100000"), (1e6, "1e+06"), (1234567.0, "1.234567e+06"),
    (0.0001, "0.0001"), (0.00001, "1e-05"), (1.5, "1.5"), (-0.25, "-0.25"), (1e21, "1e+21"),
    (3.4e38, "3.4e+38"), (123456.0, "123456"), (0.1, "0.1"), (1e100, ".inf"),
  ])
  func floatKeysAreWrittenAsGoDoes(_ number: Double, _ text: String) {
    #expect(keyText(of: .double(number)) == text)
  }
}
