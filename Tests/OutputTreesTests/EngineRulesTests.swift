import Diagnostics
import Documents
import Manifests
import OutputTrees
import Testing

private func entry(_ file: String, _ text: String, byteCount: Int = 100) throws -> EngineManifest {
  let document = try #require(parseYAML(Array(text.utf8), file: file).documents.first)
  let folder = file.split(separator: "/").dropLast().joined(separator: "/")
  return EngineManifest(
    file: file, byteCount: byteCount, folder: folder, manifest: Manifest(document))
}

private let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: b}"

@Test func variablesAreReplacedByFluxOnly() throws {
  let entries = [try entry("app/a.yaml", map + ", data: {x: 'run ${NAME} $${OTHER} ${1}'}}")]
  #expect(engineFindings(entries, engine: .flux).map(\.rule) == ["engine/substitution"])
  #expect(engineFindings(entries, engine: .flux).map { $0.path?.description } == ["data.x"])
  #expect(engineFindings(entries, engine: .argocd).isEmpty)
}

@Test func repeatedObjectsAreFoundOnce() throws {
  let entries = [try entry("app/a.yaml", map + "}"), try entry("other/a.yaml", map + "}")]
  let findings = engineFindings(entries, engine: .argocd)
  #expect(findings.map(\.rule) == ["engine/repeated-object"])
  #expect(findings.first?.place?.file == "other/a.yaml")
}

@Test(arguments: [
  (
    "app/HelmChart.yaml", "{apiVersion: v1, kind: A, metadata: {name: a}}", "engine/chart-file-name"
  ),
  (
    "app/kustomization.yaml", "{apiVersion: v1, kind: A, metadata: {name: a}}",
    "engine/kustomization-file-name"
  ),
  ("app/a.yaml", "{apiVersion: v1, kind: A, metadata: {generateName: a-}}", "engine/generate-name"),
  (
    "app/a.yaml",
    "{apiVersion: v1, kind: A, metadata: {name: a, annotations: {argocd.argoproj.io/sync-wave: first}}}",
    "engine/sync-wave"
  ),
  (
    "app/a.yaml",
    "{apiVersion: v1, kind: A, metadata: {name: a, annotations: {argocd.argoproj.io/tracking-id: x}}}",
    "engine/tracking-id"
  ),
])
func pitfallOfArgoCD(_ file: String, _ text: String, _ rule: String) throws {
  #expect(engineFindings([try entry(file, text)], engine: .argocd).map(\.rule) == [rule])
}

@Test func foldersOverTenMegabytes() throws {
  let large = try entry("app/a.yaml", map + "}", byteCount: 11 << 20)
  #expect(engineFindings([large], engine: .argocd).map(\.rule) == ["engine/folder-too-large"])
}
