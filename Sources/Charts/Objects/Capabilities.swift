import GoTemplates
import Quantities

/// What a chart is told of the cluster and of Helm: `.Capabilities`.
public struct Capabilities: Sendable {
  /// `v1.32.0`.
  public var kubernetesVersion: String
  /// `1`, and `32`.
  public var major: String, minor: String
  /// The API versions and `version/Kind`s that charts may ask for, beside the built-in ones.
  public var apiVersions: [String]

  /// The cluster that Helm 3.17.2 assumes when it knows none.
  public static let standard = Capabilities()

  private init() {
    kubernetesVersion = "v1.32.0"
    major = "1"
    minor = "32"
    apiVersions = []
  }

  /// A cluster of a version such as `1.30` or `v1.30.2`; nil if that is none.
  public init?(kubernetesVersion text: String, apiVersions: [String] = []) {
    guard let version = looseVersion(text) else { return nil }
    kubernetesVersion = "v\(version)"
    major = "\(version.major)"
    minor = "\(version.minor)"
    self.apiVersions = apiVersions
  }

  var object: GoValue {
    let version = GoStruct(
      typeName: "chartutil.KubeVersion", text: kubernetesVersion,
      encodedNames: ["Version", "Major", "Minor", "", ""],
      [
        ("Version", GoValue(kubernetesVersion)), ("Major", GoValue(major)),
        ("Minor", GoValue(minor)), ("GitVersion", GoValue(kubernetesVersion)),
        ("String", GoValue(kubernetesVersion)),
      ])
    let helm = GoStruct(
      typeName: "version.BuildInfo",
      encodedNames: ["version?", "git_commit?", "git_tree_state?", "go_version?"],
      [
        ("Version", GoValue("v3.17.2")),
        ("GitCommit", GoValue("cc0bbbd6d6276b83880042c1ecb34087e84d41eb")),
        ("GitTreeState", GoValue("clean")), ("GoVersion", GoValue("go1.23.7")),
      ])
    return .object(
      GoStruct(
        typeName: "*chartutil.Capabilities", kind: "ptr",
        [
          ("KubeVersion", .object(version)),
          ("APIVersions", .object(VersionSet(added: apiVersions))),
          ("HelmVersion", .object(helm)),
        ]))
  }
}

/// `.Capabilities.APIVersions`: a list of texts with the method `Has`.
final class VersionSet: GoObject {
  private static let builtIn = Set(builtInAPIVersions.map { Array($0.utf8) })
  private let added: [String]
  private lazy var list = GoList(
    strings: (builtInAPIVersions + added).map { Array($0.utf8) })

  /// The built-in versions and some more.
  init(added: [String]) {
    self.added = added
    super.init(typeName: "chartutil.VersionSet", kind: "slice")
  }

  override var underlying: GoValue? { .list(list) }

  override func method(_ name: [UInt8]) -> ClosedRange<Int>? {
    name.elementsEqual("Has".utf8) ? 1...1 : nil
  }

  override func call(
    _ name: [UInt8], _ arguments: [GoValue], _ execution: Execution
  ) throws -> GoValue {
    guard let version = arguments.first?.asBytes else {
      throw FunctionError("wrong type for value; expected string")
    }
    return .bool(
      Self.builtIn.contains(version) || added.contains { $0.utf8.elementsEqual(version) })
  }
}
