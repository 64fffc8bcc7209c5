/// The names that other languages use for functions and aggregates.
///
/// A name that can mean only one thing is accepted; for any other, there is advice. Names are looked up in lower case.
package enum Synonyms {
    /// The function that a name means: its own name, in capitals too, or an accepted synonym.
    package static func function(_ name: String) -> ExpressionFunction? {
        let small = name.lowercased()
        return ExpressionFunction(rawValue: small) ?? functions[small]
    }

    /// The aggregate that a name means, with its parameter if the name includes that: `p99` is a quantile.
    package static func aggregate(_ name: String) -> (function: AggregateFunction, parameter: Double?)? {
        let small = name.lowercased()
        if let function = AggregateFunction.named(small) ?? aggregates[small] { return (function, nil) }
        return percentile(small).map { (.quantile, $0) }
    }

    /// What to write instead of a call, as the end of a sentence; nil if nothing is known about the name.
    ///
    /// - Parameter arguments: the texts of its arguments.
    package static func advice(_ name: String, _ arguments: [String]) -> String? {
        guard let text = advice[name.lowercased()] else { return nil }
        var result = ""
        var isPlaceholder = false
        for part in text.split(separator: "$", omittingEmptySubsequences: false) {
            defer { isPlaceholder = true }
            guard isPlaceholder, let number = part.first?.wholeNumberValue else {
                result += part
                continue
            }
            result += number <= arguments.count ? arguments[number - 1] : ["x", "y"][number - 1]
            result += part.dropFirst()
        }
        return result
    }

    /// `p99` is 0.99, `p5` 0.05 and `p999` 0.999.
    private static func percentile(_ name: String) -> Double? {
        guard name.first == "p", let digits = UInt32(name.dropFirst()), name.utf8.count <= 7, name != "p100" else {
            return nil
        }
        let text = name.dropFirst()
        return Double(text.count < 2 ? "0.0\(digits)" : "0.\(text)")
    }

    // MARK: Accepted

    private static let functions: [String: ExpressionFunction] = table([
        (
            .length,
            "len strlen char_length character_length array_length arraylength cardinality json_array_length array_size "
                + "list_length"
        ),
        (.bytes, "octet_length byte_length"),
        (.lower, "lcase lowercase to_lower tolower tolowercase downcase ascii_downcase"),
        (.upper, "ucase uppercase to_upper toupper touppercase upcase ascii_upcase"),
        (.trim, "strip"),
        (.startsWith, "startswith hasprefix has_prefix begins_with beginswith"),
        (.endsWith, "endswith hassuffix has_suffix"),
        (.contains, "includes str_contains list_contains array_contains"),
        (.replace, "replace_all replaceall"),
        (
            .regexReplace,
            "regexp_replace regexreplace regexpreplace regexp_replace_all regex_replace_all replaceregexpall re_replace gsub "
                + "replace_regex replace_regexp"
        ),
        (.fromBase64, "base64_decode base64decode frombase64 unbase64 atob decode_base64 b64decode"),
        (
            .json,
            "from_json fromjson parse_json json_parse json_extract get_json_object json_value json_query "
                + "json_extract_scalar json_extract_string json_extract_path_text jsonextract"
        ),
        (.sumList, "list_sum array_sum arraysum sumlist"),
        (.minList, "list_min array_min arraymin minlist"),
        (.maxList, "list_max array_max arraymax maxlist"),
        (.avgList, "list_avg array_avg arrayavg avglist list_mean array_mean"),
        (.duration, "parse_duration parseduration to_duration duration_seconds dhms2fsec"),
        (.size, "parse_size parsesize parse_bytes to_bytes filesize file_size parsereadablesize"),
        (.urlHost, "urlhost url_hostname url_extract_host hostname domain url_domain"),
        (.urlPath, "urlpath url_extract_path"),
        (.queryParam, "queryparam url_param url_parameter url_extract_parameter extracturlparameter query_parameter"),
        (.now, "current_timestamp sysdate getdate utc_timestamp systimestamp"),
        (.string, "str to_string tostring text"),
        (.number, "num to_number tonumber float double to_float tofloat to_double parsefloat to_decimal"),
        (.integer, "int to_int toint to_integer parse_int parseint intval bigint"),
        (.ceil, "ceiling"),
        (.trunc, "truncate"),
        (.coalesce, "ifnull nvl if_null"),
        (.if, "iif iff if_else ifelse"),
        (.type, "typeof type_of"),
        (.time, "timestamp to_timestamp totimestamp to_time parse_time strptime from_unixtime parse_timestamp"),
        (.epoch, "unix_timestamp to_unixtime to_epoch"),
        (.formatTime, "strftime formattime time_format"),
        (.timeFloor, "floor_time timefloor"),
        (.day, "dayofmonth day_of_month"),
        (.weekday, "isodow"),
    ])

    private static let aggregates: [String: AggregateFunction] = table([
        (.avg, "mean average"),
        (.sum, "total"),
        (.min, "minimum"),
        (.max, "maximum"),
        (.first, "earliest first_value firstvalue any_value"),
        (.last, "last_value lastvalue"),
        (.countIf, "countif count_where"),
        (.stddev, "std stdev stdv stddev_samp stdev_samp sd standard_deviation"),
        (.stddevPop, "stdevp stddevpop stdev_pop"),
        (.variance, "var var_samp variance_samp"),
        (.skewness, "skew"),
        (.quantile, "quantile_cont percentile_cont approx_quantile"),
        (
            .distinct,
            "count_distinct countdistinct distinct_count uniq unique nunique n_unique approx_count_distinct uniqexact"
        ),
        (.top, "topk top_k approx_top_k most_frequent"),
        (.minBy, "minby arg_min argmin"),
        (.maxBy, "maxby arg_max argmax"),
        (.list, "array_agg collect collect_list group_array json_agg jsonb_agg grouparray"),
    ])

    private static func table<Meaning>(_ entries: [(Meaning, String)]) -> [String: Meaning] {
        var result: [String: Meaning] = [:]
        for (meaning, names) in entries { for name in names.split(separator: " ") { result[String(name)] = meaning } }
        return result
    }

    /// All accepted synonyms of an aggregate, for the flags that are named after aggregates.
    package static func names(of function: AggregateFunction) -> [String] {
        aggregates.filter { $0.value == function }.map(\.key).sorted()
    }

    /// All names in the tables, for tests.
    static var all: [String] { Array(functions.keys) + Array(aggregates.keys) + Array(advice.keys) }

    // MARK: Answered

    /// `$1` and `$2` are the first two arguments.
    private static let advice: [String: String] = table([
        ("write substr($1, start[, length]), where start counts from 0", "substring mid slice"),
        ("write substr($1, 0, $2)", "left"),
        ("write substr($1, -$2)", "right"),
        (
            "write $1 ~ $2, which is true if the pattern matches anywhere in the text",
            "matches match test regexp regexp_like regexp_match regexp_matches regex_match regex_matches rlike"
        ),
        ("write $1 like $2", "like"),
        (
            "write time_floor(now(), '1d') for the start of the day, now() for the time at which the record was read",
            "current_time today current_date localtime"
        ),
        ("write format_time($1, '%Y-%m-%d')", "date to_date day_of date_format todate"),
        (
            "write format_time($1, '%Y-%m-%d') for a time, round($1, 2) for a number",
            "format to_char formatdatetime printf sprintf"
        ),
        ("write url_host($1), url_path($1) or query_param($1, 'name')", "parse_url urlparse parse_uri"),
        (
            "write time_floor(t, '1h'), or use --tumbling or --calendar for windows",
            "date_trunc datetrunc trunc_time time_bucket date_bin tumble"
        ),
        ("the difference of two times, a - b, is in seconds", "date_diff datediff timestampdiff age"),
        ("a time plus a number of seconds is a time", "date_add dateadd date_sub interval"),
        ("write $1 is null", "isnull is_null isna"),
        ("write $1 is not null", "isnotnull is_not_null notnull exists has defined"),
        ("write $1 == $2 ? null : $1", "nullif"),
        ("write $1 % $2", "mod fmod"),
        ("write trunc($1 / $2)", "div"),
        ("write $1 * $1 for the square", "pow power"),
        ("write integer(x), number(x) or string(x)", "cast try_cast convert"),
        ("write weekday($1), which is 1 for Monday and 7 for Sunday", "dayofweek dow day_of_week"),
        ("write split($1, $2, 0), where parts count from 0", "split_part splitbychar split_index"),
        ("write extract($1, $2[, group])", "regexp_extract regexp_substr capture"),
        ("write regex_replace($1, 'regex', 'text'), which replaces all matches", "sub replaceregexpone"),
        (
            "write contains($1, $2) to look for text, or split(s, sep, index) to take a part",
            "instr strpos position index_of indexof find locate charindex"
        ),
        ("write concat($1, $2) with the separator between the values", "concat_ws join"),
        ("write CONDITION ? VALUE : OTHER", "switch case decode"),
        ("write trim(s)", "ltrim rtrim lstrip rstrip"),
        ("write quantile($1, 0.99); a quantile is between 0 and 1", "percentile perc pct percentile_approx"),
        ("write list($1)", "string_agg group_concat listagg"),
        ("write max($1) - min($1)", "range"),
        ("write sum($1 ? $2 : null)", "sumif sum_if"),
        ("write avg($1 ? $2 : null)", "avgif avg_if averageif"),
        ("write count_if(not ($1)) == 0", "bool_and logical_and all every"),
        ("write count_if($1) > 0", "bool_or logical_or any some"),
        (
            "write -g FIELD -a 'n=count()' for counts per value, top(x, 3) for the most frequent ones",
            "count_values countby"
        ),
        (
            "write avg($1) with -w 5m",
            "avg_over_time sum_over_time min_over_time max_over_time count_over_time moving_avg"
        ),
        ("write quantile(x, 0.99) with -w 5m", "quantile_over_time"),
        (
            "there is no correlation; sums such as sum(x * y) are possible",
            "corr correlation covar covar_pop covar_samp"
        ),
        ("write quantile(x, 0.99)", "histogram_quantile quantiles approx_percentile tdigest"),
        ("write max(x) - min(x) for a counter in a window, or rate(x) per second", "increase irate"),
        ("write the condition itself, with names that have no dot in front", "select filter where map"),
        (
            "results depend only on the records, so there are no random values",
            "random rand uuid gen_random_uuid newid sample"
        ),
        ("there are no hash functions", "md5 sha1 sha256 sha512 hash crc32 xxhash hex unhex"),
        ("write from_base64($1) to decode; there is no encoder", "base64 to_base64 base64_encode"),
        ("write -g FIELD to group", "group_by groupby by"),
        ("write --select NAME=EXPR, or -a NAME=...", "alias rename"),
        ("write trunc($1 * 10) / 10 or round($1, 1)", "truncate_to"),
        ("write extract($1, 'REGEX')", "grok parse scan"),
        ("write lower(a) == lower(b)", "equals_ignore_case casefold"),
        ("write avg(CONDITION), the share of records for which it is true", "share ratio fraction"),
        ("an expression sees one record or row; it cannot look at others", "lag lead row_number rank dense_rank"),
    ])
}
