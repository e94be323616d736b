import Documents

/// A check of an object against the rules of its kind; `old` is absent for a new object.
typealias WorkloadValidator = (inout ObjectValidation, _ object: Value, _ old: Value) -> Void

/// The check of a Pod or of a kind that makes Pods; nil for any other kind.
///
/// It takes the object after defaults, with quantities canonical. Metadata is checked elsewhere, but for what a kind
/// asks of its name.
func workloadValidator(group: String, kind: String) -> WorkloadValidator? {
  switch (group, kind) {
  case ("", "Pod"): { $0.pod($1, old: $2) }
  case ("", "PodTemplate"): { $0.podTemplateObject($1, old: $2) }
  case ("", "ReplicationController"): { $0.replicationController($1, old: $2) }
  case ("apps", "Deployment"): { $0.deployment($1, old: $2) }
  case ("apps", "ReplicaSet"): { $0.replicaSet($1, old: $2) }
  case ("apps", "DaemonSet"): { $0.daemonSet($1, old: $2) }
  case ("apps", "StatefulSet"): { $0.statefulSet($1, old: $2) }
  case ("batch", "Job"): { $0.job($1, old: $2) }
  case ("batch", "CronJob"): { $0.cronJob($1, old: $2) }
  default: nil
  }
}
