/// The signatures of the operators.
enum Operators {
  typealias Signature = Checker.Signature

  private static let a = CELType.parameter("A")
  private static let b = CELType.parameter("B")

  static let not = [Signature(parameters: [.bool], result: .bool)]
  static let negate = [
    Signature(parameters: [.int], result: .int), Signature(parameters: [.double], result: .double),
  ]
  static let conditional = [Signature(parameters: [.bool, a, a], result: a)]

  static let equality = [Signature(parameters: [a, a], result: .bool)]
  private static let contains = [
    Signature(parameters: [a, .list(a)], result: .bool),
    Signature(parameters: [a, .map(a, b)], result: .bool),
  ]
  static let index = [
    Signature(parameters: [.list(a), .int], result: a),
    Signature(parameters: [.map(a, b), a], result: b),
  ]

  private static func same(_ types: CELType...) -> [Signature] {
    types.map { Signature(parameters: [$0, $0], result: $0) }
  }

  private static let add =
    same(.int, .uint, .double, .string, .bytes, .duration) + [
      Signature(parameters: [.list(a), .list(a)], result: .list(a)),
      Signature(parameters: [.timestamp, .duration], result: .timestamp),
      Signature(parameters: [.duration, .timestamp], result: .timestamp),
    ]
  private static let subtract =
    same(.int, .uint, .double, .duration) + [
      Signature(parameters: [.timestamp, .timestamp], result: .duration),
      Signature(parameters: [.timestamp, .duration], result: .timestamp),
    ]
  private static let multiply = same(.int, .uint, .double)
  private static let modulo = same(.int, .uint)

  private static let relations: [Signature] = {
    let numbers: [CELType] = [.int, .uint, .double]
    let others: [CELType] = [.bool, .string, .bytes, .timestamp, .duration]
    return numbers.flatMap { left in
      numbers.map { Signature(parameters: [left, $0], result: .bool) }
    } + others.map { Signature(parameters: [$0, $0], result: .bool) }
  }()

  /// The name and the signatures of a binary operator; nil for another kind of node.
  static func binary(
    _ kind: SyntaxTree.Kind, _ profile: Profile
  ) -> (name: String, signatures: [Signature])? {
    switch kind {
    case .less: ("_<_", relations)
    case .lessEqual: ("_<=_", relations)
    case .greater: ("_>_", relations)
    case .greaterEqual: ("_>=_", relations)
    case .contains: ("@in", contains)
    case .add: ("_+_", add)
    case .subtract: ("_-_", subtract)
    case .multiply: ("_*_", multiply)
    case .divide: ("_/_", multiply)
    case .modulo: ("_%_", modulo)
    default: nil
    }
  }
}
