import Testing

@testable import CEL

/// The parts of a string, expressions in `⟦⟧`; or the error.
private func parts(_ text: String, isStrict: Bool = false) -> String {
  switch Interpolation.parse(text, isStrict: isStrict) {
  case .failure(let failure): "error \(failure.range): \(failure.message)"
  case .success(let interpolation):
    interpolation.parts.map { part in
      switch part {
      case .literal(let text, let range): "\(text)@\(range.lowerBound)"
      case .expression(let text, let range): "⟦\(text)⟧@\(range.lowerBound)"
      }
    }.joined(separator: " ")
  }
}

@Test(arguments: [
  ("plain", "plain@0"),
  ("", ""),
  ("${a.b}", "⟦a.b⟧@2"),
  ("x-${a}-${b}", "x-@0 ⟦a⟧@4 -@6 ⟦b⟧@9"),
  // Braces are counted, and those in double-quoted strings are not.
  ("${ {'k': {'n': 1}} }", "⟦ {'k': {'n': 1}} ⟧@2"),
  (#"${"a } b"}"#, #"⟦"a } b"⟧@2"#),
  (#"${"say \"}\""}"#, #"⟦"say \"}\""⟧@2"#),
  (#"${"${VAR}"}"#, #"⟦"${VAR}"⟧@2"#),
  // Single-quoted strings are not known: the brace ends the expression.
  ("${'a } b'}", "⟦'a ⟧@2  b'}@6"),
  ("${a ${b}}", "error 4..<6: nested expressions are not allowed: '${' inside '${'"),
  ("${a", "${a@0"),
])
func cutsStrings(_ text: String, _ expected: String) {
  #expect(parts(text) == expected)
}

@Test func refusesAnOpenExpressionWhenStrict() {
  #expect(
    parts("x ${a", isStrict: true) == "error 2..<5: the expression after '${' is not closed")
}

@Test func standaloneIsTheWholeString() throws {
  #expect(try Interpolation.parse("${a}").get().isStandalone)
  #expect(try !Interpolation.parse("${a}\n").get().isStandalone)
  #expect(try !Interpolation.parse("${a}${b}").get().isStandalone)
}
