import CLibGit2

/// Why Git could not do what was asked.
public struct RepositoryError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong, for callers that act on it.
  public enum Code: Sendable {
    /// No repository, branch, commit or object of that name.
    case notFound
    /// It is there already.
    case exists
    /// The branch is no longer at the commit it was expected at.
    case moved
    /// Another process holds the lock, or left it behind.
    case locked
    /// The branch is checked out in a work tree.
    case checkedOut
    /// The repository belongs to another user.
    case notOwned
    /// A path that must not be written.
    case badPath
    /// A file stands where a folder is needed, or the other way round.
    case conflict
    /// A kind of repository that libgit2 1.5 cannot work with.
    case unsupported
    /// The object's bytes are not what its kind says.
    case corrupt
    /// Everything else.
    case failed
  }

  /// What was being done.
  public enum Operation: String, Sendable {
    case open = "open the repository"
    case create = "create the repository"
    case hash = "hash an object"
    case readReference = "read the branch"
    case moveReference = "move the branch"
    case readCommit = "read the commit"
    case readTree = "read the tree"
    case readBlob = "read the file"
    case resolve = "resolve the revision"
    case compareHistory = "compare the histories"
    case status = "compare the work tree with HEAD"
    case buildTree = "build the tree"
    case writeObjects = "write the objects"
    case sign = "sign the commit"
  }

  /// What went wrong.
  public let code: Code
  /// What was being done.
  public let operation: Operation
  /// One line, lower case, no full stop: what could not be done, and why.
  public let message: String
  /// The way out, where one is known.
  public let help: String?

  /// An error of an operation.
  public init(_ code: Code, _ operation: Operation, _ message: String, help: String? = nil) {
    self.code = code
    self.operation = operation
    self.message = message
    self.help = help
  }

  /// The message.
  public var description: String { message }

  /// The error that libgit2 left on this thread for a call that returned `status`.
  ///
  /// The code comes from `status`: the text can be one of an earlier inner look-up, or missing.
  init(status: Int32, _ operation: Operation, subject: String? = nil) {
    var reason = "libgit2 returned \(status)"
    if let last = git_error_last(), let text = last.pointee.message {
      reason = String(cString: text)
      if let first = reason.unicodeScalars.first, first.properties.isUppercase,
        reason.unicodeScalars.dropFirst().first?.properties.isLowercase == true
      {
        reason = reason.prefix(1).lowercased() + reason.dropFirst()
      }
    }
    let name = subject.map { " '\($0)'" } ?? ""
    self.init(
      RepositoryError.code(of: status), operation,
      "cannot \(operation.rawValue)\(name): \(reason)")
  }

  private static func code(of status: Int32) -> Code {
    switch git_error_code(status) {
    case GIT_ENOTFOUND, GIT_EUNBORNBRANCH: .notFound
    case GIT_EEXISTS: .exists
    case GIT_EMODIFIED: .moved
    case GIT_ELOCKED: .locked
    case GIT_EOWNER: .notOwned
    case GIT_EMISMATCH: .corrupt
    default: .failed
    }
  }
}

/// Calls libgit2 and throws what it reports, on the thread that called.
func git(
  _ operation: RepositoryError.Operation, _ subject: String? = nil, _ call: () -> Int32
) throws(RepositoryError) {
  git_error_clear()
  let status = call()
  guard status >= 0 else {
    throw RepositoryError(status: status, operation, subject: subject)
  }
}
