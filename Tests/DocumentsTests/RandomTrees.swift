import Documents

/// A small generator of random numbers that gives the same run from the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }

  mutating func pick<Element>(_ list: [Element]) -> Element {
    list[Int.random(in: 0..<list.count, using: &self)]
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// Strings that writers and readers get wrong.
let nastyStrings: [String] = [
  "", " ", "  ", "a", "yes", "No", "ON", "off", "y", "N", "true", "False", "null", "~", "Null",
  "=", "<<", "<", "0", "017", "0o17", "0x1F", "0b1", "1_000", "1,000", "1e3", "1.0e+3", ".5", "5.",
  ".inf", "-.INF", ".NaN", "+1", "-1", "+", "-", "--", "---", "...", "--- a", "- a", "-a", "? a",
  ": a", ":a", "a:", "a: b", "a:b", "a #b", "a#b", "#a", " a", "a ", "\ta", "a\t", "a\tb", "[a]",
  "{a}", "a]", "a, b", "&a", "*a", "!a", "|", ">", "|a", "'", "''", "'a'", "\"", "\"a\"", "a'b",
  "a\"b", "a\\b", "\\n", "%a", "@a", "`a", "2024-01-01", "2024-1-1", "2024-01-01T00:00:00Z",
  "2024-01-01 00:00:00", "1:30", "12:30:45.5", "-1:30", "8080:80", "1.2.3", "10.0.0.1", "500m",
  "8Gi", "0.5", "1e10", "1234e56", "12e", "0x", "0o", "0b", "0o8", "a\nb", "a\nb\n", "a\nb\n\n",
  "\n", "\n\n", "\na", " a\nb", "  a\n b\n", "a\n  b\n", "a\n\nb", "a\n \nb", "a\n   ", "a\n   \n",
  "\ta\nb", "a\n\tb", "a\n\t\n", "a \nb \n", "#a\n#b", "- a\n- b\n", "a: b\nc: d\n", "---\na\n",
  "a\r\nb", "a\rb", "\u{0}", "\u{1}", "\u{1B}[0m", "\u{7F}", "\u{85}", "a\u{85}b\nc", "\u{2028}",
  "a\u{2029}\n", "\u{FEFF}", "a\u{FEFF}b", "\u{A0}", "\u{E9}t\u{E9}", "e\u{301}", "日本語", "日本\n語\n",
  "😀", "a😀b: c", "\u{10FFFF}", "${schema.spec.name}", "{{ .Values.a }}", "a b c", "null ", "~a",
  "on: push", "key: |", "trailing:", "a\u{0}\nb", "/bin/sh", "-c", "--flag=yes", "*", "**/*.yaml",
  "@", "%", "!", "?", "?a", ",", ",a", "yes\n", "1\n", "...\n", "a\n---\nb", "a\n...\nb", ">-",
  "|2",
  String(repeating: "x", count: 1100), String(repeating: "ab ", count: 200), "\u{FFFE}", "\u{9F}x",
]

/// Random values of every kind that a document can hold.
struct RandomTrees {
  var random: SeededRandom
  let arena = Arena()

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func string() -> String {
    if random.chance(60) { return random.pick(nastyStrings) }
    let alphabet = Array("ab01yn _-:#'\"\\|>&*!%@[]{},?.~=<\n\t é日😀\u{85}\u{7}+e")
    let count = Int.random(in: 0...12, using: &random)
    return String((0..<count).map { _ in random.pick(alphabet) })
  }

  mutating func scalar() -> Value {
    switch Int.random(in: 0..<12, using: &random) {
    case 0: return .null
    case 1: return .bool(random.chance(50))
    case 2: return .int(random.pick([0, 1, -1, .min, .max, 8080, -10]))
    case 3:
      return .int(
        Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0...62, using: &random))
    case 4: return .uint(UInt64(Int64.max) + 1 + random.next() % (1 << 62))
    case 5:
      return .double(
        random.pick([
          0.0, -0.0, 1, 0.1, 1e16, 1e-7, Double.leastNonzeroMagnitude, .greatestFiniteMagnitude,
          1.5, 1e21,
        ]))
    case 6:
      let number = Double(bitPattern: random.next())
      return .double(number.isFinite ? number : 0.25)
    default: return arena.string(string())
    }
  }

  mutating func tree(depth: Int) -> Value {
    guard depth > 0, random.chance(70) else { return scalar() }
    let count = random.chance(5) ? 40 : Int.random(in: 0...5, using: &random)
    if random.chance(40) { return arena.list((0..<count).map { _ in tree(depth: depth - 1) }) }
    var seen = Set<[UInt8]>()
    var entries: [MapEntry] = []
    for _ in 0..<count {
      let key = string()
      guard seen.insert(Array(key.utf8)).inserted else { continue }
      entries.append(MapEntry(key: arena.string(key), value: tree(depth: depth - 1)))
    }
    return arena.map(entries)
  }
}

/// Whether two values are the same, kinds included; maps without regard to order.
func isSame(_ left: Value, _ right: Value) -> Bool {
  guard left.kind == right.kind else { return false }
  switch left.kind {
  case .string, .bytes: return left.hasSameBytes(as: right)
  case .list:
    return left.count == right.count && zip(left.elements, right.elements).allSatisfy(isSame)
  case .map:
    return left.count == right.count
      && left.entries.allSatisfy { entry in isSame(entry.value, right.lookup(entry.key)) }
  default: return left.payload == right.payload
  }
}
