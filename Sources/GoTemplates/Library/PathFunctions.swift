// Paths as Go's `path` (and `path/filepath` on Unix), and URLs as `net/url`.

func addPaths(to table: inout FunctionTable) {
  for prefix in ["", "os"] {
    func name(_ word: String) -> String {
      prefix.isEmpty ? word : prefix + word.prefix(1).uppercased() + word.dropFirst()
    }
    table.add1(name("base"), "s") { _, value in .string(base(value.asBytes ?? [])) }
    table.add1(name("dir"), "s") { _, value in
      let bytes = value.asBytes ?? []
      let end = bytes.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0
      return .string(clean(Array(bytes[..<end])))
    }
    table.add1(name("ext"), "s") { _, value in
      let last =
        (value.asBytes ?? []).split(separator: 0x2F, omittingEmptySubsequences: false)
        .last ?? []
      return .string(last.lastIndex(of: 0x2E).map { Array(last[$0...]) } ?? [])
    }
    table.add1(name("clean"), "s") { _, value in .string(clean(value.asBytes ?? [])) }
    table.add1(name("isAbs"), "s") { _, value in .bool((value.asBytes ?? []).first == 0x2F) }
  }
  table.add1("urlParse", "s") { _, value in .map(try URLParts(value.asBytes ?? []).map) }
  table.add1("urlJoin", "m") { _, value in .string(try joinedURL(value.asMap ?? GoMap())) }
}

private func base(_ path: [UInt8]) -> [UInt8] {
  if path.isEmpty { return [0x2E] }
  var rest = path[...]
  while rest.last == 0x2F { rest.removeLast() }
  if rest.isEmpty { return [0x2F] }
  return Array(rest.lastIndex(of: 0x2F).map { rest[($0 + 1)...] } ?? rest)
}

/// `path.Clean`.
func clean(_ path: [UInt8]) -> [UInt8] {
  let isRooted = path.first == 0x2F
  var parts: [ArraySlice<UInt8>] = []
  for part in path.split(separator: 0x2F) where part.elementsEqual([0x2E]) == false {
    if part.elementsEqual([0x2E, 0x2E]) {
      if let last = parts.last, !last.elementsEqual([0x2E, 0x2E]) {
        parts.removeLast()
      } else if !isRooted {
        parts.append(part)
      }
    } else {
      parts.append(part)
    }
  }
  let joined = Array(parts.joined(separator: [0x2F]))
  if isRooted { return [0x2F] + joined }
  return joined.isEmpty ? [0x2E] : joined
}

/// A URL cut into the parts of sprig's `urlParse`.
private struct URLParts {
  var scheme: [UInt8] = []
  var opaque: [UInt8] = []
  var userinfo: [UInt8] = []
  var host: [UInt8] = []
  var path: [UInt8] = []
  var query: [UInt8] = []
  var fragment: [UInt8] = []

  init(_ text: [UInt8]) throws {
    let shown = goQuoted(text)
    func failure(_ message: String) -> FunctionError {
      FunctionError("unable to parse url: parse \(shown): \(message)")
    }
    guard text.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw failure("net/url: invalid control character in URL")
    }
    var rest = text[...]
    if let mark = rest.firstIndex(of: 0x23) {
      guard let decoded = unescaped(rest[(mark + 1)...]) else {
        throw failure("invalid URL escape in fragment")
      }
      fragment = decoded
      rest = rest[..<mark]
    }
    if rest.first == 0x3A { throw failure("missing protocol scheme") }
    if let colon = rest.firstIndex(of: 0x3A), let first = rest.first,
      (0x41...0x5A).contains(first & 0xDF),
      rest[..<colon].allSatisfy({
        (0x41...0x5A).contains($0 & 0xDF) || (0x30...0x39).contains($0)
          || [0x2B, 0x2D, 0x2E].contains($0)
      })
    {
      scheme = rest[..<colon].map(lowerASCII)
      rest = rest[(colon + 1)...]
    }
    if let mark = rest.firstIndex(of: 0x3F) {
      query = Array(rest[(mark + 1)...])
      rest = rest[..<mark]
    }
    if rest.first != 0x2F {
      if !scheme.isEmpty {
        opaque = Array(rest)
        return
      }
      if let colon = rest.firstIndex(of: 0x3A),
        colon < rest.firstIndex(of: 0x2F) ?? rest.endIndex
      {
        throw failure("first path segment in URL cannot contain colon")
      }
    }
    if rest.starts(with: [0x2F, 0x2F]) {
      let start = rest.startIndex + 2
      let end = rest[start...].firstIndex(of: 0x2F) ?? rest.endIndex
      var authority = rest[start..<end]
      rest = rest[end...]
      if let mark = authority.lastIndex(of: 0x40) {
        userinfo = Array(authority[..<mark])
        guard isUserinfo(userinfo) else { throw failure("net/url: invalid userinfo") }
        authority = authority[(mark + 1)...]
      }
      guard let decoded = unescaped(authority) else { throw failure("invalid URL escape") }
      if authority.first == 0x5B, !authority.contains(0x5D) {
        throw failure("missing ']' in host")
      }
      if authority.contains(0x20) { throw failure("invalid character \" \" in host name") }
      if let colon = authority.lastIndex(of: 0x3A), authority.last != 0x5D {
        let port = authority[(colon + 1)...]
        guard port.allSatisfy({ (0x30...0x39).contains($0) }) else {
          throw failure(
            "invalid port \(goQuoted(Array(authority[colon...]))) after host")
        }
      }
      host = decoded
    }
    guard let decoded = unescaped(rest) else { throw failure("invalid URL escape") }
    path = decoded
  }

  private var hostname: [UInt8] {
    if host.first == 0x5B { return Array(host.dropFirst().prefix { $0 != 0x5D }) }
    return host.lastIndex(of: 0x3A).map { Array(host[..<$0]) } ?? host
  }

  var map: GoMap {
    GoMap([
      ("scheme", .string(scheme)), ("host", .string(host)), ("hostname", .string(hostname)),
      ("path", .string(path)), ("query", .string(query)), ("opaque", .string(opaque)),
      ("fragment", .string(fragment)), ("userinfo", .string(userinfo)),
    ])
  }
}

private func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8]? {
  var result: [UInt8] = []
  var index = text.startIndex
  while index < text.endIndex {
    if text[index] == 0x25 {
      guard index + 2 < text.endIndex, let high = digitValue(text[index + 1]),
        let low = digitValue(text[index + 2])
      else { return nil }
      result.append(UInt8(high << 4 | low))
      index += 3
    } else {
      result.append(text[index])
      index += 1
    }
  }
  return result
}

/// `net/url`'s `validUserinfo`.
private func isUserinfo(_ text: [UInt8]) -> Bool {
  text.allSatisfy {
    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) && $0 < 0x80
      || Array("-._:~!$&'()*+,;=%@".utf8).contains($0)
  }
}

private func joinedURL(_ parts: GoMap) throws -> [UInt8] {
  func part(_ name: String) throws -> [UInt8] {
    guard let value = parts[name], !value.isNil else { return [] }
    guard case .string(let bytes) = value else {
      throw FunctionError(
        "unable to parse \(name) key, must be of type string, but \(typeName(value)) found")
    }
    return bytes
  }
  let (scheme, opaque, userinfo) = (try part("scheme"), try part("opaque"), try part("userinfo"))
  if !isUserinfo(userinfo) {
    let text = "proto://\(String(decoding: userinfo, as: UTF8.self))@host"
    throw FunctionError(
      "unable to parse userinfo in dict: parse \(goQuoted(Array(text.utf8))): "
        + "net/url: invalid userinfo")
  }
  let (host, path) = (try part("host"), try part("path"))
  let (query, fragment) = (try part("query"), try part("fragment"))
  var result: [UInt8] = scheme.isEmpty ? [] : scheme + [0x3A]
  if !opaque.isEmpty {
    result += opaque
  } else {
    if !scheme.isEmpty || !host.isEmpty || !userinfo.isEmpty {
      if !host.isEmpty || !path.isEmpty || !userinfo.isEmpty { result += [0x2F, 0x2F] }
      if !userinfo.isEmpty { result += userinfo + [0x40] }
      result += host
    }
    let escaped = escapedPath(path)
    if !escaped.isEmpty, escaped.first != 0x2F, !host.isEmpty { result.append(0x2F) }
    result += escaped
  }
  if !query.isEmpty { result += [0x3F] + query }
  if !fragment.isEmpty { result += [0x23] + escapedPath(fragment) }
  return result
}

private func escapedPath(_ path: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  for byte in path {
    let isPlain =
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
      || Array("-_.~$&+,/:;=@!'()*[]".utf8).contains(byte)
    result += isPlain && byte < 0x80 ? [byte] : [0x25] + hex(UInt32(byte), width: 2).map(upperASCII)
  }
  return result
}
