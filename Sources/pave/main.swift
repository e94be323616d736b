import ArgumentParser

struct Pave: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "pave", version: "0.1.0", subcommands: [CELCommand.self])
}
Pave.main()
