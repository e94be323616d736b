/// One problem: what is wrong, where it can be mended, and how.
public struct Finding: Sendable, Equatable {
  /// A further place that explains the finding, such as the template's line.
  public struct Related: Sendable, Equatable {
    /// What stands there, in a few words: `the template`, `first defined here`.
    public var label: String
    /// Where it stands.
    public var place: Place

    /// A labelled place.
    public init(label: String, place: Place) {
      self.label = label
      self.place = place
    }
  }

  /// How a finding stands against the base of the change.
  public enum State: String, Sendable {
    case new
    case same
    case fixed
  }

  /// The stable id of the rule: a policy's name, or `area/name` for Pave's own.
  public var rule: String
  /// How much it weighs.
  public var severity: Severity
  /// One line, lower case, no full stop: what was found and what was expected.
  public var message: String
  /// What to do about it.
  public var help: String?
  /// The place to mend; nil only when no file is to blame.
  public var place: Place?
  /// Further places, most telling first.
  public var related: [Related] = []

  /// The policy whose verdict this is.
  public var policy: String?
  /// The binding that gave the policy its action.
  public var binding: String?
  /// The 0-based index of the policy's validation; nil when none of them is at fault.
  public var validation: Int?
  /// The rendered object that is meant.
  public var object: ObjectReference?
  /// The field of `object` that is meant.
  public var path: FieldPath?
  /// The environment in which it was found; nil when it holds for all.
  public var environment: String?
  /// The intent as `Kind/namespace/name`.
  public var intent: String?
  /// Who answers for the intent.
  public var owner: String?
  /// How it stands against the base; without a base everything is new.
  public var state: State = .new
  /// Whether this is the decision that the cluster would show; nil where no cluster decides.
  public var shown: Bool?
  /// The object that this verdict's object would make, such as a Deployment for its Pod.
  public var derivedFrom: ObjectReference?

  /// What mends it, where that is known for sure.
  public var fix: Fix?

  /// The reviewed exception that holds it back; nil when it counts.
  public var waiver: Waiver?

  /// Who accepted a finding, why, and until when.
  public struct Waiver: Sendable, Equatable {
    /// Why it is accepted.
    public var reason: String
    /// Who answers for that.
    public var owner: String
    /// The last day, as `2027-01-31`.
    public var expires: String
    /// Where the waiver stands.
    public var place: Place

    /// A waiver from its parts.
    public init(reason: String, owner: String, expires: String, place: Place) {
      self.reason = reason
      self.owner = owner
      self.expires = expires
      self.place = place
    }
  }

  /// A finding of a rule at a place.
  public init(
    rule: String, severity: Severity = .error, _ message: String, at place: Place? = nil,
    help: String? = nil, related: [Related] = []
  ) {
    self.rule = rule
    self.severity = severity
    self.message = message
    self.place = place
    self.help = help
    self.related = related
  }
}

/// Names a Kubernetes object as people do.
public struct ObjectReference: Hashable, Sendable, CustomStringConvertible {
  /// `group/version`, or the version alone in the core group.
  public var apiVersion: String
  /// The kind as the object writes it.
  public var kind: String
  /// Nil for a cluster-scoped object.
  public var namespace: String?
  /// `metadata.name`.
  public var name: String

  /// A reference from its four parts.
  public init(apiVersion: String, kind: String, namespace: String?, name: String) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// `Kind.group/namespace/name`; without the group for the core group, without the namespace for
  /// a cluster-scoped object.
  public var description: String {
    let group = apiVersion.utf8.contains(UInt8(ascii: "/")) ? apiVersion.prefix { $0 != "/" } : ""
    var text = kind
    if !group.isEmpty { text += ".\(group)" }
    if let namespace { text += "/\(namespace)" }
    return text + "/\(name)"
  }
}
