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
}

extension RecordWriter {
  /// The id of what was written; nil for what no id is given to.
  var digest: ObjectID? { try? ObjectID(hashing: .blob, bytes[...]) }

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
  /// For each environment a digest of all that its units share; nil where something is not known.
  let digests: [ObjectID?]
  private let contents: [ObjectID?]

  init(_ loaded: LoadedPlatform) {
    contents = loaded.inputs.intents
    digests = loaded.platform.environments.map { environment in
      var writer = RecordWriter()
      writer.add("pave unit 1")
      writer.add(loaded.inputs.program)
      writer.add(environment.name)
      return writer.add(loaded.inputs.rendering) ? writer.digest : nil
    }
  }

  /// The key of a unit: a hash of the program, the environment, the files that units are rendered from, and
  /// the intent's own file and place. Equal keys, equal manifests. Nil when something is not known.
  func key(of job: UnitJob, in loaded: LoadedPlatform) -> ObjectID? {
    guard job.intent < contents.count, let digest = digests[job.environment],
      let content = contents[job.intent]
    else { return nil }
    let intent = loaded.intents[job.intent]
    var writer = RecordWriter()
    writer.add(digest)
    writer.add(content)
    writer.add(intent.documentIndex)
    writer.add(intent.file)
    return writer.digest
  }
}

/// What the objects of a unit are held against, as far as their outcome depends on it.
enum StandingSide: Int, Sendable {
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
  /// For each environment, a digest of all that its verdicts come from beside the unit; nil where something
  /// is not known, or nothing is checked.
  let verdicts: [ObjectID?]

  /// The key of what is found about a unit: a hash of its `renderKey`, its old side, and all that policies
  /// and the API server's rules see beside it.
  func verdict(of renderKey: ObjectID, _ job: UnitJob, _ side: StandingSide) -> ObjectID? {
    guard let digest = verdicts[job.environment] else { return nil }
    var writer = RecordWriter()
    writer.add(renderKey)
    writer.add(digest)
    writer.add(side.rawValue)
    return writer.digest
  }
}
