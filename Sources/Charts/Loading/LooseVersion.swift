import Quantities

/// A version as Masterminds' semver v3 takes it: a `v` in front, minor and patch number may be missing.
func looseVersion(_ text: String) -> SemanticVersion? {
  let text = text.hasPrefix("v") ? text.dropFirst() : text[...]
  let end = text.firstIndex { $0 == "-" || $0 == "+" } ?? text.endIndex
  let core = text[..<end].split(separator: ".", omittingEmptySubsequences: false)
  guard (1...3).contains(core.count) else { return nil }
  var numbers: [UInt64] = []
  for part in core {
    guard !part.isEmpty, part.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let number = UInt64(part) else {
      return nil
    }
    numbers.append(number)
  }
  while numbers.count < 3 { numbers.append(0) }
  let parsed = SemanticVersion.parse("\(numbers[0]).\(numbers[1]).\(numbers[2])\(text[end...])")
  return try? parsed.get()
}

/// Whether a version fits a range, as `chartutil.IsCompatibleRange` of Helm says. An empty range is any.
func isCompatible(_ range: String, _ version: String) -> Bool {
  guard let version = looseVersion(version) else { return false }
  let range = trimmed(range).isEmpty ? "*" : range
  guard case .success(let constraint) = VersionConstraint.parse(range) else { return false }
  return constraint.accepts(version)
}
