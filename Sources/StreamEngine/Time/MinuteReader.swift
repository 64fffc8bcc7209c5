/// Reads times that differ from an earlier one only in their seconds.
protocol MinuteReader {
    /// Microseconds since 1970 if the time is in the minute of the last one; nil for any other text.
    func sameMinute(_ text: UnsafeRawBufferPointer) -> Int64?
}

extension MinuteReader {
    /// Reads times in the minute of the last one, up to the first other value.
    ///
    /// - Returns: the row of that value, or `end`. `span` is extended to include the times read.
    @inline(__always) func readRun(
        _ cells: UnsafePointer<Value>, from start: Int, to end: Int, into times: UnsafeMutablePointer<Int64>,
        span: inout (earliest: Int64, latest: Int64)
    ) -> Int {
        let reader = self
        var row = start
        while row < end, cells[row].kind == .string, let time = reader.sameMinute(cells[row].bytes) {
            times[row] = time
            span.earliest = min(span.earliest, time)
            span.latest = max(span.latest, time)
            row &+= 1
        }
        return row
    }
}
