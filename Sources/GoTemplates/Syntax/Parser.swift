/// Parses a text straight into nodes that run, with variables as slots; the grammar, the order of the
/// checks and the messages are those of `text/template/parse` of Go 1.24.
struct Parser {
  let file: String
  let text: [UInt8]
  let functions: FunctionTable
  let options: TemplateSet.Options

  private var lexer: Lexer
  private var pushedBack: [Token] = []
  private var last: Token
  private var actionOffset = -1
  var nesting = 0
  /// What is being parsed: a file or a definition.
  private var scope: Scope
  private var finished: [Template] = []

  /// The variables of one template.
  private struct Scope {
    var source: Source
    var variables: [(name: String, slot: Int?)] = [("$", 0)]
    var slotCount = 1
    var rangeDepth = 0
  }

  init(file: String, text: [UInt8], functions: FunctionTable, options: TemplateSet.Options) {
    self.file = file
    self.text = text
    self.functions = functions
    self.options = options
    lexer = Lexer(text)
    last = Token(kind: .eof, offset: 0, end: 0)
    scope = Scope(source: Source(file: file, template: file, text: text))
  }

  /// The templates in the order in which they are to be added.
  mutating func parse() throws -> [Template] {
    var body: [Node] = []
    while peek().kind != .eof {
      if peek().kind == .leftDelimiter {
        let delimiter = next()
        if nextNonSpace().kind == .define {
          try definition()
          continue
        }
        back()
        pushedBack.append(delimiter)
      }
      switch try textOrAction() {
      case .node(let node): if let node { body.append(node) }
      case .end: throw failure("unexpected {{end}}")
      case .else: throw failure("unexpected {{else}}")
      }
    }
    try add(name: Array(file.utf8), body, scope)
    return finished
  }

  private mutating func add(name: [UInt8], _ body: [Node], _ scope: Scope) throws {
    let isEmpty = body.allSatisfy(\.isBlank)
    let template = Template(
      name: String(decoding: name, as: UTF8.self), nameBytes: name, body: body,
      slotCount: scope.slotCount, isEmpty: isEmpty)
    if let index = finished.firstIndex(where: { $0.nameBytes == name }) {
      if finished[index].isEmpty {
        finished[index] = template
      } else if !isEmpty {
        throw failure("template: multiple definition of template \(goQuoted(name))", isBare: true)
      }
    } else {
      finished.append(template)
    }
  }

  // MARK: tokens

  private mutating func next() -> Token {
    last = pushedBack.popLast() ?? lexer.next()
    return last
  }

  private mutating func peek() -> Token {
    if let token = pushedBack.last { return token }
    let token = lexer.next()
    pushedBack.append(token)
    last = token
    return token
  }

  private mutating func back() { pushedBack.append(last) }

  private mutating func nextNonSpace() -> Token {
    var token = next()
    while token.kind == .space { token = next() }
    return token
  }

  private mutating func peekNonSpace() -> Token {
    let token = nextNonSpace()
    back()
    return token
  }

  private func text(of token: Token) -> String {
    String(decoding: text[token.offset..<token.end], as: UTF8.self)
  }

  // MARK: errors

  private func line(of offset: Int) -> Int {
    1 + text[..<min(offset, text.count)].reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
  }

  private func failure(_ message: String, isBare: Bool = false) -> TemplateError {
    TemplateError(
      message, kind: .parse,
      steps: [
        .init(
          file: file, line: line(of: last.offset), column: nil, template: scope.source.template,
          action: "")
      ])
  }

  private func unexpected(_ token: Token, _ context: String) -> TemplateError {
    if token.kind == .error {
      let line = line(of: token.end)
      var extra = ""
      if actionOffset >= 0, self.line(of: actionOffset) != line {
        extra = " in action started at \(file):\(self.line(of: actionOffset))"
        if token.message.hasSuffix(" action") { extra = String(extra.dropFirst(10)) }
      }
      return TemplateError(
        token.message + extra, kind: .parse,
        steps: [
          .init(
            file: file, line: line, column: nil, template: scope.source.template, action: "")
        ])
    }
    return failure("unexpected \(description(token)) in \(context)")
  }

  private func description(_ token: Token) -> String {
    switch token.kind {
    case .eof: return "EOF"
    case .error: return token.message
    case .block, .break, .continue, .define, .else, .end, .if, .nil, .range, .template, .with, .dot:
      return "<\(text(of: token))>"
    default:
      let bytes = Array(text[token.offset..<token.end])
      return bytes.count > 10 ? goQuoted(Array(bytes.prefix(10))) + "..." : goQuoted(bytes)
    }
  }

  private mutating func expect(_ kind: Token.Kind, _ context: String) throws -> Token {
    let token = nextNonSpace()
    guard token.kind == kind else { throw unexpected(token, context) }
    return token
  }

  // MARK: lists and actions

  private enum Item {
    case node(Node?)
    case end
    case `else`
  }

  private mutating func list() throws -> (nodes: [Node], end: Item) {
    nesting += 1
    defer { nesting -= 1 }
    if nesting > 400 { throw failure("actions are nested too deep") }
    var nodes: [Node] = []
    while peekNonSpace().kind != .eof {
      let item = try textOrAction()
      guard case .node(let node) = item else { return (nodes, item) }
      if let node { nodes.append(node) }
    }
    throw failure("unexpected EOF")
  }

  private mutating func textOrAction() throws -> Item {
    let token = nextNonSpace()
    switch token.kind {
    case .text:
      return .node(TextNode(Array(text[token.offset..<token.end]), scope.source, token.offset))
    case .leftDelimiter:
      actionOffset = token.offset
      defer { actionOffset = -1 }
      return try action()
    default: throw unexpected(token, "input")
    }
  }

  private mutating func action() throws -> Item {
    let token = nextNonSpace()
    switch token.kind {
    case .block: return .node(try block(token))
    case .break, .continue:
      let name = text(of: token)
      let end = nextNonSpace()
      guard end.kind == .rightDelimiter else { throw unexpected(end, "{{\(name)}}") }
      guard scope.rangeDepth > 0 else { throw failure("{{\(name)}} outside {{range}}") }
      return .node(
        FlowNode(token.kind == .break ? .break : .continue, scope.source, token.offset))
    case .else:
      let following = peekNonSpace()
      if following.kind == .if || following.kind == .with { return .else }
      _ = try expect(.rightDelimiter, "else")
      return .else
    case .end:
      _ = try expect(.rightDelimiter, "end")
      return .end
    case .if: return .node(try control("if", token))
    case .range: return .node(try control("range", token))
    case .with: return .node(try control("with", token))
    case .template: return .node(try templateCall(token))
    default:
      back()
      let token = peek()
      let pipe = try pipeline("command", .rightDelimiter)
      return .node(ActionNode(pipe, scope.source, token.offset))
    }
  }

  private mutating func definition() throws {
    let token = nextNonSpace()
    guard token.kind == .string || token.kind == .rawString else {
      throw unexpected(token, "define clause")
    }
    let name = try unquoted(token)
    _ = try expect(.rightDelimiter, "define clause")
    try body(of: name, "define clause")
  }

  /// The content up to `{{end}}` as a template of its own.
  private mutating func body(of name: [UInt8], _ context: String) throws {
    let outer = scope
    let source = Source(
      file: file, template: String(decoding: name, as: UTF8.self), text: text)
    scope = Scope(source: source)
    let (nodes, end) = try list()
    guard case .end = end else { throw failure("unexpected {{else}} in \(context)") }
    try add(name: name, nodes, scope)
    scope = outer
  }

  private mutating func block(_ token: Token) throws -> Node {
    let nameToken = nextNonSpace()
    guard nameToken.kind == .string || nameToken.kind == .rawString else {
      throw unexpected(nameToken, "block clause")
    }
    let name = try unquoted(nameToken)
    let pipe = try pipeline("block clause", .rightDelimiter)
    try body(of: name, "block clause")
    return TemplateNode(name, pipe, scope.source, token.offset)
  }

  private mutating func templateCall(_ token: Token) throws -> Node {
    let nameToken = nextNonSpace()
    guard nameToken.kind == .string || nameToken.kind == .rawString else {
      throw unexpected(nameToken, "template clause")
    }
    let name = try unquoted(nameToken)
    var pipe: Pipeline?
    if nextNonSpace().kind != .rightDelimiter {
      back()
      pipe = try pipeline("template clause", .rightDelimiter)
    }
    return TemplateNode(name, pipe, scope.source, token.offset)
  }

  private mutating func control(_ context: String, _ token: Token) throws -> Node {
    let mark = scope.variables.count
    defer { scope.variables.removeLast(scope.variables.count - mark) }
    let pipe = try pipeline(context, .rightDelimiter)
    if context == "range" { scope.rangeDepth += 1 }
    let inner = scope.variables.count
    let (nodes, end) = try list()
    // What the body declares is not seen by the branch for "else" (in Go it is, but unset).
    scope.variables.removeLast(scope.variables.count - inner)
    if context == "range" { scope.rangeDepth -= 1 }
    var otherwise: [Node]?
    if case .else = end {
      let following = peek()
      if context == "if", following.kind == .if {
        _ = next()
        otherwise = [try control("if", following)]
      } else if context == "with", following.kind == .with {
        _ = next()
        otherwise = [try control("with", following)]
      } else {
        if following.kind == .if || following.kind == .with {
          throw unexpected(nextNonSpace(), "input")
        }
        let (others, last) = try list()
        guard case .end = last else { throw failure("expected end; found {{else}}") }
        otherwise = others
      }
    }
    switch context {
    case "if": return IfNode(pipe, nodes, otherwise, scope.source, token.offset)
    case "with": return WithNode(pipe, nodes, otherwise, scope.source, token.offset)
    default: return RangeNode(pipe, nodes, otherwise, options, scope.source, token.offset)
    }
  }

  // MARK: pipelines

  private mutating func pipeline(_ context: String, _ end: Token.Kind) throws -> Pipeline {
    nesting += 1
    defer { nesting -= 1 }
    if nesting > 400 { throw failure("parentheses are nested too deep") }
    let first = peekNonSpace()
    var names: [String] = []
    var isAssignment = false
    declarations: while true {
      let variable = peekNonSpace()
      guard variable.kind == .variable else { break }
      _ = next()
      let after = peek()
      let following = peekNonSpace()
      if following.kind == .assign || following.kind == .declare {
        isAssignment = following.kind == .assign
        _ = nextNonSpace()
        names.append(text(of: variable))
        break
      }
      if following.kind == .char, text[following.offset] == 0x2C {
        _ = nextNonSpace()
        names.append(text(of: variable))
        if context == "range", names.count < 2 {
          switch peekNonSpace().kind {
          case .variable, .rightDelimiter, .rightParenthesis: continue declarations
          default: throw failure("range can only initialize variables")
          }
        }
        throw failure("too many declarations in \(context)")
      }
      if after.kind == .space {
        // The blank after it was read over: it is needed to end the operand.
        pushedBack.append(after)
      }
      pushedBack.append(variable)
      break
    }
    let mark = scope.variables.count
    // Declared names are known to the parser from here on, but their slots only after the commands:
    // in `$x := f $x` the second is the outer one.
    for name in names where !scope.variables.contains(where: { $0.name == name }) {
      scope.variables.append((name, nil))
    }
    let commands = try commands(context, end)
    scope.variables.removeLast(scope.variables.count - mark)
    var slots: [Int?] = []
    for name in names {
      if isAssignment {
        let slot = scope.variables.last { $0.name == name }?.slot
        if slot == nil { scope.variables.append((name, nil)) }
        slots.append(slot)
      } else {
        slots.append(scope.slotCount)
        scope.variables.append((name, scope.slotCount))
        scope.slotCount += 1
      }
    }
    return Pipeline(
      commands, names: names, slots: slots, isAssignment: isAssignment, scope.source, first.offset)
  }

  private mutating func commands(_ context: String, _ end: Token.Kind) throws -> [Command] {
    var commands: [Command] = []
    while true {
      let token = nextNonSpace()
      switch token.kind {
      case end:
        guard !commands.isEmpty else { throw failure("missing value for \(context)") }
        for (index, command) in commands.enumerated().dropFirst() where command.isConstant {
          throw failure("non executable command in pipeline stage \(index + 1)")
        }
        return commands
      case .bool, .charConstant, .complex, .dot, .field, .identifier, .number, .nil, .rawString,
        .string, .variable, .leftParenthesis:
        back()
        commands.append(try command())
      default: throw unexpected(token, context)
      }
    }
  }

  private mutating func command() throws -> Command {
    let offset = peekNonSpace().offset
    var arguments: [Operand] = []
    reading: while true {
      _ = peekNonSpace()
      skipSpaces()
      if let operand = try operand() { arguments.append(operand) }
      let token = next()
      switch token.kind {
      case .space: continue
      case .rightDelimiter, .rightParenthesis:
        back()
        break reading
      case .pipe: break reading
      default: throw unexpected(token, "operand")
      }
    }
    guard let first = arguments.first else { throw failure("empty command") }
    return Command(first, Array(arguments.dropFirst()), scope.source, offset)
  }

  private mutating func skipSpaces() {
    while peek().kind == .space { _ = next() }
  }

  // MARK: operands

  private mutating func operand() throws -> Operand? {
    guard let term = try term() else { return nil }
    guard peek().kind == .field else { return term }
    let offset = peek().offset
    var names: [[UInt8]] = []
    while peek().kind == .field {
      let token = next()
      names.append(Array(text[(token.offset + 1)..<token.end]))
    }
    if term.isConstant { throw failure("unexpected . after term \(goQuoted(term.text))") }
    if let field = term as? FieldOperand {
      return FieldOperand(field.names + names, options, scope.source, offset)
    }
    if let variable = term as? VariableOperand {
      return VariableOperand(
        variable.name, variable.slot, variable.names + names, options, scope.source, offset)
    }
    return ChainOperand(term, names, options, scope.source, offset)
  }

  private mutating func term() throws -> Operand? {
    let token = nextNonSpace()
    let source = scope.source
    switch token.kind {
    case .identifier:
      let name = text(of: token)
      guard let function = functions[name] else {
        last = token
        throw failure("function \(goQuoted(Array(name.utf8))) not defined")
      }
      return FunctionOperand(function, source, token.offset)
    case .dot: return DotOperand(source, token.offset)
    case .nil: return NilOperand(source, token.offset)
    case .variable:
      let name = text(of: token)
      guard let variable = scope.variables.last(where: { $0.name == name }) else {
        throw failure("undefined variable \(goQuoted(Array(name.utf8)))")
      }
      return VariableOperand(name, variable.slot, [], options, source, token.offset)
    case .field:
      let name = Array(text[(token.offset + 1)..<token.end])
      return FieldOperand([name], options, source, token.offset)
    case .bool:
      return ConstantOperand(
        .bool(text(of: token) == "true"), text(of: token), source, token.offset)
    case .charConstant, .complex, .number:
      let bytes = Array(text[token.offset..<token.end])
      switch numberConstant(bytes, isChar: token.kind == .charConstant) {
      case .success(let number):
        return NumberOperand(number, text(of: token), source, token.offset)
      case .failure(let failed): throw failure(failed.message)
      }
    case .leftParenthesis:
      return PipelineOperand(
        try pipeline("parenthesized pipeline", .rightParenthesis), source, token.offset)
    case .string, .rawString:
      let value = try unquoted(token)
      return ConstantOperand(.string(value), text(of: token), source, token.offset)
    default:
      back()
      return nil
    }
  }

  private mutating func unquoted(_ token: Token) throws -> [UInt8] {
    let inner = Array(text[(token.offset + 1)..<(token.end - 1)])
    if token.kind == .rawString { return inner.filter { $0 != 0x0D } }
    guard let value = goUnquoted(inner, quote: 0x22) else { throw failure("invalid syntax") }
    return value
  }
}
