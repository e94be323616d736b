import Documents
import Quantities

/// The most bytes that the data of a ConfigMap or Secret may have.
private let byteLimit = 1 << 20
private let accountName: StaticString = "kubernetes.io/service-account.name"

/// What the API server asks of a ConfigMap and a Secret (core `ValidateConfigMap`, `ValidateSecret`).
extension ObjectValidation {
  mutating func configMap(_ object: Value) {
    var size = 0
    entries("data", of: object) { validation, key, value in
      validation.name("config/key", key, .configMapKey)
      if object["binaryData"].lookup(key).isSet {
        validation.report("config/key-twice", .invalid, "the key stands in 'binaryData' too")
      }
      size += value.count
    }
    entries("binaryData", of: object) { validation, key, value in
      validation.name("config/key", key, .configMapKey)
      size += decodedByteCount(value)
    }
    if size > byteLimit {
      report(
        "config/too-large", .tooLong, "the data has \(size) bytes, at most \(byteLimit) are taken",
        printedAs: "")
    }
  }

  mutating func configMapUpdate(_ object: Value, old: Value) {
    keptIfImmutable("data", "binaryData", object, old)
    configMap(object)
  }

  mutating func secret(_ object: Value) {
    let data = object["data"]
    var size = 0
    entries("data", of: object) { validation, key, value in
      validation.name("config/key", key, .configMapKey)
      size += decodedByteCount(value)
    }
    if size > byteLimit {
      report(
        "config/too-large", .tooLong, at: "data",
        "the data has \(size) bytes, at most \(byteLimit) are taken")
    }
    let type = object["type"]
    if type.isString("kubernetes.io/service-account-token") {
      if object["metadata"]["annotations"][accountName].isUnset {
        report(
          "secret/service-account", .required,
          "a token of a ServiceAccount needs the annotation '\(accountName)'",
          printedAs: "metadata.annotations[\(accountName)]")
      }
    } else if type.isString("kubernetes.io/dockercfg") {
      dockerConfig(".dockercfg", object)
    } else if type.isString("kubernetes.io/dockerconfigjson") {
      dockerConfig(".dockerconfigjson", object)
    } else if type.isString("kubernetes.io/basic-auth") {
      if !data["username"].isSet, !data["password"].isSet {
        missing("username", object)
        missing("password", object)
      }
    } else if type.isString("kubernetes.io/ssh-auth") {
      if data["ssh-privatekey"].isUnset { missing("ssh-privatekey", object) }
    } else if type.isString("kubernetes.io/tls") {
      if !data["tls.crt"].isSet { missing("tls.crt", object) }
      if !data["tls.key"].isSet { missing("tls.key", object) }
    }
  }

  mutating func secretUpdate(_ object: Value, old: Value) {
    immutable(
      "secret/type-changed", "type", of: object, was: old,
      help: "delete the Secret and create it anew with the other type")
    keptIfImmutable("data", nil, object, old)
    secret(object)
  }

  private mutating func missing(_ key: StaticString, _ secret: Value) {
    report(
      "secret/key-missing", .required, in: "data", key: key,
      "a Secret of type \(shown(secret["type"])) needs the key '\(key)'")
  }

  private mutating func dockerConfig(_ key: StaticString, _ secret: Value) {
    let value = secret["data"][key]
    guard value.isSet else { return missing(key, secret) }
    guard let bytes = base64Decoded(value.utf8) else { return }
    let parsed = parseJSON(bytes, file: "")
    if let document = parsed.documents.first, document.root.isKind(.map) || document.root.isNull {
      return
    }
    report(
      "secret/docker-config", .invalid, in: "data", key: key,
      "the key '\(key)' holds no JSON object")
  }

  private mutating func keptIfImmutable(
    _ first: StaticString, _ second: StaticString?, _ object: Value, _ old: Value
  ) {
    guard old["immutable"].isTrue else { return }
    let help = "delete the object and create it anew, or give the new one another name"
    if !object["immutable"].isTrue {
      report(
        "config/immutable", .forbidden, at: "immutable",
        "an object that is immutable stays so", help: help)
    }
    for name in [first, second] {
      if let name, !unchanged(object[name], old[name]) {
        report(
          "config/immutable", .forbidden, at: name,
          "'\(name)' cannot change, since the object is immutable", help: help)
      }
    }
  }

  /// Reports at a key of a map field.
  mutating func report(
    _ rule: StaticString, _ reason: ObjectError.Reason, in map: StaticString, key: StaticString,
    _ message: String, help: String? = nil
  ) {
    field(map, of: .absent) { validation, _ in
      validation.key(
        .string(at: key.utf8Start, count: key.utf8CodeUnitCount, isASCII: key.isASCII)
      ) { validation in validation.report(rule, reason, message, help: help) }
    }
  }
}

/// The bytes that base64 text stands for, without decoding it.
private func decodedByteCount(_ value: Value) -> Int {
  let padding = value.utf8.suffix(2).count { $0 == UInt8(ascii: "=") }
  return max(0, value.count / 4 * 3 - padding)
}
