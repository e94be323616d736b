/// The two things that a Git server can be asked for.
enum Service: String {
  /// What it has, to be fetched.
  case uploadPack = "git-upload-pack"
  /// Its references, to be moved.
  case receivePack = "git-receive-pack"
}

/// Talks to a server's repository: connects, lets `body` speak the protocol, and ends the connection.
///
/// What goes wrong is said as well as it is known: by what the program in between said, by how it
/// ended, or by the protocol; without secrets. Throws `notAllowed` before anything is connected.
func converse<Result>(
  with address: RemoteAddress, _ service: Service, _ options: ConnectionOptions,
  pushing stockPush: (repository: String, updates: [ReferenceUpdate])? = nil,
  _ body: (Channel) throws(RemoteError) -> Result
) throws(RemoteError) -> Result {
  try options.check(address)
  let deadline = Deadline(in: options.timeoutSeconds)
  let secrets = address.secrets + options.secrets
  do throws(RemoteError) {
    switch address.scheme {
    case .ssh:
      var environment = options.environment
      environment[HTTPCredentials.tokenVariable] = nil
      let channel = try Channel(
        SSHCommand.arguments(for: service, at: address, options.environment),
        environment: environment, deadline: deadline)
      return try explaining(channel, address, options, sshError) { () throws(RemoteError) in
        try body(channel)
      }
    case .http, .https:
      let channel = try Channel(
        options.httpProgram, environment: options.environment, deadline: deadline)
      return try explaining(channel, address, options, httpError) { () throws(RemoteError) in
        var request = HTTPRequest(address, service)
        request.stockPush = stockPush
        try channel.write(request.encoded[...])
        return try body(channel)
      }
    case .file:
      throw RemoteError(.badAddress, "'\(address)' is on this machine and is not connected to")
    }
  } catch {
    throw error.masking(secrets)
  }
}

/// Runs `body`; when it throws, finds out from the channel's program why.
private func explaining<Result>(
  _ channel: Channel, _ address: RemoteAddress, _ options: ConnectionOptions,
  _ explanation: (Channel.Ending, RemoteAddress) -> RemoteError?,
  _ body: () throws(RemoteError) -> Result
) throws(RemoteError) -> Result {
  do throws(RemoteError) {
    let result = try body()
    _ = channel.end()
    return result
  } catch {
    switch error.code {
    case .timedOut:
      let said = channel.end(waitingSeconds: 0).text
      throw RemoteError(
        .timedOut,
        "'\(address)' did not finish within \(shownSeconds(options.timeoutSeconds))"
          + (said.isEmpty ? "" : ": \(said)"),
        help: "try again, or give it longer with --timeout SECONDS")
    case .cut, .malformed:
      let ending = channel.end()
      if let explained = explanation(ending, address) {
        throw RemoteError(explained.code, explained.message, help: error.help ?? explained.help)
      }
      throw RemoteError(
        error.code,
        "'\(address)': \(error.message)" + (ending.text.isEmpty ? "" : ": \(ending.text)"),
        help: error.help)
    case .moved, .cache, .failed, .badAddress, .notAllowed:
      throw error
    default:
      throw RemoteError(error.code, "'\(address)': \(error.message)", help: error.help)
    }
  }
}

private func shownSeconds(_ seconds: Double) -> String {
  seconds == seconds.rounded() && seconds < 1e9 ? "\(Int(seconds)) s" : "\(seconds) s"
}
