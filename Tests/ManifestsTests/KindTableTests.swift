import Documents
import Manifests
import Testing

@Suite struct KindTableTests {
  let table = KindTable.builtIn

  @Test func knowsScopePluralAndShortNames() throws {
    let deployment = try #require(table.kind("Deployment", group: "apps"))
    #expect(deployment.plural == "deployments")
    #expect(deployment.singular == "deployment")
    #expect(deployment.shortNames == ["deploy"])
    #expect(deployment.scope == .namespaced)
    #expect(table.kind("Namespace", group: "")?.scope == .cluster)
    #expect(table.kind("ClusterRole", group: "rbac.authorization.k8s.io")?.scope == .cluster)
    #expect(table.kind(plural: "ingresses", group: "networking.k8s.io")?.kind == "Ingress")
    #expect(table.kind(plural: "endpoints", group: "")?.kind == "Endpoints")
  }

  @Test func reportsUnknownKindsAsUnknown() {
    #expect(table.kind("Deployment", group: "") == nil)
    #expect(table.kind("Deploymint", group: "apps") == nil)
    #expect(table.kind("Certificate", group: "cert-manager.io") == nil)
    #expect(table.isBuiltIn(group: "apps"))
    #expect(!table.isBuiltIn(group: "cert-manager.io"))
  }

  /// Kubernetes' deprecation guide: the first minor that does not serve the version any more.
  @Test(arguments: [
    ("apps", "Deployment", "v1beta1", 16), ("extensions", "Ingress", "v1beta1", 22),
    ("networking.k8s.io", "Ingress", "v1beta1", 22), ("policy", "PodSecurityPolicy", "v1beta1", 25),
    ("policy", "PodDisruptionBudget", "v1beta1", 25), ("batch", "CronJob", "v1beta1", 25),
    ("autoscaling", "HorizontalPodAutoscaler", "v2beta1", 25),
    ("autoscaling", "HorizontalPodAutoscaler", "v2beta2", 26),
    ("storage.k8s.io", "CSIStorageCapacity", "v1beta1", 27),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema", "v1beta2", 29),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema", "v1beta3", 32),
    ("apiextensions.k8s.io", "CustomResourceDefinition", "v1beta1", 22),
  ])
  func knowsWhenAVersionWasRemoved(group: String, kind: String, version: String, removed: Int)
    throws
  {
    let entry = try #require(table.kind(kind, group: group))
    #expect(entry.isServed(version, in: removed - 1))
    #expect(!entry.isServed(version, in: removed))
    #expect(entry.version(version)?.servedUntil == removed)
  }

  @Test func knowsWhenAVersionCameAndWhetherItIsOn() throws {
    let apiVersion = "admissionregistration.k8s.io/v1"
    let policy = "ValidatingAdmissionPolicy"
    #expect(table.servedKind(policy, apiVersion: apiVersion, minor: 29) == nil)
    #expect(table.servedKind(policy, apiVersion: apiVersion, minor: 30)?.scope == .cluster)
    let entry = try #require(table.kind(policy, group: "admissionregistration.k8s.io"))
    #expect(entry.versions(in: 30).map(\.version) == ["v1", "v1beta1", "v1alpha1"])
    #expect(entry.version("v1beta1")?.isOnByDefault == false)
    #expect(entry.version("v1")?.isOnByDefault == true)
    let scaler = try #require(table.kind("HorizontalPodAutoscaler", group: "autoscaling"))
    #expect(scaler.versions(in: 34).map(\.version) == ["v2", "v1"])
  }

  @Test func knowsSubresources() throws {
    let pod = try #require(table.kind("Pod", group: ""))
    #expect(
      pod.subresources(in: 31) == [
        "attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward",
        "proxy", "status",
      ])
    #expect(pod.subresources(in: 33).contains("resize"))
    #expect(
      table.kind("Deployment", group: "apps")?.subresources(in: 34) == ["scale", "status"])
    #expect(table.kind("ConfigMap", group: "")?.hasStatus(in: 34) == false)
    #expect(table.kind("ServiceAccount", group: "")?.subresources(in: 34) == ["token"])
  }

  @Test func findsEveryKindByItsValues() {
    let document = Document { arena in
      arena.list(
        KindTable.builtIn.kinds.map { kind in
          let group = kind.group.isEmpty ? "" : kind.group + "/"
          return arena.map([
            "apiVersion": arena.string(group + kind.versions[0].version),
            "kind": arena.string(kind.kind),
          ])
        })
    }
    for (index, value) in document.root.elements.enumerated() {
      let manifest = Manifest(document: document, value: value)
      #expect(table.kind(of: manifest) === table.kinds[index])
    }
    #expect(table.kinds.count == 94)
  }

  @Test func findsWhatAPersonMeans() {
    #expect(table.kinds(named: "ing").map(\.group) == ["extensions", "networking.k8s.io"])
    #expect(table.kinds(named: "NetworkPolicy").map(\.plural).first == "networkpolicies")
    #expect(table.kinds(named: "nothing").isEmpty)
  }

  @Test func everyNameIsUniqueAndEveryKindIsServedOnce() {
    var plurals: Set<String> = []
    for kind in table.kinds {
      #expect(plurals.insert("\(kind.group)/\(kind.plural)").inserted)
      #expect(!kind.versions.isEmpty)
      #expect(Set(kind.versions.map(\.version)).count == kind.versions.count)
      for version in kind.versions {
        #expect(version.servedFrom < version.servedUntil ?? .max)
      }
    }
  }
}
