import Diagnostics
import Foundation
import OutputTrees
import Testing

@Suite struct OutputFolderTests {
  @Test func writesComparesAndPrunes() throws {
    let output = try TemporaryOutput()
    let folder = OutputFolder(output.folder + "/new/out")
    func plan(_ units: [OutputUnit]) throws -> OutputPlan {
      try OutputTree.make(units, platform: "acme").tree.plan(against: folder)
    }
    let a = try unit("dev", "dev/a", ["x": "1\n", "y": "1\n"])
    let b = try unit("dev", "dev/b/c", ["x": "1\n"])
    let first = try plan([a, b])
    #expect(first.changes.summary == "3 created")
    #expect(!FileManager.default.fileExists(atPath: folder.path))
    try folder.carryOut(first)
    #expect(try plan([a, b]).edits.isEmpty)
    try "theirs".write(
      toFile: folder.path + "/dev/a/notes.txt", atomically: true, encoding: .utf8)
    let second = try plan([try unit("dev", "dev/a", ["x": "2\n"])])
    #expect(second.changes.summary == "1 updated, 2 deleted")
    #expect(second.findings.map(\.rule) == ["output/foreign-file"])
    try folder.carryOut(second)
    #expect(
      try output.run("find", ".", "-type", "f", in: folder.path).split(separator: "\n").sorted()
        == ["./.pave/acme/dev/a", "./dev/a/configmap-x.yaml", "./dev/a/notes.txt"])
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/dev/b"))
    #expect(
      try String(contentsOfFile: folder.path + "/dev/a/configmap-x.yaml", encoding: .utf8)
        == "2\n")
  }

  @Test func holdsTheSameFilesAsTheRepository() throws {
    let output = try TemporaryOutput()
    let units = [
      try unit("dev", "dev/a", ["x": "1\n"], shared: ["s": "s\n"], delivery: "d\n"),
      try unit("prod", "prod/a", ["x": "2\n"]),
    ]
    try output.publish(units)
    let folder = OutputFolder(output.folder + "/out")
    try folder.carryOut(OutputTree.make(units, platform: "acme").tree.plan(against: folder))
    for (path, text) in try output.files() where path != "hydrator.metadata" {
      #expect(try String(contentsOfFile: folder.path + "/" + path, encoding: .utf8) == text)
    }
  }

  @Test func linksAreNeverFollowed() throws {
    let output = try TemporaryOutput()
    let outside = output.folder + "/outside"
    let folder = OutputFolder(output.folder + "/out")
    let manager = FileManager.default
    try manager.createDirectory(atPath: outside, withIntermediateDirectories: true)
    try manager.createDirectory(atPath: folder.path + "/dev", withIntermediateDirectories: true)
    try "secret".write(
      toFile: outside + "/configmap-x.yaml", atomically: true, encoding: .utf8)
    try manager.createSymbolicLink(
      atPath: folder.path + "/dev/a", withDestinationPath: "../../outside")
    let tree = try OutputTree.make([unit("dev", "dev/a", ["x": "1\n"])], platform: "acme").tree
    #expect(throws: OutputError.self) {
      try folder.carryOut(tree.plan(against: folder))
    }
    #expect(
      try String(contentsOfFile: outside + "/configmap-x.yaml", encoding: .utf8) == "secret")
    #expect(try manager.contentsOfDirectory(atPath: outside) == ["configmap-x.yaml"])
    // A link in the place of a file is foreign.
    try manager.removeItem(atPath: folder.path + "/dev/a")
    try manager.removeItem(atPath: folder.path + "/.pave")
    try manager.createDirectory(atPath: folder.path + "/dev/a", withIntermediateDirectories: true)
    try manager.createSymbolicLink(
      atPath: folder.path + "/dev/a/configmap-x.yaml",
      withDestinationPath: outside + "/configmap-x.yaml")
    #expect(try tree.plan(against: folder).isRefused)
  }

  @Test func aHalfWrittenFolderHeals() throws {
    let output = try TemporaryOutput()
    let folder = OutputFolder(output.folder + "/out")
    let old = [try unit("dev", "dev/a", ["x": "1\n", "y": "1\n"])]
    let new = [try unit("dev", "dev/a", ["x": "2\n", "z": "1\n"])]
    try folder.carryOut(OutputTree.make(old, platform: "acme").tree.plan(against: folder))
    // As if stopped after the inventory was written and before the files were.
    let other = OutputFolder(output.folder + "/other")
    try folder.carryOut(OutputTree.make(old, platform: "acme").tree.plan(against: folder))
    try other.carryOut(OutputTree.make(new, platform: "acme").tree.plan(against: other))
    let manager = FileManager.default
    try manager.removeItem(atPath: folder.path + "/.pave/acme/dev/a")
    try manager.copyItem(
      atPath: other.path + "/.pave/acme/dev/a", toPath: folder.path + "/.pave/acme/dev/a")
    try manager.removeItem(atPath: folder.path + "/dev/a/configmap-y.yaml")
    try "half".write(
      toFile: folder.path + "/dev/a/.pave-configmap-x.yaml.tmp", atomically: false, encoding: .utf8)
    let plan = try OutputTree.make(new, platform: "acme").tree.plan(against: folder)
    #expect(!plan.isRefused)
    try folder.carryOut(plan)
    #expect(
      try output.run("diff", "-r", folder.path, other.path) == "")
  }
}
