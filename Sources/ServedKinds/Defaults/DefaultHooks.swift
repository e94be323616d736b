import Documents

/// A default that needs more than one field of a structure, or a value that the server computes.
typealias DefaultHook = @Sendable (inout ObjectDecoder, StructureStart) -> Void

/// All of them by type, named by group and type without version. They run when the fields of the structure, and what is
/// inside them, are there.
enum DefaultHooks {
  static let byType: [String: DefaultHook] = {
    var hooks: [String: DefaultHook] = [:]
    for table in [core, workloads, others] { hooks.merge(table) { first, _ in first } }
    return hooks
  }()
}
