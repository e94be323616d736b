/// Where a repository is: a path on this machine, or a server and how it is reached.
///
/// Prints without passwords and tokens.
public struct RemoteAddress: Sendable, Equatable, CustomStringConvertible {
  /// How the repository is reached.
  public enum Scheme: String, Sendable {
    case https
    case http
    case ssh
    /// On this machine: a path or a `file://` URL.
    case file
  }

  /// How the repository is reached.
  public let scheme: Scheme
  /// The user that stands in the address; nil without one.
  public let user: String?
  /// The password that stands in the address; nil without one.
  let password: String?
  /// The server's name or number without brackets, in lower case; empty for `file`.
  public let host: String
  /// The port; nil for the scheme's own.
  public let port: Int?
  /// The path at the server, or on this machine as it was written.
  public let path: String

  /// An address as people write it (git-clone(1), "GIT URLS"): `https://`, `http://`, `ssh://`,
  /// `[user@]host:path`, `file://` or a path.
  ///
  /// Throws `badAddress` for another scheme, and for hosts, users and paths that a program could take
  /// for an option.
  public init(_ text: String) throws(RemoteError) {
    if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      throw RemoteError(.badAddress, "the address of a repository has a control character in it")
    }
    if let end = text.firstRange(of: "://") {
      try self.init(
        scheme: String(text[..<end.lowerBound]), rest: text[end.upperBound...], whole: text)
    } else if let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") {
      guard !text[colon...].hasPrefix("::") else {
        throw RemoteError(
          .badAddress, "'\(text[..<colon])::' asks git for a helper program, which is not run here",
          help: "use https://, ssh://, host:path, file:// or a path")
      }
      let place = text[..<colon]
      let at = place.lastIndex(of: "@")
      try self.init(
        .ssh, user: at.map { String(place[..<$0]) }, password: nil,
        host: String(at.map { place[place.index(after: $0)...] } ?? place), port: nil,
        path: String(text[text.index(after: colon)...]))
    } else {
      try self.init(.file, user: nil, password: nil, host: "", port: nil, path: text)
    }
  }

  private init(scheme text: String, rest: Substring, whole: String) throws(RemoteError) {
    guard let scheme = Scheme(rawValue: text.lowercased()) else {
      throw RemoteError(
        .badAddress, "'\(text)://' is no way to a repository that is known here",
        help: "use https://, ssh://, host:path, file:// or a path")
    }
    guard let slash = rest.firstIndex(of: "/") else {
      throw RemoteError(.badAddress, "'\(text)://' is followed by no path of a repository")
    }
    var path = String(rest[slash...])
    var place = rest[..<slash]
    if scheme == .file {
      guard place.isEmpty || place == "localhost" else {
        throw RemoteError(.badAddress, "a file:// address cannot name the machine '\(place)'")
      }
      try self.init(.file, user: nil, password: nil, host: "", port: nil, path: decoded(path))
      return
    }
    var user: String?
    var password: String?
    if let at = place.lastIndex(of: "@") {
      let parts = place[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      user = decoded(String(parts[0]))
      password = parts.count > 1 ? decoded(String(parts[1])) : nil
      place = place[place.index(after: at)...]
    }
    var port: Int?
    if let bracket = place.lastIndex(of: "]"), place.hasPrefix("[") {
      port = try number(ofPort: place[place.index(after: bracket)...])
      place = place[..<bracket].dropFirst()
    } else if let colon = place.firstIndex(of: ":") {
      port = try number(ofPort: place[colon...])
      place = place[..<colon]
    }
    if scheme == .ssh {
      path = decoded(path)
      // As git does: a path that begins with a home folder has no slash before it.
      if path.hasPrefix("/~") { path.removeFirst() }
    }
    try self.init(
      scheme, user: user, password: password, host: String(place), port: port, path: path)
  }

  private init(
    _ scheme: Scheme, user: String?, password: String?, host: String, port: Int?, path: String
  ) throws(RemoteError) {
    self.scheme = scheme
    self.user = user == "" ? nil : user
    self.password = password
    self.host = host.lowercased()
    self.port = port
    self.path = path
    guard !path.isEmpty, path != "/" else {
      throw RemoteError(.badAddress, "the address of the repository has no path")
    }
    guard scheme != .file else { return }
    for (what, text) in [("host", host), ("user", user ?? ""), ("path", path)]
    where text.hasPrefix("-") {
      throw RemoteError(
        .badAddress, "the \(what) '\(text)' of the repository begins with '-'",
        help: "a program could take it for an option, so it is refused")
    }
    guard !host.isEmpty, host.utf8.allSatisfy(isHostByte) else {
      throw RemoteError(.badAddress, "'\(host)' is no name of a server")
    }
    for text in [path, user ?? "", password ?? ""]
    where text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      throw RemoteError(.badAddress, "the address of a repository has a control character in it")
    }
  }

  /// The same place with another user and password.
  func with(user: String?, password: String?) throws(RemoteError) -> RemoteAddress {
    try RemoteAddress(
      scheme, user: user, password: password, host: host, port: port, path: path)
  }

  /// Whether the server is this machine by its name or number.
  public var isLoopback: Bool {
    host == "localhost" || host == "::1" || isLoopbackNumber(host)
  }

  /// The address without what could be secret: the password, and for http(s) the user, who can be a
  /// token.
  public var description: String {
    switch scheme {
    case .file: return path
    case .ssh:
      let person = user.map { $0 + (password == nil ? "" : ":***") + "@" } ?? ""
      return "ssh://\(person)\(place)\(path.hasPrefix("/") ? "" : "/")\(path)"
    case .http, .https:
      return "\(scheme.rawValue)://\(user == nil && password == nil ? "" : "***@")\(place)\(path)"
    }
  }

  /// An address as it was written, less what could be secret in it: for files that others read. A text
  /// that is no address stays as it is.
  public static func withoutSecrets(_ text: String) -> String {
    guard let address = try? RemoteAddress(text), !address.secrets.isEmpty else { return text }
    guard address.scheme == .ssh,
      let bare = try? address.with(user: address.user, password: nil)
    else { return address.bareURL }
    return bare.description
  }

  /// The address without any user or password: for http(s).
  var bareURL: String { "\(scheme.rawValue)://\(place)\(path)" }

  /// What must never be printed.
  var secrets: [String] {
    ([password] + (scheme == .ssh ? [] : [user])).compactMap { $0 }.filter { !$0.isEmpty }
  }

  private var place: String {
    (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "")
  }
}

private func number(ofPort text: Substring) throws(RemoteError) -> Int? {
  if text.isEmpty || text == ":" { return nil }
  guard text.hasPrefix(":"), let port = Int(text.dropFirst()), (1...65_535).contains(port) else {
    throw RemoteError(.badAddress, "'\(text.dropFirst())' is no number of a port")
  }
  return port
}

private func isHostByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
    UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "%"):
    true
  default: byte >= 0x80
  }
}

/// Whether a host is a dotted number 127.x.y.z; a name such as `127.evil.test` is none.
private func isLoopbackNumber(_ host: String) -> Bool {
  let parts = host.split(separator: ".", omittingEmptySubsequences: false)
  return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
}

/// The text with its `%hh` replaced (RFC 3986, section 2.1); what is no such escape stays.
func decoded(_ text: String) -> String {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "%"), rest.count >= 2,
      let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
    {
      bytes.append(value)
      rest = rest.dropFirst(2)
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
