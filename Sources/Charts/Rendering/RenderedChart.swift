public import GoTemplates

/// What a chart comes to for one release.
public struct RenderedChart {
  /// One object, or a document that holds none.
  public struct Manifest: Sendable {
    /// The template as Helm names it: `web/templates/service.yaml`.
    public let source: String
    /// The document as the template wrote it.
    public let text: [UInt8]
    /// Its kind, empty if it has none.
    public let kind: String
    /// When it is a hook: its events, such as `pre-install`; else empty.
    public let events: [String]

    /// The document, `.null` when it is empty or a comment. Read anew each time.
    public var value: GoValue { (try? readYAML(text)) ?? .null }
  }

  /// One file of `crds/`.
  public struct CRD: Sendable {
    /// The file as Helm names it: `web/crds/widgets.yaml`.
    public let source: String
    /// The file, whole.
    public let text: [UInt8]

    /// Its documents, without empty ones. Throws `ChartError` for what is no YAML.
    public var documents: [GoValue] {
      get throws {
        try Charts.documents(in: text).map { document in
          do {
            return try readYAML(document)
          } catch let error as FunctionError {
            throw ChartError(
              .manifest, "YAML parse error on \(source): \(error.message)", file: source)
          }
        }
      }
    }
  }

  /// The objects in the order of their installation.
  public var manifests: [Manifest]
  /// The hooks, by kind.
  public var hooks: [Manifest]
  /// The files of `crds/`, of the chart and of those below it.
  public var crds: [CRD]
  /// The values as the templates saw them.
  public var values: GoMap
}

extension RenderedChart {
  /// Whether the same documents came out, byte for byte.
  func isSame(as other: RenderedChart) -> Bool {
    manifests.map(\.text) == other.manifests.map(\.text)
      && hooks.map(\.text) == other.hooks.map(\.text)
  }

  /// Which parts `helm template` prints.
  public struct PrintOptions: Sendable {
    /// The files of `crds/` first.
    public var includesCRDs = false
    /// No hooks at all, and no hooks of `helm test`.
    public var leavesOutHooks = false, leavesOutTests = false
    /// Only these templates, by their path in the chart or a pattern; empty: all.
    public var showOnly: [String] = []

    /// All but the files of `crds/`.
    public init() {}
  }

  /// The output of `helm template` (Helm 3.17.2, `cmd/helm/template.go`).
  ///
  /// Throws for a template to show that is not there.
  public func text(_ options: PrintOptions = PrintOptions()) throws -> [UInt8] {
    var text: [UInt8] = []
    let documents = manifests + (options.leavesOutHooks ? [] : hooks)
    text.reserveCapacity(documents.reduce(1) { $0 + $1.text.count + $1.source.utf8.count + 20 })
    if options.includesCRDs { for crd in crds { append(crd.source, crd.text, to: &text) } }
    for manifest in manifests { append(manifest.source, manifest.text, to: &text) }
    text.removeLast(text.count - trimmedBytes(text[...]).endIndex)
    text.append(UInt8(ascii: "\n"))
    if !options.leavesOutHooks {
      for hook in hooks where !options.leavesOutTests || !hook.events.contains("test") {
        append(hook.source, hook.text, to: &text)
      }
    }
    return options.showOnly.isEmpty ? text : try shown(text, options.showOnly)
  }

  private func append(_ source: String, _ content: [UInt8], to text: inout [UInt8]) {
    text += "---\n# Source: ".utf8
    text += source.utf8
    text.append(UInt8(ascii: "\n"))
    text += content
    text.append(UInt8(ascii: "\n"))
  }

  private func shown(_ text: [UInt8], _ wanted: [String]) throws -> [UInt8] {
    let documents = documents(in: text).map { ($0, sourcePath(of: $0)) }
    var result: [UInt8] = []
    for pattern in wanted {
      let found = documents.filter { document in
        document.1.map { pathMatches(pattern, $0) ?? false } ?? false
      }
      if found.isEmpty {
        throw ChartError(.template, "could not find template \(pattern) in chart")
      }
      for (document, _) in found {
        result += "---\n".utf8
        result += document
        result.append(UInt8(ascii: "\n"))
      }
    }
    return result
  }

  /// What stands behind `# Source: CHART/` in a document.
  private func sourcePath(of document: [UInt8]) -> String? {
    let mark = Array("# Source: ".utf8)
    for line in document.split(separator: UInt8(ascii: "\n")) {
      guard let start = line.firstRange(of: mark)?.upperBound,
        let slash = line[start...].firstIndex(of: UInt8(ascii: "/")), slash > start,
        slash + 1 < line.endIndex
      else { continue }
      return String(decoding: line[(slash + 1)...], as: UTF8.self)
    }
    return nil
  }
}
