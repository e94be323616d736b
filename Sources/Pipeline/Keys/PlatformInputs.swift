import GoldenPaths
import Intents
import Repositories

/// All that a platform was read from, by content.
struct PlatformInputs: Sendable {
  /// The program that reads it.
  var program = ""
  /// Files that any unit may be rendered from, by path, intents aside. What was read and is nowhere else is
  /// here.
  var rendering: [String: HashedFileTree.Content] = [:]
  /// For each environment, by its index, the files that verdicts come from beside: policies, what is in the
  /// cluster, schemas. Waivers are none of them: they are looked at every time.
  var verdicts: [[String: HashedFileTree.Content]] = []
  /// The file of each intent, by the intent's index.
  var intents: [ObjectID?] = []
  /// Files of intents that were read as something else too, after the intents.
  var mixedIntents: Set<String> = []
}

extension RecordWriter {
  /// The id of what was written; nil for what no id is given to.
  var digest: ObjectID? { ObjectID(checking: .blob, bytes[...]) }

  /// Files by path; false when the content of one is not known.
  mutating func add(_ files: [String: HashedFileTree.Content]) -> Bool {
    let sorted = files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    add(sorted.count)
    for (path, content) in sorted {
      add(path)
      switch content {
      case .absent: add(false)
      case .blob(let id):
        add(true)
        add(id)
      case .unknown: return false
      }
    }
    return true
  }
}

/// What tells the rendering of a unit from any other: `renderKey`s.
struct RenderKeys: Sendable {
  /// For each environment a digest of all that any of its units may depend on; nil where something is not
  /// known.
  let digests: [ObjectID?]
  /// For each intent a digest of its file and place in it, and of what its golden path is made of.
  private let intents: [ObjectID?]
  /// How each intent is named in findings.
  let references: [String]

  init(_ loaded: LoadedPlatform) {
    let inputs = loaded.inputs
    let library = loaded.library
    let closures = library.paths.map { library.closure(of: $0) }
    var rest = inputs.rendering
    let paths: [ObjectID?] = closures.map { closure in
      var own: [String: HashedFileTree.Content] = [:]
      for file in closure.files { own[file] = inputs.rendering[file] }
      if !closure.chartFolders.isEmpty {
        for (path, content) in inputs.rendering where closure.holds(path) { own[path] = content }
      }
      for path in own.keys where path != platformFile { rest.removeValue(forKey: path) }
      var writer = RecordWriter()
      return writer.add(own) ? writer.digest : nil
    }
    // Of what no golden path is made of, each may be made of anything.
    digests = loaded.platform.environments.map { environment in
      var writer = RecordWriter()
      writer.add("pave unit 1")
      writer.add(inputs.program)
      writer.add(environment.name)
      writer.add(list: library.paths) { writer, path in
        writer.add(path.apiVersion)
        writer.add(path.kind)
        writer.add(path.isClusterScoped)
        writer.add(path.file)
      }
      // A platform's own golden path for what tells the engine is no unit's, and goes into all of them.
      for (index, path) in library.paths.enumerated()
      where path.apiVersion == DeliveryPaths.apiVersion {
        guard let own = paths[index] else { return nil }
        writer.add(own)
      }
      return writer.add(rest) ? writer.digest : nil
    }
    let parts = eachResult(below: loaded.intents.count, blockCount: 128) {
      index -> (digest: ObjectID?, reference: String) in
      let intent = loaded.intents[index]
      var digest: ObjectID?
      // The names of the units that one waits for come from other intents.
      if intent.dependsOn.isEmpty, index < inputs.intents.count,
        let content = inputs.intents[index],
        let path = loaded.pathOfIntent[index].flatMap({ paths[$0] })
      {
        var writer = RecordWriter()
        writer.add(path)
        writer.add(content)
        writer.add(intent.documentIndex)
        writer.add(intent.file)
        digest = writer.digest
      }
      return (digest, intent.reference)
    }
    intents = parts.map(\.digest)
    references = parts.map(\.reference)
  }

  /// The key of a unit: a hash of the program, the environment, what its golden path is made of, what all
  /// units have in common, and the intent's own file and place. Equal keys, equal manifests. Nil when
  /// something is not known.
  func key(of job: UnitJob) -> ObjectID? {
    guard let digest = digests[job.environment], let intent = intents[job.intent] else {
      return nil
    }
    return mixed(digest, intent)
  }
}

extension GoldenPathClosure {
  /// Whether a file is one of those in the folders of charts.
  fileprivate func holds(_ path: String) -> Bool {
    chartFolders.contains { $0.isEmpty || path.hasPrefix($0 + "/") }
  }
}

/// What the objects of a unit are held against, as far as their outcome depends on it.
enum StandingSide: Int, Sendable, CaseIterable {
  /// Nothing: all are created.
  case nothing
  /// What they are: nothing changes.
  case itself
  /// What is published, which is what they are.
  case published
}

/// What a run may take over from earlier ones, and what it leaves for later ones.
struct UnitKeys: Sendable {
  let known: KnownOutcomes
  let render: RenderKeys
  /// For each environment, by old side, a digest of all that its verdicts come from beside the unit; nil
  /// where something is not known, or nothing is checked.
  private let verdicts: [[ObjectID]?]

  init(_ known: KnownOutcomes, _ render: RenderKeys, verdicts: [ObjectID?]) {
    self.known = known
    self.render = render
    self.verdicts = verdicts.map { digest in
      guard let digest else { return nil }
      return StandingSide.allCases.map { side in
        var writer = RecordWriter()
        writer.add(digest)
        writer.add(side.rawValue)
        return ObjectID(of: .blob, writer.bytes[...])
      }
    }
  }

  /// The key of what is found about a unit: a hash of its `renderKey`, its old side, and all that policies
  /// and the API server's rules see beside it.
  func verdict(of renderKey: ObjectID, _ job: UnitJob, _ side: StandingSide) -> ObjectID? {
    verdicts[job.environment].map { mixed(renderKey, $0[side.rawValue]) }
  }
}

/// A digest of two: hashed fast, since nobody can choose what they are.
private func mixed(_ first: ObjectID, _ second: ObjectID) -> ObjectID {
  var writer = RecordWriter()
  writer.bytes.reserveCapacity(2 * ObjectID.byteCount)
  writer.add(first)
  writer.add(second)
  return ObjectID(of: .blob, writer.bytes[...])
}
