/// The functions of the expression language.
package enum ExpressionFunction: String, Sendable, CaseIterable {
    case abs, ceil, floor, round, trunc, sign, sqrt, least, greatest, number, integer
    case duration, size
    case sumList = "sum_list"
    case minList = "min_list"
    case maxList = "max_list"
    case avgList = "avg_list"
    case lower, upper, length, bytes, substr, trim
    case startsWith = "starts_with"
    case endsWith = "ends_with"
    case contains, replace, split, concat, string, extract
    case regexReplace = "regex_replace"
    case json
    case fromBase64 = "from_base64"
    case urlHost = "url_host"
    case urlPath = "url_path"
    case queryParam = "query_param"
    case coalesce, `if`, type
    case time, epoch
    case formatTime = "format_time"
    case timeFloor = "time_floor"
    case year, month, day, hour, minute, second, weekday
    case now

    /// The heading in the manual.
    package enum Section: String, Sendable, CaseIterable {
        case numbers = "Numbers"
        case text = "Text"
        case choice = "Null and conditionals"
        case time = "Time"
    }

    package struct Help: Sendable {
        package let section: Section
        /// The syntax of a call: `round(x[, digits])`.
        package let usage: String
        /// The result, in one line.
        package let summary: String
        package let argumentCounts: ClosedRange<Int>
        /// A call with constants, and the value that it gives as JSON.
        package var example = (call: "", result: "")
    }

    package var help: Help {
        var help = description
        help.example = example
        return help
    }

    private var description: Help {
        switch self {
        case .abs: number("abs(x)", "the absolute value of x")
        case .ceil: number("ceil(x)", "x rounded up to an integer")
        case .floor: number("floor(x)", "x rounded down to an integer")
        case .round:
            number("round(x[, digits])", "x rounded to digits decimals (default 0), halves away from zero", 1...2)
        case .trunc: number("trunc(x)", "x rounded toward zero to an integer")
        case .sign: number("sign(x)", "-1, 0 or 1")
        case .sqrt: number("sqrt(x)", "the square root of x; null if x is negative")
        case .least: number("least(a, b, ...)", "the smallest of several numbers, strings or times", 1...Self.many)
        case .greatest:
            number("greatest(a, b, ...)", "the largest of several numbers, strings or times", 1...Self.many)
        case .number:
            number("number(x)", "x as a number: a numeric string, true as 1, a time in seconds; else null")
        case .integer: number("integer(x)", "number(x) rounded toward zero; null beyond 64 bits")
        case .duration: number("duration(s)", "the seconds of a text such as 1m2.5s, 12ms, 1:02:03 or PT1M")
        case .size: number("size(s)", "the bytes of a text such as 1.5K, 10MB or 3 GiB (K, M, G: powers of 1024)")
        case .sumList:
            number(
                "sum_list(s[, sep])", "the sum of the numbers in a string such as 0.010, - : 0.020, or in an array",
                1...2)
        case .minList: number("min_list(s[, sep])", "the smallest of the numbers in a string or array", 1...2)
        case .maxList: number("max_list(s[, sep])", "the largest of the numbers in a string or array", 1...2)
        case .avgList: number("avg_list(s[, sep])", "the average of the numbers in a string or array", 1...2)
        case .lower: text("lower(s)", "s with A-Z in lower case")
        case .upper: text("upper(s)", "s with a-z in upper case")
        case .length:
            text("length(s)", "the number of characters (Unicode scalars), elements or members in s")
        case .bytes: text("bytes(s)", "the number of UTF-8 bytes in s")
        case .substr:
            text("substr(s, start[, len])", "len characters from start (0 is the first, -1 the last)", 2...3)
        case .trim: text("trim(s)", "s without leading and trailing spaces, tabs and line breaks")
        case .startsWith: text("starts_with(s, t)", "true if s starts with t", 2...2)
        case .endsWith: text("ends_with(s, t)", "true if s ends with t", 2...2)
        case .contains:
            text("contains(s, t)", "true if t is in s: a part of a text, an element, the name of a member", 2...2)
        case .replace: text("replace(s, from, to)", "s with every occurrence of from replaced by to", 3...3)
        case .split:
            text("split(s, sep, index)", "s split at sep: part index (0 is the first, -1 the last), else null", 3...3)
        case .concat: text("concat(a, b, ...)", "the arguments joined into one string", 1...Self.many)
        case .string: text("string(x)", "x as a string")
        case .extract:
            text(
                "extract(s, 'regex'[, group])", "the match of group (0: whole regex; default: 1, or 0 without groups)",
                2...3)
        case .regexReplace:
            text(
                "regex_replace(s, 'regex', 'text')",
                "s with every match replaced by text, in which $1 is a group", 3...3)
        case .json:
            text("json(s[, 'path'])", "the value in a string that holds JSON, or the part of it at a path", 1...2)
        case .fromBase64: text("from_base64(s)", "the decoded text; null if it is not base64 of UTF-8")
        case .urlHost: text("url_host(s)", "the host of a URL, in lower case; null if it has none")
        case .urlPath: text("url_path(s)", "the path of a URL, without query and fragment")
        case .queryParam:
            text("query_param(s, name)", "the decoded value of a parameter in the query of a URL", 2...2)
        case .coalesce: choice("coalesce(a, b, ...)", "the first argument that is not null", 1...Self.many)
        case .if: choice("if(c, a, b)", "a if c is true, else b; the same as c ? a : b", 3...3)
        case .type: choice("type(x)", "'null', 'boolean', 'number', 'string', 'array', 'object' or 'time'", 1...1)
        case .time:
            time("time(x[, format])", "x as a time: RFC 3339, an epoch number, or in format (see --time-format)", 1...2)
        case .epoch: time("epoch(t)", "seconds since 1970")
        case .formatTime: time("format_time(t, '%Y-%m-%d')", "t as text, in --time-zone", 2...2)
        case .timeFloor:
            time("time_floor(t, '1h')", "t rounded down to a multiple of a duration since 1970 in UTC", 2...2)
        case .year: time("year(t)", "the year in --time-zone, as for all functions below")
        case .month: time("month(t)", "the month, 1 to 12")
        case .day: time("day(t)", "the day of the month, 1 to 31")
        case .hour: time("hour(t)", "the hour, 0 to 23")
        case .minute: time("minute(t)", "the minute, 0 to 59")
        case .second: time("second(t)", "the second, 0 to 59")
        case .weekday: time("weekday(t)", "1 for Monday to 7 for Sunday")
        case .now: time("now()", "when the record was read, by the wall clock; not with --job", 0...0)
        }
    }

    private var example: (call: String, result: String) {
        switch self {
        case .abs: ("abs(-1.5)", "1.5")
        case .ceil: ("ceil(2.1)", "3")
        case .floor: ("floor(2.9)", "2")
        case .round: ("round(2.567, 1)", "2.6")
        case .trunc: ("trunc(-2.9)", "-2")
        case .sign: ("sign(-7)", "-1")
        case .sqrt: ("sqrt(16)", "4.0")
        case .least: ("least(3, 1, 2)", "1")
        case .greatest: ("greatest(3, 1, 2)", "3")
        case .number: ("number('0.031')", "0.031")
        case .integer: ("integer('12.9')", "12")
        case .duration: ("duration('1m2.5s')", "62.5")
        case .size: ("size('1.5K')", "1536")
        case .sumList: ("sum_list('0.010, 0.020')", "0.03")
        case .minList: ("min_list('7 : - : 5')", "5")
        case .maxList: ("max_list('0.010, 0.020')", "0.02")
        case .avgList: ("avg_list('1|2', '|')", "1.5")
        case .lower: ("lower('GET')", "\"get\"")
        case .upper: ("upper('get')", "\"GET\"")
        case .length: ("length('/api')", "4")
        case .bytes: ("bytes('é')", "2")
        case .substr: ("substr('/api/v1', 1, 3)", "\"api\"")
        case .trim: ("trim(' ok ')", "\"ok\"")
        case .startsWith: ("starts_with('/api/v1', '/api')", "true")
        case .endsWith: ("ends_with('app.js', '.js')", "true")
        case .contains: ("contains('/api/v1', 'v1')", "true")
        case .replace: ("replace('a-b', '-', '_')", "\"a_b\"")
        case .split: ("split('/api/v1', '/', 1)", "\"api\"")
        case .concat: ("concat('GET', ' ', '/api')", "\"GET /api\"")
        case .string: ("string(500)", "\"500\"")
        case .extract: ("extract('id=42', 'id=([0-9]+)')", "\"42\"")
        case .regexReplace: ("regex_replace('/user/42/cart', '/[0-9]+', '/:id')", "\"/user/:id/cart\"")
        case .json: ("json('{\"user\":{\"id\":7}}', 'user.id')", "7")
        case .fromBase64: ("from_base64('eyJpZCI6N30=')", "\"{\\\"id\\\":7}\"")
        case .urlHost: ("url_host('https://example.com:8443/a?x=1')", "\"example.com\"")
        case .urlPath: ("url_path('https://example.com/a?x=1')", "\"/a\"")
        case .queryParam: ("query_param('/find?q=red+shoes', 'q')", "\"red shoes\"")
        case .coalesce: ("coalesce(null, 'none')", "\"none\"")
        case .if: ("if(3 > 2, 'more', 'less')", "\"more\"")
        case .type: ("type('x')", "\"string\"")
        case .time: ("time('03.02.2026 07:08', '%d.%m.%Y %H:%M')", "\"2026-02-03T07:08:00Z\"")
        case .epoch: ("epoch('2026-02-03T07:08:09Z')", "1770102489")
        case .formatTime: ("format_time('2026-02-03T07:08:09Z', '%Y-%m-%d')", "\"2026-02-03\"")
        case .timeFloor: ("time_floor('2026-02-03T07:08:09Z', '1h')", "\"2026-02-03T07:00:00Z\"")
        case .year: ("year('2026-02-03T07:08:09Z')", "2026")
        case .month: ("month('2026-02-03T07:08:09Z')", "2")
        case .day: ("day('2026-02-03T07:08:09Z')", "3")
        case .hour: ("hour('2026-02-03T07:08:09Z')", "7")
        case .minute: ("minute('2026-02-03T07:08:09Z')", "8")
        case .second: ("second('2026-02-03T07:08:09Z')", "9")
        case .weekday: ("weekday('2026-02-03T07:08:09Z')", "2")
        case .now: ("now() > '2026-02-03T07:08:09Z'", "true")
        }
    }

    static let many = 1000

    private func number(_ usage: String, _ summary: String, _ counts: ClosedRange<Int> = 1...1) -> Help {
        Help(section: .numbers, usage: usage, summary: summary, argumentCounts: counts)
    }
    private func text(_ usage: String, _ summary: String, _ counts: ClosedRange<Int> = 1...1) -> Help {
        Help(section: .text, usage: usage, summary: summary, argumentCounts: counts)
    }
    private func choice(_ usage: String, _ summary: String, _ counts: ClosedRange<Int>) -> Help {
        Help(section: .choice, usage: usage, summary: summary, argumentCounts: counts)
    }
    private func time(_ usage: String, _ summary: String, _ counts: ClosedRange<Int> = 1...1) -> Help {
        Help(section: .time, usage: usage, summary: summary, argumentCounts: counts)
    }
}

/// Suggests corrections for misspelled words.
package enum Spelling {
    /// The nearest of `words`, if it is near enough to suggest.
    package static func nearest(to word: String, among words: [String]) -> String? {
        var best: (distance: Int, word: String)?
        let bytes = Array(word.utf8)
        for candidate in words {
            let other = Array(candidate.utf8)
            let distance = isSwapped(bytes, other) ? 1 : distance(bytes, other)
            // Short words have many neighbours, and two errors rarely include the first letter.
            let limit = min(bytes.count, other.count) <= 4 || bytes.first != other.first ? 1 : 2
            if distance <= limit, distance < best?.distance ?? Int.max { best = (distance, candidate) }
        }
        return best?.word
    }

    /// Whether the words differ in two neighbouring letters that are swapped.
    package static func isSwapped(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        let different = a.indices.filter { a[$0] != b[$0] }
        return different.count == 2 && different[1] == different[0] + 1 && a[different[0]] == b[different[1]]
            && a[different[1]] == b[different[0]]
    }

    /// The Levenshtein distance.
    package static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for i in 0..<a.count {
            var diagonal = row[0]
            row[0] = i + 1
            for j in 0..<b.count {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
