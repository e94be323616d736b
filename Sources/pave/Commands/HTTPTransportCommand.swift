import ArgumentParser
import Remotes

/// `pave http-transport`: what Pave starts as a child to speak http, so that it can be killed at a
/// deadline; no command for people.
struct HTTPTransportCommand: ParsableCommand {
  static let name = "http-transport"

  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Carry Git's protocol over http for another Pave.",
    shouldDisplay: false)

  func run() throws {
    let status = HTTPTransport.run(environment: processEnvironment())
    if status != 0 { throw ExitCode(status) }
  }
}
