/// A slice: its elements and the Go type they have.
public final class GoList {
  /// The Go type of the elements, where it is not `interface {}`.
  public enum ElementType: Sendable {
    /// `[]interface {}`
    case any
    /// `[]string`
    case string
    /// `[]int`
    case int
    /// `[]uint8`
    case byte
    /// `[]map[string]interface {}`
    case map
    /// `[][]interface {}`
    case list
  }

  /// The elements in order.
  public let elements: [GoValue]
  /// What Go would say they are.
  public let type: ElementType
  /// Whether it is the nil slice, which JSON and YAML call null.
  public let isNil: Bool

  /// A slice of the elements.
  public init(_ elements: [GoValue], type: ElementType = .any) {
    self.elements = elements
    self.type = type
    isNil = false
  }

  /// The nil slice.
  init(nilOf type: ElementType) {
    elements = []
    self.type = type
    isNil = true
  }

  /// A `[]string`.
  public convenience init(strings: [[UInt8]]) {
    self.init(strings.map { .string($0) }, type: .string)
  }

  /// How Go writes the type: `[]interface {}`.
  public var typeName: String {
    switch type {
    case .any: "[]interface {}"
    case .string: "[]string"
    case .int: "[]int"
    case .byte: "[]uint8"
    case .map: "[]map[string]interface {}"
    case .list: "[][]interface {}"
    }
  }
}
