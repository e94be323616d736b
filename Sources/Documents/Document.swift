/// One YAML or JSON document, or one rendered object: a root value and the memory it points into.
///
/// Frozen: nothing is put into its arena once it is built, so it can be read from any thread. That
/// promise is what makes it `Sendable`.
public final class Document: @unchecked Sendable {
  /// The root value; `.null` for an empty document.
  public let root: Value
  private let arena: Arena
  private let borrowed: [Document]

  /// Freezes an arena around a root value. `borrowed` are the documents whose memory the root
  /// also points into; they live as long as this one.
  public init(root: Value, arena: Arena, borrowing borrowed: [Document] = []) {
    self.root = root
    self.arena = arena
    self.borrowed = borrowed
  }

  /// A document built by a function that puts values into a fresh arena and returns the root.
  public convenience init(building build: (Arena) -> Value) {
    let arena = Arena()
    self.init(root: build(arena), arena: arena)
  }
}
