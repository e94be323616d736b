// Times what an API server makes of an object: types, defaults, metadata and the rules of its kind, up to the form that
// is stored. `admission-benchmark` prints ns for each case; `admission-benchmark CASE COUNT` only runs a case COUNT
// times, for counting instructions.
import Documents
import Glibc
import ServedKinds

/// A case is an object that is stored, and the number of fields of what is stored, its `status` included.
struct Case {
  var name: String
  var source: String
  var fieldCount: Int
}

let cases = [
  Case(
    name: "deployment",
    source: """
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: checkout
        namespace: payments
        labels: {app.kubernetes.io/name: checkout, team: payments}
      spec:
        replicas: 2
        selector:
          matchLabels: {app.kubernetes.io/name: checkout}
        template:
          metadata:
            labels: {app.kubernetes.io/name: checkout, team: payments}
          spec:
            containers:
              - name: app
                image: ghcr.io/acme/checkout:1.4.2
                ports:
                  - {name: http, containerPort: 8080}
                readinessProbe:
                  httpGet: {path: /healthz, port: http}
                resources:
                  requests: {cpu: 100m, memory: 128Mi}
                  limits: {memory: 128Mi}
                securityContext: {runAsNonRoot: true}
      """, fieldCount: 58),
  Case(
    name: "service",
    source: """
      apiVersion: v1
      kind: Service
      metadata: {name: checkout, namespace: payments}
      spec:
        selector: {app.kubernetes.io/name: checkout}
        ports:
          - {name: http, port: 80, targetPort: http}
      """, fieldCount: 18),
  Case(
    name: "configmap",
    source: """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: checkout, namespace: payments}
      data: {environment: prod, name: checkout, mode: standard}
      """, fieldCount: 9),
]

/// The number of entries of all maps in a value.
func fieldCount(_ value: Value) -> Int {
  value.entries.reduce(0) { $0 + 1 + fieldCount($1.value) }
    + value.elements.reduce(0) { $0 + fieldCount($1) }
}

func nanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

let kinds = ServedKinds(minor: 36)

/// Admits a case's object so many times; the program ends where the answer is another than expected.
func run(_ aCase: Case, _ count: Int) {
  let file = parseYAML(Array(aCase.source.utf8), file: aCase.name)
  guard let document = file.documents.first else { exit(2) }
  var stored: Document?
  for _ in 0..<count { stored = kinds.admission(of: document).stored }
  guard let stored, fieldCount(stored.root) == aCase.fieldCount else {
    print(
      "\(aCase.name): \(stored.map { fieldCount($0.root) } ?? 0) fields, \(aCase.fieldCount) expected"
    )
    exit(1)
  }
}

let arguments = CommandLine.arguments
if arguments.count == 3, let count = Int(arguments[2]) {
  guard let chosen = cases.first(where: { $0.name == arguments[1] }) else { exit(2) }
  run(chosen, count)
} else {
  print("case ns")
  for aCase in cases {
    run(aCase, 1000)
    var best = UInt64.max
    for _ in 0..<20 {
      let start = nanoseconds()
      run(aCase, 1000)
      best = min(best, nanoseconds() - start)
    }
    print("\(aCase.name) \(best / 1000)")
  }
}
