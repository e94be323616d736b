public import Manifests
import Repositories

/// The name of an object's file: `<kind>[.<group>]-<name>[.<namespace>].yaml`.
///
/// The group is left out for the groups of Kubernetes itself, the namespace where it is the
/// intent's. Lower case; of a name or namespace, bytes outside `[a-z0-9.-]` stand as `_` and two
/// hexadecimal digits. A name over 200 bytes is cut and ends in 8 digits of the hash of the whole.
public func fileName(of identity: ObjectIdentity, intentNamespace: String?) -> String {
  var stem: [UInt8] = []
  stem.reserveCapacity(64)
  appendEscaped(identity.kind.lowercased(), to: &stem)
  if !identity.group.isEmpty, !KindTable.builtIn.isBuiltIn(group: identity.group) {
    stem.append(UInt8(ascii: "."))
    appendEscaped(identity.group, to: &stem)
  }
  stem.append(UInt8(ascii: "-"))
  appendEscaped(identity.name, to: &stem)
  if let namespace = identity.namespace, namespace != intentNamespace {
    stem.append(UInt8(ascii: "."))
    appendEscaped(namespace, to: &stem)
  }
  let limit = 200 - ".yaml".utf8.count
  if stem.count > limit {
    let digits = shortHash(stem)
    stem.removeSubrange((limit - 1 - digits.utf8.count)...)
    stem.append(UInt8(ascii: "-"))
    stem.append(contentsOf: digits.utf8)
  }
  stem.append(contentsOf: ".yaml".utf8)
  return String(decoding: stem, as: UTF8.self)
}

/// The folder of the objects that make engines sync the units; outside the units, so that nothing
/// is applied twice.
let deliveryFolder = "delivery"

/// Where a unit's delivery object stands: `delivery/<environment>/<unit path>.yaml`, the unit path
/// without the environment's name in front.
func deliveryPath(environment: String, unit path: String) -> String {
  let prefix = environment + "/"
  let rest = path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
  return "\(deliveryFolder)/\(environment)/\(rest).yaml"
}

/// The folder of an environment's objects that several intents may ask for.
public func sharedFolder(environment: String) -> String { environment + "/_shared" }

/// The path that Pave keeps for itself and that a unit's folder is or is inside; nil for none.
public func reservedOutputPath(holding folder: String, environment: String) -> String? {
  let reserved = [
    deliveryFolder, sharedFolder(environment: environment), HydratorMetadata.path,
  ]
  return reserved.first { folder == $0 || folder.hasPrefix($0 + "/") }
}

/// The folder at the root under which every platform has a folder of inventories.
let inventoryFolder = ".pave"

/// The folder of a platform's inventories.
func inventoryFolder(of platform: String) -> String { inventoryFolder + "/" + platform }

private func appendEscaped(_ text: String, to stem: inout [UInt8]) {
  let digits = Array("0123456789abcdef".utf8)
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "."), UInt8(ascii: "-"):
      stem.append(byte)
    default:
      stem.append(UInt8(ascii: "_"))
      stem.append(digits[Int(byte >> 4)])
      stem.append(digits[Int(byte & 15)])
    }
  }
}

/// 8 hexadecimal digits of FNV-1a (64 bits folded to 32): only tells cut names apart.
private func shortHash(_ bytes: [UInt8]) -> String {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  let folded = UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  let digits = String(folded, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
