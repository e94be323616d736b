/// What an execution may use. Charts are written by strangers.
public struct Limits: Sendable {
  /// Nodes executed and functions called.
  public var steps = 100_000_000
  /// How deep templates may call each other.
  public var depth = 1000
  /// Bytes written and bytes of strings and lists made.
  public var bytes = 256 << 20

  /// The limits that suit any chart of the surveyed ones many times over.
  public init() {}
}
