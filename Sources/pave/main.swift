import ArgumentParser
import Diagnostics
import Glibc

/// The exit codes of every command, as `docs/commands.md` states them.
enum ExitStatus {
  /// The job was done and nothing at or above the failing severity was found.
  static let clean: Int32 = 0
  /// The job was done and something was found.
  static let findings: Int32 = 1
  /// The job could not be done.
  static let failure: Int32 = 2
}

checkCommandName()
do {
  var command = try PaveCommand.parseAsRoot()
  try command.run()
} catch let code as ExitCode {
  exit(code.rawValue)
} catch let failure as CommandFailure {
  Stream.error.write("pave: \(failure.message)\n")
  exit(ExitStatus.failure)
} catch {
  // Help and version are asked for; everything else here is a mistake in the command line.
  let message = PaveCommand.fullMessage(for: error)
  if PaveCommand.exitCode(for: error) == .success {
    Stream.output.write(message + "\n")
    exit(ExitStatus.clean)
  }
  Stream.error.write(message + "\n")
  exit(ExitStatus.failure)
}

/// Ends with the nearest command's name when the first argument is no command.
func checkCommandName() {
  guard CommandLine.arguments.count > 1, let first = CommandLine.arguments[1].utf8.first,
    first != UInt8(ascii: "-")
  else { return }
  let name = CommandLine.arguments[1]
  let all = PaveCommand.configuration.subcommands
  guard name != "help", !all.contains(where: { $0.configuration.commandName == name }) else {
    return
  }
  let known = all.filter { $0.configuration.shouldDisplay }
    .compactMap { $0.configuration.commandName }
  let hint =
    nearestName(to: name, in: known).map { "did you mean '\($0)'?" }
    ?? "commands: \(known.joined(separator: ", "))"
  Stream.error.write("pave: there is no command '\(name)'; \(hint)\n")
  exit(ExitStatus.failure)
}
