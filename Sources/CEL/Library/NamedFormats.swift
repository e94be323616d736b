import Documents
import Quantities

extension CELType {
  static let namedFormat = CELType.opaque("kubernetes.NamedFormat", [])
}

extension Library {
  /// Kubernetes' named formats: `format.dns1123Label().validate(name)`.
  static let namedFormats: [Function] =
    NamedFormat.allCases.map { format in
      Function("format.\(format)", [], returns: .namedFormat, in: availability) { _, _ in
        format.box
      }
    } + [
      Function(
        "format.named", .string, returns: .optional(.namedFormat), in: availability
      ) { name, frame in
        NamedFormat.allCases.first { "\($0)" == name.asString }
          .map { frame.arena.optional($0.box) } ?? .none
      },
      Function(
        "validate", on: .namedFormat, .string, returns: .optional(.list(.string)), in: availability,
        cost: .custom { arguments, _ in
          let format = NamedFormat(arguments[0])
          let text = (Double(arguments[1].characterCount + 1) * 0.1).rounded(.up)
          return UInt64(text * (Double(format.patternLength) * 0.25).rounded(.up))
        }
      ) { format, text, frame in
        let problems = NamedFormat(format).problems(in: text)
        if problems.isEmpty { return .none }
        return frame.arena.optional(frame.arena.list(problems.map { frame.arena.string($0) }))
      },
    ]

  private static let availability = Availability.all(kubernetesSince: 31)
}

/// The formats of names that the API server knows (apiserver, `cel/library/format.go`, v0.36).
enum NamedFormat: UInt64, CaseIterable {
  case dns1123Label, dns1123Subdomain, dns1035Label, qualifiedName, dns1123LabelPrefix
  case dns1123SubdomainPrefix, dns1035LabelPrefix, labelValue, uri, uuid, byte, date, datetime

  init(_ box: Value) { self = NamedFormat(rawValue: box.payload) ?? .dns1123Label }

  var box: Value { .box(.format, payload: rawValue) }

  /// The length of the pattern that the cost of a check is reckoned from.
  var patternLength: Int {
    switch self {
    case .dns1123Label, .dns1035Label, .dns1123LabelPrefix, .dns1035LabelPrefix: 30
    case .dns1123Subdomain, .dns1123SubdomainPrefix, .qualifiedName: 60
    case .labelValue: 40
    case .uri: 1104
    case .uuid: 72
    case .byte: 84
    case .date: 24
    case .datetime: 72
    }
  }

  func problems(in text: Value) -> [String] {
    let nameFormat: NameFormat? =
      switch self {
      case .dns1123Label: .dns1123Label
      case .dns1123Subdomain: .dns1123Subdomain
      case .dns1035Label: .dns1035Label
      case .qualifiedName: .qualifiedName
      case .dns1123LabelPrefix: .dns1123LabelPrefix
      case .dns1123SubdomainPrefix: .dns1123SubdomainPrefix
      case .dns1035LabelPrefix: .dns1035LabelPrefix
      case .labelValue: .labelValue
      case .uri, .uuid, .byte, .date, .datetime: nil
      }
    if let nameFormat { return nameFormat.problems(in: text.asString ?? "") }
    switch self {
    case .uri:
      guard case .failure(let error) = URLParser.parse(text.utf8) else { return [] }
      let quoted = String(decoding: Characters.quoted(text.utf8), as: UTF8.self)
      return ["parse \(quoted): \(error.message)"]
    case .uuid: return isUUID(text.utf8) ? [] : ["does not match the UUID format"]
    case .byte:
      let isWhole = text.count % 4 == 0 && text.count > 0
      return isWhole && Base64.decoded(text.utf8) != nil ? [] : ["invalid base64"]
    case .date:
      guard text.count == 10 else { return ["invalid date"] }
      let time = Array(text.utf8) + Array("T00:00:00Z".utf8)
      return time.withUnsafeBufferPointer { TimeText.instant($0) } == nil ? ["invalid date"] : []
    default: return TimeText.instant(text.utf8) == nil ? ["invalid datetime"] : []
    }
  }

  /// Hexadecimal digits in groups of 8, 4, 4, 4, 12; the dashes may be left out.
  private func isUUID(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }
    var digits = 0
    for byte in text {
      if byte == UInt8(ascii: "-") {
        guard [8, 12, 16, 20].contains(digits) else { return false }
      } else {
        guard isHexadecimal(byte) else { return false }
        digits += 1
      }
    }
    return digits == 32 && text.count <= 36
  }
}
