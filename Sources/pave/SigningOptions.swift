import ArgumentParser
import Pipeline
import Repositories

/// Whether and with which key commits are signed.
struct SigningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Sign commits with this key: the file of an ssh key, or the id of an OpenPGP key. (default: "
        + "PAVE_SIGNING_KEY, or what your Git configuration signs commits with)",
      valueName: "key"))
  var sign: String?

  @Flag(help: "Leave commits unsigned whatever is configured.")
  var noSign = false

  func validate() throws {
    if sign != nil, noSign { throw ValidationError("--sign and --no-sign do not go together") }
  }

  /// Signs commits; nil leaves them unsigned. A configuration that cannot be followed ends the command
  /// with exit code 2.
  func signer() throws -> CommitSigner? {
    if noSign { return nil }
    let environment = processEnvironment()
    let configuration = UserConfiguration(globalFile: environment["GIT_CONFIG_GLOBAL"])
    let named = sign ?? environment["PAVE_SIGNING_KEY"].flatMap { $0.isEmpty ? nil : $0 }
    if let named {
      var key = SigningKey(named: named)
      key.program = configuration.path("gpg.\(key.format.rawValue).program")
      return key.signer(environment: environment)
    }
    do throws(RepositoryError) {
      return try SigningKey.configured(in: configuration)?.signer(environment: environment)
    } catch {
      throw CommandFailure(message: error.message + (error.help.map { "\n\($0)" } ?? ""))
    }
  }
}
