import Repositories

/// Git's push (gitprotocol-pack, "Pushing Data To a Server"), with a pack that is ready.
///
/// libgit2's own push would compute a pack from the history: 3 to 6 s of this machine where sending
/// what a publication has just written takes 0.05 s.
struct SendPack {
  private var reader: PacketReader
  private let channel: Channel
  private let advertisement: Advertisement
  private var band = SideBand()

  /// Reads what the server has; throws what it says, or why it cannot be pushed to.
  init(_ channel: Channel) throws(RemoteError) {
    self.channel = channel
    reader = PacketReader(channel)
    advertisement = try Advertisement(&reader)
    for capability in ["report-status", "ofs-delta"] where !advertisement.has(capability[...]) {
      throw RemoteError(
        .unsupported, "the server cannot do '\(capability)', which a push needs here")
    }
  }

  /// The objects that the server has for sure.
  var known: [ObjectID] { Array(Set(advertisement.references.values)).sorted() }

  /// The updates that are not done yet. Throws `moved` for one whose reference is elsewhere.
  func pending(_ updates: [ReferenceUpdate]) throws(RemoteError) -> [ReferenceUpdate] {
    var pending: [ReferenceUpdate] = []
    for update in updates {
      let current = advertisement.references[update.name]
      if current == update.new { continue }
      guard current == update.old else {
        throw RemoteError(
          .moved, "the \(update.shownName) was moved by somebody else meanwhile")
      }
      pending.append(update)
    }
    return pending
  }

  /// Sends updates and a pack with their objects, and reads what became of them.
  ///
  /// Several updates go all or none where the server can do that. Throws `cut` or `malformed` when
  /// there was no whole report: then nobody knows.
  mutating func send(
    _ updates: [ReferenceUpdate], _ pack: Pack
  ) throws(RemoteError) -> (report: PushReport, said: String) {
    let hasBand = advertisement.has("side-band-64k")
    var words = ["report-status"]
    if hasBand { words.append("side-band-64k") }
    if updates.count > 1, advertisement.has("atomic") { words.append("atomic") }
    words.append("agent=pave")
    var request: [UInt8] = []
    for (index, update) in updates.enumerated() {
      let old = update.old.map(\.description) ?? String(repeating: "0", count: 40)
      let line = "\(old) \(update.new) \(update.name)"
      request += packet(index == 0 ? "\(line)\0 \(words.joined(separator: " "))" : line)
    }
    request += flushPacket
    var interruption: RemoteError?
    do throws(RemoteError) {
      try channel.write(request[...])
      try channel.write(pack.bytes[...])
    } catch {
      guard error.code == .cut else { throw error }
      // A server may refuse before it has read everything: its report says why.
      interruption = error
    }
    channel.finishWriting()
    do throws(RemoteError) {
      let report = try readReport(hasBand: hasBand)
      return (report, printable(band.said))
    } catch {
      let said = printable(band.said)
      let reason = interruption ?? error
      throw RemoteError(
        reason.code, said.isEmpty ? reason.message : "\(reason.message); the server said: \(said)",
        help: reason.code == .cut || reason.code == .malformed
          ? "the server may or may not have taken it: publish again, which changes nothing twice"
          : reason.help)
    }
  }

  private mutating func readReport(hasBand: Bool) throws(RemoteError) -> PushReport {
    guard hasBand else { return try PushReport(&reader) }
    var bytes: [UInt8] = []
    while true {
      let piece = try band.next(&reader)
      if piece.isEmpty { break }
      bytes += piece
      guard bytes.count <= 1 << 22 else {
        throw RemoteError(.malformed, "the server's report is over 4 MiB")
      }
    }
    var inner = PacketReader(bytes: bytes)
    return try PushReport(&inner)
  }
}
