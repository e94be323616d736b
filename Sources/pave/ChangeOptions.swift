import ArgumentParser
import Diagnostics
import Files
import Pipeline
import Repositories

/// What a command holds a platform against, and which findings fail it.
struct ChangeOptions: ParsableArguments {
  enum Against: String, ExpressibleByArgument, CaseIterable { case published, nothing }
  enum Trust: String, ExpressibleByArgument, CaseIterable { case change, base }
  enum FailOn: String, ExpressibleByArgument, CaseIterable {
    case new, all

    /// The findings that can make a command fail: those that no waiver holds back.
    func failing(_ findings: [Finding]) -> [Finding] {
      findings.filter {
        $0.waiver == nil && ($0.state == .new || self == .all && $0.state == .same)
      }
    }
  }

  @Option(
    help: ArgumentHelp(
      "The commit that the change starts from, such as origin/main: where HEAD parted from it.",
      valueName: "rev"))
  var base: String?

  @Option(
    help: "What objects were without --base: published (in the output repository) or nothing.")
  var against: Against?

  @Option(
    help: ArgumentHelp(
      "Whose pave.yaml, policies, waivers and cluster files hold: the change's own, or the base's.",
      valueName: "change|base"))
  var trust = Trust.change

  @Option(
    help: "Which findings fail: new (not there before the change) or all. (default: new)")
  var failOn = FailOn.new

  /// Whether an old side was named.
  var isGiven: Bool { base != nil || against != nil }

  func validate() throws {
    if base != nil, against != nil {
      throw ValidationError("--base and --against do not go together")
    }
    if trust == .base, base == nil {
      throw ValidationError("--trust base needs --base REV")
    }
  }

  /// The platform at `--base`; nil without it. The session can read its files then.
  func base(_ session: inout Session) throws -> BasePlatform? {
    guard let base else { return nil }
    let (platform, source) = try session.load(base: base)
    if trust == .base {
      session.world.rules = source.files
      session.world.rulesRevision = source.commit.description
    }
    return platform
  }

  /// The base with the changed platform under its rules, where the change has others of its own.
  func adding(rulesOf base: BasePlatform?, to loaded: LoadedPlatform, _ session: Session)
    -> BasePlatform?
  {
    guard var base, trust == .change, base.hasOtherRules(than: loaded) else { return base }
    var world = session.world
    world.rules = base.files
    world.rulesRevision = base.revision
    base.underBaseRules = Pipeline.load(world).loaded
    base.underBaseRules?.known = loaded.known
    return base
  }

  /// What the platform in a folder is held against.
  func oldSide(_ base: BasePlatform?, _ folder: String) -> LintOldSide {
    if let base { return .base(base) }
    return against == .nothing ? .nothing : .published(platformFolder: folder)
  }

  /// The findings that can make a command fail.
  func failing(_ findings: [Finding]) -> [Finding] {
    failOn.failing(findings)
  }
}
