import StreamEngine

/// A question of a shell: what can complete this word?
package struct Offer: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Fields, in a list such as that of `--by`.
        case fields
        /// Fields that hold times, and the metadata that are.
        case time
        /// Fields and functions, in an expression.
        case expression
        /// Fields and aggregate functions.
        case aggregates
        case zones, topics
    }

    package var kind: Kind
    /// The word so far, without a quote at its start.
    package var current: String
    /// The inputs on the line.
    package var inputs: [String]

    package init(kind: Kind, current: String, inputs: [String]) {
        self.kind = kind
        self.current = current
        self.inputs = inputs
    }

    /// The part of the word before the name that is being written: `0.99:` of `0.99:m`, `avg(` of `avg(m`.
    package var beginning: Substring {
        var end = current.endIndex
        while end > current.startIndex {
            let before = current.index(before: end)
            guard isPartOfName(current[before]) else { break }
            end = before
        }
        return current[..<end]
    }

    private func isPartOfName(_ character: Character) -> Bool {
        switch kind {
        case .zones, .topics: true
        case .fields, .time: !",=:".contains(character)
        // As in a path of an expression.
        case .expression, .aggregates:
            character.utf8.allSatisfy {
                FieldPath.isNameByte($0) || [UInt8(ascii: "."), UInt8(ascii: "\"")].contains($0)
            }
        }
    }

    /// The words that continue the current one, one a line.
    package func lines(_ names: [String]) -> String {
        let beginning = beginning
        let rest = current[beginning.endIndex...]
        return names.filter { $0.hasPrefix(rest) && !$0.contains("\n") }.map { "\(beginning)\($0)\n" }.joined()
    }
}
