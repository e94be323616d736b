import ArgumentParser
import Catalogues
import Glibc
import Quantities

/// `pave init`: a working platform repository to begin with.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a working platform: a golden path, an intent, a policy, checks for CI.",
    discussion: "Nothing that is there already is overwritten.")

  @Argument(help: ArgumentHelp("The folder; made when it is not there.", valueName: "dir"))
  var folder: String

  @Option(help: "The platform's name. (default: the folder's)")
  var name: String?

  func run() throws {
    let last = folder.split(separator: "/").last { $0 != "." && $0 != ".." }.map { String($0) }
    guard let name = name ?? last, NameFormat.dns1123Label.accepts(name) else {
      throw CommandFailure(
        message:
          "'\(name ?? last ?? folder)' cannot be a platform's name: lower-case letters, digits and '-', at most 63; "
          + "give another with --name")
    }
    let files = StarterPlatform(name: name).files
    let there = files.map { folder + "/" + $0.path }.filter { (path: String) in
      access(path, F_OK) == 0
    }
    guard there.isEmpty else {
      throw CommandFailure(
        message: "nothing was written, since there is already: \(there.joined(separator: ", "))")
    }
    for file in files {
      try writeFile(Array(file.text.utf8), "\(folder)/\(file.path)")
      Stream.output.write("\(folder)/\(file.path)\n")
    }
    Stream.error.write("next: cd \(folder) && pave lint && pave render --environment dev\n")
  }
}
