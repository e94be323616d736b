import OutputTrees
import Repositories

/// A branch of an output repository, with the indices of its environments.
struct BranchGroup {
  let repository: String
  let branch: String
  let environments: [Int]
}

extension LoadedPlatform {
  /// The branches of environments that the delivery engine reads; with `proposed` those that hold proposals.
  func branchGroups(_ environments: [Int], proposed: Bool) -> [BranchGroup] {
    func key(_ index: Int) -> [String] {
      [targets[index].repository, proposed ? targets[index].branch : targets[index].activeBranch]
    }
    return unique(environments.map(key)).map { pair in
      BranchGroup(
        repository: pair[0], branch: pair[1], environments: environments.filter { key($0) == pair })
    }
  }

  /// Reads the tips of the branches of environments: what `read` gives for each that is on this machine, and why the others are
  /// not there, each reason once. Throws when the output cannot be read.
  func readBranches<Found>(
    _ environments: [Int], platformFolder folder: String, proposed: Bool,
    _ read: (BranchGroup, Repository, ObjectID) throws(RepositoryError) -> Found
  ) throws(OutputError) -> (found: [Found], missing: [String]) {
    _ = try outputNames
    var found: [Found] = []
    var missing: [String] = []
    for group in branchGroups(environments, proposed: proposed) {
      guard
        let repository = try outputRepository(named: group.repository, platformFolder: folder)
      else {
        missing.append(missingOutput(group.repository))
        continue
      }
      let result = try git { () throws(RepositoryError) -> Found? in
        guard let tip = try repository.tip(of: group.branch) else { return nil }
        return try read(group, repository, tip)
      }
      if let result {
        found.append(result)
      } else {
        missing.append("the output has no branch '\(group.branch)' yet")
      }
    }
    return (found, unique(missing))
  }
}
