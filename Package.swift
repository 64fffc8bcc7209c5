// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// The linkers of binutils warn that the static Foundation calls mktemp; lld, which comes with Swift, does not.
let linker: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"], .when(configuration: .release))]

/// Every allocation of the program and of the static runtime goes through CAllocation, which ends the process with a
/// message where one fails. The runtime of a debug build is a shared library, which would not see it.
let allocation = ["malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign", "_Znwm", "_Znam"]
    .flatMap { ["-Xlinker", "--wrap=\($0)"] }

let package = Package(
    name: "streamctl",
    dependencies: [
        // Package.resolved pins the version. It has no originHash: with one, SwiftPM fails where a mirror has the tag
        // on another commit; without one, it looks up the commit of the version.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // A header and nothing to link.
        .systemLibrary(name: "CVector"),
        // squareRoot and the exact conversions are calls into libm where they are not inlined.
        .target(
            name: "StreamEngine", dependencies: ["CVector"], swiftSettings: strict,
            linkerSettings: [.linkedLibrary("m")]),
        // Functions that the linker puts in the place of malloc and the like.
        .target(name: "CAllocation", cSettings: [.define("STREAMCTL_WRAPS", .when(configuration: .release))]),
        // What the operating system offers: clock, threads, signals, descriptors, time zones.
        .target(name: "System", swiftSettings: strict),
        // What a command line means, typed.
        .target(name: "Plan", dependencies: ["StreamEngine"], swiftSettings: strict),
        .target(name: "Files", dependencies: ["StreamEngine", "System", "Plan"], swiftSettings: strict),
        // No link flag: libpq is loaded when it is first used.
        .systemLibrary(name: "CPostgres"),
        .target(
            name: "Postgres", dependencies: ["StreamEngine", "System", "Plan", "CPostgres"], swiftSettings: strict),
        // No link flag either.
        .systemLibrary(name: "CRDKafka"),
        .target(name: "Kafka", dependencies: ["StreamEngine", "System", "Plan", "CRDKafka"], swiftSettings: strict),
        .target(name: "Command", dependencies: ["StreamEngine", "Plan"], swiftSettings: strict),
        // A plan as it runs: pipeline, replay, commits, what is reported at the end.
        .target(name: "Run", dependencies: ["StreamEngine", "System", "Plan", "Files"], swiftSettings: strict),
        .executableTarget(
            name: "streamctl",
            dependencies: [
                "StreamEngine", "System", "Plan", "Files", "Kafka", "Postgres", "Command", "Run", "CAllocation",
            ],
            swiftSettings: strict,
            linkerSettings: linker + [.unsafeFlags(allocation, .when(configuration: .release))]),
        // For trying things out and for tests: not part of streamctl.
        .executableTarget(
            name: "streamctl-mock-kafka",
            dependencies: [
                "Kafka", "CRDKafka", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/MockKafka", swiftSettings: strict, linkerSettings: linker),
        .testTarget(
            name: "StreamEngineTests", dependencies: ["StreamEngine"], path: "Tests/Unit/StreamEngineTests",
            exclude: ["Golden"], swiftSettings: strict),
        .testTarget(
            name: "SystemTests", dependencies: ["System"], path: "Tests/Unit/SystemTests", swiftSettings: strict),
        .testTarget(
            name: "PlanTests", dependencies: ["Plan", "StreamEngine"], path: "Tests/Unit/PlanTests",
            swiftSettings: strict),
        .testTarget(
            name: "FilesTests", dependencies: ["Files", "StreamEngine", "System", "Plan"],
            path: "Tests/Unit/FilesTests",
            swiftSettings: strict),
        .testTarget(
            name: "PostgresTests", dependencies: ["Postgres", "StreamEngine", "System", "Plan"],
            path: "Tests/Unit/PostgresTests", swiftSettings: strict),
        .testTarget(
            name: "KafkaTests",
            dependencies: ["Kafka", "StreamEngine", "System", "Plan", "CRDKafka", "streamctl-mock-kafka"],
            path: "Tests/Unit/KafkaTests", swiftSettings: strict),
        .testTarget(
            name: "CommandTests", dependencies: ["Command", "Plan", "StreamEngine"], path: "Tests/Unit/CommandTests",
            swiftSettings: strict),
        .testTarget(
            name: "RunTests", dependencies: ["Run", "StreamEngine", "System", "Plan"], path: "Tests/Unit/RunTests",
            swiftSettings: strict),
        .testTarget(
            name: "StreamctlTests", dependencies: ["streamctl"], path: "Tests/Unit/StreamctlTests",
            swiftSettings: strict),
    ]
)

// A sanitizer needs only these targets, which builds in half the time.
if let names = Context.environment["STREAMCTL_TARGETS"]?.split(separator: " ").map(String.init) {
    package.targets.removeAll { !names.contains($0.name) }
}

// Tests/sanitizers has all modules but one checked by ThreadSanitizer. Not StreamEngine, which has neither threads nor
// locks: of its calls with inout arguments the sanitizer reports races between accesses that a lock keeps apart.
if Context.environment["STREAMCTL_SANITIZE"] == "thread" {
    for target in package.targets where target.type != .system && target.name != "StreamEngine" {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=thread"])]
        target.linkerSettings = (target.linkerSettings ?? []) + [.unsafeFlags(["-sanitize=thread"])]
    }
}

// Built and run by Tests/fuzz, which adds the flags of libFuzzer for all modules.
if Context.environment["STREAMCTL_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "streamctl-fuzz", dependencies: ["StreamEngine", "Plan", "Postgres"], path: "Tests/FuzzTargets",
            exclude: ["seeds", "regex_against_python.py"], swiftSettings: strict, linkerSettings: linker))
}
