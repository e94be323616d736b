/// The one moment that is now for all templates of an execution.
public struct Clock: Sendable {
  /// Seconds since 1970-01-01T00:00:00Z.
  public var unixSeconds: Int64

  /// A clock that stands still.
  public init(unixSeconds: Int64) { self.unixSeconds = unixSeconds }

  /// A clock that stands at a moment such as `2026-01-01T00:00:00Z`; nil for what is none (RFC 3339).
  public init?(_ text: String) {
    let layout = Array("2006-01-02T15:04:05Z07:00".utf8)
    guard let time = try? parsedTime(layout, Array(text.utf8)) else { return nil }
    unixSeconds = time.seconds
  }

  /// Where it stands if functions are seeded and nothing else is said: 2026-01-01T00:00:00Z.
  public static let standing = Clock(unixSeconds: 1_767_225_600)
}

/// What functions do whose answers are random or need a clock.
public enum Nondeterminism: Sendable {
  /// They fail, and say so with their place.
  case refused
  /// They draw from a generator that is seeded with the text and the order of the calls.
  case seeded(String)
}
