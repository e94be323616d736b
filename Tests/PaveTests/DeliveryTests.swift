import Foundation
import Testing

/// What tells Argo CD and Flux of the units.
@Suite struct DeliveryTests {
  @Test func applicationsForArgoCD() throws {
    let platform = try TemporaryPlatform(
      output:
        "delivery: {engine: argocd, repoURL: \"https://git.acme.test/deploy.git\", project: web}")
    try platform.write(
      "pave.yaml",
      platform.read("pave.yaml").replacingOccurrences(
        of: "{name: prod, ",
        with: "{name: prod, destination: {server: \"https://prod.acme.test:6443\"}, "))
    try platform.write("apps/late.yaml", Self.depending("late", on: "home"))
    try platform.commit("Argo CD")
    let run = try platform.pave("publish", "--create")
    #expect(run.exitStatus == 0, "\(run.standardError)")
    #expect(
      try platform.output("show", "main:delivery/prod/web/home.yaml") == """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          annotations:
            argocd.argoproj.io/manifest-generate-paths: .
          labels:
            pave.dev/environment: prod
            pave.dev/platform: tiny
          name: prod.web.home
          namespace: argocd
        spec:
          destination:
            namespace: web
            server: https://prod.acme.test:6443
          project: web
          source:
            directory:
              recurse: true
            path: prod/web/home
            repoURL: https://git.acme.test/deploy.git
            targetRevision: refs/heads/main
          syncPolicy:
            automated:
              prune: true
              selfHeal: true
        """)
    #expect(
      try platform.output("show", "main:delivery/dev/web/late.yaml")
        .contains("argocd.argoproj.io/sync-wave: \"1\""))
    #expect(
      try !platform.output("ls-tree", "-r", "--name-only", "main").contains("kustomization.yaml"))
  }

  /// Makes two intents ask for their Namespace; returns the golden path as it was.
  private func shareNamespace(_ platform: TemporaryPlatform) throws -> String {
    let path = try platform.read("paths/site/path.yaml")
    try platform.write(
      "paths/site/path.yaml",
      path.replacingOccurrences(
        of: "  resources:\n",
        with: """
            resources:
              - id: ns
                shared: true
                template: {apiVersion: v1, kind: Namespace, metadata: {name: "${schema.metadata.namespace}"}}

          """))
    try platform.write("apps/other.yaml", TemporaryPlatform.intent("other", port: 8080))
    try platform.commit("Share the Namespace")
    return path
  }

  @Test func sharedObjectsAreSyncedBeforeTheUnitsThatAskForThem() throws {
    let platform = try TemporaryPlatform(output: "delivery: {engine: flux}")
    let path = try shareNamespace(platform)
    let run = try platform.pave("publish", "--create")
    #expect(run.exitStatus == 0, "\(run.standardError)")
    #expect(
      try platform.output("show", "main:dev/_shared/kustomization.yaml")
        .hasSuffix("resources:\n- namespace-web.yaml"))
    #expect(
      try platform.output("show", "main:delivery/dev/_shared.yaml").contains("path: ./dev/_shared"))
    #expect(
      try platform.output("show", "main:delivery/dev/web/other.yaml")
        .contains("  dependsOn:\n  - name: dev.xshared\n"))
    #expect(try platform.pave("publish", "--no-cache").standardOutput.contains("no changes"))
    #expect(try platform.pave("verify").exitStatus == 0)

    // One that asks is gone: the object stays for the other.
    try platform.remove("apps/other.yaml")
    try platform.commit("One asks no more")
    let fewer = try platform.pave("publish")
    #expect(fewer.exitStatus == 0, "\(fewer.standardError)")
    #expect(!fewer.standardError.contains("destructive/deletion"))
    let inventory = try platform.output("show", "main:.pave/tiny/dev/_shared")
    #expect(inventory.hasSuffix("asked namespace-web.yaml Site/web/home"))
    #expect(
      try platform.output("show", "main:dev/_shared/namespace-web.yaml").contains("name: web"))

    // Nobody asks any more.
    try platform.write("paths/site/path.yaml", path)
    try platform.commit("Nobody asks")
    let lint = try platform.pave("lint")
    #expect(lint.standardOutput.contains("deleting the Namespace 'web'"))
    #expect(try platform.pave("publish").exitStatus == 0)
    #expect(try !platform.output("ls-tree", "-r", "--name-only", "main").contains("_shared"))
  }

  @Test func aSharedObjectThatStaysIsNoDeletionAgainstABase() throws {
    let platform = try TemporaryPlatform()
    let path = try shareNamespace(platform)
    try platform.remove("apps/other.yaml")
    #expect(
      try !platform.pave("lint", "--base", "HEAD").standardOutput.contains("destructive/deletion"))
    let one = try platform.pave("diff", "--base", "HEAD").standardOutput
    #expect(one.contains("Site/web/other") && !one.contains("Namespace"))
    try platform.write("paths/site/path.yaml", path)
    #expect(
      try platform.pave("lint", "--base", "HEAD").standardOutput.contains(
        "deleting the Namespace 'web'"))
    #expect(try platform.pave("diff", "--base", "HEAD").standardOutput.contains("- Namespace/web"))
  }

  @Test func kustomizationsForFluxThatKubectlBuilds() throws {
    let platform = try TemporaryPlatform(output: "delivery: {engine: flux}")
    try platform.write("apps/late.yaml", Self.depending("late", on: "Site/web/home"))
    try platform.commit("Flux")
    let run = try platform.pave("publish", "--create")
    #expect(run.exitStatus == 0, "\(run.standardError)")
    #expect(
      try platform.output("show", "main:delivery/dev/web/late.yaml") == """
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata:
          annotations:
            kustomize.toolkit.fluxcd.io/substitute: disabled
          labels:
            pave.dev/environment: dev
            pave.dev/platform: tiny
          name: dev.web.late
          namespace: flux-system
        spec:
          dependsOn:
          - name: dev.web.home
          interval: 10m
          path: ./dev/web/late
          prune: true
          sourceRef:
            kind: GitRepository
            name: tiny
          wait: true
        """)
    #expect(try !platform.output("show", "main:delivery/dev/web/home.yaml").contains("dependsOn"))
    #expect(try platform.pave("verify").exitStatus == 0)
    let clone = platform.root.appendingPathComponent("units")
    _ = try platform.runProgram(["git", "clone", "-q", "out.git", clone.path], in: platform.root)
    // A file that is not ours is not applied.
    try "kind: X\n".write(
      to: clone.appendingPathComponent("dev/web/home/x.yaml"), atomically: true, encoding: .utf8)
    guard (try? platform.runProgram(["kubectl", "version", "--client"], in: clone)) != nil else {
      return
    }
    for environment in ["dev", "prod"] {
      for name in ["home", "late"] {
        let built = try platform.runProgram(
          ["kubectl", "kustomize", "\(environment)/web/\(name)"], in: clone)
        #expect(built.contains("kind: ConfigMap") && built.contains("name: \(name)"))
        #expect(!built.contains("kind: X"))
      }
    }
    try platform.remove("apps/late.yaml")
    try platform.commit("One less")
    #expect(try platform.pave("publish").exitStatus == 0)
    #expect(try !platform.output("ls-tree", "-r", "--name-only", "main").contains("late"))
  }

  @Test func aGoldenPathOfThePlatformTakesItsPlace() throws {
    let platform = try TemporaryPlatform(output: "delivery: {engine: argocd}")
    _ = try platform.pave("publish", "--create")
    try platform.write("paths/argocd/path.yaml", Self.ownPath)
    try platform.commit("Our own")
    let run = try platform.pave("publish")
    #expect(run.exitStatus == 0, "\(run.standardError)")
    #expect(run.standardOutput.contains("2 updated"))
    let object = try platform.output("show", "main:delivery/dev/web/home.yaml")
    #expect(object.contains("kind: Application") && object.contains("revisionHistoryLimit: 3"))
    try platform.write(
      "paths/argocd/path.yaml",
      Self.ownPath.replacingOccurrences(of: "{name: \"${", with: "{name: \"${schema.spec.nmae}${"))
    try platform.commit("Broken")
    let broken = try platform.pave("publish")
    #expect(broken.exitStatus != 0, "\(broken)")
    #expect(broken.standardError.contains("nmae"), "\(broken)")
    try platform.write(
      "paths/argocd/path.yaml",
      Self.ownPath
        + Self.ownPath.components(separatedBy: "resources:\n")[1]
        .replacingOccurrences(of: "id: app", with: "id: second")
        .replacingOccurrences(of: "${schema.spec.name}", with: "${schema.spec.name}-2"))
    try platform.commit("Two")
    let two = try platform.pave("publish")
    #expect(two.exitStatus == 1 && two.standardError.contains("output/delivery"), "\(two)")
  }

  @Test func dependenciesThatCannotBe() throws {
    let platform = try TemporaryPlatform(output: "delivery: {engine: flux}")
    try platform.write("apps/late.yaml", Self.depending("late", on: "hoem"))
    try platform.commit("Unknown")
    let unknown = try platform.pave("publish", "--create")
    #expect(unknown.exitStatus == 1 && unknown.standardError.contains("did you mean 'home'?"))
    #expect(unknown.standardError.contains("output/unknown-dependency"))
    try platform.write("apps/late.yaml", Self.depending("late", on: "later"))
    try platform.write("apps/later.yaml", Self.depending("later", on: "late"))
    try platform.commit("A circle")
    let circle = try platform.pave("publish", "--create")
    #expect(circle.exitStatus == 1 && circle.standardError.contains("output/dependency-cycle"))
  }

  private static func depending(_ name: String, on other: String) -> String {
    TemporaryPlatform.intent(name, port: 1).replacingOccurrences(
      of: "namespace: web}",
      with: "namespace: web, annotations: {pave.dev/depends-on: \"\(other)\"}}")
  }

  private static let ownPath = """
    apiVersion: pave.dev/v1alpha1
    kind: GoldenPath
    metadata: {name: own}
    spec:
      schema:
        group: pave.dev
        apiVersion: v1alpha1
        kind: ArgoCDApplication
        scope: Cluster
        spec:
          {name: string, namespace: string, project: string, repoURL: string, revision: string, path: string,
           wave: integer, destination: object, dependsOn: "[]string", intent: object}
      resources:
        - id: app
          template:
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: "${schema.spec.name}", namespace: argocd}
            spec:
              revisionHistoryLimit: 3
              source: {repoURL: "${schema.spec.repoURL}", path: "${schema.spec.path}"}

    """
}
