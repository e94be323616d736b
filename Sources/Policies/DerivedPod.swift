public import Diagnostics
import Documents
public import Manifests

/// The Pod that a workload would create: what policies for Pods would see of it.
public struct DerivedPod: Sendable {
  /// The Pod: the template's metadata and spec, in the workload's namespace, without a name.
  public let manifest: Manifest
  /// Where the template stands in the workload.
  public let templatePath: FieldPath

  /// The Pod of a workload; nil for an object without a Pod template.
  public init?(of workload: Manifest) {
    guard let kind = workload.kind.asString, let group = workload.group.asString,
      kind != "PodTemplate", let path = podTemplatePath(group: group, kind: kind)
    else { return nil }
    let template = workload.value[path]
    guard template["spec"].isKind(.map) else { return nil }
    let arena = Arena(firstChunkByteCount: 512)
    var metadata = template["metadata"].entries.filter {
      !$0.key.isString("name") && !$0.key.isString("namespace")
    }
    if workload.namespace.count > 0 {
      metadata.append(MapEntry(key: arena.string("namespace"), value: workload.namespace))
    }
    if workload.name.count > 0 {
      metadata.append(
        MapEntry(
          key: arena.string("generateName"),
          value: arena.string((workload.name.asString ?? "") + "-")))
    }
    let pod = arena.map([
      "apiVersion": arena.string("v1"), "kind": arena.string("Pod"),
      "metadata": arena.map(metadata), "spec": template["spec"],
    ])
    manifest = Manifest(
      Document(root: pod, arena: arena, borrowing: [workload.document]),
      resource: workload.resource)
    templatePath = path
  }

  /// The path in the workload of a field of the Pod; the template where it has no such field.
  public func path(inWorkload field: FieldPath) -> FieldPath {
    if field.steps.first == .key("spec") || field.steps.first == .key("metadata") {
      return templatePath.appending(field)
    }
    return templatePath
  }
}

extension PolicyEvaluator {
  /// Appends what the policies that look at Pods, and not at the workload itself, say against the
  /// creation of the Pod that a workload would make. No cluster says this of the workload.
  public func evaluatePod(
    of workload: AdmissionRequest, into decisions: inout [Decision]
  ) -> (request: AdmissionRequest, pod: DerivedPod)? {
    guard let object = workload.object, mayHaveDerivedPod(workload),
      let pod = DerivedPod(of: object),
      case .success(let request) = AdmissionRequest.create(pod.manifest, in: set.directory)
    else { return nil }
    evaluateDerived(request, from: workload, into: &decisions)
    return (request, pod)
  }
}
