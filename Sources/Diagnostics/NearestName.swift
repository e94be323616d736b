/// The known name that was most likely meant by `name`; nil when none is near.
///
/// Near is a Damerau-Levenshtein distance (optimal string alignment, over UTF-8 bytes, ASCII case
/// ignored) of at most a third of the longer name, and at most 3. Ties go to the first candidate.
public func nearestName(to name: String, in candidates: some Sequence<String>) -> String? {
  var best: (name: String, distance: Int)?
  for candidate in candidates {
    let limit = min(3, max(1, max(name.utf8.count, candidate.utf8.count) / 3))
    guard abs(name.utf8.count - candidate.utf8.count) <= limit else { continue }
    let distance = editDistance(lowercased(name), lowercased(candidate))
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}

private func lowercased(_ text: String) -> [UInt8] {
  text.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var current = [i + 1]
    for j in b.indices {
      var cost = min(last[j + 1] + 1, current[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        cost = min(cost, beforeLast[j - 1] + 1)
      }
      current.append(cost)
    }
    beforeLast = last
    last = current
  }
  return last[b.count]
}
