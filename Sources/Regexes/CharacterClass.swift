/// A set of Unicode scalars: sorted ranges that neither overlap nor touch, once `normalize` is done.
struct CharacterClass: Equatable, Sendable {
  struct Range: Equatable, Sendable {
    var low: UInt32
    var high: UInt32
  }

  static let maximum: UInt32 = 0x10FFFF

  private(set) var ranges: [Range] = []

  init() {}

  init(_ low: UInt32, _ high: UInt32) { ranges = [Range(low: low, high: high)] }

  var isEmpty: Bool { ranges.isEmpty }

  /// Every scalar but the line feed: what `.` stands for.
  static let notNewline: CharacterClass = {
    var result = CharacterClass(0, 9)
    result.insert(11, maximum)
    return result
  }()

  static let any = CharacterClass(0, maximum)

  mutating func insert(_ low: UInt32, _ high: UInt32) {
    if let last = ranges.last, low >= last.low, low <= last.high &+ 1 {
      ranges[ranges.count - 1].high = max(last.high, high)
    } else {
      ranges.append(Range(low: low, high: high))
    }
  }

  mutating func insert(_ other: CharacterClass) { ranges += other.ranges }

  /// Sorts the ranges and joins those that overlap or touch.
  mutating func normalize() {
    var isSorted = true
    for index in ranges.indices.dropFirst() where ranges[index].low <= ranges[index - 1].high &+ 1 {
      isSorted = false
      break
    }
    if isSorted { return }
    ranges.sort { $0.low < $1.low }
    var kept = 0
    for index in ranges.indices.dropFirst() {
      if ranges[index].low <= ranges[kept].high &+ 1 {
        ranges[kept].high = max(ranges[kept].high, ranges[index].high)
      } else {
        kept += 1
        ranges[kept] = ranges[index]
      }
    }
    ranges.removeSubrange((kept + 1)...)
  }

  /// All scalars that a normalized class lacks.
  var inverted: CharacterClass {
    var result = CharacterClass()
    var next: UInt32 = 0
    for range in ranges {
      if range.low > next { result.ranges.append(Range(low: next, high: range.low - 1)) }
      next = range.high + 1
    }
    if next <= Self.maximum { result.ranges.append(Range(low: next, high: Self.maximum)) }
    return result
  }

  /// Adds every scalar that differs from one in here only in case (simple folding, Unicode 15).
  mutating func insertCaseVariants() {
    let before = ranges
    for range in before {
      if range.low == 0, range.high == Self.maximum { return }
      // Most patterns are ASCII: of those only k and s have variants beyond a change of one bit.
      if range.high < 0x80 {
        insertASCIICaseVariants(range)
        continue
      }
      CaseOrbits.shared.forEachVariant(from: range.low, through: range.high) { insert($0, $0) }
    }
    normalize()
  }

  private mutating func insertASCIICaseVariants(_ range: Range) {
    for (base, other) in [(UInt32(0x61), UInt32(0x41)), (0x41, 0x61)] {
      let low = max(range.low, base)
      let high = min(range.high, base + 25)
      if low > high { continue }
      insert(low - base + other, high - base + other)
      if low <= base + 10, base + 10 <= high { insert(0x212A, 0x212A) }
      if low <= base + 18, base + 18 <= high { insert(0x17F, 0x17F) }
    }
  }
}

/// The scalars that differ only in case: each with the next of its orbit, the last with the first.
struct CaseOrbits: Sendable {
  private var scalars: [UInt32] = []
  private var nextOfOrbit: [UInt32] = []

  static let shared = CaseOrbits()

  private init() {
    var reader = TableReader(UnicodeTables.caseOrbits)
    var scalar: UInt32 = 0
    while let distance = reader.next(), let zigzag = reader.next() {
      scalar += distance
      scalars.append(scalar)
      let next = Int64(scalar) + (zigzag & 1 == 0 ? Int64(zigzag / 2) : -Int64(zigzag / 2) - 1)
      nextOfOrbit.append(UInt32(truncatingIfNeeded: next))
    }
  }

  func forEachVariant(from low: UInt32, through high: UInt32, _ body: (UInt32) -> Void) {
    var index = firstIndex(of: low)
    while index < scalars.count, scalars[index] <= high {
      var other = nextOfOrbit[index]
      while other != scalars[index] {
        body(other)
        other = nextOfOrbit[firstIndex(of: other)]
      }
      index += 1
    }
  }

  /// The index of the first scalar that is not below the given one.
  private func firstIndex(of scalar: UInt32) -> Int {
    var low = 0
    var high = scalars.count
    while low < high {
      let middle = (low + high) / 2
      if scalars[middle] < scalar { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Reads the numbers of a table of `UnicodeTables`.
struct TableReader {
  private var position: UnsafePointer<UInt8>
  private let end: UnsafePointer<UInt8>

  init(_ table: StaticString) {
    position = table.utf8Start
    end = position + table.utf8CodeUnitCount
  }

  mutating func next() -> UInt32? {
    var value: UInt32 = 0
    var shift: UInt32 = 0
    while position < end {
      let byte = UInt32(position.pointee)
      position += 1
      if byte < 0x5D { return value | (byte &- 0x30) << shift }
      value |= (byte - 0x5D) << shift
      shift += 5
    }
    return nil
  }
}

// MARK: named classes

extension CharacterClass {
  /// The class of a Unicode general category (`L`, `Lu`), a script (`Greek`) or `Any`; nil if there
  /// is none of that name.
  static func unicode(_ name: Substring) -> CharacterClass? {
    if name == "Any" { return any }
    var result = CharacterClass()
    var isKnown = false
    for entry in UnicodeTables.categories {
      let matches =
        name.utf8.count == 1
        ? name.utf8.first == entry.name.utf8Start.pointee : entry.name.isEqual(to: name)
      if matches {
        isKnown = true
        result.insert(table: entry.ranges)
      }
    }
    if !isKnown {
      guard let script = UnicodeTables.scripts.first(where: { $0.name.isEqual(to: name) }) else {
        return nil
      }
      result.insert(table: script.ranges)
    }
    result.normalize()
    return result
  }

  private mutating func insert(table: StaticString) {
    var reader = TableReader(table)
    var last: UInt32 = 0
    while let distance = reader.next(), let length = reader.next() {
      let low = last + distance / 2
      last = low + length
      if distance & 1 == 0 {
        ranges.append(Range(low: low, high: last))
      } else {
        for scalar in stride(from: low, through: last, by: 2) {
          ranges.append(Range(low: scalar, high: scalar))
        }
      }
    }
  }

  /// The class of `\d`, `\s`, `\w` by its letter in lower case. They are ASCII.
  static func perl(_ letter: UInt8) -> CharacterClass? {
    switch letter {
    case UInt8(ascii: "d"): ascii([(0x30, 0x39)])
    case UInt8(ascii: "s"): ascii([(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)])
    case UInt8(ascii: "w"): ascii([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])
    default: nil
    }
  }

  /// The class of `[:name:]`; nil if there is none of that name.
  static func posix(_ name: Substring) -> CharacterClass? {
    switch name {
    case "alnum": ascii([(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)])
    case "alpha": ascii([(0x41, 0x5A), (0x61, 0x7A)])
    case "ascii": ascii([(0, 0x7F)])
    case "blank": ascii([(0x09, 0x09), (0x20, 0x20)])
    case "cntrl": ascii([(0, 0x1F), (0x7F, 0x7F)])
    case "digit": ascii([(0x30, 0x39)])
    case "graph": ascii([(0x21, 0x7E)])
    case "lower": ascii([(0x61, 0x7A)])
    case "print": ascii([(0x20, 0x7E)])
    case "punct": ascii([(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)])
    case "space": ascii([(0x09, 0x0D), (0x20, 0x20)])
    case "upper": ascii([(0x41, 0x5A)])
    case "word": perl(UInt8(ascii: "w"))
    case "xdigit": ascii([(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)])
    default: nil
    }
  }

  private static func ascii(_ pairs: [(UInt32, UInt32)]) -> CharacterClass {
    var result = CharacterClass()
    result.ranges = pairs.map { Range(low: $0.0, high: $0.1) }
    return result
  }
}

extension StaticString {
  fileprivate func isEqual(to name: Substring) -> Bool {
    utf8CodeUnitCount == name.utf8.count
      && name.utf8.elementsEqual(UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount))
  }
}
