/// `{{range}}`.
final class RangeNode: Node {
  private let pipe: Pipeline
  private let body: [Node]
  private let otherwise: [Node]
  private let countsIntegers: Bool

  init(
    _ pipe: Pipeline, _ body: [Node], _ otherwise: [Node]?, _ options: TemplateSet.Options,
    _ source: Source, _ offset: Int
  ) {
    self.pipe = pipe
    self.body = body
    self.otherwise = otherwise ?? []
    countsIntegers = options.rangesOverIntegers
    super.init(source, offset)
  }

  override func run(_ execution: Execution, _ dot: GoValue, _ slots: Slots) throws -> Flow {
    let value = try pipe.rangeValue(execution, dot, slots)
    var isEmpty = true
    switch value {
    case .list(let list): isEmpty = try each(list, execution, slots)
    case .map(let map): isEmpty = try each(map, execution, slots)
    case .object(let object):
      if let list = object.underlying?.asList {
        isEmpty = try each(list, execution, slots)
      } else if let map = object.underlying?.asMap {
        isEmpty = try each(map, execution, slots)
      } else {
        throw cannot(value)
      }
    case .int(let count) where countsIntegers:
      isEmpty = try self.count(to: count, execution, slots) { .int($0) }
    case .int64(let count) where countsIntegers:
      isEmpty = try self.count(to: Int(count), execution, slots) { .int64(Int64($0)) }
    case .invalid, .null: break
    default: throw cannot(value)
    }
    // Break and continue in the branch for "else" belong to a range further out.
    return isEmpty ? try runAll(otherwise, execution, dot, slots) : .normal
  }

  private func cannot(_ value: GoValue) -> any Error {
    placed(
      FunctionError("range can't iterate over \(String(decoding: printed(value), as: UTF8.self))"),
      source, pipe.commandOffset, pipe.text)
  }

  /// Runs the body once; false to stop.
  @inline(__always)
  private func once(
    _ key: GoValue, _ element: GoValue, _ execution: Execution, _ slots: Slots
  ) throws -> Bool {
    do { try execution.step() } catch { throw placed(error, source, offset, pipe.text) }
    switch pipe.names.count {
    case 0: break
    case 1: try set(0, pipe.isAssignment ? element : element, slots)
    default:
      try set(0, key, slots)
      try set(1, element, slots)
    }
    return try runAll(body, execution, element, slots) != .break
  }

  private func set(_ index: Int, _ value: GoValue, _ slots: Slots) throws {
    guard let slot = pipe.slots[index] else {
      throw placed(
        FunctionError("undefined variable: \(pipe.names[index])"), source, offset, pipe.text)
    }
    slots[slot] = value
  }

  private func each(_ list: GoList, _ execution: Execution, _ slots: Slots) throws -> Bool {
    var index = 0
    for element in list.elements {
      guard try once(.int(index), element, execution, slots) else { break }
      index += 1
    }
    return list.elements.isEmpty
  }

  private func each(_ map: GoMap, _ execution: Execution, _ slots: Slots) throws -> Bool {
    // The entries as they are now: the body may change the map.
    let entries = map.entries
    for entry in entries {
      guard try once(.string(entry.key), entry.value, execution, slots) else { break }
    }
    return entries.isEmpty
  }

  private func count(
    to count: Int, _ execution: Execution, _ slots: Slots, _ value: (Int) -> GoValue
  ) throws -> Bool {
    var index = 0
    while index < count {
      guard try once(value(index), value(index), execution, slots) else { break }
      index += 1
    }
    return count <= 0
  }
}
