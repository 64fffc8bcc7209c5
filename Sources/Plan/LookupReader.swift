import StreamEngine

/// Reads tables of `--lookup` that are not files. The composition root lists them all.
package protocol LookupReader: SendableMetatype {
    /// The whole table; nil if it is of another kind.
    ///
    /// - Parameters:
    ///   - run: the stage that looks it up.
    ///   - seed: for hashing keys.
    ///   - stop: a descriptor that becomes readable to stop at once; nil: a signal stops.
    /// - Throws: `usage` for a column that it does not have, `noInput` for a table that cannot be read, `badData` for a row
    ///   that cannot be used.
    static func read(
        _ lookup: Lookup, _ run: RunContext, seed: UInt64, stop: Int32?
    ) throws(RunError) -> LookupTable?

    /// Opens a table whose rows are fetched by key; nil if it is of another kind. Throws as `read` does.
    static func open(_ lookup: Lookup, _ run: RunContext, seed: UInt64) throws(RunError) -> KeyedTable?
}
