import Diagnostics
import GoldenPaths
import ServedKinds

extension LoadedPlatform {
  /// What is wrong with the golden paths' templates as objects of the environments' Kubernetes versions; what is so in
  /// several is said once.
  func templateFindings(_ environments: [Int]) -> [Finding] {
    var findings: [Finding] = []
    var minors: Set<Int> = []
    var places: Set<Place> = []
    for environment in environments {
      let kinds = checks[environment].admitter.kinds
      guard minors.insert(kinds.minor).inserted else { continue }
      for finding in library.typeFindings(in: kinds) {
        if let place = finding.place, places.insert(place).inserted { findings.append(finding) }
      }
    }
    return findings
  }
}
