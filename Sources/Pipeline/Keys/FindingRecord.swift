import Diagnostics

extension RecordWriter {
  /// A finding as a unit gave it: what the settings of the platform and waivers make of it comes later.
  mutating func add(_ finding: Finding) {
    add(finding.rule)
    add(finding.severity.rawValue)
    add(finding.message)
    add(optional: finding.help)
    add(optional: finding.place) { $0.add($1) }
    add(list: finding.related) { writer, related in
      writer.add(related.label)
      writer.add(related.place)
    }
    add(optional: finding.policy)
    add(optional: finding.binding)
    add(optional: finding.validation) { $0.add($1) }
    add(optional: finding.object) { $0.add($1) }
    add(optional: finding.path) { $0.add($1) }
    add(optional: finding.environment)
    add(optional: finding.intent)
    add(optional: finding.owner)
    add(finding.state.rawValue)
    add(optional: finding.shown) { $0.add($1) }
    add(optional: finding.derivedFrom) { $0.add($1) }
    add(optional: finding.fix) { writer, fix in
      writer.add(fix.place)
      writer.add(fix.text)
      writer.add(fix.isText)
    }
  }

  mutating func add(_ object: ObjectReference) {
    add(object.apiVersion)
    add(object.kind)
    add(optional: object.namespace)
    add(object.name)
  }

  mutating func add(_ place: Place) {
    add(place.file)
    add(optional: place.revision)
    switch place.anchor {
    case .file: add(0)
    case .bytes(let range):
      add(1)
      add(range)
    case .field(let document, let path, let part):
      switch part {
      case .value: add(2)
      case .key: add(3)
      case .text(let range):
        add(4)
        add(range)
      }
      add(document)
      add(path)
    }
  }

  mutating func add(_ path: FieldPath) {
    add(list: path.steps) { writer, step in
      switch step {
      case .key(let key):
        writer.add(0)
        writer.add(key)
      case .index(let index):
        writer.add(1)
        writer.add(index)
      }
    }
  }

  private mutating func add(_ range: Range<Int>) {
    add(range.lowerBound)
    add(range.upperBound)
  }
}

extension RecordReader {
  mutating func finding() throws(DamagedRecord) -> Finding {
    let rule = try text()
    guard let severity = Severity(rawValue: try text()) else { throw DamagedRecord() }
    var finding = Finding(rule: rule, severity: severity, try text())
    finding.help = try optionalText()
    finding.place = try optional { (reader) throws(DamagedRecord) in try reader.place() }
    finding.related = try list { (reader) throws(DamagedRecord) in
      Finding.Related(label: try reader.text(), place: try reader.place())
    }
    finding.policy = try optionalText()
    finding.binding = try optionalText()
    finding.validation = try optional { (reader) throws(DamagedRecord) in try reader.number() }
    finding.object = try optional { (reader) throws(DamagedRecord) in try reader.object() }
    finding.path = try optional { (reader) throws(DamagedRecord) in try reader.path() }
    finding.environment = try optionalText()
    finding.intent = try optionalText()
    finding.owner = try optionalText()
    guard let state = Finding.State(rawValue: try text()) else { throw DamagedRecord() }
    finding.state = state
    finding.shown = try optional { (reader) throws(DamagedRecord) in try reader.isTrue() }
    finding.derivedFrom = try optional { (reader) throws(DamagedRecord) in try reader.object() }
    finding.fix = try optional { (reader) throws(DamagedRecord) in
      let place = try reader.place()
      let text = try reader.text()
      return Fix(at: place, text, isText: try reader.isTrue())
    }
    return finding
  }

  mutating func object() throws(DamagedRecord) -> ObjectReference {
    let apiVersion = try text()
    let kind = try text()
    let namespace = try optionalText()
    return ObjectReference(
      apiVersion: apiVersion, kind: kind, namespace: namespace, name: try text())
  }

  mutating func place() throws(DamagedRecord) -> Place {
    let file = try text()
    let revision = try optionalText()
    let form = try number()
    switch form {
    case 0: return Place(file: file, revision: revision)
    case 1: return Place(file: file, anchor: .bytes(try range()), revision: revision)
    case 2...4:
      let part: Place.Part = form == 2 ? .value : form == 3 ? .key : .text(try range())
      let document = try number()
      return Place(
        file: file, anchor: .field(document: document, path: try path(), part: part),
        revision: revision)
    default: throw DamagedRecord()
    }
  }

  mutating func path() throws(DamagedRecord) -> FieldPath {
    FieldPath(
      try list { (reader) throws(DamagedRecord) -> FieldPath.Step in
        switch try reader.number() {
        case 0: .key(try reader.text())
        case 1: .index(try reader.number())
        default: throw DamagedRecord()
        }
      })
  }

  private mutating func range() throws(DamagedRecord) -> Range<Int> {
    let start = try number()
    let end = try number()
    guard start <= end else { throw DamagedRecord() }
    return start..<end
  }
}
