import Glibc
public import Repositories

/// A key that commits are signed with, and the program that signs.
///
/// Both are the user's: from flags, the process environment or the user's own Git configuration, never
/// from a file of a tree.
public struct SigningKey: Sendable, Equatable {
  /// The kind of signature (git-config(1), `gpg.format`).
  public enum Format: String, Sendable, CaseIterable {
    /// `gpg`
    case openpgp
    /// `ssh-keygen`
    case ssh
  }

  /// The kind of signature.
  public var format: Format
  /// For ssh the path of a private key, of a public key whose private half an agent has, or a public
  /// key itself after `key::`; for OpenPGP what `gpg --local-user` takes.
  public var key: String
  /// The program; nil for `ssh-keygen` or `gpg`.
  public var program: String?

  /// A key from its parts.
  public init(format: Format, key: String, program: String? = nil) {
    self.format = format
    self.key = key
    self.program = program
  }

  /// A key as a user names it: a file or a public key for ssh, anything else for OpenPGP.
  public init(named name: String) {
    let isLiteral = name.hasPrefix("key::") || name.hasPrefix("ssh-")
    let isFile = access(name, R_OK) == 0 || access(name + ".pub", R_OK) == 0
    self.init(format: isLiteral || isFile || name.contains("/") ? .ssh : .openpgp, key: name)
  }

  /// The key that a user's Git configuration signs commits with; nil when it signs none
  /// (`commit.gpgSign`).
  ///
  /// Throws for a format that is not known here, and when no key is named.
  public static func configured(
    in configuration: UserConfiguration, always: Bool = false
  ) throws(RepositoryError) -> SigningKey? {
    guard always || configuration.isTrue("commit.gpgsign") else { return nil }
    let name = configuration.text("gpg.format") ?? "openpgp"
    guard let format = Format(rawValue: name) else {
      throw RepositoryError(
        .unsupported, .sign, "commits cannot be signed in the format '\(name)' of 'gpg.format'",
        help: "sign with ssh or openpgp, or leave it with --no-sign")
    }
    let key = format == .ssh ? sshKey(in: configuration) : configuration.text("user.signingkey")
    guard let key else {
      throw RepositoryError(
        .failed, .sign, "'commit.gpgSign' is set, and 'user.signingKey' names no key",
        help: "name one with --sign KEY, or leave it with --no-sign")
    }
    let program =
      configuration.path("gpg.\(format.rawValue).program")
      ?? (format == .openpgp ? configuration.path("gpg.program") : nil)
    return SigningKey(format: format, key: key, program: program)
  }

  private static func sshKey(in configuration: UserConfiguration) -> String? {
    guard let text = configuration.text("user.signingkey") else { return nil }
    let isLiteral = text.hasPrefix("key::") || text.hasPrefix("ssh-")
    return isLiteral ? text : configuration.path("user.signingkey")
  }

  /// Signs commits with the key, by running its program with the given environment.
  ///
  /// The same key and commit give the same signature for ssh keys of the kind ed25519 only (RFC 8032);
  /// others hold a random number or the time.
  public func signer(environment: [String: String]) -> CommitSigner {
    { (commit: [UInt8]) throws(RepositoryError) -> String in
      switch format {
      case .openpgp:
        try signature(
          of: commit, by: [program ?? "gpg", "--batch", "--status-fd=2", "-bsau", key], environment)
      case .ssh:
        try withKeyFile { (path, isInAgent) throws(RepositoryError) in
          try signature(
            of: commit,
            by: [program ?? "ssh-keygen", "-Y", "sign", "-n", "git", "-f", path]
              + (isInAgent ? ["-U"] : []), environment)
        }
      }
    }
  }

  private func signature(
    of commit: [UInt8], by arguments: [String], _ environment: [String: String]
  ) throws(RepositoryError) -> String {
    let result: ProgramRun
    do throws(ProgramFailure) {
      result = try run(arguments, input: commit, environment: environment, timeoutSeconds: 60)
    } catch {
      switch error {
      case .notStarted(let reason):
        throw failure(arguments[0], reason)
      case .timedOut:
        throw failure(arguments[0], "it did not end within a minute; it may wait for a passphrase")
      }
    }
    let text = String(decoding: result.output, as: UTF8.self)
    guard result.status == 0, text.hasPrefix("-----BEGIN "), !text.contains("\0") else {
      let lines = String(decoding: result.errors, as: UTF8.self).split(separator: "\n")
        .filter { !$0.hasPrefix("[GNUPG:]") }
      throw failure(
        arguments[0],
        lines.isEmpty ? "it ended with \(result.status)" : lines.joined(separator: "; "))
    }
    return text
  }

  private func failure(_ program: String, _ reason: String) -> RepositoryError {
    RepositoryError(
      .failed, .sign, "cannot sign the commit with '\(program)': \(reason)",
      help: "nothing was published; check the key '\(key)', or leave it with --no-sign")
  }

  /// Gives `body` a file with the key; a public key that is written out passes through a temporary one.
  private func withKeyFile(
    _ body: (String, Bool) throws(RepositoryError) -> String
  ) throws(RepositoryError) -> String {
    let literal = key.hasPrefix("key::") ? String(key.dropFirst(5)) : key
    guard literal.hasPrefix("ssh-") || key.hasPrefix("key::") else { return try body(key, false) }
    var template = Array("/tmp/pave-key-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else { throw failure("ssh-keygen", "cannot make a temporary file") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    let bytes = Array(literal.utf8) + [UInt8(ascii: "\n")]
    let count = write(file, bytes, bytes.count)
    close(file)
    guard count == bytes.count else { throw failure("ssh-keygen", "cannot write a temporary file") }
    return try body(path, true)
  }
}
