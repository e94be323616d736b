/// How Go writes the type of a value; `nil` for no value.
func typeName(_ value: GoValue, ofNil: String = "<nil>") -> String {
  switch value {
  case .invalid, .null: ofNil
  case .bool: "bool"
  case .int: "int"
  case .int64: "int64"
  case .uint64: "uint64"
  case .float: "float64"
  case .string: "string"
  case .list(let list): list.typeName
  case .map(let map): map.typeName
  case .object(let object): object.typeName
  }
}

/// The kind of a value's type as `reflect.Kind` prints.
func kindName(_ value: GoValue) -> String {
  switch value {
  case .invalid, .null: "invalid"
  case .bool: "bool"
  case .int: "int"
  case .int64: "int64"
  case .uint64: "uint64"
  case .float: "float64"
  case .string: "string"
  case .list: "slice"
  case .map: "map"
  case .object(let object): object.kind
  }
}
