internal import CLibYAML

/// libyaml's events over the bytes of one file.
///
/// Owns the C parser and the one event that is looked at. The bytes must outlive it, be UTF-8 and
/// come without a byte order mark, so that marks count from their start. Positions in events are
/// counted in characters (Unicode scalars), as libyaml does.
struct YAMLEvents: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  /// The latest event; good until the next call of `advance`.
  let event: UnsafeMutablePointer<yaml_event_t>
  private let isReady: Bool

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    parser = .allocate(capacity: 1)
    event = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    event.initialize(to: yaml_event_t())
    isReady = yaml_parser_initialize(parser) == 1
    if isReady {
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }
  }

  deinit {
    if isReady {
      yaml_event_delete(event)
      yaml_parser_delete(parser)
    }
    parser.deallocate()
    event.deallocate()
  }

  /// Moves to the next event; false when the text breaks the grammar.
  @inline(__always)
  mutating func advance() -> Bool {
    guard isReady else { return false }
    yaml_event_delete(event)
    return yaml_parser_parse(parser, event) == 1
  }

  var type: yaml_event_type_t {
    @inline(__always) get { event.pointee.type }
  }

  /// Character offset of the event's first character: of its tag or anchor if it has one.
  var start: UInt32 {
    @inline(__always) get { UInt32(truncatingIfNeeded: event.pointee.start_mark.index) }
  }

  /// Character offset after the event's last character.
  var end: UInt32 {
    @inline(__always) get { UInt32(truncatingIfNeeded: event.pointee.end_mark.index) }
  }

  /// Why `advance` failed, in libyaml's words, and the character offsets it gives.
  var problem: YAMLProblem {
    YAMLProblem(
      message: parser.pointee.problem.map { String(cString: $0) } ?? "out of memory",
      start: UInt32(truncatingIfNeeded: parser.pointee.problem_mark.index),
      context: parser.pointee.context.map { String(cString: $0) },
      contextStart: UInt32(truncatingIfNeeded: parser.pointee.context_mark.index))
  }
}

/// A syntax error as libyaml tells it. Offsets are in characters.
struct YAMLProblem {
  var message: String
  var start: UInt32
  var context: String?
  var contextStart: UInt32

  /// Whether the context is the place to mend: where a key, a quote or a name began, not where the
  /// scanner gave up on it.
  var pointsAtItsContext: Bool {
    switch message {
    case "could not find expected ':'", "found unexpected document indicator",
      "did not find expected alphabetic or numeric character", "found unknown directive name":
      true
    case "found unexpected end of stream": context == "while scanning a quoted scalar"
    default: false
    }
  }
}

/// The text of a scalar event.
@inline(__always)
func scalarText(_ event: UnsafePointer<yaml_event_t>) -> UnsafeBufferPointer<UInt8> {
  UnsafeBufferPointer(
    start: UnsafePointer(event.pointee.data.scalar.value), count: event.pointee.data.scalar.length)
}
