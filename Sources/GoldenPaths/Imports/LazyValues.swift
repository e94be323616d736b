import CEL
import Diagnostics
import Documents

/// How a variable's value is made when it is first read.
enum LazyValue: Sendable {
  case expression(Expression)
  case text(TemplatePlan)
}

/// Why a library's variable, or what a part is given, has no value.
struct LazyFailure {
  var failure: TemplateWalker.Failure
  var expression: Expression
}

extension UnitRendering {
  /// Gives the variables of libraries to a frame: each is evaluated when it is first read, once.
  func setVariables(of path: GoldenPath, _ frame: RenderFrame) {
    frame.rendering = self
    for variable in path.imports.names.variables {
      switch variable.content {
      case .constant(let value): frame.set(value, slot: variable.slot)
      case .expression(let expression): frame.setLazy(.expression(expression), variable.slot)
      case .text(let plan): frame.setLazy(.text(plan), variable.slot)
      }
    }
  }

  /// Gives the parts in a template what they are given, for one object.
  func setArguments(of plan: TemplatePlan, _ frame: RenderFrame) {
    frame.rendering = self
    for argument in plan.arguments {
      switch argument.content {
      case .constant(let value): frame.set(value, slot: argument.slot)
      case .expression(let expression): frame.setLazy(.expression(expression), argument.slot)
      }
    }
  }

  /// The value that stands for one that could not be made: an error that `reportFailure` knows again.
  fileprivate func failed(
    _ failure: TemplateWalker.Failure, _ expression: Expression, slot: Int, _ evaluator: Evaluator
  ) -> Value {
    // What failed because of another variable goes by the name of that one.
    let isKnown = lazyFailures[failure.message] != nil
    let message = isKnown ? failure.message : "variable \(slot) has no value"
    if !isKnown { lazyFailures[message] = LazyFailure(failure: failure, expression: expression) }
    return evaluator.error(message)
  }
}

extension RenderFrame {
  /// Has a variable evaluated when it is first read, once.
  func setLazy(_ value: LazyValue, _ slot: Int) {
    slots[slot] = .absent
    lazyValues[slot] = value
    if let resolver = resolvers[slot] { return evaluator.setLazy(slot: slot, resolver) }
    let resolver: (Evaluator) -> Value = { [unowned self] _ in self.value(ofSlot: slot) }
    resolvers[slot] = resolver
    evaluator.setLazy(slot: slot, resolver)
  }

  private func value(ofSlot slot: Int) -> Value {
    guard let lazy = lazyValues[slot], let rendering else { return .absent }
    switch lazy {
    case .expression(let expression):
      let result = evaluator.evaluate(expression.program)
      if result.isKind(.error) {
        let failure = evaluator.explain(result)
        return rendering.failed(
          .init(
            expression: 0, message: failure.message, range: failure.range, help: failure.help),
          expression, slot: slot, evaluator)
      }
      // Plain paths read it from here on without the evaluator; optional values and times need it.
      if !result.isKind(.box), !result.isKind(.bytes),
        case .value(let value) = evaluator.plain(result, in: rendering.arena)
      {
        slots[slot] = value
      }
      return result
    case .text(let plan):
      guard let root = plan.nodes.baseAddress else { return .absent }
      var walker = TemplateWalker(
        plan: plan, root: root, slots: slots, arena: rendering.arena, evaluator: evaluator,
        namespace: .absent, leavesOutNone: true)
      let value = walker.object()
      if let failure = walker.failures.first {
        return rendering.failed(
          failure, plan.expressions[failure.expression], slot: slot, evaluator)
      }
      slots[slot] = value
      return value
    }
  }
}
