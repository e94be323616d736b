import Foundation
import Testing

/// `pave render --output`: an environment that is rendered alone leaves the others as they are.
@Suite struct RenderToFolderTests {
  @Test func anEnvironmentAloneDeletesNothingElse() throws {
    let copy = FileManager.default.temporaryDirectory
      .appendingPathComponent("case-\(UUID().uuidString)")
    try FileManager.default.copyItem(
      at: packageRoot.appendingPathComponent("fixtures/acme"), to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    let whole = try runPave(["render", "--output", "out"], in: copy)
    #expect(whole.exitStatus == 0)
    let part = try runPave(["render", "--output", "out", "--environment", "dev"], in: copy)
    #expect(part.exitStatus == 0)
    #expect(part.standardError.contains("out: no changes"), "\(part.standardError)")
    #expect(try runPave(["render", "--output", "out", "--check"], in: copy).exitStatus == 0)
  }
}
