/// Takes apart the bands of a stream (gitprotocol-capabilities, "side-band, side-band-64k"): 1 is
/// data, 2 is what the server says to people, 3 is an error that ends it.
struct SideBand {
  /// The end of what the server said to people; at most 16 KiB.
  private(set) var said: [UInt8] = []

  /// The next data; empty at the flush or the end.
  ///
  /// Throws what the server says in band 3, `malformed` for another band.
  mutating func next(_ reader: inout PacketReader) throws(RemoteError) -> ArraySlice<UInt8> {
    while true {
      guard case .data(let bytes) = try reader.next() else { return [] }
      guard let band = bytes.first else { continue }
      let content = bytes.dropFirst()
      switch band {
      case 1:
        // Git keeps a connection alive with empty packets.
        if !content.isEmpty { return content }
      case 2:
        said.append(contentsOf: content)
        if said.count > 16_384 { said.removeFirst(said.count - 16_384) }
      case 3:
        throw RemoteError(.rejected, "the server gave up: \(printable(content))")
      default:
        throw RemoteError(.malformed, "the server's answer has a band \(band)")
      }
    }
  }
}
