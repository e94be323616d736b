/// What OpenAPI does not say of the types of the Kubernetes API, kept by hand: which optional fields keep a zero that is
/// written (pointers in Go), which are always there (structs and lists without `omitempty`), and plain defaults.
///
/// One line a type, named by group and type without version: `field*` keeps `0`, `false` and `""`; `field+` is always
/// there, empty when nothing is said; `field-` is read and not stored; `field=JSON` is the default of an absent (or, without
/// `*`, of an empty) field. Fields `metadata`, `spec` and `status` that are types are always there.
///
/// Sources: k8s.io/api `*/types.go` (JSON tags), kubernetes `pkg/apis/*/*/defaults.go`, both at 1.36.
enum TypeFacts {
  static let table: StaticString = #"""
    core.PodSpec: dnsPolicy="ClusterFirst" restartPolicy="Always" securityContext={} terminationGracePeriodSeconds*=30 schedulerName="default-scheduler" activeDeadlineSeconds* automountServiceAccountToken* enableServiceLinks* hostUsers* priority* setHostnameAsFQDN* shareProcessNamespace* runtimeClassName* preemptionPolicy* hostnameOverride*
    core.Container: terminationMessagePath="/dev/termination-log" terminationMessagePolicy="File" resources+ restartPolicy*
    core.EphemeralContainer: terminationMessagePath="/dev/termination-log" terminationMessagePolicy="File" resources+ restartPolicy*
    core.ContainerPort: protocol="TCP"
    core.ContainerResizePolicy: restartPolicy="NotRequired"
    core.ServicePort: protocol="TCP" appProtocol* targetPort*
    core.Probe: timeoutSeconds=1 periodSeconds=10 successThreshold=1 failureThreshold=3 terminationGracePeriodSeconds*
    core.HTTPGetAction: path="/" scheme="HTTP"
    core.GRPCAction: service*=""
    core.Lifecycle: stopSignal*
    core.ConfigMapVolumeSource: defaultMode*=420 optional*
    core.SecretVolumeSource: defaultMode*=420 optional*
    core.DownwardAPIVolumeSource: defaultMode*=420
    core.ProjectedVolumeSource: defaultMode*=420 sources+
    core.ServiceAccountTokenProjection: expirationSeconds*=3600
    core.PodCertificateProjection: maxExpirationSeconds*=86400
    core.ClusterTrustBundleProjection: name* signerName* optional*
    core.ConfigMapProjection: optional*
    core.SecretProjection: optional*
    core.KeyToPath: mode*
    core.DownwardAPIVolumeFile: mode*
    core.ConfigMapKeySelector: optional*
    core.SecretKeySelector: optional*
    core.ConfigMapEnvSource: optional*
    core.SecretEnvSource: optional*
    core.FileKeySelector: optional*=false
    core.ObjectFieldSelector: apiVersion="v1"
    core.ResourceFieldSelector: divisor*="0"
    core.HostPathVolumeSource: type*=""
    core.ISCSIVolumeSource: iscsiInterface="default" initiatorName*
    core.ISCSIPersistentVolumeSource: iscsiInterface="default" initiatorName*
    core.RBDVolumeSource: pool="rbd" user="admin" keyring="/etc/ceph/keyring"
    core.RBDPersistentVolumeSource: pool="rbd" user="admin" keyring="/etc/ceph/keyring"
    core.AzureDiskVolumeSource: cachingMode*="ReadWrite" fsType*="ext4" readOnly*=false kind*="Shared"
    core.AzureFilePersistentVolumeSource: secretNamespace*
    core.ScaleIOVolumeSource: storageMode="ThinProvisioned" fsType="xfs" secretRef+
    core.ScaleIOPersistentVolumeSource: storageMode="ThinProvisioned" fsType="xfs"
    core.FCVolumeSource: lun*
    core.CSIVolumeSource: readOnly* fsType*
    core.LocalVolumeSource: fsType*
    core.GlusterfsPersistentVolumeSource: endpointsNamespace*
    core.PersistentVolumeClaimSpec: volumeMode*="Filesystem" resources+ storageClassName* volumeAttributesClassName*
    core.PersistentVolumeClaimStatus: currentVolumeAttributesClassName* phase="Pending"
    core.PersistentVolumeStatus: phase="Pending"
    core.PersistentVolumeSpec: persistentVolumeReclaimPolicy="Retain" volumeMode*="Filesystem" volumeAttributesClassName*
    core.TypedLocalObjectReference: apiGroup*
    core.TypedObjectReference: apiGroup* namespace*
    core.Secret: type="Opaque" immutable*
    core.ConfigMap: immutable*
    core.ServiceSpec: sessionAffinity="None" type="ClusterIP" allocateLoadBalancerNodePorts* internalTrafficPolicy* ipFamilyPolicy* loadBalancerClass* trafficDistribution*
    core.ServiceStatus: loadBalancer+
    core.LoadBalancerIngress: ipMode*
    core.PortStatus: error*
    core.ClientIPConfig: timeoutSeconds*
    core.ServiceAccount: automountServiceAccountToken*
    core.Toleration: tolerationSeconds*
    core.TopologySpreadConstraint: minDomains* nodeAffinityPolicy* nodeTaintsPolicy*
    core.PodSecurityContext: fsGroup* runAsGroup* runAsNonRoot* runAsUser* fsGroupChangePolicy* supplementalGroupsPolicy* seLinuxChangePolicy*
    core.SecurityContext: allowPrivilegeEscalation* privileged* readOnlyRootFilesystem* runAsGroup* runAsNonRoot* runAsUser* procMount*
    core.WindowsSecurityContextOptions: hostProcess* gmsaCredentialSpec* gmsaCredentialSpecName* runAsUserName*
    core.SeccompProfile: localhostProfile*
    core.AppArmorProfile: localhostProfile*
    core.VolumeMount: mountPropagation* recursiveReadOnly*
    core.PodDNSConfigOption: value*
    core.PodResourceClaim: resourceClaimName* resourceClaimTemplateName*
    core.PodSchedulingGroup: podGroupName*
    core.PodTemplate: template+
    core.NamespaceStatus: phase="Active"
    core.NodeStatus: daemonEndpoints+ nodeInfo+
    core.NodeDaemonEndpoints: kubeletEndpoint+
    core.ReplicationControllerSpec: replicas*=1
    core.ReplicationControllerStatus: replicas+
    core.EndpointPort: protocol="TCP" appProtocol*
    core.EndpointAddress: nodeName*
    core.Event: source+ firstTimestamp*=null lastTimestamp*=null eventTime*=null reportingComponent+ reportingInstance+
    core.LimitRangeSpec: limits+
    meta.OwnerReference: blockOwnerDeletion* controller*
    meta.ObjectMeta: deletionGracePeriodSeconds*
    apps.DeploymentSpec: replicas*=1 revisionHistoryLimit*=10 progressDeadlineSeconds*=600 strategy+ template+ selector?
    apps.DeploymentStrategy: type="RollingUpdate"
    apps.RollingUpdateDeployment: maxUnavailable*="25%" maxSurge*="25%"
    apps.DaemonSetSpec: revisionHistoryLimit*=10 updateStrategy+ template+
    apps.DaemonSetUpdateStrategy: type="RollingUpdate"
    apps.RollingUpdateDaemonSet: maxUnavailable*=1 maxSurge*=0
    apps.DaemonSetStatus: currentNumberScheduled+ numberMisscheduled+ desiredNumberScheduled+ numberReady+
    apps.StatefulSetSpec: replicas*=1 revisionHistoryLimit*=10 podManagementPolicy="OrderedReady" updateStrategy+ template+ serviceName+ persistentVolumeClaimRetentionPolicy={}
    apps.StatefulSetPersistentVolumeClaimRetentionPolicy: whenDeleted="Retain" whenScaled="Retain"
    apps.StatefulSetUpdateStrategy: type="RollingUpdate"
    apps.RollingUpdateStatefulSetStrategy: partition*=0 maxUnavailable*
    apps.StatefulSetStatus: replicas+ availableReplicas+
    apps.ReplicaSetSpec: replicas*=1 template+
    apps.ReplicaSetStatus: replicas+
    batch.JobSpec: completions* parallelism* backoffLimit* completionMode* suspend* manualSelector* podReplacementPolicy* backoffLimitPerIndex* maxFailedIndexes* managedBy* activeDeadlineSeconds* ttlSecondsAfterFinished* template+
    batch.PodFailurePolicyOnPodConditionsPattern: status="True"
    batch.PodFailurePolicyOnExitCodesRequirement: containerName*
    batch.SuccessPolicyRule: succeededIndexes* succeededCount*
    batch.CronJobSpec: concurrencyPolicy="Allow" suspend*=false successfulJobsHistoryLimit*=3 failedJobsHistoryLimit*=1 startingDeadlineSeconds* timeZone* jobTemplate+
    autoscaling.HorizontalPodAutoscalerSpec: minReplicas*=1 targetCPUUtilizationPercentage* scaleTargetRef+
    autoscaling.HorizontalPodAutoscalerStatus: currentReplicas+ desiredReplicas+ currentMetrics+
    autoscaling.HPAScalingRules: policies* stabilizationWindowSeconds* selectPolicy*
    autoscaling.MetricTarget: averageUtilization*
    networking.NetworkPolicyPort: protocol*="TCP" endPort*
    networking.NetworkPolicySpec: podSelector+
    networking.NetworkPolicyPeer: namespaceSelector* podSelector*
    networking.HTTPIngressPath: pathType* backend+
    networking.HTTPIngressRuleValue: paths+
    networking.IngressSpec: ingressClassName*
    networking.IngressServiceBackend: port+
    networking.IngressStatus: loadBalancer+
    networking.IngressClassParametersReference: apiGroup* namespace* scope*="Cluster"
    networking.ServiceCIDRSpec: cidrs*
    policy.PodDisruptionBudgetSpec: unhealthyPodEvictionPolicy*
    policy.PodDisruptionBudgetStatus: disruptionsAllowed+ currentHealthy+ desiredHealthy+ expectedPods+
    rbac.Role: rules+
    rbac.ClusterRole: rules+
    rbac.PolicyRule: verbs+
    rbac.RoleBinding: roleRef+
    rbac.ClusterRoleBinding: roleRef+
    rbac.RoleRef: apiGroup="rbac.authorization.k8s.io"
    storage.StorageClass: reclaimPolicy*="Delete" volumeBindingMode*="Immediate" allowVolumeExpansion*
    storage.CSIDriverSpec: attachRequired*=true podInfoOnMount*=false storageCapacity*=false fsGroupPolicy*="ReadWriteOnceWithFSType" volumeLifecycleModes=["Persistent"] requiresRepublish*=false seLinuxMount*=false nodeAllocatableUpdatePeriodSeconds* serviceAccountTokenInSecrets* preventPodSchedulingIfMissing*
    storage.TokenRequest: expirationSeconds*
    storage.VolumeNodeResources: count*
    storage.CSINodeSpec: drivers+
    storage.VolumeAttachmentSource: persistentVolumeName*
    storage.VolumeAttachmentSpec: source+
    scheduling.PriorityClass: value+ preemptionPolicy*="PreemptLowerPriority"
    coordination.LeaseSpec: holderIdentity* leaseDurationSeconds* leaseTransitions* strategy* preferredHolder*
    admissionregistration.MutatingWebhook: failurePolicy*="Fail" matchPolicy*="Equivalent" namespaceSelector={} objectSelector={} timeoutSeconds*=10 reinvocationPolicy*="Never" sideEffects* clientConfig+ admissionReviewVersions+
    admissionregistration.ValidatingWebhook: failurePolicy*="Fail" matchPolicy*="Equivalent" namespaceSelector={} objectSelector={} timeoutSeconds*=10 sideEffects* clientConfig+ admissionReviewVersions+
    admissionregistration.RuleWithOperations: scope*="*"
    admissionregistration.NamedRuleWithOperations: scope*="*"
    admissionregistration.ServiceReference: port*=443 path*
    admissionregistration.WebhookClientConfig: url*
    admissionregistration.ValidatingAdmissionPolicySpec: failurePolicy*="Fail"
    admissionregistration.MutatingAdmissionPolicySpec: failurePolicy*="Fail"
    admissionregistration.MatchResources: matchPolicy*="Equivalent" namespaceSelector={} objectSelector={}
    admissionregistration.ParamRef: parameterNotFoundAction*
    admissionregistration.Validation: reason*
    apiextensions.CustomResourceDefinitionSpec: conversion={"strategy":"None"} versions+ names+
    apiextensions.CustomResourceDefinitionVersion: deprecationWarning*
    apiextensions.CustomResourceDefinitionStatus: conditions+ acceptedNames+ storedVersions+
    apiextensions.CustomResourceSubresourceScale: labelSelectorPath*
    apiextensions.CustomResourceSubresources: status?
    apiextensions.ServiceReference: port*=443 path*
    apiextensions.WebhookClientConfig: url*
    apiextensions.WebhookConversion: conversionReviewVersions+
    apiextensions.ValidationRule: optionalOldSelf* reason*
    apiextensions.JSONSchemaProps: maxItems* maxLength* maxProperties* minItems* minLength* minProperties* maximum* minimum* multipleOf* $ref* x-kubernetes-preserve-unknown-fields* x-kubernetes-list-type* x-kubernetes-map-type*
    apiregistration.ServiceReference: port*=443
    flowcontrol.FlowSchemaSpec: matchingPrecedence=1000 priorityLevelConfiguration+
    flowcontrol.PriorityLevelConfigurationSpec:
    flowcontrol.LimitedPriorityLevelConfiguration: nominalConcurrencyShares*=30 lendablePercent*=0 borrowingLimitPercent* limitResponse+
    flowcontrol.ExemptPriorityLevelConfiguration: nominalConcurrencyShares*=0 lendablePercent*=0
    flowcontrol.LimitResponse: type="Reject"
    flowcontrol.QueuingConfiguration: queues=64 handSize=8 queueLengthLimit=50
    discovery.EndpointSlice: endpoints+ ports+
    discovery.EndpointPort: name*="" protocol*="TCP" port* appProtocol*
    discovery.Endpoint: conditions+ addresses+ hostname* nodeName* zone*
    discovery.EndpointConditions: ready* serving* terminating*
    resource.ResourceClaimSpec: devices+
    resource.ExactDeviceRequest: allocationMode="ExactCount" adminAccess*
    resource.DeviceSubRequest: allocationMode="ExactCount"
    resource.DeviceToleration: operator="Equal" tolerationSeconds*
    resource.DeviceClassSpec: extendedResourceName*
    resource.DeviceConstraint: matchAttribute* distinctAttribute*
    resource.ResourceSliceSpec: nodeName* allNodes* perDeviceNodeSelection* pool+
    resource.Device: nodeName* allNodes* bindsToNode* allowMultipleAllocations*
    resource.DeviceAttribute: int* bool* string* version*
    certificates.CertificateSigningRequestSpec: expirationSeconds*
    certificates.PodCertificateRequestSpec: maxExpirationSeconds*
    events.Event: eventTime*=null deprecatedFirstTimestamp*=null deprecatedLastTimestamp*=null deprecatedSource+ regarding+
    """#
}
