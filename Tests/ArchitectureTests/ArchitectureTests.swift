import Foundation
import Testing

/// The shape of the code: what stands in `Sources/README.md` is so.
@Suite struct ArchitectureTests {
  @Test func arrowsPointDownwards() throws {
    let architecture = try Self.architecture()
    #expect(architecture.rooms.count > 10, "Package.swift could not be read")
    #expect(architecture.complaints() == [])
  }

  @Test func roomsImportOnlyWhatTheManifestGivesThem() throws {
    let architecture = try Self.architecture()
    var complaints: [String] = []
    var files = 0
    for room in architecture.rooms {
      for path in try Self.paths(under: "Sources/" + room.name) where path.hasSuffix(".swift") {
        files += 1
        for complaint in architecture.complaints(about: try Self.text(of: path), in: room.name) {
          complaints.append("\(path) \(complaint)")
        }
      }
    }
    #expect(files > 20, "the sources could not be listed")
    #expect(complaints == [])
  }

  @Test func everySourceFolderIsARoom() throws {
    let rooms = try Set(Self.architecture().rooms.map(\.name))
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Self.root.appendingPathComponent("Sources").path
    ).filter { !$0.hasSuffix(".md") }
    #expect(Set(folders) == rooms)
  }

  @Test func everyRoomSaysWhatItIsFor() throws {
    for room in try Self.architecture().rooms
    where !room.name.hasPrefix("CLib") && room.name != "CEmbedded" {
      let path = "Sources/\(room.name)/README.md"
      let text = try? Self.text(of: path)
      let lines = (text ?? "").split(separator: "\n").count
      #expect(text?.hasPrefix("# \(room.name)\n") == true, "\(path) must begin with its name")
      #expect((5...40).contains(lines), "\(path) has \(lines) lines")
    }
  }

  @Test func everyTopFolderSaysWhatItIsFor() throws {
    for folder in ["Sources", "fixtures", "policies", "Benchmarks", "docs", "scripts"] {
      #expect(throws: Never.self) { try Self.text(of: folder + "/README.md") }
    }
  }

  @Test func noFileNamesAMachine() throws {
    var complaints: [String] = []
    for path in try Self.paths(under: "") {
      guard let text = try? Self.text(of: path) else { continue }
      for found in Architecture.machinePaths(in: text) { complaints.append("\(path): \(found)") }
    }
    #expect(complaints == [])
  }

  /// The links of the pages lead somewhere.
  @Test func linksOfThePagesLeadSomewhere() throws {
    var complaints: [String] = []
    for path in try Self.paths(under: "") where path.hasSuffix(".md") {
      let folder = Self.root.appendingPathComponent(path).deletingLastPathComponent()
      // What stands in code is no link.
      let prose = try Self.text(of: path)
        .replacing(#/(?s:```.*?```)/#, with: "").replacing(#/`[^`\n]*`/#, with: "")
      for match in prose.matches(of: #/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/#) {
        let target = String(match.1)
        if target.contains("://") || target.hasPrefix("mailto:") { continue }
        if !FileManager.default.fileExists(atPath: folder.appendingPathComponent(target).path) {
          complaints.append("\(path): \(target)")
        }
      }
    }
    #expect(complaints == [])
  }

  // MARK: the checkout

  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func architecture() throws -> Architecture {
    Architecture(manifest: try text(of: "Package.swift"), map: try text(of: "Sources/README.md"))
  }

  static func text(of path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The files below a folder of the checkout, as paths from its root, sorted; without what is built
  /// or belongs to Git.
  static func paths(under folder: String) throws -> [String] {
    let start = folder.isEmpty ? root : root.appendingPathComponent(folder)
    var paths: [String] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: start.path).sorted() {
      if name.hasPrefix(".build") || name == ".git" || name == ".swiftpm" { continue }
      let path = folder.isEmpty ? name : folder + "/" + name
      var isFolder: ObjCBool = false
      FileManager.default.fileExists(
        atPath: root.appendingPathComponent(path).path, isDirectory: &isFolder)
      paths += isFolder.boolValue ? try Self.paths(under: path) : [path]
    }
    return paths
  }
}

/// The checker itself, on packages that are made up: what is wrong must be found.
@Suite struct ArchitectureCheckerTests {
  static let map = """
    | layer | room | |
    |---|---|---|
    | 0 | `CThing` | a system library |
    | 1 | `Low` | |
    | 1, after Low | `Beside` | |
    | 2 | `High` | |
    | 3 | `tool` | |
    """

  static func architecture(low: String = "", beside: String = "\"Low\"", high: String = "\"Low\"")
    -> Architecture
  {
    Architecture(
      manifest: """
        func room(_ name: String, uses rooms: [String] = []) -> Target { .target(name: name) }
        .systemLibrary(name: "CThing", pkgConfig: "thing"),
        room("Low", uses: [\(low)]),
        room("Beside", uses: [\(beside)]),
        room(
          "High",
          uses: [\(high)]),
        .executableTarget(
          name: "tool",
          dependencies: ["High", .product(name: "Parser", package: "parser")]),
        """, map: map)
  }

  @Test func readsTheManifest() {
    #expect(
      Self.architecture().rooms == [
        .init(name: "CThing", uses: []), .init(name: "Low", uses: []),
        .init(name: "Beside", uses: ["Low"]), .init(name: "High", uses: ["Low"]),
        .init(name: "tool", uses: ["High"]),
      ])
    #expect(Self.architecture().complaints() == [])
  }

  @Test func findsAnArrowUpwards() {
    #expect(
      Self.architecture(low: "\"High\"").complaints() == ["Low (layer 1) uses High (layer 2)"])
  }

  @Test func findsAnArrowWithinALayer() {
    #expect(
      Self.architecture(low: "\"Beside\"").complaints() == ["Low (layer 1) uses Beside (layer 1)"])
  }

  @Test func findsARoomThatIsNotOnTheMap() {
    var architecture = Self.architecture()
    architecture.map["Low"] = nil
    architecture.map["Gone"] = .init(layer: 1)
    #expect(
      architecture.complaints() == [
        "Low is not on the map", "Gone is on the map, but is no target",
      ])
  }

  @Test(arguments: [
    ("import Low", [String]()),
    ("import Parser", []),
    ("// import Foundation", []),
    ("let text = \"import Foundation\"", []),
    ("import High", ["imports High, which Package.swift does not give to Beside"]),
    ("public import High", ["imports High, which Package.swift does not give to Beside"]),
    (
      "@testable import struct High.Thing",
      ["imports High, which Package.swift does not give to Beside"]
    ),
    ("  import Foundation", ["imports Foundation"]),
    ("@preconcurrency import Foundation", ["imports Foundation"]),
    ("import FoundationEssentials", ["imports FoundationEssentials"]),
    ("private import class Foundation.FileManager", ["imports Foundation"]),
    ("#if os(Linux)\n  import Foundation\n#endif", ["imports Foundation"]),
  ])
  func findsForbiddenImports(_ source: String, _ expected: [String]) {
    #expect(Self.architecture().complaints(about: source, in: "Beside") == expected)
  }

  @Test func findsPathsOfAMachine() {
    let home = "/" + "home" + "/"
    #expect(Architecture.machinePaths(in: "let path = \"\(home)me/pave\"") == [home])
    #expect(Architecture.machinePaths(in: home + "me") == [home])
    #expect(Architecture.machinePaths(in: "apps" + home + "page.yaml") == [])
    #expect(Architecture.machinePaths(in: "nothing here") == [])
  }
}
