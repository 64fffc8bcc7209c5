import Testing

@testable import StreamEngine

@Suite("the width of text on a terminal") struct TextWidthTests {
    @Test(
        "wide characters take two columns, those that join another one none",
        arguments: [
            ("", 0), ("plain", 5), ("näher", 5), ("e\u{301}", 1), ("日本語", 6), ("한국어", 6), ("🚀", 2), ("ｆ", 2), ("한", 2),
            ("\u{1112}\u{1161}\u{11ab}", 2), ("☎", 1), ("±", 1), ("𝒳", 1), ("𠀀", 2), ("a\u{20dd}", 1),
        ])
    func columns(_ text: String, _ width: Int) { #expect(TextWidth.columns(text) == width) }

    @Test(
        "what does not fit is cut between characters",
        arguments: [
            ("plain", 5, "plain"), ("plain", 4, "pla…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"),
            ("日本語", 2, "…"), ("plain", 1, "…"), ("plain", 0, ""), ("", 0, ""), ("plain", -1, ""),
        ])
    func clipped(_ text: String, _ width: Int, _ shown: String) {
        #expect(TextWidth.clipped(text, to: width) == shown)
    }
}
