// Times CEL over a Deployment: `cel-benchmark` prints a table of ns for each case;
// `cel-benchmark CASE COUNT [cost|compile]` only runs a case COUNT times, for counting instructions.
import CEL
import Documents
import Glibc

struct Case {
  var name: String
  var source: String
  var expected: String
}

let cases = [
  Case(name: "sum", source: "1 + 2 == 3", expected: "true"),
  Case(name: "replicas", source: "object.spec.replicas <= 5", expected: "true"),
  Case(name: "namespace", source: "object.metadata.namespace == 'prod'", expected: "true"),
  Case(
    name: "label",
    source:
      "has(object.metadata.labels) && 'team' in object.metadata.labels && object.metadata.labels['team'] == 'pay'",
    expected: "true"),
  Case(
    name: "limits",
    source:
      "object.spec.template.spec.containers.all(c, has(c.resources) && has(c.resources.limits) && has(c.resources.limits.memory))",
    expected: "true"),
  Case(
    name: "registry",
    source:
      "object.spec.template.spec.containers.all(c, c.image.startsWith('registry.example.com/'))",
    expected: "true"),
  Case(
    name: "matches", source: "object.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
    expected: "true"),
  Case(
    name: "quantity",
    source:
      "object.spec.template.spec.containers.all(c, quantity(c.resources.limits.memory).compareTo(quantity('1Gi')) <= 0)",
    expected: "true"),
  Case(
    name: "filter",
    source:
      "object.spec.template.spec.containers.filter(c, c.name != 'sidecar').map(c, c.image).size() == 2",
    expected: "true"),
]

/// A Deployment with three containers.
func deployment() -> Document {
  Document { arena in
    func container(_ name: String) -> Value {
      arena.map([
        "name": arena.string(name), "image": arena.string("registry.example.com/shop/\(name):1.2"),
        "resources": arena.map([
          "requests": arena.map(["cpu": arena.string("100m"), "memory": arena.string("64Mi")]),
          "limits": arena.map(["cpu": arena.string("500m"), "memory": arena.string("128Mi")]),
        ]),
      ])
    }
    let pod = arena.map([
      "containers": arena.list([container("web"), container("worker"), container("sidecar")])
    ])
    return arena.map([
      "apiVersion": arena.string("apps/v1"), "kind": arena.string("Deployment"),
      "metadata": arena.map([
        "name": arena.string("checkout-service"), "namespace": arena.string("prod"),
        "labels": arena.map([
          "app": arena.string("checkout"), "team": arena.string("pay"),
          "tier": arena.string("web"),
        ]),
      ]),
      "spec": arena.map([
        "replicas": .int(3),
        "selector": arena.map(["matchLabels": arena.map(["app": arena.string("checkout")])]),
        "template": arena.map(["spec": pod]),
      ]),
    ])
  }
}

func nanoseconds() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// The least time of twelve runs for one call, in ns.
func best(_ count: Int, _ body: () -> Void) -> Double {
  var least = Int.max
  for _ in 0..<12 {
    let start = nanoseconds()
    for _ in 0..<count { body() }
    least = min(least, nanoseconds() - start)
  }
  return Double(least) / Double(count)
}

func run() {
  let document = deployment()
  let environment = CELEnvironment(
    profile: .kubernetes(minor: 36), variables: [Variable("object")])
  let evaluator = Evaluator(slotCount: 1)
  evaluator.set(document.root, slot: 0)
  evaluator.stepLimit = .max
  let only = CommandLine.arguments.dropFirst().first
  let count = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) }
  if only == nil { print("case          ns  ns with cost  compile ns") }
  for benchmark in cases where only == nil || only == benchmark.name {
    guard case .success(let program) = environment.compile(benchmark.source) else {
      print("\(benchmark.name): does not compile")
      continue
    }
    guard evaluator.evaluate(program).isTrue else {
      print("\(benchmark.name): wrong result")
      continue
    }
    if let count {
      switch CommandLine.arguments.dropFirst(3).first {
      case "cost":
        for _ in 0..<count {
          _ = evaluator.evaluateWithCost(program)
          evaluator.reset()
        }
      case "compile": for _ in 0..<count { _ = environment.compile(benchmark.source) }
      default:
        for _ in 0..<count {
          _ = evaluator.evaluate(program)
          evaluator.reset()
        }
      }
      continue
    }
    let plain = best(20_000) {
      _ = evaluator.evaluate(program)
      evaluator.reset()
    }
    let costed = best(20_000) {
      _ = evaluator.evaluateWithCost(program)
      evaluator.reset()
    }
    let compile = best(500) { _ = environment.compile(benchmark.source) }
    print(
      padded(benchmark.name, 10, left: true), padded(rounded(plain), 6),
      padded(rounded(costed), 12),
      padded("\(Int(compile))", 12))
  }
}

func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }

func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
  let blanks = String(repeating: " ", count: max(0, width - text.utf8.count))
  return left ? text + blanks : blanks + text
}

run()
