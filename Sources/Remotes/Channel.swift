import Glibc

/// A program whose standard input and output are one stream of bytes from here, with a deadline.
///
/// Reading goes on while a write waits, so that two sides that both write cannot block each other. The
/// program and what it started are killed when the deadline passes and when the channel goes away.
final class Channel {
  /// How the program ended, and the end of what it said on standard error.
  struct Ending {
    /// The exit code; nil when it was killed.
    var status: Int32?
    var text: String
  }

  let deadline: Deadline
  private let process: pid_t
  private var socket: Int32
  private var errors: Int32
  private var received: [UInt8] = []
  private var errorBytes: [UInt8] = []
  private var isEnded = false
  private var ending: Ending?

  /// Starts a program, found by `PATH`; no shell is involved.
  ///
  /// Throws `failed` when there is no such program.
  init(
    _ arguments: [String], environment: [String: String], deadline: Deadline
  ) throws(RemoteError) {
    self.deadline = deadline
    let ends = try socketPair()
    let pipe = try socketPair()
    defer {
      Glibc.close(ends.theirs)
      Glibc.close(pipe.theirs)
    }
    socket = ends.ours
    errors = pipe.ours
    let started = spawn(arguments, environment, stream: ends.theirs, errors: pipe.theirs)
    process = started.process
    guard started.status != 0 else { return }
    Glibc.close(socket)
    Glibc.close(errors)
    isEnded = true
    ending = Ending(status: nil, text: "")
    throw RemoteError(
      .failed,
      "cannot run '\(arguments.first ?? "")': \(String(cString: strerror(started.status)))",
      help: started.status == ENOENT ? "install it, or put it on the PATH" : nil)
  }

  deinit {
    if ending == nil { _ = end(waitingSeconds: 0) }
  }

  /// Writes all bytes. Throws `cut` when the program reads no more, `timedOut` at the deadline.
  func write(_ bytes: ArraySlice<UInt8>) throws(RemoteError) {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        try wait(for: Int16(POLLIN | POLLOUT))
      } else if errno != EINTR {
        throw RemoteError(.cut, "the connection was closed while writing")
      }
    }
  }

  /// Tells the program that nothing more will come.
  func finishWriting() { shutdown(socket, Int32(SHUT_WR)) }

  /// The next bytes as they come; empty at the end. Throws `timedOut` at the deadline.
  func read() throws(RemoteError) -> [UInt8] {
    while received.isEmpty, !isEnded { try wait(for: Int16(POLLIN)) }
    defer { received = [] }
    return received
  }

  /// Ends the program: waits a moment for it to end by itself, then kills it.
  func end(waitingSeconds: Double = 2) -> Ending {
    if let ending { return ending }
    Glibc.close(socket)
    let patience = Deadline(in: min(waitingSeconds, deadline.secondsLeft))
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) == 0 {
      drainErrors()
      if patience.hasPassed {
        kill(-process, SIGKILL)
        waitpid(process, &status, 0)
        break
      }
      usleep(2000)
    }
    drainErrors()
    Glibc.close(errors)
    let code = status & 0x7F == 0 ? status >> 8 & 0xFF : nil
    let result = Ending(status: code, text: printable(errorBytes))
    ending = result
    return result
  }

  /// Waits until the stream is ready, takes in what is there to read, and throws at the deadline.
  private func wait(for events: Int16) throws(RemoteError) {
    var descriptors = [
      pollfd(fd: socket, events: isEnded ? events & ~Int16(POLLIN) : events, revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    guard !deadline.hasPassed else {
      kill(-process, SIGKILL)
      throw RemoteError(.timedOut, "no answer in time")
    }
    guard poll(&descriptors, 2, deadline.milliseconds) > 0 else { return }
    if descriptors[1].revents != 0 { drainErrors() }
    if descriptors[0].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0, !isEnded { receive() }
  }

  private func receive() {
    let capacity = 1 << 16
    let count = withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { buffer in
      let count = recv(socket, buffer.baseAddress, capacity, Int32(MSG_DONTWAIT))
      if count > 0 { received.append(contentsOf: buffer.prefix(count)) }
      return count
    }
    if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR { isEnded = true }
  }

  /// Takes in what is on standard error; the last 16 KiB are kept.
  private func drainErrors() {
    while true {
      let count = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
        let count = Glibc.read(errors, buffer.baseAddress, 4096)
        if count > 0 { errorBytes.append(contentsOf: buffer.prefix(count)) }
        return count
      }
      if errorBytes.count > 16_384 { errorBytes.removeFirst(errorBytes.count - 16_384) }
      if count == 0 {
        // At its end a pipe is always ready: it must not be waited for again.
        Glibc.close(errors)
        errors = -1
      }
      if count <= 0 { return }
    }
  }
}

/// Two ends of a stream; neither is inherited by programs that other threads start.
private func socketPair() throws(RemoteError) -> (ours: Int32, theirs: Int32) {
  var ends: [Int32] = [-1, -1]
  let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
  guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw systemError("make a socket") }
  _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
  return (ends[0], ends[1])
}

private func systemError(_ what: String) -> RemoteError {
  RemoteError(.failed, "cannot \(what): \(String(cString: strerror(errno)))")
}

/// Starts a program in a group of its own, so that what it starts can be killed with it.
private func spawn(
  _ arguments: [String], _ environment: [String: String], stream: Int32, errors: Int32
) -> (process: pid_t, status: Int32) {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, stream, STDIN_FILENO)
  posix_spawn_file_actions_adddup2(&actions, stream, STDOUT_FILENO)
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
  posix_spawnattr_setpgroup(&attributes, 0)
  let words = arguments.map { strdup($0) }
  let variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") }
  defer { for word in words + variables { free(word) } }
  var process: pid_t = 0
  guard let program = words.first, let program else { return (0, ENOENT) }
  let status = posix_spawnp(&process, program, &actions, &attributes, words + [nil], variables + [nil])
  return (process, status)
}
