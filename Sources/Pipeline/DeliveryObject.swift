import Documents
import Intents

/// The object that tells Argo CD or Flux to sync one unit's folder.
///
/// Argo CD: an `Application` (argoproj.io/v1alpha1) with `directory.recurse`, which makes the source
/// type explicit whatever files the folder holds (Argo CD drops a `directory` without it), and
/// `manifest-generate-paths`, so that a commit to one unit does not invalidate the others. Flux: a
/// `Kustomization` (kustomize.toolkit.fluxcd.io/v1) without `postBuild`, so that no `${…}` in a
/// manifest is substituted.
struct DeliveryObject {
  let document: Document

  /// The object for a unit; nil when the platform names no engine.
  init?(
    folder: String, namespace: String?, environment: Environment, output: Output,
    target: OutputTarget, platform: String
  ) {
    let name = Self.name(ofFolder: folder)
    switch output.delivery.engine {
    case .none: return nil
    case .argocd:
      document = Document { arena in
        application(
          name, folder: folder, namespace: namespace, environment: environment, output: output,
          target: target, platform: platform, arena)
      }
    case .flux:
      document = Document { arena in
        kustomization(name, folder: folder, output: output, platform: platform, arena)
      }
    }
  }

  /// A DNS subdomain that differs for folders that differ: their steps joined by dots, with the
  /// bytes that no name may hold as `-hh`.
  static func name(ofFolder folder: String) -> String {
    folder.split(separator: "/").map { step in
      var name = ""
      for byte in step.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"), UInt8(ascii: "."):
          name.unicodeScalars.append(Unicode.Scalar(byte))
        case UInt8(ascii: "_") where name.isEmpty: name += "x"
        default: name += "-" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
      }
      return name
    }.joined(separator: ".")
  }
}

private func application(
  _ name: String, folder: String, namespace: String?, environment: Environment, output: Output,
  target: OutputTarget, platform: String, _ arena: Arena
) -> Value {
  let delivery = output.delivery
  var destination: [MapEntry] = []
  func entry(_ key: String, _ value: Value) -> MapEntry {
    MapEntry(key: arena.string(key), value: value)
  }
  if let namespace { destination.append(entry("namespace", arena.string(namespace))) }
  if let name = environment.destination?.name {
    destination.append(entry("name", arena.string(name)))
  } else {
    let server = environment.destination?.server ?? "https://kubernetes.default.svc"
    destination.append(entry("server", arena.string(server)))
  }
  return arena.map([
    "apiVersion": arena.string("argoproj.io/v1alpha1"),
    "kind": arena.string("Application"),
    "metadata": arena.map([
      "annotations": arena.map([
        "argocd.argoproj.io/manifest-generate-paths": arena.string(".")
      ]),
      "labels": arena.map([
        "pave.dev/environment": arena.string(environment.name),
        "pave.dev/platform": arena.string(platform),
      ]),
      "name": arena.string(name),
      "namespace": arena.string(delivery.namespace ?? "argocd"),
    ]),
    "spec": arena.map([
      "destination": arena.map(destination),
      "project": arena.string(delivery.project ?? "default"),
      "source": arena.map([
        "directory": arena.map(["recurse": .true]),
        "path": arena.string(folder),
        "repoURL": arena.string(target.deliveryURL),
        "targetRevision": arena.string("refs/heads/\(target.activeBranch)"),
      ]),
      "syncPolicy": arena.map([
        "automated": arena.map(["prune": .true, "selfHeal": .true])
      ]),
    ]),
  ])
}

private func kustomization(
  _ name: String, folder: String, output: Output, platform: String, _ arena: Arena
) -> Value {
  arena.map([
    "apiVersion": arena.string("kustomize.toolkit.fluxcd.io/v1"),
    "kind": arena.string("Kustomization"),
    "metadata": arena.map([
      "name": arena.string(name),
      "namespace": arena.string(output.delivery.namespace ?? "flux-system"),
    ]),
    "spec": arena.map([
      "interval": arena.string("10m"),
      "path": arena.string("./\(folder)"),
      "prune": .true,
      "sourceRef": arena.map([
        "kind": arena.string("GitRepository"), "name": arena.string(platform),
      ]),
      "wait": .true,
    ]),
  ])
}
