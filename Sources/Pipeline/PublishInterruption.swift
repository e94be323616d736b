import OutputTrees
import Repositories

/// Why one attempt at a publication did not end.
enum PublishInterruption: Error {
  /// Somebody moved a branch first.
  case moved(OutputError)
  /// Units that stood in the output do so no more: they were not rendered.
  case missingUnits
  case failed(OutputError)
}

/// Calls Git; what it reports interrupts the attempt.
func interrupting<Result>(
  _ body: () throws(RepositoryError) -> Result
) throws(PublishInterruption) -> Result {
  do throws(RepositoryError) {
    return try body()
  } catch {
    throw error.code == .moved ? .moved(OutputError(error)) : .failed(OutputError(error))
  }
}

/// Calls what plans; what it throws interrupts the attempt.
func planning<Result>(
  _ body: () throws(OutputError) -> Result
) throws(PublishInterruption) -> Result {
  do throws(OutputError) {
    return try body()
  } catch {
    throw .failed(error)
  }
}
