"""Random queries: the flags of each, and the rows that it has by definition."""

import dataclasses
import fractions
import math
import re

from ..common.compare import rank
from ..differential import clocks, model
from ..differential.python import nearest

KINDS = ("whole", "tumbling", "hopping", "cumulative", "session", "calendar", "rows", "records")
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe")
# No watermark ever comes this far.
NEVER = 10**13
NUMERIC = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")


def number(value):
    """A value in arithmetic: an int or a fraction, None for what is not a number."""
    if isinstance(value, str) and NUMERIC.fullmatch(value):
        return int(value) if value.lstrip("-").isdigit() else fractions.Fraction(value)
    if isinstance(value, float):
        return fractions.Fraction(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def numbers(records, name):
    return [found for record in records if (found := number(record.get(name))) is not None]


def total(values):
    if not values:
        return None
    found = sum(values)
    return found if isinstance(found, int) else nearest(found)


def median(values):
    if not values:
        return None
    ordered, middle = sorted(values), fractions.Fraction(len(values) - 1, 2)
    return nearest(fractions.Fraction(ordered[math.floor(middle)] + ordered[math.ceil(middle)]) / 2)


def by_time(records, last):
    """The value of y that is not null with the earliest or latest event time, among ties the first or last to arrive."""
    found = [record for record in records if record.get("y") is not None]
    if not found:
        return None
    if last:
        return max(enumerate(found), key=lambda pair: (pair[1]["t"], pair[0]))[1]["y"]
    return min(found, key=lambda record: record["t"])["y"]


def mean(values):
    return nearest(fractions.Fraction(sum(values)) / len(values)) if values else None


# Name: expression, type of the column in a table, and the value for some records in the order of their arrival.
AGGREGATES = {
    "n": ("count()", "bigint", len),
    # A lost record and a repeated one do not cancel each other in both of these.
    "ids": ("sum(id)", "numeric", lambda records: total([record["id"] for record in records])),
    "squares": ("sum(id*id)", "numeric", lambda records: total([record["id"]**2 for record in records])),
    "s": ("sum(x)", "numeric", lambda records: total(numbers(records, "x"))),
    "a": ("avg(x)", "double precision", lambda records: mean(numbers(records, "x"))),
    "lo": ("min(y)", "numeric", lambda records: min(numbers(records, "y"), default=None)),
    "hi": ("max(y)", "numeric", lambda records: max(numbers(records, "y"), default=None)),
    "d": ("distinct(s)", "bigint", lambda records: len({record.get("s") for record in records} - {None})),
    "f": ("first(y)", "numeric", lambda records: by_time(records, False)),
    "l": ("last(y)", "numeric", lambda records: by_time(records, True)),
    "big": ("count_if(y > 20)", "bigint", lambda records: sum(value > 20 for value in numbers(records, "y"))),
    "m": ("median(y)", "double precision", lambda records: median(numbers(records, "y")))}
# These need event times, and depend on the order of arrival where times are equal.
BY_TIME = {"f", "l"}
# Name: expression, type, value.
GROUPS = {
    "k": ("k", "text", lambda record: record.get("k")),
    "g": ("g", "bigint", lambda record: record.get("g")),
    "h": ("h=g % 3", "bigint", lambda record: None if record.get("g") is None else math.fmod(record["g"], 3))}
FILTERS = {
    "y > 20": lambda record: record.get("y") is not None and record["y"] > 20,
    "k != 'b'": lambda record: record.get("k") is not None and record["k"] != "b",
    "g in (1, 2)": lambda record: record.get("g") in (1, 2),
    "s like 'a%' or s is null": lambda record: record.get("s") is None or record["s"].startswith("a"),
    "id % 7 != 0": lambda record: record["id"] % 7 != 0}


class Windows(model.Model):
    """The model of differential tests with whole records as its values, and with calendar windows."""

    def __init__(self, query):
        delay = NEVER if query.delay is None else query.delay
        super().__init__(query.kind, query.size, query.step, query.offset, delay, query.lateness)
        self.query = query

    def cover(self, time):
        if self.kind == "calendar":
            return [clocks.window(self.query.zone, self.query.unit, time)]
        return super().cover(time)

    def found(self):
        """(end, start, key) and records of each window, in the order of the rows."""
        self.close(None)
        return sorted(self.windows.items(), key=lambda item: item[0])


@dataclasses.dataclass(frozen=True)
class Query:
    """Times are seconds."""

    kind: str
    size: int = 0
    step: int = 0
    offset: int = 0
    unit: str = ""
    zone: str = "UTC"
    # How far the watermark trails; None for no watermark.
    delay: int | None = None
    lateness: int = 0
    groups: tuple = ()
    aggregates: tuple = ()
    filters: tuple = ()
    fills: bool = False
    least: int = 0

    @property
    def has_time(self):
        return self.kind not in ("whole", "rows", "records")

    @property
    def columns(self):
        if self.kind == "records":
            return ("id", "k", "y", "more")
        bounds = ("window_start", "window_end") if self.has_time else ()
        return (*self.groups, *bounds, *self.aggregates, *["revision"] * bool(self.lateness))

    def types(self):
        """The types of the columns in a table."""
        known = {"window_start": "timestamptz", "window_end": "timestamptz", "revision": "bigint", "id": "bigint",
                 "k": "text", "y": "numeric", "more": "numeric", "g": "bigint", "h": "bigint"}
        return {name: known[name] if name in known else AGGREGATES[name][1] for name in self.columns}

    @property
    def key(self):
        """The columns of the key of a row; none if rows have no key."""
        if self.kind in ("rows", "records"):
            return ()
        bounds = ()
        if self.has_time:
            bounds = ("window_start",) if self.kind in ("tumbling", "calendar") else ("window_start", "window_end")
        return (*self.groups, *bounds)

    def flags(self):
        size, step = f"{self.size}s", f"{self.step}s"
        flags = {
            "whole": [], "records": ["--select", "id,k,y,more=y+1"], "tumbling": ["-w", size],
            "hopping": ["--hopping", size, "--every", step], "cumulative": ["--cumulative", size, "--every", step],
            "session": ["--session", size], "rows": ["--rows", self.size, "--every", self.step],
            "calendar": ["--calendar", self.unit, "--time-zone", self.zone]}[self.kind]
        if self.has_time:
            flags = ["-t", "t", *flags, "-W", "none" if self.delay is None else f"{self.delay}s"]
            flags += ["--align", f"{self.offset}s"] * bool(self.offset)
            flags += ["--lateness", f"{self.lateness}s"] * bool(self.lateness)
        if self.groups:
            flags += ["-g", ",".join(GROUPS[name][0] for name in self.groups)]
        if self.aggregates:
            flags += ["-a", ",".join(f"{name}={AGGREGATES[name][0]}" for name in self.aggregates)]
        for condition in self.filters:
            flags += ["--where", condition]
        flags += ["--fill"] * self.fills + ["--having", f"n >= {self.least}"] * bool(self.least)
        return list(map(str, flags))

    def keeps(self, record):
        return all(FILTERS[condition](record) for condition in self.filters)

    def kept(self, lines):
        return [line.record for line in lines if line.record and self.keeps(line.record)]

    def answer(self, lines):
        """The rows, as tuples in the order in which they are printed, and the places of late records and of those
        without a time."""
        if self.kind == "records":
            kept = self.kept(lines)
            return [(record["id"], record.get("k"), record.get("y"), plus_one(record.get("y"))) for record in kept], [], []
        if not self.has_time:
            kept = self.kept(lines)
            return (self.last_rows(kept) if self.kind == "rows" else self.groups_of(kept)), [], []
        windows, names, timeless = Windows(self), {}, []
        for line in lines:
            if not line.record:
                continue
            keeps = self.keeps(line.record)
            if line.fate == "timeless":
                timeless += [line.place] if keeps else []
            elif keeps:
                key = self.key_of(line.record, names)
                windows.record(line.place, line.record["t"], key, (line.number, line.record))
            else:
                windows.advance(line.record["t"])
        rows = []
        for (end, start, key), records in self.filled(windows.found()):
            # Sessions that were merged are not in the order of arrival.
            ordered = [record for _, record in sorted(records, key=lambda pair: pair[0])]
            rows.append((*names[key], clocks.printed(start * 10**6), clocks.printed(end * 10**6), *self.values(ordered)))
        return self.having(rows), windows.late, timeless

    def key_of(self, record, names):
        values = tuple(whole(GROUPS[name][2](record)) for name in self.groups)
        key = tuple(map(rank, values))
        names.setdefault(key, values)
        return key

    def values(self, records):
        return tuple(AGGREGATES[name][2](records) for name in self.aggregates)

    def having(self, rows):
        if not self.least:
            return rows
        at = self.columns.index("n")
        return [row for row in rows if row[at] >= self.least]

    def groups_of(self, records):
        names, found = {}, {}
        for record in records:
            found.setdefault(self.key_of(record, names), []).append(record)
        if not self.groups and not found:
            names[()], found[()] = (), []
        return self.having([(*names[key], *self.values(found[key])) for key in sorted(found)])

    def last_rows(self, records):
        """A row over the last `size` records of a group for every `step` of them, and one for the rest."""
        names, found, rows = {}, {}, []
        for record in records:
            key = self.key_of(record, names)
            known = found.setdefault(key, [])
            known.append(record)
            if len(known) % self.step == 0:
                rows.append((*names[key], *self.values(known[max(0, len(known) - self.size):])))
        for key, known in sorted(found.items()):
            if len(known) % self.step:
                end = (len(known) // self.step + 1) * self.step
                rows.append((*names[key], *self.values(known[max(0, end - self.size):])))
        return self.having(rows)

    def filled(self, windows):
        """With --fill, also the windows without records between two of a group. They are not in the order of the rows."""
        if not self.fills:
            return windows
        found, bounds = dict(windows), {}
        for end, start, key in found:
            first, last = bounds.get(key, (start, start))
            bounds[key] = min(first, start), max(last, start)
        for key, (first, last) in bounds.items():
            at = first
            while at <= last:
                start, end = self.window(at)
                found.setdefault((end, start, key), [])
                at = end
        return sorted(found.items(), key=lambda item: item[0])

    def window(self, time):
        if self.kind == "calendar":
            return clocks.window(self.zone, self.unit, time)
        return time, time + self.size


def plus_one(value):
    return None if value is None else value + 1


def whole(value):
    """fmod gives floats."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def with_delay(query, delay):
    return dataclasses.replace(query, delay=delay)


def drawn(source, span, is_ordered, kinds, groups):
    """A random query over `span` seconds. Partitions that are read at once have no order: nothing must depend on it."""
    kind = source.choice(kinds)
    size = max(1, source.choice((1, 5, span // 50, span // 10, span // 3)) + source.randrange(-2, 3))
    step, offset, unit, zone = size, 0, "", "UTC"
    if kind == "hopping":
        step = max(1, size // source.choice((1, 2, 3, 5)), source.choice((0, 0, size + 3)))
    elif kind == "cumulative":
        step, size = max(1, size // 4), max(1, size // 4) * source.randrange(1, 5)
    elif kind == "session":
        size = source.choice((1, 3, 10))
    elif kind == "rows":
        size = source.choice((2, 5, 40))
        step = source.choice((1, size, max(1, size // 2)))
    elif kind == "calendar":
        unit, zone = source.choice(("hour", "day", "day")), source.choice(ZONES)
    if kind in ("tumbling", "hopping", "cumulative"):
        offset = source.choice((0, 0, 0, 1, -2, 7))
    has_time = kind not in ("whole", "rows", "records")
    delay = source.choice((None, 0, 1, 3, 8, 30)) if has_time and is_ordered else None
    lateness = source.choice((0, 0, 0, 2, 20)) if delay is not None else 0
    usable = [name for name in AGGREGATES if name not in BY_TIME or has_time and is_ordered]
    chosen = {"n", "ids", "squares", *source.sample(usable, source.randrange(0, 6))} if kind != "records" else ()
    aggregates = sorted(chosen, key=lambda name: (source.random(), name))
    # Not many thousands of rows without records.
    fills = kind in ("tumbling", "calendar") and lateness == 0 and size > span / 300 and source.random() < 0.25
    return Query(
        kind, size, step, offset, unit, zone, delay, lateness,
        tuple(source.sample(groups, source.choice((0, 1, 1, 2)))) if kind != "records" else (), tuple(aggregates),
        tuple(source.sample(sorted(FILTERS), source.choice((0, 0, 1, 2)))), fills,
        source.choice((0, 0, 0, 2)) if kind != "records" and not fills else 0)
