import Documents
import Quantities

extension DefaultHooks {
  /// What a Pod asks for as a whole where it says only part of it (`defaultPodRequests`, `defaultHugePagePodLimits`).
  static func withPodResources(_ spec: Value, _ decoder: ObjectDecoder) -> Value {
    var resources = spec["resources"]
    guard resources.isKind(.map) else { return spec }
    let limits = resources["limits"]
    guard limits.count > 0 else { return spec }
    var requests = Array(resources["requests"].entries)
    func isMissing(_ name: Value) -> Bool {
      !requests.contains { $0.key.hasSameBytes(as: name) }
    }
    for total in containerRequests(spec, decoder.arena)
    where isMissing(total.key) && isPodResource(total.key) && !total.key.hasPrefix("hugepages-") {
      requests.append(total)
    }
    for limit in limits.entries where isMissing(limit.key) && isPodResource(limit.key) {
      requests.append(limit)
    }
    resources = decoder.map(resources, setting: "requests", to: decoder.arena.map(requests))
    return decoder.map(spec, setting: "resources", to: resources)
  }

  private static func isPodResource(_ name: Value) -> Bool {
    name.isString("cpu") || name.isString("memory") || name.hasPrefix("hugepages-")
  }

  /// The sum over the containers, or what the largest init container asks for where that is more; init containers that
  /// always restart count with the others from where they stand.
  private static func containerRequests(_ spec: Value, _ arena: Arena) -> [MapEntry] {
    var names: [Value] = []
    let containers = Array(spec["containers"].elements)
    let initial = Array(spec["initContainers"].elements)
    for container in containers + initial {
      for entry in container["resources"]["requests"].entries
      where !names.contains(where: { $0.hasSameBytes(as: entry.key) }) {
        names.append(entry.key)
      }
    }
    return names.map { name in
      func amount(_ container: Value) -> Quantity? {
        container["resources"]["requests"].lookup(name).quantity
      }
      var total = Quantity(0)
      for container in containers { if let next = amount(container) { total = total.adding(next) } }
      var restarting = Quantity(0)
      var largest = Quantity(0)
      for container in initial {
        guard let next = amount(container) else { continue }
        if container["restartPolicy"].isString("Always") {
          restarting = restarting.adding(next)
          total = total.adding(next)
          largest = max(largest, restarting)
        } else {
          largest = max(largest, restarting.adding(next))
        }
      }
      return MapEntry(key: name, value: arena.string(max(total, largest).description))
    }
  }
}
