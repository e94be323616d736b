import Repositories

/// Git's fetch (gitprotocol-pack, "Packfile Negotiation") in one round: what is wanted, what is here,
/// `done`. A copy that only follows a server has nothing that needs more.
struct FetchPack {
  let advertisement: Advertisement
  private let channel: Channel
  private var reader: PacketReader
  private var band = SideBand()

  /// Reads what the server has.
  init(_ channel: Channel) throws(RemoteError) {
    self.channel = channel
    reader = PacketReader(channel)
    advertisement = try Advertisement(&reader)
  }

  /// Ends without asking for anything, as both of a server's services understand.
  static func leave(_ channel: Channel) {
    try? channel.write(flushPacket[...])
    channel.finishWriting()
  }

  /// Fetches objects and all that they reach into a repository that has `haves` and what they reach.
  ///
  /// Throws `malformed` for a damaged pack and for one without what was wanted; nothing of it is
  /// visible then.
  mutating func fetch(
    _ wants: [ObjectID], haves: [ObjectID], into repository: Repository
  ) throws(RemoteError) {
    guard advertisement.has("side-band-64k") else {
      throw RemoteError(.unsupported, "the server cannot do 'side-band-64k', which a fetch needs here")
    }
    var words = ["side-band-64k"]
    for word in ["ofs-delta", "no-progress"] where advertisement.has(word[...]) { words.append(word) }
    var request: [UInt8] = []
    for (index, want) in wants.enumerated() {
      request += packet(
        index == 0 ? "want \(want) \(words.joined(separator: " ")) agent=pave\n" : "want \(want)\n")
    }
    request += flushPacket
    for have in haves { request += packet("have \(have)\n") }
    request += packet("done\n")
    try channel.write(request[...])
    channel.finishWriting()
    try readAcknowledgement()
    let receiver = try cached { () throws(RepositoryError) in try PackReceiver(into: repository) }
    while true {
      let piece = try band.next(&reader)
      if piece.isEmpty { break }
      try receiving { () throws(RepositoryError) in try receiver.append(piece) }
    }
    try receiving { () throws(RepositoryError) in _ = try receiver.finish() }
    for want in wants where !repository.contains(want) {
      throw RemoteError(.malformed, "the server's pack does not have the commit \(want)")
    }
  }

  /// Without `multi_ack` there is one line: the first object that both have, or that there is none.
  private mutating func readAcknowledgement() throws(RemoteError) {
    let next = try reader.next()
    if next == .end { throw RemoteError(.cut, "the connection ended before the server's pack") }
    guard let line = next.line else {
      throw RemoteError(.malformed, "the server's answer to a fetch begins with nothing")
    }
    if line.starts(with: "ERR ".utf8) { throw refusal(line.dropFirst(4)) }
    guard line.elementsEqual("NAK".utf8) || line.starts(with: "ACK ".utf8) else {
      throw RemoteError(
        .malformed, "the server's answer to a fetch has the line '\(printable(line, limit: 100))'")
    }
  }

  private func receiving(
    _ body: () throws(RepositoryError) -> Void
  ) throws(RemoteError) {
    do throws(RepositoryError) {
      try body()
    } catch {
      throw RemoteError(.malformed, "the server's pack cannot be taken: \(error.message)")
    }
  }
}
