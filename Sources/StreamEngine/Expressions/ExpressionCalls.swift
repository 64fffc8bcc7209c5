extension ExpressionParser {
    /// Parses a call of the function whose name is the current token.
    ///
    /// - Parameter subject: the first argument, if the call is written like a method: `path.lower()`.
    mutating func call(_ name: String, on subject: FieldPath? = nil) throws(ExpressionError) -> Syntax {
        if let function = Synonyms.function(name) { return try call(function, on: subject) }
        if let meant = Synonyms.aggregate(name), subject == nil {
            return try aggregate(meant.function, meant.parameter)
        }
        throw unknownFunction(name, subject)
    }

    private mutating func call(
        _ function: ExpressionFunction, on subject: FieldPath?
    ) throws(ExpressionError) -> Syntax {
        let place = current
        advance()
        advance()
        var arguments: [Syntax] = subject.map { [.field($0, offset: place.start)] } ?? []
        var regex: Regex?
        var replacement: RegexReplacement?
        if !take(.close) {
            repeat {
                if function == .extract || function == .regexReplace, arguments.count == 1 {
                    regex = try pattern()
                    arguments.append(.literal(.null))
                } else if function == .regexReplace, arguments.count == 2, let regex {
                    replacement = try self.replacement(for: regex)
                    arguments.append(.literal(.null))
                } else {
                    arguments.append(try choice())
                }
            } while take(.comma)
            try expect(.close, "or ','")
        }
        guard function.help.argumentCounts.contains(arguments.count) else {
            throw error("wrong number of arguments; write \(usage(function, arguments.count, place))", at: place)
        }
        if let operation = Self.simple(function) { return .apply(operation, arguments) }
        let constants = Array(arguments.dropFirst())
        switch function {
        case .extract:
            guard let regex else { throw error("wrong number of arguments; write \(function.help.usage)", at: place) }
            return .apply(.extract(regex, group: try group(constants, of: regex, place)), [arguments[0]])
        case .regexReplace:
            guard let regex, let replacement else {
                throw error("wrong number of arguments; write \(function.help.usage)", at: place)
            }
            return .apply(.replaceMatches(regex, replacement), [arguments[0]])
        case .json: return .apply(.json(try jsonPath(constants, place)), [arguments[0]])
        case .now:
            guard use == .none || enclosing != nil else {
                throw error(
                    "now() is the time at which a record was read; rows come from many records, so use it in --let",
                    at: place)
            }
            return .apply(.now, [])
        case .time: return .apply(.time(try reading(constants, place)), [arguments[0]])
        case .formatTime:
            return .apply(.formatTime(try timePattern(try text(constants, function, place), place)), [arguments[0]])
        default: return .apply(.floorTime(try duration(try text(constants, function, place), place)), [arguments[0]])
        }
    }

    /// Parses the text that replaces the matches of `regex`.
    private mutating func replacement(for regex: Regex) throws(ExpressionError) -> RegexReplacement {
        guard current.kind == .string else {
            throw error("expected the replacement in single quotes: \(ExpressionFunction.regexReplace.help.usage)")
        }
        let token = current
        advance()
        do {
            return try RegexReplacement(lexer.pattern(of: token), groupCount: regex.groupCount)
        } catch {
            throw self.error("replacement: \(error.reason)", at: token)
        }
    }

    /// The path of `json`; nil for the whole text. `$` for the whole text in front of it, as other languages write it, is
    /// left out.
    private func jsonPath(_ arguments: [Syntax], _ place: Token) throws(ExpressionError) -> FieldPath? {
        guard !arguments.isEmpty else { return nil }
        var path = try text(arguments, .json, place)
        if path == "$" || path == "" { return nil }
        if path.hasPrefix("$.") { path.removeFirst(2) }
        do {
            return try FieldPath.parse(path)
        } catch {
            throw self.error("path '\(path)': \(error.reason)", at: place)
        }
    }

    /// How to call a function; where only the index of a part is missing, with the arguments as given.
    private func usage(_ function: ExpressionFunction, _ count: Int, _ place: Token) -> String {
        guard function == .split, count == 2, let first = tokens.firstIndex(where: { $0.start == place.start }) else {
            return function.help.usage
        }
        let call = text(fromToken: first)
        return "\(call.dropLast()), 0), where parts count from 0"
    }

    /// The string literal that must be the second argument.
    private func text(
        _ arguments: [Syntax], _ function: ExpressionFunction, _ place: Token
    ) throws(ExpressionError) -> String {
        guard case .literal(.string(let bytes)) = arguments.first else {
            throw error("the second argument must be a string in single quotes: \(function.help.usage)", at: place)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func group(_ arguments: [Syntax], of regex: Regex, _ place: Token) throws(ExpressionError) -> Int {
        guard arguments.count > 1 else { return min(1, regex.groupCount) }
        guard case .literal(.integer(let group)) = arguments[1], group >= 0, group <= Int64(regex.groupCount) else {
            throw error("the group must be a number from 0 to \(regex.groupCount)", at: place)
        }
        return Int(group)
    }

    private func reading(_ arguments: [Syntax], _ place: Token) throws(ExpressionError) -> TimeFormat {
        guard !arguments.isEmpty else { return .auto }
        let text = try text(arguments, .time, place)
        do {
            return try TimeFormat.parse(text)
        } catch {
            throw self.error(error.description, at: place)
        }
    }

    private func duration(_ text: String, _ place: Token) throws(ExpressionError) -> Int64 {
        let size: Int64
        do {
            size = try DurationText.parse(text)
        } catch {
            throw self.error(error.description, at: place)
        }
        guard size > 0 else { throw error("the duration must be more than zero", at: place) }
        return size
    }

    private func timePattern(_ format: String, _ place: Token) throws(ExpressionError) -> TimePattern {
        if !format.contains("%") {
            let pattern = TimePatternHints.pattern(format) ?? "%Y-%m-%d"
            throw error(
                "'\(format)' has no directive, so every time would give the same text; write '\(pattern)'", at: place)
        }
        do {
            return try TimePattern.compile(format)
        } catch {
            throw self.error(error.description, at: place)
        }
    }

    /// The operation of a function whose arguments are all expressions.
    private static func simple(_ function: ExpressionFunction) -> Operation? {
        switch function {
        case .abs: .number(.abs)
        case .ceil: .number(.ceil)
        case .floor: .number(.floor)
        case .round: .number(.round)
        case .trunc: .number(.trunc)
        case .sign: .number(.sign)
        case .sqrt: .number(.sqrt)
        case .duration: .read(.duration)
        case .size: .read(.size)
        case .sumList: .list(.sum)
        case .minList: .list(.min)
        case .maxList: .list(.max)
        case .avgList: .list(.avg)
        case .fromBase64: .read(.base64)
        case .urlHost: .url(.host)
        case .urlPath: .url(.path)
        case .queryParam: .url(.parameter)
        case .number: .number(.number)
        case .integer: .number(.integer)
        case .least: .least
        case .greatest: .greatest
        case .lower: .text(.lower)
        case .upper: .text(.upper)
        case .length: .text(.length)
        case .bytes: .text(.bytes)
        case .substr: .text(.substr)
        case .trim: .text(.trim)
        case .startsWith: .text(.startsWith)
        case .endsWith: .text(.endsWith)
        case .contains: .text(.contains)
        case .replace: .text(.replace)
        case .split: .text(.split)
        case .concat: .text(.concat)
        case .string: .text(.string)
        case .coalesce: .coalesce
        case .if: .choose
        case .type: .type
        case .epoch: .epoch
        case .year: .timePart(.year)
        case .month: .timePart(.month)
        case .day: .timePart(.day)
        case .hour: .timePart(.hour)
        case .minute: .timePart(.minute)
        case .second: .timePart(.second)
        case .weekday: .timePart(.weekday)
        case .extract, .regexReplace, .json, .time, .formatTime, .timeFloor, .now: nil
        }
    }
}
