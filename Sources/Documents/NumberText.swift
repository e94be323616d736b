/// A number or boolean as YAML and JSON say it: what a reader would make the same value of.
func plainText(of value: Value) -> String {
  switch value.kind {
  case .bool: value.payload == 1 ? "true" : "false"
  case .int: String(value.intPayload)
  case .uint: String(value.payload)
  case .double: doubleText(value.doublePayload)
  default: "null"
  }
}

/// The shortest text that reads back as the same double in YAML 1.1, YAML 1.2, Go and JSON (which
/// has no words for the infinities and NaN): with a point even before an exponent, which YAML 1.1
/// demands of floats (yaml.org/type/float.html).
func doubleText(_ number: Double) -> String {
  guard number.isFinite else { return number.isNaN ? ".nan" : number > 0 ? ".inf" : "-.inf" }
  let text = number.description
  guard let exponent = text.utf8.firstIndex(of: UInt8(ascii: "e")),
    !text.utf8.contains(UInt8(ascii: "."))
  else { return text }
  return text[..<exponent] + ".0" + text[exponent...]
}

/// The string that sigs.k8s.io/yaml (`convertToJSONableObject`, v1.4.0) makes of a map's key: a
/// float as Go's `FormatFloat(key, 'g', -1, 32)`; nil for null, lists, maps and unsigned integers
/// over Int64, which it refuses.
func keyText(of value: Value) -> String? {
  switch value.kind {
  case .string: value.asString
  case .bool, .int: plainText(of: value)
  case .double: goFloat32Text(value.doublePayload)
  default: nil
  }
}

/// A number as it comes out of JSON that an API server's client wrote: whole ones are integers where 64 bits hold them, all
/// others are doubles (`encoding/json` writes, sigs.k8s.io/json reads into `int64` or `float64`). Any other value is
/// returned as it is.
public func numberThroughJSON(_ value: Value) -> Value {
  switch value.kind {
  case .uint: return .double(Double(value.payload))
  case .double:
    let number = value.doublePayload
    if number.magnitude < 9_007_199_254_740_992 {
      return Int64(exactly: number).map { .int($0) } ?? value
    }
    guard number.isFinite, number.magnitude < 1e19 else { return value }
    return Int64(goJSONText(number)).map { .int($0) } ?? value
  default: return value
  }
}

/// A finite double as Go's `encoding/json` writes it: digits alone where it is whole, an exponent only below 1e-6 and from
/// 1e21 on.
func goJSONText(_ number: Double) -> String {
  guard number != 0 else { return number.sign == .minus ? "-0" : "0" }
  let sign = number < 0 ? "-" : ""
  let (digits, point) = shortestDigits(number.magnitude.description)
  guard number.magnitude < 1e-6 || number.magnitude >= 1e21 else {
    return sign + fixedText(digits, point)
  }
  let fraction = digits.count > 1 ? "." + text(of: digits.dropFirst()) : ""
  let power = point - 1
  return sign + text(of: digits.prefix(1)) + fraction + "e" + (power < 0 ? "-" : "+")
    + "\(abs(power))"
}

/// Go's `strconv.FormatFloat(number, 'g', -1, 32)`, with YAML's words for what is not finite.
private func goFloat32Text(_ number: Double) -> String {
  let single = Float(number)
  guard single.isFinite else { return doubleText(Double(single)) }
  guard single != 0 else { return single.sign == .minus ? "-0" : "0" }
  let sign = single < 0 ? "-" : ""
  let (digits, point) = shortestDigits(single.magnitude.description)
  let power = point - 1
  guard power < -4 || power >= 6 else { return sign + fixedText(digits, point) }
  let fraction = digits.count > 1 ? "." + text(of: digits.dropFirst()) : ""
  let magnitude = abs(power) < 10 ? "0\(abs(power))" : "\(abs(power))"
  return sign + text(of: digits.prefix(1)) + fraction + "e" + (power < 0 ? "-" : "+") + magnitude
}

private func text(of digits: some Sequence<UInt8>) -> String {
  String(decoding: Array(digits), as: UTF8.self)
}

/// Digits with the point after so many of them, without an exponent.
private func fixedText(_ digits: [UInt8], _ point: Int) -> String {
  if point <= 0 { return "0." + String(repeating: "0", count: -point) + text(of: digits) }
  if point >= digits.count {
    return text(of: digits) + String(repeating: "0", count: point - digits.count)
  }
  return text(of: digits.prefix(point)) + "." + text(of: digits.dropFirst(point))
}

/// The digits of a number that is not zero out of Swift's text for it, and after how many of them the point stands.
private func shortestDigits(_ description: String) -> (digits: [UInt8], point: Int) {
  var digits: [UInt8] = []
  var pointAfter: Int?
  var exponent = 0
  let text = Array(description.utf8)
  var index = 0
  while index < text.count {
    switch text[index] {
    case UInt8(ascii: "."): pointAfter = digits.count
    case UInt8(ascii: "e"):
      exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
      index = text.count
    default: digits.append(text[index])
    }
    index += 1
  }
  var point = (pointAfter ?? digits.count) + exponent
  while digits.count > 1, digits.first == 0x30 {
    digits.removeFirst()
    point -= 1
  }
  while digits.count > 1, digits.last == 0x30 { digits.removeLast() }
  return (digits, point)
}
