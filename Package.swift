// swift-tools-version: 6.1
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room: a library target under `Sources/` that may use only the rooms named.
/// `Tests/ArchitectureTests` holds that every arrow points to a lower layer.
func room(_ name: String, uses rooms: [String] = []) -> Target {
  .target(
    name: name,
    dependencies: rooms.map { .byName(name: $0) },
    exclude: ["README.md"],
    swiftSettings: swiftSettings)
}

func tests(_ name: String, uses rooms: [String], excluding files: [String] = []) -> Target {
  .testTarget(
    name: name,
    dependencies: rooms.map { .byName(name: $0) },
    exclude: files,
    swiftSettings: swiftSettings)
}

let package = Package(
  name: "pave",
  products: [.executable(name: "pave", targets: ["pave"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // layer 0: system libraries behind a module map
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CLibGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    // sums of bytes by OpenSSL and zlib, which come with libgit2-dev
    .target(
      name: "CChecksums", exclude: ["README.md"],
      linkerSettings: [.linkedLibrary("crypto"), .linkedLibrary("z")]),

    // files of the repository that are part of the binary
    .target(
      name: "CEmbedded",
      exclude: ["README.md", "policies.archive", "rules.archive", "served-types.txt"]),

    // layer 1
    room("Diagnostics"),
    room("Files", uses: ["CEmbedded", "Diagnostics"]),

    // layer 2
    room("Documents", uses: ["CLibYAML", "Diagnostics"]),
    room("Quantities"),
    room("Regexes"),

    // layer 3
    room("CEL", uses: ["Diagnostics", "Documents", "Quantities", "Regexes"]),
    room(
      "GoTemplates",
      uses: ["CCrypto", "CLibYAML", "Diagnostics", "Documents", "Quantities", "Regexes"]),
    room("Manifests", uses: ["Diagnostics", "Documents", "Quantities"]),

    // layer 4
    room(
      "Schemas", uses: ["CEL", "Diagnostics", "Documents", "Manifests", "Quantities", "Regexes"]),

    room(
      "ServedKinds",
      uses: [
        "CEL", "CEmbedded", "Diagnostics", "Documents", "Manifests", "Quantities", "Regexes",
        "Schemas",
      ]),

    // layer 5
    room(
      "Charts",
      uses: [
        "Diagnostics", "Documents", "Files", "GoTemplates", "Manifests", "Quantities", "Regexes",
        "Schemas",
      ]),
    room(
      "Intents", uses: ["Diagnostics", "Documents", "Files", "Manifests", "Quantities", "Schemas"]),
    room("Policies", uses: ["CEL", "Diagnostics", "Documents", "Manifests", "Quantities"]),

    // layer 6
    room(
      "GoldenPaths",
      uses: [
        "CEL", "Charts", "Diagnostics", "Documents", "Files", "GoTemplates", "Intents", "Manifests",
        "Quantities",
        "Schemas", "ServedKinds",
      ]),

    // layer 7
    room(
      "Catalogues", uses: ["Diagnostics", "Documents", "GoldenPaths", "Schemas"]),
    room("Repositories", uses: ["CChecksums", "CLibGit2", "Files"]),
    room("Remotes", uses: ["CLibGit2", "Repositories"]),
    room("OutputTrees", uses: ["Diagnostics", "Documents", "Manifests", "Repositories"]),

    // layer 8
    room(
      "Pipeline",
      uses: [
        "CEL", "Charts", "Diagnostics", "Documents", "Files", "GoldenPaths", "Intents", "Manifests",
        "OutputTrees", "Policies", "Quantities", "Remotes", "Repositories", "Schemas",
        "ServedKinds",
      ]),
    room("Reports", uses: ["Diagnostics", "Documents", "OutputTrees"]),

    // layer 9
    .executableTarget(
      name: "pave",
      dependencies: [
        "CEL", "Catalogues", "Charts", "Diagnostics", "Documents", "Files", "GoTemplates",
        "GoldenPaths", "Manifests", "OutputTrees", "Pipeline", "Quantities", "Remotes", "Reports",
        "Repositories", "Schemas", "ServedKinds",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["README.md"],
      swiftSettings: swiftSettings),

    .executableTarget(
      name: "cel-benchmark", dependencies: ["CEL", "Documents"], path: "Benchmarks/cel",
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "writing-benchmark", dependencies: ["Files", "Remotes", "Repositories"],
      path: "Benchmarks/writing", swiftSettings: swiftSettings),
    .executableTarget(
      name: "chart-benchmark", dependencies: ["Charts", "Files", "GoTemplates"],
      path: "Benchmarks/charts", exclude: ["storefront", "web-app"],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "admission-benchmark", dependencies: ["Documents", "ServedKinds"],
      path: "Benchmarks/admission", swiftSettings: swiftSettings),

    tests("ArchitectureTests", uses: []),
    tests("DiagnosticsTests", uses: ["Diagnostics"]),
    tests("FilesTests", uses: ["Files"]),
    tests("DocumentsTests", uses: ["Documents", "Diagnostics"]),
    tests("QuantitiesTests", uses: ["Quantities"]),
    tests("RegexesTests", uses: ["Regexes"]),
    tests("CELTests", uses: ["CEL", "Documents", "Diagnostics"]),
    tests("ManifestsTests", uses: ["Manifests", "Documents", "Diagnostics"]),
    tests("GoTemplatesTests", uses: ["GoTemplates", "Documents", "Diagnostics"]),
    tests("ChartsTests", uses: ["Charts", "Diagnostics", "Documents", "Files", "GoTemplates"]),
    tests("ServedKindsTests", uses: ["ServedKinds", "Documents", "Diagnostics", "Manifests"]),
    tests("SchemasTests", uses: ["Schemas", "Documents", "Diagnostics"]),
    tests("PoliciesTests", uses: ["CEL", "Policies", "Documents", "Diagnostics", "Manifests"]),
    tests("IntentsTests", uses: ["Intents", "Documents", "Diagnostics", "Manifests"]),
    tests(
      "GoldenPathsTests",
      uses: ["GoldenPaths", "Documents", "Diagnostics", "Files", "Intents", "Manifests"]),
    tests(
      "CataloguesTests", uses: ["Catalogues", "Diagnostics", "Documents", "GoldenPaths", "Schemas"]),
    tests("RepositoriesTests", uses: ["Repositories", "Files"]),
    tests(
      "RemotesTests", uses: ["Remotes", "Repositories"]),
    tests(
      "OutputTreesTests",
      uses: ["OutputTrees", "Diagnostics", "Documents", "Manifests", "Repositories"]),
    tests(
      "ReportsTests", uses: ["Reports", "Diagnostics", "Documents"], excluding: ["Schemas"]),
    tests(
      "PipelineTests",
      uses: ["Pipeline", "Diagnostics", "Files", "Documents", "Manifests", "Repositories"]),
    tests("PaveTests", uses: ["pave"]),
  ]
)
