/// The rank of a kind when objects are applied one after the other, lowest first: what others need
/// (namespaces, definitions, accounts, configuration) before what uses it, and webhooks last, as
/// they may refuse the rest.
///
/// A fixed list by kind, no dependencies are looked at; kinds that are not in it are between
/// workloads and webhooks, so that custom resources come after their definitions.
public func applyRank(group: String, kind: String) -> Int {
  if let rank = ranks[kind],
    group.isEmpty || !group.utf8.contains(UInt8(ascii: ".")) || group.hasSuffix(".k8s.io")
  {
    return rank
  }
  return unlistedRank
}

extension ObjectIdentity {
  /// Whether this object is applied before another: by `applyRank`, then in sorting order.
  public func isApplied(before other: ObjectIdentity) -> Bool {
    let rank = applyRank(group: group, kind: kind)
    let otherRank = applyRank(group: other.group, kind: other.kind)
    return rank == otherRank ? self < other : rank < otherRank
  }
}

private let order: [[String]] = [
  ["Namespace"],
  ["CustomResourceDefinition"],
  ["PriorityClass", "RuntimeClass", "StorageClass", "IngressClass", "CSIDriver"],
  ["ResourceQuota", "LimitRange", "NetworkPolicy"],
  ["ServiceAccount"],
  ["ClusterRole", "Role"],
  ["ClusterRoleBinding", "RoleBinding"],
  ["Secret", "ConfigMap"],
  ["PersistentVolume"],
  ["PersistentVolumeClaim"],
  ["Service", "Endpoints", "EndpointSlice"],
  ["Pod", "ReplicationController", "ReplicaSet", "DaemonSet", "Deployment", "StatefulSet"],
  ["Job", "CronJob"],
  ["PodDisruptionBudget", "HorizontalPodAutoscaler"],
  ["Ingress"],
]

private let last = [
  "APIService", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
  "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
  "MutatingWebhookConfiguration",
]

private let unlistedRank = order.count

private let ranks: [String: Int] = {
  var ranks: [String: Int] = [:]
  for (rank, kinds) in order.enumerated() { for kind in kinds { ranks[kind] = rank } }
  for kind in last { ranks[kind] = order.count + 1 }
  return ranks
}()
