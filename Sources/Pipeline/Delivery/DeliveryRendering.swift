import Diagnostics
import Documents
import GoldenPaths
import Intents
import Manifests
import OutputTrees

/// Makes the objects that tell Argo CD or Flux to sync units. One a thread: it owns a renderer for each environment.
final class DeliveryRendering {
  private let loaded: LoadedPlatform
  private let output: Output
  private let kind: String
  private let library: GoldenPathLibrary
  private var renderers: [Int: Renderer] = [:]

  /// Nil for a platform that names no engine.
  init?(_ loaded: LoadedPlatform) {
    guard let output = loaded.platform.output,
      let kind = DeliveryPaths.kind(for: output.delivery.engine)
    else { return nil }
    self.loaded = loaded
    self.output = output
    self.kind = kind
    library = DeliveryPaths.library(of: loaded)
  }

  /// The object of a unit, as its document and value; nil when the golden path makes none, or with an error.
  ///
  /// `sharesObjects` makes it wait for the environment's folder of shared objects.
  func object(
    ofIntent index: Int, in environment: Int, folder: String, sharesObjects: Bool = false
  ) -> (object: (document: Document, value: Value)?, findings: [Finding]) {
    let intent = loaded.intents[index]
    let order = DeliveryOrder(loaded, environment)
    var needs = order.needs(of: index).compactMap { loaded.unitFolder(of: $0, in: environment) }
    if sharesObjects {
      needs.insert(sharedFolder(environment: loaded.platform.environments[environment].name), at: 0)
    }
    let subject = Subject(
      kind: intent.kind, name: intent.name, namespace: intent.namespace, needs: needs,
      wave: order.depth(of: index))
    var made = object(of: subject, in: environment, folder: folder)
    for index in made.findings.indices { made.findings[index].intent = intent.reference }
    made.findings = order.findings(about: index) + made.findings
    if made.findings.contains(where: { $0.severity == .error }) { made.object = nil }
    return made
  }

  /// The object of an environment's folder of shared objects, which is synced before the units.
  func sharedObject(
    of environment: String, folder: String
  ) -> (object: (document: Document, value: Value)?, findings: [Finding]) {
    guard let index = loaded.platform.environment(named: environment)?.index else {
      return (nil, [])
    }
    var made = object(
      of: Subject(kind: "Platform", name: loaded.platform.name, needs: [], wave: -1), in: index,
      folder: folder)
    for index in made.findings.indices { made.findings[index].environment = environment }
    return made
  }

  /// Whose objects a folder holds.
  private struct Subject {
    var kind: String
    var name: String
    var namespace: String?
    /// The folders that must be synced before.
    var needs: [String]
    var wave: Int
  }

  private func object(
    of subject: Subject, in environment: Int, folder: String
  ) -> (object: (document: Document, value: Value)?, findings: [Finding]) {
    var findings: [Finding] = []
    let made = Intent(
      making: document(subject, folder, environment), file: platformFile,
      apiVersion: DeliveryPaths.apiVersion, kind: kind, name: Self.name(ofFolder: folder))
    let unit = renderer(environment).render(
      EffectiveIntent(made, in: loaded.platform.environments[environment].name))
    for finding in unit.findings {
      var finding = finding
      // What is asked of the intent that Pave made is told where the engine is named.
      if finding.place?.file == platformFile {
        finding.place = loaded.platform.place(FieldPath(keys: "spec", "output", "delivery"))
      }
      findings.append(finding)
    }
    if unit.manifests.count > 1 {
      findings.append(
        Finding(
          rule: "output/delivery",
          "the golden path '\(kind)' makes \(unit.manifests.count) objects for a unit, expected one",
          at: loaded.platform.place(FieldPath(keys: "spec", "output", "delivery")),
          help: "one object tells the engine of one unit"))
    }
    guard !findings.contains(where: { $0.severity == .error }), let first = unit.manifests.first
    else { return (nil, findings) }
    return ((unit.document, first.value), findings)
  }

  private func renderer(_ environment: Int) -> Renderer {
    if let renderer = renderers[environment] { return renderer }
    let renderer = Renderer(
      library: library,
      context: RenderContext(loaded.platform.environments[environment], of: loaded.platform))
    renderers[environment] = renderer
    return renderer
  }

  /// The intent of the golden path for one folder.
  private func document(_ subject: Subject, _ folder: String, _ index: Int) -> Document {
    let environment = loaded.platform.environments[index]
    let target = loaded.targets[index]
    let delivery = output.delivery
    let standardNamespace = delivery.engine == .argocd ? "argocd" : "flux-system"
    return Document { arena in
      func entry(_ key: String, _ text: String?) -> MapEntry? {
        text.map { MapEntry(key: arena.string(key), value: arena.string($0)) }
      }
      let server = environment.destination?.server ?? "https://kubernetes.default.svc"
      let destination = [
        environment.destination?.name.map { entry("name", $0) } ?? entry("server", server),
        entry("namespace", subject.namespace),
      ]
      let about = [
        entry("kind", subject.kind), entry("name", subject.name),
        entry("namespace", subject.namespace),
      ]
      let name = arena.string(Self.name(ofFolder: folder))
      let names = subject.needs.map { arena.string(Self.name(ofFolder: $0)) }
      return arena.map([
        "apiVersion": arena.string(DeliveryPaths.apiVersion), "kind": arena.string(kind),
        "metadata": arena.map(["name": name]),
        "spec": arena.map([
          "name": name, "namespace": arena.string(delivery.namespace ?? standardNamespace),
          "project": arena.string(delivery.project ?? "default"),
          "repoURL": arena.string(target.deliveryURL),
          "revision": arena.string("refs/heads/\(target.activeBranch)"),
          "path": arena.string(folder), "wave": .int(Int64(subject.wave)),
          "destination": arena.map(destination.compactMap { $0 }),
          "dependsOn": arena.list(names), "intent": arena.map(about.compactMap { $0 }),
        ]),
      ])
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

/// The annotation of an intent that names the intents whose units must be there before its own, separated by commas.
let dependsOnAnnotation = "pave.dev/depends-on"

extension Intent {
  /// The names of the intents that it depends on, as written.
  var dependsOn: [String] {
    let text = document.root["metadata"]["annotations"][dependsOnAnnotation].asString ?? ""
    return text.split(separator: ",").map { String($0.drop { $0 == " " }) }
      .map { name in
        var name = name
        while name.last == " " { name.removeLast() }
        return name
      }.filter { !$0.isEmpty }
  }
}

/// Which units of an environment must be there before others.
struct DeliveryOrder {
  private let loaded: LoadedPlatform
  private let environment: Int

  init(_ loaded: LoadedPlatform, _ environment: Int) {
    self.loaded = loaded
    self.environment = environment
  }

  /// The intents that one depends on, in the order written; those that are not for the environment are left out.
  func needs(of intent: Int) -> [Int] {
    let name = loaded.platform.environments[environment].name
    return loaded.intents[intent].dependsOn.compactMap { text in
      guard let other = try? loaded.intent(named: text), loaded.intents[other].isFor(name) else {
        return nil
      }
      return other
    }
  }

  /// How many units must be there one after the other before that of an intent.
  func depth(of intent: Int) -> Int {
    func depth(_ intent: Int, _ way: [Int]) -> Int {
      (needs(of: intent).filter { !way.contains($0) && way.count < 64 }
        .map { depth($0, way + [$0]) + 1 }).max() ?? 0
    }
    return depth(intent, [intent])
  }

  /// `output/unknown-dependency` and `output/dependency-cycle`.
  func findings(about intent: Int) -> [Finding] {
    let own = loaded.intents[intent]
    if own.dependsOn.isEmpty { return [] }
    let place = own.place(FieldPath(keys: "metadata", "annotations").key(dependsOnAnnotation))
    var findings: [Finding] = []
    for text in own.dependsOn {
      do throws(SelectionError) {
        _ = try loaded.intent(named: text)
      } catch {
        findings.append(Finding(rule: "output/unknown-dependency", error.message, at: place))
      }
    }
    var seen: Set<Int> = []
    var open = needs(of: intent)
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      if next == intent {
        findings.append(
          Finding(
            rule: "output/dependency-cycle", "'\(own.reference)' depends on itself", at: place,
            help: "one of the units must come first"))
        break
      }
      open += needs(of: next)
    }
    return findings
  }
}
