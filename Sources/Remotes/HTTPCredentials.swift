/// Who we say we are to an http server: at most one answer, so that a wrong password ends at once.
///
/// In this order: what stands in the address; the token in `PAVE_GIT_TOKEN`; what `git credential
/// fill` knows (helpers and `GIT_ASKPASS`; it never asks on a terminal).
final class HTTPCredentials {
  /// The variable of the process environment that holds a token or password.
  static let tokenVariable = "PAVE_GIT_TOKEN"
  /// The variable that holds the user's name to the token; any name will do for most servers.
  static let userVariable = "PAVE_GIT_USER"

  private let address: RemoteAddress
  private let environment: [String: String]
  private(set) var timesAsked = 0
  private var fromHelper: (user: String, password: String)?

  init(_ address: RemoteAddress, environment: [String: String]) {
    self.address = address
    self.environment = environment
  }

  /// User and password; nil when there are none, or they have been tried.
  func next() -> (user: String, password: String)? {
    timesAsked += 1
    guard timesAsked == 1 else { return nil }
    if let password = address.password { return (address.user ?? "", password) }
    if let token = environment[HTTPCredentials.tokenVariable], !token.isEmpty {
      return (address.user ?? environment[HTTPCredentials.userVariable] ?? "x-access-token", token)
    }
    fromHelper = ask()
    return fromHelper
  }

  /// What a helper gave, which the parent process does not know and must not be told in an error.
  var secrets: [String] { fromHelper.map { [$0.password] } ?? [] }

  /// Tells the helper whether what it gave was right, so that it keeps or forgets it.
  func wereAccepted(_ areRight: Bool) {
    guard let found = fromHelper else { return }
    _ = run(
      areRight ? "approve" : "reject",
      description + "username=\(found.user)\npassword=\(found.password)\n\n")
  }

  private var description: String {
    let port = address.port.map { ":\($0)" } ?? ""
    var text = "protocol=\(address.scheme.rawValue)\nhost=\(address.host)\(port)\n"
    text += "path=\(address.path.drop { $0 == "/" })\n"
    if let user = address.user { text += "username=\(user)\n" }
    return text
  }

  private func ask() -> (user: String, password: String)? {
    guard let answer = run("fill", description + "\n") else { return nil }
    var values: [Substring: String] = [:]
    for line in answer.split(separator: "\n") {
      guard let sign = line.firstIndex(of: "=") else { continue }
      values[line[..<sign]] = String(line[line.index(after: sign)...])
    }
    guard let user = values["username"], let password = values["password"] else { return nil }
    return (user, password)
  }

  /// What `git credential` prints; nil when it cannot be run or ends with an error. The parent's
  /// deadline ends it.
  private func run(_ action: String, _ input: String) -> String? {
    var environment = environment
    environment["GIT_TERMINAL_PROMPT"] = "0"
    // Only the user's and the system's configuration counts, not a repository's.
    environment["GIT_DIR"] = nil
    do throws(RemoteError) {
      let channel = try Channel(
        ["git", "-C", "/", "credential", action], environment: environment,
        deadline: Deadline(in: 60), leadsGroup: false)
      try channel.write(Array(input.utf8)[...])
      channel.finishWriting()
      var output: [UInt8] = []
      while output.count < 65_536 {
        let piece = try channel.read()
        if piece.isEmpty { break }
        output += piece
      }
      return channel.end().status == 0 ? String(decoding: output, as: UTF8.self) : nil
    } catch {
      return nil
    }
  }
}
