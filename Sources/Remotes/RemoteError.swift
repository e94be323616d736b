import Repositories

/// Why a server's repository could not be read or written.
public struct RemoteError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong, for callers that act on it.
  public enum Code: Sendable {
    /// The text names no repository.
    case badAddress
    /// The host, or the way to it, was not allowed by whoever runs this.
    case notAllowed
    /// No connection could be made.
    case unreachable
    /// The deadline passed.
    case timedOut
    /// The server wants to know who asks, and was not satisfied.
    case authentication
    /// The server's own key or certificate is not trusted.
    case untrustedServer
    /// There is no such repository, or it is not shown.
    case notFound
    /// A reference is not where it was expected: somebody else was quicker.
    case moved
    /// The server refused a change, for its own reasons.
    case rejected
    /// The server's answer is not what the protocol says.
    case malformed
    /// The connection ended too early.
    case cut
    /// A kind of server that cannot be worked with.
    case unsupported
    /// The repository's copy on this machine is in use, or cannot be written.
    case cache
    /// Everything else.
    case failed
  }

  /// What went wrong.
  public let code: Code
  /// One line, lower case, no full stop.
  public let message: String
  /// The way out, where one is known.
  public let help: String?

  /// An error with a line and the way out.
  public init(_ code: Code, _ message: String, help: String? = nil) {
    self.code = code
    self.message = message
    self.help = help
  }

  /// An error of the copy on this machine.
  init(_ error: RepositoryError) {
    self.init(.cache, error.message, help: error.help)
  }

  /// The message.
  public var description: String { message }

  /// The error with every one of `secrets` replaced by `***`.
  func masking(_ secrets: [String]) -> RemoteError {
    RemoteError(
      code, masked(message, secrets), help: help.map { masked($0, secrets) })
  }
}

/// The text with secrets replaced by `***`.
func masked(_ text: String, _ secrets: [String]) -> String {
  var text = text
  // Short ones could be part of any word.
  for secret in secrets where secret.utf8.count >= 4 {
    while let range = text.firstRange(of: secret) { text.replaceSubrange(range, with: "***") }
  }
  return text
}

/// What a server said, fit for a line of a terminal: control characters left out, lines joined by
/// `; `, at most `limit` bytes of it.
func printable(_ bytes: some Collection<UInt8>, limit: Int = 500) -> String {
  let lines = bytes.split { $0 == 0x0A || $0 == 0x0D }
    .map { line in
      String(decoding: line, as: UTF8.self).unicodeScalars
        .filter { $0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F).contains($0.value) }
        .reduce(into: "") { $0.unicodeScalars.append($1) }
    }
    .map { $0.trimmingSpaces }.filter { !$0.isEmpty }
  let text = lines.joined(separator: "; ")
  guard text.utf8.count > limit else { return text }
  return String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…"
}

extension String {
  fileprivate var trimmingSpaces: String {
    let start = drop { $0 == " " }
    guard let last = start.lastIndex(where: { $0 != " " }) else { return "" }
    return String(start[...last])
  }
}

/// Calls the copy on this machine and throws what it reports as an error of a remote.
func cached<Result>(
  _ body: () throws(RepositoryError) -> Result
) throws(RemoteError) -> Result {
  do throws(RepositoryError) {
    return try body()
  } catch {
    throw RemoteError(error)
  }
}
