import Diagnostics
import Documents
import Intents
import Manifests
import Policies

/// One object on both sides of a change: created, updated (also to what it was) or deleted.
struct ObjectChange: Sendable {
  /// The object as it shall be; nil when it is deleted.
  let object: Manifest?
  /// The object as it was; nil when it is created.
  let oldObject: Manifest?
  /// The object as it was written, where `object` is what a server makes of it and a policy wants to know.
  var written: Manifest?

  /// What an API server would be asked.
  func request(
    in directory: ResourceDirectory
  ) -> Result<AdmissionRequest, AdmissionRequest.Problem> {
    var request: Result<AdmissionRequest, AdmissionRequest.Problem> =
      switch (object, oldObject) {
      case (let object?, let old?): AdmissionRequest.update(object, from: old, in: directory)
      case (let object?, nil): AdmissionRequest.create(object, in: directory)
      case (nil, let old?): AdmissionRequest.delete(old, in: directory)
      case (nil, nil): .failure(.noKind)
      }
    guard let written, case .success(var known) = request else { return request }
    known.written = written
    request = .success(known)
    return request
  }

  /// The object that is meant: the new one where there is one.
  var subject: Manifest? { object ?? oldObject }
}

/// Holds changes against the policies of one environment, and counts what could not be asked. One a
/// thread.
final class ChangeChecker {
  /// The policies, and what they did.
  let evaluator: PolicyEvaluator
  /// Objects that no policy could be asked about, by kind and reason.
  private(set) var notRequested: [Ledger.NotEvaluated: Int] = [:]
  private var decisions: [Decision] = []

  /// `objects` are what RepositoryPolicies see beside the object.
  init(_ set: PolicySet, requester: Requester, objects: RepositoryObjects? = nil) {
    evaluator = PolicyEvaluator(set, requester: requester, objects: objects)
  }

  /// What could not be asked since the last call; counting begins anew.
  func takeNotRequested() -> [Ledger.NotEvaluated: Int] {
    defer { notRequested = [:] }
    return notRequested
  }

  /// Calls `report` for whatever the policies say against a change, in their order, then for what
  /// they say against the Pod that a workload would create.
  ///
  /// About an object that is refused before any policy would be asked, only what fails is said, and no
  /// cluster would show it. What is asked for a baseline only, or about an intent, is not counted among
  /// what could not be asked.
  func check(
    _ admitted: ObjectAdmitter.AdmittedChange, isBaseline: Bool = false,
    _ report: (Verdict) -> Void
  ) {
    check(admitted.change, isCounted: !isBaseline) { verdict in
      guard admitted.isRefused else { return report(verdict) }
      guard verdict.kind == .failed else { return }
      var verdict = verdict
      verdict.finding.shown = false
      report(verdict)
    }
  }

  /// As above, for objects that are what an API server would hold.
  func check(_ change: ObjectChange, isCounted: Bool = true, _ report: (Verdict) -> Void) {
    switch change.request(in: evaluator.set.directory) {
    case .failure(let problem):
      guard isCounted else { return }
      let kind = change.subject?.kind.asString ?? ""
      notRequested[.init(subject: "kind \(kind)", reason: problem.reason), default: 0] += 1
    case .success(let request):
      evaluator.evaluate(request, into: &decisions)
      if !decisions.isEmpty {
        for decision in decisions {
          report(
            Verdict(
              finding: decision.finding(for: request), fields: decision.fields,
              keyFields: decision.keyFields, kind: decision.kind, wanted: decision.wanted))
        }
        decisions.removeAll(keepingCapacity: true)
      }
      checkPod(of: request, report)
    }
  }

  /// Whether any policy names the kind of an intent.
  func looksAt(_ intent: Intent) -> Bool {
    evaluator.set.looksAtIntents(apiVersion: intent.apiVersion, kind: intent.kind)
  }

  private func checkPod(of workload: AdmissionRequest, _ report: (Verdict) -> Void) {
    guard let (request, pod) = evaluator.evaluatePod(of: workload, into: &decisions),
      !decisions.isEmpty
    else { return }
    for decision in decisions {
      report(
        Verdict(
          finding: decision.finding(for: request, derivedFrom: workload.reference),
          fields: decision.fields.map(pod.path(inWorkload:)),
          keyFields: Set(decision.keyFields.map(pod.path(inWorkload:))), kind: decision.kind))
    }
    decisions.removeAll(keepingCapacity: true)
  }
}

/// What a policy, or the API server itself, says against a change.
struct Verdict {
  /// Without a primary place.
  var finding: Finding
  /// The fields that decided, in the object of the change; empty when they are not known.
  let fields: [FieldPath]
  /// Those of them whose keys decided, and not their values.
  var keyFields: Set<FieldPath> = []
  /// What kind of trouble a policy has with it; nil for what is no policy's.
  var kind: Decision.Kind?
  /// The value that the field should have, where the policy says it.
  var wanted: String?
}

extension [Ledger.NotEvaluated: Int] {
  /// The entries with how many manifests each is about.
  var counted: [Ledger.NotEvaluated] {
    map { entry, count in
      let manifests = count == 1 ? "1 manifest" : "\(count) manifests"
      return .init(subject: entry.subject, reason: "\(entry.reason) (\(manifests))")
    }
  }
}
