/// Encodes rows as a picture: lines of text as they come, or one picture after the last row.
package final class PictureEncoder: RowEncoder {
    package var marksRows: Bool { false }
    package var takesLines: Bool { false }
    private let format: OutputFormat
    private let width: Int
    private var columns: PictureColumns
    private var series = PictureSeries()
    private var heat: HeatMap

    /// - Parameter width: the columns of a terminal.
    package init(_ schema: RowSchema, width: Int = 80) {
        format = schema.format
        self.width = max(40, min(width, 400))
        columns = PictureColumns(schema)
        heat = HeatMap(width: self.width)
    }

    private var name: String { columns.numberName ?? "" }

    package func encode(
        _ values: borrowing ColumnSet, rows: Range<Int>, keep: UnsafePointer<Bool>, into output: inout EncodedRows
    ) throws(RunError) {
        var taken: [PictureRow] = []
        for number in rows where keep[number] { taken.append(columns.row(number, of: values)) }
        switch format {
        case .bars:
            // Rows of a window come together.
            var start = 0
            while start < taken.count {
                let end = taken[start...].firstIndex { $0.time != taken[start].time } ?? taken.count
                output.buffer.append(BarChart.text(Array(taken[start..<end]), name: name, width: width))
                start = end
            }
        case .heat: output.buffer.append(heat.text(taken, name: ""))
        default:
            for row in taken where !series.add(row) {
                throw .usage(
                    "--format \(format.rawValue) shows at most \(PictureSeries.limit) rows; use longer windows, or fewer "
                        + "groups")
            }
        }
    }

    package func markRecord(
        _ row: Int, of values: borrowing ColumnSet, from start: Int, in output: inout EncodedRows
    ) {}

    package func finish(into output: inout EncodedRows) {
        switch format {
        case .spark: output.buffer.append(SparkLines.text(series, name: name, width: width))
        case .svg: output.buffer.append(LineChart(series, name: name).text)
        default: break
        }
    }
}
