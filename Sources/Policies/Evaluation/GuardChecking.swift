import CEL
import Diagnostics
import Manifests

/// Finds fields that a policy reads though an object need not have them, by the schemas of the kinds that it matches: the
/// mistake that most often makes a policy refuse, or let pass, what it was not meant to.
struct GuardChecking {
  let directory: ResourceDirectory
  let types: ObjectTypes
  let profile: Profile

  /// Kinds that are looked at for one policy.
  private static let maximumKinds = 24

  /// `policy/unguarded-field` (a warning) for each place, whichever of the kinds it is found for.
  func findings(_ policy: Policy) -> [Finding] {
    var found: [(read: GuardAnalysis.Read, kinds: [String])] = []
    for kind in kinds(of: policy) {
      for read in reads(policy, kind) {
        let known = found.firstIndex {
          $0.read.expression == read.expression && $0.read.range == read.range
        }
        if let known {
          found[known].kinds.append(kind.name)
        } else {
          found.append((read, [kind.name]))
        }
      }
    }
    let expressions = policy.guardedExpressions
    return found.sorted {
      ($0.read.expression, $0.read.range.lowerBound, $0.read.range.upperBound)
        < ($1.read.expression, $1.read.range.lowerBound, $1.read.range.upperBound)
    }.map { read, kinds in
      let expression = expressions[read.expression]
      let consequence =
        policy.failurePolicy == .fail
        ? "the policy refuses an object without it" : "the rule lets an object without it pass"
      let what = read.isKey ? "the key '\(read.name)'" : "'\(read.name)'"
      var finding = Finding(
        rule: "policy/unguarded-field", severity: .warning,
        "\(what) may be missing, and then \(consequence) (\(shortened(kinds)))",
        at: policy.source.place(expression.path, part: .text(read.range)),
        help: "ask first whether it is there, or write '\(read.guarded)'")
      finding.policy = policy.name
      finding.path = expression.path
      return finding
    }
  }

  private func shortened(_ kinds: [String]) -> String {
    let shown = kinds.prefix(3).joined(separator: ", ")
    return kinds.count > 3 ? "\(shown) and \(kinds.count - 3) more" : shown
  }

  private struct Kind {
    let name: String
    let resource: Resource
    let version: String
    let type: CELType
  }

  /// The kinds that the policy's rules name outright for objects that come or change, with a known schema.
  private func kinds(of policy: Policy) -> [Kind] {
    var kinds: [Kind] = []
    for rule in policy.matchConstraints.resourceRules
    where rule.operations.contains(.create) || rule.operations.contains(.update) {
      for resource in directory.resources
      where rule.apiGroups.contains(resource.group) && rule.resources.contains(resource.plural) {
        for version in resource.versions
        where rule.apiVersions.contains(version) || rule.apiVersions.contains("*") {
          let apiVersion = resource.group.isEmpty ? version : "\(resource.group)/\(version)"
          let name = "\(resource.kind) of \(apiVersion)"
          guard !kinds.contains(where: { $0.name == name }), kinds.count < Self.maximumKinds,
            let type = types(apiVersion, resource.kind), type != .dyn
          else { continue }
          kinds.append(Kind(name: name, resource: resource, version: version, type: type))
        }
      }
    }
    return kinds
  }

  private func reads(_ policy: Policy, _ kind: Kind) -> [GuardAnalysis.Read] {
    let group = kind.resource.group
    let apiVersion = group.isEmpty ? kind.version : "\(group)/\(kind.version)"
    var analysis = GuardAnalysis(
      profile: profile,
      roots: [
        "object": kind.type, "oldObject": kind.type, "written": .dyn,
        "request": RequestTypes.request, "namespaceObject": RequestTypes.namespace,
      ],
      constants: [
        "object.kind": kind.resource.kind, "oldObject.kind": kind.resource.kind,
        "object.apiVersion": apiVersion, "oldObject.apiVersion": apiVersion,
        "request.kind.kind": kind.resource.kind, "request.kind.group": group,
        "request.resource.resource": kind.resource.plural, "request.resource.group": group,
      ],
      present: alwaysThere(kind))
    for variable in policy.variables { analysis.define(variable.name, variable.expression.text) }
    let conditions = policy.matchConditions.map(\.expression.text)
    if analysis.isNever(conditions) { return [] }
    analysis.assume(conditions)
    for validation in policy.validations { analysis.check(validation.expression.text) }
    for annotation in policy.auditAnnotations { analysis.check(annotation.expression.text) }
    // What stands under 'data' is agreed on between who writes the policy and who writes the object.
    let isData = ["ConfigMap", "Secret"].contains(kind.resource.kind)
    return analysis.reads.filter { read in
      let path = read.field.drop { $0 != "." }
      return !path.hasPrefix(".status") && !(isData && path.hasPrefix(".data"))
        // Asked for by validation wherever the operator takes values.
        && !path.hasSuffix(".matchExpressions[*].values")
    }
  }

  /// What validation asks for, or a server sets, though the schemas do not say so.
  private func alwaysThere(_ kind: Kind) -> Set<String> {
    var paths = [
      "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp",
      "managedFields",
    ].map { "metadata.\($0)" }
    if let template = podTemplatePath(group: kind.resource.group, kind: kind.resource.kind) {
      paths.append("\(template).spec.containers[*].image")
      paths.append("\(template).spec.initContainers[*].image")
      // The selector of a workload is never empty, and the labels fit it.
      if kind.resource.kind != "CronJob" { paths.append("\(template).metadata.labels") }
    }
    if kind.resource.kind == "Pod" {
      paths += ["spec.containers[*].image", "spec.initContainers[*].image"]
    }
    if kind.resource.kind == "ReplicationController" { paths.append("spec.template") }
    paths += ["apiVersion", "kind"]
    var result: Set = ["namespaceObject.metadata.labels.kubernetes.io/metadata.name"]
    for path in paths {
      result.insert("object.\(path)")
      result.insert("oldObject.\(path)")
    }
    return result
  }
}

extension Policy {
  /// The expressions in the order in which their guards are looked at.
  fileprivate var guardedExpressions: [PolicyExpression] {
    variables.map(\.expression) + matchConditions.map(\.expression)
      + validations.map(\.expression) + auditAnnotations.map(\.expression)
  }
}
