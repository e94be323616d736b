import CEL
import Diagnostics
import Documents
import Manifests

/// One entry of a golden path's `spec.resources`, compiled.
struct Resource: Sendable {
  /// One dimension of a `forEach`.
  struct Dimension: Sendable {
    var name: String
    var expression: Expression
    /// The variable's slot.
    var slot: Int
  }

  /// A read of what only a cluster knows.
  struct ClusterRead: Sendable {
    var expression: Expression
    /// The bytes of the read inside the expression.
    var range: Range<Int>
    /// Why it needs a cluster.
    var reason: String
  }

  let id: String
  /// The folder of the chart that it renders, from the platform's root; nil for a template.
  var chartFolder: String?
  /// The 0-based index in `spec.resources`; its variable's slot follows from it.
  let index: Int
  /// `spec.resources[index]`
  let path: FieldPath
  /// The template; nil for an `externalRef`.
  let plan: TemplatePlan?
  /// `apiVersion` and `kind` as written in the template.
  let apiVersion: String
  let kind: String
  let scope: Scope
  let includeWhen: [Expression]
  let forEach: [Dimension]
  /// The indices of the resources that this one reads, sorted.
  let dependencies: [Int]
  /// Reads that are known to need a cluster.
  let clusterReads: [ClusterRead]
  /// Whether another resource reads this one.
  var isRead = false
  /// Whether `data` reads as bytes: a Secret (B.4 of kro's type rules: `format: byte`).
  let isSecret: Bool
  /// What is changed in the objects of a chart.
  var patches: [ChartPatch] = []
  /// Whether other intents may ask for its objects too, byte for byte.
  var isShared = false
  /// What expressions read beyond the template (`static`): a map, or absent.
  var known: Value = .absent

  var isExternal: Bool { plan == nil }
  var isCollection: Bool { !forEach.isEmpty }
  var group: String { splitAPIVersion(apiVersion).group }

  /// The path of a field of the template.
  func templatePath(_ path: FieldPath = .root) -> FieldPath {
    self.path.key(chartFolder == nil ? "template" : "chart").appending(path)
  }
}
