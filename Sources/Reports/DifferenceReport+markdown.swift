import Diagnostics
import OutputTrees

extension DifferenceReport {
  /// The first line of the Markdown: a comment that readers do not see, by which a later run finds its own comment.
  public static let marker = "<!-- pave: diff -->"
  /// Services refuse comments of over 65,536 characters.
  private static let markdownLimit = 60_000

  /// For the comment of a pull request: the blast radius, then a folded block an environment.
  func markdown(since title: String?) -> String {
    var text = "\(Self.marker)\n### Pave: \(summary)\n\n"
    if let title { text += "<sub>since \(code(title))</sub>\n\n" }
    var left = 0
    for (environment, blocks) in blocksByEnvironment {
      let count = blocks.reduce(0) { $0 + $1.count }
      var part =
        "<details><summary>\(escaped(environment)): \(counted(count, "object"))</summary>\n\n"
      part += "```diff\n"
      for block in blocks {
        let lines = lines(of: block)
        if text.utf8.count + part.utf8.count + lines.utf8.count > Self.markdownLimit {
          left += block.count
        } else {
          part += lines
        }
      }
      text += part + "```\n\n</details>\n"
    }
    if left > 0 {
      text += "\n\(counted(left, "more object")) \(left == 1 ? "is" : "are") not listed.\n"
    }
    return text
  }

  private func lines(of block: [ObjectDifference]) -> String {
    let first = block[0]
    let name =
      block.count > 1
      ? "\(block.count) × \(kindName(first.object)) (\(named(block)))" : first.object.description
    var text: String
    switch first.kind {
    case .created: text = "+ \(fenced(name))\n"
    case .deleted: text = "- \(fenced(name))\n"
    case .updated: text = "  \(fenced(name))\n"
    }
    for field in first.fields.prefix(Self.fieldLimit) {
      let note = field.isImmutable ? " (immutable)" : ""
      if let old = field.old { text += "-   \(fenced(field.path)): \(fenced(short(old)))\(note)\n" }
      if let new = field.new { text += "+   \(fenced(field.path)): \(fenced(short(new)))\(note)\n" }
    }
    let rest = first.fields.count - Self.fieldLimit
    if rest > 0 { text += "    … and \(counted(rest, "more field"))\n" }
    return text
  }

  /// A text that cannot end a fence.
  private func fenced(_ text: String) -> String {
    String(printableText(text).map { $0 == "`" ? "'" : $0 })
  }

  private func code(_ text: String) -> String { "`\(fenced(text))`" }
}

/// A text inside HTML, also inside an attribute.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    default: result.unicodeScalars.append(printableScalar(scalar))
    }
  }
  return result
}
