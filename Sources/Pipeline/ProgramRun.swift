import Glibc

/// What a program that was run gave back.
struct ProgramRun {
  /// Its exit code; 128 and the number of the signal that ended it.
  let status: Int32
  /// What it wrote to standard output.
  let output: [UInt8]
  /// What it wrote to standard error.
  let errors: [UInt8]
}

/// Why a program gave nothing back.
enum ProgramFailure: Error {
  /// It could not be started: the reason of the system.
  case notStarted(String)
  /// It did not end in time and was killed.
  case timedOut
}

/// Runs a program by its arguments, without a shell, gives it `input` as its standard input and waits
/// for it.
///
/// Input and what it writes pass through files without a name, so that no program that stops reading
/// can stop this one. With a deadline, since some ask somebody who is not there.
func run(
  _ arguments: [String], input: [UInt8], environment: [String: String], timeoutSeconds: Double
) throws(ProgramFailure) -> ProgramRun {
  guard let source = tmpfile(), let output = tmpfile(), let errors = tmpfile() else {
    throw .notStarted("cannot make a temporary file: \(String(cString: strerror(errno)))")
  }
  defer { for file in [source, output, errors] { fclose(file) } }
  guard fwrite(input, 1, input.count, source) == input.count, fflush(source) == 0 else {
    throw .notStarted("cannot write a temporary file: \(String(cString: strerror(errno)))")
  }
  rewind(source)
  let process = try spawn(
    arguments, environment, fileno(source), fileno(output), fileno(errors))
  var status: Int32 = 0
  var waited = 0.0
  while waitpid(process, &status, WNOHANG) == 0 {
    guard waited < timeoutSeconds else {
      kill(process, SIGKILL)
      waitpid(process, &status, 0)
      throw .timedOut
    }
    usleep(2000)
    waited += 0.002
  }
  let signal = status & 0x7F
  return ProgramRun(
    status: signal == 0 ? status >> 8 & 0xFF : 128 + signal, output: contents(of: output),
    errors: contents(of: errors))
}

private func spawn(
  _ arguments: [String], _ environment: [String: String], _ input: Int32, _ output: Int32,
  _ errors: Int32
) throws(ProgramFailure) -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
  let words = arguments.map { strdup($0) }
  let variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") }
  defer { for word in words + variables { free(word) } }
  var process: pid_t = 0
  guard let program = words.first, let program else { throw .notStarted("no program is named") }
  let status = posix_spawnp(&process, program, &actions, nil, words + [nil], variables + [nil])
  guard status == 0 else { throw .notStarted(String(cString: strerror(status))) }
  return process
}

private func contents(of file: UnsafeMutablePointer<FILE>) -> [UInt8] {
  fseek(file, 0, SEEK_END)
  let count = ftell(file)
  rewind(file)
  return [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
    filled = fread(buffer.baseAddress, 1, buffer.count, file)
  }
}
