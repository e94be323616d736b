public import Diagnostics

/// One object that a change creates, updates or deletes, field by field.
public struct ObjectDifference: Sendable {
  /// A field that differs.
  public struct Field: Hashable, Sendable {
    /// As Kubernetes writes field paths; elements of lists with a key by that: `containers[name=app].image`.
    public var path: String
    /// The value before as JSON on one line; nil when there was none.
    public var old: String?
    /// The value after; nil when it goes.
    public var new: String?
    /// Whether an API server refuses the change: the object would have to be deleted and created.
    public var isImmutable: Bool

    /// A field from its parts.
    public init(path: String, old: String?, new: String?, isImmutable: Bool = false) {
      self.path = path
      self.old = old
      self.new = new
      self.isImmutable = isImmutable
    }
  }

  /// What happens to the object.
  public var kind: ChangeSet.Kind
  /// The environment's name.
  public var environment: String
  /// The intent as `Kind/namespace/name`; empty for an object that is no intent's alone.
  public var intent: String
  /// The object.
  public var object: ObjectReference
  /// What differs in meaning, sorted as the fields stand in the object; empty when it is created or deleted, and
  /// when only the way it is written differs.
  public var fields: [Field]
  /// The YAML before; nil for a created object.
  public var old: [UInt8]?
  /// The YAML after; nil for a deleted object.
  public var new: [UInt8]?

  /// A difference from its parts.
  public init(
    kind: ChangeSet.Kind, environment: String, intent: String, object: ObjectReference,
    fields: [Field], old: [UInt8]?, new: [UInt8]?
  ) {
    self.kind = kind
    self.environment = environment
    self.intent = intent
    self.object = object
    self.fields = fields
    self.old = old
    self.new = new
  }
}
