import Testing

@testable import Remotes

@Suite struct AddressTests {
  @Test(arguments: [
    ("https://git.acme.test/deploy.git", "https", "git.acme.test", "/deploy.git"),
    ("HTTPS://Git.Acme.Test:8443/a/b", "https", "git.acme.test", "/a/b"),
    ("http://[::1]:80/x", "http", "::1", "/x"),
    ("ssh://git@host:2222/~ada/x.git", "ssh", "host", "~ada/x.git"),
    ("git@github.com:acme/deploy.git", "ssh", "github.com", "acme/deploy.git"),
    ("file:///srv/a%20b.git", "file", "", "/srv/a b.git"),
    ("../deploy.git", "file", "", "../deploy.git"),
    ("./with:colon", "file", "", "./with:colon"),
  ])
  func readsWhatPeopleWrite(_ row: (text: String, scheme: String, host: String, path: String))
    throws
  {
    let address = try RemoteAddress(row.text)
    #expect(address.scheme.rawValue == row.scheme)
    #expect(address.host == row.host)
    #expect(address.path == row.path)
  }

  @Test(arguments: [
    "ftp://host/x", "https://host", "https:///x", "ssh://-oProxyCommand=x/y", "-oX=y:path",
    "host:-path",
    "ssh://-u@host/x", "https://host:0/x", "https://host:99999/x", "https://ho st/x",
    "https://host/a\nb", "ssh://host/a%0ab", "file://elsewhere/x", "", "host:", "ext::sh -c x",
  ])
  func refusesWhatNamesNoRepositoryOrAnOption(_ text: String) {
    #expect(throws: RemoteError.self) { try RemoteAddress(text) }
  }

  @Test func printsNoSecret() throws {
    let password = try RemoteAddress("https://ada:hunter2@git.acme.test/x")
    #expect(password.description == "https://***@git.acme.test/x")
    #expect(password.bareURL == "https://git.acme.test/x")
    #expect(try RemoteAddress("https://ghp_token@h/x").description == "https://***@h/x")
    #expect(try RemoteAddress("ssh://git:pw@h/x").description == "ssh://git:***@h/x")
    let error = RemoteError(.failed, "no hunter2 here", help: "hunter2").masking(password.secrets)
    #expect(error.message == "no *** here")
    #expect(error.help == "***")
  }

  @Test func knowsThisMachine() throws {
    for text in [
      "http://localhost/x", "http://127.0.0.1:80/x", "http://127.9.9.9/x", "http://[::1]/x",
    ] {
      #expect(try RemoteAddress(text).isLoopback)
    }
    for text in [
      "http://127.evil.test/x", "http://127.0.0.1.evil.test/x", "http://localhost.evil/x",
    ] {
      #expect(try !RemoteAddress(text).isLoopback)
    }
  }
}
