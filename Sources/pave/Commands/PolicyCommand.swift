import ArgumentParser
import Diagnostics
import Documents
import Files
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
      let wanted = withoutPrefix(name)
      guard let member = members.first(where: { $0.name == wanted }) else {
        throw CommandFailure(message: unknownPolicy(wanted, among: members))
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

    @Option(
      help: ArgumentHelp(
        "Leave the objects out that this file of waivers names; may be repeated.",
        valueName: "file"))
    var withWaivers: [String] = []

    func run() throws {
      let version = try self.version()
      let choices = names.isEmpty ? ["*"] : names.map(withoutPrefix)
      for choice in choices where BuiltInPack.files(matching: BuiltInPack.prefix + choice) == nil {
        throw CommandFailure(message: unknownPolicy(choice, among: BuiltInPack.members()))
      }
      let waived = try withWaivers.map {
        parseYAML(try bytes(ofFile: $0), file: $0)
      }
      for file in waived {
        guard let finding = file.findings.first(where: { $0.severity == .error }) else { continue }
        throw CommandFailure(message: "'\(file.file)': \(finding.message)")
      }
      let (files, left) = BuiltInPack.export(choices, kubernetes: version, waivers: waived)
      for problem in left { Stream.error.write("not exported: \(problem)\n") }
      guard let output else {
        return Stream.output.write(files.map(\.text).joined(separator: "---\n"))
      }
      for file in files { try writeFile(Array(file.text.utf8), "\(output)/\(file.name)") }
      Stream.error.write("\(files.count) files written to '\(output)'\n")
    }

    private func version() throws -> KubernetesVersion {
      guard let kubernetes else { return KubernetesVersion(minor: KindTable.newestMinor) }
      guard let version = KubernetesVersion(kubernetes) else {
        throw CommandFailure(message: "'\(kubernetes)' is no version of Kubernetes, such as 1.36")
      }
      return version
    }
  }
}

/// A name as `pave.yaml` writes it, `builtin:baseline`, or without that.
private func withoutPrefix(_ name: String) -> String {
  name.hasPrefix(BuiltInPack.prefix) ? String(name.dropFirst(BuiltInPack.prefix.count)) : name
}

private func unknownPolicy(_ name: String, among members: [BuiltInPack.Member]) -> String {
  let known = members.map(\.name) + BuiltInPack.packs
  return "there is no built-in policy '\(name)'"
    + (nearestName(to: name, in: known).map { ", did you mean '\($0)'?" }
      ?? "; 'pave policy list' names them")
}
