import Plan
import StreamEngine

/// The windows of a stage as a WindowFn.
struct BeamWindows {
    /// The expression that makes it.
    let text: String
    /// The block that defines its class; nil for those of Beam.
    var block: String?
    /// What follows the end of a window where a row shows it.
    var endSuffix = ""
    var usesDuration = false
    /// Leaves out records between windows, for which runners of Beam may fail; nil if there are none.
    var filter: String?

    static let blocks: [PythonBlock] = [
        PythonBlock(
            "CumulativeWindows",
            imports: [
                "from apache_beam.coders.coders import IntervalWindowCoder",
                "from apache_beam.transforms import window",
                PythonValues.timestamp,
            ],
            #"""
            class CumulativeWindows(window.NonMergingWindowFn):
                """Windows that grow by a step up to a size, and then start over; all lengths are microseconds."""

                def __init__(self, size, step, offset):
                    self.size, self.step, self.offset = size, step, offset

                def assign(self, context):
                    time = context.timestamp.micros
                    start = time - (time - self.offset) % self.size
                    first = time - (time - start) % self.step + self.step
                    return [
                        window.IntervalWindow(Timestamp(micros=start), Timestamp(micros=min(end, start + self.size)))
                        for end in range(first, start + self.size + self.step, self.step)
                    ]

                def get_window_coder(self):
                    return IntervalWindowCoder()
            """#),
        PythonBlock(
            "CalendarWindows",
            imports: [
                "from apache_beam.coders.coders import IntervalWindowCoder",
                "from apache_beam.transforms import window",
                "from datetime import date, datetime, timedelta, timezone", PythonValues.timestamp,
            ],
            #"""
            class CalendarWindows(window.NonMergingWindowFn):
                """Days, weeks, months, quarters or years of a time zone; shift moves all starts on its clock."""

                def __init__(self, unit, zone, shift=timedelta()):
                    self.unit, self.zone, self.shift = unit, zone, shift

                def first_day(self, day):
                    if self.unit in ("day", "week"):
                        return day - timedelta(days=day.weekday() if self.unit == "week" else 0)
                    months = {"month": 1, "quarter": 3, "year": 12}[self.unit]
                    return date(day.year, (day.month - 1) // months * months + 1, 1)

                def next_day(self, day):
                    days = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
                    return self.first_day(day + timedelta(days=days[self.unit]))

                def cut(self, day):
                    """When the clock of the zone comes to the start of a day."""
                    local = datetime(day.year, day.month, day.day) + self.shift
                    return (local.replace(tzinfo=self.zone) - EPOCH) // timedelta(microseconds=1)

                def assign(self, context):
                    time = context.timestamp.micros
                    local = (EPOCH + timedelta(microseconds=time)).astimezone(self.zone).replace(tzinfo=None)
                    day = self.first_day((local - self.shift).date())
                    while self.cut(self.next_day(day)) <= time:
                        day = self.next_day(day)
                    bounds = [Timestamp(micros=self.cut(end)) for end in (day, self.next_day(day))]
                    return [window.IntervalWindow(*bounds)]

                def get_window_coder(self):
                    return IntervalWindowCoder()


            EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
            """#),
    ]

    init(_ query: Query) throws(UsageError) {
        func offset(_ align: Int64, _ size: Int64) -> String {
            let rest = size > 0 ? (align % size + size) % size : 0
            return rest == 0 ? "" : ", offset=\(BeamText.duration(rest))"
        }
        switch query.window {
        case .all: text = "window.GlobalWindows()"
        case .tumbling(let size, let align):
            text = "window.FixedWindows(\(BeamText.duration(size))\(offset(align, size)))"
        case .hopping(let size, let step, let align):
            text =
                "window.SlidingWindows(\(BeamText.duration(size)), \(BeamText.duration(step))\(offset(align, step)))"
            if step > size {
                filter =
                    "beam.Filter(lambda group, time=beam.DoFn.TimestampParam: "
                    + "(time.micros - \(align)) % \(step) < \(size))"
            }
        case .cumulative(let max, let step, let align):
            text = "CumulativeWindows(\(max), \(step), \(align))"
            block = "CumulativeWindows"
        case .session(let gap):
            // A gap of exactly the limit is still the same session.
            text = "window.Sessions(Duration(micros=\(gap + 1)))"
            endSuffix = " - Duration(micros=1)"
            usesDuration = true
        case .calendar(.hour, let align):
            guard query.zone.isUTC else {
                throw .refusal(
                    Beam.name, "--calendar hour", "job has hours of UTC", "use --tumbling 1h, or remove --time-zone")
            }
            text = "window.FixedWindows(3600\(offset(align, 3_600_000_000)))"
        case .calendar(let unit, let align):
            let zone = query.zone.isUTC ? "timezone.utc" : "ZONE"
            let shift = align == 0 ? "" : ", timedelta(microseconds=\(align))"
            text = "CalendarWindows(\"\(unit.rawValue)\", \(zone)\(shift))"
            block = "CalendarWindows"
        case .rows:
            throw .refusal(
                Beam.name, "--rows", "job has no windows of a number of records", "use --tumbling or --session")
        }
        if text.contains("Duration(") { usesDuration = true }
    }
}
