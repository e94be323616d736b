import Documents
import Foundation
import Testing

@testable import ServedKinds

@Test func objectHarness() throws {
  let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "/tmp/objcases.json")))
  let file = parseJSON(bytes, file: "x")
  let document = file.documents[0]
  var wrong = 0
  for item in document.root.elements {
    let id = item["id"].asString ?? ""
    guard let validator = objectValidator(group: item["group"].asString ?? "", kind: item["kind"].asString ?? "") else { print("no validator", id); continue }
    var validation = ObjectValidation(minor: 36)
    validator(&validation, item["object"], item["old"].isNull ? .absent : item["old"])
    let got = validation.errors.first?.field
    let want = item["field"].asString
    if got != want {
      wrong += 1
      print("WRONG \(id): want \(want ?? "accepted") got \(validation.errors.prefix(3).map { "\($0.field): \($0.message)" })")
    }
  }
  print("HARNESS wrong \(wrong) of \(document.root.elements.count)")
}
