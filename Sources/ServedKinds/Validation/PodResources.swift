import Documents
import Quantities

/// Requests and limits of a Pod as a whole (`validatePodResources`, on by default since 1.34).
extension ObjectValidation {
  /// Checks `spec.resources` against itself and against the containers.
  mutating func podResources(_ pod: PodContext) {
    guard minor >= 34 else { return }
    given("resources", of: pod.spec) { check, resources in
      if check.minor >= 35, pod.spec["os"]["name"].isString("windows") {
        check.report("pod/resources", .forbidden, "'resources' may not be set for a windows Pod")
        return
      }
      if resources["claims"].isGiven {
        check.report(
          "pod/resources", .forbidden, at: "claims", "'claims' may not be set for a whole Pod")
      }
      check.resourceRequirements(resources, pod, owner: .pod)
      check.requestsOfContainers(resources, pod)
      check.limitsOfContainers(resources, pod)
    }
  }

  private mutating func requestsOfContainers(_ resources: Value, _ pod: PodContext) {
    entries("requests", of: resources) { check, name, request in
      let total = pod.total("requests", name)
      guard total.order(to: request.asQuantity) > 0 else { return }
      check.report(
        "pod/resources", .invalid,
        "the Pod asks for \(request.shown) of '\(name.shown)', its containers for \(total.canonicalText)",
        help: "raise the request of the Pod or lower those of its containers")
    }
    entries("limits", of: resources) { check, name, limit in
      guard name.hasPrefix("hugepages-") else { return }
      let total = pod.total("limits", name)
      guard total.order(to: limit.asQuantity) > 0 else { return }
      check.report(
        "pod/resources", .invalid,
        "the limit of '\(name.shown)' is below that of the containers, \(total.canonicalText)")
    }
  }

  private mutating func limitsOfContainers(_ resources: Value, _ pod: PodContext) {
    let limits = resources["limits"]
    for (index, container) in pod.spec["containers"].elements.enumerated() {
      for entry in container["resources"]["limits"].entries {
        let limit = limits.lookup(entry.key)
        guard limit.isGiven, entry.value.quantityOrder(to: limit) > 0 else { continue }
        let name = entry.key.shown
        report(
          "pod/resources", .invalid,
          "container '\(container["name"].shown)' has a limit of \(entry.value.shown) for '\(name)', "
            + "over the Pod's of \(limit.shown)",
          printedAs: "\(printedPath).containers[\(index)][\(name)].limits")
      }
    }
  }
}

extension PodContext {
  /// What the containers ask for together: those that run side by side, or the largest init container with the
  /// sidecars before it.
  fileprivate func total(_ kind: StaticString, _ name: Value) -> Quantity {
    func amount(_ container: Value) -> Quantity {
      container["resources"][kind].lookup(name).asQuantity
    }
    var sum = Quantity(0)
    for container in spec["containers"].elements { sum = sum.adding(amount(container)) }
    var sidecars = Quantity(0)
    var largest = Quantity(0)
    for container in spec["initContainers"].elements {
      var needed = amount(container)
      if container["restartPolicy"].isString("Always") {
        sidecars = sidecars.adding(needed)
        needed = sidecars
      } else {
        needed = needed.adding(sidecars)
      }
      if needed > largest { largest = needed }
    }
    sum = sum.adding(sidecars)
    return largest > sum ? largest : sum
  }
}
