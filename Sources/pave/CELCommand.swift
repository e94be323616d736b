import ArgumentParser
import CEL

#if canImport(Glibc)
  import Glibc
#endif

/// `pave cel`: evaluates expressions.
struct CELCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cel", abstract: "Evaluate a CEL expression, or rows of a conformance table.")

  @Argument(help: "The expression.")
  var expression: String?

  @Flag(help: "Read rows of JSON from standard input and write one answer a row.")
  var jsonl = false

  @Option(help: "The dialect: spec, kro or k8s.")
  var profile = "k8s"

  @Option(help: "The version of Kubernetes that the k8s dialect is of.")
  var kubernetes = "1.\(Profile.newestKubernetesMinor)"

  @Flag(help: "Tell the cost in the units of Kubernetes.")
  var cost = false

  @Option(help: "cluster: literals are free; as-written: as Kubernetes' own tests count.")
  var costModel = "cluster"

  func run() throws {
    guard var dialect = Profile(name: profile) else {
      throw ValidationError("'\(profile)' is no profile: expected spec, kro or k8s")
    }
    if case .kubernetes = dialect {
      guard kubernetes.hasPrefix("1."), let minor = Int(kubernetes.dropFirst(2)),
        (30...Profile.newestKubernetesMinor).contains(minor)
      else {
        throw ValidationError(
          "'\(kubernetes)' is no known version: expected 1.30 to 1.\(Profile.newestKubernetesMinor)"
        )
      }
      dialect = .kubernetes(minor: minor)
    }
    let model: CostModel
    switch costModel {
    case "cluster": model = .cluster
    case "as-written": model = .asWritten
    default: throw ValidationError("expected --cost-model cluster or as-written")
    }
    guard jsonl else {
      throw ValidationError("expected --jsonl")
    }
    guard let input = fdopen(STDIN_FILENO, "r") else {
      throw ValidationError("standard input cannot be read")
    }
    while let line = nextLine(of: input) {
      let answer = line.withUnsafeBufferPointer {
        ConformanceRow.answer($0, profile: dialect, costs: cost ? model : nil)
      }
      print(answer)
    }
  }

  /// The next line that is not empty; nil at the end. Lines end at LF bytes only.
  private func nextLine(of input: UnsafeMutablePointer<FILE>) -> [UInt8]? {
    var buffer: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(buffer) }
    while true {
      let count = getline(&buffer, &capacity, input)
      guard count > 0, let start = buffer else { return nil }
      let bytes = UnsafeRawBufferPointer(start: start, count: count)
      let line = bytes.last == 0x0A ? Array(bytes.dropLast()) : Array(bytes)
      if !line.isEmpty { return line }
    }
  }
}
