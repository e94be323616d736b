public import Diagnostics
import Documents

/// What is wrong with one object, collected while its fields are walked.
///
/// The walk is a tree of functions, one a type of the API: each takes the validation and its value, steps into fields
/// with `field` and `elements`, and reports at where it stands. The path is a stack of trivial steps, so a walk that
/// finds nothing allocates and retains nothing. Copies share the stack, which serves since each leaves it as it was.
public struct ObjectValidation {
  /// The minor of the Kubernetes 1.x that would store the object.
  public let minor: Int
  /// What is wrong, in the order of the walk.
  public private(set) var errors: [ObjectError] = []
  private let steps: StepStack<Step>

  enum Step {
    case name(StaticString)
    case key(Value)
    case index(Int)

    var fieldPathStep: FieldPath.Step {
      switch self {
      case .name(let name): .key("\(name)")
      case .key(let key): .key(key.asString ?? "")
      case .index(let index): .index(index)
      }
    }
  }

  /// A validation for Kubernetes 1.`minor` that has found nothing.
  public init(minor: Int) { self.init(minor: minor, Workspace()) }

  /// The same, in memory that was used before.
  init(minor: Int, _ workspace: Workspace) {
    self.minor = minor
    steps = workspace.checked
  }

  /// Where the walk stands.
  public var path: FieldPath { FieldPath(steps.all.map(\.fieldPathStep)) }

  /// Where the walk stands, as the API server prints it.
  var printedPath: String {
    var text = ""
    for step in steps.all {
      switch step {
      case .name(let name): text += text.isEmpty ? "\(name)" : ".\(name)"
      case .key(let key): text += "[\(key.asString ?? "")]"
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }

  // MARK: walking

  /// Steps into a field of a map, absent when it is not there.
  @inline(__always)
  mutating func field<Result>(
    _ name: StaticString, of map: Value, _ check: (inout ObjectValidation, Value) -> Result
  ) -> Result {
    steps.push(.name(name))
    defer { steps.pop() }
    return check(&self, map[name])
  }

  /// Steps into each element of a list, with its 0-based index; nothing for what is no list.
  @inline(__always)
  mutating func elements(
    of list: Value, _ check: (inout ObjectValidation, Value, Int) -> Void
  ) {
    let elements = list.elements
    var index = 0
    while index < elements.count {
      steps.push(.index(index))
      check(&self, elements[index], index)
      steps.pop()
      index &+= 1
    }
  }

  /// Steps into a field that is a list and there into each element.
  @inline(__always)
  mutating func elements(
    _ name: StaticString, of map: Value, _ check: (inout ObjectValidation, Value, Int) -> Void
  ) {
    steps.push(.name(name))
    elements(of: map[name], check)
    steps.pop()
  }

  /// Steps into a field that is a map and there into each entry.
  @inline(__always)
  mutating func entries(
    _ name: StaticString, of map: Value, _ check: (inout ObjectValidation, Value, Value) -> Void
  ) {
    steps.push(.name(name))
    entries(of: map[name], check)
    steps.pop()
  }

  /// Steps into the value of a map under a key that is no field of a type: it prints in brackets.
  mutating func key<Result>(
    _ key: Value, _ check: (inout ObjectValidation) -> Result
  ) -> Result {
    steps.push(.key(key))
    defer { steps.pop() }
    return check(&self)
  }

  /// Steps into one element of a list.
  @inline(__always)
  mutating func element<Result>(
    _ index: Int, _ check: (inout ObjectValidation) -> Result
  ) -> Result {
    steps.push(.index(index))
    defer { steps.pop() }
    return check(&self)
  }

  /// Steps into each entry of a map, with its key; nothing for what is no map.
  @inline(__always)
  mutating func entries(
    of map: Value, _ check: (inout ObjectValidation, Value, Value) -> Void
  ) {
    for entry in map.entries {
      steps.push(.key(entry.key))
      check(&self, entry.key, entry.value)
      steps.pop()
    }
  }

  /// Steps into a field of a map only when it is there and not null.
  @inline(__always)
  mutating func given(
    _ name: StaticString, of map: Value, _ check: (inout ObjectValidation, Value) -> Void
  ) {
    let value = map[name]
    if value.isAbsent || value.isNull { return }
    steps.push(.name(name))
    check(&self, value)
    steps.pop()
  }

  /// Lets what is reported in a check print as if the walk stood elsewhere, as the API server has it in places.
  ///
  /// `printed` makes the prefix that is printed of the one that stands for where the walk is.
  mutating func printing(
    _ printed: (String) -> String, _ check: (inout ObjectValidation) -> Void
  ) {
    let start = errors.count
    check(&self)
    guard errors.count > start else { return }
    let here = printedPath
    let elsewhere = printed(here)
    for index in start..<errors.count where errors[index].field.hasPrefix(here) {
      errors[index].field = elsewhere + errors[index].field.dropFirst(here.count)
    }
  }

  // MARK: reporting

  /// Reports a mistake at where the walk stands, or at a field below it.
  ///
  /// `printedAs` is the whole field as the API server prints it where that is not the field's place.
  mutating func report(
    _ rule: StaticString, _ reason: ObjectError.Reason, at field: StaticString? = nil,
    _ message: String, help: String? = nil, printedAs printed: String? = nil
  ) {
    if let field { steps.push(.name(field)) }
    defer { if field != nil { steps.pop() } }
    errors.append(
      ObjectError(
        rule: "\(rule)", reason: reason, path: path, field: printed ?? printedPath,
        message: message,
        help: help))
  }

  /// Adds what was found about a place where the walk does not stand.
  mutating func append(_ error: ObjectError) { errors.append(error) }
}

/// Which fields a map may have, at a glance: a bit for the hash of each key.
struct FieldBits {
  private var bits: UInt64 = 0

  /// The fields of a map; none for what is no map.
  @inline(__always)
  init(_ map: Value) {
    for entry in map.entries { bits |= 1 << (entry.key.meta >> 58) }
  }

  /// Whether a field may be there. False is certain.
  @inline(__always)
  func mayHave(_ name: StaticString) -> Bool { bits & (1 << (Value(name).meta >> 58)) != 0 }

  /// Adds the fields of another map.
  @inline(__always)
  mutating func formUnion(_ other: FieldBits) { bits |= other.bits }
}
