import Documents
import Manifests

/// The policies that requests of one shape can match, with what is left to check for each.
struct Bucket {
  /// A policy whose rules match the shape. A class, because copying its fields at each request
  /// would count references of all of them.
  final class Candidate {
    let policy: CompiledPolicy
    let names: NameFilter
    /// The version of the resource that the policy sees.
    let versionIndex: Int
    let selectors: Selectors
    let bindings: [BindingCandidate]

    init(
      _ policy: CompiledPolicy, names: NameFilter, versionIndex: Int, selectors: Selectors,
      bindings: [BindingCandidate]
    ) {
      self.policy = policy
      self.names = names
      self.versionIndex = versionIndex
      self.selectors = selectors
      self.bindings = bindings
    }
  }

  /// A binding that narrows its policy no further than to the shape.
  final class BindingCandidate {
    let binding: CompiledBinding
    let names: NameFilter
    let selectors: Selectors

    init(_ binding: CompiledBinding, names: NameFilter, selectors: Selectors) {
      self.binding = binding
      self.names = names
      self.selectors = selectors
    }
  }

  let candidates: [Candidate]
}

/// The selectors of constraints; absent ones select everything.
struct Selectors {
  let namespace: Value
  let object: Value
  /// Where the answers for namespaces are kept; -1 without a namespace selector.
  let cacheIndex: Int

  @inline(__always)
  var isEmpty: Bool { namespace.isAbsent && object.isAbsent }
}

/// Finds the bucket of a request; buckets are made when the first request of their shape comes.
///
/// Time for a request is proportional to the policies that match its shape, not to all.
struct MatchIndex {
  private let policies: [CompiledPolicy]
  private var buckets: [Bucket?]
  private var selectorCount = 0
  /// By the index of a workload's resource, the policies for its Pods that are not for itself.
  private var podBuckets: [Int: Bucket] = [:]
  private let pods: Resource?

  init(_ policies: [CompiledPolicy], directory: ResourceDirectory) {
    self.policies = policies
    pods = directory.resource(kind: "Pod", apiVersion: "v1")
    buckets = Array(repeating: nil, count: directory.resources.count * MatchIndex.stride)
  }

  /// Shapes for each resource: up to 16 versions of 4 operations; versions over that share a
  /// bucket that is made each time.
  private static let stride = 64

  /// The bucket of a request.
  mutating func bucket(for request: AdmissionRequest) -> Bucket {
    let shape = RequestShape(
      resource: request.resource, versionIndex: request.versionIndex,
      operation: request.operation)
    guard request.versionIndex < 16 else { return make(shape) }
    let place =
      request.resource.index * MatchIndex.stride + request.versionIndex * 4
      + request.operation.ordinal
    if let bucket = buckets[place] { return bucket }
    let bucket = make(shape)
    buckets[place] = bucket
    return bucket
  }

  /// The policies that look at Pods but, in no operation, at a workload; nil for what has no Pods.
  mutating func podBucket(for workload: AdmissionRequest) -> Bucket? {
    guard let pods,
      podTemplatePath(group: workload.resource.group, kind: workload.resource.kind) != nil
    else { return nil }
    if let known = podBuckets[workload.resource.index] { return known }
    let own = Set(
      [Operation.create, .update].flatMap { operation in
        make(
          RequestShape(
            resource: workload.resource, versionIndex: workload.versionIndex,
            operation: operation)
        ).candidates.map(\.policy.index)
      })
    let all = make(RequestShape(resource: pods, versionIndex: 0, operation: .create))
    let bucket = Bucket(candidates: all.candidates.filter { !own.contains($0.policy.index) })
    podBuckets[workload.resource.index] = bucket
    return bucket
  }

  private mutating func make(_ shape: RequestShape) -> Bucket {
    var candidates: [Bucket.Candidate] = []
    for policy in policies {
      guard let match = policy.policy.matchConstraints.match(shape) else { continue }
      var bindings: [Bucket.BindingCandidate] = []
      for binding in policy.bindings {
        let resources = binding.binding.matchResources
        var names = NameFilter()
        if let resources {
          guard let match = resources.match(shape) else { continue }
          names = match.names
        }
        bindings.append(
          Bucket.BindingCandidate(
            binding, names: names, selectors: selectors(of: resources)))
      }
      guard !bindings.isEmpty else { continue }
      candidates.append(
        Bucket.Candidate(
          policy, names: match.names, versionIndex: match.versionIndex,
          selectors: selectors(of: policy.policy.matchConstraints), bindings: bindings))
    }
    return Bucket(candidates: candidates)
  }

  private mutating func selectors(of resources: MatchResources?) -> Selectors {
    let namespace = resources?.namespaceSelector ?? .absent
    var cacheIndex = -1
    if !namespace.isAbsent {
      cacheIndex = selectorCount
      selectorCount += 1
    }
    return Selectors(
      namespace: namespace, object: resources?.objectSelector ?? .absent, cacheIndex: cacheIndex)
  }
}

extension Operation {
  fileprivate var ordinal: Int {
    switch self {
    case .create: 0
    case .update: 1
    case .delete: 2
    case .connect: 3
    }
  }
}
