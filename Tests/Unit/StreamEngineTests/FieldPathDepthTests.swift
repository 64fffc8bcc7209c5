import Testing

@testable import StreamEngine

@Suite("deep paths") struct FieldPathDepthTests {
    @Test("a path has as many steps as records may have levels", arguments: [".b", "[0]", ".\"b\""])
    func depth(step: String) throws {
        let deepest = try FieldPath.parse("a" + String(repeating: step, count: 511))
        #expect(deepest.steps.count == 512)
        for count in [512, 20_000] {
            #expect(throws: FieldPathError.self) {
                _ = try FieldPath.parse("a" + String(repeating: step, count: count))
            }
        }
    }
}
