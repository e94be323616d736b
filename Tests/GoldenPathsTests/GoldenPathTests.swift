import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests
import Testing

/// What a GoldenPath has beyond kro's definitions.
@Suite struct GoldenPathTests {
  @Test func environmentPlatformAndIntentAreInScope() throws {
    let rendering = try render(
      resources: """
        - id: config
          template:
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: "${intent.metadata.name}"}
            data:
              domain: ${environment.values.domain}
              environment: ${environment.name}
              version: ${environment.kubernetes}
              image: ${platform.values.registry}/${schema.spec.image}
        """)
    #expect(rendering.findings == [])
    let data = try #require(rendering.manifests.first).value["data"]
    #expect(data["domain"].asString == "dev.acme.test")
    #expect(data["environment"].asString == "dev")
    #expect(data["version"].asString == "1.34")
    #expect(data["image"].asString == "ghcr.io/acme/web:1")
  }

  @Test func aFieldWithoutAValueIsLeftOut() throws {
    let rendering = try render(
      resources: """
        - id: thing
          template:
            apiVersion: acme.dev/v1
            kind: Thing
            metadata: {name: a}
            spec:
              missing: ${schema.spec.?note}
              list: ["${schema.spec.?note}", b]
              there: ${optional.of(1)}
        """)
    let spec = try #require(rendering.manifests.first).value["spec"]
    #expect(spec["missing"].isAbsent)
    #expect(spec["list"].count == 1)
    #expect(spec["there"].asInt == 1)
  }

  @Test func aNamespaceComesFromTheIntent() throws {
    let rendering = try render(
      resources: """
        - id: own
          template: {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}
        - id: inherited
          template: {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
        - id: cluster
          template: {apiVersion: v1, kind: Namespace, metadata: {name: c}}
        """)
    #expect(
      rendering.manifests.map(\.reference.description)
        == ["ConfigMap/other/a", "ConfigMap/shop/b", "Namespace/c"])
  }

  @Test func rulesSpeakAtTheFieldTheyName() throws {
    let rendering = try render(
      resources: "[]",
      more: """
          rules:
            - rule: schema.spec.replicas < 5 || environment.values.tier == "prod"
              message: more than four replicas are for production
              field: spec.replicas
        """, spec: "replicas: 9")
    let finding = try #require(rendering.findings.first)
    #expect(finding.rule == "intent/rule")
    #expect(finding.message == "more than four replicas are for production")
    #expect(finding.place == .field("app.yaml", FieldPath(keys: "spec", "replicas")))
    #expect(finding.environment == "dev" && finding.intent == "Web/shop/a")
  }

  @Test func patchesChangeWhatIsOpen() throws {
    let resources = """
      - id: pod
        template:
          apiVersion: v1
          kind: Pod
          metadata: {name: a}
          spec: {hostNetwork: true, nodeSelector: {a: b}}
      """
    let rendering = try render(
      resources: resources, more: "  patchable: [pod.spec.nodeSelector]",
      intent: "patches: {pod: {spec: {nodeSelector: {a: null, disk: ssd}}}}")
    let spec = try #require(rendering.manifests.first).value["spec"]
    #expect(spec["nodeSelector"]["a"].isAbsent)
    #expect(spec["nodeSelector"]["disk"].asString == "ssd")
    #expect(spec["hostNetwork"].isTrue)
    let refused = try render(
      resources: resources, more: "  patchable: [pod.spec.nodeSelector]",
      intent: "patches: {pod: {spec: {hostNetwork: false}}}")
    #expect(refused.findings.map(\.rule) == ["intent/not-patchable"])
    #expect(
      refused.findings.first?.place
        == .field("app.yaml", FieldPath(keys: "patches", "pod", "spec", "hostNetwork"), part: .key))
  }

  @Test func promotedFieldsStandUnderAnEnvironment() throws {
    let rendering = try render(
      resources: "[]", more: "  promoted: [spec.image]", isPromoting: true)
    #expect(rendering.findings.map(\.rule) == ["intent/promoted-field"])
  }

  @Test func staticValuesStandForTheCluster() throws {
    let rendering = try render(
      resources: """
        - id: service
          static: {spec: {clusterIP: 10.0.0.10}}
          template: {apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: ClusterIP}}
        - id: zone
          static: {data: {name: eu-1}}
          externalRef: {apiVersion: v1, kind: ConfigMap, metadata: {name: zone}}
        - id: config
          template:
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: a}
            data: {ip: "${service.spec.clusterIP}", zone: "${zone.data.name}"}
        """)
    #expect(rendering.findings == [])
    let data = try #require(rendering.manifests.last).value["data"]
    #expect(data["ip"].asString == "10.0.0.10")
    #expect(data["zone"].asString == "eu-1")
    #expect(rendering.manifests[0].value["spec"]["clusterIP"].isAbsent)
  }

  @Test(arguments: [
    ("- {id: a, chart: x}", "golden-path/unknown-field"),
    (
      "- {id: intent, template: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}}",
      "golden-path/reserved-name"
    ),
    (
      "- {id: a, template: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, "
        + "data: {\"${schema.spec.image}\": x}}}", "golden-path/expression-in-key"
    ),
    (
      "- {id: a, template: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, "
        + "data: {x: \"${environment.domain}\"}}}", "golden-path/unknown-field"
    ),
  ])
  func refuses(_ resources: String, _ rule: String) throws {
    #expect(try render(resources: resources).findings.map(\.rule).contains(rule))
  }
}
