extension RunCounts {
    /// Counts the values of a batch that expressions could not use.
    mutating func note(_ found: [BadValues], _ positions: RecordPositions) {
        for values in found {
            badValues(values.count, in: values.kind.place)
            guard let first = values.first else { continue }
            let expression = values.expression.isEmpty ? "" : " in \(values.expression)"
            let example = Example(position: positions[first.row], text: Excerpt.value(first.value) + expression)
            badValue(example, in: values.kind.place)
        }
    }
}
