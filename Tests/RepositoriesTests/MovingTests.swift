import Foundation
import Repositories
import Testing

@Suite struct MovingTests {
  @Test func aBranchThatMovedMeanwhileIsNotMoved() throws {
    let temporary = try TemporaryRepository()
    let first = try temporary.publish(["x": "1"])
    let second = try temporary.publish(["x": "2"])
    let repository = try temporary.open()
    let late = repositoryError {
      try repository.moveBranch("main", from: first, to: first, reason: "late")
    }
    #expect(late?.code == .moved)
    let again = repositoryError {
      try repository.moveBranch("main", from: nil, to: first, reason: "first")
    }
    #expect(again?.code == .moved)
    let gone = repositoryError {
      try repository.moveBranch("gone", from: first, to: second, reason: "gone")
    }
    #expect(gone?.code == .moved)
    #expect(try repository.tip(of: "main") == second)
  }

  /// Four threads with handles of their own and the git command: no commit is lost.
  @Test func racingPublishersLoseNothing() async throws {
    let temporary = try TemporaryRepository()
    try temporary.publish(["start": "1"])
    let path = temporary.path
    let failures = await withTaskGroup(of: String?.self) { group in
      for publisher in 0..<4 {
        group.addTask { publishMany(path, publisher) }
      }
      group.addTask { publishByCommandLine(path, count: 10) }
      return await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
    }
    #expect(failures == [])
    #expect(try temporary.git("rev-list", "--count", "main") == "111")
    let files = try temporary.git("ls-tree", "-r", "--name-only", "main")
    #expect(files.split(separator: "\n").count == 101)
    try temporary.expectSound()
  }

  @Test func aCheckedOutBranchIsRefused() throws {
    let temporary = try TemporaryRepository()
    let work = temporary.folder + "/work"
    try temporary.git("init", "-q", "-b", "main", work, in: temporary.folder)
    let repository = try Repository(at: work)
    let tree = try repository.tree(applying: [.write([1], to: "x")], to: nil)
    let commit = try repository.write(
      tree, as: CommitDraft(author: ada, message: "m"), parents: [])
    let unborn = repositoryError {
      try repository.moveBranch("main", from: nil, to: commit, reason: "r")
    }
    #expect(unborn?.code == .checkedOut)
    #expect(unborn?.message == "the branch 'main' is checked out in the work tree '\(work)'")
    try repository.moveBranch("output", from: nil, to: commit, reason: "r")
    try temporary.git("worktree", "add", "-q", temporary.folder + "/linked", "output", in: work)
    let linked = repositoryError {
      try repository.moveBranch("output", from: commit, to: commit, reason: "r")
    }
    #expect(
      linked?.message == "the branch 'output' is checked out in the linked work tree 'linked'")
  }

  @Test func theHeadOfABareRepositoryMayMove() throws {
    let temporary = try TemporaryRepository()
    let commit = try temporary.publish(["x": "1"])
    let linked = temporary.folder + "/linked"
    try temporary.git("worktree", "add", "-q", "--detach", linked, "main")
    let repository = try Repository(at: linked)
    try repository.moveBranch("main", from: commit, to: commit, reason: "r")
    try temporary.git("checkout", "-q", "main", in: linked)
    let error = repositoryError {
      try temporary.open().moveBranch("main", from: commit, to: commit, reason: "r")
    }
    #expect(error?.code == .checkedOut)
  }

  @Test func aStaleLockIsReportedWithPathAndAge() throws {
    let temporary = try TemporaryRepository()
    let first = try temporary.publish(["x": "1"])
    let repository = try temporary.open()
    let lock = temporary.path + "/refs/heads/main.lock"
    #expect(FileManager.default.createFile(atPath: lock, contents: nil))
    let error = repositoryError {
      try repository.moveBranch("main", from: first, to: first, reason: "r", patienceSeconds: 0.1)
    }
    #expect(error?.code == .locked)
    #expect(error?.message.contains("the lock '\(lock)' is held, since ") == true)
    #expect(FileManager.default.fileExists(atPath: lock))
    try FileManager.default.removeItem(atPath: lock)
    try repository.moveBranch("main", from: first, to: first, reason: "r")
  }
}

/// What went wrong in commits that the git command makes with a compare-and-swap of its own.
private func publishByCommandLine(_ path: String, count: Int) -> String? {
  let script = """
    set -e; n=0; while [ $n -lt \(count) ]; do
    old=$(git rev-parse refs/heads/main)
    new=$(git -c user.name=c -c user.email=c@d commit-tree -p $old -m cli $old^{tree})
    if git update-ref refs/heads/main $new $old 2>/dev/null; then n=$((n + 1)); fi
    done
    """
  do {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? nil : "git exited with \(process.terminationStatus)"
  } catch {
    return "\(error)"
  }
}

/// What went wrong in 25 publications by one of several publishers; nil when nothing did.
private func publishMany(_ path: String, _ publisher: Int) -> String? {
  do {
    let repository = try Repository(at: path)
    for number in 0..<25 { try publish(repository, "p\(publisher)/n\(number)") }
    return nil
  } catch {
    return "\(error)"
  }
}

/// Adds a file on top of whatever the branch is at, until the branch takes it.
private func publish(_ repository: Repository, _ path: String) throws {
  while true {
    let tip = try repository.tip(of: "main")
    let base = try tip.map { try repository.commit($0).tree }
    let tree = try repository.tree(
      applying: [.write(Array(path.utf8)[...], to: path)], to: base)
    let commit = try repository.write(
      tree, as: CommitDraft(author: ada, message: path), parents: tip.map { [$0] } ?? [])
    do {
      return try repository.moveBranch(
        "main", from: tip, to: commit, reason: "publish", patienceSeconds: 30)
    } catch {
      guard error.code == .moved else { throw error }
    }
  }
}
