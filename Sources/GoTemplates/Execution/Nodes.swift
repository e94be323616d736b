/// The text that nodes come from.
final class Source: Sendable {
  let file: String
  let template: String
  let text: [UInt8]

  init(file: String, template: String, text: [UInt8]) {
    self.file = file
    self.template = template
    self.text = text
  }

  func step(_ offset: Int, _ action: String) -> TemplateError.Step {
    var line = 1
    var start = 0
    for index in 0..<min(offset, text.count) where text[index] == 0x0A {
      line += 1
      start = index + 1
    }
    return .init(
      file: file, line: line, column: offset - start, template: template, action: action)
  }
}

/// What happens after a node.
enum Flow { case normal, `break`, `continue` }

typealias Slots = UnsafeMutablePointer<GoValue>

/// A part of a template that writes.
class Node {
  let source: Source
  let offset: Int

  init(_ source: Source, _ offset: Int) {
    self.source = source
    self.offset = offset
  }

  func run(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> Flow { .normal }

  /// Whether it is white space (`parse.IsEmptyTree`).
  var isBlank: Bool { false }
}

final class TextNode: Node {
  private let text: [UInt8]

  init(_ text: [UInt8], _ source: Source, _ offset: Int) {
    self.text = text
    super.init(source, offset)
  }

  override func run(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> Flow {
    do { try execution.write(text) } catch { throw placed(error, source, offset, "text") }
    return .normal
  }

  override var isBlank: Bool {
    // As bytes.TrimSpace.
    text.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
  }
}

final class FlowNode: Node {
  private let flow: Flow

  init(_ flow: Flow, _ source: Source, _ offset: Int) {
    self.flow = flow
    super.init(source, offset)
  }

  override func run(_ execution: Execution, _ dot: GoValue, _ slots: Slots) -> Flow { flow }
}

final class ActionNode: Node {
  private let pipe: Pipeline

  init(_ pipe: Pipeline, _ source: Source, _ offset: Int) {
    self.pipe = pipe
    super.init(source, offset)
  }

  override func run(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> Flow {
    let value = try pipe.value(execution, dot, slots)
    if pipe.names.isEmpty {
      do { try execution.print(value) } catch {
        throw placed(error, source, offset, pipe.text)
      }
    }
    return .normal
  }
}

final class IfNode: Node {
  private let pipe: Pipeline
  private let body: [Node]
  private let otherwise: [Node]

  init(_ pipe: Pipeline, _ body: [Node], _ otherwise: [Node]?, _ source: Source, _ offset: Int) {
    self.pipe = pipe
    self.body = body
    self.otherwise = otherwise ?? []
    super.init(source, offset)
  }

  override func run(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> Flow {
    let nodes = isTrue(try pipe.value(execution, dot, slots)) ? body : otherwise
    return try runAll(nodes, execution, dot, slots)
  }
}

final class WithNode: Node {
  private let pipe: Pipeline
  private let body: [Node]
  private let otherwise: [Node]

  init(_ pipe: Pipeline, _ body: [Node], _ otherwise: [Node]?, _ source: Source, _ offset: Int) {
    self.pipe = pipe
    self.body = body
    self.otherwise = otherwise ?? []
    super.init(source, offset)
  }

  override func run(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> Flow {
    let value = try pipe.value(execution, dot, slots)
    if isTrue(value) { return try runAll(body, execution, value, slots) }
    return try runAll(otherwise, execution, dot, slots)
  }
}

@inline(__always)
func runAll(_ nodes: [Node], _ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> Flow
{
  for node in nodes {
    let flow = try node.run(execution, dot, slots)
    if flow != .normal { return flow }
  }
  return .normal
}

final class TemplateNode: Node {
  private let name: ByteKey
  private let pipe: Pipeline?

  init(_ name: [UInt8], _ pipe: Pipeline?, _ source: Source, _ offset: Int) {
    self.name = ByteKey(name)
    self.pipe = pipe
    super.init(source, offset)
  }

  private var text: String {
    "{{template \(goQuoted(name.bytes))" + (pipe.map { " " + $0.text } ?? "") + "}}"
  }

  override func run(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> Flow {
    do {
      try execution.step()
      guard let template = execution.set.templates[name] else {
        throw FunctionError("template \(goQuoted(name.bytes)) not defined")
      }
      let data = try pipe?.value(execution, dot, slots) ?? .invalid
      try execution.run(template, data)
    } catch { throw placed(error, source, offset, text) }
    return .normal
  }
}

/// An error with the place where it happened, unless it has one.
func placed(
  _ error: any Error, _ source: Source, _ offset: Int, _ action: @autoclosure () -> String
) -> any Error {
  guard let error = error as? FunctionError else { return error }
  return TemplateError(
    error.message, kind: error.kind, steps: [source.step(offset, action())])
}
