import Documents

/// The macros over lists and maps, noting where each element came from.
final class TraceLoopNode: LoopNode, @unchecked Sendable {
  let kind: SyntaxTree.Kind
  let condition: Node?
  let body: Node
  let isStrict: Bool

  init(
    _ syntax: SyntaxTree.Node, range: Node, first: Int, second: Int, condition: Node?, body: Node
  ) {
    kind = syntax.kind
    self.condition = condition
    self.body = body
    isStrict = true
    super.init(syntax, range: range, first: first, second: second)
  }

  override func value(in frame: Frame) -> Value {
    guard let log = frame.log else { return .absent }
    let count = log.outcomes.count
    let rangeValue = range.value(in: frame)
    let rangeOutcome = log.take(since: count).last ?? Outcome(value: rangeValue)
    switch kind {
    case .all, .all2: return quantified(rangeOutcome, decisive: false, log, frame)
    case .exists, .exists2: return quantified(rangeOutcome, decisive: true, log, frame)
    case .existsOne, .existsOne2: return existsOne(rangeOutcome, log, frame)
    case .transformMap, .transformMapEntry: return mapped(rangeOutcome, log, frame)
    default: return listed(rangeOutcome, log, frame)
    }
  }

  /// Sets what is known about the variables for an element.
  private func bind(_ index: Int, _ range: Outcome, _ log: TraceLog, _ frame: Frame) {
    // Why an element is in the list is not why the body holds for it or not: only where it came
    // from counts, if that is known.
    func outcome(_ value: Value, _ provenance: Provenance, isKey: Bool = false) -> Outcome {
      var result = Outcome(value: value, provenance: provenance)
      if case .path(let variable, let path) = provenance {
        var read = Trace.Read(
          variable: variable, path: path, isMissing: false,
          range: Int(self.range.start)..<Int(self.range.end))
        read.isKey = isKey
        result.deciding = [read]
        result.isRead = true
      } else {
        result.deciding = range.deciding
      }
      return result
    }
    let key: Value =
      range.value.isKind(.map) ? range.value.entries[index].key : .int(Int64(index))
    let own = range.provenance.step(key)
    let locals = frame.state.pointee.locals
    if second >= 0 { log.locals[second] = outcome(locals[second], own) }
    // An index was read from nowhere; a key stands where its entry does.
    let firstProvenance = second >= 0 && range.value.isKind(.list) ? .unknown : own
    log.locals[first] = outcome(
      locals[first], firstProvenance, isKey: range.value.isKind(.map))
  }

  /// The outcome of a node for the current element.
  private func outcome(of node: Node, _ log: TraceLog, _ frame: Frame) -> Outcome {
    let count = log.outcomes.count
    let value = node.value(in: frame)
    return log.take(since: count).last ?? Outcome(value: value)
  }

  private func notBool(_ outcome: Outcome, _ frame: Frame) -> Value? {
    if outcome.value.isBool { return nil }
    return outcome.value.isError
      ? outcome.value : frame.fail(.noSuchOverload, at: self, outcome.value)
  }

  private func quantified(
    _ range: Outcome, decisive: Bool, _ log: TraceLog, _ frame: Frame
  ) -> Value {
    var outcomes: [Outcome] = []
    var result = Value.bool(!decisive)
    let problem = forEach(of: range.value, frame) { index in
      bind(index, range, log, frame)
      let outcome = outcome(of: body, log, frame)
      outcomes.append(outcome)
      if let failure = notBool(outcome, frame) {
        if !result.isError { result = failure }
        return true
      }
      guard outcome.value.isTrue == decisive else { return true }
      result = .bool(decisive)
      return false
    }
    if let problem { return log.push(Outcome(value: problem, deciding: range.deciding)) }
    var deciding = Trace.deciding(result, outcomes, decisive: decisive)
    if outcomes.isEmpty { deciding = range.deciding }
    return log.push(Outcome(value: result, deciding: deciding))
  }

  private func existsOne(_ range: Outcome, _ log: TraceLog, _ frame: Frame) -> Value {
    var outcomes: [Outcome] = []
    var count = 0
    var failure: Value?
    let problem = forEach(of: range.value, frame) { index in
      bind(index, range, log, frame)
      let outcome = outcome(of: body, log, frame)
      failure = notBool(outcome, frame)
      if failure != nil { outcomes = [] }
      outcomes.append(outcome)
      if outcome.value.isTrue { count += 1 }
      return failure == nil
    }
    let value = problem ?? failure ?? .bool(count == 1)
    return log.push(
      Outcome(value: value, deciding: outcomes.isEmpty ? range.deciding : outcomes.deciding))
  }

  private func listed(_ range: Outcome, _ log: TraceLog, _ frame: Frame) -> Value {
    var values: [Value] = []
    var provenances: [Provenance] = []
    var outcomes: [Outcome] = []
    var failure: Outcome?
    let problem = forEach(of: range.value, frame) { index in
      bind(index, range, log, frame)
      let test = kind == .filter ? body : condition
      if let test {
        let passes = outcome(of: test, log, frame)
        if let problem = notBool(passes, frame) {
          failure = Outcome(value: problem, deciding: passes.deciding)
          return false
        }
        outcomes.append(passes)
        if !passes.value.isTrue { return true }
      }
      let element =
        kind == .filter
        ? log.locals[first] ?? Outcome(value: .absent) : outcome(of: body, log, frame)
      if element.value.isError {
        failure = element
        return false
      }
      values.append(kind == .filter ? frame.state.pointee.locals[first] : element.value)
      provenances.append(element.provenance)
      outcomes.append(element)
      return true
    }
    if let failure { return log.push(failure) }
    if let problem { return log.push(Outcome(value: problem, deciding: range.deciding)) }
    return log.push(
      Outcome(
        value: frame.arena.list(values), provenance: .elements(provenances),
        deciding: outcomes.isEmpty ? range.deciding : outcomes.deciding))
  }

  private func mapped(_ range: Outcome, _ log: TraceLog, _ frame: Frame) -> Value {
    var builder = MapBuilder(capacity: 8, frame)
    var outcomes: [Outcome] = []
    var failure: Outcome?
    let problem = forEach(of: range.value, frame) { index in
      bind(index, range, log, frame)
      let key = frame.state.pointee.locals[first]
      if let condition {
        let passes = outcome(of: condition, log, frame)
        if let problem = notBool(passes, frame) {
          failure = Outcome(value: problem, deciding: passes.deciding)
          return false
        }
        if !passes.value.isTrue { return true }
      }
      let result = outcome(of: body, log, frame)
      outcomes.append(result)
      if result.value.isError { failure = result }
      let entries =
        kind == .transformMap
        ? [MapEntry(key: key, value: result.value)] : Array(result.value.entries)
      for entry in entries where failure == nil {
        if let code = builder.insert(entry.key, entry.value, isStrict: true) {
          failure = Outcome(value: frame.fail(code, at: self, entry.key), deciding: result.deciding)
        }
      }
      return failure == nil
    }
    if let failure { return log.push(failure) }
    if let problem { return log.push(Outcome(value: problem, deciding: range.deciding)) }
    return log.push(
      Outcome(
        value: builder.map, deciding: outcomes.isEmpty ? range.deciding : outcomes.deciding))
  }
}

/// `optMap`, `optFlatMap`: the variable came from where the optional's content did.
final class TraceOptionalMapNode: Node, @unchecked Sendable {
  let target: Node
  let local: Int
  let body: Node
  let isFlat: Bool

  init(_ syntax: SyntaxTree.Node, _ target: Node, local: Int, body: Node, isFlat: Bool) {
    self.target = target
    self.local = local
    self.body = body
    self.isFlat = isFlat
    super.init(syntax)
  }

  override func value(in frame: Frame) -> Value {
    guard let log = frame.log else { return .absent }
    let count = log.outcomes.count
    let value = target.value(in: frame)
    var outcome = log.take(since: count).last ?? Outcome(value: value)
    guard value.isBox(.optional), let content = value.optionalContent else {
      let isGood = value.isError || value.isBox(.optional)
      outcome.value = isGood ? value : frame.fail(.noSuchOverload, at: self, value)
      outcome.provenance = .unknown
      return log.push(outcome)
    }
    frame.state.pointee.locals[local] = content
    outcome.value = content
    log.locals[local] = outcome
    let result = body.value(in: frame)
    var own = log.take(since: count).last ?? Outcome(value: result)
    if !result.isError, !isFlat { own.value = frame.arena.optional(result) }
    return log.push(own)
  }
}
