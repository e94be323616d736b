import Documents
import Quantities

/// `spec.volumes` of a Pod (`ValidateVolumes` of `pkg/apis/core/validation`).
extension ObjectValidation {
  /// Checks the volumes of a PodSpec and notes those with a mistake: a mount of one finds nothing.
  mutating func podVolumes(_ pod: inout PodContext) {
    let volumes = pod.spec["volumes"]
    let templates = pod.claimTemplates.elements.count
    if templates > 0 { claimTemplateVolumes(pod) }
    // What hides behind a claim template is not looked at, and the others stand behind the templates.
    var printedIndex = templates
    elements("volumes", of: pod.spec) { check, volume, index in
      if templates > 0, pod.hasClaimTemplate(named: volume["name"]) {
        pod.refusedVolumes.append(index)
        return
      }
      let before = check.errors.count
      if templates > 0 {
        let end = "[\(printedIndex)]"
        check.printing({ $0.withoutLastIndex + end }) {
          $0.podVolume(volume, index, of: volumes, pod)
        }
      } else {
        check.podVolume(volume, index, of: volumes, pod)
      }
      printedIndex += 1
      if check.errors.count > before { pod.refusedVolumes.append(index) }
      check.createdClaim(volume, of: volumes, pod)
    }
  }

  private mutating func podVolume(
    _ volume: Value, _ index: Int, of volumes: Value, _ pod: PodContext
  ) {
    volumeSource(of: volume, pod)
    let name = volume["name"]
    if name.isUnset {
      require("name", of: volume, "volume/name")
    } else {
      expect(.dns1123Label, name, "volume/name", at: "name")
    }
    for earlier in 0..<index
    where !pod.refusedVolumes.contains(earlier)
      && volumes.elements[earlier]["name"].hasSameBytes(as: name)
    {
      report(
        "volume/duplicate-name", .duplicate, at: "name",
        "volume '\(name.shown)' is defined twice", help: "give each volume a name of its own")
      break
    }
  }

  /// The volumes that a StatefulSet's controller adds: their names have to be names of volumes.
  private mutating func claimTemplateVolumes(_ pod: PodContext) {
    let here = printedPath
    for (index, template) in pod.claimTemplates.elements.enumerated() {
      let name = template["metadata"]["name"]
      let field = "\(here).volumes[\(index)].name"
      if name.isUnset {
        report(
          "volume/name", .required, at: "volumes",
          "volume claim template \(index) has no name",
          printedAs: "\(here).volumes[\(index)].persistentVolumeClaim.claimName")
      } else if !NameFormat.dns1123Label.accepts(name.utf8) {
        for problem in NameFormat.dns1123Label.problems(in: name.shown) {
          report(
            "volume/name", .invalid, at: "volumes",
            "volume claim template '\(name.shown)' gives a volume of that name: \(problem)",
            printedAs: field)
        }
      }
    }
  }

  /// A claim that is made for an ephemeral volume cannot be referred to.
  private mutating func createdClaim(_ volume: Value, of volumes: Value, _ pod: PodContext) {
    guard let podName = pod.podName.asString, !podName.isEmpty else { return }
    guard let claim = volume["persistentVolumeClaim"]["claimName"].asString else { return }
    for other in volumes.elements
    where other["ephemeral"].isGiven && "\(podName)-\(other["name"].shown)" == claim {
      field("persistentVolumeClaim", of: volume) { check, _ in
        check.report(
          "volume/claim-of-ephemeral", .invalid, at: "claimName",
          "claim '\(claim)' is made for the ephemeral volume '\(other["name"].shown)'")
      }
      break
    }
  }
}

extension String {
  /// A printed path without its last step, when that is an index.
  var withoutLastIndex: String {
    guard hasSuffix("]"), let bracket = lastIndex(of: "[") else { return self }
    return String(self[..<bracket])
  }
}
