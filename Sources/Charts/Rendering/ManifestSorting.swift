import Glibc
import GoTemplates

/// The documents that a template wrote, without those that are empty.
///
/// Helm 3 splits where a line begins with `---` and takes the white space around it away
/// (`pkg/releaseutil/manifest.go`).
func documents(in text: [UInt8]) -> [[UInt8]] {
  let text = trimmedBytes(text[...])
  var result: [[UInt8]] = []
  var start = text.startIndex
  var index = text.startIndex
  var isLineStart = true
  func add(_ end: Int) {
    let kept = trimmedBytes(text[start..<end])
    if !kept.isEmpty { result.append(Array(kept)) }
  }
  while index < text.endIndex {
    if isLineStart, text[index] == 0x2D, index + 2 < text.endIndex, text[index + 1] == 0x2D,
      text[index + 2] == 0x2D
    {
      add(index)
      index += 3
      while index < text.endIndex, isSeparatorSpace(text[index]) { index += 1 }
      start = index
      // The line ends behind a separator belong to it, so that none can follow at once.
      isLineStart = false
      continue
    }
    guard let end = position(of: 0x0A, in: text, from: index) else { break }
    isLineStart = true
    index = end + 1
  }
  add(text.endIndex)
  return result
}

/// Where a byte stands next, from an index on.
func position(of byte: UInt8, in text: ArraySlice<UInt8>, from index: Int) -> Int? {
  text.withUnsafeBytes { bytes in
    let start = index - text.startIndex
    guard start < bytes.count, let base = bytes.baseAddress,
      let found = memchr(base + start, Int32(byte), bytes.count - start)
    else { return nil }
    return text.startIndex + (UnsafeRawPointer(found) - base)
  }
}

/// Go's `\s`.
private func isSeparatorSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D || byte == 0x0C
}

/// The bytes without white space at both ends (Go's `strings.TrimSpace`).
func trimmedBytes(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  var (start, end) = (bytes.startIndex, bytes.endIndex)
  while start < end, isSpace(bytes[start]) { start += 1 }
  while start < end {
    if isSpace(bytes[end - 1]) {
      end -= 1
    } else if bytes[end - 1] >= 0x80, let width = wideSpace(bytes[max(start, end - 3)..<end]) {
      end -= width
    } else {
      break
    }
  }
  return bytes[start..<end]
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 0x09 < 5 }

/// How many bytes a white space beyond ASCII at the end takes; nil if none stands there.
private func wideSpace(_ bytes: ArraySlice<UInt8>) -> Int? {
  for width in [2, 3] where bytes.count >= width {
    let text = String(decoding: bytes.suffix(width), as: UTF8.self).unicodeScalars
    if text.count == 1, let scalar = text.first, scalar.properties.isWhitespace { return width }
  }
  return nil
}

/// The documents in the text of a template, without hooks for events that there are not; throws if one is
/// no YAML.
func manifests(in text: [UInt8], from source: String) throws -> [RenderedChart.Manifest] {
  try documents(in: text).compactMap { document in
    let value: GoValue
    do {
      value = try readYAMLHead(document)
    } catch let error as FunctionError {
      throw ChartError(
        .manifest, "YAML parse error on \(source): \(error.message)", file: source)
    }
    let head = try Head(value, source)
    var events: [String] = []
    if let hook = head.annotations?["helm.sh/hook"] {
      events = (scalarText(hook) ?? "").split(
        separator: ",", omittingEmptySubsequences: false
      ).map { trimmed(String($0)).lowercased() }
      guard events.allSatisfy({ hookEvents.contains($0) }) else { return nil }
    }
    return RenderedChart.Manifest(
      source: source, text: document, kind: head.kind,
      events: events.map { $0 == "test-success" ? "test" : $0 })
  }
}

/// Sorts what the templates wrote into objects and hooks (Helm 3.17.2,
/// `pkg/releaseutil/manifest_sorter.go`).
struct ManifestSorter {
  private(set) var manifests: [RenderedChart.Manifest] = []
  private(set) var hooks: [RenderedChart.Manifest] = []

  /// Takes what a template wrote.
  mutating func add(_ written: [RenderedChart.Manifest]) {
    for manifest in written {
      if manifest.events.isEmpty { manifests.append(manifest) } else { hooks.append(manifest) }
    }
  }

  /// Brings all into the order of installation.
  mutating func sort() {
    manifests = inInstallOrder(manifests)
    hooks = inInstallOrder(hooks)
  }

  private func inInstallOrder(
    _ manifests: [RenderedChart.Manifest]
  ) -> [RenderedChart.Manifest] {
    let keys = manifests.enumerated().map { index, manifest in
      (rank: installRanks[manifest.kind] ?? Int.max, kind: manifest.kind, index: index)
    }
    return keys.sorted { one, other in
      if one.rank != other.rank { return one.rank < other.rank }
      if one.kind != other.kind { return one.kind.utf8.lexicographicallyPrecedes(other.kind.utf8) }
      return one.index < other.index
    }.map { manifests[$0.index] }
  }
}

private let hookEvents: Set<String> = [
  "pre-install", "post-install", "pre-delete", "post-delete", "pre-upgrade", "post-upgrade",
  "pre-rollback", "post-rollback", "test", "test-success",
]

/// The kind and the annotations of a document, as Helm's `SimpleHead` has them.
private struct Head {
  var kind = ""
  var annotations: GoMap?

  init(_ value: GoValue, _ source: String) throws {
    if value.isNil { return }
    guard let map = value.table else {
      throw Self.fail(value, "", "releaseutil.SimpleHead", source)
    }
    kind = try Self.text(Self.member("kind", of: map), ".kind", source)
    _ = try Self.text(Self.member("apiVersion", of: map), ".apiVersion", source)
    guard let metadata = Self.member("metadata", of: map), !metadata.isNil else { return }
    guard let table = metadata.table else {
      throw Self.fail(metadata, ".metadata", "struct", source)
    }
    _ = try Self.text(Self.member("name", of: table), ".metadata.name", source)
    guard let annotations = Self.member("annotations", of: table), !annotations.isNil else {
      return
    }
    guard let entries = annotations.table else {
      throw Self.fail(annotations, ".metadata.annotations", "map[string]string", source)
    }
    for entry in entries.entries { _ = try Self.text(entry.value, ".metadata.annotations", source) }
    self.annotations = entries
  }

  /// A key as Go's JSON finds it: as it is written, else in other letters of its case.
  private static func member(_ name: String, of map: GoMap) -> GoValue? {
    if let value = map[name] { return value }
    let wanted = name.lowercased()
    return map.entries.last {
      $0.key.count == name.utf8.count
        && String(decoding: $0.key, as: UTF8.self).lowercased() == wanted
    }?.value
  }

  private static func text(_ value: GoValue?, _ field: String, _ source: String) throws -> String {
    guard let value else { return "" }
    guard let text = scalarText(value) else { throw fail(value, field, "string", source) }
    return text
  }

  private static func fail(
    _ value: GoValue, _ field: String, _ type: String, _ source: String
  ) -> ChartError {
    let kind =
      switch value {
      case .map: "object"
      case .list: "array"
      case .bool: "bool"
      case .string: "string"
      default: "number"
      }
    let target =
      field.isEmpty
      ? "Go value of type \(type)" : "Go struct field SimpleHead\(field) of type \(type)"
    return ChartError(
      .manifest,
      "YAML parse error on \(source): error unmarshaling JSON: while decoding JSON: json: cannot "
        + "unmarshal \(kind) into \(target)", file: source)
  }
}

/// The place of a kind in the order of installation (Helm 3.17.2, `pkg/releaseutil/kind_sorter.go`).
private let installRanks = Dictionary(
  uniqueKeysWithValues: installOrder.enumerated().map { ($1, $0) })

private let installOrder = [
  "PriorityClass", "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange",
  "PodSecurityPolicy", "PodDisruptionBudget", "ServiceAccount", "Secret", "SecretList", "ConfigMap",
  "StorageClass", "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition",
  "ClusterRole", "ClusterRoleList", "ClusterRoleBinding", "ClusterRoleBindingList", "Role",
  "RoleList", "RoleBinding", "RoleBindingList", "Service", "DaemonSet", "Pod",
  "ReplicationController", "ReplicaSet", "Deployment", "HorizontalPodAutoscaler", "StatefulSet",
  "Job", "CronJob", "IngressClass", "Ingress", "APIService",
]
