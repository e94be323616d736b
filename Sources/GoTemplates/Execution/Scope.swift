/// What a chart's templates see, `.`: the same for all files but for the entry `Template`. What `include`
/// gives for it is remembered, because most of what charts include is names and labels.
package final class Scope {
  /// What `include` gave, and how many changes of maps there had been.
  struct Included {
    let text: [UInt8]
    let mapChangeCount: Int
  }

  /// How often something was read that may differ from file to file, in all scopes of an execution.
  final class ReadCount {
    var value = 0
  }

  /// The key that differs from file to file: `Template`, which has eight letters.
  static let fileKeyPrefix = keyPrefix(Array("Template".utf8))

  let readCount: ReadCount
  private let execution: ObjectIdentifier
  @exclusivity(unchecked) var included: [ByteKey: Included] = [:]

  /// A scope for one execution, which must not go away before it.
  package init(_ execution: Execution) {
    self.execution = ObjectIdentifier(execution)
    readCount = execution.scopeReadCount
  }

  /// Whether it is the execution's.
  func belongs(to execution: Execution) -> Bool {
    self.execution == ObjectIdentifier(execution)
  }
}

extension Execution {
  /// What `include` gives: what it gave before for the same scope, unless that depended on the file, on
  /// chance or on maps that were changed since.
  func include(_ name: [UInt8], _ data: GoValue) throws -> GoValue {
    guard case .map(let map) = data, let scope = map.scope, scope.belongs(to: self), !isInText
    else {
      return try string(try executeIncluded(name, data))
    }
    let key = ByteKey(name)
    if let known = scope.included[key], known.mapChangeCount == mapChangeCount {
      return try string(known.text)
    }
    let counts = (mapChangeCount, chanceCount, scope.readCount.value)
    let text = try executeIncluded(name, data)
    if counts == (mapChangeCount, chanceCount, scope.readCount.value) {
      scope.included[key] = .init(text: text, mapChangeCount: mapChangeCount)
    }
    return try string(text)
  }

  private func executeIncluded(_ name: [UInt8], _ data: GoValue) throws -> [UInt8] {
    // Nothing can be included too often in itself as long as no more are open in all.
    if included.count > limits.depth,
      included.count(where: { areSame($0, name) }) > limits.depth
    {
      throw FunctionError(
        "rendering template has a nested reference name: \(String(decoding: name, as: UTF8.self)): "
          + "unable to execute template", kind: .limit)
    }
    included.append(name)
    defer { included.removeLast() }
    return try execute(name, data)
  }

  /// Notes that a function changes a map, which may come to hold a value.
  func noteChange(of map: GoMap, taking value: GoValue? = nil) {
    if map.isLocal { return }
    mapChangeCount += 1
    // What the map takes can be seen by others from now on.
    var seen: [GoValue] = value.map { [$0] } ?? []
    while let next = seen.popLast() {
      switch next {
      case .map(let inner) where inner.isLocal:
        inner.isLocal = false
        seen += inner.entries.map(\.value)
      case .list(let list): seen += list.elements
      default: break
      }
    }
  }
}
