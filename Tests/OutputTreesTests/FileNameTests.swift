import Diagnostics
import Manifests
import OutputTrees
import Testing

@Suite struct FileNameTests {
  @Test(arguments: [
    ("apps/v1", "Deployment", "payments", "checkout", "deployment-checkout.yaml"),
    ("v1", "ConfigMap", "other", "checkout", "configmap-checkout.other.yaml"),
    ("v1", "Namespace", nil, "payments", "namespace-payments.yaml"),
    ("acme.dev/v1", "Database", "payments", "main", "database.acme.dev-main.yaml"),
    ("networking.k8s.io/v1", "Ingress", "payments", "a.b", "ingress-a.b.yaml"),
    (
      "rbac.authorization.k8s.io/v1", "ClusterRole", nil, "system:Node_1",
      "clusterrole-system_3a_4eode_5f1.yaml"
    ),
  ])
  func names(
    apiVersion: String, kind: String, namespace: String?, name: String, expected: String
  ) {
    let identity = ObjectIdentity(
      apiVersion: apiVersion, kind: kind, namespace: namespace, name: name)
    #expect(fileName(of: identity, intentNamespace: "payments") == expected)
  }

  @Test func longNamesAreCutAndStayApart() {
    let names = ["a", "b"].map { last in
      fileName(
        of: ObjectIdentity(
          apiVersion: "v1", kind: "ConfigMap", namespace: "x",
          name: String(repeating: "n", count: 250) + last), intentNamespace: "x")
    }
    #expect(names.allSatisfy { $0.utf8.count == 200 && $0.hasPrefix("configmap-nnn") })
    #expect(names[0] != names[1])
    #expect(names[0].wholeMatch(of: /.*n-[0-9a-f]{8}\.yaml/) != nil)
  }
}
