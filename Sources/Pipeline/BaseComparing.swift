import Diagnostics
import Documents
import Intents
import Manifests
public import OutputTrees

/// How a change of the platform changes what is rendered.
public struct PlatformDifference: Sendable {
  /// In the order of environments, then intents, then objects; objects that are the same by meaning are left out.
  public var objects: [ObjectDifference]
  /// Units of the base that could not be rendered: their objects count as created.
  public var unknownBefore: Int
}

extension LoadedPlatform {
  /// Compares rendered units (with their bytes) with those of the base. An object that only moved to another intent is
  /// compared with what it was there.
  public func differences(
    of rendering: Rendering, _ selection: UnitSelection, since base: BasePlatform
  ) -> PlatformDifference {
    differences(of: rendering, selection, from: base.loaded)
  }

  func differences(
    of rendering: Rendering, _ selection: UnitSelection, from base: LoadedPlatform
  ) -> PlatformDifference {
    let before = base.render(base.selection(like: selection, of: self), [.bytes])
    let units = Dictionary(
      before.units.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
    var old: [PlacedObject: ObjectBytes] = [:]
    var seen: Set<UnitIdentity> = []
    var changed: [RenderedFiles] = []
    for unit in rendering.units {
      seen.insert(unit.identity)
      if let other = units[unit.identity], other.bytes == unit.bytes { continue }
      changed.append(unit)
    }
    let same = seen.subtracting(changed.map(\.identity))
    for unit in before.units where !same.contains(unit.identity) {
      for file in unit.files where file.sharedBytes == nil {
        old[PlacedObject(unit.identity.environment, file.identity)] = ObjectBytes(
          intent: base.intents[unit.intent].reference, identity: file.identity,
          bytes: Array(unit.bytes[file.range]))
      }
    }
    var objects: [ObjectDifference] = []
    for unit in changed {
      for file in unit.files where file.sharedBytes == nil {
        let bytes = Array(unit.bytes[file.range])
        let was = old.removeValue(forKey: PlacedObject(unit.identity.environment, file.identity))
        if was?.bytes == bytes { continue }
        let difference = difference(
          from: was?.bytes, to: bytes, environment: unit.environment,
          intent: intents[unit.intent].reference, file.identity)
        if difference.kind != .updated || !difference.fields.isEmpty { objects.append(difference) }
      }
    }
    objects += sharedDifferences(from: before, of: base, to: rendering)
    let wanted = Set(selection.environments.map { platform.environments[$0].name })
    for (key, was) in old where wanted.contains(key.environment) {
      objects.append(
        ObjectDifference(
          kind: .deleted, environment: key.environment, intent: was.intent,
          object: was.identity.objectReference, fields: [], old: was.bytes, new: nil))
    }
    let failed = Set(
      before.findings.filter { $0.severity == .error && $0.intent != nil }
        .map { "\($0.environment ?? "") \($0.intent ?? "")" })
    return PlatformDifference(objects: inOrder(objects), unknownBefore: failed.count)
  }

  /// The changes of objects that several intents may ask for: each once, as of the first that does.
  private func sharedDifferences(
    from before: Rendering, of base: LoadedPlatform, to after: Rendering
  ) -> [ObjectDifference] {
    let old = before.sharedObjects
    let new = after.sharedObjects
    let wanted = Set(after.environments.map { platform.environments[$0].name })
    var objects = new.compactMap { key, object -> ObjectDifference? in
      let was = old[key]?.bytes
      if was == object.bytes { return nil }
      let difference = difference(
        from: was, to: object.bytes, environment: object.unit.environment,
        intent: intents[object.unit.intent].reference, object.identity)
      return difference.kind == .updated && difference.fields.isEmpty ? nil : difference
    }
    for (key, was) in old where new[key] == nil && wanted.contains(key.environment) {
      objects.append(
        ObjectDifference(
          kind: .deleted, environment: key.environment,
          intent: base.intents[was.unit.intent].reference,
          object: was.identity.objectReference, fields: [], old: was.bytes, new: nil))
    }
    return objects
  }

  /// The changes of a publication, object by object.
  public func differences(of changes: [ChangeSet.Change]) -> [ObjectDifference] {
    inOrder(
      changes.compactMap { change in
        let new = change.new.map { Array($0) }
        let parsed = (new ?? change.old).flatMap {
          parseYAML($0, file: change.path).documents.first
        }
        guard let parsed, parsed.root.isKind(.map), !isKustomization(change.path),
          let environment = platform.environment(named: change.environment)
        else { return nil }
        let difference = difference(
          from: change.old, to: new, environment: environment.index, intent: change.intent,
          Manifest(parsed).identity)
        return difference.kind == .updated && difference.fields.isEmpty ? nil : difference
      })
  }

  private func difference(
    from old: [UInt8]?, to new: [UInt8]?, environment: Int, intent: String,
    _ identity: ObjectIdentity
  ) -> ObjectDifference {
    var fields: [ObjectDifference.Field] = []
    if let old, let new, let before = parseYAML(old, file: "").documents.first,
      let after = parseYAML(new, file: "").documents.first
    {
      fields = FieldDifference.fields(
        from: before, to: after, checks[environment].admitter)
    }
    return ObjectDifference(
      kind: old == nil ? .created : new == nil ? .deleted : .updated,
      environment: platform.environments[environment].name, intent: intent,
      object: identity.objectReference, fields: fields, old: old, new: new)
  }

  private func inOrder(_ objects: [ObjectDifference]) -> [ObjectDifference] {
    let order = Dictionary(
      platform.environments.map { ($0.name, $0.index) }, uniquingKeysWith: { first, _ in first })
    return objects.sorted {
      (order[$0.environment] ?? 0, $0.intent, $0.object.description, $0.kind.rawValue)
        < (order[$1.environment] ?? 0, $1.intent, $1.object.description, $1.kind.rawValue)
    }
  }
}

extension Rendering {
  /// The objects that several intents may ask for, with the first unit that does.
  fileprivate var sharedObjects:
    [PlacedObject: (unit: RenderedFiles, identity: ObjectIdentity, bytes: [UInt8])]
  {
    var objects: [PlacedObject: (unit: RenderedFiles, identity: ObjectIdentity, bytes: [UInt8])] =
      [:]
    for unit in units {
      for file in unit.files {
        guard let bytes = file.sharedBytes else { continue }
        let key = PlacedObject(unit.identity.environment, file.identity)
        if objects[key] == nil { objects[key] = (unit, file.identity, bytes) }
      }
    }
    return objects
  }
}

private struct ObjectBytes {
  let intent: String
  let identity: ObjectIdentity
  let bytes: [UInt8]
}

extension ObjectIdentity {
  fileprivate var objectReference: ObjectReference {
    ObjectReference(
      apiVersion: group.isEmpty ? version : "\(group)/\(version)", kind: kind,
      namespace: namespace, name: name)
  }
}
