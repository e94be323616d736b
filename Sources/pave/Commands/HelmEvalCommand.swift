import ArgumentParser
import GoTemplates

#if canImport(Glibc)
  import Glibc
#endif

/// `pave helm eval`: evaluates rows of templates.
struct HelmEvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Evaluate rows of templates from standard input.",
    discussion: """
      Each line is a JSON object {id, template, data | valuesYaml}; the answer is a line {id, output} \
      or {id, error}. Without data the template is rendered in a chart 'micro', release 'rel' in \
      namespace 'ns1'. Random functions are seeded with the id and the clock stands at 1970-01-01.
      """)

  @Flag(help: "Read rows of JSON from standard input and write one answer a row.")
  var jsonl = false

  func run() throws {
    guard jsonl else { throw ValidationError("expected --jsonl") }
    guard let input = fdopen(STDIN_FILENO, "r") else {
      throw CommandFailure(message: "standard input cannot be read")
    }
    var buffer: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(buffer) }
    while true {
      let count = getline(&buffer, &capacity, input)
      guard count > 0, let start = buffer else { return }
      let bytes = UnsafeRawBufferPointer(start: start, count: count)
      let line = bytes.last == 0x0A ? Array(bytes.dropLast()) : Array(bytes)
      if !line.isEmpty { Stream.output.write(ConformanceRow.answer(line) + "\n") }
    }
  }
}
