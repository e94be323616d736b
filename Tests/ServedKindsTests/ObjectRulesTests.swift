import Diagnostics
import Documents
import Testing

@testable import ServedKinds

/// A snippet, and what the API server says against it: field and rule of every error, in order.
struct ObjectCase: Sendable, CustomTestStringConvertible {
  var title: String
  var group: String
  var kind: String
  var text: String
  var old: String?
  var expected: [String]
  var testDescription: String { title }
}

private let cases: [ObjectCase] = [
  ObjectCase(
    title: "a Service of two ports names both", group: "", kind: "Service",
    text: """
      spec:
        type: ClusterIP
        sessionAffinity: None
        ports:
        - {name: a, port: 80, targetPort: 80, protocol: TCP}
        - {port: 81, targetPort: 81, protocol: TCP}
      """, expected: ["spec.ports[1].name service/port-name-missing"]),
  ObjectCase(
    title: "source ranges print as the API server spells them", group: "", kind: "Service",
    text: """
      spec:
        type: LoadBalancer
        sessionAffinity: None
        loadBalancerSourceRanges: [10.0.0.0]
        ports: [{port: 80, targetPort: 80, protocol: TCP}]
      """, expected: ["spec.LoadBalancerSourceRanges[0] service/source-ranges"]),
  ObjectCase(
    title: "a Service cannot become headless", group: "", kind: "Service",
    text: """
      spec:
        {type: ClusterIP, sessionAffinity: None, clusterIP: None, ports: [{port: 80, targetPort: 80, protocol: TCP}]}
      """,
    old: """
      spec: {type: ClusterIP, sessionAffinity: None, ports: [{port: 80, targetPort: 80, protocol: TCP}]}
      """, expected: ["spec.clusterIPs[0] service/cluster-ip-changed"]),
  ObjectCase(
    title: "an immutable ConfigMap keeps its data", group: "", kind: "ConfigMap",
    text: "{immutable: true, data: {a: '2'}}", old: "{immutable: true, data: {a: '1'}}",
    expected: ["data config/immutable"]),
  ObjectCase(
    title: "a ResourceSlice says once which nodes reach it, and names its attributes",
    group: "resource.k8s.io",
    kind: "ResourceSlice",
    text: """
      spec:
        driver: gpu.example.com
        nodeName: a
        allNodes: false
        pool: {name: a/B, generation: 1, resourceSliceCount: 1}
        devices:
        - name: gpu-0
          attributes:
            model: {string: x}
            example.com/version: {version: "1.2"}
            /bad: {int: 1, bool: true}
            none: {}
          capacity: {a-b: {value: 1Gi}}
        - {name: gpu-0}
      """,
    expected: [
      "spec.pool.name resource-slice/pool", "spec resource-slice/nodes",
      "spec.allNodes resource-slice/nodes",
      "spec.devices[0].attributes[example.com/version].version resource-slice/attributes",
      "spec.devices[0].attributes[/bad] resource-slice/attributes",
      "spec.devices[0].attributes[/bad] resource-slice/attributes",
      "spec.devices[0].attributes[none] resource-slice/attributes",
      "spec.devices[0].capacity[a-b] resource-slice/attributes",
      "spec.devices[1] resource-slice/device",
    ]),
  ObjectCase(
    title: "a ResourceSlice keeps its driver, pool and nodes", group: "resource.k8s.io",
    kind: "ResourceSlice",
    text: """
      spec: {driver: b.example.com, nodeName: b, pool: {name: b, generation: 2, resourceSliceCount: 1}}
      """,
    old: """
      spec: {driver: a.example.com, nodeName: a, pool: {name: a, generation: 1, resourceSliceCount: 1}}
      """,
    expected: [
      "spec.driver resource-slice/changed", "spec.nodeName resource-slice/changed",
      "spec.pool.name resource-slice/changed",
    ]),
  ObjectCase(
    title: "what devices must agree on has a domain", group: "resource.k8s.io",
    kind: "ResourceClaim",
    text: """
      spec:
        devices:
          requests: [{name: a, exactly: {deviceClassName: gpu, allocationMode: ExactCount, count: 1}}]
          constraints: [{requests: [a], matchAttribute: model}]
      """,
    expected: ["spec.devices.constraints[0].matchAttribute resource-claim/constraints"]),
  ObjectCase(
    title: "an empty word where a pointer would be is none of the words", group: "storage.k8s.io",
    kind: "StorageClass", text: "{provisioner: x, reclaimPolicy: '', volumeBindingMode: ''}",
    expected: ["volumeBindingMode storage-class/binding-mode"]),
  ObjectCase(
    title: "a key of a map prints in brackets", group: "", kind: "ConfigMap",
    text: "{data: {'a b': x}}", expected: ["data[a b] config/key"]),
  ObjectCase(
    title: "a path needs a type", group: "networking.k8s.io", kind: "Ingress",
    text: """
      spec:
        rules:
        - http: {paths: [{path: /, backend: {service: {name: a, port: {number: 80}}}}]}
      """, expected: ["spec.rules[0].http.paths[0].pathType ingress/path-type-missing"]),
  ObjectCase(
    title: "an expression that is not typed is no condition", group: "admissionregistration.k8s.io",
    kind: "ValidatingAdmissionPolicy",
    text: """
      metadata: {name: a}
      spec:
        failurePolicy: Fail
        matchConstraints:
          matchPolicy: Equivalent
          resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
        variables: [{name: size, expression: object.spec.replicas}]
        validations: [{expression: variables.size}, {expression: variables.size < 3}]
      """, expected: ["spec.validations[0].expression admission/expression"]),
  ObjectCase(
    title: "a single version's schema prints beside the versions", group: "apiextensions.k8s.io",
    kind: "CustomResourceDefinition",
    text: """
      metadata: {name: widgets.example.com}
      spec:
        group: example.com
        scope: Namespaced
        names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
        conversion: {strategy: None}
        versions:
        - name: v1
          served: true
          storage: true
          schema:
            openAPIV3Schema:
              type: object
              properties: {spec: {type: object, properties: {a: {type: array}}}}
      """,
    expected: [
      "spec.validation.openAPIV3Schema.properties[spec].properties[a].items crd/items"
    ]),
  ObjectCase(
    title: "a claim cannot shrink", group: "", kind: "PersistentVolumeClaim",
    text: "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
    old: "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}",
    expected: ["spec.resources.requests.storage claim/shrunk"]),
  ObjectCase(
    title: "a node has a block of pods of each family", group: "", kind: "Node",
    text: "spec: {podCIDRs: [10.0.0.0/24, 'fd00::/64']}", expected: []),
  ObjectCase(
    title: "a node has no two blocks of a family", group: "", kind: "Node",
    text: "spec: {podCIDRs: [10.0.0.0/24, 10.1.0.0/24]}",
    expected: ["spec.podCIDRs node/pod-cidr"]),
  ObjectCase(
    title: "finalizers of a Namespace have a domain", group: "", kind: "Namespace",
    text: "spec: {finalizers: [kubernetes, example.com/ours, ours]}",
    expected: ["spec.finalizers[2] meta/finalizer"]),
  ObjectCase(
    title: "a driver of a node stays, what it can hold may change", group: "storage.k8s.io",
    kind: "CSINode",
    text: """
      spec:
        drivers:
        - {name: a.example.com, nodeID: one, allocatable: {count: 2}}
        - {name: b.example.com, nodeID: two}
      """,
    old: """
      spec:
        drivers:
        - {name: a.example.com, nodeID: one, allocatable: {count: 1}}
        - {name: b.example.com, nodeID: one}
      """, expected: ["CSINodeDriver csi-node/driver"]),
  ObjectCase(
    title: "a capacity is not negative", group: "storage.k8s.io", kind: "CSIStorageCapacity",
    text:
      "{storageClassName: A, capacity: '-1', maximumVolumeSize: '0', nodeTopology: {matchLabels: {'a b': c}}}",
    expected: [
      "nodeTopology.matchLabels storage-capacity/topology",
      "storageClassName storage-capacity/class", "capacity storage-capacity/amount",
    ]),
  ObjectCase(
    title: "a capacity keeps its class", group: "storage.k8s.io", kind: "CSIStorageCapacity",
    text: "{storageClassName: b, capacity: '2'}", old: "{storageClassName: a, capacity: '1'}",
    expected: ["storageClassName storage-capacity/changed"]),
  ObjectCase(
    title: "selectors of devices know what a device has", group: "resource.k8s.io",
    kind: "DeviceClass",
    text: """
      spec:
        selectors:
        - {cel: {expression: "device.attributes['example.com'].model == 'a'"}}
        - {cel: {expression: "device.capacity['example.com'].memory.compareTo(quantity('1Gi')) >= 0"}}
        - {cel: {expression: "cel.bind(d, device.attributes['example.com'], d.x && d.y == 2)"}}
        - {cel: {expression: "device.driver"}}
        - {cel: {expression: "device.model == 'a'"}}
      """,
    expected: [
      "spec.selectors[3].cel.expression device/selector",
      "spec.selectors[4].cel.expression device/selector",
    ]),
]

@Test(arguments: cases)
func objectIsHeldAgainstTheRulesOfItsKind(_ test: ObjectCase) throws {
  let file = parseYAML(Array(test.text.utf8), file: "object.yaml")
  let old = test.old.map { parseYAML(Array($0.utf8), file: "old.yaml") }
  let document = try #require(file.documents.first)
  let validator = try #require(objectValidator(group: test.group, kind: test.kind))
  var validation = ObjectValidation(minor: 36)
  validator(&validation, document.root, old?.documents.first?.root ?? .absent)
  #expect(validation.errors.map { "\($0.field) \($0.rule)" } == test.expected)
  for error in validation.errors { #expect(!error.message.isEmpty) }
}
