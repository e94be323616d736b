import Documents
import Quantities

/// Probes and hooks of a container (`validateProbe`, `validateHandler`, `validateLifecycle`).
extension ObjectValidation {
  /// Checks the hooks and the three probes of a container that keeps running.
  mutating func lifecycleAndProbes(of container: Value, _ fields: FieldBits, _ pod: PodContext) {
    if fields.mayHave("lifecycle") { given("lifecycle", of: container) { $0.lifecycle($1, pod) } }
    if fields.mayHave("livenessProbe") {
      given("livenessProbe", of: container) { check, probe in
        check.probe(probe, pod)
        check.singleSuccess(of: probe)
      }
    }
    if fields.mayHave("readinessProbe") {
      given("readinessProbe", of: container) { check, probe in
        check.probe(probe, pod)
        guard probe["terminationGracePeriodSeconds"].isGiven else { return }
        check.report(
          "probe/readiness-grace-period", .invalid, at: "terminationGracePeriodSeconds",
          "a readiness probe ends no container, so it has no grace period",
          help: "remove it, or move it to the liveness probe")
      }
    }
    if fields.mayHave("startupProbe") {
      given("startupProbe", of: container) { check, probe in
        check.probe(probe, pod)
        check.singleSuccess(of: probe)
      }
    }
  }

  private mutating func singleSuccess(of probe: Value) {
    guard probe["successThreshold"].intOrZero != 1 else { return }
    report(
      "probe/success-threshold", .invalid, at: "successThreshold",
      "'successThreshold' must be 1 here, it is \(probe["successThreshold"].intOrZero)",
      help: "only a readiness probe may need several successes")
  }

  private mutating func probe(_ probe: Value, _ pod: PodContext) {
    handler(probe, .probe, pod)
    expectNonNegative("initialDelaySeconds", of: probe, "probe/negative")
    expectNonNegative("timeoutSeconds", of: probe, "probe/negative")
    expectNonNegative("periodSeconds", of: probe, "probe/negative")
    expectNonNegative("successThreshold", of: probe, "probe/negative")
    expectNonNegative("failureThreshold", of: probe, "probe/negative")
    let grace = probe["terminationGracePeriodSeconds"]
    if grace.isKind(.int), grace.intPayload <= 0 {
      report(
        "probe/grace-period", .invalid, at: "terminationGracePeriodSeconds",
        "the grace period must be greater than 0, it is \(grace.shown)")
    }
  }

  private mutating func lifecycle(_ lifecycle: Value, _ pod: PodContext) {
    for name: StaticString in ["postStart", "preStop"] {
      given(name, of: lifecycle) { $0.handler($1, .hook, pod) }
    }
    let signal = lifecycle["stopSignal"]
    guard signal.isGiven, minor >= 36 else { return }
    let system = pod.spec["os"]
    if !system.isGiven {
      report(
        "container/stop-signal", .forbidden, at: "stopSignal",
        "'stopSignal' needs 'os.name' of the Pod", help: "add 'os: {name: linux}' to the Pod")
    } else if system["name"].isString("windows") {
      expectOneOf(
        ["SIGKILL", "SIGTERM"], signal, "container/stop-signal", at: "stopSignal",
        emptyIsMissing: false)
    } else if system["name"].isString("linux"), !isLinuxSignal(signal.shown) {
      report(
        "container/stop-signal", .notSupported, at: "stopSignal",
        "'\(signal.shown)' is no signal of Linux", help: "write it as 'SIGTERM'")
    }
  }

  /// What acts: a probe or a hook.
  private enum Handler {
    case probe
    case hook

    var names: [StaticString] {
      self == .probe
        ? ["exec", "httpGet", "tcpSocket", "grpc"] : ["exec", "httpGet", "tcpSocket", "sleep"]
    }
  }

  /// Exactly one way to act, and what that needs.
  private mutating func handler(_ handler: Value, _ kind: Handler, _ pod: PodContext) {
    let fields = FieldBits(handler)
    let others =
      fields.mayHave("exec") || fields.mayHave("tcpSocket")
      || fields.mayHave(kind == .probe ? "grpc" : "sleep")
    if !others, handler["httpGet"].isGiven {
      field("httpGet", of: handler) { $0.httpGet($1) }
      return
    }
    var count = 0
    for name in kind.names where handler[name].isGiven {
      if count > 0 {
        report(
          "probe/two-handlers", .forbidden, at: name,
          "there may not be more than one handler, '\(name)' is a further one")
      } else {
        field(name, of: handler) { $0.action("\(name)", $1, pod) }
      }
      count += 1
    }
    if count == 0 {
      report(
        "probe/no-handler", .required, "there is no handler",
        help: "add one of \(list(kind.names.map { "\($0)" }))")
    }
  }

  private mutating func action(_ name: String, _ action: Value, _ pod: PodContext) {
    switch name {
    case "exec": require("command", of: action, "probe/command")
    case "httpGet": httpGet(action)
    case "sleep": sleep(action, pod)
    default: expectPort(action["port"], "probe/port", at: "port")
    }
  }

  private mutating func httpGet(_ action: Value) {
    require("path", of: action, "probe/path")
    expectPort(action["port"], "probe/port", at: "port")
    expectOneOf(
      ["HTTP", "HTTPS"], usually: "HTTP", action["scheme"], "probe/scheme", at: "scheme",
      emptyIsMissing: false)
    for header in action["httpHeaders"].elements {
      expect(.httpHeaderName, header["name"], "probe/header", at: "httpHeaders")
    }
  }

  private mutating func sleep(_ action: Value, _ pod: PodContext) {
    guard let grace = pod.gracePeriodSeconds else { return }
    let seconds = action["seconds"].intOrZero
    let least: Int64 = minor >= 33 ? 0 : 1
    guard seconds < least || seconds > grace else { return }
    report(
      "probe/sleep", .invalid,
      "a sleep of \(seconds) s must be at least \(least) and not over 'terminationGracePeriodSeconds' (\(grace))",
      help: "raise 'terminationGracePeriodSeconds', or sleep less")
  }
}

private func isLinuxSignal(_ name: String) -> Bool {
  let names = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL",
    "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP",
    "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
  ]
  guard name.hasPrefix("SIG") else { return false }
  let rest = String(name.dropFirst(3))
  return names.contains(rest)
    || (1...15).contains { rest == "RTMIN+\($0)" } || (1...14).contains { rest == "RTMAX-\($0)" }
}
