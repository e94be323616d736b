import ArgumentParser
import Catalogues
import Pipeline

/// `pave docs`: the golden paths as Markdown.
struct DocsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "docs",
    abstract: "Write a Markdown catalogue of the golden paths: an index and a page each.")

  @Option(help: ArgumentHelp("The folder to write to.", valueName: "dir"))
  var output: String

  @OptionGroup var platform: PlatformOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let session = try Session(platform, report)
    let (loaded, _) = try session.load(findingsTo: .error)
    guard !loaded.goldenPaths.isEmpty else {
      throw CommandFailure(message: "the platform has no golden path that can be used")
    }
    let pages = CataloguePages(
      platformName: loaded.name, paths: loaded.goldenPaths
    ).pages
    for page in pages { try writeFile(Array(page.text.utf8), "\(output)/\(page.fileName)") }
    Stream.error.write("wrote \(pages.count) pages to \(output)\n")
  }
}
