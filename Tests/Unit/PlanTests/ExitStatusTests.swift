import StreamEngine
import Testing

@testable import Plan

@Suite("Exit statuses") struct ExitStatusTests {
    @Test(
        "every kind of error has its status",
        arguments: [
            (.usage, 64), (.badData, 65), (.damagedInput, 65), (.recordsGone, 65), (.noInput, 66), (.unavailable, 69),
            (.cannotCreate, 73),
            (.writeFailed, 74), (.temporary, 75), (.interrupted, 75), (.mismatch, 78), (.readerGone, 0),
        ] as [(RunError.Kind, Int32)])
    func kinds(_ kind: RunError.Kind, _ status: Int32) { #expect(ExitStatus(kind).rawValue == status) }
}
