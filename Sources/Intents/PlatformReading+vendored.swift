import Diagnostics
import Documents
import Files
import Quantities

extension FieldReader {
  /// The entries of `goldenPaths` that are of other repositories; texts are passed over.
  mutating func vendoredPaths(_ map: Value, at spec: FieldPath) -> [VendoredPath] {
    var paths: [VendoredPath] = []
    let list = spec.key("goldenPaths")
    for (index, value) in map["goldenPaths"].elements.enumerated() where !value.isKind(.string) {
      let path = list.index(index)
      guard value.isKind(.map) else {
        reportType(value, expected: "text or a map with 'git', 'ref' and 'path'", at: path)
        continue
      }
      let entry = fields(value, at: path, known: ["git", "ref", "path", "name"])
      let url = string(entry, "git", at: path, isRequired: true)
      let ref = string(entry, "ref", at: path, isRequired: true)
      let folder = string(entry, "path", at: path, isRequired: true)
      let name = string(entry, "name", at: path)
      guard let url, let ref, let folder, isAddress(url, at: path.key("git")),
        isCommit(ref, url, at: path.key("ref")), isFolder(folder, at: path.key("path")),
        let name = vendorName(name, url, at: path)
      else { continue }
      let found = VendoredPath(
        url: url, commit: ref.lowercased(),
        path: folder.hasSuffix("/") ? String(folder.dropLast()) : folder, name: name, field: path)
      if let problem = problem(of: found, beside: paths) {
        report(
          "duplicate-vendor", problem.message, at: path, help: problem.help,
          related: [.init(label: "the first one", place: place(problem.first.field))])
      } else {
        paths.append(found)
      }
    }
    return paths
  }

  private mutating func isAddress(_ url: String, at path: FieldPath) -> Bool {
    guard let problem = RepositoryAddress.address(of: url).problem else { return true }
    report(
      "invalid-url", "'\(url)' is no URL of a repository: \(problem)", at: path,
      help: "write it as https://host/repository.git, git@host:repository.git or a path")
    return false
  }

  private mutating func isCommit(_ ref: String, _ url: String, at path: FieldPath) -> Bool {
    let isHex = ref.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20)
    }
    if isHex, ref.utf8.count == 40 { return true }
    let isShort = isHex && (7..<40).contains(ref.utf8.count)
    report(
      "invalid-ref",
      isShort
        ? "'\(ref)' is part of a commit id, which another commit may come to share"
        : "'\(ref)' is no commit id: a branch or a tag may move, and what is rendered with it",
      at: path,
      help: "write all 40 digits: 'git ls-remote -- \(url) \(isShort ? "HEAD" : ref)' prints them")
    return false
  }

  private mutating func isFolder(_ folder: String, at path: FieldPath) -> Bool {
    let trimmed = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    if staysInside(trimmed), !trimmed.contains("*") { return true }
    report(
      "invalid-value", "'\(folder)' is no folder inside the repository", at: path,
      help: "write it from the repository's root, as golden-paths/web")
    return false
  }

  private mutating func vendorName(_ name: String?, _ url: String, at path: FieldPath) -> String? {
    let text = name ?? RepositoryAddress.name(of: url)
    guard NameFormat.dns1123Subdomain.problems(in: text).isEmpty, text.utf8.count <= 100 else {
      report(
        "invalid-name", "'\(text)' cannot be the name of a folder for '\(url)'",
        at: name == nil ? path.key("git") : path.key("name"),
        help: "give it a 'name' of small letters, digits and '-'")
      return nil
    }
    return text
  }

  private func problem(
    of path: VendoredPath, beside others: [VendoredPath]
  ) -> (first: VendoredPath, message: String, help: String)? {
    for other in others where other.name == path.name {
      if other.url != path.url || other.commit != path.commit {
        return (
          other, "'\(path.name)' is the name of another repository or commit",
          "give one of the two another 'name'"
        )
      }
      if other.path == path.path {
        return (other, "the golden path is named twice", "take one out")
      }
    }
    return nil
  }
}
