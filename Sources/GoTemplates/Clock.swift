/// The one moment that is now for all templates of an execution.
public struct Clock: Sendable {
  /// Seconds since 1970-01-01T00:00:00Z.
  public var unixSeconds: Int64

  /// A clock that stands still.
  public init(unixSeconds: Int64) { self.unixSeconds = unixSeconds }
}

/// What functions do whose answers are random or need a clock.
public enum Nondeterminism: Sendable {
  /// They fail, and say so with their place.
  case refused
  /// They draw from a generator that is seeded with the text and the order of the calls.
  case seeded(String)
}
