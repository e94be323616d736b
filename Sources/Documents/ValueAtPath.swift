public import Diagnostics

extension Value {
  /// The value at a path below this one; `.absent` when it is not there.
  public subscript(path: FieldPath) -> Value {
    var value = self
    for step in path.steps {
      switch step {
      case .key(let key): value = value[key]
      case .index(let index):
        let elements = value.elements
        value = elements.indices.contains(index) ? elements[index] : .absent
      }
    }
    return value
  }
}
