import Documents
import GoldenPaths
import Manifests
import Policies

/// A change of an object that is kept until all of its environment are known, with both sides as an API
/// server would hold them.
struct KeptObject: Sendable {
  /// What the change is part of.
  enum Subject: Sendable {
    /// A unit that renders the object.
    case unit(UnitJob)
    /// No unit has the object any more.
    indirect case gone(GoneObject)
  }

  let subject: Subject
  /// The object as it shall be, as it was, and as it was written; absent for none. In the memory of the worker's
  /// `KeptObjects`.
  let object: Value
  let oldObject: Value
  let written: Value
  /// Whether the server would refuse it before any policy is asked.
  let isRefused: Bool

  /// The index of its environment.
  var environment: Int {
    switch subject {
    case .unit(let job): job.environment
    case .gone(let object): object.environment
    }
  }

  /// The index of its intent; none for what is gone, which comes last.
  fileprivate var intent: Int {
    switch subject {
    case .unit(let job): job.intent
    case .gone: .max
    }
  }

  /// Whether the change leaves the object as it was.
  var isUnchanged: Bool {
    !object.isAbsent && !oldObject.isAbsent && object.isIdentical(to: oldObject)
  }

  /// The object as it stood before; nil when there was none.
  var before: KeptObject? {
    guard !oldObject.isAbsent else { return nil }
    return KeptObject(
      subject: subject, object: oldObject, oldObject: oldObject,
      written: isUnchanged ? written : .absent, isRefused: false)
  }

  /// The change, where `document` holds the memory of its objects.
  func change(in document: Document) -> ObjectAdmitter.AdmittedChange {
    func manifest(_ value: Value) -> Manifest? {
      value.isAbsent ? nil : Manifest(document: document, value: value)
    }
    return .init(
      change: ObjectChange(
        object: manifest(object), oldObject: manifest(oldObject), written: manifest(written)),
      isRefused: isRefused)
  }
}

/// The changes that a worker keeps for RepositoryPolicies, in one memory: what objects have in common stands there once.
final class KeptObjects {
  private(set) var objects: [KeptObject] = []
  private lazy var pool = ValuePool()

  /// Keeps a copy of a change; `written` too where that is wanted.
  func keep(
    _ admitted: ObjectAdmitter.AdmittedChange, _ subject: KeptObject.Subject, writtenToo: Bool
  ) {
    let change = admitted.change
    let object = copy(change.object)
    let isUnchanged =
      change.object.flatMap { new in change.oldObject?.value.isIdentical(to: new.value) } ?? false
    objects.append(
      KeptObject(
        subject: subject, object: object,
        oldObject: isUnchanged ? object : copy(change.oldObject),
        written: writtenToo ? copy(change.written) : .absent, isRefused: admitted.isRefused))
  }

  private func copy(_ manifest: Manifest?) -> Value {
    guard let manifest else { return .absent }
    return withExtendedLifetime(manifest) { pool.copy(manifest.value) }
  }

  /// The memory of the objects; none can be kept any more. Nil when there are none.
  func freeze() -> Document? { objects.isEmpty ? nil : pool.freeze() }
}

/// What all workers kept, by environment.
struct KeptChanges {
  /// For each environment by intent and identity: the same on any number of threads.
  let ofEnvironments: [[KeptObject]]
  /// The memory of all of them.
  let document: Document

  init(of workers: [UnitWorker], environmentCount: Int) {
    let document = Document(
      root: .null, arena: Arena(firstChunkByteCount: 256),
      borrowing: workers.compactMap { $0.keptObjects.freeze() })
    var lists: [[KeptObject]] = Array(repeating: [], count: environmentCount)
    for worker in workers {
      for object in worker.keptObjects.objects { lists[object.environment].append(object) }
    }
    self.document = document
    ofEnvironments = lists.map { KeptChanges.sorted($0, in: document) }
  }

  /// By intent, then by identity: identities are texts, which are made for the few objects of one intent at a time.
  private static func sorted(_ objects: [KeptObject], in document: Document) -> [KeptObject] {
    let objects = objects.sorted { $0.intent < $1.intent }
    var result: [KeptObject] = []
    result.reserveCapacity(objects.count)
    var start = 0
    while start < objects.count {
      var end = start + 1
      while end < objects.count, objects[end].intent == objects[start].intent { end += 1 }
      result += objects[start..<end]
        .map { ($0, Manifest(document: document, value: $0.subjectValue).identity) }
        .sorted { $0.1 < $1.1 }.map(\.0)
      start = end
    }
    return result
  }
}

extension KeptObject {
  /// The object that is meant: the new one where there is one.
  var subjectValue: Value { object.isAbsent ? oldObject : object }
}

/// What RepositoryPolicies of an environment want to be kept.
struct RepositoryNeeds: Sendable {
  /// The kinds of objects.
  let kinds: RepositoryKinds
  private let kept: KindList
  /// Those that they look at as they were written.
  private let written: KindList

  init(_ set: PolicySet) {
    kinds = set.keptKinds
    kept = KindList(kinds)
    written = KindList(set.writtenKinds)
  }

  /// Whether an object is of those kinds.
  func contains(_ object: Manifest) -> Bool { kept.contains(object) }

  /// Whether it is to be kept as it was written, too.
  func containsWritten(_ object: Manifest) -> Bool { written.contains(object) }
}

/// A few kinds that are looked through for every object, without making texts.
private struct KindList: Sendable {
  private let isEverything: Bool
  /// A list of groups and kinds in turn.
  private let names: Document

  init(_ kinds: RepositoryKinds) {
    isEverything = kinds.isEverything
    names = Document { arena in
      arena.list(kinds.groupKinds.flatMap { [arena.string($0.group), arena.string($0.kind)] })
    }
  }

  func contains(_ object: Manifest) -> Bool {
    if isEverything { return true }
    let (group, names) = (object.group, names.root.elements)
    return stride(from: 0, to: names.count, by: 2).contains {
      names[$0 + 1].hasSameBytes(as: object.kind) && names[$0].hasSameBytes(as: group)
    }
  }
}
