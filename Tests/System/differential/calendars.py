"""Compares calendar windows, days and weeks of a zone, and filled gaps with Python's zoneinfo."""

import datetime
import random

from ..common.compare import microseconds, rows_of
from . import clocks

OPTIONS = {"inputs": 8}
# The same inputs in every run, unless --seed chooses others.
SEED = 1
UNITS = ("hour", "day", "week", "month", "quarter", "year")
# Lengths that are calendar windows where the zone is not UTC.
DURATIONS = {"day": "1d", "week": "1w"}
READ = ("-q", "-W", "none", "--max-ahead", "off", "-t", "ts", "--time-format", "s")


def rows(bench, lines, *arguments):
    return rows_of(bench.printed([*READ, *arguments, "-"], lines))


def bounds(row):
    return microseconds(row["window_start"]) // 10**6, microseconds(row["window_end"]) // 10**6


def windows(bench, name, amount):
    """Calendar windows, and tumbling windows of a day or a week, in a zone."""
    source, problems = random.Random(f"{bench.seed} {name}"), []
    instants = [clocks.moment(source, name) for _ in range(amount)]
    for year in (2011, 2026):
        for change in clocks.changes(name, year):
            instants += range(change - 2 * clocks.DAY, change + 2 * clocks.DAY, 1800)
    lines = "".join(f'{{"ts":{instant}}}\n' for instant in instants).encode()
    runs = [(unit, ["--calendar", unit]) for unit in UNITS]
    if clocks.zone(name) != clocks.zone("UTC"):
        runs += [(unit, ["-w", size]) for unit, size in DURATIONS.items()]
    for unit, arguments in runs:
        expected = {}
        for instant in instants:
            window = clocks.window(name, unit, instant)
            expected[window] = expected.get(window, 0) + 1
        found = {bounds(row): row["count"] for row in rows(bench, lines, "--time-zone", name, *arguments)}
        for window in sorted(set(expected) | set(found)):
            if expected.get(window) != found.get(window):
                problems.append(f"{arguments} {[clocks.printed(at * 10**6) for at in window]}: {found.get(window)}, "
                                f"expected {expected.get(window)}")
    return problems, f"{len(instants)} records"


def gaps(bench, amount):
    """--fill and --fill-all: every window between two rows, bounded."""
    source, problems = random.Random(f"{bench.seed} gaps"), []
    for number in range(amount):
        size = source.choice((1, 10, 60, 3600))
        groups = source.choice((1, 1, 3))
        now, records = source.randrange(0, 10**9), []
        for _ in range(source.randrange(1, 40)):
            records.append((now, source.randrange(groups)))
            now += source.choice((0, 1, size, size * source.randrange(1, 30)))
        if number % 20 == 0:
            # A gap just as long as the limit, or longer.
            far = records[-1][0] // size * size + size * (100_001 + source.choice((-1, 0, 1, 10**4)))
            records.append((far, source.randrange(groups)))
        shuffled = records[:]
        source.shuffle(shuffled)
        lines = "".join(f'{{"ts":{time},"g":{group},"v":{time % 7}}}\n' for time, group in shuffled).encode()
        for flag in ("--fill", "--fill-all"):
            expected = filled(records, size, flag == "--fill-all")
            keyed = ["-g", "g"] if groups > 1 else []
            found = [(bounds(row)[0], row.get("g", 0), row["count"], row["sum_v"], row["max_v"]) for row in rows(
                bench, lines, "-w", f"{size}s", *keyed, "--count", "--sum", "v", "--max", "v", flag)]
            if found != expected:
                wrong = [pair for pair in zip(found, expected) if pair[0] != pair[1]]
                problems.append(f"input {number} {flag} -w {size}s: {len(found)} rows, expected {len(expected)}; "
                                f"(found, expected): {wrong[:1]}; {records[:8]}")
    return problems, f"{amount} inputs"


def filled(records, size, everything):
    """The rows with their gaps filled: start, group, count, sum, maximum."""
    cells = {}
    for time, group in records:
        cells.setdefault((time // size * size, group), []).append(time % 7)
    starts = sorted({start for start, _ in cells})
    wanted = {key: (len(values), sum(values), max(values)) for key, values in cells.items()}

    def between(low, high):
        return range(low + size, high, size) if (high - low) // size - 1 <= 100_000 else ()

    if everything:
        seen = set()
        for index, start in enumerate(starts):
            if index:
                for empty in between(starts[index - 1], start):
                    wanted.update({(empty, group): (0, None, None) for group in seen})
            seen |= {group for at, group in cells if at == start}
            wanted.update({(start, group): (0, None, None) for group in seen if (start, group) not in cells})
    else:
        for group in {group for _, group in cells}:
            own = sorted(start for start, other in cells if other == group)
            for low, high in zip(own, own[1:]):
                wanted.update({(empty, group): (0, None, None) for empty in between(low, high)})
    return [(*key, *wanted[key]) for key in sorted(wanted)]


def filled_days(bench, name):
    """Filled calendar days of a zone over a year: the days that exist, each once."""
    year = 2011 if name in ("Pacific/Apia", "Pacific/Kwajalein") else 2026
    begin, end = (clocks.seconds(datetime.datetime(at, 1, 2, 12)) for at in (year, year + 1))
    lines = f'{{"ts":{begin}}}\n{{"ts":{end}}}\n'.encode()
    problems = []
    for unit, arguments in (("day", ["--calendar", "day"]), ("week", ["-w", "1w"]), ("hour", ["--calendar", "hour"])):
        if arguments == ["-w", "1w"] and name == "UTC":
            continue
        expected, at = [], clocks.window(name, unit, begin)
        while at[0] <= end:
            expected.append(at)
            at = clocks.window(name, unit, at[1])
        found = [bounds(row) for row in rows(bench, lines, *arguments, "--fill", "--time-zone", name)]
        wrong = [pair for pair in zip(found, expected) if pair[0] != pair[1]]
        if found != expected:
            problems.append(f"{unit}: {len(found)} rows, expected {len(expected)}; {wrong[:1]}")
    return problems, "a year of days, weeks and hours"


def checks(bench):
    check, amount = bench.report.check, bench.options.inputs
    for name in clocks.ZONES:
        check(f"windows in {name}", windows, bench, name, amount * 5)
    for name in clocks.ZONES[::3]:
        check(f"filled windows in {name}", filled_days, bench, name)
    check("gaps", gaps, bench, amount)
