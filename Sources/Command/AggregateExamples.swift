/// An example for each aggregate, for `--help aggregates`.
enum AggregateExamples {
    /// A value of `-a`. A test parses each of them.
    static let all: [String: String] = [
        "count": "n=count()",
        "count_if": "errors=count_if(status >= 500)",
        "sum": "total=sum(price * quantity)",
        "avg": "mean=avg(ms / 1000)",
        "min": "fastest=min(ms)",
        "max": "slowest=max(ms)",
        "first": "opened=first(price)",
        "last": "closed=last(price)",
        "stddev": "spread=stddev(ms)",
        "stddev_pop": "spread=stddev_pop(ms)",
        "variance": "spread=variance(ms)",
        "skewness": "skew=skewness(ms)",
        "median": "middle=median(ms)",
        "quantile": "p99=quantile(ms, 0.99)",
        "distinct": "users=distinct(user)",
        "top": "paths=top(path, 3)",
        "mode": "usual=mode(status)",
        "min_by": "fastest=min_by(path, ms)",
        "max_by": "slowest=max_by(path, ms)",
        "first_row": "opened=first_row(price)",
        "last_row": "closed=last_row(price)",
        "latest": "latest(status, ms)",
        "list": "all=list(status)",
        "rate": "per_second=rate(bytes_total)",
        "delta": "sent=delta(bytes_total)",
        "buckets": "sizes=buckets(ms)",
    ]
}
