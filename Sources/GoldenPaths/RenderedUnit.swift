public import Diagnostics
public import Documents
public import Intents
public import Manifests

/// What one intent became in one environment.
public struct RenderedUnit: Sendable {
  /// The unit.
  public let identity: UnitIdentity
  /// The memory of all its manifests; the root is the list of their objects.
  public let document: Document
  /// The manifests in dependency order; empty when a finding is an error.
  public let manifests: [Manifest]
  /// What went wrong, in order of discovery. Each names the intent and the environment.
  public let findings: [Finding]

  /// A unit from its parts.
  public init(
    identity: UnitIdentity, document: Document, manifests: [Manifest], findings: [Finding]
  ) {
    self.identity = identity
    self.document = document
    self.manifests = manifests
    self.findings = findings
  }
}

/// How much one intent may become.
public enum RenderLimits {
  /// Manifests of one unit.
  public static let manifestCount = 10_000
  /// Golden paths expanded inside each other.
  public static let depth = 16
  /// Objects of one `forEach` (kro's own limit).
  public static let collectionCount = 1000
}
