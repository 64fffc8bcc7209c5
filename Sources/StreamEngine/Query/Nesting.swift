/// Where the records are inside of the records that are read: the elements of arrays (`--each`), then the records that
/// are written as text in a field (`--unwrap`).
///
/// The records of the input are at level 0, those inside of them at level 1, and so on. A field `outer.x` is the field `x`
/// of the level before, and `outer` that record without the array. The elements of an array have only their own fields; an unwrapped record also has those of the
/// levels before that it was unwrapped from, unless it has a field of the same name.
package struct Nesting: Equatable, Sendable {
    /// A field that holds a record as text.
    package struct PackedText: Equatable, Sendable {
        package var field: FieldPath
        package var format: TextFormat

        package init(field: FieldPath, format: TextFormat = .auto) {
            self.field = field
            self.format = format
        }
    }

    package enum TextFormat: Equatable, Sendable {
        /// JSON if it begins with an object, logfmt if its words are pairs, else no record.
        case auto
        case json, logfmt
        case csv(columns: [String], separator: UInt8)
        case tsv(columns: [String])
    }

    package var arrays: [FieldPath] = []
    package var texts: [PackedText] = []

    package init() {}

    package var isEmpty: Bool { depth == 0 }

    /// The arrays as one path: `resourceLogs[].scopeLogs[]`.
    package var arrayText: String { arrays.map { "\($0.text)[]" }.joined(separator: ".") }

    /// The arrays as `--each` names them: `resourceLogs[].scopeLogs`; nil if there are none.
    package var arrayPath: String? { arrays.isEmpty ? nil : String(arrayText.dropLast(2)) }

    /// The level of the innermost records.
    private var depth: Int { arrays.count + texts.count }

    /// The level whose records a field belongs to.
    func level(of field: FieldPath) -> Int { depth - min(field.outerDepth, depth) }

    /// The level whose whole records a field is: `outer`, `outer.outer`; nil if it is another field.
    func wholeLevel(of field: FieldPath) -> Int? {
        let level = depth - field.steps.count
        return field.isOuter && level >= 0 && level < arrays.count ? level : nil
    }

    /// The path of a field in the records of a level; nil if they do not have it.
    func path(_ field: FieldPath, at level: Int) -> FieldPath? {
        let home = self.level(of: field)
        guard level == home || level >= arrays.count && level < home else { return nil }
        return field.droppingOuter(depth - home)
    }

    /// The field of a text, as a field of the innermost records.
    func innermost(_ text: Int) -> FieldPath { texts[text].field.inOuter(texts.count - text) }
}

extension FieldPath {
    /// Whether it only leads to an outer record.
    fileprivate var isOuter: Bool { steps.allSatisfy { $0 == Self.outer } }

    /// How many steps to an outer record it begins with: 2 for `outer.outer.x`.
    fileprivate var outerDepth: Int { steps.dropLast().prefix { $0 == Self.outer }.count }

    private static let outer = Step.name(Array("outer".utf8))

    /// The path without the first `count` steps.
    fileprivate func droppingOuter(_ count: Int) -> FieldPath {
        count == 0 ? self : FieldPath(steps: Array(steps.dropFirst(count)), in: text)
    }

    /// The path from a record that is `count` levels further inside.
    fileprivate func inOuter(_ count: Int) -> FieldPath {
        FieldPath(steps: Array(repeating: Self.outer, count: count) + steps, in: text)
    }
}
