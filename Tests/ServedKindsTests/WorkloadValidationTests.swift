import Testing

@testable import ServedKinds

@Suite struct WorkloadValidationTests {
  @Test(arguments: deploymentCases)
  func findsMistakesOfDeployments(_ object: MarkedObject) throws {
    let errors = try object.errors("apps", "Deployment")
    #expect(object.places(of: errors) == object.expected)
  }

  @Test func keepsSelectors() throws {
    let old = deployment("")
    let new = MarkedObject(
      "selector", old.text.replacing("matchLabels: {app: a}", with: "matchLabels: {tier: b}"))
    let errors = try new.errors("apps", "Deployment", old: old.text)
    #expect(errors.contains { $0.rule == "workload/selector-immutable" && $0.help != nil })
  }

  @Test func mountsClaimTemplates() throws {
    let object = statefulSet(
      "claims",
      """
      volumeClaimTemplates:
      - metadata: {name: data}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
      """, container: "volumeMounts: [{name: data, mountPath: /d}]")
    #expect(try object.errors("apps", "StatefulSet").isEmpty)
    let changed = MarkedObject("size", object.text.replacing("1Gi", with: "2Gi"))
    let errors = try changed.errors("apps", "StatefulSet", old: object.text)
    #expect(errors.map(\.rule) == ["workload/statefulset-immutable"])
    #expect(errors.map(\.message) == ["'volumeClaimTemplates' of a StatefulSet cannot be changed"])
  }

  @Test(arguments: jobCases)
  func findsMistakesOfJobs(_ object: MarkedObject) throws {
    let errors = try object.errors("batch", "Job")
    #expect(object.places(of: errors) == object.expected)
  }

  @Test(arguments: [
    ("template: {spec", "suspend: true\n  template: {metadata: {labels: {a: b}}, spec", 0),
    ("parallelism: 1", "parallelism: 2", 0),
    ("completions: 1", "completions: 2", 1),
    ("image: j", "image: k", 1),
  ])
  func keepsTemplatesOfJobs(_ from: String, _ to: String, _ count: Int) throws {
    let old = job("")
    let new = MarkedObject("new", old.text.replacing(from, with: to))
    let suspended = to.hasPrefix("suspend") ? "suspend: true\n  template: {spec" : from
    let before = old.text.replacing(from, with: suspended)
    let errors = try new.errors("batch", "Job", old: before)
    #expect(errors.count == count)
    #expect(errors.allSatisfy { $0.rule == "job/immutable" })
  }

  @Test(arguments: [
    ("0 3 * * *", nil), ("*/5 1-3,7 1 jan sun", nil), ("@every 1h30m", nil), ("0 0 * * ?", nil),
    ("60 * * * *", "above maximum"), ("0 0 * * 7", "above maximum"), ("5-1 * * * *", "beyond end"),
    ("*/0 * * * *", "positive number"), ("* * * *", "found 4"), ("@often", "unrecognized"),
    ("1-2-3 * * * *", "too many hyphens"), ("a * * * *", "no number"), ("@every x", "no duration"),
    ("TZ=Europe/Berlin 0 3 * * *", nil), ("TZ=Mars/Base 0 3 * * *", "unknown time zone"),
    ("TZ=UTC", "no schedule"),
  ])
  func readsSchedules(_ schedule: String, _ problem: String?) {
    let found = cronScheduleProblem(schedule)
    #expect(found == nil ? problem == nil : problem.map { found!.contains($0) } == true)
  }

  @Test(arguments: [
    ("Europe/Berlin", true), ("UTC", true), ("europe/berlin", false), ("Mars/Base", false),
    ("", false),
    ("Etc/GMT+5", true), ("Europe", false),
  ])
  func knowsTimeZones(_ name: String, _ isKnown: Bool) {
    #expect(isTimeZone(name) == isKnown)
  }

  @Test func namesTheNearestTimeZone() {
    #expect(nearestTimeZone(to: "europe/berlin") == "Europe/Berlin")
    #expect(nearestTimeZone(to: "Europe/Berln") == "Europe/Berlin")
  }
}

private func deployment(_ name: String, _ spec: String = "") -> MarkedObject {
  MarkedObject(
    name,
    """
    spec:
      replicas: 1
      selector: {matchLabels: {app: a}}
    \(spec.contains("strategy:") ? "" : "  strategy: {type: Recreate}")
      progressDeadlineSeconds: 600
      template:
        metadata: {labels: {app: a}}
        spec:
          restartPolicy: Always
          dnsPolicy: ClusterFirst
          terminationGracePeriodSeconds: 30
          containers:
          - {name: c, image: i, imagePullPolicy: Always, terminationMessagePolicy: File}
    \(spec.indented(by: 2))
    """)
}

private let deploymentCases = [
  deployment("nothing"),
  deployment("minReady", "minReadySeconds: ⟦workload/min-ready-seconds⟧-1"),
  deployment(
    "rolling",
    """
    strategy:
      type: RollingUpdate
      rollingUpdate: {maxSurge: 0, maxUnavailable: ⟦workload/max-unavailable⟧0%}
    """),
  deployment(
    "percent",
    """
    strategy:
      type: RollingUpdate
      rollingUpdate: {maxSurge: ⟦workload/max-surge⟧25 %, maxUnavailable: ⟦workload/max-unavailable⟧110%}
    """),
  deployment(
    "recreate", "strategy: {type: Recreate, rollingUpdate: ⟦workload/strategy⟧{maxSurge: 1}}"),
  MarkedObject(
    "mismatch",
    deployment("").text.replacing(
      "metadata: {labels: {app: a}}",
      with: "metadata: {labels: ⟦workload/selector-mismatch⟧{app: b}}")),
  MarkedObject(
    "no selector",
    deployment("").text.replacing(
      "  selector: {matchLabels: {app: a}}", with: "  selector: ⟦workload/selector-empty⟧{}")),
  MarkedObject(
    "restart",
    deployment("").text.replacing(
      "restartPolicy: Always", with: "restartPolicy: ⟦workload/restart-policy⟧Never")),
]

private func statefulSet(_ name: String, _ spec: String, container: String) -> MarkedObject {
  MarkedObject(
    name,
    """
    spec:
      podManagementPolicy: OrderedReady
      updateStrategy: {type: RollingUpdate}
      selector: {matchLabels: {app: a}}
      template:
        metadata: {labels: {app: a}}
        spec:
          restartPolicy: Always
          dnsPolicy: ClusterFirst
          terminationGracePeriodSeconds: 30
          containers:
          - name: c
            image: i
            imagePullPolicy: Always
            terminationMessagePolicy: File
            \(container)
    \(spec.indented(by: 2))
    """)
}

private func job(_ name: String, _ spec: String = "", restart: String = "Never") -> MarkedObject {
  MarkedObject(
    name,
    """
    metadata: {name: j}
    spec:
    \(spec.contains("completions:") ? "" : "  completions: 1")
      parallelism: 1
    \(spec.indented(by: 2))
      template: {spec: {restartPolicy: \(restart), dnsPolicy: Default, terminationGracePeriodSeconds: 1,
        containers: [{name: c, image: j, imagePullPolicy: Always, terminationMessagePolicy: File}]}}
    """)
}

private let jobCases = [
  job("nothing"),
  job("restart", restart: "⟦job/restart-policy⟧Always"),
  job("negative", "backoffLimit: ⟦job/negative⟧-1"),
  job("mode", "completionMode: ⟦job/completion-mode⟧Other"),
  job("per index", "backoffLimitPerIndex: ⟦job/backoff-limit-per-index⟧1"),
  job("success", "successPolicy: ⟦job/success-policy⟧{rules: []}"),
  job(
    "indexed",
    """
    completions: 3
    completionMode: Indexed
    maxFailedIndexes: ⟦job/max-failed-indexes⟧5
    backoffLimitPerIndex: 1
    successPolicy: {rules: [{succeededIndexes: ⟦job/success-policy⟧'0-3'}]}
    """),
  job(
    "failure policy",
    """
    podFailurePolicy:
      rules:
      - {action: ⟦job/failure-policy⟧Retry, onExitCodes: {operator: In, values: [1]}}
      - ⟦job/failure-policy⟧{action: Ignore}
      - {action: Ignore, onExitCodes: {operator: In, values: [⟦job/failure-policy⟧0]}}
      - {action: Ignore, onExitCodes: {operator: NotIn, containerName: ⟦job/failure-policy⟧x, values: [1]}}
    """),
  job("selector", "selector: ⟦job/selector⟧{matchLabels: {}}\nmanualSelector: false")
    .replacingMark(with: "selector: {matchLabels: {batch.kubernetes.io/controller-uid: x}}"),
]

extension MarkedObject {
  /// The object with another selector, and no mark.
  fileprivate func replacingMark(with line: String) -> MarkedObject {
    MarkedObject("generated selector", text.replacing("selector: {matchLabels: {}}", with: line))
  }
}
