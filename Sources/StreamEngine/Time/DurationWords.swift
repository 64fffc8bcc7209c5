extension DurationText {
    /// A duration as people say it, in its largest unit: `72 years`, `3 days`, `1.5 s`.
    package static func approximate(_ micros: Int64) -> String {
        let size = micros.magnitude
        let units: [(UInt64, String)] = [
            (365 * Microseconds.day.magnitude, "year"), (Microseconds.day.magnitude, "day"),
            (Microseconds.hour.magnitude, "hour"), (Microseconds.minute.magnitude, "minute"),
        ]
        for (unit, name) in units where size >= 2 * unit { return "\(size / unit) \(name)s" }
        // In tenths of a second at one second or more, in milliseconds below.
        let step: UInt64 = size >= 1_000_000 ? 100_000 : 1_000
        return text(Int64(clamping: size < step ? size : size / step * step))
    }
}
