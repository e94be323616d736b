public import Diagnostics

/// A golden path of another repository: `{git: URL, ref: COMMIT, path: FOLDER}` in `spec.goldenPaths`.
public struct VendoredPath: Sendable, Hashable {
  /// The repository as written: `https://…`, `ssh://…`, `user@host:path`, `file://…` or a path.
  public var url: String
  /// The commit: 40 hexadecimal digits in lower case.
  public var commit: String
  /// The golden path's folder in that repository.
  public var path: String
  /// What its files stand under in this platform: `name`, or the last step of the URL.
  public var name: String
  /// Its entry in `pave.yaml`.
  public var field: FieldPath
}

/// Where a repository is, as far as its URL tells without asking anybody.
public enum RepositoryAddress: Sendable, Hashable {
  /// On another machine.
  case host(String)
  /// On this machine's disk.
  case local(path: String)

  /// The address of a URL; nil, with the reason, for one that is not taken.
  ///
  /// Only https and ssh lead to other machines: what else Git knows either runs a program (`ext::`) or says in clear what is asked.
  public static func address(
    of url: String
  ) -> (address: RepositoryAddress?, problem: String?) {
    if url.isEmpty { return (nil, "it is empty") }
    if url.utf8.contains(where: { $0 < 0x21 || $0 == 0x7F }) {
      return (nil, "it holds a space or a control character")
    }
    if url.hasPrefix("-") { return (nil, "it begins with '-'") }
    if let scheme = url.range(of: "://") {
      let rest = url[scheme.upperBound...]
      switch url[..<scheme.lowerBound] {
      case "file":
        return rest.hasPrefix("/")
          ? (.local(path: String(rest)), nil) : (nil, "file:// is followed by an absolute path")
      case "https", "ssh":
        let authority = rest.prefix { $0 != "/" }
        let user = authority.lastIndex(of: "@").map { authority[..<$0] }
        let host = user.map { authority[$0.endIndex...].dropFirst() } ?? authority
        if let user, user.contains(":") || url.hasPrefix("https") {
          return (nil, "credentials do not belong in pave.yaml; Git's credential helpers have them")
        }
        let name = host.hasPrefix("[") ? host : host.prefix { $0 != ":" }
        return host.isEmpty || host.hasPrefix("-") || (user ?? "").hasPrefix("-")
          ? (nil, "it names no host") : (.host(name.lowercased()), nil)
      default:
        return (nil, "only https://, ssh:// and file:// are taken")
      }
    }
    if url.contains("::") { return (nil, "it would run a program") }
    // Git's own rule: a colon before the first slash makes it user@host:path.
    if let colon = url.firstIndex(of: ":"), !url[..<colon].contains("/") {
      let host = url[..<colon].split(separator: "@", omittingEmptySubsequences: false).last ?? ""
      return host.isEmpty || host.hasPrefix("-")
        ? (nil, "it names no host") : (.host(host.lowercased()), nil)
    }
    return (.local(path: url), nil)
  }

  /// The name that a repository goes by where none is written: the last step of its URL, without `.git`.
  static func name(of url: String) -> String {
    var name = url.split { $0 == "/" || $0 == ":" }.last.map(String.init) ?? ""
    if name.hasSuffix(".git") { name.removeLast(4) }
    return name.lowercased()
  }
}

extension String {
  /// The first place of a text in this one.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
