import Documents
import Testing

@testable import CEL

/// A pod of two containers, the second without limits.
private let pod = Document { arena in
  arena.map([
    "metadata": arena.map([
      "name": arena.string("web"), "labels": arena.map(["app": arena.string("web")]),
    ]),
    "spec": arena.map([
      "initContainers": arena.list([
        arena.map(["name": arena.string("init"), "image": arena.string("b:latest")])
      ]),
      "containers": arena.list([
        arena.map([
          "name": arena.string("a"), "image": arena.string("a:1"),
          "limits": arena.map(["cpu": .int(1)]),
        ]),
        arena.map(["name": arena.string("b"), "image": arena.string("b:latest")]),
      ]),
    ]),
  ])
}

/// The deciding paths of an expression over the pod, after its result.
private func decided(_ source: String) throws -> String {
  let environment = CELEnvironment(
    profile: .kubernetes(minor: 36), variables: [Variable("object"), Variable("variables.all")])
  let program = try environment.compile(source).get()
  let all = try environment.compile("object.spec.initContainers + object.spec.containers").get()
  let evaluator = Evaluator(slotCount: 2)
  evaluator.set(pod.root, slot: 0)
  evaluator.setLazy(slot: 1, name: "variables.all", program: all)
  let trace = evaluator.trace(program)
  #expect(text(trace.value, evaluator) == text(evaluator.evaluate(program), evaluator))
  let paths = trace.deciding.map { "\($0.path)" + ($0.isMissing ? "?" : "") }
  return ([text(trace.value, evaluator)] + paths).joined(separator: " ")
}

@Test(arguments: [
  ("object.metadata.name == 'x'", "false metadata.name"),
  (
    "object.metadata.name == 'web' && object.metadata.labels.app == 'x'",
    "false metadata.labels.app"
  ),
  (
    "object.metadata.name == 'x' || object.metadata.labels.app == 'x'",
    "false metadata.name metadata.labels.app"
  ),
  ("object.spec.replicas > 3", "error: no such key: replicas spec.replicas?"),
  (
    "object.metadata.name == 'web' ? object.metadata.labels.app == 'x' : object.spec.replicas > 3",
    "false metadata.labels.app"
  ),
  ("object.metadata.name == 'x' ? true : false", "false metadata.name"),
  (
    "object.spec.replicas > 3 ? true : object.metadata.name == 'x'",
    "error: no such key: replicas spec.replicas?"
  ),
  ("has(object.spec.replicas)", "false spec.replicas?"),
  ("object.spec.containers.all(c, has(c.limits))", "false spec.containers[1].limits?"),
  (
    "object.spec.containers.all(c, has(c.limits) && c.limits.cpu > 0)",
    "false spec.containers[1].limits?"
  ),
  (
    "object.spec.containers.exists(c, c.name == 'z')",
    "false spec.containers[0].name spec.containers[1].name"
  ),
  (
    "object.spec.containers.filter(c, c.name == 'b').all(c, c.image.endsWith(':1'))",
    "false spec.containers[1].image"
  ),
  (
    "(object.spec.initContainers + object.spec.containers).all(c, !c.image.endsWith(':latest'))",
    "false spec.initContainers[0].image"
  ),
  ("variables.all.all(c, !c.image.endsWith(':latest'))", "false spec.initContainers[0].image"),
  ("object.spec.?hostNetwork.orValue(false)", "false spec.hostNetwork?"),
  ("object.spec.containers.map(c, c.image).all(i, i == 'a:1')", "false spec.containers[1].image"),
  ("object.metadata.labels.all(k, k.startsWith('x'))", "false metadata.labels.app"),
  ("object.metadata['labels']['a' + 'pp'] == 'y'", "false metadata.labels.app"),
  ("1 > 2", "false"),
])
func tellsWhatDecided(_ source: String, _ expected: String) throws {
  #expect(try decided(source) == expected)
}
