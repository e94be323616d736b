import Documents

extension CELType {
  static let url = CELType.opaque("kubernetes.URL", [])
}

extension Library {
  /// Kubernetes' URLs: what Go's `url.ParseRequestURI` takes, read by `url.Parse`, which knows
  /// fragments.
  static let urls: [Function] = [
    Function("url", .string, returns: .url, cost: .rounded(0, 0.1)) { text, frame in
      switch URLParser.parse(text.utf8) {
      case .success(let url): frame.arena.url(url.withFragment)
      case .failure(let error):
        frame.error(
          "URL parse error during conversion from string: parse "
            + String(decoding: Characters.quoted(text.utf8), as: UTF8.self) + ": " + error.message)
      }
    },
    Function("isURL", .string, returns: .bool) { text, _ in
      .bool((try? URLParser.parse(text.utf8).get()) != nil)
    },
    part("getScheme") { $0.scheme },
    part("getHost") { $0.host },
    part("getHostname") { $0.hostname },
    part("getPort") { $0.port },
    part("getEscapedPath") { $0.escapedPath },
    Function("getQuery", on: .url, returns: .map(.string, .list(.string))) { value, frame in
      query(value.url.query, frame)
    },
  ]

  private static func part(
    _ name: String, _ body: @escaping @Sendable (URLBox) -> Value
  ) -> Function {
    Function(name, on: .url, returns: .string) { value, _ in body(value.url) }
  }

  /// Keys in the order they first occur; pairs that are not well formed are left out.
  private static func query(_ text: Value, _ frame: Frame) -> Value {
    var keys: [Value] = []
    var values: [[Value]] = []
    guard frame.spend(text.count) else { return frame.error(.stepLimit) }
    for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
      if pair.contains(UInt8(ascii: ";")) { continue }
      let mark = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      guard let name = PercentCoding.decoded(pair[..<mark], .query),
        let content = PercentCoding.decoded(pair[min(mark + 1, pair.endIndex)...], .query)
      else { continue }
      let key = frame.arena.string(name)
      let value = frame.arena.string(content)
      guard frame.spend(1 + keys.count) else { return frame.error(.stepLimit) }
      if let index = keys.firstIndex(where: { $0.hasSameBytes(as: key) }) {
        values[index].append(value)
      } else {
        keys.append(key)
        values.append([value])
      }
    }
    return frame.arena.map(
      zip(keys, values).map { MapEntry(key: $0, value: frame.arena.list($1)) })
  }
}

/// A URL in a box: strings of the arena.
struct URLBox: BitwiseCopyable {
  var scheme: Value
  /// Host and port as written, with brackets.
  var host: Value
  var hostname: Value
  var port: Value
  var escapedPath: Value
  var query: Value
  /// The whole, put together again.
  var text: Value
}

extension Value {
  /// The URL in a box; call it only on one.
  var url: URLBox {
    unboxed(as: URLBox.self)
      ?? URLBox(
        scheme: .emptyString, host: .emptyString, hostname: .emptyString, port: .emptyString,
        escapedPath: .emptyString, query: .emptyString, text: .emptyString)
  }
}

extension Arena {
  fileprivate func url(_ url: URLParser) -> Value {
    box(
      .url,
      URLBox(
        scheme: string(url.scheme), host: string(url.host), hostname: string(url.hostAndPort.host),
        port: string(url.hostAndPort.port), escapedPath: string(url.escapedPath),
        query: string(url.query), text: string(url.text)))
  }
}

/// The parts of an absolute URL or an absolute path (Go 1.24, `net/url`).
///
/// As a request's URI it has no fragment: a `#` is part of the path or the query.
struct URLParser {
  /// Why a text is no URL, in Go's words.
  struct Failure: Error {
    var message: String
  }

  private let written: [UInt8]
  private(set) var scheme: [UInt8] = []
  private(set) var opaque: [UInt8] = []
  private(set) var userInfo: [UInt8]?
  private(set) var host: [UInt8] = []
  private(set) var hasAuthority = false
  private(set) var escapedPath: [UInt8] = []
  private(set) var query: [UInt8] = []
  private var hasQuestionMark = false
  /// From the `#` on.
  private var fragment: [UInt8] = []

  private init(_ written: [UInt8]) { self.written = written }

  static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Result<URLParser, Failure> {
    do throws(Failure) {
      var parser = URLParser(Array(text))
      try parser.read(parser.written[...], isRequest: true)
      return .success(parser)
    } catch {
      return .failure(error)
    }
  }

  /// The same URL with the fragment apart, and `//host/path` taken as a host and a path.
  var withFragment: URLParser {
    var result = URLParser(written)
    let mark = written.firstIndex(of: UInt8(ascii: "#")) ?? written.endIndex
    result.fragment = Array(written[mark...])
    do throws(Failure) {
      try result.read(written[..<mark], isRequest: false)
      return result
    } catch {
      return self
    }
  }

  private mutating func read(_ text: ArraySlice<UInt8>, isRequest: Bool) throws(Failure) {
    if text.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      throw Failure(message: "net/url: invalid control character in URL")
    }
    if text.isEmpty { throw Failure(message: "empty url") }
    var rest = try takeScheme(text)
    if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
      hasQuestionMark = true
      query = Array(rest[(mark + 1)...])
      rest = rest[..<mark]
    }
    if rest.first != UInt8(ascii: "/") {
      if Array(text) == [UInt8(ascii: "*")] {
        escapedPath = [UInt8(ascii: "*")]
        return
      }
      guard !scheme.isEmpty else { throw Failure(message: "invalid URI for request") }
      opaque = Array(rest)
      return
    }
    let slashes = rest.prefix { $0 == UInt8(ascii: "/") }.count
    if slashes >= 2, !scheme.isEmpty || (!isRequest && slashes == 2) {
      let authority = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "/") }
      rest = rest[authority.endIndex...]
      hasAuthority = true
      try readAuthority(authority)
    }
    try readPath(rest)
  }

  private mutating func takeScheme(
    _ text: ArraySlice<UInt8>
  ) throws(Failure) -> ArraySlice<UInt8> {
    for (offset, byte) in text.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): continue
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
        UInt8(ascii: "."):
        if offset == 0 { return text }
      case UInt8(ascii: ":"):
        if offset == 0 { throw Failure(message: "missing protocol scheme") }
        scheme = text.prefix(offset).map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        return text.dropFirst(offset + 1)
      default: return text
      }
    }
    return text
  }

  private mutating func readAuthority(_ text: ArraySlice<UInt8>) throws(Failure) {
    var host = text
    if let at = text.lastIndex(of: UInt8(ascii: "@")) {
      let user = text[..<at]
      host = text[(at + 1)...]
      guard user.allSatisfy({ isAlphanumeric($0) || "-._:~!$&'()*+,;=%@".utf8.contains($0) }) else {
        throw Failure(message: "net/url: invalid userinfo")
      }
      _ = try unescaped(user, .userInfo)
      userInfo = Array(user)
    }
    if host.first == UInt8(ascii: "[") {
      guard let end = host.lastIndex(of: UInt8(ascii: "]")) else {
        throw Failure(message: "missing ']' in host")
      }
      try checkPort(host[(end + 1)...])
    } else if let colon = host.lastIndex(of: UInt8(ascii: ":")) {
      try checkPort(host[colon...])
    }
    self.host = try unescaped(host, .host)
  }

  private func checkPort(_ text: ArraySlice<UInt8>) throws(Failure) {
    guard Self.isOptionalPort(text) else {
      throw Failure(
        message: "invalid port \"\(String(decoding: text, as: UTF8.self))\" after host")
    }
  }

  private static func isOptionalPort(_ text: ArraySlice<UInt8>) -> Bool {
    text.isEmpty || (text.first == UInt8(ascii: ":") && text.dropFirst().allSatisfy(isDigit))
  }

  private mutating func readPath(_ text: ArraySlice<UInt8>) throws(Failure) {
    let path = try unescaped(text, .path)
    // As written, if that is a proper way to write it.
    escapedPath =
      text.allSatisfy { "!$&'()*+,;=:@[]%".utf8.contains($0) || !PercentCoding.isEscapedInPath($0) }
      ? Array(text) : PercentCoding.encodedPath(path)
  }

  private func unescaped(
    _ text: ArraySlice<UInt8>, _ place: PercentCoding.Place
  ) throws(Failure) -> [UInt8] {
    if place == .host, let bad = text.first(where: { !PercentCoding.isAllowedInHost($0) }) {
      throw Failure(message: "invalid character \"\(Unicode.Scalar(bad))\" in host name")
    }
    if let result = PercentCoding.decoded(text[...], place) { return result }
    let start = PercentCoding.firstWrong(text, place) ?? text.startIndex
    let excerpt = String(decoding: text[start...].prefix(3), as: UTF8.self)
    throw Failure(message: "invalid URL escape \"\(excerpt)\"")
  }

  /// The name of the host without brackets, and the port.
  var hostAndPort: (host: [UInt8], port: [UInt8]) {
    var name = host[...]
    var port: [UInt8] = []
    if let colon = host.lastIndex(of: UInt8(ascii: ":")), Self.isOptionalPort(host[colon...]) {
      name = host[..<colon]
      port = Array(host[(colon + 1)...])
    }
    if name.first == UInt8(ascii: "["), name.last == UInt8(ascii: "]") {
      name = name.dropFirst().dropLast()
    }
    return (Array(name), port)
  }

  /// The whole URL.
  var text: [UInt8] {
    var result: [UInt8] = []
    if !scheme.isEmpty { result += scheme + [UInt8(ascii: ":")] }
    if !opaque.isEmpty {
      result += opaque
    } else {
      if hasAuthority { result += Array("//".utf8) }
      if let userInfo { result += userInfo + [UInt8(ascii: "@")] }
      result += host + escapedPath
    }
    return (hasQuestionMark ? result + [UInt8(ascii: "?")] + query : result) + fragment
  }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
  isDigit(byte) || (byte | 0x20) &- 0x61 < 26
}

/// `%2F` and its like.
private enum PercentCoding {
  enum Place { case path, host, userInfo, query }

  static func isEscapedInPath(_ byte: UInt8) -> Bool {
    !(isAlphanumeric(byte) || "-_.~$&+,/:;=@".utf8.contains(byte))
  }

  static func isAllowedInHost(_ byte: UInt8) -> Bool {
    byte >= 0x80 || isAlphanumeric(byte) || "!$&'()*+,;=:[]<>\"-_.~%".utf8.contains(byte)
  }

  static func encodedPath(_ path: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return path.flatMap { byte in
      isEscapedInPath(byte)
        ? [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]] : [byte]
    }
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x37
    case 0x61...0x66: digit - 0x57
    default: nil
    }
  }

  /// The byte that an escape stands for; nil if it is none, or not allowed in a host.
  private static func escape(
    _ text: some RandomAccessCollection<UInt8>, _ place: Place
  ) -> UInt8? {
    let digits = Array(text.prefix(3))
    guard digits.count == 3, let high = value(digits[1]), let low = value(digits[2]) else {
      return nil
    }
    let byte = high << 4 | low
    return place == .host && high < 8 && byte != UInt8(ascii: "%") ? nil : byte
  }

  /// Where the first escape is that is none.
  static func firstWrong(_ text: ArraySlice<UInt8>, _ place: Place) -> Int? {
    text.indices.first { text[$0] == UInt8(ascii: "%") && escape(text[$0...], place) == nil }
  }

  static func decoded<Text: RandomAccessCollection<UInt8>>(
    _ text: Text, _ place: Place
  ) -> [UInt8]? {
    var result: [UInt8] = []
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      if byte == UInt8(ascii: "%") {
        guard let decoded = escape(text[index...], place) else { return nil }
        result.append(decoded)
        index = text.index(index, offsetBy: 3)
      } else {
        result.append(byte == UInt8(ascii: "+") && place == .query ? 0x20 : byte)
        index = text.index(after: index)
      }
    }
    return result
  }
}
