public import CEL
import Documents

/// A rule over a value in CEL (`x-kubernetes-validations`): `self` is the value, `oldSelf` what it
/// was before.
public struct ValidationRule: Sendable {
  /// The expression, compiled with `self` and `oldSelf` in scope.
  public let program: Program
  /// What to say when it does not hold; empty where the schema has no message.
  public let message: String
  /// Computes the message instead, where it gives a text.
  public let messageProgram: Program?
  /// Whether the rule is about a change: it then holds only where there is an old value.
  public let isTransition: Bool

  /// The expression as written.
  public var source: String { program.source }

  /// The dialect: that of CustomResourceDefinitions of the newest Kubernetes.
  private static let environment = CELEnvironment(
    profile: .kubernetes(minor: 37), variables: [Variable("self"), Variable("oldSelf")])

  /// A rule from its texts, or what is wrong with the expression.
  static func compile(
    _ source: String, message: String, messageExpression: String? = nil
  ) -> Result<ValidationRule, CompileFailure> {
    environment.compile(source).flatMap { program in
      let rule = { (messageProgram: Program?) in
        ValidationRule(
          program: program, message: message, messageProgram: messageProgram,
          isTransition: program.references.contains { $0.variable == "oldSelf" })
      }
      guard let messageExpression else { return .success(rule(nil)) }
      return environment.compile(messageExpression).map(rule)
    }
  }
}

/// Evaluates the CEL rules of schemas. One a thread; reuse it, since it owns memory.
public final class RuleEvaluator {
  private let evaluator = Evaluator(slotCount: 2)

  /// An evaluator that has evaluated nothing yet.
  public init() {}

  /// What a rule says of a value.
  enum Verdict {
    case holds
    case fails(message: String)
    case error(message: String)
  }

  func verdict(of rule: ValidationRule, on value: Value, old: Value) -> Verdict {
    evaluator.reset()
    evaluator.set(value, slot: 0)
    evaluator.set(old, slot: 1)
    let result = evaluator.evaluate(rule.program)
    if result.isTrue { return .holds }
    if result.isKind(.bool) { return .fails(message: message(of: rule)) }
    if result.isKind(.error) { return .error(message: evaluator.explain(result).message) }
    return .error(message: "the rule gives no bool")
  }

  private func message(of rule: ValidationRule) -> String {
    if let program = rule.messageProgram,
      let text = evaluator.evaluate(program).asString, !text.isEmpty
    {
      return text
    }
    return rule.message
  }
}
