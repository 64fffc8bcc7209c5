import Glibc

/// The wall clock: microseconds since 1970.
package func wallClock() -> Int64 { microseconds(CLOCK_REALTIME) }

/// A monotonic clock for measuring: microseconds since an arbitrary point in time.
package func steadyClock() -> Int64 { microseconds(CLOCK_MONOTONIC) }

private func microseconds(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    clock_gettime(clock, &now)
    return Int64(now.tv_sec) &* 1_000_000 &+ Int64(now.tv_nsec) / 1000
}

/// An unpredictable seed for hashing keys from untrusted input.
package func randomSeed() -> UInt64 {
    var seed: UInt64 = 0
    // getrandom(2) under its portable name.
    guard getentropy(&seed, MemoryLayout<UInt64>.size) == 0 else { return UInt64(bitPattern: wallClock()) }
    return seed
}
