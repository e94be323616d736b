import CEL
import Diagnostics
import Documents
import Intents
import Manifests

/// A change to objects of a chart once they are rendered: an entry of `chart.patches`.
///
/// Whom it is for and what it merges may hold expressions, so they are in the resource's plan; what is kept
/// here is the expression over `object`.
struct ChartPatch: Sendable {
  /// Gives a merge patch for each object; nil where `merge` is written.
  var expression: Expression?
  /// Where the entry stands in the golden path's document.
  var path: FieldPath
}

/// A patch as it is for one rendering.
struct ChartPatchCall {
  let patch: ChartPatch
  /// A map with `group`, `kind`, `name`, `selector`; each that is there must fit.
  let target: Value
  /// A merge patch (RFC 7386); absent where an expression gives it.
  let merge: Value

  /// Whether an object is meant.
  func means(_ object: Value) -> Bool {
    let group = splitAPIVersion(object["apiVersion"].asString ?? "").group
    let metadata = object["metadata"]
    if let wanted = target["group"].asString, wanted != group { return false }
    for key in ["kind", "name"] where target[key].isKind(.string) {
      let found = key == "kind" ? object["kind"] : metadata["name"]
      guard found.asString == target[key].asString else { return false }
    }
    let selector = target["selector"]
    return !selector.isKind(.map) || selects(selector: selector, labels: metadata["labels"])
  }
}

extension GoldenPathReader {
  /// Checks what of `chart.patches` can be checked before anything is rendered.
  mutating func readChartPatches(_ chart: Value, at path: FieldPath) {
    for (index, value) in fields.list(chart, "patches", at: path).enumerated() {
      let path = path.key("patches").index(index)
      let map = fields.fields(value, at: path, known: ["target", "merge", "expression"])
      guard value.isKind(.map) else { continue }
      let target = fields.fields(
        map["target"], at: path.key("target"), known: ["group", "kind", "name", "selector"])
      if isMissing(map["target"]) {
        fields.reportMissing("target", at: path)
      } else if target.isKind(.map), target.count == 0 {
        fields.report(
          "invalid-value", "the target is empty, expected 'kind', 'name' or 'selector'",
          at: path.key("target"))
      }
      if isMissing(map["merge"]) == isMissing(map["expression"]) {
        fields.report(
          "invalid-value", "a patch needs exactly one of 'merge' and 'expression'", at: path)
      } else if !isMissing(map["merge"]), !map["merge"].isKind(.map) {
        fields.reportType(map["merge"], expected: "a map", at: path.key("merge"))
      }
    }
  }

  /// The patches of a chart with their expressions compiled.
  mutating func chartPatches(
    of draft: ResourceDraft, _ scope: ExpressionScope, _ reads: inout Reads
  ) -> [ChartPatch] {
    let scope = scope.adding([Variable("object")])
    let path = draft.path.key("chart").key("patches")
    return draft.template["patches"].elements.enumerated().map { index, value in
      let path = path.index(index)
      var patch = ChartPatch(path: path)
      guard let source = fields.string(value, "expression", at: path) else { return patch }
      let inner: (source: String, range: Range<Int>)
      if case .success(let parts) = Interpolation.parse(source), parts.isStandalone,
        let only = parts.expressions.first
      {
        inner = only
      } else {
        inner = (source, 0..<source.utf8.count)
      }
      patch.expression = compile(
        inner.source, range: inner.range, at: path.key("expression"), scope)
      if let expression = patch.expression {
        reads.append(checkReads(of: expression, scope, by: draft))
      }
      return patch
    }
  }
}

extension UnitRendering {
  /// The objects of a chart with its patches, in their order, on those that each means.
  func patched(
    _ objects: [(value: Value, template: String)], _ call: ChartCall
  ) -> [(value: Value, template: String)]? {
    guard let options = call.options, !options.patches.isEmpty, !renderer.leavesOutPatches else {
      return objects
    }
    var objects = objects
    for patch in options.patches {
      var isUsed = false
      for index in objects.indices where patch.means(objects[index].value) {
        isUsed = true
        guard let value = patched(objects[index].value, patch, options) else { return nil }
        objects[index].value = value
      }
      if !isUsed { reportUnused(patch, options, objects.map(\.value)) }
    }
    return objects
  }

  private func patched(
    _ object: Value, _ call: ChartPatchCall, _ options: ChartOptions
  ) -> Value? {
    var merge = call.merge
    if let expression = call.patch.expression {
      options.frame.set(object, slot: options.objectSlot)
      defer { options.frame.set(.absent, slot: options.objectSlot) }
      let result = options.frame.evaluator.evaluate(expression.program)
      if result.isKind(.error) {
        let failure = options.frame.evaluator.explain(result)
        reportFailure(
          .init(
            expression: 0, message: failure.message, range: failure.range, help: failure.help),
          expression, options.path, resource: options.resource)
        return nil
      }
      guard case .value(let value) = options.frame.evaluator.plain(result, in: arena),
        value.isKind(.map)
      else {
        report(
          Finding(
            rule: "golden-path/expression-failed",
            "'\(expression.shown)' gives no map, expected a merge patch for the object",
            at: options.path.place(of: expression)))
        return nil
      }
      merge = value
    }
    let result = mergePatch(object, merge, in: arena)
    for field in [
      FieldPath(keys: "apiVersion"), FieldPath(keys: "kind"), FieldPath(keys: "metadata", "name"),
    ] where result[field].asString != object[field].asString {
      let place = call.patch.path.key(call.patch.expression == nil ? "merge" : "expression")
      report(
        Finding(
          rule: "chart/invalid-patch",
          "the patch changes '\(field)' of '\(shownName(object))', which tells objects apart",
          at: options.path.place(place, part: .key)))
      return nil
    }
    return result
  }

  private func shownName(_ object: Value) -> String {
    "\(object["kind"].asString ?? "")/\(object["metadata"]["name"].asString ?? "")"
  }

  private func reportUnused(
    _ call: ChartPatchCall, _ options: ChartOptions, _ objects: [Value]
  ) {
    let names = objects.map(shownName).filter { $0 != "/" }
    let wanted = [call.target["kind"].asString, call.target["name"].asString].compactMap { $0 }
      .joined(separator: "/")
    let nearest = nearestName(to: wanted, in: names)
    report(
      Finding(
        rule: "chart/unknown-target", severity: .warning,
        wanted.isEmpty
          ? "the chart makes no object with these labels"
          : "the chart makes no object '\(wanted)' that the patch is for",
        at: options.path.place(call.patch.path.key("target"), part: .key),
        help: nearest.map { "did you mean '\($0)'?" }
          ?? (names.isEmpty ? nil : "it makes \(names.prefix(8).joined(separator: ", "))")))
  }
}
