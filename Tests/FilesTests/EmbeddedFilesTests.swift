import Files
import Foundation
import Testing

/// What is in the binary is what stands in the repository.
@Suite struct EmbeddedFilesTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test(arguments: [("policies", EmbeddedFiles.policies), ("docs/rules", EmbeddedFiles.rules)])
  func isEqualToItsFolder(folder: String, embedded: MemoryFileTree) throws {
    let tree = try #require(DiskFileTree(Self.root.appendingPathComponent(folder).path))
    let paths = try tree.paths(under: "").filter { path in
      (path.hasSuffix(".yaml") || path.hasSuffix(".md")) && !path.hasSuffix("README.md")
    }
    #expect(paths.count > 5)
    #expect(try embedded.paths(under: "") == paths, "run 'make embed'")
    for path in paths {
      #expect(try embedded.read(path) == tree.read(path), "\(folder)/\(path): run 'make embed'")
    }
  }
}
