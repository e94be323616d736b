import Documents
public import GoldenPaths
import Schemas

/// The JSON Schema (draft 7) of intents, for editors: completion, hover texts, errors while typing.
///
/// It says no more than what is wrong for sure: an environment's patch need not be whole, nor need the base of an intent
/// that has environments.
public struct IntentSchema {
  private let path: GoldenPath
  private let environments: [String]

  /// The schema of a golden path's intents on a platform with the named environments.
  public init(_ path: GoldenPath, environments: [String]) {
    self.path = path
    self.environments = environments
  }

  /// The name of its file: kind, group and version, such as `webservice.acme.dev.v1alpha1.json`.
  public var fileName: String {
    let group = path.group.isEmpty ? "" : ".\(path.group)"
    return "\(path.kind.lowercased())\(group).\(path.version).json"
  }

  /// The document as UTF-8 JSON with a final newline.
  public var bytes: [UInt8] { document { root($0) } }

  /// One schema for the intents of all golden paths, each refined by its `apiVersion` and `kind` through the schemas that
  /// stand beside it; named `intents.json`.
  public static func combined(_ schemas: [IntentSchema]) -> [UInt8] {
    document { arena in
      let kinds = Set(schemas.map(\.path.kind)).sorted()
      let versions = Set(schemas.map(\.path.apiVersion)).sorted()
      return arena.map([
        ("$schema", arena.string(dialect)),
        ("title", arena.string("Pave intent")),
        ("type", arena.string("object")),
        ("required", arena.strings(["apiVersion", "kind", "metadata"])),
        (
          "properties",
          arena.map([
            ("apiVersion", arena.map([("enum", arena.strings(versions))])),
            ("kind", arena.map([("enum", arena.strings(kinds))])),
          ])
        ),
        (
          "allOf",
          arena.list(
            schemas.map { schema in
              let condition = arena.map([
                (
                  "properties",
                  arena.map([
                    ("apiVersion", arena.map([("const", arena.string(schema.path.apiVersion))])),
                    ("kind", arena.map([("const", arena.string(schema.path.kind))])),
                  ])
                )
              ])
              let target = arena.map([("$ref", arena.string("./\(schema.fileName)"))])
              return arena.map([("if", condition), ("then", target)])
            })
        ),
      ])
    }
  }

  private static let dialect = "http://json-schema.org/draft-07/schema#"

  private func document(_ build: (Arena) -> Value) -> [UInt8] { Self.document(build) }

  private static func document(_ build: (Arena) -> Value) -> [UInt8] {
    let arena = Arena(firstChunkByteCount: 1 << 16)
    let writer = JSONWriter()
    writer.write(build(arena), indented: true)
    writer.writeLineFeed()
    return writer.bytes
  }

  // MARK: the intent

  private func root(_ arena: Arena) -> Value {
    let text = arena.map([("type", arena.string("string"))])
    let texts = arena.map([("type", arena.string("object")), ("additionalProperties", text)])
    var metadata: [(String, Value)] = [("name", text)]
    if !path.isClusterScoped { metadata.append(("namespace", text)) }
    metadata += [("labels", texts), ("annotations", texts)]
    var properties: [(String, Value)] = [
      ("apiVersion", arena.map([("const", arena.string(path.apiVersion))])),
      ("kind", arena.map([("const", arena.string(path.kind))])),
      (
        "metadata",
        arena.map([
          ("type", arena.string("object")), ("properties", arena.map(metadata)),
          ("required", arena.strings(["name"])), ("additionalProperties", .false),
        ])
      ),
      ("spec", reference("partialSpec", arena)),
      ("environments", environmentsSchema(texts, arena)),
    ]
    if let patches = patchesSchema(arena) { properties.append(("patches", patches)) }
    let description = path.schema.root.description
    var entries: [(String, Value)] = [
      ("$schema", arena.string(Self.dialect)),
      ("title", arena.string("\(path.kind) \(path.apiVersion)")),
      ("type", arena.string("object")),
      ("properties", arena.map(properties)),
      ("required", arena.strings(["apiVersion", "kind", "metadata"])),
      ("additionalProperties", .false),
      ("if", arena.map([("required", arena.strings(["environments"]))])),
      ("then", Value.emptyMap),
      (
        "else",
        arena.map([("properties", arena.map([("spec", reference("spec", arena))]))])
      ),
      (
        "definitions",
        arena.map([
          ("spec", schema(of: path.schema.root, isPartial: false, arena, depth: 0)),
          ("partialSpec", schema(of: path.schema.root, isPartial: true, arena, depth: 0)),
        ])
      ),
    ]
    if !description.isEmpty { entries.insert(("description", arena.string(description)), at: 2) }
    return arena.map(entries)
  }

  private func reference(_ name: String, _ arena: Arena) -> Value {
    arena.map([("$ref", arena.string("#/definitions/\(name)"))])
  }

  private func environmentsSchema(_ texts: Value, _ arena: Arena) -> Value {
    let metadata = arena.map([
      ("type", arena.string("object")),
      ("properties", arena.map([("labels", texts), ("annotations", texts)])),
      ("additionalProperties", .false),
    ])
    var properties = [("spec", reference("partialSpec", arena)), ("metadata", metadata)]
    if let patches = patchesSchema(arena) { properties.append(("patches", patches)) }
    let one = arena.map([
      ("type", arena.strings(["object", "null"])), ("properties", arena.map(properties)),
      ("additionalProperties", .false),
    ])
    return arena.map([
      ("type", arena.string("object")),
      ("properties", arena.map(environments.map { ($0, one) })),
      ("additionalProperties", .false),
    ])
  }

  private func patchesSchema(_ arena: Arena) -> Value? {
    guard !path.patchable.isEmpty else { return nil }
    let ids = path.patchable.keys.sorted()
    let object = arena.map([("type", arena.string("object"))])
    return arena.map([
      ("type", arena.string("object")),
      ("properties", arena.map(ids.map { ($0, object) })),
      ("additionalProperties", .false),
    ])
  }

  // MARK: fields

  /// A field's schema. A partial one is for a merge patch: nothing is required, and null takes a field away.
  private func schema(
    of node: SchemaNode, isPartial: Bool, _ arena: Arena, depth: Int
  ) -> Value {
    guard depth < 64 else { return Value.emptyMap }
    var entries = typeEntries(node, isPartial: isPartial && depth > 0, arena)
    if !node.title.isEmpty { entries.append(("title", arena.string(node.title))) }
    if !node.description.isEmpty { entries.append(("description", arena.string(node.description))) }
    if node.isDeprecated {
      entries.append(("deprecated", .true))
      entries.append(("deprecationMessage", arena.string("deprecated. \(node.description)")))
    }
    if !node.defaultValue.isAbsent { entries.append(("default", node.defaultValue)) }
    if !node.examples.isEmpty { entries.append(("examples", arena.list(node.examples))) }
    if !node.allowedValues.isEmpty {
      entries.append(
        ("enum", arena.list(node.allowedValues + (isPartial && depth > 0 ? [.null] : []))))
    }
    entries += limitEntries(node, arena)
    let names = node.propertyNames
    if !names.isEmpty {
      entries.append(
        (
          "properties",
          arena.map(
            names.compactMap { name in
              node.property(name).map {
                (name, schema(of: $0, isPartial: isPartial, arena, depth: depth + 1))
              }
            })
        ))
    }
    if !isPartial, !node.required.isEmpty {
      entries.append(("required", arena.strings(node.required)))
    }
    if let values = node.values {
      entries.append(
        (
          "additionalProperties",
          schema(of: values, isPartial: isPartial, arena, depth: depth + 1)
        ))
    } else if !names.isEmpty, !node.isOpen {
      entries.append(("additionalProperties", .false))
    }
    if let items = node.items {
      // A patch replaces a list as a whole, so its items are whole.
      entries.append(("items", schema(of: items, isPartial: false, arena, depth: depth + 1)))
    }
    return arena.map(entries)
  }

  private func typeEntries(
    _ node: SchemaNode, isPartial: Bool, _ arena: Arena
  ) -> [(String, Value)] {
    let words: [(ValueTypes, String)] = [
      (.object, "object"), (.array, "array"), (.string, "string"), (.integer, "integer"),
      (.number, "number"), (.boolean, "boolean"), (.null, "null"),
    ]
    var names = words.filter { node.types.contains($0.0) }.map(\.1)
    if node.isIntOrString { names = ["integer", "string"] }
    if names.isEmpty { return [] }
    if isPartial || node.isNullable, !names.contains("null") { names.append("null") }
    return [("type", names.count == 1 ? arena.string(names[0]) : arena.strings(names))]
  }

  private func limitEntries(_ node: SchemaNode, _ arena: Arena) -> [(String, Value)] {
    var entries: [(String, Value)] = []
    func number(_ value: Double) -> Value {
      Int64(exactly: value).map { .int($0) } ?? .double(value)
    }
    if let minimum = node.bounds.minimum { entries.append(("minimum", number(minimum))) }
    if let maximum = node.bounds.maximum { entries.append(("maximum", number(maximum))) }
    let isText = node.types.contains(.string)
    let isList = node.types.contains(.array)
    let noun = isText ? "Length" : isList ? "Items" : "Properties"
    if let minimum = node.sizes.minimum { entries.append(("min\(noun)", .int(Int64(minimum)))) }
    if let maximum = node.sizes.maximum { entries.append(("max\(noun)", .int(Int64(maximum)))) }
    if let pattern = node.pattern { entries.append(("pattern", arena.string(pattern))) }
    if let format = node.format { entries.append(("format", arena.string(format))) }
    if node.hasUniqueItems { entries.append(("uniqueItems", .true)) }
    return entries
  }
}

extension Arena {
  /// A map of keys to values, in this order.
  fileprivate func map(_ entries: [(String, Value)]) -> Value {
    map(entries.map { MapEntry(key: string($0.0), value: $0.1) })
  }

  fileprivate func strings(_ texts: [String]) -> Value { list(texts.map { string($0) }) }
}
