import Pipeline
import Repositories

/// A publication on its way.
struct Publishing {
  let session: Session
  let source: PlatformSource
  /// All that a platform is published by beside its files, the output and the options.
  let question: [String]
  /// The options that say what may be published.
  let options: [String]
  /// What earlier publications left; nil when everything is to be done.
  let known: KnownOutcomes?

  /// All that the answer depends on beside the output.
  var wholeQuestion: [String] { question + options + [source.commit.id.description] }
}

extension PublishCommand {
  /// Publishes the units that changed since the last publication; nil where that is not known, or everything changed.
  func publishDifference(_ publishing: Publishing) -> DifferencePublication? {
    let (session, source) = (publishing.session, publishing.source)
    guard let last = publishing.known?.lastPublication(publishing.question),
      isClean(last.findings), let files = last.intentFiles(toPublish: source)
    else { return nil }
    let loading = session.load(intentFiles: files)
    // What goes wrong here goes wrong again with the whole platform, and is told then.
    guard let loaded = loading.loaded, let options = try? options(),
      let stores = try? loaded.openOutputs(
        platformFolder: session.folder, create: false, connections.options)
    else { return nil }
    return loading.publishDifference(
      since: last, from: source, platformFolder: session.folder, to: stores, options)
  }

  /// Prints what came of it, and leaves that for the next publication.
  func end(_ publishing: Publishing, _ done: DifferencePublication.Difference) throws {
    try publishing.session.print(done.findings, ledger: done.ledger, to: .error)
    let text = try text(of: done.result, done.loaded, from: publishing.source.commit)
    Stream.output.write(text)
    guard let known = publishing.known else { return }
    done.unchanged(text).map {
      known.add($0, publishing.wholeQuestion)
    }
    done.last.map { known.add($0, publishing.question) }
  }
}
