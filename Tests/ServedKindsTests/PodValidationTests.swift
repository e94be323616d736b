import Testing

@testable import ServedKinds

@Suite struct PodValidationTests {
  @Test(arguments: containerCases + volumeCases + podCases)
  func findsMistakes(_ object: MarkedObject) throws {
    let errors = try object.errors("", "Pod")
    #expect(object.places(of: errors) == object.expected)
    for error in errors {
      #expect(!error.message.hasSuffix("."))
      #expect(error.message.first?.isUppercase != true)
    }
  }

  /// The field that the API server prints is not always where the value stands.
  @Test(arguments: [
    (
      pod("subPath", container: "volumeMounts: [{name: v, mountPath: /v, subPath: ../a}]"),
      "spec.containers[0].volumeMounts.subPath"
    ),
    (
      pod("limits", container: "resources: {limits: {cpu: '-1'}}"),
      "spec.containers[0].resources.limits[cpu]"
    ),
    (
      pod(
        "spread",
        spec: """
          topologySpreadConstraints:
          - {maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}
          - {maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}
          """),
      "spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}"
    ),
    (
      pod("downward", spec: "volumes: [{name: x, downwardAPI: {items: [{path: a}]}}]"),
      "spec.volumes[0].downwardAPI"
    ),
    (
      pod("gcePersistentDisk", spec: "volumes: [{name: x, gcePersistentDisk: {}}]"),
      "spec.volumes[0].persistentDisk.pdName"
    ),
    (
      pod(
        "token",
        spec: """
          serviceAccountName: a
          volumes: [{name: x, projected: {sources: [{serviceAccountToken: {expirationSeconds: 600}}]}}]
          """),
      "spec.volumes[0].projected.path"
    ),
    (pod("envFrom", container: "envFrom: [{}]"), "spec.containers[0].envFrom"),
    (pod("host", spec: "hostUsers: false\nhostPID: true"), "spec.HostPID"),
  ])
  func printsFieldsAsTheServer(_ object: MarkedObject, _ field: String) throws {
    #expect(try object.errors("", "Pod").contains { $0.field == field })
  }

  /// A rule holds from the minor in which the API server has it.
  @Test(arguments: [
    (pod("sleep 0", container: "lifecycle: {preStop: {sleep: {seconds: 0}}}"), 32, 33),
    (pod("env", container: "env: [{name: 'a b'}]"), 31, 32),
    (pod("search", spec: "dnsConfig: {searches: [a_b]}"), 32, 33),
    (pod("restart", container: "restartPolicy: Never"), 34, 35),
    (pod("alias", spec: "hostAliases: [{ip: 010.0.0.1}]"), 36, 35),
  ])
  func knowsVersions(_ object: MarkedObject, _ refusing: Int, _ accepting: Int) throws {
    #expect(try !object.errors("", "Pod", minor: refusing).isEmpty)
    #expect(try object.errors("", "Pod", minor: accepting).isEmpty)
  }

  @Test(arguments: updateCases)
  func findsChanges(_ object: MarkedObject, _ old: MarkedObject) throws {
    let errors = try object.errors("", "Pod", old: old.text)
    #expect(object.places(of: errors) == object.expected)
  }
}

private let updateCases = [
  (pod("image", container: "command: [a]"), pod("", container: "command: [a]")),
  (pod("deadline", spec: "activeDeadlineSeconds: 5"), pod("")),
  (
    pod("longer deadline", spec: "activeDeadlineSeconds: ⟦pod/active-deadline⟧9"),
    pod("", spec: "activeDeadlineSeconds: 5")
  ),
  (
    pod("toleration", spec: "tolerations: [{operator: Exists}, {key: a, operator: Exists}]"),
    pod("", spec: "tolerations: [{operator: Exists}]")
  ),
  (
    pod("lost toleration", spec: "tolerations: ⟦pod/immutable⟧[{key: b, operator: Exists}]"),
    pod("", spec: "tolerations: [{key: a, operator: Exists}]")
  ),
  (
    pod("new gate", spec: "schedulingGates: [{name: a}, {name: ⟦pod/immutable⟧b}]"),
    pod("", spec: "schedulingGates: [{name: a}]")
  ),
  (
    pod(
      "gated selector",
      spec: "schedulingGates: [{name: a}]\nnodeSelector: ⟦pod/immutable⟧{disk: ssd}"),
    pod("", spec: "schedulingGates: [{name: a}]\nnodeSelector: {disk: hdd}")
  ),
]

private let containerCases = [
  pod("nothing"),
  pod(
    "ports",
    container: """
      ports:
      - {containerPort: ⟦container/port⟧0, protocol: TCP}
      - {containerPort: 80, name: web, protocol: ⟦container/port-protocol⟧udp}
      - {containerPort: 81, name: ⟦container/duplicate-port-name⟧web, protocol: TCP}
      - {containerPort: 82, name: ⟦container/port-name⟧a-very-long-port, protocol: TCP}
      - {containerPort: 83, hostPort: 9, protocol: TCP}
      - {containerPort: 84, hostPort: ⟦container/host-port-conflict⟧9, protocol: TCP}
      """),
  pod(
    "environment",
    container: """
      env:
      - {name: A, value: b}
      - {name: ⟦container/env-name⟧'a=b'}
      - {name: B, valueFrom: ⟦container/env-source⟧{}}
      - {name: C, value: x, valueFrom: ⟦container/env-value-and-source⟧{secretKeyRef: {name: s, key: k}}}
      - {name: D, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: ⟦container/field-path⟧spec.foo}}}
      - {name: E, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: "metadata.labels['a']"}}}
      - {name: F, valueFrom: {resourceFieldRef: {resource: ⟦container/resource-field⟧limits.gpu}}}
      - {name: G, valueFrom: {configMapKeyRef: {name: ⟦container/env-object-name⟧'A', key: k}}}
      - {name: H, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: ⟦container/resource-divisor⟧2m}}}
      envFrom:
      - {configMapRef: {name: ⟦container/env-object-name⟧''}}
      """),
  pod(
    "resources",
    container: """
      resources:
        limits: {cpu: '1', memory: 1Gi, example.com/gpu: '1', hugepages-2Mi: ⟦container/hugepages⟧3Mi}
        requests: ⟦container/limit-below-request⟧{cpu: 1500m, memory: 1Gi}
      """),
  pod(
    "extended resource",
    container: """
      resources:
        limits: {example.com/gpu: '2'}
        requests: ⟦container/request-differs-from-limit⟧{example.com/gpu: '1'}
      """),
  pod(
    "probes",
    container: """
      livenessProbe: ⟦probe/no-handler⟧{successThreshold: 1}
      readinessProbe:
        tcpSocket: {port: ⟦probe/port⟧0}
        terminationGracePeriodSeconds: ⟦probe/readiness-grace-period⟧3
      startupProbe:
        httpGet: {path: /, port: ⟦probe/port⟧'8080', scheme: ⟦probe/scheme⟧https}
        grpc: ⟦probe/two-handlers⟧{port: 1}
        successThreshold: ⟦probe/success-threshold⟧2
        periodSeconds: ⟦probe/negative⟧-1
      lifecycle:
        preStop: {sleep: ⟦probe/sleep⟧{seconds: 60}}
      """),
  pod(
    "security",
    container: """
      securityContext:
        ⟦container/privilege-escalation⟧privileged: true
        allowPrivilegeEscalation: false
        runAsUser: ⟦container/user-or-group⟧-1
        procMount: ⟦container/proc-mount⟧Unmasked
        seccompProfile: ⟦pod/seccomp⟧{type: Localhost}
      """),
  pod(
    "init containers",
    spec: """
      initContainers:
      - {name: ⟦container/duplicate-name⟧app, image: a, imagePullPolicy: Always, terminationMessagePolicy: File}
      - name: a
        image: a
        imagePullPolicy: Always
        terminationMessagePolicy: File
        livenessProbe: ⟦container/init-probe⟧{}
      - name: b
        image: b
        imagePullPolicy: Always
        terminationMessagePolicy: File
        restartPolicy: ⟦container/restart-policy⟧Sometimes
      """),
]

private let volumeCases = [
  pod(
    "volumes",
    spec: """
      volumes:
      - {name: ⟦volume/name⟧A, emptyDir: {}}
      - {name: b, emptyDir: {}}
      - {name: ⟦volume/duplicate-name⟧b, emptyDir: {}}
      - ⟦volume/no-source⟧{name: c}
      - {name: d, emptyDir: {}, hostPath: ⟦volume/two-sources⟧{path: /}}
      - {name: e, hostPath: {path: ⟦volume/host-path⟧/a/../b}}
      - {name: f, secret: {secretName: s, defaultMode: ⟦volume/file-mode⟧644}}
      - {name: g, configMap: {name: c, items: [{key: k, path: ⟦volume/item-path⟧/x}]}}
      - {name: h, nfs: {server: s, path: ⟦volume/nfs⟧x}}
      - {name: i, persistentVolumeClaim: {claimName: ⟦volume/claim-of-ephemeral⟧p-l}}
      - {name: j, csi: {driver: ⟦volume/csi-driver⟧'a b'}}
      - {name: k, image: {reference: r, pullPolicy: ⟦volume/image-pull-policy⟧Sometimes}}
      - {name: l, ephemeral: {volumeClaimTemplate: {spec: ⟦volume/access-modes⟧{resources: {requests: {storage: 1Gi}}}}}}
      """),
  pod(
    "mounts",
    spec: "volumes: [{name: a, emptyDir: {}}, {name: ⟦volume/name⟧B, emptyDir: {}}]",
    container: """
      volumeMounts:
      - {name: a, mountPath: /a}
      - {name: ⟦pod/volume-mount-without-volume⟧none, mountPath: /n}
      - {name: ⟦pod/volume-mount-without-volume⟧B, mountPath: /b}
      - {name: a, mountPath: ⟦container/duplicate-mount-path⟧/a}
      - {name: a, mountPath: /c, subPath: a, subPathExpr: ⟦container/sub-path⟧b}
      - {name: a, mountPath: /d, mountPropagation: ⟦container/mount-propagation⟧Bidirectional}
      - {name: a, mountPath: /e, recursiveReadOnly: ⟦container/recursive-read-only⟧Enabled}
      """),
  pod(
    "devices",
    spec: "volumes: [{name: a, emptyDir: {}}, {name: b, persistentVolumeClaim: {claimName: b}}]",
    container: """
      volumeDevices:
      - {name: ⟦container/device-volume⟧a, devicePath: /x}
      - {name: b, devicePath: ⟦container/duplicate-device⟧/x}
      - {name: ⟦container/duplicate-device⟧b, devicePath: /y}
      """),
  pod(
    "projected",
    spec: """
      volumes:
      - name: p
        projected:
          sources:
          - {secret: {name: a, items: [{key: k, path: x}]}}
          - {configMap: {name: b, items: [{key: k, path: ⟦volume/projection-conflict⟧x}]}}
          - ⟦volume/projection-two-sources⟧{secret: {name: c}, configMap: {name: d}}
          - serviceAccountToken:
              ⟦volume/token-without-account⟧path: t
              expirationSeconds: ⟦volume/token-expiry⟧60
      """),
]

private let podCases = [
  pod(
    "names",
    spec: """
      serviceAccountName: ⟦pod/name-field⟧A
      nodeName: ⟦pod/name-field⟧A_B
      hostname: ⟦pod/name-field⟧a.b
      priorityClassName: ⟦pod/name-field⟧A
      runtimeClassName: ⟦pod/runtime-class-name⟧''
      nodeSelector: ⟦meta/label-value⟧{a: '-'}
      """),
  pod(
    "scheduling",
    spec: """
      tolerations:
      - {operator: ⟦pod/toleration-operator⟧Equal}
      - {key: a, operator: Exists, effect: ⟦pod/toleration-effect⟧NoRun}
      topologySpreadConstraints:
      - {maxSkew: ⟦pod/spread-max-skew⟧0, topologyKey: a, whenUnsatisfiable: ScheduleAnyway}
      schedulingGates: [{name: a}, ⟦pod/scheduling-gate⟧{name: a}]
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution: ⟦pod/node-selector-terms⟧{}
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - {weight: ⟦pod/affinity-weight⟧101, podAffinityTerm: {topologyKey: a}}
      """),
  pod(
    "network",
    spec: """
      dnsConfig:
        nameservers: [10.0.0.1, ⟦pod/dns-config⟧a]
        options: [⟦pod/dns-config⟧{value: x}]
      hostAliases:
      - {ip: ⟦pod/host-alias⟧x, hostnames: [⟦pod/host-alias⟧a_b]}
      """),
  pod(
    "host network", spec: "hostNetwork: true",
    container:
      "ports: [{containerPort: 80, hostPort: ⟦container/host-port-differs⟧81, protocol: TCP}]"),
  pod(
    "windows",
    spec: """
      os: {name: windows}
      securityContext:
        fsGroup: ⟦pod/os-field⟧1
        windowsOptions: {runAsUserName: ⟦pod/windows-options⟧'a/b'}
      """),
  pod(
    "whole Pod",
    spec: """
      resources:
        requests: {cpu: ⟦pod/resources⟧100m}
        limits: {cpu: '1'}
      """,
    container: "resources: {requests: {cpu: 200m}}"),
]
