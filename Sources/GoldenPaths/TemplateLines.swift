import Diagnostics

/// The line of a chart's template that writes a field, by its keys and their indentation: templates are
/// programs, so this is a reading of their text and no more.
struct TemplateLines {
  private let lines: [(start: Int, text: ArraySlice<UInt8>)]

  init(_ text: [UInt8]) {
    lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { (start: $0.startIndex, text: $0) }
  }

  /// The bytes of the key that writes the last step of the path that can be found, in the document of the kind; nil
  /// where not even the first is.
  func key(of field: FieldPath, kind: String) -> Range<Int>? {
    var range = document(of: kind)
    var indent = -1
    var found: Range<Int>?
    for step in field.steps {
      guard case .key(let name) = step else { continue }
      guard let (index, key, depth) = line(of: name, in: range, below: indent) else { break }
      found = key
      indent = depth
      range = (index + 1)..<end(of: indent, from: index + 1, range.upperBound)
    }
    return found
  }

  /// The lines between two `---` that say the kind; all of them if none does.
  private func document(of kind: String) -> Range<Int> {
    var start = 0
    let wanted = Array("kind: \(kind)".utf8)
    for index in lines.indices {
      if lines[index].text.starts(with: Array("---".utf8)) { start = index + 1 }
      guard trimmedEnd(lines[index].text).elementsEqual(wanted) else { continue }
      let end =
        lines[(index + 1)...].firstIndex { $0.text.starts(with: Array("---".utf8)) }
        ?? lines.endIndex
      return start..<end
    }
    return lines.indices
  }

  private func trimmedEnd(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = line
    while let last = line.last, last == 0x20 || last == 0x0D { line.removeLast() }
    return line
  }

  /// The first line that writes a key deeper than an indentation.
  private func line(
    of name: String, in range: Range<Int>, below indent: Int
  ) -> (index: Int, key: Range<Int>, depth: Int)? {
    let wanted = Array(name.utf8)
    for index in range {
      guard let (depth, start) = content(lines[index].text), depth > indent else { continue }
      for quote in [[], [UInt8(ascii: "\"")], [UInt8(ascii: "'")]] {
        let key = quote + wanted + quote
        let rest = lines[index].text[start...]
        if rest.starts(with: key), rest.dropFirst(key.count).first == UInt8(ascii: ":") {
          return (index, start..<(start + key.count), depth)
        }
      }
    }
    return nil
  }

  /// How far in a line begins, and where its text does behind dashes; nil for empty lines, comments and actions.
  private func content(_ line: ArraySlice<UInt8>) -> (depth: Int, start: Int)? {
    var index = line.startIndex
    while index < line.endIndex, line[index] == 0x20 || line[index] == 0x2D {
      if line[index] == 0x2D, index + 1 == line.endIndex || line[index + 1] != 0x20 { break }
      index += 1
    }
    guard index < line.endIndex, line[index] != UInt8(ascii: "#"), line[index] != 0x0D,
      !line[index...].starts(with: Array("{{".utf8))
    else { return nil }
    return (index - line.startIndex, index)
  }

  /// The first line that is no deeper than an indentation.
  private func end(of indent: Int, from start: Int, _ limit: Int) -> Int {
    guard start < limit else { return limit }
    return (start..<limit).first { index in
      content(lines[index].text).map { $0.depth <= indent } ?? false
    } ?? limit
  }
}

extension ChartSource {
  /// The place of the line that writes a field of an object, or of the file where that cannot be told.
  func place(of field: FieldPath, kind: String, inTemplate name: String) -> Place? {
    guard let (path, text) = file(name) else { return nil }
    guard let range = TemplateLines(text).key(of: field, kind: kind) else {
      return Place(file: path)
    }
    return Place(file: path, anchor: .bytes(range))
  }
}
