/// Objects that are to be written together: hashed, but in memory only.
struct NewObjects: Sendable {
  struct Object: Sendable {
    let kind: ObjectKind
    let bytes: ArraySlice<UInt8>
    let id: ObjectID
    /// A blob's path; empty for other kinds. Files of one name tend to be alike.
    let path: String
  }

  private(set) var objects: [Object] = []
  /// The ids of the objects.
  private(set) var known: Set<ObjectID> = []

  /// Adds an object unless one of that id is there; gives the id back.
  @discardableResult
  mutating func append(
    _ kind: ObjectKind, _ bytes: ArraySlice<UInt8>, id: ObjectID, path: String = ""
  ) -> ObjectID {
    if known.insert(id).inserted {
      objects.append(
        Object(kind: kind, bytes: bytes, id: id, path: path))
    }
    return id
  }
}
