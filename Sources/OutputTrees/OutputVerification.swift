public import Diagnostics
import Repositories

extension OutputTree {
  /// How what is published differs from this tree, which was rendered from the commit that `published` names as its source.
  ///
  /// Rules `output/…`, all errors: a file of ours that was edited by hand, is missing, is not rendered (any more), or differs
  /// although nobody edited it; a file of somebody else inside a unit, or among the objects that make an engine sync; an
  /// inventory that does not say what is there. `revision` names the commit. Throws when `published` cannot be read.
  public func verify(
    against published: some PublishedTree, revision: String
  ) throws(OutputError) -> [Finding] {
    var verifier = Verifier(tree: self, published: published, revision: revision)
    return try verifier.findings()
  }
}

private struct Verifier<Published: PublishedTree> {
  let tree: OutputTree
  let published: Published
  let revision: String
  private var found: [(path: String, finding: Finding)] = []
  private var inventories: [String: PublishedFile] = [:]
  /// The files that stand outside their units.
  private var outside: Set<String> = []

  init(tree: OutputTree, published: Published, revision: String) {
    self.tree = tree
    self.published = published
    self.revision = revision
  }

  mutating func findings() throws(OutputError) -> [Finding] {
    let folder = inventoryFolder(of: tree.platform)
    for file in try published.files(under: folder) {
      inventories[String(file.path.dropFirst(folder.count + 1))] = file
    }
    for unit in tree.units where unit.fileCount > 0 { try verify(unit) }
    for (path, file) in inventories {
      guard let inventory = try read(file) else {
        note(file.path, .badInventory(file.path, path), "", "")
        continue
      }
      if case .environments(let names) = tree.scope, !names.contains(inventory.environment) {
        continue
      }
      for owned in inventory.files {
        let place = outputPath(of: owned.path, unit: path)
        guard try published.file(at: place) != nil else { continue }
        note(place, .notRendered(place), inventory.environment, inventory.intent)
      }
      if inventory.files.isEmpty { note(file.path, .badInventory(file.path, path), "", "") }
    }
    try verifyDelivery()
    return found.sorted {
      ($0.path, $0.finding.rule) < ($1.path, $1.finding.rule)
    }.map(\.finding)
  }

  private mutating func verify(_ unit: OutputUnit) throws(OutputError) {
    let file = inventories.removeValue(forKey: unit.path)
    let inventory = try file.flatMap { (file) throws(OutputError) in try read(file) }
    var owned: [String: ObjectID] = [:]
    for entry in inventory?.files ?? [] {
      owned[outputPath(of: entry.path, unit: unit.path)] = entry.id
    }
    var present: [String: PublishedFile] = [:]
    for file in try published.files(under: unit.path) { present[file.path] = file }
    for path in owned.keys where present[path] == nil {
      present[path] = try published.file(at: path)
    }
    let count = found.count
    for wanted in unit.files {
      let path = unit.outputPath(of: wanted)
      if present[path] == nil { present[path] = try published.file(at: path) }
      if wanted.isOutsideUnit { outside.insert(path) }
      guard let there = present.removeValue(forKey: path) else {
        note(path, .missingFile(path), unit.environment, unit.intent)
        continue
      }
      if there.id == wanted.id, there.isPlain { continue }
      let isAsPublished = owned[path] == there.id && there.isPlain && owned[path] != wanted.id
      note(
        path, isAsPublished ? .differsFromSource(path) : .changedByHand(path), unit.environment,
        unit.intent)
    }
    for path in present.keys {
      note(
        path, owned[path] == nil ? .addedByHand(path) : .notRendered(path), unit.environment,
        unit.intent)
    }
    if found.count == count, file?.id != unit.inventory.id {
      let path = inventoryFolder(of: tree.platform) + "/" + unit.path
      note(path, .badInventory(path, unit.path), unit.environment, unit.intent)
    }
  }

  /// What stands among the objects that make an engine sync, and is no platform's, would be synced too.
  private mutating func verifyDelivery() throws(OutputError) {
    let files = try published.files(under: deliveryFolder)
    if files.isEmpty { return }
    var owned = outside
    for file in try published.files(under: inventoryFolder) {
      let steps = file.path.split(separator: "/", maxSplits: 2)
      guard steps.count == 3, let inventory = try read(file) else { continue }
      for entry in inventory.files {
        owned.insert(outputPath(of: entry.path, unit: String(steps[2])))
      }
    }
    let known = Set(found.map(\.path))
    for file in files where !owned.contains(file.path) && !known.contains(file.path) {
      note(file.path, .addedByHand(file.path), "", "")
    }
  }

  private func read(_ file: PublishedFile) throws(OutputError) -> Inventory? {
    guard file.isPlain else { return nil }
    return Inventory(decoding: try published.bytes(of: file))
  }

  private mutating func note(
    _ path: String, _ finding: Finding, _ environment: String, _ intent: String
  ) {
    var finding = finding
    finding.environment = environment.isEmpty ? nil : environment
    finding.intent = intent.isEmpty ? nil : intent
    if !finding.rule.hasSuffix("missing-file") {
      finding.place = Place(file: path, revision: revision)
    }
    found.append((path, finding))
  }
}

extension Finding {
  fileprivate static func missingFile(_ path: String) -> Finding {
    Finding(
      rule: "output/missing-file", "the file '\(path)' was rendered and is not there",
      help: "publish again to bring it back")
  }

  fileprivate static func changedByHand(_ path: String) -> Finding {
    Finding(
      rule: "output/edited-by-hand", "the file '\(path)' is not what was published",
      help:
        "publish again to bring it back in line, and change the intent or the golden path instead")
  }

  fileprivate static func addedByHand(_ path: String) -> Finding {
    Finding(
      rule: "output/foreign-file", "the file '\(path)' was not written by pave, and is synced",
      help: "delete it, or move it out of the folders that pave writes")
  }

  fileprivate static func notRendered(_ path: String) -> Finding {
    Finding(
      rule: "output/not-rendered",
      "the file '\(path)' is listed as ours, and the source commit renders no such object",
      help: "publish again: it is deleted then")
  }

  fileprivate static func differsFromSource(_ path: String) -> Finding {
    Finding(
      rule: "output/differs-from-source",
      "the file '\(path)' stands as it was published, and its source commit renders something else",
      help:
        "another version of pave rendered it, or file and inventory were both changed by hand: compare "
        + "with 'pave diff'")
  }
}
