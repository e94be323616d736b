public import Diagnostics
public import Repositories

/// What has to be written to make an output hold a tree, and what that changes.
public struct OutputPlan: Sendable {
  /// The objects that are created, updated and deleted.
  public internal(set) var changes = ChangeSet()
  /// Foreign files, hand-edited files and guards. With one of severity error the plan must not be
  /// carried out.
  public internal(set) var findings: [Finding] = []
  /// Files to write and to delete, inventories included, sorted by path.
  public internal(set) var edits: [TreeEdit] = []
  /// Units, by path, that were taken to stand there already and do not: they have to be rendered first.
  public internal(set) var missingUnits: [String] = []

  /// A plan that does nothing; with `missingUnits` it must not be carried out.
  public init(missingUnits: [String] = []) { self.missingUnits = missingUnits }

  /// Whether a publication has a reason: an owned object's file changes.
  ///
  /// Inventories by themselves are none; they go along with the next change.
  public var changesObjects: Bool { !changes.isEmpty }

  /// Whether a finding forbids to carry the plan out.
  public var isRefused: Bool {
    !missingUnits.isEmpty || findings.contains { $0.severity == .error }
  }
}

/// What a user allows although it looks like a mistake.
public struct OutputGuards: Sendable {
  /// An environment that had objects may be left without any.
  public var allowsEmpty = false
  /// Over 30 % and at least 10 of an environment's objects may be deleted.
  public var allowsDeletions = false
  /// Objects that are marked as not to be deleted may be deleted.
  public var allowsProtected = false

  /// Nothing that looks like a mistake is allowed.
  public init() {}
}

extension OutputTree {
  /// What makes `published` hold this tree: the difference, exactly.
  ///
  /// Only files that an inventory lists are overwritten or deleted. A foreign file inside a unit is
  /// kept and a finding (`output/foreign-file`, a warning; an error where it stands in the way of a
  /// new file); what was edited by hand is written again (`output/edited-by-hand`, a warning); an
  /// inventory that cannot be read is an error (`output/bad-inventory`). Guards give
  /// `output/empty-rendering`, `output/mass-deletion` and `output/protected-deletion`. Units with the tree and the inventory they
  /// should have are not looked into. Throws when `published` cannot be read.
  public func plan(
    against published: some PublishedTree, guards: OutputGuards = OutputGuards()
  ) throws(OutputError) -> OutputPlan {
    var planner = Planner(tree: self, published: published)
    for unit in scope == .units ? try planner.withSharedOfOthers(units) : units {
      // A unit that owns nothing leaves nothing in the output, not even an inventory.
      if unit.fileCount == 0 { try planner.remove(unit.path) } else { try planner.update(unit) }
    }
    if scope != .units { try planner.removeOthers() }
    var plan = planner.plan
    plan.findings += planner.foreignFindings + guardFindings(planner.counts, guards)
    plan.changes.changes.sort { isPathBefore($0.path, $1.path) }
    if !guards.allowsProtected { plan.findings += protectedDeletions(plan.changes.changes) }
    plan.edits.sort { isPathBefore($0.path, $1.path) }
    return plan
  }
}

private struct Planner<Published: PublishedTree> {
  let tree: OutputTree
  let published: Published
  var plan = OutputPlan()
  var counts: [String: ObjectCounts] = [:]
  private var foreign: [(path: String, environment: String, intent: String)] = []
  /// The inventories that are published, by unit path, less those that `update` has seen.
  private var inventories: [String: PublishedFile]?

  init(tree: OutputTree, published: Published) {
    self.tree = tree
    self.published = published
  }

  private var folder: String { inventoryFolder(of: tree.platform) }

  mutating func update(_ unit: OutputUnit) throws(OutputError) {
    let old = try takeInventory(of: unit.path)
    if let old, old.id == unit.inventory.id, try isInPlace(unit) {
      counts[unit.environment, default: ObjectCounts()].kept += unit.fileCount
      return
    }
    if unit.isKept { return plan.missingUnits.append(unit.path) }
    let inventory = try old.flatMap { (file) throws(OutputError) in try read(file, of: unit.path) }
    let owned = Dictionary(
      (inventory?.files ?? []).map { (outputPath(of: $0.path, unit: unit.path), $0.id) }
    ) { first, _ in first }
    var present: [String: PublishedFile] = [:]
    for file in try published.files(under: unit.path) { present[file.path] = file }
    for path in owned.keys where present[path] == nil {
      present[path] = try published.file(at: path)
    }
    for file in unit.files {
      let path = unit.outputPath(of: file)
      if file.isOutsideUnit, present[path] == nil { present[path] = try published.file(at: path) }
      try write(
        file, to: path, unit, owned: owned[path], present: present.removeValue(forKey: path))
    }
    try removeRest(
      present, owned: owned, environment: unit.environment, unit: unit.path, intent: unit.intent)
    if old?.id != unit.inventory.id {
      plan.edits.append(
        TreeEdit(
          path: folder + "/" + unit.path,
          .write(id: unit.inventory.id, bytes: unit.inventory.bytes)))
    }
  }

  /// Deletes what published units that this tree no longer has own.
  mutating func removeOthers() throws(OutputError) {
    for path in try remainingInventories().keys.sorted(by: isPathBefore) { try remove(path) }
  }

  /// Deletes what a published unit owns; nothing where it is not published or out of scope.
  mutating func remove(_ unit: String) throws(OutputError) {
    guard let file = try takeInventory(of: unit), let inventory = try read(file, of: unit) else {
      return
    }
    if case .environments(let names) = tree.scope, !names.contains(inventory.environment) { return }
    var owned: [String: ObjectID] = [:]
    var present: [String: PublishedFile] = [:]
    for file in try published.files(under: unit) { present[file.path] = file }
    for file in inventory.files {
      let place = outputPath(of: file.path, unit: unit)
      owned[place] = file.id
      if present[place] == nil { present[place] = try published.file(at: place) }
    }
    try removeRest(
      present, owned: owned, environment: inventory.environment, unit: unit,
      intent: inventory.intent)
    plan.edits.append(.delete(folder + "/" + unit))
  }

  /// The units, with folders of shared objects that also hold what units outside the tree ask for.
  mutating func withSharedOfOthers(_ units: [OutputUnit]) throws(OutputError) -> [OutputUnit] {
    var result = units.filter { !$0.isShared }
    for environment in Set(units.map(\.environment)).sorted() {
      let path = sharedFolder(environment: environment)
      let rendered = Set(units.filter { $0.environment == environment }.map(\.intent))
      var files: [String: OutputUnit.File] = [:]
      var askers: [String: [String]] = [:]
      if let unit = units.first(where: { $0.path == path }) {
        for file in unit.files { files[file.path] = file }
        askers = unit.askers
      }
      if let file = try published.file(at: folder + "/" + path),
        let old = try read(file, of: path)
      {
        for (name, intents) in old.askers {
          let others = intents.filter { !rendered.contains($0) }
          guard !others.isEmpty else { continue }
          askers[name, default: []] += others
          if files[name] == nil, let there = try published.file(at: path + "/" + name) {
            let bytes = try published.bytes(of: there)[...]
            files[name] = OutputUnit.File(path: name, bytes: bytes, id: there.id)
          }
        }
      }
      let merged = files.values.sorted { isPathBefore($0.path, $1.path) }
      result.append(
        try gitOutput { () throws(RepositoryError) in
          try OutputUnit(environment: environment, path: path, files: merged, askers: askers)
        })
    }
    return result
  }

  /// The files inside units that nobody here owns: not those of a unit that moved away.
  var foreignFindings: [Finding] {
    if foreign.isEmpty { return [] }
    let edited = Set(plan.edits.map(\.path))
    return foreign.filter { !edited.contains($0.path) }
      .map { .foreignFile($0.path, $0.environment, $0.intent) }
  }

  /// Whether exactly the unit's files are published, by their ids alone.
  private func isInPlace(_ unit: OutputUnit) throws(OutputError) -> Bool {
    let hasFolder =
      unit.isKept
      ? unit.fileCount > unit.files.count : unit.files.contains { !$0.isOutsideUnit }
    let treeID = try published.treeID(at: unit.path)
    guard treeID == unit.treeID || !hasFolder && treeID == nil else { return false }
    for file in unit.files where file.isOutsideUnit {
      guard let there = try published.file(at: unit.outputPath(of: file)),
        there.id == file.id, there.isPlain
      else { return false }
    }
    return true
  }

  private mutating func write(
    _ file: OutputUnit.File, to path: String, _ unit: OutputUnit, owned: ObjectID?,
    present: PublishedFile?
  ) throws(OutputError) {
    if let present, present.id == file.id, present.isPlain {
      counts[unit.environment, default: ObjectCounts()].kept += 1
      return
    }
    if present != nil, owned == nil {
      return plan.findings.append(.foreignFileInTheWay(path, unit))
    }
    if let owned, present?.id != owned || present?.isPlain == false {
      plan.findings.append(
        .editedByHand(path, isGone: present == nil, unit.environment, unit.intent))
    }
    var old: [UInt8]?
    if let present { old = try published.bytes(of: present) }
    plan.edits.append(TreeEdit(path: path, .write(id: file.id, bytes: file.bytes)))
    plan.changes.changes.append(
      ChangeSet.Change(
        path: path, environment: unit.environment, unit: unit.path, intent: unit.intent, old: old,
        new: file.bytes, manifestIndex: file.manifestIndex))
    if present == nil {
      counts[unit.environment, default: ObjectCounts()].created.append(file.id)
    } else {
      counts[unit.environment, default: ObjectCounts()].kept += 1
    }
  }

  /// Deletes the owned ones of the files that are present and not wanted; reports the others.
  private mutating func removeRest(
    _ present: [String: PublishedFile], owned: [String: ObjectID], environment: String,
    unit: String, intent: String
  ) throws(OutputError) {
    for file in present.values.sorted(by: { isPathBefore($0.path, $1.path) }) {
      guard let id = owned[file.path] else {
        foreign.append((file.path, environment, intent))
        continue
      }
      if id != file.id {
        plan.findings.append(.editedByHand(file.path, isGone: false, environment, intent))
      }
      plan.edits.append(.delete(file.path))
      plan.changes.changes.append(
        ChangeSet.Change(
          path: file.path, environment: environment, unit: unit, intent: intent,
          old: try published.bytes(of: file), new: nil, manifestIndex: nil))
      counts[environment, default: ObjectCounts()].deleted.append(file.id)
    }
  }

  private mutating func takeInventory(of unit: String) throws(OutputError) -> PublishedFile? {
    // A tree that speaks for its own units alone asks for each once: all others need not be listed.
    if tree.scope == .units { return try published.file(at: folder + "/" + unit) }
    var all = try remainingInventories()
    inventories = nil
    let file = all.removeValue(forKey: unit)
    inventories = all
    return file
  }

  private mutating func remainingInventories() throws(OutputError) -> [String: PublishedFile] {
    if let inventories { return inventories }
    let prefix = folder.utf8.count + 1
    var all: [String: PublishedFile] = [:]
    for file in try published.files(under: folder) {
      all[String(Substring(file.path.utf8.dropFirst(prefix)))] = file
    }
    inventories = all
    return all
  }

  private mutating func read(
    _ file: PublishedFile, of unit: String
  ) throws(OutputError) -> Inventory? {
    if file.isPlain, let inventory = Inventory(decoding: try published.bytes(of: file)) {
      return inventory
    }
    plan.findings.append(.badInventory(file.path, unit))
    return nil
  }
}
