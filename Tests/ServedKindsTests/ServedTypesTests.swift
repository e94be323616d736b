import Documents
import Manifests
import Testing

@testable import ServedKinds

@Suite struct ServedTypesTests {
  /// A typo in the table that is kept by hand would silently do nothing.
  @Test func everyFactIsAboutAFieldThatThereIs() {
    var fields: [String: Set<String>] = [:]
    for name in TypePack.shared.names {
      let parts = name.split(separator: ".")
      let type = "\(parts.first ?? "").\(parts.last ?? "")"
      for minor in TypePack.minors {
        guard let line = TypePack.shared.line(of: name, minor: minor) else { continue }
        for field in line.fields {
          let text = String(decoding: field, as: UTF8.self)
          let fieldName = text.prefix { $0 != " " && $0 != "!" }
          fields[type, default: []].insert(String(fieldName))
        }
      }
    }
    for type in TypeFactIndex.shared.types {
      #expect(fields[type] != nil, "there is no type \(type)")
      for field in TypeFactIndex.shared.facts(of: type).keys.sorted() {
        #expect(fields[type]?.contains(field) ?? true, "\(type) has no field \(field)")
      }
    }
    for type in DefaultHooks.byType.keys.sorted() {
      #expect(fields[type] != nil, "there is no type \(type) for a default")
    }
  }

  @Test(arguments: TypePack.minors)
  func everyServedKindHasItsTypes(_ minor: Int) {
    let kinds = ServedKinds(minor: minor)
    for kind in KindTable.builtIn.kinds {
      for version in kind.versions(in: minor) where !version.version.contains("alpha") {
        let apiVersion = kind.group.isEmpty ? version.version : "\(kind.group)/\(version.version)"
        #expect(
          kinds.kind(apiVersion: apiVersion, kind: kind.kind) != nil
            || TypePack.shared.typeName(apiVersion: apiVersion, kind: kind.kind) == nil,
          "1.\(minor) \(apiVersion) \(kind.kind)")
      }
    }
    #expect(kinds.kind(apiVersion: "apps/v1", kind: "Deployment") != nil)
    #expect(kinds.kind(apiVersion: "apps/v1", kind: "Pod") == nil)
  }

  @Test func versionsDiffer() {
    let new = ServedKinds(minor: 36)
    let old = ServedKinds(minor: 30)
    #expect(new.kind(apiVersion: "resource.k8s.io/v1", kind: "DeviceClass") != nil)
    #expect(old.kind(apiVersion: "resource.k8s.io/v1", kind: "DeviceClass") == nil)
  }

  @Test(arguments: [
    ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
    ("2024-01-01T00:30:00+01:00", "2023-12-31T23:30:00Z"),
    ("2024-02-29T12:00:00.999Z", "2024-02-29T12:00:00Z"),
    ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
    ("2023-02-29T12:00:00Z", nil), ("2024-01-01", nil), ("2024-01-01T24:00:00Z", nil),
    ("2024-01-01 00:00:00Z", nil),
  ])
  func timesAreStoredInUTC(_ text: String, _ expected: String?) {
    #expect(
      Array(text.utf8).withUnsafeBufferPointer { storedTime($0, hasMicroseconds: false) }
        == expected)
  }

  @Test(arguments: [
    ("nginx", true), ("nginx:latest", true), ("nginx:1", false), ("host:5000/nginx", true),
    ("host:5000/nginx:1", false),
    ("nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000", false),
    ("not an image", false), ("", false),
  ])
  func imagesWithoutATagAreTheLatest(_ image: String, _ isLatest: Bool) {
    let document = Document { $0.string(image) }
    #expect(DefaultHooks.hasLatestTag(document.root) == isLatest)
  }
}

@Suite struct DeprecationTests {
  @Test func aRemovedVersionNamesWhatToWrite() {
    let deprecation = ServedKinds(minor: 36).deprecation(
      apiVersion: "batch/v1beta1", kind: "CronJob")
    #expect(deprecation?.isRemoved == true)
    #expect(deprecation?.removedIn == 25)
    #expect(deprecation?.replacement == "batch/v1")
  }

  @Test func whatMovedToAnotherGroupIsNamedThere() {
    let kinds = ServedKinds(minor: 36)
    #expect(
      kinds.deprecation(apiVersion: "extensions/v1beta1", kind: "Ingress")?.replacement
        == "networking.k8s.io/v1")
  }

  @Test func operatorsDeprecateToo() {
    let kinds = ServedKinds(minor: 36)
    #expect(
      kinds.deprecation(apiVersion: "external-secrets.io/v1beta1", kind: "ExternalSecret")?
        .replacement
        == "external-secrets.io/v1")
    #expect(kinds.deprecation(apiVersion: "apps/v1", kind: "Deployment") == nil)
  }
}
