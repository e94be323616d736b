import Documents
import Quantities

extension CELType {
  static let ip = CELType.opaque("net.IP", [])
  static let cidr = CELType.opaque("net.CIDR", [])
}

extension Library {
  /// IP addresses and CIDR blocks.
  static let network: [Function] = addresses + tests + blocks

  private static let availability = Availability.all(kubernetesSince: 30)

  private static let addresses: [Function] =
    [Availability.specOnly, .kubernetes(since: 30, inSpec: false)].flatMap { availability in
      let isSpec = availability.inSpec
      return [
        Function("ip", .string, returns: .ip, in: availability, cost: .rounded(0, 0.1)) {
          text, frame in
          switch NetworkText.address(text, isSpec: isSpec) {
          case .success(let address): frame.arena.box(.ip, address)
          case .failure(let error): frame.error(error.message)
          }
        },
        Function("isIP", .string, returns: .bool, in: availability, cost: .rounded(0, 0.1)) {
          text, _ in .bool((try? NetworkText.address(text, isSpec: isSpec).get()) != nil)
        },
        Function(
          "ip.isCanonical", .string, returns: .bool, in: availability, cost: .rounded(0, 0.2)
        ) { text, frame in
          switch NetworkText.address(text, isSpec: isSpec) {
          case .success(let address): .bool(address.description == text.asString)
          case .failure(let error): frame.error(error.message)
          }
        },
      ]
    } + [
      Function("string", .ip, returns: .string, in: availability) { value, frame in
        frame.arena.string(value.address.description)
      },
      Function("family", on: .ip, returns: .int, in: availability) { value, _ in
        .int(value.address.isVersion4 ? 4 : 6)
      },
    ]

  private static func test(
    _ name: String, _ body: @escaping @Sendable (IPAddress) -> Bool
  ) -> Function {
    Function(name, on: .ip, returns: .bool, in: availability) { value, _ in
      .bool(body(value.address))
    }
  }

  private static let tests: [Function] = [
    test("isUnspecified") { $0.isUnspecified },
    test("isLoopback") { $0.isLoopback },
    test("isLinkLocalMulticast") { $0.isLinkLocalMulticast },
    test("isLinkLocalUnicast") { $0.isLinkLocalUnicast },
    test("isGlobalUnicast") { $0.isGlobalUnicast },
  ]

  private static let blocks: [Function] = [
    Function("cidr", .string, returns: .cidr, in: availability, cost: .rounded(0, 0.1)) {
      text, frame in
      switch NetworkText.block(text) {
      case .success(let block): frame.arena.box(.cidr, block)
      case .failure(let error): frame.error(error.message)
      }
    },
    Function("isCIDR", .string, returns: .bool, in: availability, cost: .rounded(0, 0.1)) {
      text, _ in .bool((try? NetworkText.block(text).get()) != nil)
    },
    Function("string", .cidr, returns: .string, in: availability) { value, frame in
      frame.arena.string(value.cidrBlock.description)
    },
    Function("ip", on: .cidr, returns: .ip, in: availability) { value, frame in
      frame.arena.box(.ip, value.cidrBlock.address)
    },
    Function("masked", on: .cidr, returns: .cidr, in: availability) { value, frame in
      frame.arena.box(.cidr, value.cidrBlock.masked)
    },
    Function("prefixLength", on: .cidr, returns: .int, in: availability) { value, _ in
      .int(Int64(value.cidrBlock.prefixLength))
    },
    Function(
      "containsIP", on: .cidr, .ip, returns: .bool, in: availability,
      cost: .containment(isBlock: false)
    ) { value, other, _ in .bool(value.cidrBlock.contains(other.address)) },
    Function(
      "containsIP", on: .cidr, .string, returns: .bool, in: availability,
      cost: .containment(isBlock: false)
    ) { value, text, frame in
      switch NetworkText.address(text, isSpec: false) {
      case .success(let address): .bool(value.cidrBlock.contains(address))
      case .failure(let error): frame.error(error.message)
      }
    },
    Function(
      "containsCIDR", on: .cidr, .cidr, returns: .bool, in: availability,
      cost: .containment(isBlock: true)
    ) { value, other, _ in .bool(value.cidrBlock.contains(other.cidrBlock)) },
    Function(
      "containsCIDR", on: .cidr, .string, returns: .bool, in: availability,
      cost: .containment(isBlock: true)
    ) { value, text, frame in
      switch NetworkText.block(text) {
      case .success(let block): .bool(value.cidrBlock.contains(block))
      case .failure(let error): frame.error(error.message)
      }
    },
  ]
}

extension Value {
  /// The address in a box; call it only on one.
  var address: IPAddress {
    unboxed(as: IPAddress.self) ?? IPAddress(high: 0, low: 0, isVersion4: true)
  }

  /// The block in a box; call it only on one.
  var cidrBlock: CIDRBlock {
    unboxed(as: CIDRBlock.self) ?? .everything
  }
}

/// Reads addresses with Kubernetes' refusals: no zones, no IPv4 written as IPv6.
private enum NetworkText {
  struct Failure: Error {
    var message: String
  }

  /// The specification takes `::ffff:c0a8:1` as the address of version 4 that it stands for.
  static func address(_ text: Value, isSpec: Bool) -> Result<IPAddress, Failure> {
    let text = text.asString ?? ""
    switch IPAddress.parse(text) {
    case .failure(let error) where error.isOnlyZone:
      return .failure(Failure(message: "IP address \"\(text)\" with zone value is not allowed"))
    case .failure(let error):
      return .failure(
        Failure(
          message: "IP Address \"\(text)\" parse error during conversion from string: "
            + error.message))
    case .success(let address) where address.isVersion4Mapped:
      if isSpec, !text.utf8.contains(UInt8(ascii: ".")) {
        return .success(IPAddress(high: 0, low: address.low & 0xFFFF_FFFF, isVersion4: true))
      }
      return .failure(Failure(message: "IPv4-mapped IPv6 address \"\(text)\" is not allowed"))
    case .success(let address): return .success(address)
    }
  }

  static func block(_ text: Value) -> Result<CIDRBlock, Failure> {
    let text = text.asString ?? ""
    switch CIDRBlock.parse(text) {
    case .failure(let error):
      return .failure(
        Failure(
          message: "network address parse error during conversion from string: " + error.message))
    case .success(let block) where block.address.isVersion4Mapped:
      return .failure(Failure(message: "IPv4-mapped IPv6 address \"\(text)\" is not allowed"))
    case .success(let block): return .success(block)
    }
  }
}

extension CostRule {
  /// The bytes of the prefix twice, for a block the prefix once more and one; a text is read first.
  fileprivate static func containment(isBlock: Bool) -> CostRule {
    .custom { arguments, _ in
      let prefixBytes = Double((arguments[0].cidrBlock.prefixLength + 7) / 8)
      var cost = (prefixBytes * 0.2).rounded(.up)
      if isBlock { cost += (prefixBytes * 0.1).rounded(.up) + 1 }
      if arguments[1].isString {
        cost += (Double(arguments[1].characterCount) * 0.1).rounded(.up)
      }
      return UInt64(cost)
    }
  }
}
