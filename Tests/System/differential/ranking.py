"""The order of rows (--sort, --limit, --rank): against sorting all rows in Python, and against DuckDB on real data."""

import functools
import itertools
import random

try:
    import duckdb
except ImportError:
    duckdb = None

from ..common.compare import microseconds, rank, rows_of
from ..common.places import Missing
from .duckdb_data import public
from .duckdb_windows import calendar, cumulative, hopping, tumbling, whole
from .model import Model, shape

OPTIONS = {"inputs": 150}
WINDOWS = (
    [], ["-w", "10s"], ["--hopping", "20s", "--every", "5s"], ["--cumulative", "20s", "--every", "10s"],
    ["--calendar", "hour"], ["-w", "10s", "--fill"], ["-w", "10s", "--fill-all"], ["-w", "10s", "-W", "3s"])
# Names of columns: how they are made, and whether all kinds of values occur in them.
AGGREGATES = (
    ("n", "n=count()"), ("s", "s=sum(x)"), ("lo", "lo=min(v)"), ("f", "f=first(v)"), ("d", "d=n * 2 - s"),
    ("q", "q=median(x)"), ("m", "m=mode(t2)"))
# Beginnings that are alike, and values that are equal in different spellings.
VALUES = (
    "null", "true", "false", "0", "-0.0", "1", "1.0", "2.5", "1e3", "12345678901234567890123", "-7", '""', '"a"', '"ab"',
    '"/images/a"', '"/images/b"', '"/images/ab"', '"é"', '"ab\\u0000"')


def records(source):
    lines, count = [], source.choice((1, 20, 400, 3000))
    for number in range(count):
        # Three minutes, not quite in order.
        second = min(179, number * 180 // count + source.randrange(3))
        record = {"ts": f'"2026-01-01T00:{second // 60:02}:{second % 60:02}Z"'}
        record["k"] = source.choice(VALUES)
        record["k2"] = str(source.randrange(source.choice((1, 3, 200))))
        record["x"] = str(source.randrange(4))
        record["v"] = source.choice(VALUES)
        record["t2"] = f'"{source.choice(("x", "y", "long text with one beginning " * 3))}{source.randrange(3)}"'
        lines.append("{" + ",".join(f'"{name}":{text}' for name, text in record.items()) + "}\n")
    return "".join(lines).encode()


def order_of(row, columns):
    """What sorts a row like these columns, [(name, descending)]."""
    def compare(left, right):
        for name, descending in columns:
            a, b = rank(left[name]), rank(right[name])
            if a != b:
                return -1 if (a < b) != descending else 1
        return 0
    return functools.cmp_to_key(compare)(row)


def expected(rows, columns, limit, name):
    """All rows, which are in the order of their keys, as they should have been printed."""
    found = []
    for _, group in itertools.groupby(rows, key=lambda row: (row.get("window_end"), row.get("window_start"))):
        # Sorting is stable, so equal rows stay in the order of their keys.
        group = sorted(group, key=lambda row: order_of(row, columns))[:limit]
        found += [{**row, **({name: place} if name else {})} for place, row in enumerate(group, 1)]
    return found


def random_orders(bench, number):
    source = random.Random(f"{bench.seed} {number}")
    text = records(source)
    keys = source.choice(([], ["k"], ["k2"], ["k", "k2"], ["k2", "k"]))
    shown = source.sample(AGGREGATES, source.randrange(1, 6))
    if any(name == "d" for name, _ in shown):
        shown = [AGGREGATES[0], AGGREGATES[1], *(item for item in shown if item[0] not in "nsd"), AGGREGATES[4]]
    windows = source.choice(WINDOWS)
    flags = [*(["-t", "ts"] if windows else []), *windows, *(["-g", ",".join(keys)] if keys else [])]
    for _, text_of in shown:
        flags += ["-a", text_of]
    if source.random() < 0.3:
        flags += ["--having", "count() > 1"]
    names = [*keys, *(name for name, _ in shown), *(["window_start"] if windows else [])]
    some = source.sample(names, source.randrange(0, min(3, len(names)) + 1))
    columns = [(name, source.random() < 0.6) for name in some]
    limit = source.choice((None, 1, 2, 10, 1000))
    name = source.choice((None, "place")) if columns or limit else None
    if not columns and not limit:
        return []
    if "--fill" in windows:
        # On live input, the rows of empty windows follow later.
        if not columns:
            return []
        limit = name = None
    order = (["--sort", ",".join("-" * descending + name for name, descending in columns)] if columns else [])
    order += ["--limit", str(limit)] if limit else []
    order += ["--rank", name] if name else []
    # A file, or live input.
    if windows and "-W" not in windows and ("--fill" in windows or source.random() < 0.5):
        flags += ["-W", "none"]
    plain = rows_of(bench.printed(["-q", *flags, "-"], text))
    wanted = expected(plain, columns, limit, name)
    actual = rows_of(bench.printed(["-q", *flags, *order, "-j", source.choice("124"), "-"], text))
    if actual != wanted:
        return unlike(wanted, actual, [*flags, *order])
    return []


def unlike(wanted, actual, flags):
    """The first row that differs, and the flags."""
    pairs = itertools.zip_longest(wanted, actual)
    number, (row, found) = next((number, pair) for number, pair in enumerate(pairs) if pair[0] != pair[1])
    return [f"row {number}: {found}, expected {row}", " ".join(map(str, flags))]


def many(bench, amount):
    problems = []
    for number in range(amount):
        problems += random_orders(bench, number)
    return problems[:4], f"{amount} inputs"


class Corrected(Model):
    """The rows of windows that close, printed again when a late record changes the first ones."""

    def __init__(self, kind, size, step, offset, delay, lateness, limit, order):
        """order: [(place of a value in (count, sum), descending)]."""
        super().__init__(kind, size, step, offset, delay, lateness)
        self.limit, self.order = limit, order
        # (end, start): {key: numbers}; and how often each was printed.
        self.groups, self.revisions, self.printed = {}, {}, []

    def first(self, window):
        def place(item):
            values = (len(item[1]), sum(item[1]))
            return [-values[number] if descending else values[number] for number, descending in self.order] + [item[0]]
        return sorted(self.groups[window].items(), key=place)[:self.limit]

    def print(self, window):
        revision = self.revisions.get(window, 0)
        self.revisions[window] = revision + 1
        for number, (key, numbers) in enumerate(self.first(window), 1):
            self.printed.append((window[1], window[0], key, len(numbers), sum(numbers), revision, number))

    def record(self, time, key, number):
        for end, start in sorted((end, start) for start, end in self.cover(time)):
            if self.watermark >= end + self.lateness:
                continue
            window = (end, start)
            before = [name for name, _ in self.first(window)] if window in self.groups else []
            self.groups.setdefault(window, {}).setdefault(key, []).append(number)
            if self.watermark >= end:
                if key in before or key in (name for name, _ in self.first(window)):
                    self.print(window)
                self.revisions.setdefault(window, 0)
        self.advance(time)

    def close(self, watermark):
        for window in sorted(self.groups):
            if window not in self.revisions and (watermark is None or window[0] <= watermark):
                self.print(window)


def corrections(bench, number):
    source = random.Random(f"{bench.seed} corrections {number}")
    kind = source.choice(("tumbling", "hopping", "cumulative"))
    size, step, offset, flags = shape(kind, source)
    delay, lateness, limit = source.choice((0, 1, 3)), source.choice((1, 5, 40)), source.choice((1, 1, 2, 3, 5, 20))
    order = [(place, source.random() < 0.7) for place in source.sample((0, 1), source.randrange(3))]
    model = Corrected(kind, size, step, offset, delay, lateness, limit, order)
    keys = [chr(ord("a") + number) for number in range(source.choice((2, 6, 25)))]
    lines, now = [], 0
    for _ in range(source.choice((10, 60, 400))):
        now += source.choice((0, 0, 0, 1, 3))
        time = now - source.choice((0, 0, 1, 3, 8, 20))
        # Some groups are ahead of the others.
        key, value = min(source.choice(keys), source.choice(keys)), source.randrange(-5, 6)
        lines.append(f'{{"t":{time},"k":"{key}","x":{value}}}\n')
        model.record(time, key, value)
    model.close(None)
    arguments = [
        "-q", "-t", "t", "--time-format", "s", "-W", f"{delay}s", *flags, "-g", "k", "-a", "n=count(),s=sum(x)", "--idle", "off",
        "--lateness", f"{lateness}s", "--limit", str(limit), "--rank", "place", "-j", source.choice("124"), "-"]
    if order:
        arguments += ["--sort", ",".join("-" * descending + "ns"[place] for place, descending in order)]
    actual = []
    for row in rows_of(bench.printed(arguments, "".join(lines).encode())):
        bounds = (microseconds(row[name]) // 1_000_000 for name in ("window_start", "window_end"))
        actual.append((*bounds, *(row[name] for name in ("k", "n", "s", "revision", "place"))))
    problems = unlike(model.printed, actual, [f"input {number}:", *arguments]) if actual != model.printed else []
    return problems, sum(row[5] > 0 for row in actual)


def corrected(bench, amount):
    problems, corrected = [], 0
    for number in range(amount):
        found, rows = corrections(bench, number)
        problems += found
        corrected += rows
    return problems[:4] or ([] if corrected else ["no row was corrected"]), f"{amount} inputs, {corrected} corrected rows"


class Comparison:
    def __init__(self, bench, data):
        self.bench, self.data = bench, data
        self.base = duckdb.connect()
        self.base.execute("SET threads = 2")
        self.base.execute(f"CREATE TABLE data AS {data.view}")

    def check(self, name, windows, keys, aggregates, order, sql, limit):
        self.bench.report.check(f"{self.data.name}/{name}", self.compare, windows, keys, aggregates, order, sql, limit)

    def compare(self, windows, keys, aggregates, order, sql, limit):
        """keys and aggregates: [(ours, SQL)]; order and sql: the same order in both languages."""
        window_flags, relation, zone = windows
        self.base.execute(f"SET TimeZone = '{zone}'")
        flags = [*self.data.time, *window_flags, "--sort", order, "--limit", str(limit), "--rank", "r"]
        for index, (field, _) in enumerate(keys):
            flags += ["--by", f"k{index}={field}"]
        for index, (ours, _) in enumerate(aggregates):
            flags += ["-a", f"a{index}={ours}"]
        columns = [f"{text} AS k{index}" for index, (_, text) in enumerate(keys)]
        columns += [f"{text} AS a{index}" for index, (_, text) in enumerate(aggregates)]
        ties = "".join(f", k{index} NULLS FIRST" for index in range(len(keys)))
        text = f"""
            SELECT epoch_us(ws), epoch_us(we), * EXCLUDE (ws, we) FROM (
                SELECT *, row_number() OVER (PARTITION BY ws, we ORDER BY {sql}{ties}) AS r
                FROM (SELECT ws, we, {', '.join(columns)} FROM ({relation}) GROUP BY ALL))
            WHERE r <= {limit} ORDER BY we, ws, r"""
        wanted = self.base.execute(text).fetchall()
        names = [f"k{index}" for index in range(len(keys))] + [f"a{index}" for index in range(len(aggregates))] + ["r"]
        actual = []
        for row in rows_of(self.bench.printed([*flags, self.data.path])):
            bounds = [microseconds(row[name]) if name in row else None for name in ("window_start", "window_end")]
            actual.append((*bounds, *(row[name] for name in names)))
        if not wanted:
            return ["the reference has no rows: the comparison proves nothing"]
        return (unlike(wanted, actual, flags) if actual != wanted else []), f"{len(actual)} rows"


def duckdb_comparisons(bench):
    if duckdb is None:
        raise Missing("the Python package duckdb is not installed")
    ssl, *_ = public(bench.folder)
    comparison = Comparison(bench, ssl)
    host, server, version = ("id.orig_h", "orig_h"), ("server_name", "server_name"), ("version", "version")
    count, most, least = ("count()", "count(*)"), ("max(id.orig_p)", "max(orig_p)"), ("min(id.orig_p)", "min(orig_p)")
    first = ("min(server_name)", "min(server_name)")
    by_count = ("-a0", "a0 DESC NULLS LAST")
    for name, windows in (
            ("whole input", whole()), ("tumbling 10s", tumbling("10s", 10)), ("hopping", hopping("1m", 60, "10s", 10)),
            ("cumulative", cumulative("1m", 60, "20s", 20)), ("calendar hour", calendar("hour", "Asia/Kolkata"))):
        comparison.check(f"{name}, ten busiest hosts", windows, [host], [count], *by_count, 10)
        comparison.check(f"{name}, names with ties and nulls", windows, [server], [count, most], *by_count, 3)
        comparison.check(
            f"{name}, several columns", windows, [server, version], [count, least, first],
            "-a0,a2,-a1", "a0 DESC NULLS LAST, a2 ASC NULLS FIRST, a1 DESC NULLS LAST", 7)
        comparison.check(f"{name}, by text", windows, [host, version], [first], "-a0", "a0 DESC NULLS LAST", 5)


def checks(bench):
    bench.report.check("rows are in the order of --sort, up to --limit", many, bench, bench.options.inputs)
    bench.report.check("late records change the first rows of a window", corrected, bench, bench.options.inputs)
    try:
        duckdb_comparisons(bench)
    except Missing as missing:
        bench.report.skip("comparisons with DuckDB", str(missing))
