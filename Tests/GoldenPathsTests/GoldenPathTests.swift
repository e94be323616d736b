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
              message: ${string(schema.spec.replicas)} replicas are for production
              field: spec.replicas
        """, spec: "replicas: 9")
    let finding = try #require(rendering.findings.first)
    #expect(finding.rule == "intent/rule")
    #expect(finding.message == "9 replicas are for production")
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
    ("- {id: a, charts: x}", "golden-path/unknown-field"),
    ("- {id: a, chart: x}", "golden-path/wrong-type"),
    (
      "- {id: a, template: {apiVersion: v1, kind: Pod, metadata: {name: A}}}",
      "golden-path/invalid-name"
    ),
    (
      "- {id: a, template: {apiVersion: v1, kind: Pod, metadata: {name: 7}}}",
      "golden-path/invalid-name"
    ),
    ("- {id: a, template: {apiVersion: v1, kind: Pod, metadata: {}}}", "golden-path/missing-name"),
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

  @Test func aSchemaMayBeOpenAPI() throws {
    let path = """
      apiVersion: pave.dev/v1alpha1
      kind: GoldenPath
      metadata: {name: web}
      spec:
        schema:
          group: acme.dev
          apiVersion: v1
          kind: Web
          openAPIV3Schema:
            type: object
            properties:
              ports: {type: array, items: {type: integer}, default: [80]}
        resources:
          - id: config
            template:
              apiVersion: v1
              kind: ConfigMap
              metadata: {name: a}
              data: {port: "${string(schema.spec.ports[0])}"}
      """
    let app = "apiVersion: acme.dev/v1\nkind: Web\nmetadata: {name: a, namespace: shop}\n"
    let rendering = try render(paths: [path], intent: app + "spec: {}\n")
    #expect(rendering.findings == [])
    #expect(rendering.manifests.first?.value["data"]["port"].asString == "80")
    let wrong = try render(paths: [path], intent: app + "spec: {ports: [x]}\n")
    #expect(wrong.findings.map(\.rule) == ["intent/wrong-type"])
  }

  @Test func deprecatedFieldsAreWarnedOf() throws {
    let path = """
      apiVersion: pave.dev/v1alpha1
      kind: GoldenPath
      metadata: {name: web}
      spec:
        schema:
          group: acme.dev
          apiVersion: v1
          kind: Web
          spec: {old: 'string | deprecated=true', new: string}
        resources: []
      """
    let (library, findings) = GoldenPathLibrary.load([parse(path, "path.yaml")])
    #expect(findings == [])
    let app = "apiVersion: acme.dev/v1\nkind: Web\nmetadata: {name: a, namespace: shop}\n"
    let all = intents(in: parse(app + "spec: {old: x, new: z}", "app.yaml")).intents
    let found = all.flatMap { library.findings(about: $0) }
    #expect(found.map(\.rule) == ["intent/deprecated-field"])
    #expect(found.first?.severity == .warning)
    #expect(found.first?.place == .field("app.yaml", FieldPath(keys: "spec", "old"), part: .key))
  }

  @Test func immutableFieldsAreHeldAgainstWhatWas() throws {
    let path = """
      apiVersion: pave.dev/v1alpha1
      kind: GoldenPath
      metadata: {name: web}
      spec:
        schema: {group: acme.dev, apiVersion: v1, kind: Web, spec: {size: integer | immutable=true}}
        resources: []
      """
    let (library, _) = GoldenPathLibrary.load([parse(path, "path.yaml")])
    func intent(_ size: Int) throws -> EffectiveIntent {
      let text =
        "apiVersion: acme.dev/v1\nkind: Web\nmetadata: {name: a, namespace: shop}\n"
        + "spec: {size: \(size)}"
      let found = try #require(intents(in: parse(text, "app.yaml")).intents.first)
      return EffectiveIntent(found, in: "")
    }
    let renderer = Renderer(library: library, context: .standalone)
    #expect(try renderer.render(intent(1), replacing: intent(1)).findings == [])
    let finding = try #require(
      try renderer.render(intent(2), replacing: intent(1)).findings.first)
    #expect(finding.place == .field("app.yaml", FieldPath(keys: "spec", "size")))
  }
}
