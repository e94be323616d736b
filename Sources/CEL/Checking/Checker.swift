import Documents

/// A function of which only the signature is known: for checks.
public struct FunctionDeclaration: Sendable {
  var name: String
  var isMember: Bool
  var parameters: [CELType]
  var result: CELType
}

extension CELEnvironment {
  public init(profile: Profile, variables: [Variable], container: String = "", declaring: [FunctionDeclaration]) {
    self.init(profile: profile, variables: variables, container: container)
  }
  public func check(_ source: String) -> Result<CELType, CompileFailure> { compile(source).map { _ in .dyn } }
}
extension Evaluator {
  public func evaluateWithCost(_ program: Program) -> (Value, UInt64) { (evaluate(program), 0) }
}
