/// Reads one YAML document as sigs.k8s.io/yaml over go-yaml v2 does: YAML 1.1, then through JSON, so
/// that every number is a `float64` and every key a string. Throws `FunctionError` in its words.
public func readYAML(_ bytes: [UInt8]) throws -> GoValue { throw FunctionError("not yet") }

/// A value as sigs.k8s.io/yaml (go-yaml v2) writes it, with the line end after it.
public func toYAML(_ value: GoValue) throws -> [UInt8] { throw FunctionError("not yet") }
