import Documents
import Diagnostics
import GoldenPaths
import Intents
import Manifests
import Policies

extension GoldenPathLibrary {
  /// The kinds of intents, as policies know them.
  var intentKinds: [IntentKind] {
    paths.map {
      IntentKind(
        group: $0.group, version: $0.version, kind: $0.kind, isClusterScoped: $0.isClusterScoped)
    }
  }
}

extension UnitWorker {
  /// The intent of a unit as it was at the base; nil when there was none, or no base.
  func before(_ effective: EffectiveIntent, _ environment: String) -> EffectiveIntent? {
    if case .itself = oldSide { return effective }
    guard case .base(let base) = oldSide,
      let job = base.job(of: effective.intent, in: environment)
    else { return nil }
    return EffectiveIntent(base.loaded.intents[job.intent], in: environment)
  }

  /// Holds an intent itself, merged and with its defaults, against the policies that name its kind.
  ///
  /// Against what is published every intent counts as one that is there already: the output does not
  /// hold them.
  func checkIntent(_ effective: EffectiveIntent, _ job: UnitJob, into findings: inout [Finding]) {
    guard let checker = checker(job.environment), checker.looksAt(effective.intent),
      let document = loaded.library.admitted(effective)
    else { return }
    let environment = loaded.platform.environments[job.environment]
    let object = Manifest(document)
    var old: Manifest?
    switch oldSide {
    case .nothing: break
    case .itself, .published: old = object
    case .base(let base):
      old = before(effective, environment.name)
        .flatMap { base.loaded.library.admitted($0) }.map { Manifest($0) }
    }
    hold(intent: ObjectChange(object: object, oldObject: old), checker) { verdict in
      var finding = verdict.finding
      if let field = verdict.fields.first {
        let part: Place.Part = verdict.keyFields.contains(field) ? .key : .value
        finding.place = effective.place(of: field, part: part)
      }
      findings.append(about(effective.intent, environment, finding))
    }
  }

  /// Holds the deletion of an intent of the base against the policies that name its kind.
  func checkDeletion(
    of effective: EffectiveIntent, _ library: GoldenPathLibrary, environment: Int, place: Place
  ) -> [Finding] {
    guard let checker = checker(environment), checker.looksAt(effective.intent),
      let document = library.admitted(effective)
    else { return [] }
    var findings: [Finding] = []
    hold(intent: ObjectChange(object: nil, oldObject: Manifest(document)), checker) { verdict in
      var finding = verdict.finding
      finding.environment = loaded.platform.environments[environment].name
      finding.intent = effective.intent.reference
      finding.place = place
      findings.append(finding)
    }
    return findings
  }

  /// No cluster decides about intents: nothing is marked as what one would show.
  private func hold(
    intent change: ObjectChange, _ checker: ChangeChecker, _ report: (Verdict) -> Void
  ) {
    checker.check(change, isCounted: false) { verdict in
      var verdict = verdict
      verdict.finding.shown = false
      report(verdict)
    }
  }
}
