public import Documents

extension Intent {
  /// An intent that nobody wrote: Pave makes it to render a golden path. `file` is what stands for it in places.
  public init(
    making document: Document, file: String, apiVersion: String, kind: String, name: String
  ) {
    self.init(
      file: file, documentIndex: 0, document: document, apiVersion: apiVersion, kind: kind,
      name: name, namespace: nil, environments: nil)
  }
}
