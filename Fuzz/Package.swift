// swift-tools-version: 6.2
import PackageDescription

let reader = Target.Dependency.product(name: "GGUF", package: "modelteca")

let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "modelteca", path: "..")],
    targets: [
        .executableTarget(
            name: "FuzzGGUF", dependencies: [reader], swiftSettings: [.treatAllWarnings(as: .error)]),
        .executableTarget(
            name: "DumpGGUF", dependencies: [reader], swiftSettings: [.treatAllWarnings(as: .error)]),
    ]
)
