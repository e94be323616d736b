public import Repositories

/// One reference of a server to move, if it is still where it was.
public struct ReferenceUpdate: Sendable, Equatable {
  /// The full name, such as `refs/heads/main`.
  public let name: String
  /// What it must name before; nil when it must not be there.
  public let old: ObjectID?
  /// What it names afterwards.
  public let new: ObjectID

  /// A move of a reference; nothing is ever moved that is not at `old`.
  public init(_ name: String, from old: ObjectID?, to new: ObjectID) {
    self.name = name
    self.old = old
    self.new = new
  }

  /// What git says of one such reference: `branch 'main'` or its full name.
  var shownName: String {
    name.hasPrefix("refs/heads/") ? "branch '\(name.dropFirst(11))'" : "'\(name)'"
  }
}
