import ArgumentParser
import Glibc
import Remotes

/// Where copies of output repositories on servers are kept.
struct CopyOptions: ParsableArguments {
  @Option(
    name: .customLong("cache"),
    help: ArgumentHelp(
      "The folder for copies of output repositories on servers. (default: pave in XDG_CACHE_HOME or ~/.cache)",
      valueName: "dir"))
  var given: String?

  /// The folder; nil when nothing says where it could be.
  var folder: String? { given ?? CopyOptions.standardFolder }

  /// Where it is when no flag says so.
  static var standardFolder: String? {
    for (variable, rest) in [("XDG_CACHE_HOME", "/pave"), ("HOME", "/.cache/pave")] {
      // Relative ones are to be ignored (XDG Base Directory Specification 0.8).
      if let base = environmentVariable(variable), base.hasPrefix("/") { return base + rest }
    }
    return nil
  }
}

/// Which servers may be connected to, and for how long.
struct ConnectionArguments: ParsableArguments {
  enum PushEngine: String, ExpressibleByArgument, CaseIterable { case own, stock }

  @Option(
    name: .customLong("allow-host"),
    help: ArgumentHelp(
      "A host that may be connected to, or *.DOMAIN for all below one; may be repeated. PAVE_ALLOWED_HOSTS adds more, separated by commas.",
      valueName: "host"))
  var hosts: [String] = []

  @Flag(name: .customLong("allow-http"), help: "Let http without TLS go to other machines too.")
  var allowsPlainHTTP = false

  @Option(
    help: ArgumentHelp(
      "How long one conversation with the server may take.", valueName: "seconds"))
  var timeout = 120.0

  @Option(
    help: ArgumentHelp(
      "How long to compute and push again when others publish at the same time.",
      valueName: "seconds"))
  var retry = 30.0

  @Option(help: "What pushes over http: Pave itself, or libgit2 (stock).")
  var pushEngine = PushEngine.own

  func validate() throws {
    guard timeout >= 0.1, timeout <= 86_400 else {
      throw ValidationError("--timeout must be between 0.1 and 86400 seconds")
    }
    guard retry >= 0, retry <= 86_400 else {
      throw ValidationError("--retry must be between 0 and 86400 seconds")
    }
  }

  /// What the flags and the process environment allow.
  var options: ConnectionOptions {
    var options = ConnectionOptions()
    options.environment = processEnvironment()
    let more = (options.environment["PAVE_ALLOWED_HOSTS"] ?? "").split { ", ".contains($0) }
    options.allowedHosts = hosts + more.map(String.init)
    options.allowsPlainHTTP = allowsPlainHTTP
    options.timeoutSeconds = timeout
    options.retrySeconds = retry
    options.usesStockPush = pushEngine == .stock
    options.httpProgram = [executablePath(), HTTPTransportCommand.name]
    return options
  }
}

/// The process environment as it stands.
func processEnvironment() -> [String: String] {
  var variables: [String: String] = [:]
  var next = environ
  while let entry = next.pointee {
    let text = String(cString: entry)
    if let sign = text.firstIndex(of: "=") {
      variables[String(text[..<sign])] = String(text[text.index(after: sign)...])
    }
    next += 1
  }
  return variables
}

/// The file of this very program, as the kernel knows it (proc(5)).
private func executablePath() -> String {
  let capacity = 4096
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
    guard let start = buffer.baseAddress else { return CommandLine.arguments[0] }
    let count = readlink("/proc/self/exe", start, capacity)
    guard count > 0 else { return CommandLine.arguments[0] }
    return buffer.prefix(count).withMemoryRebound(to: UInt8.self) {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
