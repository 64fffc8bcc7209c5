#!/usr/bin/env python3
"""Compares streamctl's rows with DuckDB's over real data. Both read the same bytes, each with its own JSON reader.

usage: against_duckdb.py STREAMCTL        (or $STREAMCTL; needs the Python package duckdb)

Prints one line for each comparison; the last line counts them. Exit status 1 if any failed.
"""

import datetime
import gzip
import json
import pathlib
import tempfile

import duckdb

from common import MICROSECOND, Report, data_set, differences, microseconds, rank, run, streamctl

# How far a number may be off, relatively. Where nothing is named, values are equal.
AVERAGE = 1e-12  # two orders of summing doubles
DEVIATION = 1e-9  # Welford's method against exact sums
QUANTILE = "exact up to 1024 values, then 0.5 %"
DISTINCT = "exact up to 4096 values, then four standard errors of 0.8 %"


class Data:
    """A file, how streamctl finds the time in it, and DuckDB's view of it.

    The view has the columns t (TIMESTAMPTZ) and n (place in the file), and those that the comparisons use.
    """

    def __init__(self, name, path, time, view):
        self.name = name
        self.path = path
        self.time = time
        self.view = view


def a(ours, sql, tolerance=0):
    """An aggregate: ours is an argument of -a, or one of the short flags with its field."""
    return ours, sql, tolerance


COUNT = a("--count", "count(*)")


# Windows: streamctl's flags, DuckDB's relation with the columns ws and we added, and DuckDB's time zone.


def whole():
    return [], "SELECT *, NULL::TIMESTAMPTZ AS ws, NULL::TIMESTAMPTZ AS we FROM data", "UTC"


def interval(seconds):
    return f"to_microseconds({round(seconds * 1_000_000)})"


def tumbling(text, seconds, align=None, align_seconds=0.0):
    flags = ["--tumbling", text] + (["--align", align] if align else [])
    start = f"time_bucket({interval(seconds)}, t, TIMESTAMPTZ '1970-01-01 00:00:00Z' + {interval(align_seconds)})"
    return flags, f"SELECT *, {start} AS ws, ws + {interval(seconds)} AS we FROM data", "UTC"


def hopping(size, size_seconds, every, every_seconds):
    starts = f"""
        SELECT make_timestamptz(s * {round(every_seconds * 1_000_000)}) AS ws
        FROM range((SELECT (epoch_us(min(t)) - {round(size_seconds * 1_000_000)})
                           // {round(every_seconds * 1_000_000)} - 2 FROM data),
                   (SELECT epoch_us(max(t)) // {round(every_seconds * 1_000_000)} + 2 FROM data)) AS r(s)"""
    sql = f"""
        SELECT data.*, ws, ws + {interval(size_seconds)} AS we FROM data
        JOIN ({starts}) AS starts ON ws <= t AND t < ws + {interval(size_seconds)}"""
    return ["--hopping", size, "--every", every], sql, "UTC"


def cumulative(most, most_seconds, every, every_seconds):
    start = f"time_bucket({interval(most_seconds)}, t, TIMESTAMPTZ '1970-01-01 00:00:00Z')"
    sql = f"""
        SELECT * FROM (SELECT data.*, {start} AS ws, ws + i * {interval(every_seconds)} AS we
                       FROM data, range(1, {round(most_seconds / every_seconds) + 1}) AS steps(i))
        WHERE t < we"""
    return ["--cumulative", most, "--every", every], sql, "UTC"


def session(gap, seconds, key):
    """Gaps and islands; key is the SQL of the group."""
    sql = f"""
        SELECT *, min(t) OVER island AS ws, max(t) OVER island + {interval(seconds)} AS we FROM
          (SELECT *, sum(CASE WHEN t - before <= {interval(seconds)} THEN 0 ELSE 1 END)
                       OVER (PARTITION BY {key} ORDER BY t, n ROWS UNBOUNDED PRECEDING) AS session_number FROM
            (SELECT *, lag(t) OVER (PARTITION BY {key} ORDER BY t, n) AS before FROM data))
        WINDOW island AS (PARTITION BY {key}, session_number)"""
    return ["--session", gap], sql, "UTC"


def calendar(unit, zone):
    sql = f"SELECT *, date_trunc('{unit}', t) AS ws, ws + INTERVAL 1 {unit} AS we FROM data"
    return ["--calendar", unit, "--time-zone", zone], sql, zone


class Comparison:
    def __init__(self, binary, report):
        self.binary = binary
        self.report = report
        self.base = duckdb.connect()
        self.base.execute("SET threads = 2")
        self.view = None

    def use(self, data):
        if self.view != data.name:
            self.base.execute("DROP VIEW IF EXISTS data")
            self.base.execute("DROP TABLE IF EXISTS loaded")
            self.base.execute("SET TimeZone = 'UTC'")
            self.base.execute(f"CREATE TABLE loaded AS {data.view}")
            self.base.execute("CREATE VIEW data AS SELECT * FROM loaded")
            self.view = data.name

    def check(self, name, data, windows, keys, aggregates, where=None, having=None, extra=(), sql=None):
        """keys: [(field, SQL)]; where and having: (expression, SQL). sql replaces the whole reference query."""
        name = f"{data.name}/{name}"
        window_flags, relation, zone = windows
        self.use(data)
        self.base.execute(f"SET TimeZone = '{zone}'")

        flags = [*data.time, *window_flags, *extra]
        for index, (field, _) in enumerate(keys):
            flags += ["--by", f"k{index}={field}"]
        for index, (ours, _, _) in enumerate(aggregates):
            if ours.startswith("--"):
                flag, _, field = ours.partition(" ")
                flags += [flag] + ([f"a{index}={field}"] if field else [])
            else:
                flags += ["-a", f"a{index}={ours}"]
        if where:
            flags += ["--where", where[0]]
        if having:
            flags += ["--having", having[0]]

        if sql is None:
            groups = ", ".join(text for _, text in keys)
            columns = ", ".join(filter(None, [groups, "epoch_us(ws)", "epoch_us(we)"]))
            sql = f"""
                SELECT {columns}, {', '.join(text for _, text, _ in aggregates)}
                FROM ({relation}) {'WHERE ' + where[1] if where else ''}
                GROUP BY {', '.join(filter(None, [groups, 'ws', 'we']))}
                {'HAVING ' + having[1] if having else ''}"""
        try:
            width = len(keys) + 2
            expected = [(row[:width], row[width:]) for row in self.base.execute(sql).fetchall()]
            rows, _ = run(self.binary, [*flags, data.path])
            actual = [self.split(row, len(keys), aggregates) for row in rows]
        except (RuntimeError, KeyError, duckdb.Error) as error:
            self.report.fail(name, [f"{type(error).__name__}: {error}", " ".join(map(str, flags))])
            return
        problems = differences(expected, actual, lambda column, values: limit(aggregates, column, values))
        order = [(key[-1] or 0, key[-2] or 0, *map(rank, key[:-2])) for key, _ in actual]
        if order != sorted(order):
            problems.append("the rows are not ordered by window end, window start, key")
        if not expected:
            problems.append("the reference has no rows: the comparison says nothing")
        if problems:
            problems.append(" ".join(map(str, flags)))
        self.report.judge(name, problems, f"rows={len(actual)} columns={len(aggregates)}")

    @staticmethod
    def split(row, keys, aggregates):
        bounds = [microseconds(row[name]) if name in row else None for name in ("window_start", "window_end")]
        names = ["count" if ours == "--count" else f"a{i}" for i, (ours, _, _) in enumerate(aggregates)]
        return (*(row[f"k{i}"] for i in range(keys)), *bounds), tuple(row[name] for name in names)


def limit(aggregates, column, values):
    """The tolerance of one value. The first column is the count wherever a sketch may answer."""
    tolerance = aggregates[column][2]
    if tolerance is QUANTILE:
        return AVERAGE if values[0] <= 1024 else 0.005
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
SPREAD = [
    COUNT,
    a("--stddev id.orig_p", "stddev_samp(orig_p)", DEVIATION),
    a("stddev_pop(id.orig_p)", "stddev_pop(orig_p)", DEVIATION),
    a("variance(id.orig_p)", "var_samp(orig_p)", DEVIATION),
    a("--median id.orig_p", "median(orig_p)", QUANTILE),
    a("--quantile 0.99:id.orig_p", "quantile_cont(orig_p, 0.99)", QUANTILE),
    a("quantile(id.orig_p, 0.1)", "quantile_cont(orig_p, 0.1)", QUANTILE),
    a("--distinct id.resp_h", "count(DISTINCT resp_h)", DISTINCT),
    a("--distinct id.orig_p", "count(DISTINCT orig_p)", DISTINCT),
]
PLACES = [
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
    run_one("places 10s by host", ssl, tumbling("10s", 10), [host], PLACES)
    run_one("places whole input by cipher", ssl, whole(), [("cipher", "cipher")], PLACES)
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
        ("starts_with(id.orig_h, '10.47.') and id.resp_p * 2 > 100", "starts_with(orig_h, '10.47.') AND resp_p*2 > 100"),
    ]):
        run_one(f"where {index + 1}", ssl, tumbling("20s", 20), [port, version], NUMBERS, where=(ours, sql))
    run_one("having", ssl, tumbling("10s", 10), [host], NUMBERS,
            having=("count > 20 and a3 < 35000", "count(*) > 20 AND min(orig_p) < 35000"))
    run_one("hopping 1m every 10s by version", ssl, hopping("1m", 60, "10s", 10), [version], NUMBERS)
    run_one("hopping 25s every 10s by port", ssl, hopping("25s", 25, "10s", 10), [port], NUMBERS)
    run_one("hopping 2s every 5s by host", ssl, hopping("2s", 2, "5s", 5), [host], NUMBERS)
    run_one("hopping spread 30s every 15s", ssl, hopping("30s", 30, "15s", 15), [version], SPREAD)
    run_one("hopping places 30s every 20s", ssl, hopping("30s", 30, "20s", 20), [host], PLACES)
    run_one("cumulative 1m every 10s by version", ssl, cumulative("1m", 60, "10s", 10), [version], NUMBERS)
    run_one("cumulative spread 5m every 1m", ssl, cumulative("5m", 300, "1m", 60), [port], SPREAD)
    run_one("session 1s by host", ssl, session("1s", 1, "orig_h"), [host], NUMBERS)
    run_one("session 300ms by port", ssl, session("300ms", 0.3, "resp_p"), [port], SPREAD)
    run_one("session 2s places by version", ssl, session("2s", 2, "version"), [version], PLACES)
    run_one("session 20ms", ssl, session("20ms", 0.02, "1"), [], NUMBERS)
    run_one("calendar hour", ssl, calendar("hour", "Asia/Kolkata"), [port], NUMBERS)
    run_one("calendar day with midnight at 17:30Z", ssl, calendar("day", "Asia/Yangon"), [port], NUMBERS)
    run_one("top 1m by host", ssl, tumbling("1m", 60), [host], [a("--top 3:id.resp_h", "")], sql=TOP)
    run_one("fill 2s by version", ssl, tumbling("2s", 2), [version], NUMBERS[:2] + [NUMBERS[4]], extra=["--fill"],
            sql=FILL)


TOP = """
    SELECT orig_h, epoch_us(ws), epoch_us(we), list(resp_h ORDER BY c DESC, resp_h) FROM
      (SELECT *, row_number() OVER (PARTITION BY orig_h, ws ORDER BY c DESC, resp_h) AS place FROM
        (SELECT orig_h, resp_h, time_bucket(INTERVAL 1 minute, t) AS ws, ws + INTERVAL 1 minute AS we, count(*) AS c
         FROM data GROUP BY ALL))
    WHERE place <= 3 GROUP BY orig_h, ws, we"""
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
    run_one("tumbling 1m by source and host", weird, tumbling("1m", 60), [source, host], NUMBERS + PLACES)
    run_one("spread 2m by name", weird, tumbling("2m", 120), [name], SPREAD)
    run_one("hopping 40s every 20s by name", weird, hopping("40s", 40, "20s", 20), [name], SPREAD)
    run_one("cumulative 2m every 20s by source", weird, cumulative("2m", 120, "20s", 20), [source], NUMBERS)
    run_one("session 3s by name", weird, session("3s", 3, "name"), [name], NUMBERS)
    run_one("whole input by notice", weird, whole(), [("notice", "notice")], NUMBERS + PLACES)
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


def stretch(source, folder):
    """Two made files: epoch microseconds around 1970, and RFC 3339 with changing offsets around 2024-02-29."""
    first = datetime.datetime(2018, 3, 24, 17, 25, 55, tzinfo=datetime.timezone.utc)
    centre = datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)
    with gzip.open(source, "rt") as lines, open(folder / "old.jsonl", "w") as old, \
            open(folder / "long.jsonl", "w") as long:
        for number, line in enumerate(lines):
            record = json.loads(line)
            moment = datetime.datetime.strptime(record["ts"], "%Y-%m-%dT%H:%M:%S.%fZ")
            away = (moment.replace(tzinfo=datetime.timezone.utc) - first) // MICROSECOND * 20_000
            values = f'"p":{record["id.resp_p"]},"x":{record["id.orig_p"] / 8!r}}}\n'
            old.write(f'{{"t":{away},{values}')
            hours = number % 25 - 12
            zone = datetime.timezone(datetime.timedelta(hours=hours, minutes=30 if hours > 0 else 0))
            long.write(f'{{"t":"{(centre + away * MICROSECOND).astimezone(zone).isoformat()}",{values}')
    view = """
        SELECT row_number() OVER () AS n, {time} AS t, p, x FROM read_json('{path}', format = 'newline_delimited',
            columns = {{t: '{kind}', p: 'BIGINT', x: 'DOUBLE'}})"""
    return (
        Data("around 1970", folder / "old.jsonl", ["-t", "t", "--time-format", "us"],
             view.format(time="make_timestamptz(t)", path=folder / "old.jsonl", kind="BIGINT")),
        Data("stretched", folder / "long.jsonl", ["-t", "t"],
             view.format(time="t::TIMESTAMPTZ", path=folder / "long.jsonl", kind="VARCHAR")))


def unpacked(name, folder):
    packed = data_set(name)
    path = folder / packed.stem
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    return path


def zeek(name, path, columns):
    types = ", ".join(f"'{column}': '{kind}'" for column, (_, kind) in columns.items())
    chosen = ", ".join(f'"{column}" AS {alias}' for column, (alias, _) in columns.items())
    return Data(name, path, ["-t", "ts"], f"""
        SELECT row_number() OVER () AS n, ts::TIMESTAMPTZ AS t, {chosen}
        FROM read_json('{path}', format = 'newline_delimited', columns = {{'ts': 'VARCHAR', {types}}})""")


NGINX = {
    "active": "$.connections.active", "idle": "$.connections.idle", "accepted": "$.connections.accepted",
    "current": "$.requests.current", "total": "$.requests.total", "trac": '$.upstreams."trac-backend".peers[0].requests',
    "trac_active": '$.upstreams."trac-backend".peers[0].active',
    "missing": '$.upstreams."trac-backend".peers[9].requests',
    "hg_received": '$.upstreams."hg-backend".peers[0].received', "hg_sent": '$.server_zones."hg.nginx.org".sent',
    "pg_sent": "$.stream.upstreams.postgresql_backends.peers[2].sent", "hit_bytes": "$.caches.http_cache.hit.bytes",
}
NGINX_TEXT = {
    "state": '$.upstreams."trac-backend".peers[1].state', "lxr_state": '$.upstreams."lxr-backend".peers[1].state',
    "address": "$.address",
}


def nginx_data(path):
    numbers = ", ".join(f"json_extract(json, '{at}')::BIGINT AS {name}" for name, at in NGINX.items())
    texts = ", ".join(f"json_extract_string(json, '{at}') AS {name}" for name, at in NGINX_TEXT.items())
    return Data("nginxplus", path, ["-t", "timestamp"], f"""
        SELECT row_number() OVER () AS n, make_timestamptz(json_extract(json, '$.timestamp')::BIGINT * 1000) AS t,
               {numbers}, {texts} FROM read_ndjson_objects('{path}')""")


def main():
    binary = streamctl()
    report = Report()
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        ids = {"uid": ("uid", "VARCHAR"), "id.orig_h": ("orig_h", "VARCHAR"), "id.orig_p": ("orig_p", "BIGINT"),
               "id.resp_h": ("resp_h", "VARCHAR"), "id.resp_p": ("resp_p", "BIGINT")}
        ssl = zeek("zeek_ssl", unpacked("zeek_ssl.jsonl.gz", folder), ids | {
            "version": ("version", "VARCHAR"), "cipher": ("cipher", "VARCHAR"), "curve": ("curve", "VARCHAR"),
            "server_name": ("server_name", "VARCHAR"), "established": ("established", "BOOLEAN"),
            "resumed": ("resumed", "BOOLEAN")})
        weird = zeek("zeek_weird", unpacked("zeek_weird.jsonl.gz", folder), ids | {
            "name": ("name", "VARCHAR"), "source": ("source", "VARCHAR"), "addl": ("addl", "VARCHAR"),
            "notice": ("notice", "BOOLEAN")})
        nginx = nginx_data(unpacked("nginxplus.jsonl.gz", folder))
        comparison = Comparison(binary, report)
        ssl_comparisons(comparison.check, ssl)
        weird_comparisons(comparison.check, weird)
        nginx_comparisons(comparison.check, nginx)
        calendar_comparisons(comparison.check, *stretch(data_set("zeek_ssl.jsonl.gz"), folder))
    report.finish()


if __name__ == "__main__":
    main()
