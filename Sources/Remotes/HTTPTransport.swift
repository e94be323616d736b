import CLibGit2
import Glibc
import Repositories

/// Git over http(s) for a parent process: its standard input and output carry the protocol as if the
/// server were at the other end of a pipe.
///
/// libgit2's http (1.5.1) waits for a silent server for ever, so it runs in a process that can be
/// killed. What comes in first is an `HTTPRequest`; then the server's references go out, then what
/// comes in until its end is sent as one request, and the answer goes out. Nothing is sent when
/// nothing, or only a flush, comes in. TLS, proxies (`https_proxy`, `no_proxy`) and authentication are
/// libgit2's; a redirect is not followed.
public enum HTTPTransport {
  /// Serves one request, and gives the exit code for the process: 0 when the answer is whole.
  public static func run(environment: [String: String]) -> Int32 {
    // A parent that was killed wants no answer any more.
    _ = git2_end_with_parent()
    var secrets: () -> [String] = { [] }
    do throws(RemoteError) {
      var input = PacketReader(readStandardInput)
      let request = try HTTPRequest(&input)
      let credentials = HTTPCredentials(request.address, environment: environment)
      secrets = { credentials.secrets }
      let session = try HTTPSession(request, credentials, environment)
      if let push = request.stockPush {
        try session.push(push.updates, from: push.repository)
      } else {
        try session.connect()
        try session.exchange(input)
      }
      return 0
    } catch {
      writeAll(Array(masked(error.message, secrets()).utf8)[...], to: STDERR_FILENO)
      return HTTPExitStatus.status(of: error.code)
    }
  }
}

/// One connection of libgit2 to one server.
final class HTTPSession {
  let request: HTTPRequest
  let credentials: HTTPCredentials
  private let remote: OpaquePointer
  private var repository: OpaquePointer?
  private var definition = git_smart_subtransport_definition()
  /// libgit2's http, once it was made; it belongs to the remote.
  var subtransport: UnsafeMutablePointer<git_smart_subtransport>?
  /// What became of each reference of libgit2's own push.
  var report = packet("unpack ok\n")

  init(
    _ request: HTTPRequest, _ credentials: HTTPCredentials, _ environment: [String: String]
  ) throws(RemoteError) {
    self.request = request
    self.credentials = credentials
    _ = git_libgit2_init()
    let file = environment["GIT_SSL_CAINFO"] ?? environment["SSL_CERT_FILE"]
    let folder = environment["GIT_SSL_CAPATH"] ?? environment["SSL_CERT_DIR"]
    if file != nil || folder != nil {
      guard git2_set_certificate_locations(file, folder) == 0 else {
        throw RemoteError(
          .untrustedServer, "cannot read the certificates in '\(file ?? folder ?? "")'")
      }
    }
    if let push = request.stockPush,
      git_repository_open(&repository, push.repository) != 0
    {
      throw RemoteError(.failed, "cannot open '\(push.repository)'")
    }
    var options = git_remote_create_options()
    git_remote_create_options_init(&options, UInt32(GIT_REMOTE_CREATE_OPTIONS_VERSION))
    options.repository = repository
    // `url.….insteadOf` of a configuration could lead to a host that nobody allowed.
    options.flags =
      GIT_REMOTE_CREATE_SKIP_INSTEADOF.rawValue
      | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC.rawValue
    var created: OpaquePointer?
    git_error_clear()
    let status = git_remote_create_with_opts(&created, request.address.bareURL, &options)
    guard status == 0, let created else { throw libraryError(status) }
    remote = created
  }

  deinit {
    git_remote_free(remote)
    git_repository_free(repository)
  }

  private var this: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  private var callbacks: git_remote_callbacks {
    var callbacks = git_remote_callbacks()
    git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION))
    callbacks.payload = this
    callbacks.credentials = { result, _, _, allowed, context in
      guard let session = HTTPSession.of(context),
        UInt32(allowed) & GIT_CREDENTIAL_USERPASS_PLAINTEXT.rawValue != 0,
        let found = session.credentials.next()
      else { return GIT_EAUTH.rawValue }
      return git_credential_userpass_plaintext_new(result, found.user, found.password)
    }
    return callbacks
  }

  static func of(_ context: UnsafeMutableRawPointer?) -> HTTPSession? {
    context.map { Unmanaged<HTTPSession>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Asks for the server's references, which go to standard output as they come.
  func connect() throws(RemoteError) {
    definition.rpc = 1
    definition.param = this
    definition.callback = { result, owner, context in
      guard let session = HTTPSession.of(context) else { return -1 }
      let status = git_smart_subtransport_http(&session.subtransport, owner, nil)
      guard status == 0, let inner = session.subtransport else { return status }
      result?.pointee = recording(inner)
      return 0
    }
    var options = git_remote_connect_options()
    git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION))
    options.callbacks = callbacks
    options.callbacks.transport = { result, owner, context in
      guard let session = HTTPSession.of(context) else { return -1 }
      return withUnsafeMutablePointer(to: &session.definition) {
        git_transport_smart(result, owner, $0)
      }
    }
    options.proxy_opts.type = GIT_PROXY_AUTO
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
    git_error_clear()
    let direction =
      request.service == .uploadPack ? GIT_DIRECTION_FETCH : GIT_DIRECTION_PUSH
    let status = git_remote_connect_ext(remote, direction, &options)
    if credentials.timesAsked > 0 { credentials.wereAccepted(status == 0) }
    guard status == 0 else { throw libraryError(status) }
  }

  /// Sends what `input` gives until its end, and writes the answer to standard output.
  func exchange(_ input: PacketReader) throws(RemoteError) {
    var input = input
    // A pack goes out as it comes; to fetch, libgit2 wants the request as a whole.
    var body = try request.service == .uploadPack ? input.remainder() : input.piece()
    if body.isEmpty || body.elementsEqual(flushPacket) { return }
    guard let subtransport else { throw libraryError(-1) }
    var stream: UnsafeMutablePointer<git_smart_subtransport_stream>?
    let action = request.service == .uploadPack ? GIT_SERVICE_UPLOADPACK : GIT_SERVICE_RECEIVEPACK
    git_error_clear()
    let status = subtransport.pointee.action(
      &stream, subtransport, request.address.bareURL, action)
    guard status == 0, let stream else { throw libraryError(status) }
    defer { stream.pointee.free(stream) }
    while !body.isEmpty {
      try call {
        body.withUnsafeBytes {
          stream.pointee.write(
            stream, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
        }
      }
      body = try input.piece()
    }
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    while true {
      var count = 0
      try call { stream.pointee.read(stream, &buffer, buffer.count, &count) }
      if count == 0 { return }
      buffer.withUnsafeBytes { writeAll(Array($0.prefix(count))[...], to: STDOUT_FILENO) }
    }
  }

  /// libgit2's own push; what it reports goes to standard output as a server's report.
  func push(_ updates: [ReferenceUpdate], from path: String) throws(RemoteError) {
    var options = git_push_options()
    git_push_options_init(&options, UInt32(GIT_PUSH_OPTIONS_VERSION))
    options.callbacks = callbacks
    options.callbacks.push_update_reference = { name, problem, context in
      guard let session = HTTPSession.of(context), let name else { return -1 }
      let reference = String(cString: name)
      session.report += packet(
        problem.map { "ng \(reference) \(String(cString: $0))\n" } ?? "ok \(reference)\n")
      return 0
    }
    options.callbacks.push_negotiation = { updates, count, context in
      guard let session = HTTPSession.of(context) else { return -1 }
      return session.isExpected(UnsafeBufferPointer(start: updates, count: count))
        ? 0 : GIT_EMODIFIED.rawValue
    }
    options.proxy_opts.type = GIT_PROXY_AUTO
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
    let specifications = updates.map { strdup("\(outgoingReference($0.new)):\($0.name)") }
    defer { for text in specifications { free(text) } }
    git_error_clear()
    var pointers = specifications
    let status = pointers.withUnsafeMutableBufferPointer { buffer in
      var list = git_strarray(strings: buffer.baseAddress, count: buffer.count)
      return git_remote_push(remote, &list, &options)
    }
    if credentials.timesAsked > 0 { credentials.wereAccepted(status == 0) }
    if status == GIT_EMODIFIED.rawValue || status == GIT_ENONFASTFORWARD.rawValue {
      for update in updates { report += packet("ng \(update.name) fetch first\n") }
    } else if status != 0 {
      throw libraryError(status)
    }
    writeAll((report + flushPacket)[...], to: STDOUT_FILENO)
  }

  /// Whether the references are at the server where they were expected.
  private func isExpected(_ found: UnsafeBufferPointer<UnsafePointer<git_push_update>?>) -> Bool {
    let zero = String(repeating: "0", count: 40)
    return found.allSatisfy { entry in
      guard var update = entry?.pointee, let name = update.dst_refname else { return false }
      let reference = String(cString: name)
      let expected = request.stockPush?.updates.first { $0.name == reference }?.old?.description
      var digits = [CChar](repeating: 0, count: 41)
      git_oid_tostr(&digits, 41, &update.src)
      return digits.withUnsafeBytes { String(decoding: $0.prefix(40), as: UTF8.self) }
        == expected ?? zero
    }
  }

  private func call(_ body: () -> Int32) throws(RemoteError) {
    git_error_clear()
    let status = body()
    guard status >= 0 else { throw libraryError(status) }
  }
}

/// The error that libgit2 left for a call that returned `status`.
///
/// Its text can be missing, or one of an earlier inner look-up, so the code counts first.
private func libraryError(_ status: Int32) -> RemoteError {
  let last = git_error_last()
  let text = last?.pointee.message.map { String(cString: $0) } ?? "libgit2 returned \(status)"
  let lower = text.lowercased()
  func has(_ parts: String...) -> Bool { parts.contains { lower.contains($0) } }
  switch git_error_code(status) {
  case GIT_EAUTH:
    return RemoteError(.authentication, "it wants another user or password, or one at all")
  case GIT_ECERTIFICATE: return RemoteError(.untrustedServer, text)
  default: break
  }
  if has("status code: 401", "authentication") { return RemoteError(.authentication, text) }
  if has("status code: 404", "status code: 410") { return RemoteError(.notFound, text) }
  if has("status code: 403") { return RemoteError(.rejected, "it may not be done: \(text)") }
  if has("status code: 30", "redirect") { return RemoteError(.notAllowed, text) }
  if has("status code") { return RemoteError(.rejected, text) }
  if has("certificate", "ssl error", "tls") { return RemoteError(.untrustedServer, text) }
  if has("resolve", "connect to", "connection refused", "unreachable", "no route") {
    return RemoteError(.unreachable, text)
  }
  if has("eof", "unexpected time", "closed", "reset", "broken pipe", "early", "end of file") {
    return RemoteError(.cut, text)
  }
  if has("content-type", "content type", "invalid", "unexpected", "packet", "pkt", "parse") {
    return RemoteError(.malformed, "the answer is not what a Git server says: \(text)")
  }
  return RemoteError(.failed, text)
}

/// The next bytes of standard input; empty at its end.
private func readStandardInput() throws(RemoteError) -> [UInt8] {
  let capacity = 1 << 16
  return [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
    repeat {
      count = max(0, Glibc.read(STDIN_FILENO, buffer.baseAddress, capacity))
    } while count == 0 && errno == EINTR
  }
}

/// Writes all bytes; ends the process when nobody reads any more.
func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
  var rest = bytes
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if errno != EINTR {
      exit(HTTPExitStatus.status(of: .failed))
    }
  }
}
