import ArgumentParser

/// The command line as a whole: one subcommand a file in `Commands/`.
struct PaveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pave",
    abstract: "Render intent files into Kubernetes manifests, check them, publish them to Git.",
    discussion: """
      A platform is a folder with pave.yaml at its root: golden paths, policies, environments and \
      the developers' intents. Commands find it from the current folder upwards, or take \
      --platform DIR.

      Exit codes: 0 clean, 1 findings at or above --fail-severity, 2 the job could not be done.
      """,
    version: "0.1.0",
    subcommands: [
      RenderCommand.self,
      LintCommand.self,
      DiffCommand.self,
      PublishCommand.self,
      SetCommand.self,
      PromoteCommand.self,
      StatusCommand.self,
      LogCommand.self,
      VerifyCommand.self,
      VendorCommand.self,
      TestCommand.self,
      PolicyCommand.self,
      NormalizeCommand.self,
      InitCommand.self,
      NewCommand.self,
      ExplainCommand.self,
      WhyCommand.self,
      SchemaCommand.self,
      DocsCommand.self,
      CELCommand.self,
      HelmCommand.self,
      HTTPTransportCommand.self,
    ]
  )
}
