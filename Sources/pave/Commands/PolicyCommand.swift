import ArgumentParser
import Diagnostics
import Files
import Glibc
import Manifests
import Pipeline

/// `pave policy`: the policies that come with Pave.
struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "List, show and export the built-in policies.",
    subcommands: [ListCommand.self, ShowCommand.self, ExportCommand.self])
}

extension PolicyCommand {
  /// `pave policy list`.
  struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "One line a built-in policy.")

    @Option(help: ArgumentHelp("Only those of a pack.", valueName: "name"))
    var pack: String?

    func run() throws {
      if let pack, !BuiltInPack.packs.contains(pack) {
        throw CommandFailure(
          message:
            "there is no pack '\(pack)': expected \(BuiltInPack.packs.joined(separator: ", "))"
        )
      }
      let members = BuiltInPack.members().filter { pack == nil || $0.packs.contains(pack ?? "") }
      let width = members.map(\.name.utf8.count).max() ?? 0
      for member in members {
        let name = member.name + String(repeating: " ", count: width - member.name.utf8.count)
        let severity = member.severity == "error" ? "error  " : "warning"
        Stream.output.write(
          "\(name)  \(severity)  \(member.title) (\(member.packs.joined(separator: ", ")))\n")
      }
    }
  }

  /// `pave policy show NAME`.
  struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "The file of a built-in policy, as a cluster takes it.")

    @Argument(help: "The policy's name.")
    var name: String

    func run() throws {
      let members = BuiltInPack.members()
      guard let member = members.first(where: { $0.name == name }) else {
        throw CommandFailure(message: unknownPolicy(name, among: members))
      }
      Stream.output.write(member.text)
    }
  }

  /// `pave policy export`.
  struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export",
      abstract: "Write policies, bindings and parameters to install in a cluster.",
      discussion: """
        Only what a cluster can evaluate is written: a RepositoryPolicy stays with Pave. Of \
        variants for several versions of Kubernetes the one that fits is written.
        """)

    @Argument(help: "Packs or policies, such as baseline or no-latest-tag; all without any.")
    var names: [String] = []

    @Option(
      help: ArgumentHelp("A folder, made if need be; standard output without it.", valueName: "dir")
    )
    var output: String?

    @Option(
      help: ArgumentHelp(
        "The cluster's version of Kubernetes. (default: 1.\(KindTable.newestMinor))",
        valueName: "version"))
    var kubernetes: String?

    func run() throws {
      let version = try self.version()
      let choices = names.isEmpty ? ["*"] : names
      for choice in choices where BuiltInPack.files(matching: BuiltInPack.prefix + choice) == nil {
        throw CommandFailure(message: unknownPolicy(choice, among: BuiltInPack.members()))
      }
      let files = BuiltInPack.export(choices, kubernetes: version)
      guard let output else {
        return Stream.output.write(files.map(\.text).joined(separator: "---\n"))
      }
      try makeFolder(output)
      for file in files { try write(file.text, to: "\(output)/\(file.name)") }
      Stream.error.write("\(files.count) files written to '\(output)'\n")
    }

    private func version() throws -> KubernetesVersion {
      guard let kubernetes else { return KubernetesVersion(minor: KindTable.newestMinor) }
      guard let version = KubernetesVersion(kubernetes) else {
        throw CommandFailure(message: "'\(kubernetes)' is no version of Kubernetes, such as 1.36")
      }
      return version
    }

    private func makeFolder(_ path: String) throws {
      if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
      throw CommandFailure(
        message: "cannot make the folder '\(path)': \(String(cString: strerror(errno)))")
    }

    private func write(_ text: String, to path: String) throws {
      guard let file = fopen(path, "w") else {
        throw CommandFailure(
          message: "cannot write '\(path)': \(String(cString: strerror(errno)))")
      }
      let bytes = Array(text.utf8)
      let count = fwrite(bytes, 1, bytes.count, file)
      guard fclose(file) == 0, count == bytes.count else {
        throw CommandFailure(
          message: "cannot write '\(path)': \(String(cString: strerror(errno)))")
      }
    }
  }
}

private func unknownPolicy(_ name: String, among members: [BuiltInPack.Member]) -> String {
  let known = members.map(\.name) + BuiltInPack.packs
  return "there is no built-in policy '\(name)'"
    + (nearestName(to: name, in: known).map { ", did you mean '\($0)'?" }
      ?? "; 'pave policy list' names them")
}
