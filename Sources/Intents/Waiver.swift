public import Diagnostics

/// A reviewed exception: one rule does not hold for one intent or object.
public struct Waiver: Sendable, Equatable {
  /// What the rule is waived for.
  public enum Target: Sendable, Equatable {
    /// An intent, as `Kind/namespace/name`.
    case intent(String)
    /// An object, as `Kind.group/namespace/name`.
    case object(String)
    /// What stands on a line of a file, by its 1-based number: a waiver inside an intent.
    case line(file: String, Int)
  }

  /// The rule's id: a policy's name.
  public var rule: String
  /// The validation of the policy, by its 0-based index (`rule: name#1`); nil for all of them.
  public var validation: Int?
  /// What it is waived for.
  public var target: Target
  /// The field of the object, as findings print it, with all that is below; nil for the object.
  public var path: String?
  /// The environments that it holds in; nil for all.
  public var environments: [String]?
  /// Why.
  public var reason: String
  /// Who answers for it.
  public var owner: String
  /// The last day that it holds on, as `2027-01-31`.
  public var expires: String
  /// Where it stands.
  public var place: Place

  /// Whether it is about a finding; `lines` tells the lines of a place in a file that has waivers for lines.
  public func isAbout(_ finding: Finding, lines: (Place) -> ClosedRange<Int>?) -> Bool {
    guard finding.rule == rule, validation == nil || finding.validation == validation else {
      return false
    }
    if let environments {
      guard let environment = finding.environment, environments.contains(environment) else {
        return false
      }
    }
    switch target {
    case .intent(let name): if finding.intent != name { return false }
    case .line(let file, let line):
      guard let place = finding.place, place.file == file, place.revision == nil,
        lines(place)?.contains(line) == true
      else { return false }
    case .object(let name):
      if finding.object?.description != name, finding.derivedFrom?.description != name {
        return false
      }
    }
    guard let path else { return true }
    guard let field = finding.path?.description, field.hasPrefix(path) else { return false }
    let next = field.utf8.dropFirst(path.utf8.count).first
    return next == nil || next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
  }
}
