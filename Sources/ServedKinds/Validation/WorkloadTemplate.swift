import Documents
import Quantities

/// `ValidatePodTemplateSpec` of `pkg/apis/core/validation`, and what a controller asks of its template.
extension ObjectValidation {
  /// Checks a template: its labels and annotations, which print without `metadata`, and its PodSpec.
  mutating func podTemplate(
    _ template: Value, claimTemplates: Value = .absent, isStatefulSet: Bool = false
  ) {
    templateMetadata(template)
    field("spec", of: template) { check, spec in
      check.podSpec(
        PodContext(spec, isPod: false, claimTemplates: claimTemplates),
        checksHostname: !isStatefulSet)
    }
  }

  /// Checks labels and annotations of a template.
  mutating func templateMetadata(_ template: Value) {
    let metadata = template["metadata"]
    guard metadata.isGiven else { return }
    let fields = FieldBits(metadata)
    guard fields.mayHave("labels") || fields.mayHave("annotations") else { return }
    field("metadata", of: template) { check, metadata in
      check.printing({ String($0.dropLast(".metadata".utf8.count)) }) { check in
        check.labelSyntax("labels", of: metadata)
        check.annotationSyntax(of: metadata)
      }
    }
    guard !metadata["annotations"].isUnset else { return }
    podAnnotations(of: metadata, template["spec"], printedAs: "\(printedPath).annotations")
  }

  /// A controller that keeps its Pods running restarts them always and gives them no deadline.
  mutating func runsForever(_ spec: Value, _ kind: StaticString) {
    let pod = spec["template"]["spec"]
    let isAlways = pod["restartPolicy"].isString("Always")
    guard !isAlways || pod["activeDeadlineSeconds"].isGiven else { return }
    field("template", of: spec) { check, template in
      check.field("spec", of: template) { check, pod in
        if !isAlways {
          check.report(
            "workload/restart-policy", .notSupported, at: "restartPolicy",
            "'\(pod["restartPolicy"].shown)' is not supported by a \(kind), expected 'Always'",
            help: "use a Job for what is to end")
        }
        if pod["activeDeadlineSeconds"].isGiven {
          check.report(
            "workload/active-deadline", .forbidden, at: "activeDeadlineSeconds",
            "'activeDeadlineSeconds' is not supported by a \(kind)")
        }
      }
    }
  }

  /// Checks a number of Pods or `10%` of them; says what it stands for.
  mutating func numberOrPercent(
    _ field: StaticString, of map: Value, _ rule: StaticString
  ) -> Int64 {
    let value = map[field]
    guard value.isKind(.string) else {
      expectNonNegative(field, of: map, rule)
      return value.intOrZero
    }
    if let percent = value.percentValue { return percent }
    expect(.percent, value, rule, at: field, help: "write a number, or one with '%' such as '25%'")
    return 0
  }

  /// Reports more than all.
  mutating func expectNotMoreThanAll(
    _ field: StaticString, of map: Value, _ rule: StaticString
  ) {
    guard let percent = map[field].percentValue, percent > 100 else { return }
    report(
      rule, .invalid, at: field, "'\(map[field].shown)' must not be greater than 100%")
  }
}

extension Value {
  /// The number before `%`; nil for what is no percentage.
  fileprivate var percentValue: Int64? {
    guard isKind(.string), count > 1, utf8.last == 0x25 else { return nil }
    var number: Int64 = 0
    for byte in utf8.dropLast() {
      guard byte &- 0x30 < 10 else { return nil }
      // What is over 100 is over it whatever follows.
      if number < 1_000_000 { number = number * 10 + Int64(byte - 0x30) }
    }
    return number
  }
}
