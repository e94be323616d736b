import Documents
import Quantities

/// Volumes made of several sources, and files from the Downward API.
extension ObjectValidation {
  /// A projected volume (`validateProjectionSources`).
  mutating func projectedSource(_ volume: Value) {
    expectFileMode("defaultMode", of: volume)
    var paths: [Value] = []
    elements("sources", of: volume) { check, source, _ in
      var count = 0
      for name: StaticString in ["secret", "configMap"] {
        check.given(name, of: source) { check, projection in
          count += 1
          check.require("name", of: projection, "volume/object-name")
          check.elements("items", of: projection) { check, item, _ in
            check.keyToPath(item)
            check.projectedPath(item["path"], &paths)
          }
        }
      }
      check.given("downwardAPI", of: source) { check, projection in
        count += 1
        check.downwardFiles(of: projection) { check, path in
          check.projectedPath(path, &paths)
        }
      }
      check.given("serviceAccountToken", of: source) { check, token in
        count += 1
        check.tokenProjection(token)
      }
      check.given("clusterTrustBundle", of: source) { check, bundle in
        count += 1
        check.trustBundleProjection(bundle)
        check.projectedPath(bundle["path"], &paths, isEmptyCounted: true)
      }
      check.given("podCertificate", of: source) { check, certificate in
        count += 1
        check.certificateProjection(certificate, &paths)
      }
      if count > 1 {
        check.report(
          "volume/projection-two-sources", .forbidden,
          "an entry of 'sources' may not have more than one source",
          help: "make each an entry of its own")
      }
    }
  }

  /// Reports a path that another source of the volume has already; printed at the volume.
  private mutating func projectedPath(
    _ path: Value, _ paths: inout [Value], isEmptyCounted: Bool = false
  ) {
    guard isEmptyCounted || !path.isUnset else { return }
    if paths.contains(where: { $0.hasSameBytes(as: path) }) {
      report(
        "volume/projection-conflict", .invalid, at: "path",
        "path '\(path.shown)' comes from two sources of this volume",
        printedAs: printedPath.ofProjectedVolume)
    } else {
      paths.append(path)
    }
  }

  private mutating func tokenProjection(_ token: Value) {
    let seconds = token["expirationSeconds"]
    if seconds.intOrZero < 600 {
      report(
        "volume/token-expiry", .invalid, at: "expirationSeconds",
        "a token must live at least 10 minutes, not \(seconds.shown) seconds",
        help: "write 600 or more")
    }
    if seconds.intOrZero > 1 << 32 {
      report(
        "volume/token-expiry", .invalid, at: "expirationSeconds",
        "a token may not live longer than 2^32 seconds")
    }
    let path = token["path"]
    if path.isUnset {
      report(
        "volume/token-path", .required, at: "path", "'path' is missing or empty",
        printedAs: "\(printedPath.ofProjectedVolume).path")
    } else {
      printing({ $0.ofProjectedVolume }) { check in
        check.expectDescendingPath(path, "volume/token-path", at: "path", isReserved: true)
      }
    }
  }

  private mutating func trustBundleProjection(_ bundle: Value) {
    let name = bundle["name"]
    let signer = bundle["signerName"]
    if name.isGiven, signer.isGiven {
      report(
        "volume/trust-bundle", .invalid, "only one of 'name' and 'signerName' may be set")
    } else if name.isGiven {
      require("name", of: bundle, "volume/trust-bundle")
      trustBundleName(name)
      if bundle["labelSelector"].isGiven {
        report(
          "volume/trust-bundle", .invalid, at: "labelSelector",
          "'labelSelector' goes with 'signerName', not with 'name'")
      }
    } else if signer.isGiven {
      require("signerName", of: bundle, "volume/trust-bundle")
      signerName(signer, at: "signerName", "volume/trust-bundle")
      given("labelSelector", of: bundle) { $0.labelSelector($1) }
    } else {
      report("volume/trust-bundle", .required, "either 'name' or 'signerName' must be set")
    }
    require("path", of: bundle, "volume/trust-bundle")
    expectDescendingPath(bundle["path"], "volume/trust-bundle", at: "path", isReserved: true)
  }

  /// `signer.example.com:path:name`, or a plain name.
  private mutating func trustBundleName(_ name: Value) {
    let text = name.shown
    let last = text.lastIndex(of: ":").map { String(text[text.index(after: $0)...]) } ?? text
    for problem in NameFormat.dns1123Subdomain.problems(in: last) {
      report(
        "volume/trust-bundle", .invalid, at: "name",
        "'\(text)' is no name of a ClusterTrustBundle: \(problem)")
    }
  }

  /// The name of a signer: a domain, a slash and a path of at most 571 bytes.
  mutating func signerName(_ name: Value, at field: StaticString, _ rule: StaticString) {
    let text = name.asString ?? ""
    if text.isEmpty {
      report(rule, .required, at: field, "'\(field)' is missing or empty")
      return
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      report(
        rule, .invalid, at: field,
        "'\(text)' must be a domain and a path, such as 'signer.example.com/name'")
      return
    }
    let problems =
      NameFormat.dns1123Subdomain.problems(in: String(parts[0]))
      + (parts[0].contains(".") ? [] : ["the domain needs at least two labels"])
      + parts[1].split(separator: ".", omittingEmptySubsequences: false).flatMap {
        NameFormat.dns1123Subdomain.problems(in: String($0))
      }
    for problem in problems { report(rule, .invalid, at: field, "'\(text)': \(problem)") }
    if text.utf8.count > 571 {
      report(rule, .tooLong, at: field, "'\(field)' may not be more than 571 bytes")
    }
  }

  private mutating func certificateProjection(
    _ certificate: Value, _ paths: inout [Value]
  ) {
    signerName(certificate["signerName"], at: "signerName", "volume/pod-certificate")
    expectOneOf(
      ["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"],
      certificate["keyType"], "volume/pod-certificate", at: "keyType", emptyIsMissing: false)
    let isBuiltIn = certificate["signerName"].hasPrefix("kubernetes.io/")
    expectRange(
      3600...(isBuiltIn ? 86400 : 7_862_400), certificate["maxExpirationSeconds"],
      "volume/pod-certificate", at: "maxExpirationSeconds")
    var count = 0
    for name: StaticString in ["credentialBundlePath", "keyPath", "certificateChainPath"] {
      guard !certificate[name].isUnset else { continue }
      count += 1
      expectDescendingPath(certificate[name], "volume/pod-certificate", at: name, isReserved: true)
      projectedPath(certificate[name], &paths)
    }
    if count == 0 {
      report(
        "volume/pod-certificate", .required,
        "one of 'credentialBundlePath', 'keyPath' and 'certificateChainPath' is needed")
    }
  }

  /// Files from the Downward API; the API server prints them without their index in `items`.
  mutating func downwardFiles(
    of source: Value, _ file: (inout ObjectValidation, Value) -> Void = { _, _ in }
  ) {
    elements("items", of: source) { check, item, _ in
      check.printing({ String($0.withoutLastIndex.dropLast(".items".utf8.count)) }) {
        $0.downwardFile(item)
      }
      file(&check, item["path"])
    }
  }

  private mutating func downwardFile(_ item: Value) {
    require("path", of: item, "volume/item-path")
    expectDescendingPath(item["path"], "volume/item-path", at: "path", isReserved: true)
    let reference = item["fieldRef"]
    let resource = item["resourceFieldRef"]
    if reference.isGiven {
      field("fieldRef", of: item) { $0.fieldReference($1, in: .volume) }
      if resource.isGiven {
        report(
          "volume/item-source", .invalid, "'fieldRef' and 'resourceFieldRef' cannot both be set")
      }
    } else if resource.isGiven {
      field("resourceFieldRef", of: item) { $0.resourceReference($1, needsContainer: true) }
    } else {
      report("volume/item-source", .required, "one of 'fieldRef' and 'resourceFieldRef' is needed")
    }
    expectFileMode("mode", of: item)
  }
}

extension String {
  /// The printed path of the volume whose source in `sources` this is, or is below.
  fileprivate var ofProjectedVolume: String {
    var rest = self[...]
    while let dot = rest.lastIndex(of: ".") {
      if rest[dot...].hasPrefix(".sources[") { return String(rest[..<dot]) }
      rest = rest[..<dot]
    }
    return self
  }
}
