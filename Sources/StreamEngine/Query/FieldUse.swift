/// A place where the query names a field, for messages about fields that no record has.
package struct FieldUse: Sendable {
    package enum Context: Sendable {
        case alone
        /// One side of a comparison, or an alternative of `in`; the other side is a field or computed.
        case compared
        /// One side of a comparison with a literal.
        case comparedWithLiteral
        /// An argument of `coalesce` or `is null`: it may well be missing.
        case optional
    }

    package let path: FieldPath
    /// The flag, or the name of the aggregate: `--by`, `avg_ms`.
    package let place: String
    package let context: Context
    /// The text of the expression, and the byte offset of the field in it; nil outside of expressions.
    package let source: String?
    package let offset: Int

    /// Whether the field is a name in double quotes, which may have been meant as text.
    package var isQuoted: Bool { path.text.hasPrefix("\"") && path.steps.count == 1 }

    /// The word of the source text around the field if it holds a `-`, which is a minus: `event-type`.
    package var hyphenated: String? {
        guard let source else { return nil }
        let bytes = Array(source.utf8)
        func isPart(_ byte: UInt8) -> Bool { FieldPath.isNameByte(byte) || byte == UInt8(ascii: "-") }
        guard bytes.indices.contains(offset), isPart(bytes[offset]) else { return nil }
        var start = offset, end = offset
        while start > 0, isPart(bytes[start - 1]) { start -= 1 }
        while end < bytes.count, isPart(bytes[end]) { end += 1 }
        let word = String(decoding: bytes[start..<end], as: UTF8.self)
        let parts = word.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count > 1, parts.allSatisfy({ $0.utf8.first.map { $0 > UInt8(ascii: "9") } ?? false }) else {
            return nil
        }
        return word
    }
}

extension Query {
    /// Where the query names fields of records, in the order in which flags are usually given.
    package var fieldUses: [FieldUse] {
        var uses: [FieldUse] = []
        func add(_ path: FieldPath, _ place: String) {
            uses.append(FieldUse(path: path, place: place, context: .alone, source: nil, offset: 0))
        }
        func add(_ expression: Expression, _ place: String) {
            expression.syntax.eachUse(.alone) { path, offset, context in
                uses.append(
                    FieldUse(path: path, place: place, context: context, source: expression.source, offset: offset))
            }
        }
        for number in nesting.texts.indices { add(nesting.innermost(number), "--unwrap") }
        for lookup in lookups { for path in lookup.fields { add(path, "--lookup \(lookup.path)") } }
        if case .field(let path, _) = time { add(path, "--time") }
        for key in groupKeys {
            if let field = key.field { add(field, "--by") } else { add(key.expression, "--by \(key.name)") }
        }
        if let filter { add(filter, "--where") }
        for item in lets { add(item.expression, "--let \(item.name)") }
        for path in dedup?.fields ?? [] { add(path, "--dedup") }
        for aggregate in aggregates {
            for argument in aggregate.arguments { add(argument, aggregate.name) }
        }
        if passesThrough {
            for item in select ?? [] {
                let flag = changes?.keys.contains(item.name) ?? false ? "--key" : "--select"
                // A name in double quotes alone is a column, not text.
                if let path = item.expression.plainField {
                    add(path, flag)
                } else {
                    add(item.expression, flag)
                }
            }
        }
        for path in rowKey where passesThrough { add(path, "--key") }
        for header in rowHeaders where passesThrough { add(header.field, "--header \(header.name)") }
        if let deletion = changes?.deletion { add(deletion, "--delete") }
        return uses
    }
}

extension Syntax {
    /// Calls `body` for each field with its byte offset in the source.
    fileprivate func eachUse(_ context: FieldUse.Context, _ body: (FieldPath, Int, FieldUse.Context) -> Void) {
        switch self {
        // The arguments of an aggregate are expressions of their own.
        case .literal, .aggregate: break
        case .field(let path, let offset): body(path, offset, context)
        case .apply(let operation, let arguments):
            for (number, argument) in arguments.enumerated() {
                let inner: FieldUse.Context =
                    switch operation {
                    case .compare: arguments[1 - min(number, 1)].isLiteral ? .comparedWithLiteral : .compared
                    case .isIn: number == 0 && arguments.last?.isLiteral == true ? .comparedWithLiteral : .compared
                    case .isNull, .coalesce, .type: .optional
                    default: .alone
                    }
                argument.eachUse(inner, body)
            }
        }
    }

    private var isLiteral: Bool { if case .literal = self { true } else { false } }
}
