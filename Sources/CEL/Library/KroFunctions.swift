public import Documents

extension Library {
  /// kro's own functions.
  static let kro: [Function] = hashes + json + maps + listChanges + random + omission

  private static func hash(
    _ name: String, _ body: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> [UInt8]
  ) -> Function {
    Function(name, .string, returns: .bytes, in: .kroOnly, cost: .traversal(of: 0)) { text, frame in
      guard frame.spend(1 + text.count / 8) else { return frame.error(.stepLimit) }
      return frame.arena.bytes(body(text.utf8))
    }
  }

  private static let hashes: [Function] = [
    hash("hash.fnv64a", Digests.fnv64a), hash("hash.sha256", Digests.sha256),
    hash("hash.md5", Digests.md5),
  ]

  private static let json: [Function] = [
    Function("json.unmarshal", .string, returns: .dyn, in: .kroOnly, cost: .traversal(of: 0)) {
      text, frame in
      guard frame.spend(1 + text.count / 8) else { return frame.error(.stepLimit) }
      return JSONReader.value(text.utf8, into: frame.arena, numbers: .doubles)
        ?? frame.error("json.unmarshal failed to parse JSON: \(JSONFault.message(text.utf8))")
    },
    Function("json.marshal", .dyn, returns: .string, in: .kroOnly) { value, frame in
      var output: [UInt8] = []
      guard JSONOutput.append(value, to: &output, frame, 0) else {
        return frame.error("json.marshal failed to convert a value of an unsupported type")
      }
      return frame.string(output)
    },
  ]

  private static let map = CELType.map(.parameter("K"), .parameter("V"))

  private static let maps: [Function] = [
    Function("merge", on: map, map, returns: map, in: .kroOnly) { left, right, frame in
      merged(left, right, isDeep: false, frame, 0)
    },
    Function("deepMerge", on: map, map, returns: map, in: .kroOnly) { left, right, frame in
      merged(left, right, isDeep: true, frame, 0)
    },
  ]

  /// The entries of both; of equal keys the right one's value, or, going deep, both maps merged.
  private static func merged(
    _ left: Value, _ right: Value, isDeep: Bool, _ frame: Frame, _ depth: Int
  ) -> Value {
    guard depth < Equality.maximumDepth, frame.spend(1 + left.count + right.count) else {
      return frame.error(.stepLimit)
    }
    var entries: [MapEntry] = []
    for entry in left.entries {
      let other = Equality.lookup(right, entry.key)
      if other.isAbsent {
        entries.append(entry)
      } else if isDeep, entry.value.isKind(.map), other.isKind(.map) {
        let value = merged(entry.value, other, isDeep: true, frame, depth + 1)
        if value.isError { return value }
        entries.append(MapEntry(key: entry.key, value: value))
      } else {
        entries.append(MapEntry(key: entry.key, value: other))
      }
    }
    for entry in right.entries where Equality.lookup(left, entry.key).isAbsent {
      entries.append(entry)
    }
    return frame.arena.map(entries)
  }

  private static let element = CELType.parameter("T")
  private static let list = CELType.list(.parameter("T"))

  private static let listChanges: [Function] = [
    Function("lists.setAtIndex", [list, .int, element], returns: list, in: .kroOnly) {
      arguments, frame in
      change(arguments, "lists.setAtIndex", isInsertion: false, frame) { elements, index in
        elements[index] = arguments[2]
      }
    },
    Function("lists.insertAtIndex", [list, .int, element], returns: list, in: .kroOnly) {
      arguments, frame in
      change(arguments, "lists.insertAtIndex", isInsertion: true, frame) { elements, index in
        elements.insert(arguments[2], at: index)
      }
    },
    Function("lists.removeAtIndex", list, .int, returns: list, in: .kroOnly) { list, index, frame in
      withUnsafeBytes(of: (list, index)) { pair in
        change(
          pair.bindMemory(to: Value.self), "lists.removeAtIndex", isInsertion: false, frame
        ) { elements, index in elements.remove(at: index) }
      }
    },
  ]

  private static func change(
    _ arguments: UnsafeBufferPointer<Value>, _ name: String, isInsertion: Bool, _ frame: Frame,
    _ body: (inout [Value], Int) -> Void
  ) -> Value {
    let (list, index) = (arguments[0], arguments[1].intPayload)
    guard index >= 0, index < list.count || (isInsertion && index == list.count) else {
      let end = isInsertion ? "]" : ")"
      return frame.error("\(name): index \(index) out of bounds [0, \(list.count)\(end)")
    }
    guard frame.spend(list.count) else { return frame.error(.stepLimit) }
    var elements = Array(list.elements)
    body(&elements, Int(index))
    return frame.arena.list(elements)
  }

  private static let random: [Function] = [
    Function("random.seededString", .int, .string, returns: .string, in: .kroOnly) {
      length, seed, frame in
      let count = length.intPayload
      guard count > 0 else { return frame.error("random.seededString length must be positive") }
      guard count <= 1 << 20, frame.spend(Int(count)) else { return frame.error(.stepLimit) }
      let digest = Digests.sha256(seed.utf8)
      let letters = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
      return frame.string(
        (0..<Int(count)).map { index in
          // The digest is used again from its start after eight letters.
          let start = index * 4 % 32
          let word = digest[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
          return letters[Int(word % 36)]
        })
    },
    Function("random.seededInt", [.int, .int, .string], returns: .int, in: .kroOnly) {
      arguments, frame in
      let (low, high) = (arguments[0].intPayload, arguments[1].intPayload)
      guard low < high else { return frame.error("random.seededInt min must be less than max") }
      let word = Digests.sha256(arguments[2].utf8)[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let range = UInt64(bitPattern: high &- low)
      return .int(low &+ Int64(bitPattern: word % range))
    },
  ]

  /// `omit()`: the field that has this value is left out.
  private static let omission: [Function] = [
    Function("omit", [], returns: .dyn, in: .kroOnly) { _, _ in .omitted }
  ]
}

extension Value {
  /// Whether this is what kro's `omit()` gives: the field that has it is left out.
  public var isOmitted: Bool { isBox(.omitted) }
}
