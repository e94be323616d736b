import Charts
import Files
import Glibc
import GoTemplates

// usage: chart-benchmark CHART RELEASES [VALUES]
//
// Loads a chart once and renders it for so many releases, each with a name of its own; prints
// `ns a release, bytes, objects`, the time the best of twenty parts. The bytes are those of the last release.

func fail(_ message: String) -> Never {
  print("chart-benchmark: \(message)")
  exit(2)
}

func nanoseconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Double(now.tv_sec) * 1e9 + Double(now.tv_nsec)
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let folder = DiskFileTree(arguments[1]), let count = Int(arguments[2]),
  count > 0, let here = DiskFileTree(".")
else { fail("usage: chart-benchmark CHART RELEASES [VALUES]") }

do {
  let chart = try Chart(folder: "", of: folder)
  let values =
    arguments.count > 3 ? try valuesMap(try here.read(arguments[3]) ?? []) : GoMap()
  var best = Double.infinity
  var bytes = 0
  var objects = 0
  let part = max(1, count / 20)
  for start in stride(from: 0, to: count, by: part) {
    let begin = nanoseconds()
    let end = min(start + part, count)
    for index in start..<end {
      let release = Release(name: "release-\(index)", namespace: "default")
      let rendered = try chart.rendered(release, values: values)
      objects = rendered.manifests.count + rendered.hooks.count
      bytes = try rendered.text().count
    }
    best = min(best, (nanoseconds() - begin) / Double(end - start))
  }
  print("ns \(Int(best)) bytes \(bytes) objects \(objects)")
} catch {
  fail("\(error)")
}
