extension Query {
    /// The windows that a record of this time (microseconds since 1970) falls into, in order of their ends. Empty where
    /// that depends on other records, and where there are no windows in time.
    package func windows(covering time: Int64) -> [WindowBounds] {
        guard window.isTimed, let slicing = Slicing(window, zone: zone), let slice = slicing.slice(at: time) else {
            return []
        }
        var windows: [WindowBounds] = []
        slicing.forEachWindow(over: slice) { windows.append(WindowBounds(start: $0, end: $1)) }
        return windows
    }
}
