import Documents

/// Holds an object against the rules of its kind; `old` is absent for a new object. The object has its defaults and its
/// normal form. Metadata is held by `objectMeta`, but for what a kind asks of it beyond that.
typealias KindValidator = (inout ObjectValidation, _ object: Value, _ old: Value) -> Void

/// The rules of every built-in kind, one line a kind; nil for a kind that has none beyond its types.
func kindValidator(group: String, kind: String) -> KindValidator? {
  workloadValidator(group: group, kind: kind) ?? objectValidator(group: group, kind: kind)
}
