import GoTemplates

extension ChartNode {
  /// `.Chart`: the fields of Helm's `chart.Metadata`, by their Go names.
  func chartObject(isRoot: Bool) -> GoValue {
    let metadata = chart.metadata
    let texts = { (list: [String]) in
      GoValue.list(GoList(strings: list.map { Array($0.utf8) }))
    }
    let maintainers = metadata.maintainers.map { one in
      GoValue.object(
        GoStruct(
          typeName: "*chart.Maintainer", kind: "ptr", encodedNames: ["name?", "email?", "url?"],
          [
            ("Name", GoValue(one.name)), ("Email", GoValue(one.email)), ("URL", GoValue(one.url)),
          ]))
    }
    let annotations = GoMap(
      metadata.annotations.map { ($0.key, GoValue($0.value)) }, type: .string)
    let fields: [(name: String, value: GoValue)] = [
      ("Name", GoValue(name)), ("Home", GoValue(metadata.home)),
      ("Sources", texts(metadata.sources)), ("Version", GoValue(metadata.version)),
      ("Description", GoValue(metadata.summary)), ("Keywords", texts(metadata.keywords)),
      ("Maintainers", .list(GoList(maintainers))), ("Icon", GoValue(metadata.icon)),
      ("APIVersion", GoValue(metadata.apiVersion)), ("Condition", GoValue(metadata.condition)),
      ("Tags", GoValue(metadata.tags)), ("AppVersion", GoValue(metadata.appVersion)),
      ("Deprecated", .bool(metadata.isDeprecated)), ("Annotations", .map(annotations)),
      ("KubeVersion", GoValue(metadata.kubeVersion)),
      ("Dependencies", .list(GoList((dependencies ?? []).map(object)))),
      ("Type", GoValue(metadata.type)),
    ]
    let names = [
      "name?", "home?", "sources?", "version?", "description?", "keywords?", "maintainers?",
      "icon?", "apiVersion?", "condition?", "tags?", "appVersion?", "deprecated?", "annotations?",
      "kubeVersion?", "dependencies?", "type?",
    ]
    return .object(
      ChartObject(
        GoStruct(typeName: "chart.Metadata", encodedNames: names, fields), isRoot: isRoot))
  }

  private func object(_ dependency: ChartMetadata.Dependency) -> GoValue {
    .object(
      GoStruct(
        typeName: "*chart.Dependency", kind: "ptr",
        encodedNames: [
          "name", "version?", "repository", "condition?", "tags?", "enabled?", "import-values?",
          "alias?",
        ],
        [
          ("Name", GoValue(dependency.name)), ("Version", GoValue(dependency.version)),
          ("Repository", GoValue(dependency.repository)),
          ("Condition", GoValue(dependency.condition)),
          ("Tags", .list(GoList(strings: dependency.tags.map { Array($0.utf8) }))),
          ("Enabled", .bool(dependency.isEnabled)),
          ("ImportValues", .list(GoList(dependency.imports.map(object)))),
          ("Alias", GoValue(dependency.alias)),
        ]))
  }

  private func object(_ item: ChartMetadata.Import) -> GoValue {
    .map(
      GoMap(
        [("child", GoValue(item.child)), ("parent", GoValue(item.parent))], type: .string))
  }
}

/// Helm's `struct { chart.Metadata; IsRoot bool }`: the metadata's fields are its own.
private final class ChartObject: GoObject {
  private let metadata: GoStruct
  private let isRoot: GoValue

  init(_ metadata: GoStruct, isRoot: Bool) {
    self.metadata = metadata
    self.isRoot = .bool(isRoot)
    super.init(typeName: "struct { chart.Metadata; IsRoot bool }")
  }

  override func field(_ name: [UInt8]) -> GoValue? {
    name.elementsEqual("IsRoot".utf8) ? isRoot : metadata.field(name)
  }

  override var fields: [(name: String, value: GoValue)] {
    [("Metadata", .object(metadata)), ("IsRoot", isRoot)]
  }

  override var encodedFields: [(name: String, value: GoValue)] {
    metadata.encodedFields + [("IsRoot", isRoot)]
  }
}
