import Diagnostics
import Documents

/// Why the text of a default is no JSON, and where in it.
struct DefaultTextFailure: Error {
  var message: String
  /// UTF-8 offsets into the text.
  var range: Range<Int>
}

/// The value of a text in JSON, in an arena.
func jsonValue(_ text: String, in arena: Arena) -> Result<Value, DefaultTextFailure> {
  let file = parseJSON(Array(text.utf8), file: "")
  if let document = file.documents.first, !file.hasErrors {
    return withExtendedLifetime(document) { .success(arena.copy(document.root)) }
  }
  var range = 0..<0
  if let anchor = file.findings.first?.place?.anchor, case .bytes(let bytes) = anchor {
    range = bytes
  }
  return .failure(
    DefaultTextFailure(message: file.findings.first?.message ?? "no value", range: range))
}
