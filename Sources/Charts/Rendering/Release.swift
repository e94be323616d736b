public import GoTemplates

/// What is rendered: the name, the place, and what the chart is told of the world.
public struct Release: Sendable {
  /// `.Release.Name`.
  public var name: String
  /// `.Release.Namespace`.
  public var namespace: String
  /// Whether it is the upgrade of an earlier one.
  public var isUpgrade = false
  /// `.Capabilities`.
  public var capabilities = Capabilities.standard
  /// The moment that is now; nil: functions that need it are refused.
  public var clock: Clock?
  /// What random functions do.
  public var nondeterminism = Nondeterminism.refused
  /// What the templates may use.
  public var limits = Limits()

  /// A release for a cluster that nothing is known of.
  public init(name: String, namespace: String) {
    self.name = name
    self.namespace = namespace
  }

  /// Throws if the name is none for a release (Helm 3.17.2: at most 53 letters of a DNS name).
  public func validateName() throws {
    let isPlain = { (byte: UInt8) in byte &- 0x30 < 10 || byte &- 0x61 < 26 }
    let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isName = parts.allSatisfy { part in
      part.first.map(isPlain) == true && part.last.map(isPlain) == true
        && part.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "-") }
    }
    guard isName, name.utf8.count <= 53 else {
      throw ChartError(
        .invalidValues,
        "release name \"\(name)\": invalid release name, must match regex "
          + "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must "
          + "not be longer than 53")
    }
  }

  var object: GoValue {
    .map(
      GoMap([
        ("Name", GoValue(name)), ("Namespace", GoValue(namespace)),
        ("IsUpgrade", .bool(isUpgrade)), ("IsInstall", .bool(!isUpgrade)),
        ("Revision", .int(1)), ("Service", GoValue("Helm")),
      ]))
  }
}
