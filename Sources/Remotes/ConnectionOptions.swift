/// Who may be connected to, how, and for how long.
///
/// Filled from flags and the process environment, never from a file of the tree.
public struct ConnectionOptions: Sendable {
  /// Hosts that may be connected to, in any case: `git.acme.test`, `*.acme.test` for all below it, or
  /// `*` for every one.
  public var allowedHosts: [String] = []
  /// Whether http without TLS may go to another machine than this one.
  public var allowsPlainHTTP = false
  /// How long one conversation with the server may take as a whole, in seconds.
  public var timeoutSeconds = 120.0
  /// How long to try again when others are quicker, in seconds from the first attempt.
  public var retrySeconds = 30.0
  /// The command that runs `HTTPTransport`, program and arguments.
  public var httpProgram: [String] = []
  /// Whether libgit2's own push is used for http(s), for comparison.
  public var usesStockPush = false
  /// The process environment: `GIT_SSH_COMMAND`, `GIT_SSH`, and what programs that are run inherit.
  public var environment: [String: String] = [:]

  /// Nothing is allowed.
  public init() {}

  /// Throws `notAllowed` unless the address may be connected to.
  public func check(_ address: RemoteAddress) throws(RemoteError) {
    guard address.scheme != .file else { return }
    guard allowedHosts.contains(where: { matches($0.lowercased(), address.host) }) else {
      throw RemoteError(
        .notAllowed,
        "'\(address)' is on the host '\(address.host)', which this run may not connect to",
        help: "allow it with --allow-host \(address.host), or with "
          + "PAVE_ALLOWED_HOSTS=\(address.host) in the environment")
    }
    guard address.scheme != .http || address.isLoopback || allowsPlainHTTP else {
      throw RemoteError(
        .notAllowed, "'\(address)' is plain http: everybody on the way could read and change it",
        help: "use https://, or allow it with --allow-http")
    }
  }

  /// What of the environment must never be printed: the token, and the passwords of proxies.
  var secrets: [String] {
    var secrets = [environment[HTTPCredentials.tokenVariable] ?? ""]
    for (name, value) in environment where name.lowercased().hasSuffix("_proxy") {
      guard let at = value.lastIndex(of: "@") else { continue }
      let person = value[..<at].split(separator: "/").last ?? ""
      guard let colon = person.firstIndex(of: ":") else { continue }
      let password = String(person[person.index(after: colon)...])
      secrets += [password, decoded(password)]
    }
    return secrets.filter { !$0.isEmpty }
  }

  private func matches(_ pattern: String, _ host: String) -> Bool {
    if pattern == "*" || pattern == host { return true }
    return pattern.hasPrefix("*.") && host.hasSuffix(pattern.dropFirst())
      && host.utf8.count >= pattern.utf8.count
  }
}
