public import Files

/// Everything outside that the stages may look at.
public struct World: Sendable {
  /// The platform's files, with `pave.yaml` at the root.
  public var files: any FileTree

  /// Where `pave.yaml`, policies, waivers and what is in the cluster are read instead, so that a change
  /// cannot judge itself; nil for `files`.
  public var rules: (any FileTree)?
  /// The commit that `rules` are of: places in them are found there.
  public var rulesRevision: String?

  /// The version of Pave that renders: `requires` in `pave.yaml` is held against it.
  public var version: String

  /// What tells this build of Pave from others of the same version: results of another build are not taken over.
  public var build = ""

  /// The files of intents that are read; nil for all that `pave.yaml` selects. They must be some of those.
  public var intentFiles: [String]?

  /// The day it is, as `2026-11-25`: waivers expire. Nothing is rendered by it.
  public var today: String

  /// The folder that holds the copies of output repositories that are on servers; nil without one.
  public var remoteCopies: String?

  /// Files that were parsed already, for a platform that is read at several commits.
  let parsedFiles = ParsedIntentFiles()

  /// A world of the given files, on a day.
  public init(files: any FileTree, version: String, today: String = "0000-00-00") {
    self.files = files
    self.version = version
    self.today = today
  }
}
