import Documents
import Regexes
import Synchronization

extension Library {
  /// `matches` of the standard library, `find` and `findAll` of Kubernetes: RE2's syntax.
  static let regularExpressions: [Function] = [
    Function(
      "matches", on: .string, .string, returns: .bool, cost: .regex, prepare: preparedMatches
    ) { text, pattern, frame in matches(text, pattern, frame) },
    Function(
      "matches", .string, .string, returns: .bool, cost: .regex, prepare: preparedMatches
    ) { text, pattern, frame in matches(text, pattern, frame) },
    Function(
      "find", on: .string, .string, returns: .string, cost: .regex,
      prepare: { constants in
        Patterns.constant(constants[1]).map { regex in
          .two { text, _, _ in first(regex, text) }
        }
      }
    ) { text, pattern, frame in
      Patterns.with(pattern, frame) { first($0, text) }
    },
    Function(
      "findAll", on: .string, .string, returns: .list(.string), cost: .regex,
      prepare: { constants in
        Patterns.constant(constants[1]).map { regex in
          .two { text, _, frame in all(regex, text, -1, frame) }
        }
      }
    ) { text, pattern, frame in
      Patterns.with(pattern, frame) { all($0, text, -1, frame) }
    },
    Function(
      "findAll", on: .string, [.string, .int], returns: .list(.string), cost: .regex,
      prepare: { constants in
        Patterns.constant(constants[1]).map { regex in
          .many { arguments, frame in all(regex, arguments[0], arguments[2].intPayload, frame) }
        }
      }
    ) { arguments, frame in
      Patterns.with(arguments[1], frame) { all($0, arguments[0], arguments[2].intPayload, frame) }
    },
  ]

  private static let preparedMatches: @Sendable ([Value?]) -> Function.Body? = { constants in
    Patterns.constant(constants[1]).map { regex in
      .two { text, _, _ in .bool(regex.matches(text.utf8)) }
    }
  }

  private static func matches(_ text: Value, _ pattern: Value, _ frame: Frame) -> Value {
    Patterns.with(pattern, frame) { .bool($0.matches(text.utf8)) }
  }

  /// The first match; empty if there is none.
  private static func first(_ regex: Regex, _ text: Value) -> Value {
    regex.firstRange(in: text.utf8).map {
      Characters.slice(text, $0.lowerBound, $0.upperBound)
    } ?? .emptyString
  }

  /// At most `limit` matches; all if that is negative.
  private static func all(
    _ regex: Regex, _ text: Value, _ limit: Int64, _ frame: Frame
  ) -> Value {
    let limit = limit < 0 ? -1 : Int(min(limit, 1 << 40))
    let ranges = regex.allRanges(in: text.utf8, limit: limit)
    guard frame.spend(ranges.count) else { return frame.error(.stepLimit) }
    return frame.list(count: ranges.count) {
      Characters.slice(text, ranges[$0].lowerBound, ranges[$0].upperBound)
    }
  }
}

/// Compiled patterns: those of constants belong to their program, others to a store of the process.
enum Patterns {
  /// The patterns kept; when there are more, all are forgotten.
  private static let limit = 256
  private static let known = Mutex<[String: Result<Regex, RegexError>]>([:])

  /// The pattern of a constant; nil if it is none, or wrong.
  static func constant(_ value: Value?) -> Regex? {
    value.flatMap { $0.isString ? try? compile($0).get() : nil }
  }

  /// The pattern of a text, or what is wrong with it.
  static func compile(_ pattern: Value) -> Result<Regex, RegexError> {
    let text = pattern.asString ?? ""
    return known.withLock { known in
      if let compiled = known[text] { return compiled }
      let compiled = Regex.compile(text)
      if known.count >= limit { known.removeAll() }
      known[text] = compiled
      return compiled
    }
  }

  static func with(_ pattern: Value, _ frame: Frame, _ body: (Regex) -> Value) -> Value {
    let compiled = compile(pattern)
    switch compiled {
    case .success(let regex): return body(regex)
    case .failure(let error): return frame.error("error parsing regexp: " + error.message)
    }
  }
}

extension CostRule {
  /// A tenth for each character of the text and one more, times a quarter of the pattern's length.
  static let regex = CostRule.custom { arguments, _ in
    let text = (Double(size(of: arguments[0]) + 1) * 0.1).rounded(.up)
    let pattern = (Double(size(of: arguments[1])) * 0.25).rounded(.up)
    return UInt64(text * pattern)
  }
}
