#if canImport(Glibc)
  import Glibc
#endif

/// The shortest decimal digits that give a float again, and where the point is.
struct ShortestDigits {
  var isNegative: Bool
  /// ASCII digits without leading or trailing zeros; `0` for zero.
  var digits: [UInt8]
  /// The point is before the digit of that index: 1 for `1.5`.
  var point: Int

  init(_ value: Double) {
    isNegative = value.sign == .minus
    digits = []
    point = 0
    var exponent = 0
    var seenPoint = false
    var before = 0
    let text = Array(abs(value).description.utf8)
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte == 0x2E {
        seenPoint = true
      } else if byte == 0x65 {
        exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
        break
      } else {
        digits.append(byte)
        if !seenPoint { before += 1 }
      }
      index += 1
    }
    point = before + exponent
    while digits.count > 1, digits.first == 0x30 {
      digits.removeFirst()
      point -= 1
    }
    while digits.count > 1, digits.last == 0x30 { digits.removeLast() }
    if digits == [0x30] { point = 1 }
  }

  /// `1.5e+06`, with at least that many digits of the exponent.
  func exponential(minimumExponentDigits: Int = 2) -> [UInt8] {
    var text: [UInt8] = isNegative ? [0x2D] : []
    text.append(digits[0])
    if digits.count > 1 {
      text.append(0x2E)
      text += digits[1...]
    }
    let exponent = point - 1
    text += [0x65, exponent < 0 ? 0x2D : 0x2B]
    let number = Array(String(abs(exponent)).utf8)
    text += [UInt8](repeating: 0x30, count: max(0, minimumExponentDigits - number.count)) + number
    return text
  }

  /// `1500000`
  func plain() -> [UInt8] {
    var text: [UInt8] = isNegative ? [0x2D] : []
    if point <= 0 {
      text += [0x30, 0x2E] + [UInt8](repeating: 0x30, count: -point) + digits
    } else if digits.count <= point {
      text += digits + [UInt8](repeating: 0x30, count: point - digits.count)
    } else {
      text += digits[..<point] + [0x2E] + digits[point...]
    }
    return text
  }
}

/// As `strconv.FormatFloat(v, 'g', -1, 64)`: what `%v` prints.
func shortest(_ value: Double) -> [UInt8] {
  if value.isNaN { return Array("NaN".utf8) }
  if value.isInfinite { return Array((value < 0 ? "-Inf" : "+Inf").utf8) }
  if value == value.rounded(), abs(value) < 1e6, value != 0 {
    return Array(String(Int(value)).utf8)
  }
  let digits = ShortestDigits(value)
  let exponent = digits.point - 1
  return exponent < -4 || exponent >= 6 ? digits.exponential() : digits.plain()
}

/// As encoding/json writes a float64: an exponent only below 1e-6 and from 1e21 on.
func jsonFloat(_ value: Double) -> [UInt8] {
  if value == value.rounded(), abs(value) < 1e15, value != 0 {
    return Array(String(Int(value)).utf8)
  }
  let digits = ShortestDigits(value)
  let magnitude = abs(value)
  if magnitude != 0, magnitude < 1e-6 || magnitude >= 1e21 {
    return digits.exponential(minimumExponentDigits: 1)
  }
  return digits.plain()
}

/// A float by C's verb (`e`, `f`, `g` and capitals) with a precision: the digits are exact, as Go's.
func cFormatted(_ value: Double, _ verb: UInt8, precision: Int) -> [UInt8] {
  if value.isNaN { return Array("NaN".utf8) }
  if value.isInfinite { return Array((value < 0 ? "-Inf" : "+Inf").utf8) }
  let format = "%.*" + String(UnicodeScalar(verb))
  var buffer = [CChar](repeating: 0, count: 400 + max(0, precision))
  let count = withVaList([Int32(clamping: precision), value]) { list in
    vsnprintf(&buffer, buffer.count, format, list)
  }
  return buffer.prefix(max(0, min(Int(count), buffer.count - 1))).map { UInt8(bitPattern: $0) }
}
