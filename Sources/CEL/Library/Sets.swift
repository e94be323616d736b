import Documents

extension Library {
  /// The extension `sets`: lists taken as sets, elements compared by CEL's equality.
  static let sets: [Function] = [
    set("sets.contains", costFactor: 1) { list, other, frame in isSubset(other, of: list, frame) },
    set("sets.equivalent", costFactor: 2) { list, other, frame in
      isSubset(list, of: other, frame) && isSubset(other, of: list, frame)
    },
    set("sets.intersects", costFactor: 1) { list, other, frame in
      list.elements.contains { contains(other, $0, frame) }
    },
  ]

  private static func set(
    _ name: String, costFactor: UInt64,
    _ body: @escaping @Sendable (Value, Value, Frame) -> Bool
  ) -> Function {
    Function(
      name, .list(.parameter("T")), .list(.parameter("T")), returns: .bool,
      in: .all(kubernetesSince: 29),
      cost: .custom { arguments, _ in
        1 + UInt64(arguments[0].count) * UInt64(arguments[1].count) * costFactor
      }
    ) { list, other, frame in
      let result = body(list, other, frame)
      return frame.spend(0) ? .bool(result) : frame.error(.stepLimit)
    }
  }

  private static func isSubset(_ list: Value, of other: Value, _ frame: Frame) -> Bool {
    list.elements.allSatisfy { contains(other, $0, frame) }
  }

  private static func contains(_ list: Value, _ element: Value, _ frame: Frame) -> Bool {
    guard frame.spend(1 + list.count) else { return false }
    return list.elements.contains { Equality.areEqual($0, element, frame) }
  }
}
