/// Checks a path before anything is written under it, whatever the repository's configuration says.
///
/// libgit2 and Git let through names that break a checkout on another system or hide in a listing,
/// so the letters are a list of what is allowed: `A`-`Z`, `a`-`z`, `0`-`9`, `.`, `_` and `-`; a step
/// has 1 to 255 bytes, begins with neither `-` nor (unless it is in `dotNames`) `.`, and does not
/// end in `.`; no step is a form of `.git` (`git~1` too: NTFS short names) or a device name of
/// Windows; at most 16 steps. Throws `badPath`.
public func checkPath(
  _ path: String, allowing dotNames: Set<String> = []
) throws(RepositoryError) {
  var count = 0
  for step in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
    count += 1
    if step.first == UInt8(ascii: "."), dotNames.contains(String(decoding: step, as: UTF8.self)) {
      continue
    }
    try checkPathStep(step, in: path)
  }
  guard count <= 16 else {
    throw RepositoryError(.badPath, .buildTree, "the path '\(path)' is over 16 steps deep")
  }
}

/// Checks one step of `path` as `checkPath` does.
func checkPathStep(
  _ step: some BidirectionalCollection<UInt8>, in path: String
) throws(RepositoryError) {
  if let problem = problem(ofStep: step) {
    let name = String(decoding: step, as: UTF8.self)
    throw RepositoryError(
      .badPath, .buildTree,
      name == path
        ? "the path '\(path)' \(problem)" : "the step '\(name)' of the path '\(path)' \(problem)")
  }
}

private func problem(ofStep step: some BidirectionalCollection<UInt8>) -> String? {
  guard let first = step.first, let last = step.last else { return "is empty" }
  if step.count > 255 { return "is over 255 bytes long" }
  if !step.allSatisfy(isAllowed) {
    return "may hold only letters of ASCII, digits, '.', '_' and '-'"
  }
  if first == UInt8(ascii: ".") { return "begins with '.'" }
  if first == UInt8(ascii: "-") { return "begins with '-'" }
  if last == UInt8(ascii: ".") { return "ends in '.'" }
  // Cheap for all but a few names: only short stems can be special.
  let stem = step.prefix { $0 != UInt8(ascii: ".") }
  if stem.count == 3 || stem.count == 4, windowsDevices.contains(lowercased(stem)) {
    return "is a device name on Windows"
  }
  return nil
}

private let windowsDevices: Set<String> = {
  var names: Set<String> = ["con", "prn", "aux", "nul"]
  for digit in 1...9 { names.formUnion(["com\(digit)", "lpt\(digit)"]) }
  return names
}()

private func lowercased(_ bytes: some Collection<UInt8>) -> String {
  String(decoding: bytes.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
}

private func isAllowed(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
    UInt8(ascii: "-"):
    true
  default: false
  }
}
