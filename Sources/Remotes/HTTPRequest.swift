import Repositories

/// What the child process that speaks http is asked for, as the first bytes of its standard input:
/// pkt-lines `key=value` and a flush. Nothing of it stands on a command line, where others could read
/// it.
struct HTTPRequest: Equatable {
  /// The address with user and password, if it has them.
  var address: RemoteAddress
  var service: Service
  /// For libgit2's own push: the repository on disk that has the objects, and what to move.
  var stockPush: (repository: String, updates: [ReferenceUpdate])?

  init(_ address: RemoteAddress, _ service: Service) {
    self.address = address
    self.service = service
  }

  var encoded: [UInt8] {
    var lines = [
      "url=\(address.bareURL)", "service=\(service.rawValue)",
    ]
    if let user = address.user { lines.append("user=\(user)") }
    if let password = address.password { lines.append("password=\(password)") }
    if let stockPush {
      lines.append("repository=\(stockPush.repository)")
      for update in stockPush.updates {
        let old = update.old.map(\.description) ?? "-"
        lines.append("update=\(old) \(update.new) \(update.name)")
      }
    }
    return lines.flatMap { packet($0) } + flushPacket
  }

  /// The request that `encoded` made; throws `malformed` for anything else.
  init(_ reader: inout PacketReader) throws(RemoteError) {
    var url: String?
    var service: Service?
    var user: String?
    var password: String?
    var repository: String?
    var updates: [ReferenceUpdate] = []
    while let line = try reader.next().line {
      let text = String(decoding: line, as: UTF8.self)
      guard let sign = text.firstIndex(of: "=") else { throw wrongRequest }
      let value = String(text[text.index(after: sign)...])
      switch text[..<sign] {
      case "url": url = value
      case "service": service = Service(rawValue: value)
      case "user": user = value
      case "password": password = value
      case "repository": repository = value
      case "update":
        let words = value.split(separator: " ", maxSplits: 2)
        guard words.count == 3, let new = ObjectID(words[1]) else { throw wrongRequest }
        updates.append(ReferenceUpdate(String(words[2]), from: ObjectID(words[0]), to: new))
      default: throw wrongRequest
      }
    }
    guard let url, let service else { throw wrongRequest }
    address = try RemoteAddress(url).with(user: user, password: password)
    self.service = service
    stockPush = repository.map { ($0, updates) }
  }

  static func == (left: HTTPRequest, right: HTTPRequest) -> Bool { left.encoded == right.encoded }
}

private let wrongRequest = RemoteError(.malformed, "this command is for the program itself")

/// How the child process says what went wrong: by its exit code.
enum HTTPExitStatus {
  static let statuses: [(status: Int32, code: RemoteError.Code)] = [
    (10, .authentication), (11, .untrustedServer), (12, .notFound), (13, .unreachable),
    (14, .malformed), (15, .notAllowed), (16, .rejected), (17, .cut), (18, .failed),
  ]

  static func status(of code: RemoteError.Code) -> Int32 {
    statuses.first { $0.code == code }?.status ?? 18
  }
}

/// What the child process that speaks http meant; nil when it ended well.
func httpError(_ ending: Channel.Ending, _ address: RemoteAddress) -> RemoteError? {
  guard let status = ending.status, status != 0,
    let code = HTTPExitStatus.statuses.first(where: { $0.status == status })?.code
  else { return nil }
  let reason = ending.text
  switch code {
  case .authentication:
    return RemoteError(
      code, "'\(address)' refused to let us in: \(reason)",
      help: "give a token by \(HTTPCredentials.tokenVariable), or set up a credential helper: "
        + "git help credentials")
  case .untrustedServer:
    return RemoteError(
      code, "the certificate of '\(address.host)' is not trusted: \(reason)",
      help: "name the file of its authority's certificate by GIT_SSL_CAINFO or SSL_CERT_FILE")
  case .notFound: return missingRepository(address, reason)
  case .unreachable: return RemoteError(code, "cannot connect to '\(address)': \(reason)")
  case .notAllowed:
    return RemoteError(
      code, "'\(address)' leads elsewhere: \(reason)",
      help: "write the address that it leads to")
  default: return RemoteError(code, "'\(address)': \(reason)")
  }
}
