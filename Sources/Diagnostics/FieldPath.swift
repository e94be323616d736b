/// The way from the root of a document to one of its values: map keys and list indices.
///
/// Prints as Kubernetes' `field.Path` does (apimachinery, `pkg/util/validation/field/path.go`):
/// `spec.containers[0].image`, `metadata.labels[app.kubernetes.io/name]`. The root prints as `""`.
public struct FieldPath: Hashable, Sendable, CustomStringConvertible {
  /// One step down: into a map by key, or into a list by 0-based index.
  public enum Step: Hashable, Sendable {
    case key(String)
    case index(Int)
  }

  /// The steps from the root, outermost first.
  public var steps: [Step]

  /// A path of the given steps; the root without any.
  public init(_ steps: [Step] = []) { self.steps = steps }

  /// A path of map keys only.
  public init(keys: String...) { steps = keys.map(Step.key) }

  /// The document itself.
  public static let root = FieldPath()

  /// Whether this is the document itself.
  public var isRoot: Bool { steps.isEmpty }

  /// The path of a map's value under `key`.
  public func key(_ key: String) -> FieldPath { FieldPath(steps + [.key(key)]) }

  /// The path of a list's element at the 0-based `index`.
  public func index(_ index: Int) -> FieldPath { FieldPath(steps + [.index(index)]) }

  /// This path followed by the steps of another.
  public func appending(_ other: FieldPath) -> FieldPath { FieldPath(steps + other.steps) }

  /// The path of the map or list that holds this value; nil for the root.
  public var parent: FieldPath? {
    steps.isEmpty ? nil : FieldPath(Array(steps.dropLast()))
  }

  /// Whether `other` is this path or below it.
  public func contains(_ other: FieldPath) -> Bool {
    other.steps.starts(with: steps)
  }

  /// The path as `field.Path` of k8s.io/apimachinery prints it.
  public var description: String {
    var text = ""
    for step in steps {
      switch step {
      case .index(let index):
        text += "[\(index)]"
      case .key(let key) where key.isPlainFieldName:
        if !text.isEmpty { text += "." }
        text += key
      case .key(let key):
        text += "[\(key)]"
      }
    }
    return text
  }
}

extension String {
  /// Whether a key reads as a field's name: a letter, `_` or `$`, then letters, digits, `_`, `-`.
  fileprivate var isPlainFieldName: Bool {
    guard let first = utf8.first else { return false }
    let isStart = { (byte: UInt8) in
      (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte == 0x5F || byte == 0x24
    }
    return isStart(first)
      && utf8.allSatisfy { isStart($0) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
  }
}
