"""The comparisons with DuckDB: windows, keys, aggregates and conditions, each in both languages."""

from .duckdb_windows import calendar, cumulative, hopping, session, tumbling, whole

# How far a number may be off, relatively. By default values are equal.
AVERAGE = 1e-12  # two orders of summing doubles
DEVIATION = 1e-9  # Welford's method against exact sums
SKEW = 1e-6  # power sums in doubles, which cancel
QUANTILE = "exact up to 10000 values, then 0.5 %"
DISTINCT = "exact up to 4096 values, then four standard errors of 0.8 %"


def a(ours, sql, tolerance=0):
    """An aggregate: ours is an argument of -a, or one of the short flags with its field."""
    return ours, sql, tolerance


COUNT = a("--count", "count(*)")


def limit(aggregates, column, values):
    """The tolerance of one value. The first column is the count wherever a sketch may be used."""
    tolerance = aggregates[column][2]
    if tolerance is QUANTILE:
        return AVERAGE if values[0] <= 10_000 else 0.005
    if tolerance is DISTINCT:
        return 0 if values[column] <= 4096 else 0.032
    return tolerance


NUMBERS = [
    COUNT,
    a("--sum id.orig_p", "sum(orig_p)"),
    a("--avg id.orig_p", "avg(orig_p)", AVERAGE),
    a("--min id.orig_p", "min(orig_p)"),
    a("--max id.orig_p", "max(orig_p)"),
]
# NaN without variance, where ours is null, and rounding noise where ours is 0.
SKEWNESS = """CASE WHEN var_pop({0}) > 0 THEN
    CASE WHEN abs(skewness({0})) < 1e-9 THEN 0 ELSE skewness({0}) END END"""
SPREAD = [
    COUNT,
    a("--stddev id.orig_p", "stddev_samp(orig_p)", DEVIATION),
    a("stddev_pop(id.orig_p)", "stddev_pop(orig_p)", DEVIATION),
    a("variance(id.orig_p)", "var_samp(orig_p)", DEVIATION),
    a("skewness(id.orig_p)", SKEWNESS.format("orig_p"), SKEW),
    a("--median id.orig_p", "median(orig_p)", QUANTILE),
    a("--quantile 0.99:id.orig_p", "quantile_cont(orig_p, 0.99)", QUANTILE),
    a("quantile(id.orig_p, 0.1)", "quantile_cont(orig_p, 0.1)", QUANTILE),
    a("--distinct id.resp_h", "count(DISTINCT resp_h)", DISTINCT),
    a("--distinct id.orig_p", "count(DISTINCT orig_p)", DISTINCT),
]
FIRST_AND_LAST = [
    a("--first uid", "first(uid ORDER BY t, n) FILTER (uid IS NOT NULL)"),
    a("--last uid", "last(uid ORDER BY t, n) FILTER (uid IS NOT NULL)"),
    a("min_by(uid, id.orig_p)", "first(uid ORDER BY orig_p, t, n) FILTER (uid IS NOT NULL AND orig_p IS NOT NULL)"),
    a("max_by(uid, id.orig_p)",
      "first(uid ORDER BY orig_p DESC, t, n) FILTER (uid IS NOT NULL AND orig_p IS NOT NULL)"),
    a("--min uid", "min(uid)"),
    a("--max uid", "max(uid)"),
]


def ssl_comparisons(run_one, ssl):
    port, host, version = ("id.resp_p", "resp_p"), ("id.orig_h", "orig_h"), ("version", "version")
    for text, seconds in [("1s", 1), ("7s", 7), ("1m", 60), ("1h", 3600), ("1d", 86400), ("1w", 604800)]:
        run_one(f"tumbling {text} by port", ssl, tumbling(text, seconds), [port], NUMBERS)
    run_one("tumbling 100ms", ssl, tumbling("100ms", 0.1), [], NUMBERS)
    run_one("tumbling 250us by version", ssl, tumbling("250us", 0.00025), [version], [COUNT])
    run_one("tumbling 30s aligned 7s by host", ssl, tumbling("30s", 30, "7s", 7), [host], NUMBERS)
    run_one("tumbling 1h aligned -20m", ssl, tumbling("1h", 3600, "-20m", -1200), [], NUMBERS)
    run_one("tumbling 10s by three keys", ssl, tumbling("10s", 10), [host, port, version], NUMBERS)
    run_one("tumbling 1m by boolean", ssl, tumbling("1m", 60), [("established", "established")], NUMBERS)
    run_one("whole input by host", ssl, whole(), [host], NUMBERS)
    run_one("whole input", ssl, whole(), [], NUMBERS + [a("count(version)", "count(version)")])
    run_one("spread 1m by version", ssl, tumbling("1m", 60), [version], SPREAD)
    run_one("spread 5s", ssl, tumbling("5s", 5), [], SPREAD)
    run_one("spread whole input by port", ssl, whole(), [port], SPREAD)
    run_one("first and last 10s by host", ssl, tumbling("10s", 10), [host], FIRST_AND_LAST)
    run_one("first and last whole input by cipher", ssl, whole(), [("cipher", "cipher")], FIRST_AND_LAST)
    run_one("conditions 1m by host", ssl, tumbling("1m", 60), [host], [
        a("count_if(version = 'TLSv12')", "count(*) FILTER (version = 'TLSv12')"),
        a("count_if(established and not resumed)", "count(*) FILTER (established AND NOT resumed)"),
        a("sum(id.orig_p * id.resp_p)", "sum(orig_p * resp_p)"),
        a("avg(id.orig_p / 7)", "avg(orig_p / 7)", AVERAGE),
        a("sum(id.orig_p % 10)", "sum(orig_p % 10)"),
        a("max(length(server_name))", "max(length(server_name))"),
        a("min(lower(server_name))", "min(lower(server_name))"),
        a("--distinct server_name", "count(DISTINCT server_name)", DISTINCT),
        a("list(curve)", "list(curve ORDER BY t, n) FILTER (curve IS NOT NULL)"),
    ])
    run_one("key from an expression", ssl, tumbling("1m", 60), [("net", "split_part(orig_h, '.', 2)")], NUMBERS,
            extra=["--let", "net=split(id.orig_h, '.', 1)"])
    for index, (ours, sql) in enumerate([
        ("id.resp_p == 443", "resp_p = 443"),
        ("version != 'SSLv3' and id.orig_p >= 40000", "version <> 'SSLv3' AND orig_p >= 40000"),
        ("version is null or not established", "version IS NULL OR NOT established"),
        ("server_name ~ 'google[.]com$'", "regexp_matches(server_name, 'google[.]com$')"),
        ("version in ('TLSv10', 'TLSv11')", "version IN ('TLSv10', 'TLSv11')"),
        ("starts_with(id.orig_h, '10.47.') and id.resp_p * 2 > 100",
         "starts_with(orig_h, '10.47.') AND resp_p * 2 > 100"),
    ]):
        run_one(f"where {index + 1}", ssl, tumbling("20s", 20), [port, version], NUMBERS, where=(ours, sql))
    run_one("having", ssl, tumbling("10s", 10), [host], NUMBERS,
            having=("count > 20 and a3 < 35000", "count(*) > 20 AND min(orig_p) < 35000"))
    run_one("hopping 1m every 10s by version", ssl, hopping("1m", 60, "10s", 10), [version], NUMBERS)
    run_one("hopping 25s every 10s by port", ssl, hopping("25s", 25, "10s", 10), [port], NUMBERS)
    run_one("hopping 2s every 5s by host", ssl, hopping("2s", 2, "5s", 5), [host], NUMBERS)
    run_one("hopping spread 30s every 15s", ssl, hopping("30s", 30, "15s", 15), [version], SPREAD)
    run_one("hopping first and last 30s every 20s", ssl, hopping("30s", 30, "20s", 20), [host], FIRST_AND_LAST)
    run_one("cumulative 1m every 10s by version", ssl, cumulative("1m", 60, "10s", 10), [version], NUMBERS)
    run_one("cumulative spread 5m every 1m", ssl, cumulative("5m", 300, "1m", 60), [port], SPREAD)
    run_one("session 1s by host", ssl, session("1s", 1, "orig_h"), [host], NUMBERS)
    run_one("session 300ms by port", ssl, session("300ms", 0.3, "resp_p"), [port], SPREAD)
    run_one("session 2s first and last by version", ssl, session("2s", 2, "version"), [version], FIRST_AND_LAST)
    run_one("session 20ms", ssl, session("20ms", 0.02, "1"), [], NUMBERS)
    run_one("calendar hour", ssl, calendar("hour", "Asia/Kolkata"), [port], NUMBERS)
    run_one("calendar day with midnight at 17:30Z", ssl, calendar("day", "Asia/Yangon"), [port], NUMBERS)
    run_one("top 1m by host", ssl, tumbling("1m", 60), [host], [a("--top 3:id.resp_h", "")], sql=TOP)
    run_one("fill 2s by version", ssl, tumbling("2s", 2), [version], NUMBERS[:2] + [NUMBERS[4]], extra=["--fill"],
            sql=FILL)


TOP = """
    SELECT orig_h, epoch_us(ws), epoch_us(we), list(resp_h ORDER BY c DESC, resp_h) FROM
      (SELECT *, row_number() OVER (PARTITION BY orig_h, ws ORDER BY c DESC, resp_h) AS position FROM
        (SELECT orig_h, resp_h, time_bucket(INTERVAL 1 minute, t) AS ws, ws + INTERVAL 1 minute AS we, count(*) AS c
         FROM data GROUP BY ALL))
    WHERE position <= 3 GROUP BY orig_h, ws, we"""
FILL = """
    SELECT spans.version, b, b + 2000000, count(orig_p), sum(orig_p), max(orig_p)
    FROM (SELECT version, unnest(range(min(epoch_us(t)) // 2000000, max(epoch_us(t)) // 2000000 + 1)) * 2000000 AS b
          FROM data GROUP BY version) AS spans
    LEFT JOIN data ON data.version IS NOT DISTINCT FROM spans.version AND epoch_us(t) // 2000000 * 2000000 = b
    GROUP BY ALL"""


def weird_comparisons(run_one, weird):
    name, source, host = ("name", "name"), ("source", "source"), ("id.orig_h", "orig_h")
    for text, seconds in [("500ms", 0.5), ("10s", 10), ("15m", 900)]:
        run_one(f"tumbling {text} by name", weird, tumbling(text, seconds), [name], NUMBERS)
    run_one("tumbling 1m by source and host", weird, tumbling("1m", 60), [source, host], NUMBERS + FIRST_AND_LAST)
    run_one("spread 2m by name", weird, tumbling("2m", 120), [name], SPREAD)
    run_one("hopping 40s every 20s by name", weird, hopping("40s", 40, "20s", 20), [name], SPREAD)
    run_one("cumulative 2m every 20s by source", weird, cumulative("2m", 120, "20s", 20), [source], NUMBERS)
    run_one("session 3s by name", weird, session("3s", 3, "name"), [name], NUMBERS)
    run_one("whole input by notice", weird, whole(), [("notice", "notice")], NUMBERS + FIRST_AND_LAST)
    run_one("where without id", weird, tumbling("1m", 60), [name], NUMBERS,
            where=("addl is not null or id.orig_h is null", "addl IS NOT NULL OR orig_h IS NULL"))


def nginx_comparisons(run_one, nginx):
    active = [
        COUNT,
        a("--sum connections.active", "sum(active)"),
        a("--avg connections.active", "avg(active)", AVERAGE),
        a("--min connections.active", "min(active)"),
        a("--max connections.active", "max(active)"),
        a("--distinct connections.active", "count(DISTINCT active)"),
        a("--median connections.idle", "median(idle)", QUANTILE),
        a("--stddev connections.idle", "stddev_samp(idle)", DEVIATION),
    ]
    peers = [
        COUNT,
        a('--sum upstreams."trac-backend".peers[0].requests', "sum(trac)"),
        a('--avg upstreams."trac-backend".peers[0].requests', "avg(trac)", AVERAGE),
        a('--max upstreams."hg-backend".peers[0].received', "max(hg_received)"),
        a('--stddev upstreams."hg-backend".peers[0].received', "stddev_samp(hg_received)", DEVIATION),
        a('--sum server_zones."hg.nginx.org".sent', "sum(hg_sent)"),
        a('--sum stream.upstreams.postgresql_backends.peers[2].sent', "sum(pg_sent)"),
        a('--first upstreams."trac-backend".peers[1].state', "first(state ORDER BY t, n)"),
        a('--sum upstreams."trac-backend".peers[9].requests', "sum(missing)"),
        a('--max caches.http_cache.hit.bytes', "max(hit_bytes)"),
        a("delta(connections.accepted)",
          "CASE WHEN count(accepted) > 1 THEN last(accepted ORDER BY t, n) - first(accepted ORDER BY t, n) END"),
    ]
    for text, seconds in [("10s", 10), ("1m", 60), ("10m", 600), ("1d", 86400)]:
        run_one(f"tumbling {text}", nginx, tumbling(text, seconds), [], active)
        run_one(f"peers {text}", nginx, tumbling(text, seconds), [], peers)
    run_one("tumbling 5m by requests.current", nginx, tumbling("5m", 300), [("requests.current", "current")], active)
    run_one("tumbling 5m by a peer's state", nginx, tumbling("5m", 300),
            [('upstreams."lxr-backend".peers[1].state', "lxr_state"), ("address", "address")], peers)
    run_one("hopping 3m every 1m", nginx, hopping("3m", 180, "1m", 60), [], peers)
    run_one("session 5500ms", nginx, session("5500ms", 5.5, "1"), [], active)
    run_one("calendar day", nginx, calendar("day", "UTC"), [], peers)
    run_one("calendar month with midnight at 00:00Z", nginx, calendar("month", "UTC"), [], active)
    run_one("where", nginx, tumbling("5m", 300), [], peers,
            where=('connections.active > requests.current and upstreams."trac-backend".peers[0].active == 0',
                   "active > current AND trac_active = 0"))
    run_one("rate 2m", nginx, tumbling("2m", 120), [], [a("rate(requests.total)", "", AVERAGE)], sql=RATE)


RATE = """
    SELECT epoch_us(ws), epoch_us(ws + INTERVAL 2 minute), (last(total ORDER BY t) - first(total ORDER BY t))
           / ((epoch_us(max(t)) - epoch_us(min(t))) / 1000000)
    FROM (SELECT *, time_bucket(INTERVAL 2 minute, t) AS ws FROM data) GROUP BY ws"""


def calendar_comparisons(run_one, old, long):
    """zeek_ssl stretched to 294 days: around 1970, and over both changes to and from summer time."""
    port = ("p", "p")
    columns = [COUNT, a("--sum x", "sum(x)"), a("--min x", "min(x)"), a("--avg x", "avg(x)", AVERAGE)]
    for text, seconds in [("1d", 86400), ("7h", 25200), ("1w", 604800)]:
        run_one(f"tumbling {text}", old, tumbling(text, seconds), [port], columns)
    run_one("hopping 3d every 1d", old, hopping("3d", 259200, "1d", 86400), [], columns)
    run_one("session 30m by port", old, session("30m", 1800, "p"), [port], columns)
    for unit in ("hour", "day", "week", "month", "quarter", "year"):
        run_one(f"calendar {unit}", old, calendar(unit, "UTC"), [port], columns)
        run_one(f"calendar {unit}", long, calendar(unit, "UTC"), [port], columns)
    for zone in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia",
                 "America/Santiago"):
        for unit in ("day", "week", "month", "quarter", "year"):
            run_one(f"calendar {unit} in {zone}", long, calendar(unit, zone), [port], columns)
    run_one("calendar day in America/New_York", old, calendar("day", "America/New_York"), [port], columns)
