/// A field of records that are inside of other records, for messages: how the command line reads it.
package struct InnerField: Sendable {
    /// The arrays from the outside in, then the texts.
    private var arrays: [String] = []
    private var texts: [String] = []
    /// The field in the innermost record, as flags accept it.
    package private(set) var name = ""

    /// The array as `--each` names it: `resourceLogs[].scopeLogs`; nil if the field is in a text only.
    package var each: String? { arrays.isEmpty ? nil : arrays.joined(separator: "[].") }

    /// The fields that `--unwrap` names.
    package var unwraps: [String] { texts }

    fileprivate func inside(_ field: FieldOutline.Field) -> InnerField? {
        var outer = self
        guard field.kind == .array else {
            // Arrays inside of texts cannot be read in the same run.
            guard arrays.isEmpty else { return nil }
            outer.texts.insert(field.text, at: 0)
            return outer
        }
        outer.arrays.insert(field.text, at: 0)
        return outer
    }

    fileprivate init(_ name: String) { self.name = name }
}

extension FieldOutline {
    /// The field of a path inside of arrays and texts: of the whole path if one has it, else of its last name.
    package func innerField(_ path: FieldPath) -> InnerField? {
        if let exact = innerField({ $0.text == path.text }) { return exact }
        guard case .name(let name)? = path.steps.last else { return nil }
        return innerField { $0.path.last == name }
    }

    /// The arrays that `--each` can name.
    package var arrays: [String] {
        fields.filter { $0.kind == .array }.flatMap { array in
            let inside = inner.first { $0.field.path == array.path }?.outline.arrays ?? []
            return [array.text] + inside.map { "\(array.text)[].\($0)" }
        }
    }

    private func innerField(_ isWanted: (Field) -> Bool) -> InnerField? {
        for inner in inner {
            if let field = inner.outline.fields.first(where: isWanted),
                let found = InnerField(field.text).inside(inner.field)
            {
                return found
            }
        }
        for inner in inner {
            if let found = inner.outline.innerField(isWanted)?.inside(inner.field) { return found }
        }
        return nil
    }
}
