import Diagnostics
import Documents
import Manifests
import Testing

@Suite struct ManifestTests {
  func manifest(_ apiVersion: String, _ kind: String, _ namespace: String?, _ name: String)
    -> Manifest
  {
    Manifest(
      Document { arena in
        var metadata = [MapEntry(key: arena.string("name"), value: arena.string(name))]
        if let namespace {
          metadata.append(
            MapEntry(key: arena.string("namespace"), value: arena.string(namespace)))
        }
        return arena.map([
          "apiVersion": arena.string(apiVersion), "kind": arena.string(kind),
          "metadata": arena.map(metadata),
        ])
      })
  }

  @Test func readsItsIdentity() {
    let deployment = manifest("apps/v1", "Deployment", "payments", "checkout")
    #expect(deployment.identity.description == "Deployment.apps/payments/checkout")
    #expect(deployment.identity.apiVersion == "apps/v1")
    #expect(deployment.reference.description == "Deployment.apps/payments/checkout")
    let namespace = manifest("v1", "Namespace", nil, "payments")
    #expect(namespace.identity.description == "Namespace/payments")
    #expect(namespace.identity.group == "")
    #expect(namespace.identity.version == "v1")
    #expect(namespace.namespace.isAbsent)
  }

  @Test func missingNamesAreAbsentNotWrong() {
    let empty = Manifest(Document { _ in .emptyMap })
    #expect(empty.identity == ObjectIdentity(apiVersion: "", kind: "", namespace: nil, name: ""))
    let odd = Manifest(
      Document { arena in
        arena.map(["kind": .int(1), "metadata": arena.list([.null])])
      })
    #expect(odd.kind.isAbsent)
    #expect(odd.name.isAbsent)
    #expect(Manifest(Document { _ in .null }).kind.isAbsent)
  }

  @Test func theSameObjectInTwoVersionsHasOneKey() {
    let one = manifest("policy/v1", "PodDisruptionBudget", "a", "x")
    let two = manifest("policy/v1beta1", "PodDisruptionBudget", "a", "x")
    #expect(one.key == two.key)
    #expect(one.identity != two.identity)
    #expect(one.identity.withoutVersion == two.identity.withoutVersion)
    #expect(Set([one.key, two.key]).count == 1)
    let others = [
      manifest("policy/v1", "PodDisruptionBudget", "b", "x"),
      manifest("policy/v1", "PodDisruptionBudget", "a", "y"),
      manifest("policy/v1", "PodDisruptionBudget", nil, "x"),
      manifest("other/v1", "PodDisruptionBudget", "a", "x"),
      manifest("policy/v1", "Other", "a", "x"),
    ]
    #expect(Set(others.map(\.key) + [one.key]).count == 6)
  }

  @Test func sortsByKindGroupNamespaceAndName() {
    let sorted = [
      ObjectIdentity(apiVersion: "v1", kind: "Service", namespace: "b", name: "a"),
      ObjectIdentity(apiVersion: "v1", kind: "ConfigMap", namespace: "b", name: "z"),
      ObjectIdentity(apiVersion: "v1", kind: "Service", namespace: "a", name: "b"),
    ].sorted()
    #expect(sorted.map(\.description) == ["ConfigMap/b/z", "Service/a/b", "Service/b/a"])
  }
}

@Suite struct ApplyOrderTests {
  @Test func whatOthersNeedComesFirstAndWebhooksLast() {
    let kinds = [
      ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"), ("apps", "Deployment"),
      ("cert-manager.io", "Certificate"), ("", "Service"), ("", "ConfigMap"),
      ("rbac.authorization.k8s.io", "RoleBinding"), ("rbac.authorization.k8s.io", "Role"),
      ("", "ServiceAccount"), ("apiextensions.k8s.io", "CustomResourceDefinition"),
      ("", "Namespace"),
    ]
    let ordered = kinds.map {
      ObjectIdentity(group: $0.0, version: "v1", kind: $0.1, namespace: nil, name: "x")
    }.sorted { $0.isApplied(before: $1) }
    #expect(
      ordered.map(\.kind) == [
        "Namespace", "CustomResourceDefinition", "ServiceAccount", "Role", "RoleBinding",
        "ConfigMap", "Service", "Deployment", "Certificate", "ValidatingWebhookConfiguration",
      ])
  }

  @Test func aCustomKindOfABuiltInNameIsNoBuiltIn() {
    #expect(
      applyRank(group: "serving.knative.dev", kind: "Service")
        > applyRank(group: "", kind: "Service"))
  }
}

@Suite struct NamespaceRulesTests {
  let document = Document { arena in arena.list([arena.string("own"), arena.string("unit")]) }
  var own: Value { document.root.elements[0] }
  var unit: Value { document.root.elements[1] }

  func resolved(_ written: Value, _ inherited: Value, _ scope: Scope) -> String {
    switch resolvedNamespace(written: written, inherited: inherited, scope: scope) {
    case .success(let value): value.asString ?? "none"
    case .failure(let problem): problem.message(kind: "K")
    }
  }

  @Test func aNamespacedObjectTakesItsUnitsNamespaceUnlessItHasItsOwn() {
    #expect(resolved(.absent, unit, .namespaced) == "unit")
    #expect(resolved(.null, unit, .namespaced) == "unit")
    #expect(resolved(.emptyString, unit, .namespaced) == "unit")
    #expect(resolved(own, unit, .namespaced) == "own")
    #expect(
      resolved(.absent, .absent, .namespaced)
        == "'K' is namespaced, but neither the object nor its intent has a namespace")
  }

  @Test func aClusterScopedObjectHasNone() {
    #expect(resolved(.absent, unit, .cluster) == "none")
    #expect(
      resolved(own, unit, .cluster)
        == "'K' is cluster-scoped, but the object has the namespace 'own'")
  }
}

@Suite struct KubernetesVersionTests {
  @Test(arguments: [
    ("1.34", "1.34"), ("v1.34.2", "1.34"), ("1.29.0-gke.1", "1.29"), ("1.30.4+k3s1", "1.30"),
  ])
  func reads(text: String, expected: String) {
    #expect(KubernetesVersion(text)?.description == expected)
  }

  @Test(arguments: ["", "1", "latest", "1.x", "1.34.", "1.34.2.1", "99999.1", "1.34 "])
  func refuses(text: String) {
    #expect(KubernetesVersion(text) == nil)
  }
}

@Suite struct PodSpecTests {
  @Test(arguments: [
    ("", "Pod", "spec"), ("apps", "Deployment", "spec.template.spec"),
    ("batch", "Job", "spec.template.spec"),
    ("batch", "CronJob", "spec.jobTemplate.spec.template.spec"),
    ("", "PodTemplate", "template.spec"), ("argoproj.io", "Rollout", "spec.template.spec"),
  ])
  func isFound(group: String, kind: String, path: String) {
    #expect(podSpecPath(group: group, kind: kind)?.description == path)
  }

  @Test func isNilWhereThereIsNone() {
    #expect(podSpecPath(group: "", kind: "Service") == nil)
    #expect(podSpecPath(group: "acme.dev", kind: "Deployment") == nil)
    #expect(podTemplatePath(group: "", kind: "Pod") == nil)
  }
}
