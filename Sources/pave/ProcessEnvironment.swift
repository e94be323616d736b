import Files

/// The variables that this process was started with.
func processEnvironment() -> [String: String] {
  let bytes = ((try? readFile("/proc/self/environ", named: "environ")) ?? nil) ?? []
  var variables: [String: String] = [:]
  for entry in bytes.split(separator: 0) {
    guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
    let name = String(decoding: entry[..<equals], as: UTF8.self)
    variables[name] = String(decoding: entry[(equals + 1)...], as: UTF8.self)
  }
  return variables
}
