import Testing

@testable import CEL

private let item = CELType.object(ObjectType(name: "item", fields: ["name": .string]))
private let type = CELType.object(
  ObjectType(
    name: "self",
    fields: [
      "n": .int, "m": .int, "s": .string, "l": .list(.string), "o": .list(item),
      "labels": .map(.string, .string), "any": .dyn,
    ]))

/// `s` has at most 40 characters, `l` 10 strings of 40, `o` 5 objects with a name of 20, `labels` 3
/// texts of 30.
private func size(_ path: [String]) -> UInt64? {
  let known: [String: UInt64] = [
    "": 0, "n": 0, "m": 0, "s": 40, "any": 100, "l": 10, "l/@items": 40, "o": 5, "o/@items": 0,
    "o/@items/name": 20, "labels": 3, "labels/@values": 30, "labels/@keys": 0,
  ]
  return known[path.joined(separator: "/")]
}

/// The numbers are what cel-go's cost rules add up to.
@Test(arguments: [
  ("true", 0), ("self.n <= 5", 3), ("has(self.s)", 1), ("!has(self.n) || self.n > 1", 5),
  ("self.n == self.m", 4), ("self.s == 'abc'", 3), ("self.s == self.s", 8),
  ("self.s < self.s", 8), ("self.s.startsWith('ab')", 3), ("self.s.contains('abcdefghijk')", 10),
  ("self.s.matches('^[a-z]+$')", 12), ("size(self.s) < 3", 4),
  ("self.l.all(x, x == 'abc')", 2 + 1 + 10 * (3 + 1 + 1)),
  ("self.l.exists(x, x == self.s)", 2 + 1 + 10 * (4 + 1 + 2 + 4)),
  ("self.l.all(x, self.l.all(y, x == y))", 2 + 1 + 10 * (3 + 2 + 1 + 10 * (3 + 2 + 4))),
  ("self.l.exists_one(x, x == 'a')", 2 + 2 + 10 * (2 + 2)),
  ("self.o.all(i, i.name.startsWith('a'))", 2 + 1 + 5 * (3 + 2 + 1)),
  ("self.labels.all(k, self.labels[k] == 'abcdefghijkl')", 2 + 1 + 3 * (3 + 2 + 1 + 1 + 2)),
  ("self.o.map(i, i.name).size() < 3", 2 + 11 + 5 * (12 + 2) + 2),
  ("self.o.filter(i, i.name == 'a').size() < 3", 2 + 11 + 5 * (13 + 3) + 2),
  ("'a' in self.l", 12), ("[1, 2, 3].sum() > 1", 14),
  ("self.l.isSorted()", 2 + 10 * (1 + 4)), ("self.n > 1 ? self.s == 'a' : true", 6),
  ("quantity(self.s) == quantity('1')", 2 + 1 + 1 + 1),
])
func anExpressionCostsAtMost(_ source: String, _ expected: Int) throws {
  let environment = CELEnvironment(
    profile: .kubernetes(minor: 37), variables: [Variable("self", type: type)])
  let program = try environment.compile(source).get()
  #expect(program.greatestCost(sizes: size) == UInt64(expected))
}

/// Nothing is known of a number's digits: a text made of it may be of any length.
@Test(arguments: ["'a' + string(self.n) == 'a' + string(self.m)", "'a' + string(self.n)"])
func aTextOfUnknownLengthCostsMost(_ source: String) throws {
  let environment = CELEnvironment(
    profile: .kubernetes(minor: 37), variables: [Variable("self", type: type)])
  #expect(try environment.compile(source).get().greatestCost(sizes: size) > 1_000_000_000)
}
