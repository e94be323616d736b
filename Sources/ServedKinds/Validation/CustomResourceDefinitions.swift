import Documents
import Quantities

extension ObjectValidation {
  mutating func customResourceDefinition(_ object: Value, old: Value) {}
}
