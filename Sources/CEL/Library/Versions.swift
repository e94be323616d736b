import Documents
import Quantities

extension CELType {
  static let semver = CELType.opaque("kubernetes.Semver", [])
}

extension Library {
  /// Kubernetes' versions (https://semver.org).
  static let versions: [Function] = [
    Function("semver", .string, returns: .semver, in: versionAvailability, cost: .rounded(0, 0.1)) {
      text, frame in version(text, isNormalized: false, frame)
    },
    Function(
      "semver", .string, .bool, returns: .semver, in: versionAvailability, cost: .rounded(0, 0.1)
    ) { text, isNormalized, frame in version(text, isNormalized: isNormalized.isTrue, frame) },
    Function("isSemver", .string, returns: .bool, in: versionAvailability, cost: .rounded(0, 0.1)) {
      text, _ in .bool((try? parsed(text, isNormalized: false).get()) != nil)
    },
    Function(
      "isSemver", .string, .bool, returns: .bool, in: versionAvailability, cost: .rounded(0, 0.1)
    ) { text, isNormalized, _ in
      .bool((try? parsed(text, isNormalized: isNormalized.isTrue).get()) != nil)
    },
    number("major") { $0.major },
    number("minor") { $0.minor },
    number("patch") { $0.patch },
    versionOrder("isGreaterThan", returns: .bool) { .bool($0 > 0) },
    versionOrder("isLessThan", returns: .bool) { .bool($0 < 0) },
    versionOrder("compareTo", returns: .int) { .int(Int64($0)) },
  ]

  private static let versionAvailability = Availability.all(kubernetesSince: 33)

  private static func parsed(
    _ text: Value, isNormalized: Bool
  ) -> Result<SemanticVersion, SemanticVersion.ParseError> {
    let text = text.asString ?? ""
    return isNormalized ? SemanticVersion.parseNormalizing(text) : SemanticVersion.parse(text)
  }

  private static func version(_ text: Value, isNormalized: Bool, _ frame: Frame) -> Value {
    switch parsed(text, isNormalized: isNormalized) {
    case .success(let version): frame.arena.version(version)
    case .failure(let error): frame.error(error.message)
    }
  }

  private static func number(
    _ name: String, _ body: @escaping @Sendable (SemanticVersion) -> UInt64
  ) -> Function {
    Function(name, on: .semver, returns: .int, in: versionAvailability) { value, _ in
      .int(Int64(truncatingIfNeeded: body(value.version)))
    }
  }

  private static func versionOrder(
    _ name: String, returns type: CELType, _ body: @escaping @Sendable (Int) -> Value
  ) -> Function {
    Function(name, on: .semver, .semver, returns: type, in: versionAvailability) { left, right, _ in
      body(left.version.order(to: right.version))
    }
  }
}

private struct VersionBox: BitwiseCopyable {
  var major: UInt64
  var minor: UInt64
  var patch: UInt64
  var prerelease: Value
  var build: Value
}

extension Value {
  /// The version in a box; call it only on one.
  var version: SemanticVersion {
    guard let box = unboxed(as: VersionBox.self) else { return SemanticVersion(0, 0, 0) }
    return SemanticVersion(
      box.major, box.minor, box.patch, prerelease: box.prerelease.asString ?? "",
      build: box.build.asString ?? "")
  }
}

extension Arena {
  func version(_ version: SemanticVersion) -> Value {
    box(
      .semver,
      VersionBox(
        major: version.major, minor: version.minor, patch: version.patch,
        prerelease: string(version.prerelease), build: string(version.build)))
  }
}
