import ArgumentParser
import Diagnostics
import Documents
import Files
import Pipeline
import Reports

/// One command at work on a platform: opens it, and prints what was found.
struct Session {
  /// The platform's folder as the user would write it.
  let folder: String
  var world: World
  private let report: ReportOptions

  /// Finds the platform; throws when there is none.
  init(_ platform: PlatformOptions, _ report: ReportOptions) throws {
    let files: DiskFileTree
    (files, folder) = try platform.open()
    world = World(files: files, version: PaveCommand.configuration.version)
    self.report = report
  }

  /// The loaded platform.
  ///
  /// When it cannot be loaded the findings are printed to `stream`, and the command ends with 2.
  func load(findingsTo stream: Stream) throws -> (loaded: LoadedPlatform, findings: [Finding]) {
    let loading = Pipeline.load(world)
    guard let loaded = loading.loaded, !loading.isUnreadable else {
      try print(loading.findings, ledger: Ledger(), to: stream)
      throw CommandFailure(message: "the platform in '\(folder)' cannot be read")
    }
    return (loaded, loading.findings)
  }

  /// Prints findings in the format asked for; JSON also has the ledger.
  func print(_ findings: [Finding], ledger: Ledger, to stream: Stream) throws {
    let files = world.files
    let places = PlaceFinder { place in
      BuiltInPack.bytes(ofFile: place.file) ?? (try? files.read(place.file)) ?? nil
    }
    stream.write(try report.bytes(of: findings, ledger: ledger, places: places, stream: stream))
  }
}
