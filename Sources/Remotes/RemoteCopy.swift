import Glibc
public import Repositories

/// The copy on this machine of what a server has, bare and lasting from run to run.
///
/// It can be lost at any time: what it holds is the server's. One process uses it at a time, and holds
/// a lock that ends with the process, however it ends. Use it on one thread.
public final class RemoteCopy {
  /// Where the server's repository is.
  public let address: RemoteAddress
  /// The copy. References in it are named as at the server.
  public private(set) var repository: Repository
  private let options: ConnectionOptions
  private let folder: CopyFolder

  /// The copy of a server's repository in the folder `copies`, without a lock and as it was left by
  /// whoever fetched last; nil when there is none.
  public static func existing(_ address: RemoteAddress, in copies: String) -> Repository? {
    try? Repository(at: CopyFolder(address, in: copies).path)
  }

  /// Opens the copy in the folder `copies`, or makes one; connects to nobody.
  ///
  /// What a killed process left behind is taken away, and a copy that cannot be opened is made anew.
  /// Throws `notAllowed` for a server that must not be connected to, `cache` when the folder cannot be
  /// written or another process holds the lock for longer than the deadline.
  public init(
    _ address: RemoteAddress, in copies: String, _ options: ConnectionOptions
  ) throws(RemoteError) {
    try options.check(address)
    self.address = address
    self.options = options
    folder = try CopyFolder(locking: address, in: copies, within: options.timeoutSeconds)
    folder.removeLeftovers()
    repository = try folder.open()
    repository.keepNewObjects()
  }

  /// Makes the named branches, and the references under the prefixes, as they are at the server.
  ///
  /// Only what is missing is fetched. A copy that is damaged is thrown away and fetched again. New
  /// objects that were kept for a push are forgotten.
  public func refresh(branches: [String], prefixes: [String]) throws(RemoteError) {
    let names = Set(branches.map { "refs/heads/" + $0 })
    func isNeeded(_ name: String) -> Bool {
      names.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }
    repository.keepNewObjects()
    let server = try fetch(isNeeded)
    do throws(RemoteError) {
      try follow(server, isNeeded)
    } catch {
      // A copy that cannot take what the server has is of no use.
      try discard()
      try follow(try fetch(isNeeded), isNeeded)
    }
  }

  /// Whether everything below the commits of references can be read.
  public func isWhole(_ references: [String]) -> Bool {
    references.allSatisfy { name in
      guard let id = try? repository.reference(name) else { return true }
      return repository.isWhole(id)
    }
  }

  /// Throws the copy away and begins an empty one.
  public func discard() throws(RemoteError) {
    try folder.discard()
    repository = try folder.open()
    repository.keepNewObjects()
  }

  /// Moves references at the server, all that are still where they are expected, and here after it.
  ///
  /// Done only when the server reported every one as moved. Throws `moved` when one is elsewhere,
  /// before anything is sent; `rejected` with the reason for each that the server did not move, and
  /// the names of those that it did.
  public func push(_ updates: [ReferenceUpdate]) throws(RemoteError) {
    let pending: [ReferenceUpdate]
    let report: PushReport
    let said: String
    if options.usesStockPush, address.scheme == .http || address.scheme == .https {
      (report, said) = try stockPush(updates)
      pending = updates
    } else {
      (pending, report, said) = try converse(with: address, .receivePack, options) {
        (channel) throws(RemoteError) in
        var sending = try SendPack(channel)
        let pending = try sending.pending(updates)
        guard !pending.isEmpty else {
          FetchPack.leave(channel)
          return ([], PushReport(), "")
        }
        let pack = try pack(for: pending, known: sending.known)
        let result = try sending.send(pending, pack)
        return (pending, result.report, result.said)
      }
    }
    var moved: [ReferenceUpdate] = []
    var refused: [(ReferenceUpdate, String)] = []
    for update in pending {
      if let reason = report.refusal(of: update.name) {
        refused.append((update, reason))
      } else {
        moved.append(update)
      }
    }
    for update in moved {
      try cached { () throws(RepositoryError) in
        try repository.setReference(update.name, to: update.new)
      }
    }
    guard refused.isEmpty else { throw rejection(refused, moved, said) }
  }

  private func rejection(
    _ refused: [(ReferenceUpdate, String)], _ moved: [ReferenceUpdate], _ said: String
  ) -> RemoteError {
    var message =
      "'\(address)' refused to move "
      + refused.map { "the \($0.0.shownName): \($0.1)" }.joined(separator: ", ")
    if !said.isEmpty { message += "; it said: \(said)" }
    if !moved.isEmpty {
      message += "; published already: " + moved.map(\.shownName).joined(separator: ", ")
    }
    let isRace = refused.allSatisfy { isOfARace($0.1) }
    return RemoteError(isRace ? .moved : .rejected, masked(message, address.secrets))
  }

  /// The pack that was just written, when it is all that the server needs; else one that libgit2 makes.
  private func pack(
    for updates: [ReferenceUpdate], known: [ObjectID]
  ) throws(RemoteError) -> Pack {
    try cached { () throws(RepositoryError) in
      if let ready = repository.packOfNewObjects() {
        let atServer = Set(known)
        var isEnough = true
        for update in updates {
          guard isEnough, ready.objectIDs.contains(update.new) else {
            isEnough = false
            break
          }
          isEnough = try repository.commit(update.new).parents.allSatisfy {
            atServer.contains($0) || ready.objectIDs.contains($0)
          }
        }
        if isEnough { return ready }
      }
      return try repository.pack(of: updates.map(\.new), without: known)
    }
  }

  /// libgit2's own push, in the process that speaks http.
  private func stockPush(
    _ updates: [ReferenceUpdate]
  ) throws(RemoteError) -> (PushReport, String) {
    let path = repository.path
    return try converse(with: address, .receivePack, options, pushing: (path, updates)) {
      (channel) throws(RemoteError) in
      channel.finishWriting()
      var reader = PacketReader(channel)
      return (try PushReport(&reader), "")
    }
  }

  /// Fetches what is missing of the needed references; gives where they are at the server.
  private func fetch(
    _ isNeeded: (String) -> Bool
  ) throws(RemoteError) -> [String: ObjectID] {
    try converse(with: address, .uploadPack, options) { (channel) throws(RemoteError) in
      var fetching = try FetchPack(channel)
      let needed = fetching.advertisement.references.filter { isNeeded($0.key) }
      let wants = Set(needed.values).filter { !repository.contains($0) }.sorted()
      if wants.isEmpty {
        FetchPack.leave(channel)
      } else {
        try fetching.fetch(wants, haves: haves(), into: repository)
      }
      return needed
    }
  }

  /// Makes references here as they are at the server; what it has no more is taken away first, so that
  /// `a` can become `a/b`.
  private func follow(
    _ server: [String: ObjectID], _ isNeeded: (String) -> Bool
  ) throws(RemoteError) {
    try cached { () throws(RepositoryError) in
      let here = try repository.references(under: "refs/").filter(isNeeded)
      for name in here where server[name] == nil { try repository.setReference(name, to: nil) }
      for (name, id) in server.sorted(by: { $0.key < $1.key })
      where try repository.reference(name) != id {
        // Reading it finds a commit that is named here but damaged.
        if name.hasPrefix("refs/heads/") { _ = try repository.commit(id).tree }
        try repository.setReference(name, to: id)
      }
    }
  }

  /// What the server need not send: the tips here, and some of the commits before them, nearer ones
  /// closer together, should a tip have been taken back.
  private func haves() -> [ObjectID] {
    var haves: [ObjectID] = []
    var seen: Set<ObjectID> = []
    for name in (try? repository.references(under: "refs/")) ?? [] {
      var next = (try? repository.reference(name)) ?? nil
      var distance = 0
      var following = 0
      while let id = next, haves.count < 256, distance < 2048 {
        guard let commit = try? repository.commit(id) else { break }
        if distance == following {
          if seen.insert(id).inserted { haves.append(id) }
          following = max(1, following * 2)
        }
        distance += 1
        next = commit.parents.first
      }
    }
    return haves
  }
}

/// Whether a server's reason means that somebody else was quicker (texts of git's receive-pack.c and
/// refs/files-backend.c, and of GitHub's and GitLab's servers).
private func isOfARace(_ reason: String) -> Bool {
  let reason = reason.lowercased()
  return [
    "non-fast-forward", "fetch first", "stale info", "failed to update ref", "cannot lock ref",
    "failed to lock", "unable to lock", "incorrect old value", "reference already exists",
    "atomic transaction failed", "atomic push failure",
  ].contains { reason.contains($0) }
}
