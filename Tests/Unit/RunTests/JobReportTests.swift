import Plan
import StreamEngine
import Testing

@testable import Run

@Suite("the list of jobs") struct JobReportTests {
    private let report = JobReport(
        jobs: [
            StoredJob(
                name: "daily", output: "public.days", status: .stopped, committed: 1_767_225_600_123_456,
                positions: [.init(input: "in[0]", position: 17), .init(input: "in[1]", position: 4)]),
            StoredJob(name: "a", output: "a,b.csv", status: .running),
        ])

    @Test("columns are aligned, and an empty cell is a hyphen") func table() {
        #expect(
            report.text(.table) == """
                job    output       status   committed             position
                daily  public.days  stopped  2026-01-01T00:00:00Z  in[0]@17 in[1]@4
                a      a,b.csv      running  -                     -

                """)
    }

    @Test("other forms have one line for each job") func forms() {
        #expect(
            report.text(.csv) == """
                job,output,status,committed,position
                daily,public.days,stopped,2026-01-01T00:00:00Z,in[0]@17 in[1]@4
                a,"a,b.csv",running,,

                """)
        #expect(report.text(.tsv).hasPrefix("job\toutput\tstatus\tcommitted\tposition\ndaily\tpublic.days\t"))
        #expect(
            report.text(.json)
                == #"{"job":"daily","output":"public.days","status":"stopped","committed":"2026-01-01T00:00:00Z","#
                + #""positions":{"in[0]":17,"in[1]":4}}"# + "\n"
                + #"{"job":"a","output":"a,b.csv","status":"running","positions":{}}"# + "\n")
    }
}
