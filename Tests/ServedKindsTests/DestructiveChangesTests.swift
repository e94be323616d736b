import Diagnostics
import Documents
import Manifests
import Testing

@testable import ServedKinds

private func manifest(_ text: String) throws -> Manifest {
  let file = parseYAML(Array(text.utf8), file: "object.yaml")
  return Manifest(try #require(file.documents.first))
}

@Test(arguments: [
  (
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {}}",
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {replicas: 0}}",
    ["destructive/replicas-to-zero spec.replicas"]
  ),
  (
    "{apiVersion: v1, kind: PersistentVolumeClaim, spec: {resources: {requests: {storage: 1Gi}}}}",
    "{apiVersion: v1, kind: PersistentVolumeClaim, spec: {resources: {requests: {storage: 1G}}}}",
    ["destructive/pvc-shrink spec.resources.requests.storage"]
  ),
  (
    "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {versions: [{name: v1, served: true}]}}",
    "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {versions: [{name: v1, served: false}]}}",
    ["destructive/crd-version-removed spec.versions"]
  ),
])
func changeThatLosesSomething(_ old: String, _ new: String, _ expected: [String]) throws {
  let (before, after) = (try manifest(old), try manifest(new))
  #expect(destructiveChanges(from: before, to: after).map { "\($0.rule) \($0.path)" } == expected)
  #expect(destructiveChanges(from: after, to: after).isEmpty)
}

@Test func deletionOfWhatIsStillNamed() throws {
  let secret = try manifest("{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: a}}")
  let pod = try manifest(
    """
    {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: a},
     spec: {volumes: [{name: v, secret: {secretName: s}}]}}
    """)
  let changes = destructiveDeletion(of: secret, remaining: [pod])
  #expect(changes.map(\.rule) == ["destructive/still-referenced"])
  #expect(changes.first?.message.contains("spec.volumes[0].secret.secretName") == true)
  #expect(destructiveDeletion(of: pod, remaining: [secret]).isEmpty)
}
