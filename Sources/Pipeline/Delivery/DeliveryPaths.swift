import Documents
import GoldenPaths
import Intents

/// The golden paths of the objects that tell an engine to sync a unit.
///
/// Their intents are made by Pave, one a unit. A platform's golden path of the same `apiVersion` and `kind` takes the place of
/// the built-in one.
enum DeliveryPaths {
  static let apiVersion = "pave.dev/v1alpha1"

  /// The kind of the intents for an engine; nil for none.
  static func kind(for engine: Output.Engine) -> String? {
    switch engine {
    case .argocd: "ArgoCDApplication"
    case .flux: "FluxKustomization"
    case .none: nil
    }
  }

  /// The library that makes the objects of a platform: its own, where that has such a golden path.
  static func library(of loaded: LoadedPlatform) -> GoldenPathLibrary {
    guard let output = loaded.platform.output, let kind = kind(for: output.delivery.engine),
      loaded.library.path(apiVersion: apiVersion, kind: kind) == nil
    else { return loaded.library }
    return builtIn
  }

  /// The built-in ones, compiled once.
  private static let builtIn = GoldenPathLibrary.load(
    [argocd, flux].map { parseYAML(Array($0.utf8), file: "builtin:delivery") }
  ).library

  /// A golden path up to its resources: both are given the same fields.
  private static func start(of name: String, kind: String) -> String {
    """
    apiVersion: pave.dev/v1alpha1
    kind: GoldenPath
    metadata: {name: \(name)}
    spec:
      schema:
        group: pave.dev
        apiVersion: v1alpha1
        kind: \(kind)
        scope: Cluster
        spec:
          name: string
          namespace: string
          project: string
          repoURL: string
          revision: string
          path: string
          wave: integer
          destination: {server: string, name: string, namespace: string}
          dependsOn: "[]string"
          intent: {kind: string, name: string, namespace: string}

    """
  }

  /// Argo CD: `directory` makes the source type explicit whatever files the folder holds (Argo CD drops one that is empty),
  /// and `manifest-generate-paths` keeps a commit to one unit from invalidating the others.
  static let argocd =
    start(of: "argocd-application", kind: "ArgoCDApplication") + """
        resources:
          - id: application
            template:
              apiVersion: argoproj.io/v1alpha1
              kind: Application
              metadata:
                name: ${schema.spec.name}
                namespace: ${schema.spec.namespace}
                annotations:
                  argocd.argoproj.io/manifest-generate-paths: .
                  argocd.argoproj.io/sync-wave: '${schema.spec.wave != 0 ? optional.of(string(schema.spec.wave)) : optional.none()}'
                labels:
                  pave.dev/environment: ${environment.name}
                  pave.dev/platform: ${platform.name}
              spec:
                project: ${schema.spec.project}
                destination:
                  server: ${schema.spec.destination.?server}
                  name: ${schema.spec.destination.?name}
                  namespace: ${schema.spec.destination.?namespace}
                source:
                  repoURL: ${schema.spec.repoURL}
                  targetRevision: ${schema.spec.revision}
                  path: ${schema.spec.path}
                  directory: {recurse: true}
                syncPolicy:
                  automated: {prune: true, selfHeal: true}

      """

  /// Flux: without `postBuild` no `${…}` in a manifest is replaced; the annotation keeps whatever applies this object from
  /// replacing any in it.
  static let flux =
    start(of: "flux-kustomization", kind: "FluxKustomization") + """
        resources:
          - id: kustomization
            template:
              apiVersion: kustomize.toolkit.fluxcd.io/v1
              kind: Kustomization
              metadata:
                name: ${schema.spec.name}
                namespace: ${schema.spec.namespace}
                annotations:
                  kustomize.toolkit.fluxcd.io/substitute: disabled
                labels:
                  pave.dev/environment: ${environment.name}
                  pave.dev/platform: ${platform.name}
              spec:
                interval: 10m
                path: ./${schema.spec.path}
                prune: true
                wait: true
                sourceRef:
                  kind: GitRepository
                  name: ${platform.name}
                dependsOn: '${size(schema.spec.dependsOn) > 0 ? optional.of(schema.spec.dependsOn.map(other, {"name": other})) : optional.none()}'

      """
}
