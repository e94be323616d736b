import ArgumentParser
import Catalogues
import Glibc
import GoldenPaths
import Pipeline
import Quantities

/// `pave new`: the text of a new intent.
struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Write a new intent, with what is required and the defaults shown.",
    discussion: """
      The intent goes to standard output, or with --output to a file that must not exist yet. \
      --set takes fields of spec: --set image=nginx:1.29 --set replicas=3 --set 'env={"A": "b"}'.
      """)

  @Argument(help: "A golden path's kind, such as WebService.")
  var kind: String

  @Argument(help: "The intent's name.")
  var name: String

  @Option(help: "The intent's namespace.")
  var namespace: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("A field of spec and its value, in YAML; may be repeated.", valueName: "k=v")
  )
  var settings: [String] = []

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var output: String?

  @OptionGroup var version: GoldenPathVersion
  @OptionGroup var platform: PlatformOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let session = try Session(platform, report)
    let (loaded, _) = try session.load(findingsTo: .error)
    let path = try version.path(ofKind: kind, in: loaded.goldenPaths)
    guard path.isClusterScoped == (namespace == nil) else {
      throw CommandFailure(
        message: path.isClusterScoped
          ? "'\(path.kind)' is cluster-scoped; leave --namespace out"
          : "'\(path.kind)' has a namespace; name it with --namespace")
    }
    for (what, text) in [("name", name), ("namespace", namespace ?? "default")] {
      guard NameFormat.dns1123Subdomain.accepts(text) else {
        throw CommandFailure(
          message: "'\(text)' is no \(what); lower-case letters, digits, '-' and '.', at most 253")
      }
    }
    var values: [(field: String, text: String)] = []
    for setting in settings {
      guard let equals = setting.firstIndex(of: "="), equals != setting.startIndex else {
        throw CommandFailure(message: "--set takes FIELD=VALUE, found '\(setting)'")
      }
      values.append((String(setting[..<equals]), String(setting[setting.index(after: equals)...])))
    }
    let request = IntentSkeleton.Request(
      name: name, namespace: namespace, values: values,
      schemaReference: schemaReference(session.folder, path),
      environments: loaded.isPromoting ? loaded.environmentNames : [])
    let text: String
    do {
      text = try IntentSkeleton(path, request).text
    } catch {
      throw CommandFailure(message: error.message)
    }
    guard let output else { return Stream.output.write(text) }
    try writeNew(Array(text.utf8), toFile: output)
    Stream.error.write("wrote \(output)\n")
  }

  /// The schema that `pave schema` writes, seen from the new file; nil until it is written.
  private func schemaReference(_ folder: String, _ path: GoldenPath) -> String? {
    let file = "\(SchemaCommand.standardFolder)/\(IntentSchema(path, environments: []).fileName)"
    guard access("\(folder)/\(file)", R_OK) == 0 else { return nil }
    let parents = (output ?? "").split(separator: "/").dropLast().filter { $0 != "." }
    guard folder == ".", !parents.contains("..") else { return nil }
    return parents.isEmpty ? "./\(file)" : String(repeating: "../", count: parents.count) + file
  }
}
