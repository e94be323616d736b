import Diagnostics
import Documents
import Testing

@testable import ServedKinds

private func document(_ yaml: String) throws -> Document {
  let file = parseYAML(Array(yaml.utf8), file: "object.yaml")
  #expect(file.findings.filter { $0.severity == .error }.isEmpty)
  return try #require(file.documents.first)
}

private func json(_ value: Value) -> String {
  String(decoding: jsonBytes(of: value, order: .kubernetes), as: UTF8.self)
}

private func admission(
  _ yaml: String, old: String? = nil, definitions: [String] = [], minor: Int = 36
) throws -> Admission {
  try ServedKinds(minor: minor, customResources: definitions.map(document))
    .admission(of: document(yaml), old: old.map(document), tracksDefaults: true)
}

private let deployment = """
  apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web}
  spec:
    selector: {matchLabels: {app: web}}
    template:
      metadata: {labels: {app: web}}
      spec:
        containers:
        - name: web
          image: nginx
          resources: {limits: {cpu: 0.5, memory: 1.5Gi}}
  """

@Suite struct AdmissionTests {
  @Test func theStoredFormHasDefaultsAndCanonicalQuantities() throws {
    let result = try admission(deployment)
    let stored = try #require(result.stored)
    let spec = stored.root["spec"]
    #expect(spec["replicas"].asInt == 1)
    #expect(
      json(spec["strategy"])
        == #"{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"},"type":"RollingUpdate"}"#)
    let container = spec["template"]["spec"]["containers"].elements[0]
    #expect(container["imagePullPolicy"].asString == "Always")
    #expect(json(container["resources"]) == #"{"limits":{"cpu":"500m","memory":"1536Mi"}}"#)
    #expect(result.defaultedPaths.map(\.description).contains("spec.replicas"))
    #expect(
      result.defaultedPaths.map(\.description).contains(
        "spec.template.spec.containers[0].imagePullPolicy"))
    #expect(!result.defaultedPaths.map(\.description).contains("spec.selector"))
  }

  @Test func emptiesAreLeftOutAndPointersKept() throws {
    let result = try admission(
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: p, labels: {}, annotations: null}
      spec:
        hostNetwork: false
        automountServiceAccountToken: false
        volumes: []
        containers: [{name: c, image: "c:1", env: [{name: A, value: ""}], stdin: false}]
      """)
    let stored = try #require(result.stored)
    #expect(json(stored.root["metadata"]) == #"{"name":"p"}"#)
    let spec = stored.root["spec"]
    #expect(spec["hostNetwork"].isAbsent)
    #expect(spec["volumes"].isAbsent)
    #expect(spec["automountServiceAccountToken"].asBool == false)
    #expect(json(spec["containers"].elements[0]["env"]) == #"[{"name":"A"}]"#)
    #expect(json(spec["containers"].elements[0]["resources"]) == "{}")
  }

  @Test func limitsStandForRequestsOnlyInPods() throws {
    let pod = try admission(
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: p}
      spec: {containers: [{name: c, image: "c:1", resources: {limits: {cpu: "1"}}}]}
      """)
    let resources = try #require(pod.stored).root["spec"]["containers"].elements[0]["resources"]
    #expect(resources["requests"]["cpu"].asString == "1")
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var yaml: String
    var rule: String
    var field: String
    var help: String?
    var testDescription: String { "\(rule) at \(field)" }
  }

  @Test(arguments: [
    Refusal(
      yaml: deployment.replacing("replicas", with: "x").replacing(
        "  template:", with: "  replica: 1\n  template:"),
      rule: "schema/unknown-field", field: "spec.replica", help: "did you mean 'replicas'?"),
    Refusal(
      yaml: deployment.replacing("  template:", with: "  replicas: many\n  template:"),
      rule: "schema/wrong-type", field: "spec.replicas"),
    Refusal(
      yaml: deployment.replacing("cpu: 0.5", with: "cpu: half"),
      rule: "schema/wrong-type", field: "spec.template.spec.containers[0].resources.limits[cpu]"),
    Refusal(
      yaml: deployment.replacing("{name: web}", with: "{name: Web}"),
      rule: "meta/name", field: "metadata.name"),
    Refusal(
      yaml: deployment.replacing("{name: web}", with: "{name: web, labels: {a: 'b c'}}"),
      rule: "meta/label-syntax", field: "metadata.labels"),
    Refusal(
      yaml: deployment.replacing("{name: web}", with: "{name: web, finalizers: [hold]}"),
      rule: "meta/finalizer", field: "metadata.finalizers[0]"),
    Refusal(
      yaml: deployment.replacing("apps/v1", with: "v1"),
      rule: "api/unknown-kind", field: "apiVersion", help: "it is served as apps/v1"),
    Refusal(
      yaml: "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: p}",
      rule: "api/removed", field: "apiVersion", help: "write apiVersion 'policy/v1'"),
    Refusal(yaml: "apiVersion: v1\nmetadata: {name: a}", rule: "schema/object", field: "kind"),
  ])
  func refusals(_ refusal: Refusal) throws {
    let result = try admission(refusal.yaml)
    #expect(result.stored == nil)
    let error = try #require(result.errors.first)
    #expect(error.rule == refusal.rule)
    #expect(error.field == refusal.field)
    if let help = refusal.help { #expect(error.help == help) }
  }

  @Test func anUpdateKeepsWhatWasDefaultedAndDropsWhatIsWrittenNoMore() throws {
    let new = deployment.replacing("image: nginx", with: "image: nginx:2")
    let old = deployment.replacing("  template:", with: "  replicas: 3\n  template:")
    let stored = try #require(try admission(new, old: old).stored)
    let container = stored.root["spec"]["template"]["spec"]["containers"].elements[0]
    #expect(container["image"].asString == "nginx:2")
    #expect(container["imagePullPolicy"].asString == "Always")
    #expect(stored.root["spec"]["replicas"].asInt == 1)
  }

  @Test func aSelectorCannotChange() throws {
    let new = deployment.replacing("{app: web}", with: "{app: other}")
    let result = try admission(new, old: deployment)
    #expect(result.errors.map(\.field) == ["spec.selector"])
  }

  @Test func aServiceKeepsTheNodePortThatItNamesNoMore() throws {
    func service(_ port: String) -> String {
      """
      apiVersion: v1
      kind: Service
      metadata: {name: s}
      spec: {type: NodePort, selector: {a: b}, ports: [{port: 80\(port)}]}
      """
    }
    let stored = try #require(
      try admission(service(""), old: service(", nodePort: 30080")).stored)
    #expect(stored.root["spec"]["ports"].elements[0]["nodePort"].asInt == 30080)
  }

  @Test func secretTextsBecomeData() throws {
    let stored = try #require(
      try admission(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: s}
        stringData: {a: text}
        data: {a: eA==, b: eA==}
        """
      ).stored)
    #expect(json(stored.root["data"]) == #"{"a":"dGV4dA==","b":"eA=="}"#)
    #expect(stored.root["stringData"].isAbsent)
  }

  @Test func timesBeforeVersion34AreNull() throws {
    let template = { (minor: Int) in
      try #require(try admission(deployment, minor: minor).stored)
        .root["spec"]["template"]["metadata"]["creationTimestamp"]
    }
    let (old, new) = (try template(33), try template(36))
    #expect(old.isNull)
    #expect(new.isAbsent)
  }
}

private let definition = """
  apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata: {name: things.example.com}
  spec:
    group: example.com
    scope: Namespaced
    names: {kind: Thing, plural: things}
    versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [size]
              properties:
                size: {type: integer, minimum: 1}
                mode: {type: string, default: fast, enum: [fast, slow]}
                pod: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
              x-kubernetes-validations:
              - {rule: self.size >= oldSelf.size, message: cannot shrink}
            status: {type: object, x-kubernetes-preserve-unknown-fields: true}
  """

private func thing(_ spec: String) -> String {
  "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\nspec: \(spec)\nstatus: {a: 1}"
}

@Suite struct CustomAdmissionTests {
  @Test func defaultsAreFilledInAndStatusIsDropped() throws {
    let result = try admission(thing("{size: 1}"), definitions: [definition])
    let stored = try #require(result.stored)
    #expect(json(stored.root["spec"]) == #"{"mode":"fast","size":1}"#)
    #expect(stored.root["status"].isAbsent)
  }

  @Test(arguments: [
    ("{size: 1, sise: 2}", "schema/unknown-field", "spec.sise"),
    ("{mode: fast}", "schema/missing-field", "spec.size"),
    ("{size: 0}", "schema/out-of-range", "spec.size"),
    ("{size: 1, mode: other}", "schema/not-in-enum", "spec.mode"),
    (
      "{size: 1, pod: {apiVersion: v1, kind: Pod, metadata: {labels: {a: 1}}}}",
      "schema/wrong-type", "spec.pod.metadata.labels[a]"
    ),
  ])
  func refusals(_ spec: String, _ rule: String, _ field: String) throws {
    let result = try admission(thing(spec), definitions: [definition])
    let error = try #require(result.errors.first)
    #expect(error.rule == rule)
    #expect(error.field == field)
  }

  @Test func transitionRulesSeeTheOldValue() throws {
    let result = try admission(
      thing("{size: 1}"), old: thing("{size: 2}"), definitions: [definition])
    #expect(result.errors.map(\.rule) == ["schema/validation"])
    #expect(result.errors.map(\.field) == ["spec"])
  }

  @Test func aVersionThatIsNotServedIsUnknown() throws {
    let yaml = thing("{size: 1}").replacing("example.com/v1", with: "example.com/v2")
    #expect(
      try admission(yaml, definitions: [definition]).errors.map(\.rule) == ["api/unknown-kind"])
  }

  @Test func aKindWithoutADefinitionIsStoredWithAWarning() throws {
    let result = try admission(thing("{any: thing}"))
    #expect(result.stored != nil)
    #expect(result.warnings.map(\.rule) == ["schema/missing"])
  }
}

private let thing = """
  apiVersion: apiextensions.k8s.io/v1
  kind: CustomResourceDefinition
  metadata: {name: things.a.test}
  spec:
    group: a.test
    scope: Namespaced
    names: {plural: things, kind: Thing}
    versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                mode: {type: string, default: auto}
                parts:
                  type: array
                  items: {type: object, properties: {size: {type: integer, default: 1}, name: {type: string}}}
                raw: {type: object, x-kubernetes-preserve-unknown-fields: true}
  """

@Suite struct StoredFormTests {
  @Test func defaultsOfACustomResourceAreNamed() throws {
    let result = try admission(
      "{apiVersion: a.test/v1, kind: Thing, metadata: {name: t}, spec: {parts: [{name: a}, {size: 2}]}}",
      definitions: [thing])
    #expect(result.defaultedPaths.map(\.description) == ["spec.parts[0].size", "spec.mode"])
  }

  @Test func numbersOfACustomResourceGoThroughJSON() throws {
    let result = try admission(
      """
      apiVersion: a.test/v1
      kind: Thing
      metadata: {name: t}
      spec: {raw: {a: 9223372036854775807, b: 9223372036854775808, c: 2.0, d: 2.5, e: -9223372036854775809}}
      """, definitions: [thing])
    let stored = try #require(result.stored)
    let writer = JSONWriter(doubles: .asGo)
    writer.write(stored.root["spec"]["raw"])
    #expect(
      String(decoding: writer.bytes, as: UTF8.self)
        == #"{"a":9223372036854775807,"b":9223372036854776000,"c":2,"d":2.5,"e":-9223372036854776000}"#
    )
    #expect(stored.root["spec"]["raw"]["c"].asInt == 2)
  }

  private let pod = """
    apiVersion: v1
    kind: Pod
    metadata: {name: p, labels: {app: a, hash: h}}
    spec:
      containers: [{name: c, image: "c:1"}]
      topologySpreadConstraints:
      - maxSkew: 1
        topologyKey: zone
        whenUnsatisfiable: DoNotSchedule
        labelSelector: {matchLabels: {app: a}}
        matchLabelKeys: [hash, other]
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - topologyKey: zone
            labelSelector: {}
            mismatchLabelKeys: [hash]
    """

  @Test func labelKeysOfANewPodBecomeExpressions() throws {
    let stored = try #require(try admission(pod).stored)
    let spec = stored.root["spec"]
    #expect(
      json(spec["topologySpreadConstraints"].elements[0]["labelSelector"])
        == #"{"matchExpressions":[{"key":"hash","operator":"In","values":["h"]}],"matchLabels":{"app":"a"}}"#
    )
    let term = spec["affinity"]["podAntiAffinity"][
      "requiredDuringSchedulingIgnoredDuringExecution"
    ].elements[0]
    #expect(
      json(term["labelSelector"])
        == #"{"matchExpressions":[{"key":"hash","operator":"NotIn","values":["h"]}]}"#)
  }

  @Test func labelKeysOfSpreadStayBefore134() throws {
    let stored = try #require(try admission(pod, minor: 33).stored)
    let constraint = stored.root["spec"]["topologySpreadConstraints"].elements[0]
    #expect(json(constraint["labelSelector"]) == #"{"matchLabels":{"app":"a"}}"#)
  }

  /// What is worked out once for a kind is what the walk gives that notes every default.
  @Test(arguments: ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])
  func completionsAreTheSameWithAndWithoutNotes(_ kind: String) throws {
    let object = try document(
      """
      apiVersion: apps/v1
      kind: \(kind)
      metadata: {name: web, uid: u, generation: 3}
      status: {observedGeneration: 3}
      spec:
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec: {containers: [{name: web, image: "web:1"}]}
      """)
    let kinds = ServedKinds(minor: 36)
    let quick = try #require(kinds.admission(of: object).stored)
    let noted = try #require(kinds.admission(of: object, tracksDefaults: true).stored)
    #expect(json(quick.root) == json(noted.root))
    #expect(quick.root["status"].isAbsent)
    #expect(json(quick.root["metadata"]).contains(#""name":"web""#))
    #expect(quick.root["metadata"]["uid"].isAbsent)
  }
}
