import Repositories
import Testing

@testable import Remotes

/// The parsers of what a server sends: right answers, and hostile ones.
@Suite struct ProtocolTests {
  static let id = "0123456789abcdef0123456789abcdef01234567"

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// A stream that comes in pieces of the given size.
  private static func reader(_ bytes: [UInt8], pieces size: Int = 1 << 16) -> PacketReader {
    var rest = bytes[...]
    return PacketReader { () throws(RemoteError) in
      defer { rest = rest.dropFirst(size) }
      return Array(rest.prefix(size))
    }
  }

  @Test(arguments: [1, 3, 4, 7, 1000])
  func splitsAStreamIntoPackets(_ size: Int) throws {
    var reader = Self.reader(Self.bytes("0006a\n0000000400051"), pieces: size)
    #expect(try reader.next().line?.elementsEqual("a".utf8) == true)
    #expect(try reader.next() == .flush)
    #expect(try reader.next() == .data([]))
    #expect(try reader.next() == .data([0x31]))
    #expect(try reader.next() == .end)
  }

  @Test(arguments: [
    ("0001", RemoteError.Code.malformed), ("0003", .malformed), ("fff1", .malformed),
    ("<html><body>", .malformed), ("zz", .malformed), ("00", .cut), ("0009ab", .cut),
    ("\u{1}\u{2}\u{3}\u{4}", .malformed),
  ])
  func refusesWhatIsNoPacket(_ row: (text: String, code: RemoteError.Code)) {
    var reader = Self.reader(Self.bytes(row.text))
    #expect(error { try reader.next() }?.code == row.code)
  }

  @Test func showsWhatCameInsteadWithoutControlCharacters() {
    var reader = Self.reader(Self.bytes("\u{1b}[31m<html>\nSign in"))
    #expect(
      error { try reader.next() }?.message
        == "the answer is not what a Git server says: '[31m<html>; Sign in'")
  }

  @Test func readsAnAdvertisement() throws {
    let text =
      packet("# service=git-upload-pack\n") + flushPacket
      + packet("\(Self.id) HEAD\0 ofs-delta side-band-64k object-format=sha1 agent=git/2.39\n")
      + packet("\(Self.id) refs/heads/main\n") + packet("\(Self.id) refs/tags/v1\n")
      + packet("\(Self.id) refs/tags/v1^{}\n") + packet("\(Self.id) .have\n")
      + packet("shallow \(Self.id)\n") + flushPacket
    var reader = Self.reader(text, pieces: 11)
    let found = try Advertisement(&reader)
    #expect(found.references.keys.sorted() == ["refs/heads/main", "refs/tags/v1"])
    #expect(found.has("ofs-delta"))
    #expect(!found.has("atomic"))
    var empty = Self.reader(
      packet("\(String(repeating: "0", count: 40)) capabilities^{}\0report-status\n") + flushPacket)
    #expect(try Advertisement(&empty).references.isEmpty)
  }

  @Test func refusesWhatIsNoAdvertisement() {
    let long = String(repeating: "0", count: 64)
    let rows: [([UInt8], RemoteError.Code)] = [
      ([], .cut), (packet("\(Self.id) refs/heads/main\n"), .cut),
      (packet("hello\n") + flushPacket, .malformed),
      (packet("\(Self.id)\n") + flushPacket, .malformed),
      (packet("\(Self.id)refs/heads/main-without-space\n") + flushPacket, .malformed),
      (packet("# service=git-upload-pack\n") + packet("x"), .malformed),
      (packet("version 2\n") + flushPacket, .malformed),
      (packet("ERR access denied or repository not exported: /x\n") + flushPacket, .notFound),
      (packet("ERR over quota\n") + flushPacket, .rejected),
      (packet("\(long) refs/heads/main\0object-format=sha256\n") + flushPacket, .unsupported),
    ]
    for (bytes, code) in rows {
      var reader = Self.reader(bytes)
      #expect(error { try Advertisement(&reader) }?.code == code)
    }
  }

  @Test func readsAReport() throws {
    var reader = Self.reader(
      packet("unpack ok\n") + packet("ok refs/heads/a\n")
        + packet("ng refs/heads/b pre-receive hook declined\n") + flushPacket)
    let report = try PushReport(&reader)
    #expect(report.refusal(of: "refs/heads/a") == nil)
    #expect(report.refusal(of: "refs/heads/b") == "pre-receive hook declined")
    #expect(report.refusal(of: "refs/heads/c") == "the server did not report on it")
    var failed = Self.reader(
      packet("unpack index-pack abnormal exit\n") + packet("ok refs/heads/a\n") + flushPacket)
    #expect(
      try PushReport(&failed).refusal(of: "refs/heads/a")
        == "unpacking failed: index-pack abnormal exit")
  }

  @Test func refusesWhatIsNoReport() {
    let rows: [([UInt8], RemoteError.Code)] = [
      ([], .cut), (flushPacket, .cut), (packet("unpack ok\n"), .cut),
      (packet("ok refs/heads/a\n") + flushPacket, .malformed),
      (packet("unpack ok\n") + packet("yes refs/heads/a\n") + flushPacket, .malformed),
      (packet("unpack ok\n") + packet("unpack ok\n") + flushPacket, .malformed),
      (packet("unpack\n") + flushPacket, .malformed),
      (packet("unpack ok\n") + packet("ok\n") + flushPacket, .malformed),
    ]
    for (bytes, code) in rows {
      var reader = Self.reader(bytes)
      #expect(error { try PushReport(&reader) }?.code == code)
    }
  }

  @Test func takesBandsApart() throws {
    var reader = Self.reader(
      packet("\u{2}remote: hello\n") + packet("\u{1}") + packet("\u{1}data") + packet("")
        + flushPacket)
    var band = SideBand()
    #expect(try band.next(&reader).elementsEqual("data".utf8))
    #expect(try band.next(&reader).isEmpty)
    #expect(printable(band.said) == "remote: hello")
    var fatal = Self.reader(packet("\u{3}out of memory\n"))
    #expect(error { try band.next(&fatal) }?.message == "the server gave up: out of memory")
    var unknown = Self.reader(packet("\u{9}x"))
    #expect(error { try band.next(&unknown) }?.code == .malformed)
  }

  /// Whatever comes, in whatever pieces: a value or an error, and an end.
  @Test func hostileBytesNeverTrap() {
    var random = SplitMix(state: 7)
    let seeds = [
      packet("\(Self.id) refs/heads/main\0report-status ofs-delta\n")
        + packet("\(Self.id) refs/x\n") + flushPacket,
      packet("unpack ok\n") + packet("ok refs/heads/a\n") + packet("ng refs/heads/b no\n")
        + flushPacket,
      packet("\u{1}0008data") + packet("\u{2}said\n") + flushPacket,
    ]
    var errors = 0
    for round in 0..<20_000 {
      var bytes = seeds[round % seeds.count]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where !bytes.isEmpty: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: min(place, bytes.count))
        case 2: bytes = Array(bytes.prefix(place))
        default: bytes += bytes.suffix(bytes.count - min(place, bytes.count))
        }
      }
      let size = Int.random(in: 1...40, using: &random)
      var first = Self.reader(bytes, pieces: size)
      var second = Self.reader(bytes, pieces: size)
      var third = Self.reader(bytes, pieces: size)
      var band = SideBand()
      do { _ = try Advertisement(&first) } catch { errors += 1 }
      do { _ = try PushReport(&second) } catch { errors += 1 }
      do { while try !band.next(&third).isEmpty {} } catch { errors += 1 }
    }
    #expect(errors > 20_000)
    #expect(errors < 60_000)
  }

  @Test(arguments: [
    ("ssh -i 'my key' -o \"A B\"", ["ssh", "-i", "my key", "-o", "A B"]),
    (#"a\ b c""  'd'\''e'"#, ["a b", "c", "d'e"]), ("", []), ("  ", []),
    ("ssh $HOME `x` ; rm", ["ssh", "$HOME", "`x`", ";", "rm"]),
  ])
  func splitsACommandWithoutAShell(_ row: (text: String, words: [String])) {
    #expect(shellWords(row.text) == row.words)
  }

  @Test func callsSSHWithoutAShell() throws {
    let address = try RemoteAddress("ssh://git@host:22/it's !here")
    #expect(
      SSHCommand.arguments(for: .receivePack, at: address, [:])
        == [
          "ssh", "-o", "BatchMode=yes", "-p", "22", "git@host",
          #"git-receive-pack '/it'\''s '\!'here'"#,
        ])
    #expect(
      SSHCommand.arguments(
        for: .uploadPack, at: try RemoteAddress("host:a/b"), ["GIT_SSH_COMMAND": "my-ssh -v"])
        == ["my-ssh", "-v", "-o", "BatchMode=yes", "host", "git-upload-pack 'a/b'"])
  }

  @Test func handsTheRequestToTheChildWhole() throws {
    var request = HTTPRequest(
      try RemoteAddress("https://ada:hun%20ter@git.acme.test:8443/x.git"), .receivePack)
    var reader = PacketReader(bytes: request.encoded + [1, 2, 3])
    let found = try HTTPRequest(&reader)
    #expect(found.address == request.address)
    #expect(found.address.password == "hun ter")
    #expect(try reader.piece().elementsEqual([1, 2, 3]))
    let commit = try #require(ObjectID(Self.id))
    request.stockPush = ("/x y", [ReferenceUpdate("refs/heads/main", from: nil, to: commit)])
    var other = PacketReader(bytes: request.encoded)
    #expect(try HTTPRequest(&other) == request)
    var wrong = PacketReader(bytes: packet("hello") + flushPacket)
    #expect(error { try HTTPRequest(&wrong) }?.code == .malformed)
  }

  @Test func hostsAreAllowedByNameOnly() throws {
    var options = ConnectionOptions()
    options.allowedHosts = ["Git.acme.test", "*.corp.test"]
    func code(_ text: String) throws -> RemoteError.Code? {
      let address = try RemoteAddress(text)
      return error(isExpected: false) { try options.check(address) }?.code
    }
    #expect(try code("https://git.acme.test/x") == nil)
    #expect(try code("a.b.corp.test:x") == nil)
    #expect(try code("../x") == nil)
    for text in [
      "https://corp.test/x", "https://evilcorp.test/x", "https://git.acme.test.evil/x",
      "ssh://acme.test/x", "http://git.acme.test/x",
    ] {
      #expect(try code(text) == .notAllowed)
    }
    options.allowsPlainHTTP = true
    #expect(try code("http://git.acme.test/x") == nil)
  }
}

/// The error that `body` throws; fails the test when it throws none and one is expected.
func error(
  isExpected: Bool = true, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> some Any
) -> RemoteError? {
  do {
    _ = try body()
  } catch let error as RemoteError {
    return error
  } catch {
    Issue.record("unexpected \(error)", sourceLocation: sourceLocation)
    return nil
  }
  if isExpected { Issue.record("no error was thrown", sourceLocation: sourceLocation) }
  return nil
}

/// A generator whose numbers are the same in every run (Steele, Lea and Flood, 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
