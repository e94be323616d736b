import Glibc

/// The job could not be done: ends the command with exit code 2.
struct CommandFailure: Error {
  /// One line, lower case: what was wrong and what to do.
  let message: String
}

/// Writes text to standard output.
func write(_ text: String) { write(Array(text.utf8)) }

/// Writes all bytes to standard output; ends quietly when nobody reads any more.
func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { writeAll($0, to: STDOUT_FILENO) } }

/// Writes text to standard error.
func writeError(_ text: String) {
  Array(text.utf8).withUnsafeBytes { writeAll($0, to: STDERR_FILENO) }
}

/// Whether standard output is a terminal.
var standardOutputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

/// Whether standard error is a terminal.
var standardErrorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

/// A variable of the process environment.
func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if written > 0 {
      rest = rest.dropFirst(written)
    } else if errno != EINTR {
      if errno == EPIPE { exit(ExitStatus.clean) }
      exit(ExitStatus.failure)
    }
  }
}
