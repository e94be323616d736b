/// What `fmt.Sprint` makes of one value (`%v`).
func printed(_ value: GoValue) -> [UInt8] {
  if case .string(let bytes) = value { return bytes }
  var printer = Printer()
  printer.argument(value, 0x76)
  return printer.output
}

extension Execution {
  /// Writes what an action with this value writes.
  @inline(__always)
  func print(_ value: GoValue) throws {
    switch value {
    case .string(let bytes): try write(bytes)
    case .invalid, .null: try write(noValue)
    default:
      // Values are printed within the limit: a list may hold itself many times over.
      var printer = Printer()
      printer.limit = bytesLeft
      printer.argument(value, 0x76)
      try write(printer.output)
    }
  }
}

let noValue = Array("<no value>".utf8)

/// `fmt.Sprint`: blanks only between two operands that are no strings.
func sprint(_ values: [GoValue], limit: Int = .max) -> [UInt8] {
  var printer = Printer()
  printer.limit = limit
  var previousIsString = false
  for (index, value) in values.enumerated() {
    var isString = false
    if case .string = value { isString = true }
    if index > 0, !isString, !previousIsString { printer.output.append(0x20) }
    printer.argument(value, 0x76)
    previousIsString = isString
  }
  return printer.output
}

/// `fmt.Sprintln`.
func sprintln(_ values: [GoValue], limit: Int = .max) -> [UInt8] {
  var printer = Printer()
  printer.limit = limit
  for (index, value) in values.enumerated() {
    if index > 0 { printer.output.append(0x20) }
    printer.argument(value, 0x76)
  }
  printer.output.append(0x0A)
  return printer.output
}

/// `fmt.Sprintf`.
func sprintf(_ format: [UInt8], _ values: [GoValue], limit: Int = .max) -> [UInt8] {
  var printer = Printer()
  printer.limit = limit
  printer.format(format, values)
  return printer.output
}

/// Go's `fmt` over template values (`fmt/print.go`, `fmt/format.go` of Go 1.24).
struct Printer {
  var output: [UInt8] = []
  /// Nothing is added once the output is that long.
  var limit = Int.max

  var width: Int?
  var precision: Int?
  var minus = false
  var plus = false
  var sharp = false
  var space = false
  var zero = false
  var plusV = false
  var sharpV = false
  private var depth = 0
  private var isReordered = false
  private var goodIndex = false

  mutating func clearFlags() {
    (width, precision) = (nil, nil)
    (minus, plus, sharp, space, zero, plusV, sharpV) = (
      false, false, false, false, false, false, false
    )
  }

  mutating func add(_ text: String) { output.append(contentsOf: text.utf8) }

  // MARK: formats

  mutating func format(_ format: [UInt8], _ values: [GoValue]) {
    var index = 0
    var argument = 0
    var afterIndex = false
    isReordered = false
    while index < format.count, output.count <= limit {
      let start = index
      while index < format.count, format[index] != 0x25 { index += 1 }
      output += format[start..<index]
      if index >= format.count { break }
      index += 1
      clearFlags()
      goodIndex = true
      flags: while index < format.count {
        switch format[index] {
        case 0x23: sharp = true
        case 0x30: zero = true
        case 0x2B: plus = true
        case 0x2D: minus = true
        case 0x20: space = true
        default: break flags
        }
        index += 1
      }
      (argument, index, afterIndex) = argumentNumber(argument, format, index, values.count)
      if index < format.count, format[index] == 0x2A {
        index += 1
        width = intArgument(values, &argument)
        if width == nil { add("%!(BADWIDTH)") }
        if let given = width, given < 0 {
          width = -given
          minus = true
          zero = false
        }
        afterIndex = false
      } else {
        (width, index) = number(format, index)
        if afterIndex, width != nil { goodIndex = false }
      }
      if index + 1 <= format.count, index < format.count, format[index] == 0x2E {
        index += 1
        if afterIndex { goodIndex = false }
        (argument, index, afterIndex) = argumentNumber(argument, format, index, values.count)
        if index < format.count, format[index] == 0x2A {
          index += 1
          let given = intArgument(values, &argument)
          precision = given.flatMap { $0 < 0 ? nil : $0 }
          if given == nil { add("%!(BADPREC)") }
          afterIndex = false
        } else {
          (precision, index) = number(format, index)
          if precision == nil { precision = 0 }
        }
      }
      if !afterIndex {
        (argument, index, afterIndex) = argumentNumber(argument, format, index, values.count)
      }
      if index >= format.count {
        add("%!(NOVERB)")
        break
      }
      let (verb, length) = format.withUnsafeBufferPointer { decodeScalar($0, at: index) }
      index += length
      if verb == 0x25 {
        output.append(0x25)
      } else if !goodIndex {
        badArgument(verb, "(BADINDEX)")
      } else if argument >= values.count {
        badArgument(verb, "(MISSING)")
      } else {
        if verb == 0x76 {
          if sharp { (sharp, sharpV) = (false, true) }
          if plus { (plus, plusV) = (false, true) }
        }
        self.argument(values[argument], verb)
        argument += 1
      }
    }
    guard !isReordered, argument < values.count, output.count <= limit else { return }
    clearFlags()
    add("%!(EXTRA ")
    for (offset, value) in values[argument...].enumerated() {
      if offset > 0 { add(", ") }
      if value.isNil {
        add("<nil>")
      } else {
        add(typeName(value) + "=")
        self.argument(value, 0x76)
      }
    }
    add(")")
  }

  private mutating func badArgument(_ verb: UInt32, _ what: String) {
    add("%!")
    appendScalar(verb, to: &output)
    add(what)
  }

  private func number(_ format: [UInt8], _ start: Int) -> (Int?, Int) {
    var index = start
    var value = 0
    while index < format.count, (0x30...0x39).contains(format[index]) {
      value = value * 10 + Int(format[index] - 0x30)
      // Go gives up on what is too large, and takes the rest as a verb.
      if value > 1_000_000 { return (nil, index) }
      index += 1
    }
    return (index > start ? value : nil, index)
  }

  private func intArgument(_ values: [GoValue], _ argument: inout Int) -> Int? {
    guard argument < values.count else { return nil }
    let value = values[argument]
    argument += 1
    let number: Int?
    switch value {
    case .int(let int): number = int
    case .int64(let int): number = Int(int)
    case .uint64(let int): number = Int(exactly: int)
    default: number = nil
    }
    guard let number, (-1_000_000...1_000_000).contains(number) else { return nil }
    return number
  }

  /// `[3]`
  private mutating func argumentNumber(
    _ argument: Int, _ format: [UInt8], _ index: Int, _ count: Int
  ) -> (Int, Int, Bool) {
    guard index < format.count, format[index] == 0x5B else { return (argument, index, false) }
    isReordered = true
    guard let end = format[index...].firstIndex(of: 0x5D) else {
      goodIndex = false
      return (argument, index + 1, false)
    }
    let (value, last) = number(format, index + 1)
    if let value, last == end, value >= 1, value <= count { return (value - 1, end + 1, true) }
    goodIndex = false
    return (argument, end + 1, value != nil && last == end)
  }

  // MARK: values

  mutating func argument(_ value: GoValue, _ verb: UInt32) {
    if output.count > limit { return }
    if value.isNil {
      if verb == 0x54 || verb == 0x76 { pad(Array("<nil>".utf8)) } else { badVerb(value, verb) }
      return
    }
    if verb == 0x54 { return string(Array(typeName(value).utf8), 0x73) }
    self.value(value, verb, nested: false)
  }

  private mutating func value(_ value: GoValue, _ verb: UInt32, nested: Bool) {
    if output.count > limit { return }
    switch value {
    case .invalid, .null: add(sharpV ? "interface {}(nil)" : "<nil>")
    case .bool(let flag):
      if verb == 0x74 || verb == 0x76 {
        pad(Array((flag ? "true" : "false").utf8))
      } else {
        badVerb(value, verb)
      }
    case .int(let int): integer(value, UInt64(bitPattern: Int64(int)), isSigned: true, verb)
    case .int64(let int): integer(value, UInt64(bitPattern: int), isSigned: true, verb)
    case .uint64(let int): integer(value, int, isSigned: false, verb)
    case .float(let float): self.float(value, float, verb)
    case .string(let bytes):
      switch verb {
      case 0x76 where sharpV: quoted(bytes)
      case 0x76, 0x73, 0x78, 0x58, 0x71: string(bytes, verb)
      default: badVerb(value, verb)
      }
    case .list(let list): self.list(list, verb)
    case .map(let map): self.map(map, verb)
    case .object(let object): self.object(object, verb, nested)
    }
  }

  private mutating func list(_ list: GoList, _ verb: UInt32) {
    if list.type == .byte, [0x73, 0x71, 0x78, 0x58].contains(verb) {
      return string(bytes(of: list), verb)
    }
    depth += 1
    defer { depth -= 1 }
    if depth > 1000 { return add("...") }
    if sharpV, list.isNil { return add(list.typeName + "(nil)") }
    add(sharpV ? list.typeName + "{" : "[")
    for (index, element) in list.elements.enumerated() {
      if index > 0 { add(sharpV ? ", " : " ") }
      value(element, verb, nested: true)
      if output.count > limit { return }
    }
    add(sharpV ? "}" : "]")
  }

  private mutating func map(_ map: GoMap, _ verb: UInt32) {
    depth += 1
    defer { depth -= 1 }
    if depth > 1000 { return add("...") }
    add(sharpV ? map.typeName + "{" : "map[")
    for (index, entry) in map.entries.enumerated() {
      if index > 0 { add(sharpV ? ", " : " ") }
      value(.string(entry.key), verb, nested: true)
      output.append(0x3A)
      value(entry.value, verb, nested: true)
      if output.count > limit { return }
    }
    add(sharpV ? "}" : "]")
  }

  private mutating func object(_ object: GoObject, _ verb: UInt32, _ nested: Bool) {
    if let complex = object as? GoComplex { return self.complex(complex, verb) }
    if let text = object.text, !sharpV {
      switch verb {
      case 0x76, 0x73, 0x78, 0x58, 0x71: return string(text, verb)
      default: break
      }
    }
    if let inner = object.underlying { return value(inner, verb, nested: nested) }
    depth += 1
    defer { depth -= 1 }
    if depth > 1000 { return add("...") }
    if object.kind == "ptr" { add(nested ? "0xc000010000" : "&") }
    if object.kind == "ptr", nested { return }
    add(sharpV ? object.typeName + "{" : "{")
    for (index, field) in object.fields.enumerated() {
      if index > 0 { add(sharpV ? ", " : " ") }
      if plusV || sharpV { add(field.name + ":") }
      value(field.value, verb, nested: true)
    }
    add("}")
  }

  private mutating func complex(_ complex: GoComplex, _ verb: UInt32) {
    let old = plus
    output.append(0x28)
    float(.float(complex.real), complex.real, verb)
    plus = true
    float(.float(complex.imaginary), complex.imaginary, verb)
    plus = old
    add("i)")
  }

  private mutating func badVerb(_ value: GoValue, _ verb: UInt32) {
    add("%!")
    appendScalar(verb, to: &output)
    output.append(0x28)
    if value.isNil {
      add("<nil>")
    } else {
      add(typeName(value) + "=")
      self.value(value, 0x76, nested: true)
    }
    output.append(0x29)
  }
}
