import Diagnostics
import Testing

@Suite struct FieldPathTests {
  @Test func printsAsKubernetesDoes() {
    let path = FieldPath(keys: "spec", "containers").index(0).key("image")
    #expect(path.description == "spec.containers[0].image")
    let label = FieldPath(keys: "metadata", "labels").key("app.kubernetes.io/name")
    #expect(label.description == "metadata.labels[app.kubernetes.io/name]")
    #expect(FieldPath.root.description == "")
  }

  @Test func knowsWhatIsBelowIt() {
    #expect(FieldPath(keys: "spec").contains(FieldPath(keys: "spec", "replicas")))
    #expect(!FieldPath(keys: "spec", "a").contains(FieldPath(keys: "spec")))
    #expect(FieldPath(keys: "spec", "a").parent == FieldPath(keys: "spec"))
    #expect(FieldPath.root.parent == nil)
  }
}

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("replcias", "replicas"), ("Replicas", "replicas"), ("replica", "replicas"), ("prot", "port"),
  ])
  func findsWhatWasMeant(typed: String, meant: String) {
    #expect(nearestName(to: typed, in: ["image", "port", "replicas"]) == meant)
  }

  @Test func staysSilentWhenNothingIsNear() {
    #expect(nearestName(to: "storageClass", in: ["image", "port", "replicas"]) == nil)
    #expect(nearestName(to: "x", in: [String]()) == nil)
  }
}

@Suite struct ObjectReferenceTests {
  @Test func namesGroupAndNamespaceOnlyWhereThereIsOne() {
    let deployment = ObjectReference(
      apiVersion: "apps/v1", kind: "Deployment", namespace: "payments", name: "checkout")
    #expect(deployment.description == "Deployment.apps/payments/checkout")
    let namespace = ObjectReference(
      apiVersion: "v1", kind: "Namespace", namespace: nil, name: "payments")
    #expect(namespace.description == "Namespace/payments")
  }
}
