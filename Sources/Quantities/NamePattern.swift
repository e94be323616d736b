/// The sentence of the API server against a name that does not match a pattern: what is asked for,
/// examples, and the pattern itself.
struct NamePattern: Sendable {
  let demand: String
  let pattern: String
  let examples: [String]

  /// The whole sentence, as `validation.RegexError` of apimachinery builds it: two blanks stand
  /// after the comma of an example that is followed by another.
  var message: String {
    demand + " (e.g. " + examples.map { "'\($0)', " }.joined(separator: " or ")
      + "regex used for validation is '" + pattern + "')"
  }

  private static let label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
  private static let subdomain = label + "(\\." + label + ")*"
  private static let namePart = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"

  static let dns1123Label = NamePattern(
    demand: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "
      + "'-', and must start and end with an alphanumeric character",
    pattern: label, examples: ["my-name", "123-abc"])

  static let dns1123Subdomain = NamePattern(
    demand: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
      + "'-' or '.', and must start and end with an alphanumeric character",
    pattern: subdomain, examples: ["example.com"])

  static let dns1035Label = NamePattern(
    demand: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start "
      + "with an alphabetic character, and end with an alphanumeric character",
    pattern: "[a-z]([-a-z0-9]*[a-z0-9])?", examples: ["my-name", "abc-123"])

  static let wildcardSubdomain = NamePattern(
    demand: "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS "
      + "subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end "
      + "with an alphanumeric character",
    pattern: "\\*\\." + subdomain, examples: ["*.example.com"])

  static let qualifiedName = NamePattern(
    demand: "must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
      + "with an alphanumeric character",
    pattern: namePart, examples: ["MyName", "my.name", "123-abc"])

  static let labelValue = NamePattern(
    demand: "a valid label must be an empty string or consist of alphanumeric characters, '-', "
      + "'_' or '.', and must start and end with an alphanumeric character",
    pattern: "(" + namePart + ")?", examples: ["MyValue", "my_value", "12345"])

  static let cIdentifier = NamePattern(
    demand: "a valid C identifier must start with alphabetic character or '_', followed by a "
      + "string of alphanumeric characters or '_'",
    pattern: "[A-Za-z_][A-Za-z0-9_]*", examples: ["my_name", "MY_NAME", "MyName"])

  static let environmentVariable = NamePattern(
    demand: "a valid environment variable name must consist of alphabetic characters, digits, "
      + "'_', '-', or '.', and must not start with a digit",
    pattern: "[-._a-zA-Z][-._a-zA-Z0-9]*", examples: ["my.env-name", "MY_ENV.NAME", "MyEnvName1"])

  static let configMapKey = NamePattern(
    demand: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    pattern: "[-._a-zA-Z0-9]+", examples: ["key.name", "KEY_NAME", "key-name"])

  static let httpHeader = NamePattern(
    demand: "a valid HTTP header must consist of alphanumeric characters or '-'",
    pattern: "[-A-Za-z0-9]+", examples: ["X-Header-Name"])

  static let percent = NamePattern(
    demand: "a valid percent string must be a numeric string followed by an ending '%'",
    pattern: "[0-9]+%", examples: ["1%", "93%"])
}
