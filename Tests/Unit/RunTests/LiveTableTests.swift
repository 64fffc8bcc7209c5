import StreamEngine
import Testing

@testable import Run

@Suite("the frame of a live table") struct LiveTableTests {
    private func frame(_ hidden: Int?, _ columns: Int, _ lines: Int, isStyled: Bool = false) -> [String] {
        var rows = OpenRows()
        rows.header = "k       count"
        rows.rows = ["日本語      3", "api        12"]
        rows.hidden = hidden
        return LiveTable.frame(rows, ["1 window open", "12 records"], columns, lines, isStyled: isStyled)
    }

    @Test("it has counts, a header, rows, and the number of those that are missing")
    func parts() {
        let rows = ["-- 1 window open, 12 records", "k       count", "日本語      3", "api        12"]
        #expect(frame(0, 80, 24) == rows)
        #expect(frame(37, 80, 24) == rows + ["… 37 more"])
        #expect(frame(nil, 80, 24) == rows + ["…"])
        #expect(frame(37, 80, 3) == [rows[0]])
    }

    @Test("no line is as wide as the terminal", arguments: 1...40)
    func width(_ columns: Int) {
        for line in frame(37, columns, 24).dropFirst() { #expect(TextWidth.columns(line) < columns) }
    }

    @Test("styles do not change the text")
    func styles() {
        let styled = frame(37, 80, 24, isStyled: true).map { $0.replacing(#/\u{1b}\[\d*m/#, with: "") }
        #expect(styled == frame(37, 80, 24))
    }
}
