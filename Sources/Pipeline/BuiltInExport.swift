import Diagnostics
public import Documents
import Intents
public import Manifests
import Policies

extension BuiltInPack {
  /// A file to install in a cluster.
  public struct ExportedFile: Sendable {
    /// `no-host-ports.yaml`.
    public let name: String
    /// Its YAML.
    public let text: String
  }

  /// What a cluster of a version takes of the chosen packs and policies: policies with their bindings
  /// and parameters, and the parameters' Namespace, sorted by file.
  ///
  /// Of the files of waivers, those for an object as a whole become match conditions of their policy;
  /// `left` says of the others why a cluster cannot have them.
  public static func export(
    _ choices: [String], kubernetes version: KubernetesVersion, waivers: [ParsedFile] = []
  ) -> (files: [ExportedFile], left: [String]) {
    var exported: [ExportedFile] = []
    var namespaces: Set<String> = []
    var conditions = WaivedObjects(waivers)
    for file in files(choices: choices.map { prefix + $0 }) {
      var text: [UInt8] = []
      var isTaken = false
      for document in file.documents where !document.root.isNull {
        let root = document.root
        if isPolicy(root) {
          isTaken =
            !root["kind"].isString("RepositoryPolicy") && range(of: root).contains(version)
        }
        guard isTaken else { continue }
        if root["kind"].isString("ConfigMap"),
          let namespace = root["metadata"]["namespace"].asString
        {
          namespaces.insert(namespace)
        }
        if !text.isEmpty { text += Array("---\n".utf8) }
        let arena = Arena()
        text += yamlBytes(of: isPolicy(root) ? conditions.added(to: root, arena) : root)
      }
      guard !text.isEmpty, let name = name(ofFile: file.file) else { continue }
      exported.append(
        ExportedFile(name: "\(name).yaml", text: String(decoding: text, as: UTF8.self)))
    }
    for namespace in namespaces.sorted() {
      let text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: \(namespace)\n"
      exported.append(ExportedFile(name: "_\(namespace).yaml", text: text))
    }
    return (exported.sorted { $0.name < $1.name }, conditions.left)
  }

  private static func range(of root: Value) -> KubernetesRange {
    root["metadata"]["annotations"]["pave.dev/kubernetes"].asString
      .flatMap { KubernetesRange($0) } ?? .all
  }
}

/// Waivers as what a cluster can do: a policy that does not look at some objects.
private struct WaivedObjects {
  private var waivers: [Waiver] = []
  /// Why waivers are left out.
  private(set) var left: [String] = []

  init(_ files: [ParsedFile]) {
    for file in files {
      let names = file.documents.flatMap { document in
        document.root["waivers"].elements.flatMap { waiver in
          waiver["environments"].elements.compactMap(\.asString)
        }
      }
      let result = Intents.waivers(in: file, environments: names)
      left += result.findings.filter { $0.severity == .error }.map(\.message)
      for waiver in result.waivers {
        if let problem = WaivedObjects.problem(waiver) {
          left.append("the waiver of '\(waiver.rule)' \(problem)")
        } else {
          waivers.append(waiver)
        }
      }
    }
  }

  /// Why a cluster cannot have a waiver; nil when it can.
  private static func problem(_ waiver: Waiver) -> String? {
    if case .intent = waiver.target { return "is for an intent: a cluster knows objects only" }
    if case .object(let name) = waiver.target, !name.utf8.allSatisfy(isPlain) {
      return "names no object that there can be"
    }
    if waiver.validation != nil { return "is for one validation: a cluster leaves out all or none" }
    if waiver.path != nil { return "is for one field: a cluster leaves out the object or nothing" }
    return nil
  }

  /// What can stand in the name of an object: nothing that would end a text of CEL.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "-./:_".utf8.contains(byte)
    }
  }

  /// A policy with conditions that its waived objects do not meet.
  mutating func added(to policy: Value, _ arena: Arena) -> Value {
    let name = policy["metadata"]["name"].asString
    let own = waivers.filter { $0.rule == name }
    if own.isEmpty { return policy }
    var conditions = Array(policy["spec"]["matchConditions"].elements)
    for (index, waiver) in own.enumerated() {
      guard conditions.count < 64 else {
        left.append("the waiver of '\(waiver.rule)' is beyond the 64 conditions of a policy")
        continue
      }
      conditions.append(
        arena.map([
          "name": arena.string("waiver-\(index + 1)"),
          "expression": arena.string(expression(waiver)),
        ]))
    }
    return replacing(
      policy, "spec",
      replacing(policy["spec"], "matchConditions", arena.list(conditions), arena), arena)
  }

  private func expression(_ waiver: Waiver) -> String {
    guard case .object(let target) = waiver.target else { return "true" }
    let parts = target.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let kind = parts[0].prefix { $0 != "." }
    let group = parts[0].dropFirst(kind.count + 1)
    let namespace = parts.count > 2 ? parts[1] : ""
    let object = parts.last ?? ""
    return "!(request.kind.kind == \"\(kind)\" && request.kind.group == \"\(group)\""
      + " && request.?namespace.orValue(\"\") == \"\(namespace)\""
      + " && request.?name.orValue(\"\") == \"\(object)\")"
  }

  private func replacing(_ map: Value, _ key: String, _ value: Value, _ arena: Arena) -> Value {
    var entries = map.entries.filter { $0.key.asString != key }
    entries.append(MapEntry(key: arena.string(key), value: value))
    return arena.map(entries)
  }
}
