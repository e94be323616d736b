import Testing

@testable import Documents

/// Copies in which equal parts stand once.
@Suite struct ValuePoolTests {
  private func root(_ text: String) -> Document {
    parseYAML(Array(text.utf8), file: "a.yaml").documents[0]
  }

  private func text(_ value: Value) -> String {
    let writer = YAMLWriter()
    writer.write(value)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func copiesHaveTheSameContentAndOrder() {
    let pool = ValuePool()
    var trees = RandomTrees(seed: 11)
    var copies: [(copy: Value, original: String)] = []
    for _ in 0..<3_000 {
      let tree = trees.tree(depth: 4)
      copies.append((pool.copy(tree), text(tree)))
    }
    let document = pool.freeze()
    withExtendedLifetime(document) {
      for (copy, original) in copies { #expect(text(copy) == original) }
    }
  }

  @Test func equalPartsStandOnce() {
    let pool = ValuePool()
    let documents = [
      root("{labels: {app: a, tier: [front, back]}, port: 80}"),
      root("{labels: {app: a, tier: [front, back]}, port: 81}"),
      root("{labels: {tier: [front, back], app: a}}"),
    ]
    let (first, second) = (pool.copy(documents[0].root), pool.copy(documents[1].root))
    #expect(first["labels"].payload == second["labels"].payload)
    #expect(first.payload != second.payload)
    #expect(first.entries[0].key.payload == second.entries[0].key.payload)
    // Another order of the keys is another map.
    let third = pool.copy(documents[2].root)
    #expect(third["labels"].entries[0].key.isString("tier"))
    #expect(third["labels"]["tier"].payload == first["labels"]["tier"].payload)
    withExtendedLifetime((pool, documents)) {}
  }

  @Test func largeMapsAreFoundThroughTheirIndex() {
    let pool = ValuePool()
    let map = root((0..<40).map { "key-\($0): \($0)" }.joined(separator: "\n"))
    let copies = [pool.copy(map.root), pool.copy(map.root)]
    for number in 0..<40 { #expect(copies[1]["key-\(number)"].asInt == Int64(number)) }
  }

  @Test func moreThanTheTableHoldsIsCopiedToo() {
    let pool = ValuePool()
    let arena = Arena()
    let copies = (0..<300_000).map { number in
      pool.copy(arena.list([arena.string("number-\(number)"), .int(Int64(number))]))
    }
    #expect(
      copies.enumerated().allSatisfy { number, copy in
        copy.elements[0].asString == "number-\(number)"
          && copy.elements[1].asInt == Int64(number)
      })
  }

  @Test func emptyValuesNeedNoMemoryOfTheirOriginal() {
    let pool = ValuePool()
    for value in [Value.emptyMap, .emptyList, .emptyString, .null, .true, .double(.nan)] {
      #expect(pool.copy(value).meta == value.meta)
      #expect(pool.copy(value).payload == value.payload)
    }
  }
}
