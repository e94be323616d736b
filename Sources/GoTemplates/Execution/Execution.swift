#if canImport(Glibc)
  import Glibc
#endif

/// One run over a set of templates: its output, its limits, and what functions may ask for.
public final class Execution {
  /// The set that names are looked up in; `tpl` works on a clone.
  public internal(set) var set: TemplateSet
  /// What is written; `include` swaps it.
  @exclusivity(unchecked) var output: [UInt8] = []
  /// What is left of the limits.
  @exclusivity(unchecked) var stepsLeft: Int
  @exclusivity(unchecked) var bytesLeft: Int
  let limits: Limits
  /// How deep templates are nested now.
  @exclusivity(unchecked) var depth = 0
  /// The templates that are being included now, the outermost first.
  @exclusivity(unchecked) var included: [[UInt8]] = []
  /// The lowest address that the stack may reach.
  var stackFloor: UInt
  /// The moment that is now; nil: functions that need it are refused.
  public let clock: Clock?
  /// What random functions do.
  public let nondeterminism: Nondeterminism
  var generator: SeededGenerator?
  /// How often a function asked for a random value or the time.
  public internal(set) var chanceCount = 0
  /// How often a function changed a map in place that others may see.
  public internal(set) var mapChangeCount = 0
  /// How often templates read what may differ from file to file.
  let scopeReadCount = Scope.ReadCount()
  /// Whether a text of `tpl` is executed that defines templates of its own.
  var isInText = false
  /// The template that was executed from outside: what random numbers depend on beside the seed.
  private(set) var file = ""
  /// Whatever the caller wants its own functions to find.
  public var host: AnyObject?
  /// The regular expressions that were compiled before.
  var regexes = RegexCache()

  /// A run. Several templates may be executed in it; the limits hold for all of them together.
  public init(
    _ set: TemplateSet, limits: Limits = Limits(), clock: Clock? = nil,
    nondeterminism: Nondeterminism = .refused, host: AnyObject? = nil
  ) {
    self.set = set
    self.limits = limits
    if case .seeded = nondeterminism {
      self.clock = clock ?? .standing
    } else {
      self.clock = clock
    }
    self.nondeterminism = nondeterminism
    self.host = host
    stepsLeft = limits.steps
    bytesLeft = limits.bytes
    stackFloor = Execution.floor(below: 4 << 20)
  }

  /// A run over the same templates with what is left of the limits, and other answers of the functions that
  /// are random or need a clock.
  public func another(clock: Clock?, nondeterminism: Nondeterminism) -> Execution {
    var left = limits
    left.steps = stepsLeft
    left.bytes = bytesLeft
    return Execution(
      set, limits: left, clock: clock, nondeterminism: nondeterminism, host: host)
  }

  /// Executes the template of that name and gives what it wrote. Throws `TemplateError`.
  ///
  /// `byteCount` is how much it is expected to write.
  public func execute(
    _ name: String, _ data: GoValue, expecting byteCount: Int = 0
  ) throws -> [UInt8] {
    file = name
    generator = nil
    return try execute(Array(name.utf8), data, expecting: byteCount)
  }

  /// Executes a template of the current set into a buffer of its own.
  func execute(_ name: [UInt8], _ data: GoValue, expecting byteCount: Int = 0) throws -> [UInt8] {
    guard let template = set.templates[ByteKey(name)] else {
      throw FunctionError(
        "template: no template \(goQuoted(name)) associated with template \"gotpl\"")
    }
    return try capture(expecting: byteCount) { try run(template, data) }
  }

  /// What `body` writes.
  func capture(expecting byteCount: Int = 0, _ body: () throws -> Void) throws -> [UInt8] {
    var saved: [UInt8] = []
    if byteCount > 0 { saved.reserveCapacity(byteCount) }
    swap(&saved, &output)
    defer { swap(&saved, &output) }
    try body()
    var written: [UInt8] = []
    swap(&written, &output)
    return written
  }

  /// Runs a template in a frame of its own.
  func run(_ template: Template, _ data: GoValue) throws {
    depth += 1
    defer { depth -= 1 }
    if depth > limits.depth * 4 {
      throw FunctionError("exceeded maximum template depth (\(limits.depth * 4))", kind: .limit)
    }
    try withEnoughStack {
      try withUnsafeTemporaryAllocation(of: GoValue.self, capacity: template.slotCount) { slots in
        slots.initialize(repeating: .invalid)
        defer { slots.deinitialize() }
        guard let base = slots.baseAddress else { return }
        // Nil as an argument is no value.
        var dot = data
        if case .null = data { dot = .invalid }
        base[0] = dot
        for node in template.body { _ = try node.run(self, dot, base) }
      }
    }
  }

  // MARK: limits

  /// Counts a step.
  @inline(__always)
  func step() throws {
    stepsLeft &-= 1
    if stepsLeft < 0 { throw stepLimit() }
  }

  /// Counts steps that a function takes, such as elements it makes.
  public func charge(steps: Int) throws {
    guard steps >= 0, steps <= stepsLeft else { throw stepLimit() }
    stepsLeft -= steps
  }

  /// Counts bytes that are written or made.
  @inline(__always)
  public func charge(bytes: Int) throws {
    guard bytes >= 0, bytes <= bytesLeft else {
      throw FunctionError("exceeded the limit of \(limits.bytes) bytes", kind: .limit)
    }
    bytesLeft &-= bytes
  }

  private func stepLimit() -> FunctionError {
    FunctionError("exceeded the limit of \(limits.steps) steps", kind: .limit)
  }

  /// Appends to the output.
  @inline(__always)
  func write(_ bytes: [UInt8]) throws {
    try charge(bytes: bytes.count)
    output.append(contentsOf: bytes)
  }
}
