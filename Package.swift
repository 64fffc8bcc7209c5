// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// For the program: without the regular expressions of the standard library, which nothing here uses; and with direct
/// calls for the metadata of generic types. By default, their names are decoded at run time and conformances searched,
/// which took 2.3 of 4.1 million instructions of a run over one record.
let lean =
    strict + [
        .unsafeFlags([
            "-Xfrontend", "-disable-implicit-string-processing-module-import", "-Xfrontend",
            "-disable-concrete-type-metadata-mangled-name-accessors",
        ])
    ]

/// Functions begin at cache lines: elsewhere, a change in another file moved the loop over JSON by 16 bytes, and zeek_ssl
/// took 225 instead of 205 ms with the same instructions.
let aligned = lean + [.unsafeFlags(["-Xllvm", "-align-all-functions=6"], .when(configuration: .release))]

/// The linkers of binutils warn that the static Foundation calls mktemp; lld, which comes with Swift, does not.
let linker: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"], .when(configuration: .release))]

/// Release builds of streamctl contain the C++ library, of which the Swift runtime uses little: loading libstdc++.so took
/// 1.6 of 6.8 million instructions at start-up, and it must be as new as the one of the build. lld searches libraries in
/// its own order, so the shared one is hidden from it. Swift exports all symbols of a program for plug-ins and
/// backtraces; there are none, and the unused code behind them goes.
let leanLinker: [LinkerSetting] =
    linker + [
        .unsafeFlags(
            [
                "-Xlinker", "--remap-inputs=*/libstdc++.so=/dev/null", "-l:libstdc++.a", "-Xlinker",
                "--no-export-dynamic",
            ], .when(configuration: .release))
    ]

/// Debug information that valgrind reads, as that of Swift is.
let readable: [CSetting] = [.unsafeFlags(["-gdwarf-4"])]

/// The commit to build from, for --version. SwiftPM keeps what it read from this file until the file or the environment
/// changes, so asking git here would name an old commit.
let revision: [CSetting] =
    Context.environment["STREAMCTL_REVISION"].map { [.define("STREAMCTL_REVISION", to: "\"\($0)\"")] } ?? []

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
            name: "StreamEngine", dependencies: ["CVector"], swiftSettings: aligned,
            linkerSettings: [.linkedLibrary("m")]),
        // Functions that the linker puts in the place of malloc and the like.
        .target(
            name: "CAllocation", cSettings: readable + [.define("STREAMCTL_WRAPS", .when(configuration: .release))]),
        // What the operating system offers: clock, threads, signals, descriptors, time zones.
        .target(name: "System", dependencies: ["CArguments", "CThreads"], swiftSettings: lean),
        // The argument vector, which Swift loses where there is no /proc.
        .target(name: "CArguments", cSettings: readable),
        // Where threads start.
        .target(name: "CThreads", cSettings: readable),
        // What a command line means, typed.
        .target(name: "Plan", dependencies: ["StreamEngine"], swiftSettings: lean),
        // No link flags: the libraries of compressed files are loaded when they are first used.
        .systemLibrary(name: "CCompression"),
        .target(name: "Files", dependencies: ["StreamEngine", "System", "Plan", "CCompression"], swiftSettings: lean),
        // No link flag: libpq is loaded when it is first used.
        .systemLibrary(name: "CPostgres"),
        .target(
            name: "Postgres", dependencies: ["StreamEngine", "System", "Plan", "CPostgres"], swiftSettings: lean),
        // No link flags either.
        .systemLibrary(name: "CRDKafka"),
        .systemLibrary(name: "CCurl"),
        .target(
            name: "Kafka", dependencies: ["StreamEngine", "System", "Plan", "CRDKafka", "CCurl"], swiftSettings: lean),
        .target(name: "Command", dependencies: ["StreamEngine", "Plan"], swiftSettings: lean),
        // A plan as a job of another engine.
        .target(name: "Translate", dependencies: ["StreamEngine", "Plan"], swiftSettings: lean),
        // A plan as it runs: pipeline, replay, commits, what is reported at the end.
        .target(name: "Run", dependencies: ["StreamEngine", "System", "Plan", "Files"], swiftSettings: lean),
        .target(name: "CRevision", cSettings: readable + revision),
        .executableTarget(
            name: "streamctl",
            dependencies: [
                "StreamEngine", "System", "Plan", "Files", "Kafka", "Postgres", "Command", "Run", "Translate",
                "CRevision", "CAllocation",
            ],
            swiftSettings: lean,
            linkerSettings: leanLinker + [.unsafeFlags(allocation, .when(configuration: .release))]),
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
            name: "TranslateTests", dependencies: ["Translate", "Plan", "StreamEngine"],
            path: "Tests/Unit/TranslateTests", swiftSettings: strict),
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
            name: "streamctl-fuzz", dependencies: ["StreamEngine", "Files", "Plan", "Postgres"],
            path: "Tests/FuzzTargets",
            exclude: ["seeds", "regex_against_python.py"], swiftSettings: strict, linkerSettings: linker))
}
