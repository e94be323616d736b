import Diagnostics
import OutputTrees

extension DifferenceReport {
  /// One page that needs nothing beside it: a search over all objects, and the YAML of both sides next to each other.
  func html(since title: String?) -> String {
    var text = """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>Pave: \(escaped(summary))</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <style>\(Self.sheet)</style></head><body>
      <header><h1>\(escaped(summary))</h1>

      """
    if let title { text += "<p>since <code>\(escaped(title))</code></p>\n" }
    text += """
      <input id="search" type="search" placeholder="object, intent, field or value" autofocus>
      <button id="open" type="button">open all</button><span id="count"></span></header><main>

      """
    for (environment, blocks) in blocksByEnvironment {
      text += "<section><h2>\(escaped(environment))</h2>\n"
      for object in blocks.flatMap({ $0 }) { text += page(of: object) }
      text += "</section>\n"
    }
    return text + "</main><script>\(Self.script)</script></body></html>\n"
  }

  private func page(of object: ObjectDifference) -> String {
    var text =
      "<details class=\"\(object.kind.rawValue)\"><summary><b>\(object.kind.rawValue)</b> "
      + "\(escaped(object.object.description)) <small>\(escaped(object.intent))</small></summary>\n"
    if !object.fields.isEmpty {
      text += "<table class=\"fields\"><tr><th>field</th><th>before</th><th>after</th></tr>\n"
      for field in object.fields {
        let note = field.isImmutable ? " <b class=\"immutable\">immutable</b>" : ""
        text +=
          "<tr><td>\(escaped(field.path))\(note)</td><td>\(escaped(field.old ?? ""))</td>"
          + "<td>\(escaped(field.new ?? ""))</td></tr>\n"
      }
      text += "</table>\n"
    }
    text += "<table class=\"yaml\">\n"
    for row in rows(of: object) {
      text +=
        "<tr><td class=\"\(row.isOldChanged ? "removed" : "")\">\(escaped(row.old))</td>"
        + "<td class=\"\(row.isNewChanged ? "added" : "")\">\(escaped(row.new))</td></tr>\n"
    }
    return text + "</table></details>\n"
  }

  private struct Row {
    var old = ""
    var new = ""
    var isOldChanged = false
    var isNewChanged = false
  }

  /// The lines of both sides; those that are replaced stand beside what replaces them.
  private func rows(of object: ObjectDifference) -> [Row] {
    let diff = LineDiff(
      old: (object.old ?? [])[...], new: (object.new ?? [])[...], context: 1_000_000)
    var rows: [Row] = []
    var removed: [String] = []
    var added: [String] = []
    func flush() {
      for index in 0..<max(removed.count, added.count) {
        rows.append(
          Row(
            old: index < removed.count ? removed[index] : "",
            new: index < added.count ? added[index] : "",
            isOldChanged: index < removed.count, isNewChanged: index < added.count))
      }
      removed = []
      added = []
    }
    for line in diff.hunks.flatMap(\.lines) {
      let text = String(decoding: line.text, as: UTF8.self)
      switch line.kind {
      case .removed: removed.append(text)
      case .added: added.append(text)
      default:
        flush()
        rows.append(Row(old: text, new: text))
      }
    }
    flush()
    return rows
  }

  private static let sheet = """
    :root{color-scheme:light dark;font:14px system-ui,sans-serif}body{margin:0}
    header{position:sticky;top:0;background:Canvas;padding:.8rem 1.2rem;border-bottom:1px solid #8886}
    h1{font-size:1.2rem;margin:0 0 .4rem}main{padding:0 1.2rem}h2{font-size:1rem}
    input{width:min(30rem,60%);padding:.3rem}#count{margin-left:.8rem;opacity:.7}
    details{border:1px solid #8885;border-radius:6px;margin:.4rem 0;padding:.3rem .6rem}
    summary{cursor:pointer}.created b{color:#1a7f37}.updated b{color:#9a6700}.deleted b,.immutable{color:#cf222e}
    table{border-collapse:collapse;width:100%;table-layout:fixed;margin:.4rem 0}
    th{text-align:left}td{font:12px ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere;vertical-align:top;padding:0 .4rem}
    .fields td,.fields th{border-top:1px solid #8884;padding:.2rem .4rem}.removed{background:#cf222e26}.added{background:#1a7f3726}
    """

  private static let script = """
    const all=[...document.querySelectorAll('details')],box=document.getElementById('search');
    const texts=all.map(d=>d.textContent.toLowerCase());
    function show(){const words=box.value.toLowerCase().split(/\\s+/).filter(Boolean);let n=0;
    all.forEach((d,i)=>{const on=words.every(w=>texts[i].includes(w));d.hidden=!on;n+=on});
    document.getElementById('count').textContent=n+' of '+all.length;
    document.querySelectorAll('section').forEach(s=>{s.hidden=!s.querySelector('details:not([hidden])')})}
    box.addEventListener('input',show);
    document.getElementById('open').addEventListener('click',()=>{const open=!all.every(d=>d.open);all.forEach(d=>{d.open=open})});
    show();
    """
}
