// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "modelteca", path: "..")],
    targets: [
        .executableTarget(
            name: "FuzzGGUF", dependencies: [.product(name: "GGUF", package: "modelteca")],
            swiftSettings: [.treatAllWarnings(as: .error)])
    ]
)
