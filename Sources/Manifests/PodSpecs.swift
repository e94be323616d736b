public import Diagnostics
import Documents

/// Where the pod template of a workload kind is; nil for kinds without one and for `Pod` itself.
///
/// The template holds `metadata` and `spec` of the pods. Built-in kinds, and `Rollout` of Argo
/// Rollouts, which has a Deployment's shape.
public func podTemplatePath(group: String, kind: String) -> FieldPath? {
  switch (group, kind) {
  case ("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "StatefulSet"),
    ("apps", "DaemonSet"), ("batch", "Job"), ("", "ReplicationController"),
    ("argoproj.io", "Rollout"), ("extensions", "Deployment"), ("extensions", "ReplicaSet"),
    ("extensions", "DaemonSet"):
    FieldPath(keys: "spec", "template")
  case ("batch", "CronJob"): FieldPath(keys: "spec", "jobTemplate", "spec", "template")
  case ("", "PodTemplate"): FieldPath(keys: "template")
  default: nil
  }
}

/// Where the pod spec of a workload kind is; `spec` for `Pod`, nil for kinds without one.
public func podSpecPath(group: String, kind: String) -> FieldPath? {
  if group.isEmpty, kind == "Pod" { return FieldPath(keys: "spec") }
  return podTemplatePath(group: group, kind: kind)?.key("spec")
}

/// Where the pod spec of a manifest is; nil when its kind has none.
public func podSpecPath(of manifest: Manifest) -> FieldPath? {
  guard let kind = manifest.kind.asString, let group = manifest.group.asString else { return nil }
  return podSpecPath(group: group, kind: kind)
}
