/// What must be rendered before what.
struct DependencyGraph {
  /// For each node the indices of those it needs.
  let dependencies: [[Int]]

  /// The nodes so that each comes after what it needs, ties by index; nil when there is a cycle.
  var order: [Int]? {
    var waiting = dependencies.map { Set($0).count }
    var dependents: [[Int]] = Array(repeating: [], count: dependencies.count)
    for (index, needs) in dependencies.enumerated() {
      for need in Set(needs) { dependents[need].append(index) }
    }
    var ready = waiting.indices.filter { waiting[$0] == 0 }
    var order: [Int] = []
    while let next = ready.min() {
      ready.removeAll { $0 == next }
      order.append(next)
      for dependent in dependents[next] {
        waiting[dependent] -= 1
        if waiting[dependent] == 0 { ready.append(dependent) }
      }
    }
    return order.count == dependencies.count ? order : nil
  }

  /// The way round a cycle, its first node not repeated; nil when there is none. The cycle that
  /// has the smallest index is found, and starts with it.
  var cycle: [Int]? {
    for start in dependencies.indices {
      if let way = way(from: start, to: start) { return way }
    }
    return nil
  }

  /// The shortest way along dependencies that comes back to `start`.
  private func way(from start: Int, to goal: Int) -> [Int]? {
    var previous: [Int: Int] = [:]
    var waiting = [start]
    var next = 0
    while next < waiting.count {
      let node = waiting[next]
      next += 1
      for need in dependencies[node] {
        if need == goal {
          var way = [node]
          while let step = previous[way[0]] { way.insert(step, at: 0) }
          return way
        }
        if previous[need] == nil, need != start {
          previous[need] = node
          waiting.append(need)
        }
      }
    }
    return nil
  }
}
