/// A time window, including `start` and excluding `end`. Microseconds since 1970.
package struct WindowBounds: Hashable, Comparable {
    package var start: Int64
    package var end: Int64

    /// By end, then by start: the order of rows.
    package static func < (left: WindowBounds, right: WindowBounds) -> Bool {
        left.end != right.end ? left.end < right.end : left.start < right.start
    }
}
