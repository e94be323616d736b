import GoTemplates
import Testing

/// The quick reader of blocks says what the full reader says, or nothing.
@Suite struct BlockYAMLTests {
  @Test(arguments: 0..<16)
  func mutatedDocumentsReadTheSame(_ seed: UInt64) throws {
    var random = Random(state: seed &* 7_919 &+ 1)
    for round in 0..<600 {
      var text = Array(samples[Int(random.next() % UInt64(samples.count))].utf8)
      for _ in 0..<(round % 5) { mutate(&text, &random) }
      let shown = String(decoding: text, as: UTF8.self)
      let either = Result { try readYAML(text) }
      let full = Result { try readAnyYAML(text) }
      let head = Result { try readYAMLHead(text) }
      #expect((try? head.get()) == nil ? (try? full.get()) == nil : (try? full.get()) != nil)
      if let head = try? head.get().asMap, let whole = try? full.get().asMap {
        for key in ["kind", "apiVersion", "metadata", "a"] {
          let (left, right) = (head[key], whole[key])
          let isBlock = key != "metadata" && (right?.asMap != nil || right?.asList != nil)
          #expect(
            isBlock || isDeeplyEqual(left ?? .null, right ?? .null), "\(key) of \(shown)")
        }
      }
      switch (either, full) {
      case (.success(let left), .success(let right)):
        #expect(isDeeplyEqual(left, right), "\(shown)")
      case (.failure, .failure): break
      default: Issue.record("one reader refuses what the other takes: \(shown)")
      }
    }
  }

  private func mutate(_ text: inout [UInt8], _ random: inout Random) {
    let place = Int(random.next() % UInt64(text.count + 1))
    let piece = Array(pieces[Int(random.next() % UInt64(pieces.count))].utf8)
    switch random.next() % 4 {
    case 0: text.insert(contentsOf: piece, at: place)
    case 1: text.removeSubrange(place..<min(text.count, place + 1))
    case 2: text.replaceSubrange(place..<min(text.count, place + 1), with: piece)
    default: text.removeSubrange(place..<min(text.count, place + Int(random.next() % 9)))
    }
    if text.isEmpty { text = piece }
  }
}

private struct Random {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

private let pieces = [
  " ", "  ", "\n", "\n\n", "\n  ", "\t", ": ", ":", "- ", "-", "#", " # c", "|", "|-", "|+", "|2",
  ">", ">-",
  "\"", "'", "''", "\\", "\\n", "{", "}", "[", "]", ",", ", ", "&a", "*a", "!!str ", "? ", "<<",
  "~", "y", "null",
  "0x1F", "1e3", "1_000", ".inf", "2024-01-01", "a", "key: v", "---", "...", "%", "@", "`", "=",
  "\u{2028}",
  "\u{85}", "é", "\u{FEFF}", "\u{1F600}", "\r", "\u{7F}", "\0", "- - x", "{}", "[]", "[a, 'b']",
  "{\"a\":1}", "\n   x", "\n  y", " \\\n  ", "\\ ", "\n    ", "true", "NULL", "tRUE",
]

private let samples = [
  "a: 1\nb:\n  c: x # note\n  d:\n  - 1\n  - {e: f, g: [1, two, \"3\"]}\n  -\n    h: i\nj: []\n",
  "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a-b.c\n  labels: {app.kubernetes.io/name: \"x\"}\ndata:\n  "
    + "t: |\n    one\n      two\n\n    three\n  u: |-\n\n    x\n  v: |+\n    y\n\n  w: 'it''s'\n  z: \"q\\\"\\n\"\n",
  "spec:\n    rules:\n    - host: h.example\n      http:\n        paths: [{path: /, port: 80}]\n    - - a\n      - b\n"
    + "    -   k: v\n        l: -5\n# end\n",
  "- a\n- b: c\n  d: e\n-\n- \"x\": y\n- |\n  text\n- - p\n  - q\n",
  "yes: on\n\"1\": 2\n3: 0o17\nn:\nempty:   # nothing\n\nlast: http://x:80/#y\nu: \"\u{2019}é\"\n",
  "  x: 1\n  y:\n   z: |\n    deep\n  s: a  b   c  \n",
  "a: one\n  two\n\n   three\nb:\n  c d\n  e\nf:\n- g h\n  i # j\n- k\n# l\n-\n  m\n",
  "---\na: |\n  \n\n    b\n   c\nd: [e:1, f/g:h2]\ni: >-\n    \n    j\nk: |-",
  "a: 'one\n\n  two'\nb: \"c \\\n  \\  d\n  e \\n\n  f \"\nk: >-\n  l\n  m\n\n   n\n  o\n\nq: >\n\n  r\n  s\n",
  "a: {}\nb: { \"c\" : d }\ne: [ ]\nf: [[1,2],[3]]\ng: {h: {i: j}}\nk: 'l' # m\n",
]
