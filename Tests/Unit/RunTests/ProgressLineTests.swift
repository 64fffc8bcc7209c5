import Testing

@testable import Run

@Suite("the progress line") struct ProgressLineTests {
    @Test(
        "counts are short",
        arguments: [
            (0, "0"), (999, "999"), (1000, "1.0k"), (12_345, "12.3k"), (999_499, "999k"), (999_500, "1.0M"),
            (1_230_000, "1.23M"), (99_949_999, "99.9M"), (310_000_000, "310M"), (Int.max, "9223372T"),
        ])
    func counts(_ number: Int, _ text: String) { #expect(ProgressText.short(number) == text) }

    @Test(
        "durations have one unit",
        arguments: [
            (0.4, "0 s"), (99.4, "99 s"), (99.6, "2 min"), (5969, "99 min"), (5970, "2 h"), (1e300, "1000000000 h"),
        ])
    func durations(_ seconds: Double, _ text: String) { #expect(ProgressText.duration(seconds) == text) }

    @Test("parts that do not fit are left out, the last ones first")
    func width() {
        let parts = ["12 records", "38 %", "9 s left"]
        #expect(ProgressLine.fit(parts, 80) == "streamctl: 12 records, 38 %, 9 s left")
        #expect(ProgressLine.fit(parts, 37) == "streamctl: 12 records, 38 %")
        #expect(ProgressLine.fit(parts, 5) == "streamctl: ")
    }
}
