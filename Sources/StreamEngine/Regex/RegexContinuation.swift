/// What can follow a point of a program.
struct RegexContinuation {
    /// The bytes that it can begin with.
    var bytes = [Bool](repeating: false, count: 256)
    /// Whether it can match without a byte.
    var isNullable = false
    /// Whether it matches in any text.
    var alwaysMatches = false
    /// Whether it can begin with the start of the text.
    var hasBegin = false
}

extension RegexProgram {
    /// What can follow before the instruction.
    func firstBytes(after entry: Int32) -> RegexContinuation {
        var result = RegexContinuation()
        var seen: [Int32: Bool] = [:]
        // With whether an anchor was passed.
        var stack: [(index: Int32, isConditional: Bool)] = [(entry, false)]
        while let (index, isConditional) = stack.popLast() {
            if let known = seen[index], !known || isConditional { continue }
            seen[index] = isConditional
            let instruction = instructions[Int(index)]
            switch instruction.code {
            case .range:
                guard instruction.low <= instruction.high else { continue }
                for byte in instruction.low...instruction.high { result.bytes[Int(byte)] = true }
            case .set, .run:
                for byte in 0..<256 where tables[Int(instruction.table)][byte] { result.bytes[byte] = true }
                if instruction.code == .run, instruction.low == 0 { stack.append((instruction.next, isConditional)) }
            case .split:
                stack.append((instruction.next, isConditional))
                stack.append((instruction.other, isConditional))
            case .save: stack.append((instruction.next, isConditional))
            case .begin:
                result.hasBegin = true
                result.isNullable = true
                stack.append((instruction.next, true))
            case .end:
                result.isNullable = true
                stack.append((instruction.next, true))
            case .match:
                result.isNullable = true
                if !isConditional { result.alwaysMatches = true }
            }
        }
        return result
    }
}
