import Diagnostics
import Manifests

/// An API version that is on its way out, or gone.
public struct Deprecation: Sendable, Equatable {
  /// `policy/v1beta1`
  public var apiVersion: String
  /// `PodDisruptionBudget`
  public var kind: String
  /// The Kubernetes minor from which on it is deprecated; nil for what has no Kubernetes version, such as an operator's.
  public var deprecatedIn: Int?
  /// The first minor that does not serve it; nil while none is set.
  public var removedIn: Int?
  /// What to write instead; nil where there is nothing.
  public var replacement: String?
  /// Whether it is gone in the version that was asked for.
  public var isRemoved: Bool

  /// The way out.
  public var help: String? { replacement.map { "write apiVersion '\($0)'" } }

  /// As a reason for a refusal, or a warning: rule `api/removed` or `api/deprecated`.
  public var error: ObjectError {
    let until = removedIn.map { " and removed in 1.\($0)" } ?? ""
    let message =
      isRemoved
      ? "'\(apiVersion)' of kind '\(kind)' was removed in Kubernetes 1.\(removedIn ?? 0)"
      : "'\(apiVersion)' of kind '\(kind)' is deprecated\(deprecatedIn.map { " since 1.\($0)" } ?? "")\(until)"
    return ObjectError(
      rule: isRemoved ? "api/removed" : "api/deprecated", reason: .notFound,
      path: FieldPath(keys: "apiVersion"), field: "apiVersion", message: message, help: help)
  }
}

extension ServedKinds {
  /// What is known against an API version in this Kubernetes version; nil when nothing is.
  ///
  /// Sources: the kinds' own lifecycle (`KindTable`), the deprecation guide of kubernetes.io, and for operators the
  /// release notes that deprecate a version.
  public func deprecation(apiVersion: String, kind: String) -> Deprecation? {
    if let entry = OperatorDeprecations.table[apiVersion] {
      if entry.kinds.isEmpty || entry.kinds.contains(kind) {
        return Deprecation(
          apiVersion: apiVersion, kind: kind, deprecatedIn: nil, removedIn: nil,
          replacement: entry.replacement, isRemoved: false)
      }
    }
    let (group, version) = splitAPIVersion(apiVersion)
    guard let entry = KindTable.builtIn.kind(kind, group: group) ?? movedKind(kind, group),
      let served = entry.version(version)
    else { return nil }
    let newer = replacement(for: entry, version: version)
    if let until = served.servedUntil, until <= minor {
      return Deprecation(
        apiVersion: apiVersion, kind: kind, deprecatedIn: nil, removedIn: until,
        replacement: newer, isRemoved: true)
    }
    guard let since = OperatorDeprecations.deprecatedIn["\(apiVersion)/\(kind)"], since <= minor
    else {
      return served.servedUntil == nil
        ? nil
        : Deprecation(
          apiVersion: apiVersion, kind: kind, deprecatedIn: nil, removedIn: served.servedUntil,
          replacement: newer, isRemoved: false)
    }
    return Deprecation(
      apiVersion: apiVersion, kind: kind, deprecatedIn: since, removedIn: served.servedUntil,
      replacement: newer, isRemoved: false)
  }

  private func movedKind(_ kind: String, _ group: String) -> BuiltInKind? { nil }

  private func replacement(for entry: BuiltInKind, version: String) -> String? {
    if let newer = entry.versions(in: minor).first(where: {
      $0.version != version && $0.isOnByDefault
    }) {
      return entry.group.isEmpty ? newer.version : "\(entry.group)/\(newer.version)"
    }
    guard
      entry.group == "extensions" || entry.group == "policy" && entry.kind == "PodSecurityPolicy"
    else { return OperatorDeprecations.moved["\(entry.group)/\(entry.kind)"] }
    return OperatorDeprecations.moved["\(entry.group)/\(entry.kind)"]
  }
}

/// Deprecations that the table of kinds does not have.
enum OperatorDeprecations {
  /// Kinds that live on in another group.
  static let moved: [String: String] = [
    "extensions/Ingress": "networking.k8s.io/v1", "extensions/Deployment": "apps/v1",
    "extensions/DaemonSet": "apps/v1", "extensions/ReplicaSet": "apps/v1",
    "extensions/NetworkPolicy": "networking.k8s.io/v1", "/Endpoints": "discovery.k8s.io/v1",
  ]

  /// Versions that a Kubernetes minor began to warn of although they are served on.
  static let deprecatedIn: [String: Int] = [
    "v1/Endpoints": 33, "v1/ComponentStatus": 19,
  ]

  struct Entry {
    var replacement: String
    /// Empty: all of the version.
    var kinds: Set<String> = []
  }

  static let table: [String: Entry] = [
    "cert-manager.io/v1alpha2": Entry(replacement: "cert-manager.io/v1"),
    "cert-manager.io/v1alpha3": Entry(replacement: "cert-manager.io/v1"),
    "cert-manager.io/v1beta1": Entry(replacement: "cert-manager.io/v1"),
    "acme.cert-manager.io/v1alpha2": Entry(replacement: "acme.cert-manager.io/v1"),
    "acme.cert-manager.io/v1alpha3": Entry(replacement: "acme.cert-manager.io/v1"),
    "acme.cert-manager.io/v1beta1": Entry(replacement: "acme.cert-manager.io/v1"),
    "external-secrets.io/v1alpha1": Entry(replacement: "external-secrets.io/v1"),
    "external-secrets.io/v1beta1": Entry(replacement: "external-secrets.io/v1"),
    "networking.istio.io/v1alpha3": Entry(
      replacement: "networking.istio.io/v1",
      kinds: [
        "VirtualService", "DestinationRule", "Gateway", "ServiceEntry", "Sidecar", "WorkloadEntry",
        "WorkloadGroup",
      ]),
    "networking.istio.io/v1beta1": Entry(replacement: "networking.istio.io/v1"),
    "security.istio.io/v1beta1": Entry(replacement: "security.istio.io/v1"),
    "telemetry.istio.io/v1alpha1": Entry(replacement: "telemetry.istio.io/v1"),
    "kustomize.toolkit.fluxcd.io/v1beta1": Entry(replacement: "kustomize.toolkit.fluxcd.io/v1"),
    "kustomize.toolkit.fluxcd.io/v1beta2": Entry(replacement: "kustomize.toolkit.fluxcd.io/v1"),
    "helm.toolkit.fluxcd.io/v2beta1": Entry(replacement: "helm.toolkit.fluxcd.io/v2"),
    "helm.toolkit.fluxcd.io/v2beta2": Entry(replacement: "helm.toolkit.fluxcd.io/v2"),
    "source.toolkit.fluxcd.io/v1beta1": Entry(replacement: "source.toolkit.fluxcd.io/v1"),
    "source.toolkit.fluxcd.io/v1beta2": Entry(replacement: "source.toolkit.fluxcd.io/v1"),
    "notification.toolkit.fluxcd.io/v1beta1": Entry(
      replacement: "notification.toolkit.fluxcd.io/v1beta3"),
    "notification.toolkit.fluxcd.io/v1beta2": Entry(
      replacement: "notification.toolkit.fluxcd.io/v1beta3"),
    "image.toolkit.fluxcd.io/v1beta1": Entry(replacement: "image.toolkit.fluxcd.io/v1"),
    "image.toolkit.fluxcd.io/v1beta2": Entry(replacement: "image.toolkit.fluxcd.io/v1"),
    "gateway.networking.k8s.io/v1alpha2": Entry(
      replacement: "gateway.networking.k8s.io/v1",
      kinds: ["Gateway", "GatewayClass", "HTTPRoute", "GRPCRoute"]),
    "gateway.networking.k8s.io/v1beta1": Entry(
      replacement: "gateway.networking.k8s.io/v1", kinds: ["Gateway", "GatewayClass", "HTTPRoute"]),
    "traefik.containo.us/v1alpha1": Entry(replacement: "traefik.io/v1alpha1"),
    "karpenter.sh/v1alpha5": Entry(replacement: "karpenter.sh/v1"),
    "karpenter.sh/v1beta1": Entry(replacement: "karpenter.sh/v1"),
    "karpenter.k8s.aws/v1beta1": Entry(replacement: "karpenter.k8s.aws/v1"),
    "serving.knative.dev/v1alpha1": Entry(replacement: "serving.knative.dev/v1"),
    "serving.knative.dev/v1beta1": Entry(replacement: "serving.knative.dev/v1"),
    "snapshot.storage.k8s.io/v1beta1": Entry(replacement: "snapshot.storage.k8s.io/v1"),
    "monitoring.coreos.com/v1alpha1": Entry(
      replacement: "monitoring.coreos.com/v1", kinds: ["PrometheusRule", "ServiceMonitor"]),
    "tekton.dev/v1beta1": Entry(
      replacement: "tekton.dev/v1", kinds: ["Task", "Pipeline", "TaskRun", "PipelineRun"]),
    "kafka.strimzi.io/v1beta2": Entry(replacement: "kafka.strimzi.io/v1"),
    "policies.kyverno.io/v1alpha1": Entry(replacement: "policies.kyverno.io/v1"),
    "kyverno.io/v2beta1": Entry(replacement: "kyverno.io/v2"),
  ]
}
