// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: Swift 6 mode comes with the tools version; warnings stop the build.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

let package = Package(
    name: "modelteca",
    platforms: [.macOS(.v15)],
    products: [
        .library(
            name: "Modelteca",
            targets: [
                "Modelteca", "ModelCatalog", "ModelHub", "LlamaMemory", "ModelFit", "ModelDownload", "ModelStore",
                "HostHardware", "CurlHTTP", "Disk", "Threads",
            ]),
        // Whether a file fits, and nothing else: no C library comes with it.
        .library(name: "LlamaMemory", targets: ["GGUF", "HostHardware", "LlamaMemory"]),
        .library(name: "GGUF", targets: ["GGUF"]),
        .executable(name: "slm", targets: ["slm"]),
    ],
    dependencies: [
        // Its sentences are said again by slm (Words/UsageWords.swift): another version is a change to look at.
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
    ],
    targets: [
        // C, each wrapped in one place.
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
        .systemLibrary(
            name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"]), .brew(["xxhash"])]),
        .systemLibrary(
            name: "CQRCode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"]), .brew(["qrencode"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .target(name: "CCatalog"),
        .target(name: "CCatalogPage", exclude: ["page.html", "page.css", "page.js"]),
        .target(name: "CDisk"),
        .target(name: "CHost"),

        // The line, lowest first.
        .target(name: "GGUF", swiftSettings: strict),
        .target(name: "Threads", swiftSettings: strict),
        .target(name: "Disk", dependencies: ["CDisk", system], swiftSettings: strict),
        .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: strict),
        .target(name: "HostHardware", dependencies: ["CHost"], swiftSettings: strict),
        .target(name: "LlamaMemory", dependencies: ["GGUF", "HostHardware"], swiftSettings: strict),
        .target(name: "CurlHTTP", dependencies: ["CCurl", "Disk", "Threads", system], swiftSettings: strict),
        .target(
            name: "ModelCatalog",
            dependencies: ["CCatalog", "Disk", "GGUF", "HostHardware", "SQLite", system],
            swiftSettings: strict),
        .target(
            name: "ModelHub", dependencies: ["CurlHTTP", "Disk", "GGUF", "ModelCatalog", "Threads", system],
            swiftSettings: strict),
        .target(
            name: "ModelFit", dependencies: ["GGUF", "HostHardware", "LlamaMemory", "ModelCatalog"],
            swiftSettings: strict),
        .target(
            name: "ModelDownload",
            dependencies: ["CXXHash", "CurlHTTP", "Disk", "ModelCatalog", "Threads", crypto, system],
            swiftSettings: strict),
        .target(
            name: "ModelStore",
            dependencies: ["Disk", "GGUF", "ModelDownload", "ModelCatalog", "SQLite", system],
            swiftSettings: strict),
        .target(
            name: "Modelteca",
            dependencies: [
                "CurlHTTP", "Disk", "GGUF", "HostHardware", "LlamaMemory", "ModelCatalog", "ModelDownload", "ModelFit",
                "ModelHub", "ModelStore", "Threads", system,
            ],
            swiftSettings: strict),
        // Not a part of the library: who uses that needs no server and no codes.
        .target(
            name: "ModelShare",
            dependencies: [
                "CQRCode", "Disk", "ModelCatalog", "ModelDownload", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                system,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "slm",
            dependencies: [
                "CCatalogPage", "CurlHTTP", "Disk", "GGUF", "HostHardware", "LlamaMemory", "ModelCatalog", "ModelFit",
                "ModelHub", "ModelShare", "Modelteca", "Threads", system,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // Programs of a page that use the library: `Scripts/examples.sh` runs them, and articles and README quote them.
        .executableTarget(name: "choose", dependencies: ["Modelteca"], path: "Examples/Choose", swiftSettings: strict),
        .executableTarget(name: "fetch", dependencies: ["Modelteca"], path: "Examples/Fetch", swiftSettings: strict),
        .executableTarget(name: "keep", dependencies: ["Modelteca"], path: "Examples/Keep", swiftSettings: strict),
        .executableTarget(
            name: "fits", dependencies: ["GGUF", "HostHardware", "LlamaMemory"], path: "Examples/Fits",
            swiftSettings: strict),

        // Tests: a loopback origin that can lie, stall and cut, then one folder a module.
        .target(
            name: "TestSupport", dependencies: [crypto, system], path: "Tests/TestSupport", swiftSettings: strict),
        .executableTarget(
            name: "loopback-hub", dependencies: ["TestSupport", system], path: "Tests/LoopbackHub",
            swiftSettings: strict),
        .testTarget(
            name: "TestSupportTests", dependencies: ["TestSupport", "loopback-hub", system], swiftSettings: strict),
        .testTarget(
            name: "GGUFTests", dependencies: ["GGUF", "TestSupport"], resources: [.copy("Fixtures")],
            swiftSettings: strict),
        .testTarget(name: "ThreadsTests", dependencies: ["Threads"], swiftSettings: strict),
        .testTarget(name: "SQLiteTests", dependencies: ["SQLite", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "DiskTests", dependencies: ["Disk", "TestSupport", system], swiftSettings: strict),
        .testTarget(
            name: "HostHardwareTests", dependencies: ["HostHardware"], resources: [.copy("Fixtures")],
            swiftSettings: strict),
        .testTarget(
            name: "CurlHTTPTests", dependencies: ["CurlHTTP", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ModelCatalogTests", dependencies: ["ModelCatalog", "GGUF", "LlamaMemory", "TestSupport", system],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .target(
            name: "MeasuredModels", dependencies: ["GGUF", "LlamaMemory"], path: "Tests/MeasuredModels",
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "LlamaMemoryTests", dependencies: ["LlamaMemory", "GGUF", "MeasuredModels", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ModelHubTests",
            dependencies: ["ModelHub", "ModelCatalog", "GGUF", "CurlHTTP", "TestSupport", system],
            swiftSettings: strict),
        .testTarget(
            name: "ModelFitTests",
            dependencies: [
                "GGUF", "HostHardware", "LlamaMemory", "ModelCatalog", "ModelFit", "MeasuredModels", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ModelDownloadTests",
            dependencies: ["ModelCatalog", "ModelDownload", "CurlHTTP", "TestSupport", system],
            swiftSettings: strict),
        .testTarget(
            name: "ModelStoreTests",
            dependencies: ["Disk", "ModelStore", "ModelCatalog", "ModelDownload", "SQLite", "TestSupport", system],
            resources: [.copy("Fixtures")], swiftSettings: strict),
        .testTarget(
            name: "ModelShareTests",
            dependencies: ["ModelShare", "CurlHTTP", "ModelCatalog", "ModelDownload", "TestSupport", system],
            swiftSettings: strict),
        .testTarget(
            name: "ModeltecaTests",
            dependencies: ["Modelteca", "CurlHTTP", "GGUF", "HostHardware", "ModelCatalog", "TestSupport", system],
            swiftSettings: strict),
        .testTarget(
            name: "SLMTests",
            dependencies: [
                "slm", "CurlHTTP", "HostHardware", "ModelDownload", "ModelShare", "Modelteca", "TestSupport", system,
            ],
            exclude: ["Golden"], swiftSettings: strict),
    ],
    cLanguageStandard: .gnu2x
)
