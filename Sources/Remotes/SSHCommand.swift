/// How the `ssh` program is called, so that agents, keys of every kind and ~/.ssh/config hold.
enum SSHCommand {
  /// Program and arguments that run a service for the repository at an address.
  ///
  /// The program comes from `GIT_SSH_COMMAND` (split into words, quotes as a shell has them, nothing
  /// expanded) or `GIT_SSH` of the environment, never from a repository's configuration. It must not
  /// ask anything: nobody is there to answer.
  static func arguments(
    for service: Service, at address: RemoteAddress, _ environment: [String: String]
  ) -> [String] {
    var words = environment["GIT_SSH_COMMAND"].map(shellWords) ?? []
    if words.isEmpty { words = [environment["GIT_SSH"].flatMap { $0.isEmpty ? nil : $0 } ?? "ssh"] }
    words += ["-o", "BatchMode=yes"]
    if let port = address.port { words += ["-p", "\(port)"] }
    words.append((address.user.map { $0 + "@" } ?? "") + address.host)
    words.append("\(service.rawValue) \(quoted(address.path))")
    return words
  }

  /// A text as one word of the server's shell (`sq_quote_buf` of git's quote.c).
  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: #"'\''"#).replacing("!", with: #"'\!'"#) + "'"
  }
}

/// The words of a command line: split at spaces, `'…'`, `"…"` and `\` as in a shell, nothing else.
func shellWords(_ text: String) -> [String] {
  var words: [String] = []
  var word: String?
  var quote: Character?
  var isEscaped = false
  for character in text {
    if isEscaped {
      word = (word ?? "") + String(character)
      isEscaped = false
    } else if character == "\\", quote != "'" {
      isEscaped = true
    } else if character == quote {
      quote = nil
    } else if quote == nil, character == "'" || character == "\"" {
      quote = character
      word = word ?? ""
    } else if quote == nil, character == " " || character == "\t" || character == "\n" {
      if let done = word { words.append(done) }
      word = nil
    } else {
      word = (word ?? "") + String(character)
    }
  }
  if let done = word { words.append(done) }
  return words
}

/// What `ssh`, or git at its other end, meant; nil when it said nothing that is known.
func sshError(_ ending: Channel.Ending, _ address: RemoteAddress) -> RemoteError? {
  let text = ending.text.lowercased()
  func has(_ parts: String...) -> Bool { parts.contains { text.contains($0) } }
  let reason = ending.text
  if has("host key verification failed", "host identification has changed") {
    let port = address.port.map { "-p \($0) " } ?? ""
    return RemoteError(
      .untrustedServer, "the key of '\(address.host)' is not known, or has changed: \(reason)",
      help: "compare its key with what its owner publishes, then: "
        + "ssh-keyscan \(port)\(address.host) >> ~/.ssh/known_hosts")
  }
  if has("permission denied", "too many authentication failures", "publickey") {
    return RemoteError(
      .authentication, "'\(address)' refused to let us in: \(reason)",
      help: "load a key that it knows into ssh-agent, or name one in ~/.ssh/config or "
        + "GIT_SSH_COMMAND")
  }
  if has(
    "could not resolve", "connection refused", "no route to host", "network is unreachable",
    "connection timed out", "operation timed out", "connection reset", "connection closed by")
  {
    return RemoteError(.unreachable, "cannot connect to '\(address)': \(reason)")
  }
  if has("does not appear to be a git repository", "repository not found", "could not be found") {
    return missingRepository(address, reason)
  }
  guard let status = ending.status, status != 0, !reason.isEmpty else { return nil }
  return RemoteError(.failed, "'\(address)': \(reason)")
}

/// Nothing is at an address, or the server does not show it.
func missingRepository(_ address: RemoteAddress, _ reason: String) -> RemoteError {
  RemoteError(
    .notFound, "there is no repository '\(address)', or it is not shown to us: \(reason)",
    help: "make it on the server first, and let this user read and write it")
}
