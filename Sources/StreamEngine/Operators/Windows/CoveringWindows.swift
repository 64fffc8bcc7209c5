extension Query {
    /// The windows that contain this time (microseconds since 1970), ordered by end. Empty if the windows depend on
    /// other records, or if there are no time windows.
    package func windows(covering time: Int64) -> [WindowBounds] {
        guard window.isTimed, let slicing = Slicing(window, zone: zone), let slice = slicing.slice(at: time) else {
            return []
        }
        var windows: [WindowBounds] = []
        slicing.forEachWindow(over: slice) { windows.append(WindowBounds(start: $0, end: $1)) }
        return windows
    }
}
