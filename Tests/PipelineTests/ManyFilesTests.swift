import Documents
import Testing

@testable import Pipeline

@Suite struct ManyFilesTests {
  private struct Unreadable: Error, Equatable { let index: Int }

  /// More files than one block, so that threads hand them back out of order.
  @Test func filesStayInOrderWithWhatIsWrongWithThem() {
    let read = parsedFiles(100) { index in
      let text = index == 70 ? "a: [" : "number: \(index)"
      return (path: "\(index).yaml", bytes: Array(text.utf8))
    }
    let files = read.map(\.file)
    #expect(files.map(\.file) == (0..<100).map { "\($0).yaml" })
    #expect(files.indices.filter { files[$0].hasErrors } == [70])
    for (index, file) in files.enumerated() where index != 70 {
      #expect(file.documents.first.map { $0.root["number"].asInt } == Int64(index))
      #expect(read[index].bytes == Array("number: \(index)".utf8))
    }
    #expect(parsedFiles(0) { _ in (path: "", bytes: []) }.isEmpty)
  }

  @Test func theFirstThatCannotBeReadIsTold() {
    #expect(throws: Unreadable(index: 30)) {
      try parsedFiles(100) { index throws(Unreadable) in
        if index >= 30 { throw Unreadable(index: index) }
        return (path: "", bytes: [])
      }
    }
  }
}
