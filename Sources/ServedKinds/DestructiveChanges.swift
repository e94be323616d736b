public import Diagnostics
import Documents
public import Manifests
import Quantities

/// A change that the API server takes and that loses something.
public struct DestructiveChange: Sendable, Equatable {
  /// The rule's id, `destructive/…`.
  public var rule: String
  /// The field of the object that changes; the root for a deletion.
  public var path: FieldPath
  /// One line: what would be lost.
  public var message: String
  /// The way out.
  public var help: String?
}

/// What a change of an object would lose, though the API server takes it or a controller acts on it:
/// `destructive/pvc-shrink`, `destructive/replicas-to-zero`, `destructive/crd-version-removed`.
///
/// `old` and `new` may be as they were written: a field that is not there has its default.
public func destructiveChanges(from old: Manifest, to new: Manifest) -> [DestructiveChange] {
  let (before, after) = (old.value, new.value)
  guard let kind = new.kind.asString, let group = new.group.asString else { return [] }
  switch (group, kind) {
  case ("", "PersistentVolumeClaim"): return shrunkClaim(before, after)
  case ("apps", "Deployment"), ("apps", "StatefulSet"), ("apps", "ReplicaSet"),
    ("", "ReplicationController"), ("argoproj.io", "Rollout"):
    return scaledToZero(before, after)
  case ("apiextensions.k8s.io", "CustomResourceDefinition"):
    return removedVersions(before, after)
  default: return []
  }
}

private func shrunkClaim(_ old: Value, _ new: Value) -> [DestructiveChange] {
  let path = FieldPath(keys: "spec", "resources", "requests", "storage")
  guard let before = old[path].quantity, let after = new[path].quantity, after < before else {
    return []
  }
  return [
    DestructiveChange(
      rule: "destructive/pvc-shrink", path: path,
      message: "the claim would shrink from '\(before)' to '\(after)'",
      help: "a volume cannot shrink: create a smaller claim and move the data")
  ]
}

private func scaledToZero(_ old: Value, _ new: Value) -> [DestructiveChange] {
  let path = FieldPath(keys: "spec", "replicas")
  let before = old[path].asInt ?? 1
  guard before > 0, new[path].asInt == 0 else { return [] }
  return [
    DestructiveChange(
      rule: "destructive/replicas-to-zero", path: path,
      message: "the \(before == 1 ? "only replica" : "\(before) replicas") would be stopped",
      help: "if that is meant, turn this rule off or waive it")
  ]
}

private func removedVersions(_ old: Value, _ new: Value) -> [DestructiveChange] {
  let path = FieldPath(keys: "spec", "versions")
  let kept = new[path].elements
  return old[path].elements.compactMap { version in
    guard version["served"].isTrue, let name = version["name"].asString else { return nil }
    let still = kept.first { $0["name"].asString == name }
    if still?["served"].isTrue == true { return nil }
    return DestructiveChange(
      rule: "destructive/crd-version-removed", path: path,
      message: still == nil
        ? "version '\(name)', which was served, would be removed"
        : "version '\(name)' would not be served any more",
      help: "move all manifests and clients to another version first")
  }
}

/// What the deletion of an object would lose: `destructive/deletion` for kinds that take others, or
/// data, with them, `destructive/still-referenced` for what `remaining` manifests still name.
///
/// `remaining` are the manifests of the same environment that stay; linear in their fields.
public func destructiveDeletion(
  of object: Manifest, remaining: [Manifest]
) -> [DestructiveChange] {
  let deleted = DeletedObjects([object])
  return destructiveDeletion(of: object)
    + remaining.flatMap { deleted.named(by: $0).map(\.change) }
}

/// What the deletion of an object loses by itself: `destructive/deletion`.
public func destructiveDeletion(of object: Manifest) -> [DestructiveChange] {
  guard let kind = object.kind.asString, let group = object.group.asString,
    let loss = lossOfDeletion(group, kind)
  else { return [] }
  return [
    DestructiveChange(
      rule: "destructive/deletion", path: .root,
      message: "deleting the \(kind) '\(object.name.asString ?? "")' deletes \(loss)",
      help: "keep it, or remove first what is in it")
  ]
}

/// Objects that are deleted together, to be looked for in those that stay.
public struct DeletedObjects: Sendable {
  private let objects: [Manifest]
  /// By kind and name.
  private let indices: [String: [Int]]

  /// The objects that are deleted from one environment.
  public init(_ objects: [Manifest]) {
    self.objects = objects
    var indices: [String: [Int]] = [:]
    for (index, object) in objects.enumerated() {
      guard let kind = object.kind.asString, let name = object.name.asString else { continue }
      indices["\(kind)/\(name)", default: []].append(index)
    }
    self.indices = indices
  }

  /// Which of the objects, by their index, a manifest that stays still names; each once, with
  /// `destructive/still-referenced`.
  public func named(by other: Manifest) -> [(object: Int, change: DestructiveChange)] {
    if indices.isEmpty { return [] }
    var result: [(object: Int, change: DestructiveChange)] = []
    for reference in references(of: other) {
      let name = reference.name.asString ?? ""
      for index in indices["\(reference.kind)/\(name)"] ?? [] {
        let namespace = objects[index].namespace
        guard namespace.isAbsent || reference.namespace.isIdentical(to: namespace),
          !result.contains(where: { $0.object == index })
        else { continue }
        let change = DestructiveChange(
          rule: "destructive/still-referenced", path: .root,
          message: "\(other.kind.asString ?? "") '\(other.name.asString ?? "")' still refers to "
            + "the \(reference.kind) '\(name)' at \(reference.path)",
          help: "remove the reference first")
        result.append((index, change))
      }
    }
    return result
  }
}

private func lossOfDeletion(_ group: String, _ kind: String) -> String? {
  switch (group, kind) {
  case ("", "Namespace"): "everything in it"
  case ("apiextensions.k8s.io", "CustomResourceDefinition"): "all objects of its kind"
  case ("", "PersistentVolumeClaim"): "the data of its volume, unless that is retained"
  case ("", "PersistentVolume"): "the volume, unless it is retained"
  case ("apps", "StatefulSet"): "its pods, and may delete their claims"
  default: nil
  }
}

/// A name of another object that an object holds.
private struct NamedReference {
  var kind: String
  var namespace: Value
  var name: Value
  var path: FieldPath
}

private func references(of manifest: Manifest) -> [NamedReference] {
  var result: [NamedReference] = []
  let namespace = manifest.namespace
  func add(_ kind: String, _ name: Value, _ path: FieldPath, in other: Value? = nil) {
    if name.isKind(.string), name.count > 0 {
      result.append(
        NamedReference(kind: kind, namespace: other ?? namespace, name: name, path: path))
    }
  }
  if let path = podSpecPath(of: manifest) {
    podReferences(manifest.value[path], path) { add($0, $1, $2) }
  }
  let spec = manifest.value["spec"]
  let path = FieldPath(keys: "spec")
  switch manifest.kind.asString {
  case "Ingress":
    add(
      "Service", spec["defaultBackend"]["service"]["name"],
      path.key("defaultBackend").key("service").key("name"))
    for (index, rule) in spec["rules"].elements.enumerated() {
      for (number, entry) in rule["http"]["paths"].elements.enumerated() {
        add(
          "Service", entry["backend"]["service"]["name"],
          path.key("rules").index(index).key("http").key("paths").index(number).key("backend")
            .key("service").key("name"))
      }
    }
    for (index, entry) in spec["tls"].elements.enumerated() {
      add("Secret", entry["secretName"], path.key("tls").index(index).key("secretName"))
    }
  case "HorizontalPodAutoscaler":
    let target = spec["scaleTargetRef"]
    add(target["kind"].asString ?? "", target["name"], path.key("scaleTargetRef").key("name"))
  case "StatefulSet": add("Service", spec["serviceName"], path.key("serviceName"))
  case "RoleBinding", "ClusterRoleBinding":
    let role = manifest.value["roleRef"]
    add(role["kind"].asString ?? "", role["name"], FieldPath(keys: "roleRef", "name"))
    for (index, subject) in manifest.value["subjects"].elements.enumerated()
    where subject["kind"].isString("ServiceAccount") {
      add(
        "ServiceAccount", subject["name"], FieldPath(keys: "subjects").index(index).key("name"),
        in: subject["namespace"].isKind(.string) ? subject["namespace"] : namespace)
    }
  default: break
  }
  return result
}

private func podReferences(
  _ spec: Value, _ path: FieldPath, _ add: (String, Value, FieldPath) -> Void
) {
  add("ServiceAccount", spec["serviceAccountName"], path.key("serviceAccountName"))
  add("PriorityClass", spec["priorityClassName"], path.key("priorityClassName"))
  for (index, secret) in spec["imagePullSecrets"].elements.enumerated() {
    add("Secret", secret["name"], path.key("imagePullSecrets").index(index).key("name"))
  }
  for (index, volume) in spec["volumes"].elements.enumerated() {
    let here = path.key("volumes").index(index)
    add("ConfigMap", volume["configMap"]["name"], here.key("configMap").key("name"))
    add("Secret", volume["secret"]["secretName"], here.key("secret").key("secretName"))
    add(
      "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"],
      here.key("persistentVolumeClaim").key("claimName"))
    for (number, source) in volume["projected"]["sources"].elements.enumerated() {
      let there = here.key("projected").key("sources").index(number)
      add("ConfigMap", source["configMap"]["name"], there.key("configMap").key("name"))
      add("Secret", source["secret"]["name"], there.key("secret").key("name"))
    }
  }
  for list: StaticString in ["initContainers", "containers", "ephemeralContainers"] {
    for (index, container) in spec[list].elements.enumerated() {
      let here = path.key("\(list)").index(index)
      for (number, source) in container["envFrom"].elements.enumerated() {
        let there = here.key("envFrom").index(number)
        add("ConfigMap", source["configMapRef"]["name"], there.key("configMapRef").key("name"))
        add("Secret", source["secretRef"]["name"], there.key("secretRef").key("name"))
      }
      for (number, variable) in container["env"].elements.enumerated() {
        let from = variable["valueFrom"]
        let there = here.key("env").index(number).key("valueFrom")
        add(
          "ConfigMap", from["configMapKeyRef"]["name"], there.key("configMapKeyRef").key("name"))
        add("Secret", from["secretKeyRef"]["name"], there.key("secretKeyRef").key("name"))
      }
    }
  }
}
