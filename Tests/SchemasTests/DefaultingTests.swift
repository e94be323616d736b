import Documents
import Schemas
import Testing

@Suite struct DefaultingTests {
  let found = SimpleCase(
    """
    fields:
      port: integer | default=80
      name: string
      db:
        host: string | default=localhost
        auth: {user: string | default=app, mode: string}
      needed:
        id: string | required=true
        size: integer | default=1
      servers: "[]Server"
      by: "map[string]Server"
    types:
      Server: {host: string, port: integer | default=9, tls: {up: boolean | default=true}}
    """)

  @Test(arguments: [
    ("{}", "{db: {auth: {user: app}, host: localhost}, port: 80}"),
    ("{port: 1}", "{db: {auth: {user: app}, host: localhost}, port: 1}"),
    ("{port: null, name: null}", "{db: {auth: {user: app}, host: localhost}, port: 80}"),
    (
      "{db: {auth: {mode: x}}}",
      "{db: {auth: {mode: x, user: app}, host: localhost}, port: 80}"
    ),
    (
      "{db: null, needed: {}}",
      "{db: {auth: {user: app}, host: localhost}, needed: {size: 1}, port: 80}"
    ),
    (
      "{servers: [{}, {port: 2, tls: {up: false}}], db: {}}",
      "{db: {auth: {user: app}, host: localhost}, port: 80, "
        + "servers: [{port: 9, tls: {up: true}}, {port: 2, tls: {up: false}}]}"
    ),
    (
      "{by: {a: {host: x}, b: null}, db: {}}",
      "{by: {a: {host: x, port: 9, tls: {up: true}}, b: {port: 9, tls: {up: true}}}, "
        + "db: {auth: {user: app}, host: localhost}, port: 80}"
    ),
    ("5", "5"), ("[{}]", "[{}]"),
  ])
  func fillsIn(text: String, expected: String) {
    #expect(found.defaulted(text) == expected)
  }

  @Test func anAbsentValueBecomesTheRootsDefaultUnlessSomethingIsRequired() {
    let arena = Arena()
    #expect(
      flow(found.schema.defaulted(.absent, in: arena))
        == "{db: {auth: {user: app}, host: localhost}, port: 80}")
    let required = SimpleCase("fields: {a: string | required=true, b: integer | default=1}")
    #expect(required.schema.defaulted(.absent, in: arena).isAbsent)
    #expect(required.defaulted("{}") == "{b: 1}")
    #expect(required.schema.problems(in: .absent).isEmpty)
  }

  @Test func defaultsOfEveryTypeKeepTheirType() {
    let all = SimpleCase(
      #"""
      fields:
        s: 'string | default="80"'
        e: 'string | default=""'
        i: integer | default=-3
        f: float | default=2.5
        b: boolean | default=false
        l: '[]string | default=["a", "b c"]'
        m: 'map[string]integer | default={"x": 1}'
        o: 'object | default={"k": {"l": [1, null]}}'
        q: 'string | default="say \\\"hi\\\""'
        t: 'string | default="a\nb\u00e9"'
      """#)
    #expect(all.report == [])
    #expect(
      all.defaulted("{}")
        == "{b: false, e: , f: 2.5, i: -3, l: [a, b c], m: {x: 1}, o: {k: {l: [1, null]}}, "
        + "q: say \"hi\", s: 80, t: a\nbé}")
    #expect(all.schema.root.property("s")?.defaultValue.asString == "80")
  }

  @Test func defaultsInsideADefaultAreFilledIn() {
    let nested = SimpleCase(
      """
      fields:
        servers: '[]Server | default=[{"host":"a"}]'
        main: 'Server | default={"port":1}'
      types:
        Server: {host: string, port: integer | default=9}
      """)
    #expect(nested.report == [])
    #expect(nested.defaulted("{}") == "{main: {port: 1}, servers: [{host: a, port: 9}]}")
  }

  @Test func whatDoesNotChangeIsShared() {
    let value = yaml("{port: 1, db: {host: h, auth: {user: u}}, servers: []}")
    let arena = Arena()
    let same = found.schema.defaulted(value.root, in: arena)
    #expect(same.payload == value.root.payload)
    let partly = yaml("{port: 1, db: {host: h, auth: {user: u}}, by: {a: {}}}")
    let changed = found.schema.defaulted(partly.root, in: arena)
    #expect(changed.payload != partly.root.payload)
    #expect(changed["db"].payload == partly.root["db"].payload)
    withExtendedLifetime((value, partly)) {}
  }
}
