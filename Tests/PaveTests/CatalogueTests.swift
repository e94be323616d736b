import Foundation
import Testing

/// A new platform from nothing: each command's output is what the next one works on.
@Suite struct CatalogueTests {
  /// A folder for one test, gone when the closure returns.
  private func inScratch(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("scratch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  @Test func aNewPlatformLintsAndRenders() throws {
    try inScratch { folder in
      let made = try runPave(["init", "shop"], in: folder)
      #expect(made.exitStatus == 0, "\(made.standardError)")
      let shop = folder.appendingPathComponent("shop")
      let lint = try runPave(["lint"], in: shop)
      #expect(lint.exitStatus == 0, "\(lint.standardOutput)\(lint.standardError)")
      #expect(lint.standardOutput == "")
      let test = try runPave(["test"], in: shop)
      #expect(test.exitStatus == 0, "\(test.standardOutput)\(test.standardError)")
      #expect(test.standardOutput.contains("4 passed, 0 failed"), "\(test.standardOutput)")
      let render = try runPave(["render"], in: shop)
      #expect(render.standardOutput.contains("# prod: Deployment.apps/hello/hello"))
      let again = try runPave(["init", "shop"], in: folder)
      #expect(again.exitStatus == 2)
      #expect(again.standardError.contains("nothing was written"))
    }
  }

  @Test func aNewIntentFitsItsSchemaAndItsGoldenPath() throws {
    try inScratch { folder in
      _ = try runPave(["init", "shop"], in: folder)
      let shop = folder.appendingPathComponent("shop")
      #expect(try runPave(["schema"], in: shop).exitStatus == 0)
      let new = try runPave(
        [
          "new", "webapp", "cart", "--namespace", "sales", "--set", "port=9000",
          "--set", "image=ghcr.io/example/cart:1", "--output", "apps/sales/cart.yaml",
        ], in: shop)
      #expect(new.exitStatus == 0, "\(new.standardError)")
      let text = try String(
        contentsOf: shop.appendingPathComponent("apps/sales/cart.yaml"), encoding: .utf8)
      #expect(
        text.hasPrefix(
          "# yaml-language-server: $schema=../../intent-schemas/webapp.shop.example.v1alpha1.json\n"
        ))
      #expect(text.contains("\n  port: 9000\n"))
      // The image is promoted, so it stands under the first environment.
      #expect(text.contains("\n  dev:\n    spec:\n      image: ghcr.io/example/cart:1"))
      let again = try runPave(
        ["new", "WebApp", "cart", "--namespace", "x", "--output", "apps/sales/cart.yaml"], in: shop)
      #expect(again.exitStatus == 2)
      #expect(again.standardError.contains("is there already"))
    }
  }

  @Test func settingsKeepWhatTheyHold() throws {
    try inScratch { folder in
      _ = try runPave(["init", "shop"], in: folder)
      let shop = folder.appendingPathComponent("shop")
      let settings = shop.appendingPathComponent(".vscode/settings.json")
      try FileManager.default.createDirectory(
        at: settings.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("{\"editor.tabSize\": 2, \"yaml.schemas\": {\"a.json\": \"b\"}}".utf8)
        .write(to: settings)
      #expect(try runPave(["schema"], in: shop).exitStatus == 0)
      let new = try String(contentsOf: settings, encoding: .utf8)
      #expect(new.contains("\"editor.tabSize\": 2"))
      #expect(new.contains("\"a.json\": \"b\""))
      #expect(new.contains("\"./intent-schemas/intents.json\": ["))
      let commented = "{\n  // mine\n  \"editor.tabSize\": 2\n}\n"
      try Data(commented.utf8).write(to: settings)
      let run = try runPave(["schema"], in: shop)
      #expect(try String(contentsOf: settings, encoding: .utf8) == commented)
      #expect(run.standardError.contains("add to it:"))
    }
  }
}
