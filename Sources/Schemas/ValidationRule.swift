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
  /// Whether `oldSelf` is an optional value, so that the rule holds for new values too
  /// (`optionalOldSelf`).
  public let isOldOptional: Bool

  /// The expression as written.
  public var source: String { program.source }
}

/// A rule as written; it is compiled once the schema is whole, since the type of `self` is known
/// only then.
struct RuleDraft {
  /// Which of the two texts is meant.
  enum Part { case rule, message }

  var source: String
  var message: String
  var messageExpression: String?
  var isOldOptional = false
  /// Reports what is wrong with one of the texts; ranges are UTF-8 offsets into it.
  var report: (CompileFailure.Issue, Part) -> Void

  /// The compiled rule; nil when something is wrong, which is reported.
  func compiled(selfType: CELType) -> ValidationRule? {
    // The dialect of CustomResourceDefinitions of the newest Kubernetes.
    let environment = CELEnvironment(
      profile: .kubernetes(minor: 37),
      variables: [
        Variable("self", type: selfType),
        Variable("oldSelf", type: isOldOptional ? .optional(selfType) : selfType),
      ])
    guard let program = compiled(source, .rule, environment) else { return nil }
    switch program.resultType {
    case .bool, .dyn: break
    default:
      report(
        CompileFailure.Issue(
          message: "the rule is of type \(program.resultType), expected bool",
          range: 0..<source.utf8.count), .rule)
      return nil
    }
    var messageProgram: Program?
    if let messageExpression {
      messageProgram = compiled(messageExpression, .message, environment)
      if messageProgram == nil { return nil }
    }
    return ValidationRule(
      program: program, message: message, messageProgram: messageProgram,
      isTransition: program.references.contains { $0.variable == "oldSelf" },
      isOldOptional: isOldOptional)
  }

  private func compiled(
    _ text: String, _ part: Part, _ environment: CELEnvironment
  ) -> Program? {
    switch environment.compile(text) {
    case .success(let program): return program
    case .failure(let failure):
      for issue in failure.issues { report(issue, part) }
      return nil
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

  /// The verdict of a rule that the node at `index` of a schema has.
  func verdict(
    of rule: ValidationRule, on value: Value, old: Value, _ schema: Schema, _ index: Int32
  ) -> Verdict {
    evaluator.reset()
    let arena = evaluator.arena
    evaluator.set(schema.ruleView(of: old, index, in: arena), slot: 1)
    if rule.isOldOptional { wrapOld(isThere: !old.isAbsent) }
    evaluator.set(schema.ruleView(of: value, index, in: arena), slot: 0)
    let result = evaluator.evaluate(rule.program)
    if result.isTrue { return .holds }
    if result.isKind(.bool) { return .fails(message: message(of: rule)) }
    if result.isKind(.error) { return .error(message: evaluator.explain(result).message) }
    return .error(message: "the rule gives no bool")
  }

  /// Makes an optional of the variable `oldSelf`.
  private func wrapOld(isThere: Bool) {
    guard let program = isThere ? RuleEvaluator.some : RuleEvaluator.none else { return }
    evaluator.set(evaluator.evaluate(program), slot: 1)
  }

  private static let some = wrapper("optional.of(oldSelf)")
  private static let none = wrapper("optional.none()")

  private static func wrapper(_ source: String) -> Program? {
    let variables = [Variable("self"), Variable("oldSelf")]
    return try? CELEnvironment(profile: .kubernetes(minor: 37), variables: variables)
      .compile(source).get()
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
