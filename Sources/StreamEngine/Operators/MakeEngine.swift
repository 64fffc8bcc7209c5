/// Creates the engine for a query. Each operator is a concrete type and has a line here.
///
/// - Throws: if an expression over the rows (`--having`, `--select`) cannot be compiled.
package func makeEngine(
    _ query: Query, _ layout: ColumnLayout, _ options: EngineOptions, _ writer: any RowWriter
) throws(ExpressionError) -> any Engine {
    if query.passesThrough {
        return OrderedEngine(
            PassThrough(query, layout, options, writer), query, layout, options, boundColumns: query.boundedTimeColumns)
    }
    // A late record may be in several windows that have closed: their groups are looked up by the ordered part.
    let isOverlapping =
        query.window.isSliced && !(Slicing(query.window, zone: query.zone) ?? Slicing.whole).isSingle
    let context = try WindowContext(
        query, layout, options, writer,
        sharesGroups: query.window.isSliced && !(isOverlapping && query.lateness > 0))
    let bounded = query.boundedWindowColumns
    switch query.window {
    case .session(let gap):
        let windows = SessionWindows(gap: gap, lateness: query.lateness, context)
        return OrderedEngine(windows, query, layout, options, boundColumns: bounded)
    case .rows(let count, let every):
        let windows = RowWindows(count: count, every: every, context)
        return OrderedEngine(windows, query, layout, options, boundColumns: bounded)
    case .all, .tumbling, .hopping, .cumulative, .calendar:
        let slicing = Slicing(query.window, zone: query.zone) ?? Slicing.whole
        if slicing.isSingle {
            let windows = AlignedWindows(slicing, lateness: query.lateness, fill: query.fill, context)
            return OrderedEngine(windows, query, layout, options, boundColumns: bounded)
        }
        let windows = OverlappingWindows(slicing, lateness: query.lateness, context)
        return OrderedEngine(windows, query, layout, options, boundColumns: bounded)
    }
}
