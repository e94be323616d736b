import Diagnostics
import Documents
import Schemas
import Testing

/// A generator with a seed (SplitMix64), so that a failure can be had again.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

/// Makes values that partly fit and partly do not.
struct RandomValues {
  var generator: SeededGenerator
  let arena: Arena
  let names = ["name", "port", "servers", "by", "db", "host", "tags", "size", "x", "", "é"]

  mutating func value(depth: Int) -> Value {
    switch Int.random(in: 0..<(depth > 4 ? 8 : 12), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .int(Int64.random(in: -3...100, using: &generator))
    case 3: return .int([Int64.min, .max, 0].randomElement(using: &generator) ?? 0)
    case 4: return .uint(.max)
    case 5:
      return .double([.nan, .infinity, -0.0, 1.5, 1e300].randomElement(using: &generator) ?? 0)
    case 6, 7: return arena.string(names.randomElement(using: &generator) ?? "")
    case 8, 9:
      let count = Int.random(in: 0..<4, using: &generator)
      return arena.list((0..<count).map { _ in value(depth: depth + 1) })
    default:
      let count = Int.random(in: 0..<(depth == 0 ? 25 : 6), using: &generator)
      var keys: Set<String> = []
      for index in 0..<count {
        keys.insert(index < 8 ? names.randomElement(using: &generator) ?? "" : "key\(index)")
      }
      return arena.map(
        keys.sorted().map { MapEntry(key: arena.string($0), value: value(depth: depth + 1)) })
    }
  }
}

@Suite struct RandomValueTests {
  static let schemas: [(String, Schema)] = [
    (
      "simple",
      SimpleCase(
        #"""
        fields:
          name: string | default=a minLength=1 pattern="^[a-z]+$"
          port: integer | default=80 minimum=1 maximum=65535
          size: float | maximum=10 validation="self > 0.0"
          tags: "[]string | uniqueItems=true maxItems=3"
          servers: "[]Server | listType=map listMapKey=name"
          by: "map[string]Server"
          db: {host: string | enum="a,b" default=a, x: object}
        types:
          Server: {name: string | default=x, port: integer | default=1, db: {size: integer | default=2}}
        """#
      ).schema
    ),
    (
      "structural",
      JSONCase(
        """
        type: object
        x-kubernetes-preserve-unknown-fields: true
        properties:
          name: {x-kubernetes-int-or-string: true, default: 5}
          port: {type: integer, nullable: true, default: 3, multipleOf: 3}
          servers: {type: array, items: {type: object, properties: {host: {type: string, default: h}}}}
          by: {type: object, additionalProperties: {type: array, items: {type: string, default: s}}}
          x: {type: string, format: date-time}
        """
      ).schema
    ),
    (
      "draft",
      JSONCase(
        """
        properties:
          name: {$ref: "#"}
          servers: {items: {anyOf: [{type: string}, {$ref: "#"}]}, uniqueItems: true}
          by: {oneOf: [{type: object}, {minItems: 1}], not: {type: "null"}}
        """, .draft
      ).schema
    ),
  ]

  @Test(arguments: schemas.map(\.0))
  func defaultingIsIdempotentAndValidationNeverTraps(name: String) throws {
    let schema = try #require(Self.schemas.first { $0.0 == name }).1
    var fitting = 0
    for seed in 0..<3_000 {
      let arena = Arena()
      var values = RandomValues(generator: SeededGenerator(state: UInt64(seed)), arena: arena)
      let value = values.value(depth: 0)
      let old = values.value(depth: 0)
      let once = schema.defaulted(value, in: arena)
      let twice = schema.defaulted(once, in: arena)
      #expect(once.payload == twice.payload && once.meta == twice.meta, "seed \(seed)")
      if schema.problems(in: once, old: old).isEmpty { fitting += 1 }
      _ = schema.problems(in: value)
    }
    #expect(fitting > 0)
    #expect(fitting < 3_000)
  }

  @Test func anyTextIsReadOrRefusedAsAField() {
    var generator = SeededGenerator(state: 7)
    let pieces = [
      "string", "integer", "[]", "map[string]", "|", " ", "default=", "required=true", "\"", "\\",
      "{", "}", "[", "]", "=", "pattern=", "validation=", "enum=", "a,b", "é", "1", "minimum=", "T",
    ]
    for _ in 0..<5_000 {
      let count = Int.random(in: 0..<9, using: &generator)
      let text = (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
      let document = Document { arena in
        arena.map(["x": arena.string(text), "T": arena.string(text)])
      }
      let source = SimpleSchema(
        fields: document.root, types: document.root, file: "path.yaml")
      let (schema, findings) = source.compiled()
      for finding in findings {
        guard let anchor = finding.place?.anchor, case .field(_, _, let part) = anchor,
          case .text(let range) = part
        else { continue }
        #expect(
          range.lowerBound >= 0 && range.upperBound <= text.utf8.count, "\(text): \(finding)")
      }
      _ = schema.problems(in: document.root)
    }
  }

  @Test func deepValuesAreRefusedNotFollowed() {
    let arena = Arena()
    var value = Value.emptyMap
    for _ in 0..<10_000 {
      value = arena.map([MapEntry(key: arena.string("left"), value: value)])
    }
    let tree = JSONCase(
      "{properties: {left: {$ref: '#'}}}", .draft)
    let problems = tree.schema.problems(in: value)
    #expect(problems.map(\.kind) == [.tooComplex])
    #expect(tree.schema.defaulted(value, in: arena).payload == value.payload)
  }
}
