import Documents
import Testing

@testable import Pipeline

@Suite struct ManyFilesTests {
  /// More files than one block, so that threads hand them back out of order.
  @Test func filesStayInOrderWithWhatIsWrongWithThem() {
    let files = parsedFiles(100) { index in
      let text = index == 70 ? "a: [" : "number: \(index)"
      return (path: "\(index).yaml", bytes: Array(text.utf8))
    }
    #expect(files.map(\.file) == (0..<100).map { "\($0).yaml" })
    #expect(files.indices.filter { files[$0].hasErrors } == [70])
    for (index, file) in files.enumerated() where index != 70 {
      #expect(file.documents.first.map { $0.root["number"].asInt } == Int64(index))
    }
    #expect(parsedFiles(0) { _ in (path: "", bytes: []) }.isEmpty)
  }
}
