import GoTemplates

/// How values are put together.
enum CoalesceMode {
  /// A null of the user takes the default away.
  case coalesce
  /// A null of the user stays, for a chart further down to see.
  case merge
}

extension ChartNode {
  /// The values for this chart and those below it: the given ones over the defaults of each chart
  /// (Helm 3.17.2, `pkg/chartutil/coalesce.go`). The given map is not changed.
  ///
  /// Throws where a chart's values are no map.
  func coalesced(_ values: GoMap, _ mode: CoalesceMode = .coalesce) throws -> GoMap {
    let copy = deepCopy(values, type: .values)
    try coalesce(into: copy, mode)
    return copy
  }

  private func coalesce(into values: GoMap, _ mode: CoalesceMode) throws {
    addDefaults(to: values, mode)
    for child in children {
      let inner: GoMap
      if let old = values[child.name] {
        guard let map = old.table else {
          throw ChartError(
            .invalidValues,
            "type mismatch on \(child.name): the values of a subchart are no map")
        }
        inner = map
      } else {
        inner = GoMap()
        values[child.name] = .map(inner)
      }
      passGlobals(of: values, to: inner)
      try child.coalesce(into: inner, mode)
    }
  }

  private func addDefaults(to values: GoMap, _ mode: CoalesceMode) {
    for entry in self.values.entries {
      guard let value = values[entry.key] else {
        values[entry.key] = deepCopy(entry.value)
        continue
      }
      if value.isNil, mode == .coalesce {
        values[entry.key] = nil
      } else if let map = value.table, let defaults = entry.value.table {
        let isChild = children.contains { $0.nameBytes == entry.key }
        coalesceTables(map, deepCopy(defaults), isChild ? .merge : mode)
      }
    }
  }
}

/// Puts what `source` has and `target` lacks into `target`; `source` is used up.
func coalesceTables(_ target: GoMap, _ source: GoMap, _ mode: CoalesceMode) {
  for entry in source.entries {
    guard let old = target[entry.key] else {
      target[entry.key] = entry.value
      continue
    }
    if old.isNil, mode == .coalesce {
      target[entry.key] = nil
    } else if let map = entry.value.table, let inner = old.table {
      coalesceTables(inner, map, mode)
    }
  }
}

private let globalKey = Array("global".utf8)

/// Gives a subchart's values what stands under `global` in its parent's, which wins.
/// Nulls stay: they take away once the subchart's defaults come in.
private func passGlobals(of parent: GoMap, to child: GoMap) {
  var target = GoMap()
  if let old = child[globalKey] {
    guard let map = old.table else { return }
    target = map
  }
  var source = GoMap()
  if let globals = parent[globalKey] {
    guard let map = globals.table else { return }
    source = map
  }
  for entry in source.entries {
    let old = target[entry.key]
    guard let map = entry.value.table else {
      if old?.table == nil { target[entry.key] = entry.value }
      continue
    }
    // Helm copies a map one level deep: what is `set` further down is seen by all charts.
    let copy = GoMap(copying: map)
    if let old {
      guard let inner = old.table else { continue }
      coalesceTables(copy, inner, .merge)
    }
    target[entry.key] = .map(copy)
  }
  child[globalKey] = .map(target)
}
