public import Documents
public import Intents
import Manifests

/// What a unit is rendered in: `environment` and `platform` of a GoldenPath's expressions.
public struct RenderContext: Sendable {
  /// The environment's name; empty without a platform.
  public let environment: String
  /// A map with `name`, `kubernetes` and `values`.
  public let environmentDocument: Document
  /// A map with `name` and `values`.
  public let platformDocument: Document

  /// An environment of a platform.
  public init(_ environment: Environment, of platform: Platform) {
    self.environment = environment.name
    environmentDocument = RenderContext.document(
      borrowing: environment.valuesDocument,
      [
        "name": { $0.string(environment.name) },
        "kubernetes": { $0.string(environment.kubernetes.description) },
        "values": { _ in environment.values },
      ])
    platformDocument = RenderContext.document(
      borrowing: platform.document,
      ["name": { $0.string(platform.name) }, "values": { _ in platform.values }])
  }

  private init() {
    environment = ""
    let none = Document { _ in .emptyMap }
    environmentDocument = RenderContext.document(
      borrowing: none,
      [
        "name": { _ in .emptyString },
        "kubernetes": { $0.string(KubernetesVersion(minor: KindTable.newestMinor).description) },
        "values": { _ in .emptyMap },
      ])
    platformDocument = RenderContext.document(
      borrowing: none, ["name": { _ in .emptyString }, "values": { _ in .emptyMap }])
  }

  /// The one nameless environment there is without a platform.
  public static let standalone = RenderContext()

  private static func document(
    borrowing document: Document, _ fields: KeyValuePairs<String, (Arena) -> Value>
  ) -> Document {
    let arena = Arena(firstChunkByteCount: 512)
    let entries = fields.map { MapEntry(key: arena.string($0.key), value: $0.value(arena)) }
    return Document(root: arena.map(entries), arena: arena, borrowing: [document])
  }
}
