import Foundation

/// The rooms of a package, the arrows between them, and what their files import: read from text, so that a
/// made-up package can be checked as well.
struct Architecture {
  /// A target of the package, with the targets it may use.
  struct Room: Equatable {
    var name: String
    var uses: [String]
  }

  /// A line of the map: where a room stands.
  struct Position: Equatable {
    var layer: Int
    /// The rooms of the same layer that it may use.
    var after: [String] = []
  }

  /// The targets under `Sources/`, in the order of the manifest.
  var rooms: [Room]
  /// The map of `Sources/README.md`.
  var map: [String: Position]

  init(manifest: String, map: String) {
    rooms = Self.rooms(in: manifest)
    self.map = Self.positions(in: map)
  }

  /// What is wrong with the arrows: one sentence each.
  func complaints() -> [String] {
    var complaints: [String] = []
    for room in rooms {
      guard let position = map[room.name] else {
        complaints.append("\(room.name) is not on the map")
        continue
      }
      for used in room.uses {
        guard let other = map[used] else { continue }
        if other.layer >= position.layer && !position.after.contains(used) {
          complaints.append(
            "\(room.name) (layer \(position.layer)) uses \(used) (layer \(other.layer))")
        }
      }
    }
    let known = Set(rooms.map(\.name))
    for name in map.keys.sorted() where !known.contains(name) {
      complaints.append("\(name) is on the map, but is no target")
    }
    return complaints
  }

  /// What is wrong with the imports of one file of a room.
  func complaints(about source: String, in room: String) -> [String] {
    let known = Set(rooms.map(\.name))
    let declared = Set(rooms.first { $0.name == room }?.uses ?? [])
    return Self.imports(in: source).compactMap { name in
      if name.hasPrefix("Foundation") { return "imports \(name)" }
      if known.contains(name), name != room, !declared.contains(name) {
        return "imports \(name), which Package.swift does not give to \(room)"
      }
      return nil
    }
  }

  /// The modules that the lines of a file import, whatever stands before or behind `import`.
  static func imports(in source: String) -> [String] {
    let line =
      #/^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?/#
      .ignoresCase(false)
    let rest =
      #/import\s+(?:(?:struct|enum|class|protocol|actor|func|var|let|typealias)\s+)?(\w+)/#
    return source.split(separator: "\n").compactMap { text in
      guard let start = text.prefixMatch(of: line) else { return nil }
      return text[start.range.upperBound...].prefixMatch(of: rest).map { String($0.1) }
    }
  }

  /// Paths that hold only on the machine of whoever wrote them.
  static func machinePaths(in text: String) -> [String] {
    // In pieces, so that this file does not find itself.
    let roots = ["work", "root", "home", "Users", "farm", "tmp/bash", "tmp/bin"]
    return roots.map { "/" + $0 + "/" }.filter { root in
      text.ranges(of: root).contains { range in
        // A folder of that name inside a relative path is nobody's machine.
        guard range.lowerBound > text.startIndex else { return true }
        let before = text[text.index(before: range.lowerBound)]
        return !(before.isLetter || before.isNumber || "._-}*/>".contains(before))
      }
    }
  }

  // MARK: reading

  private static func rooms(in manifest: String) -> [Room] {
    var found: [(position: String.Index, room: Room)] = []
    for match in manifest.matches(of: #/\broom\(\s*"(\w+)"(?:,\s*uses:\s*\[([^\]]*)\])?\s*\)/#) {
      found.append(
        (
          match.range.lowerBound,
          Room(name: String(match.1), uses: match.2.map { names(in: String($0)) } ?? [])
        ))
    }
    for match in manifest.matches(of: #/\.systemLibrary\(\s*name:\s*"(\w+)"/#) {
      found.append((match.range.lowerBound, Room(name: String(match.1), uses: [])))
    }
    let target =
      #/\.(?:executableTarget|target)\(\s*name:\s*"(\w+)"(?:,\s*dependencies:\s*\[([^\]]*)\])?/#
    for match in manifest.matches(of: target) {
      let dependencies = match.2.map { $0.replacing(#/\.product\([^)]*\)/#, with: "") } ?? ""
      found.append(
        (match.range.lowerBound, Room(name: String(match.1), uses: names(in: String(dependencies))))
      )
    }
    return found.sorted { $0.position < $1.position }.map(\.room)
  }

  private static func names(in list: String) -> [String] {
    list.matches(of: #/"(\w+)"/#).map { String($0.1) }
  }

  /// The rows `| 7, after Repositories | OutputTrees | … |` of a table.
  private static func positions(in map: String) -> [String: Position] {
    var positions: [String: Position] = [:]
    let row = #/^\|\s*(\d+)(?:,\s*after\s+([\w ,]+?))?\s*\|\s*`?(\w+)`?\s*\|/#
    for line in map.split(separator: "\n") {
      guard let match = line.prefixMatch(of: row), let layer = Int(match.1) else { continue }
      let after = match.2.map { $0.split { $0 == " " || $0 == "," }.map(String.init) } ?? []
      positions[String(match.3)] = Position(layer: layer, after: after)
    }
    return positions
  }
}
