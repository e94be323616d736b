import Repositories

/// What one unit owns in the output, as it is published in `.pave/<platform>/<unit path>`.
///
/// A text of lines, so that a change to one unit is a diff of a few lines in one small file:
/// `pave inventory 1`, `environment dev`, `intent WebService/payments/checkout`, then `<blob id>
/// <path>` for each file, sorted by path, and in the inventory of shared objects `asked <path>
/// <intent>`. A path with a `/` in front is from the root of the output.
struct Inventory {
  var environment: String
  /// `Kind/namespace/name`; empty for shared objects.
  var intent: String
  /// Sorted by path.
  var files: [(path: String, id: ObjectID)]
  /// The intents that ask for a file, by path.
  var askers: [String: [String]] = [:]

  private static let header = "pave inventory 1"

  var encoded: [UInt8] {
    var bytes = Array("\(Inventory.header)\nenvironment \(environment)\n".utf8)
    bytes.reserveCapacity(128 + files.count * 80)
    if !intent.isEmpty { bytes.append(contentsOf: "intent \(intent)\n".utf8) }
    for file in files {
      file.id.appendHexadecimal(to: &bytes)
      bytes.append(UInt8(ascii: " "))
      bytes.append(contentsOf: file.path.utf8)
      bytes.append(UInt8(ascii: "\n"))
    }
    for (path, intents) in askers.sorted(by: { isPathBefore($0.key, $1.key) }) {
      for intent in intents.sorted() {
        bytes.append(contentsOf: "asked \(path) \(intent)\n".utf8)
      }
    }
    return bytes
  }
}

extension Inventory {
  /// The inventory that bytes hold; nil when they are none of a version that is known here.
  init?(decoding bytes: [UInt8]) {
    let lines = bytes.split(separator: UInt8(ascii: "\n")).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard lines.first == Inventory.header else { return nil }
    self.init(environment: "", intent: "", files: [])
    for line in lines.dropFirst() {
      guard let space = line.firstIndex(of: " ") else { return nil }
      let rest = String(line[line.index(after: space)...])
      switch line[..<space] {
      case "environment": environment = rest
      case "intent": intent = rest
      case "asked":
        guard let end = rest.firstIndex(of: " ") else { return nil }
        askers[String(rest[..<end]), default: []].append(String(rest[end...].dropFirst()))
      case let id:
        guard let id = ObjectID(id), !rest.isEmpty else { return nil }
        files.append((rest, id))
      }
    }
  }
}
