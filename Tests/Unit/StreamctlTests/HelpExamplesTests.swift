import Foundation
import Testing

@Suite("Examples in the help") struct HelpExamplesTests {
    @Test("each function gives the result that its example shows") func functions() throws {
        try withScratchFolder { folder in
            let help = try shell("streamctl --help functions", in: folder).text
            let examples = help.split(separator: "\n").compactMap { line -> (String, String)? in
                guard let arrow = line.range(of: " -> ") else { return nil }
                return (
                    line[..<arrow.lowerBound].trimmingCharacters(in: .whitespaces), String(line[arrow.upperBound...])
                )
            }
            #expect(examples.count >= 35)
            for (call, result) in examples {
                let quoted = call.replacing("'", with: "'\\''")
                let outcome = try shell("echo '{}' | streamctl --select 'x=\(quoted)'", in: folder)
                #expect(outcome.text == "{\"x\":\(result)}\n", "\(call): \(outcome.text)\(outcome.messages)")
            }
        }
    }
}
