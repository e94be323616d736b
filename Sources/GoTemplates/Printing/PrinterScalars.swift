extension Printer {
  // MARK: padding

  /// Writes within the width, which counts scalars.
  mutating func pad(_ text: [UInt8]) {
    guard let width, width > 0 else {
      output += text
      return
    }
    let missing = width - scalarCount(text)
    if missing <= 0 {
      output += text
    } else if minus {
      output += text
      output += [UInt8](repeating: 0x20, count: missing)
    } else {
      output += [UInt8](repeating: zero ? 0x30 : 0x20, count: missing)
      output += text
    }
  }

  // MARK: strings

  mutating func string(_ bytes: [UInt8], _ verb: UInt32) {
    switch verb {
    case 0x78, 0x58: hexadecimal(bytes, capitals: verb == 0x58)
    case 0x71: quoted(truncated(bytes))
    default: pad(truncated(bytes))
    }
  }

  private func truncated(_ bytes: [UInt8]) -> [UInt8] {
    guard let precision else { return bytes }
    var left = precision
    var index = 0
    return bytes.withUnsafeBufferPointer { text in
      while index < text.count, left > 0 {
        index += decodeScalar(text, at: index).1
        left -= 1
      }
      return Array(text[..<index])
    }
  }

  mutating func quoted(_ bytes: [UInt8]) {
    if sharp, canBackquote(bytes) { return pad([0x60] + bytes + [0x60]) }
    pad(goQuotedBytes(bytes, ascii: plus))
  }

  private func canBackquote(_ bytes: [UInt8]) -> Bool {
    !scalars(of: bytes).contains {
      $0 == 0x60 || $0 == 0x7F || $0 == 0xFEFF || $0 == 0xFFFD || $0 < 0x20 && $0 != 9
    }
  }

  private mutating func hexadecimal(_ bytes: [UInt8], capitals: Bool) {
    var text: [UInt8] = []
    let mark: [UInt8] = [0x30, capitals ? 0x58 : 0x78]
    let shown = precision.map { bytes.prefix($0) } ?? bytes[...]
    for (index, byte) in shown.enumerated() {
      if space, index > 0 { text.append(0x20) }
      if sharp, space || index == 0 { text += mark }
      let digits = hex(UInt32(byte), width: 2)
      text += capitals ? digits.map { $0 >= 0x61 ? $0 - 0x20 : $0 } : digits
    }
    pad(text)
  }

  // MARK: integers

  mutating func integer(_ value: GoValue, _ bits: UInt64, isSigned: Bool, _ verb: UInt32) {
    switch verb {
    case 0x76 where sharpV && !isSigned: number(bits, 16, isSigned, verb, sharp: true)
    case 0x76, 0x64: number(bits, 10, isSigned, verb)
    case 0x62: number(bits, 2, isSigned, verb)
    case 0x6F, 0x4F: number(bits, 8, isSigned, verb)
    case 0x78, 0x58: number(bits, 16, isSigned, verb)
    case 0x63:
      var text: [UInt8] = []
      appendScalar(bits > 0x10FFFF ? 0xFFFD : UInt32(bits), to: &text)
      pad(text)
    case 0x71:
      var text: [UInt8] = [0x27]
      let scalar = bits > 0x10FFFF ? 0xFFFD : UInt32(bits)
      appendEscaped(scalar, 0x27, plus, to: &text)
      pad(text + [0x27])
    case 0x55: unicode(bits)
    default: badInteger(value, verb)
    }
  }

  private mutating func badInteger(_ value: GoValue, _ verb: UInt32) {
    add("%!")
    appendScalar(verb, to: &output)
    add("(\(typeName(value))=")
    argument(value, 0x76)
    add(")")
  }

  private mutating func unicode(_ bits: UInt64) {
    let digits = String(bits, radix: 16, uppercase: true)
    let length = max(4, precision ?? 4)
    var text = "U+" + String(repeating: "0", count: max(0, length - digits.count)) + digits
    if sharp, bits <= 0x10FFFF, isPrintable(UInt32(bits)), let scalar = Unicode.Scalar(UInt32(bits))
    {
      text += " '\(Character(scalar))'"
    }
    let old = zero
    zero = false
    pad(Array(text.utf8))
    zero = old
  }

  private mutating func number(
    _ bits: UInt64, _ radix: Int, _ isSigned: Bool, _ verb: UInt32, sharp: Bool? = nil
  ) {
    let isNegative = isSigned && Int64(bitPattern: bits) < 0
    let magnitude = isNegative ? 0 &- bits : bits
    var least = 0
    if let precision {
      least = precision
      if precision == 0, magnitude == 0 {
        let old = zero
        zero = false
        pad([])
        zero = old
        return
      }
    } else if zero, !minus, let width {
      least = width
      if isNegative || plus || space { least -= 1 }
    }
    let capitals = verb == 0x58
    var text = Array(String(magnitude, radix: radix, uppercase: capitals).utf8)
    if text.count < least { text = [UInt8](repeating: 0x30, count: least - text.count) + text }
    if sharp ?? self.sharp {
      switch radix {
      case 2: text = [0x30, 0x62] + text
      case 8: if text.first != 0x30 { text = [0x30] + text }
      case 16: text = [0x30, capitals ? 0x58 : 0x78] + text
      default: break
      }
    }
    if verb == 0x4F { text = [0x30, 0x6F] + text }
    if isNegative {
      text = [0x2D] + text
    } else if plus {
      text = [0x2B] + text
    } else if space {
      text = [0x20] + text
    }
    let old = zero
    zero = false
    pad(text)
    zero = old
  }

  // MARK: floats

  mutating func float(_ value: GoValue, _ number: Double, _ verb: UInt32) {
    var text: [UInt8]
    switch verb {
    case 0x76: text = precision.map { cFormatted(number, 0x67, precision: $0) } ?? shortest(number)
    case 0x67, 0x47:
      text = precision.map { cFormatted(number, 0x67, precision: $0) } ?? shortest(number)
    case 0x65, 0x45: text = cFormatted(number, 0x65, precision: precision ?? 6)
    case 0x66, 0x46: text = cFormatted(number, 0x66, precision: precision ?? 6)
    case 0x62: text = binary(number)
    case 0x78, 0x58: text = hexFloat(number)
    default: return badInteger(value, verb)
    }
    if verb == 0x47 || verb == 0x45 || verb == 0x58 {
      text = text.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
    }
    if sharp, verb != 0x62, number.isFinite { text = withPoint(text, verb) }
    signed(text, isFinite: number.isFinite)
  }

  private mutating func signed(_ digits: [UInt8], isFinite: Bool) {
    var text = digits
    if text.first != 0x2D, text.first != 0x2B { text = [0x2B] + text }
    if space, text[0] == 0x2B, !plus { text[0] = 0x20 }
    let old = zero
    defer { zero = old }
    if !isFinite {
      zero = false
      if text[1] == 0x4E, !space, !plus { text.removeFirst() }
    }
    if plus || text[0] != 0x2B {
      if zero, !minus, let width, width > text.count {
        output.append(text[0])
        let digits = Array(text.dropFirst())
        output += [UInt8](repeating: 0x30, count: width - text.count) + digits
        return
      }
      return pad(text)
    }
    pad(Array(text.dropFirst()))
  }

  /// The `#` flag: a decimal point always, and for %g trailing zeros.
  private func withPoint(_ text: [UInt8], _ verb: UInt32) -> [UInt8] {
    var digits = verb == 0x76 || verb == 0x67 || verb == 0x47 ? precision ?? 6 : 0
    var tail: [UInt8] = []
    var head = text
    if let mark = text.firstIndex(where: { $0 | 0x20 == 0x65 }) {
      tail = Array(text[mark...])
      head = Array(text[..<mark])
    }
    var hasPoint = false
    var sawNonZero = false
    for byte in head {
      if byte == 0x2E { hasPoint = true }
      if (0x30...0x39).contains(byte) {
        if byte != 0x30 { sawNonZero = true }
        if sawNonZero { digits -= 1 }
      }
    }
    if !hasPoint {
      if head.count == 1, head[0] == 0x30 { digits -= 1 }
      head.append(0x2E)
    }
    return head + [UInt8](repeating: 0x30, count: max(0, digits)) + tail
  }

  private func binary(_ number: Double) -> [UInt8] {
    guard number.isFinite else { return shortest(number) }
    let bits = number.bitPattern
    let fraction = bits & ((1 << 52) - 1)
    let exponent = Int(bits >> 52 & 0x7FF)
    let mantissa = exponent == 0 ? fraction : fraction | 1 << 52
    let power = max(exponent, 1) - 1023 - 52
    let sign = number.sign == .minus ? "-" : ""
    return Array("\(sign)\(mantissa)p\(power < 0 ? "" : "+")\(power)".utf8)
  }

  private func hexFloat(_ number: Double) -> [UInt8] {
    guard number.isFinite else { return shortest(number) }
    let sign = number.sign == .minus ? "-" : ""
    if number == 0 { return Array("\(sign)0x0p+00".utf8) }
    var digits = String(number.significandBitPattern, radix: 16)
    digits = String(repeating: "0", count: 13 - digits.count) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    let power = Int(number.exponent)
    let exponent = String(abs(power))
    return Array(
      ("\(sign)0x1" + (digits.isEmpty ? "" : "." + digits) + "p" + (power < 0 ? "-" : "+")
        + (exponent.count < 2 ? "0" : "") + exponent).utf8)
  }
}
