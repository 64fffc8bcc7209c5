extension Query {
    /// The windows that contain this time (microseconds since 1970), in order of their ends. Empty if that depends on
    /// other records, and without time windows.
    package func windows(covering time: Int64) -> [WindowBounds] {
        guard window.isTimed, let slicing = Slicing(window, zone: zone), let slice = slicing.slice(at: time) else {
            return []
        }
        var windows: [WindowBounds] = []
        slicing.forEachWindow(over: slice) { windows.append(WindowBounds(start: $0, end: $1)) }
        return windows
    }
}
