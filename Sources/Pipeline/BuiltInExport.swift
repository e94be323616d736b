import Documents
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
  public static func export(
    _ choices: [String], kubernetes version: KubernetesVersion
  ) -> [ExportedFile] {
    var exported: [ExportedFile] = []
    var namespaces: Set<String> = []
    for file in files(choices: choices.map { prefix + $0 }) {
      var writer: [UInt8] = []
      var isTaken = false
      for document in file.documents where !document.root.isNull {
        let root = document.root
        if isPolicy(root) {
          isTaken =
            !root["kind"].isString("RepositoryPolicy")
            && range(of: root).contains(version)
        }
        guard isTaken else { continue }
        if root["kind"].isString("ConfigMap"),
          let namespace = root["metadata"]["namespace"].asString
        {
          namespaces.insert(namespace)
        }
        if !writer.isEmpty { writer += Array("---\n".utf8) }
        writer += yamlBytes(of: root)
      }
      guard !writer.isEmpty else { continue }
      let name = file.file.dropFirst(prefix.count).prefix { $0 != "/" }
      exported.append(
        ExportedFile(name: "\(name).yaml", text: String(decoding: writer, as: UTF8.self)))
    }
    for namespace in namespaces.sorted() {
      let text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: \(namespace)\n"
      exported.append(ExportedFile(name: "_\(namespace).yaml", text: text))
    }
    return exported.sorted { $0.name < $1.name }
  }

  private static func range(of root: Value) -> KubernetesRange {
    root["metadata"]["annotations"]["pave.dev/kubernetes"].asString
      .flatMap { KubernetesRange($0) } ?? .all
  }
}
