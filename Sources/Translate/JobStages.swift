import Plan
import StreamEngine

extension JobQuery {
    /// Checks that a stage has windows that engines can close by the windows before: larger ones, which those fill.
    func checkWindows(ofStage number: Int) throws(UsageError) {
        let stage = stages[number]
        guard number > 0, stage.window.isTimed else { return }
        let before = stages[number - 1]
        guard case .field(let path, _) = stage.time, path.columnName == "window_start",
            before.shownName(of: "window_start") != nil || before.select == nil
        else {
            throw .refusal(
                engine, "--then", "job has the time of a stage from the windows before", "use -t window_start")
        }
        let fits: Bool =
            switch (before.window, stage.window) {
            case (.tumbling(let inner, let align), .tumbling(let outer, let shift)):
                outer % inner == 0 && (shift - align) % inner == 0
            case (.tumbling(let inner, let align), .cumulative(let outer, let step, let shift)):
                outer % inner == 0 && step % inner == 0 && (shift - align) % inner == 0
            case (.tumbling(let inner, let align), .hopping(let outer, let step, let shift)):
                outer % inner == 0 && step % inner == 0 && (shift - align) % inner == 0
            case (.tumbling(let inner, 0), .calendar(_, 0)): 3_600_000_000 % inner == 0
            default: false
            }
        guard fits else {
            throw .refusal(
                engine, "--then", "job puts windows only into larger ones that they fill",
                "use a multiple of the --tumbling size before")
        }
    }
}
