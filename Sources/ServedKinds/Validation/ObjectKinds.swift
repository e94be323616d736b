import Documents

/// The check of a built-in kind that makes no Pods; nil for one that has no rules beyond its types.
///
/// It takes the object after defaults, with quantities canonical. Metadata is checked elsewhere, but for
/// what a kind asks of its name.
func objectValidator(group: String, kind: String) -> WorkloadValidator? {
  switch group {
  case "": coreValidator(kind)
  case "admissionregistration.k8s.io": admissionValidator(kind)
  case "rbac.authorization.k8s.io": accessValidator(kind)
  case "storage.k8s.io": storageValidator(kind)
  case "resource.k8s.io": deviceValidator(kind)
  default: otherValidator(group, kind)
  }
}

private func coreValidator(_ kind: String) -> WorkloadValidator? {
  switch kind {
  case "Service": { $2.isAbsent ? $0.service($1) : $0.serviceUpdate($1, old: $2) }
  case "ConfigMap": { $2.isAbsent ? $0.configMap($1) : $0.configMapUpdate($1, old: $2) }
  case "Secret": { $2.isAbsent ? $0.secret($1) : $0.secretUpdate($1, old: $2) }
  case "PersistentVolume": { $2.isAbsent ? $0.volume($1) : $0.volumeUpdate($1, old: $2) }
  case "PersistentVolumeClaim": { $2.isAbsent ? $0.claim($1) : $0.claimUpdate($1, old: $2) }
  case "LimitRange": { validation, object, _ in validation.limitRange(object) }
  case "ResourceQuota":
    { $2.isAbsent ? $0.resourceQuota($1) : $0.resourceQuotaUpdate($1, old: $2) }
  case "Endpoints": { validation, object, _ in validation.endpoints(object) }
  case "Event": { validation, object, _ in validation.event(object) }
  case "Namespace": { if $2.isAbsent { $0.namespace($1) } }
  case "Node": { $0.node($1, old: $2) }
  default: nil
  }
}

private func admissionValidator(_ kind: String) -> WorkloadValidator? {
  switch kind {
  case "ValidatingAdmissionPolicy": { validation, object, _ in validation.validatingPolicy(object) }
  case "MutatingAdmissionPolicy": { validation, object, _ in validation.mutatingPolicy(object) }
  case "ValidatingAdmissionPolicyBinding":
    { validation, object, _ in validation.policyBinding(object, hasActions: true) }
  case "MutatingAdmissionPolicyBinding":
    { validation, object, _ in validation.policyBinding(object, hasActions: false) }
  case "ValidatingWebhookConfiguration":
    { validation, object, _ in validation.webhooks(object, isMutating: false) }
  case "MutatingWebhookConfiguration":
    { validation, object, _ in validation.webhooks(object, isMutating: true) }
  default: nil
  }
}

private func accessValidator(_ kind: String) -> WorkloadValidator? {
  switch kind {
  case "Role": { validation, object, _ in validation.role(object, isNamespaced: true) }
  case "ClusterRole": { validation, object, _ in validation.role(object, isNamespaced: false) }
  case "RoleBinding": { $0.roleBinding($1, isNamespaced: true, old: $2) }
  case "ClusterRoleBinding": { $0.roleBinding($1, isNamespaced: false, old: $2) }
  default: nil
  }
}

private func storageValidator(_ kind: String) -> WorkloadValidator? {
  switch kind {
  case "StorageClass":
    { $2.isAbsent ? $0.storageClass($1) : $0.storageClassUpdate($1, old: $2) }
  case "VolumeAttributesClass": { $0.attributesClass($1, old: $2) }
  case "CSIDriver": { $0.csiDriver($1, old: $2) }
  case "CSINode": { $0.csiNode($1, old: $2) }
  case "CSIStorageCapacity": { $0.storageCapacity($1, old: $2) }
  case "VolumeAttachment": { $0.volumeAttachment($1, old: $2) }
  default: nil
  }
}

private func deviceValidator(_ kind: String) -> WorkloadValidator? {
  switch kind {
  case "DeviceClass": { validation, object, _ in validation.deviceClass(object) }
  case "ResourceClaim": { $0.resourceClaim($1, old: $2) }
  case "ResourceClaimTemplate": { $0.resourceClaimTemplate($1, old: $2) }
  case "ResourceSlice": { $0.resourceSlice($1, old: $2) }
  default: nil
  }
}

private func otherValidator(_ group: String, _ kind: String) -> WorkloadValidator? {
  switch (group, kind) {
  case ("apiextensions.k8s.io", "CustomResourceDefinition"):
    { $0.customResourceDefinition($1, old: $2) }
  case ("autoscaling", "HorizontalPodAutoscaler"): { $0.autoscaler($1, old: $2) }
  case ("networking.k8s.io", "Ingress"):
    { validation, object, old in validation.ingress(object, isUpdate: !old.isAbsent) }
  case ("networking.k8s.io", "IngressClass"): { $0.ingressClass($1, old: $2) }
  case ("networking.k8s.io", "NetworkPolicy"):
    { validation, object, _ in validation.networkPolicy(object) }
  case ("networking.k8s.io", "ServiceCIDR"): { $0.serviceCIDR($1, old: $2) }
  case ("networking.k8s.io", "IPAddress"): { validation, object, _ in validation.ipAddress(object) }
  case ("policy", "PodDisruptionBudget"):
    { validation, object, _ in validation.disruptionBudget(object) }
  case ("flowcontrol.apiserver.k8s.io", "FlowSchema"):
    { validation, object, _ in validation.flowSchema(object) }
  case ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"):
    { validation, object, _ in validation.priorityLevel(object) }
  case ("discovery.k8s.io", "EndpointSlice"): { $0.endpointSlice($1, old: $2) }
  case ("scheduling.k8s.io", "PriorityClass"): { $0.priorityClass($1, old: $2) }
  case ("node.k8s.io", "RuntimeClass"): { $0.runtimeClass($1, old: $2) }
  case ("coordination.k8s.io", "Lease"): { validation, object, _ in validation.lease(object) }
  case ("apiregistration.k8s.io", "APIService"):
    { validation, object, _ in validation.apiService(object) }
  case ("apps", "ControllerRevision"): { $0.controllerRevision($1, old: $2) }
  case ("certificates.k8s.io", "CertificateSigningRequest"):
    { $2.isAbsent ? $0.signingRequest($1) : () }
  case ("certificates.k8s.io", "ClusterTrustBundle"):
    { validation, object, _ in validation.trustBundle(object) }
  default: nil
  }
}
