import Files
import OutputTrees
import Repositories

/// A repository of the output on this machine, and where its references stood.
struct OutputState: Sendable, Equatable {
  /// The real path.
  var path: String
  /// Full names; nil for what is not there.
  var references: [String: ObjectID?]

  /// Where a branch stood; nil where it was not there, or was not asked for.
  func tip(of branch: String) -> ObjectID? { references["refs/heads/" + branch] ?? nil }

  /// Whether they stand there.
  func holds() -> Bool {
    guard let repository = try? Repository(at: path), repository.isBare else { return false }
    return references.allSatisfy { name, id in
      do {
        return try repository.reference(name) == id
      } catch {
        return false
      }
    }
  }
}

extension LoadedPlatform {
  /// How the output stands, by the names of its repositories; nil where others may move it in other ways than by its references
  /// here: for servers, and repositories with a work tree.
  func outputStates(of stores: [String: OutputStore]) -> [OutputState]? {
    var states: [OutputState] = []
    for (name, store) in stores.sorted(by: { $0.key < $1.key }) {
      guard store.isOnThisMachine, store.repository.isBare,
        let path = realPath(store.repository.path)
      else { return nil }
      var references: [String: ObjectID?] = [:]
      for reference in branches(in: name).map({ "refs/heads/" + $0 }) + [PublicationNotes.reference]
      {
        do {
          references[reference] = .some(try store.repository.reference(reference))
        } catch {
          return nil
        }
      }
      states.append(OutputState(path: path, references: references))
    }
    return states
  }
}
