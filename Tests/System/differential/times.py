"""Compares how streamctl reads times and cuts windows with Python's zoneinfo: forms, zones, units, years left out, gaps."""

import datetime
import os
import random
import re

from ..common.compare import microseconds, rows_of
from . import clocks

OPTIONS = {"inputs": 40}
# The same inputs in every run, unless --seed chooses others.
SEED = 1
UNITS = ("hour", "day", "week", "month", "quarter", "year")
HALF_UNITS = {"day": "1d", "week": "1w"}


def moment(source, name):
    """Seconds since 1970, often within hours of a change of the clocks."""
    year = source.randrange(1971, 2100)
    found = clocks.changes(name, year)
    if found and source.random() < 0.7:
        return source.choice(found) + source.choice((-1, 0, 1, source.randrange(-3 * 3600, 3 * 3600),
                                                     source.randrange(-3 * clocks.DAY, 3 * clocks.DAY)))
    return clocks.seconds(datetime.datetime(year, 1, 1)) + source.randrange(365 * clocks.DAY)


def compared(expected, rows, column):
    """Problems where the values of rows, by their number i, are not the expected ones: [(input, value)]."""
    found = {row["i"]: row[column] for row in rows}
    return [f"{text}: {found.get(i)}, expected {wanted}" for i, (text, wanted) in enumerate(expected)
            if found.get(i) != wanted]


def printed(micros):
    """A time as rows show it."""
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=micros)
    digits = f"{moment.microsecond:06}"
    part = f".{digits if digits[3:] != '000' else digits[:3]}" if moment.microsecond else ""
    return f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}{part}Z"


def read(bench, expected, *arguments):
    """Reads values as times, in an expression and as event times. expected: [(JSON value, microseconds or None)]."""
    lines = "".join(f'{{"ts":{text},"i":{i}}}\n' for i, (text, _) in enumerate(expected)).encode()
    shown = [(text, None if wanted is None else printed(wanted)) for text, wanted in expected]
    rows = rows_of(bench.printed(["-q", *arguments, "--select", "i,t=time(ts)", "-"], lines))
    problems = compared(shown, rows, "t")
    starts = [(text, None if wanted is None else printed(wanted // 1000 * 1000)) for text, wanted in expected]
    # Some have no usable time.
    outcome = bench.run(["-q", "-W", "none", "--max-ahead", "off", "-t", "ts", "-w", "1ms", "-g", "i", *arguments, "-"],
                        stdin=lines)
    return problems + compared(starts, rows_of(outcome.out), "window_start")


def forms(bench, name, amount):
    """Texts of all forms, with all zones and with none."""
    source, expected = random.Random(f"{bench.seed} {name}"), []
    for _ in range(amount):
        micros = source.choice((0, 0, 123_000, 500_000, source.randrange(1_000_000)))
        instant = moment(source, name)
        if source.random() < 0.5:
            shift = source.choice((0, 0, 3600, -3600, 19_800, -12_600, 45_900, -34_200, 50_400, -43_200))
            reading = clocks.EPOCH + datetime.timedelta(seconds=instant + shift, microseconds=micros)
            expected.append((clocks.text(source, reading, clocks.mark(source, shift)), instant * 1_000_000 + micros))
        else:
            reading = clocks.local(name, instant)
            if source.random() < 0.2:
                # A reading that may be skipped.
                reading += datetime.timedelta(seconds=source.choice((-3600, 3600, -1800, 1800)))
            begin = clocks.first(name, reading)
            exists = clocks.local(name, begin) == reading
            text = clocks.text(source, reading.replace(microsecond=micros), "")
            expected.append((text, begin * 1_000_000 + (micros if exists else 0)))
    return read(bench, expected, "--time-zone", name), f"{amount} texts"


def abbreviations(bench):
    """Names of zones behind a time: those of --time-zone."""
    problems, total = [], 0
    for name, pairs in (("Europe/Berlin", (("CET", 3600), ("CEST", 7200))),
                        ("America/New_York", (("EST", -18000), ("EDT", -14400))),
                        ("Australia/Sydney", (("AEST", 36000), ("AEDT", 39600))),
                        ("Asia/Kolkata", (("IST", 19800),)), ("America/St_Johns", (("NST", -12600), ("NDT", -9000)))):
        expected = []
        for word, shift in pairs:
            for reading in (datetime.datetime(2026, 2, 3, 7, 8, 9), datetime.datetime(2026, 7, 3, 23, 0, 1)):
                wanted = (clocks.seconds(reading) - shift) * 1_000_000
                expected += [(f'"{reading} {word}"', wanted), (f'"{reading:%a %b %e %H:%M:%S} {word} 2026"', wanted),
                             (f'"{reading:%a, %d %b %Y %H:%M:%S} {word}"', wanted), (f'"{reading} XQZ"', None)]
        total += len(expected)
        problems += read(bench, expected, "--time-zone", name)
    return problems, f"{total} texts"


def epoch(number):
    """The unit of a number by its size; microseconds since 1970, cut towards the past."""
    whole = abs(int(number))
    scale = 10**6 if whole < 10**11 else 10**3 if whole < 10**14 else 1 if whole < 10**17 else None
    return number * scale if scale else number // 1000


def calendar(digits):
    """The local clock of calendar digits, or None."""
    form = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S%f"}.get(len(digits))
    if not form or not 1900 <= int(digits[:4]) <= 2199 or digits[12:14] > "59":
        return None
    try:
        return datetime.datetime.strptime(digits, form)
    except ValueError:
        return None


def numbers(bench, name, amount):
    """Epoch numbers of all units and calendar digits, mixed, as numbers and as text."""
    source, expected = random.Random(f"{bench.seed} {name}"), []
    edges = [0, 1, -1, 10**11 - 1, 10**11, 10**14 - 1, 10**14, 10**17 - 1, 10**17, -(10**11), -(10**10), 20260203,
             20260229, 20261301, 18991231, 19000101, 21991231, 22000101, 20260203070809, 20260203240000, 20260203070860,
             20260203070809123, 20260229070809, 20240229235959999, 202602030708, 2026020307]
    while len(edges) < amount:
        day = datetime.date(source.randrange(1899, 2202), source.randrange(1, 13), source.randrange(1, 29))
        clock = f"{source.randrange(24):02}{source.randrange(60):02}{source.randrange(60):02}"
        edges.append(source.choice((
            source.randrange(0, 4 * 10**9), source.randrange(10**12, 4 * 10**12), source.randrange(10**15, 4 * 10**15),
            source.randrange(10**18, 4 * 10**18), -source.randrange(10**8, 10**13), int(f"{day:%Y%m%d}"),
            int(f"{day:%Y%m%d}{clock}"), int(f"{day:%Y%m%d}{clock}{source.randrange(1000):03}"),
            int(f"{day:%Y}{source.randrange(1, 14):02}{source.randrange(1, 33):02}"))))
    for number in edges:
        reading = calendar(str(number))
        if reading is None:
            wanted = epoch(number)
        else:
            begin = clocks.first(name, reading.replace(microsecond=0))
            exists = clocks.local(name, begin) == reading.replace(microsecond=0)
            wanted = begin * 1_000_000 + (reading.microsecond if exists else 0)
        text = f'"{number}"' if source.random() < 0.4 else str(number)
        expected.append((text, wanted))
    return read(bench, expected, "--time-zone", name), f"{len(expected)} numbers"


def patterns(bench, amount):
    """Patterns with fractions that come and go."""
    source, problems = random.Random(f"{bench.seed} patterns"), []
    for _ in range(amount):
        name = source.choice(clocks.ZONES)
        date = source.choice(("%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "%d-%b-%y", "%d %B %Y", "%a %e %b %Y", "%Y.%j", "%F", "%D"))
        point, letter = source.choice(((".", "%f"), (".", "%N"), (".", "%L"), (",", "%f"), ("", "%.f"), (".", "%3f"),
                                       ("", "%.3f"), (",", "%6f"), (":", "%f")))
        clock = source.choice(("%H:%M:%S", "%T", "%I:%M:%S %p", "%H%M%S"))
        halves = "%p" in clock
        zone_part = source.choice(("", "", " %z", "%z", " %Z"))
        pattern = date + source.choice((" ", "T")) + (clock + zone_part if halves else clock + point + letter + zone_part)
        expected = []
        for _ in range(30):
            # Two digits of a year are from 1969 to 2068.
            instant = source.randrange(0, 3 * 10**9)
            micros = source.choice((0, 500_000, 123_000, 250_000, source.randrange(10**6)))
            shift = 0 if zone_part == " %Z" else source.choice((0, 3600, -12_600)) if zone_part else None
            if shift is None:
                reading = clocks.local(name, instant)
                begin = clocks.first(name, reading)
            else:
                reading = clocks.EPOCH + datetime.timedelta(seconds=instant + shift)
                begin = instant
            digits = f"{micros:06}000"
            exact = re.search(r"\d", letter)
            if halves:
                shown, micros = "", 0
            elif source.random() < 0.4:
                shown, micros = "", 0
            elif exact:
                width = int(exact[0])
                shown = (point or ".") + digits[:width]
                micros = int(digits[:width].ljust(6, "0"))
            else:
                shown = (point or source.choice(".,")) + digits[:max(1, len(digits.rstrip("0")))]
            if shown == "" and point == ":" and not halves:
                shown = ":0"
            zone_text = ""
            if zone_part:
                sign, minutes = "-" if shift < 0 else "+", abs(shift) // 60
                zone_text = zone_part[:-2] + (source.choice(("UTC", "GMT", "Z")) if zone_part == " %Z" else source.choice(
                    (f"{sign}{minutes // 60:02}{minutes % 60:02}", f"{sign}{minutes // 60:02}:{minutes % 60:02}")))
            text = reading.strftime(pattern.split(clock)[0] + clock) + shown + zone_text
            expected.append((f'"{text}"', begin * 1_000_000 + micros))
        lines = "".join(f'{{"ts":{text},"i":{i}}}\n' for i, (text, _) in enumerate(expected)).encode()
        rows = rows_of(bench.printed(["-q", "--time-zone", name, "--select", f"i,t=time(ts,'{pattern}')", "-"], lines))
        wanted = [(text, printed(value)) for text, value in expected]
        problems += [f"{pattern} in {name}: {one}" for one in compared(wanted, rows, "t")]
        outcome = bench.run(["-q", "-W", "none", "--max-ahead", "off", "-t", "ts", "--time-format", pattern, "-w", "1ms", "-g",
                             "i", "--time-zone", name, "-"], stdin=lines)
        starts = [(text, printed(value // 1000 * 1000)) for text, value in expected]
        problems += [f"{pattern} in {name}: {one}" for one in compared(starts, rows_of(outcome.out), "window_start")]
    return problems, f"{amount} patterns"


def windows(bench, name, amount):
    """Calendar windows, and tumbling windows of a day or a week, in a zone."""
    source, problems = random.Random(f"{bench.seed} {name}"), []
    instants = [moment(source, name) for _ in range(amount)]
    for year in (2011, 2026):
        for change in clocks.changes(name, year):
            instants += range(change - 2 * clocks.DAY, change + 2 * clocks.DAY, 1800)
    lines = "".join(f'{{"ts":{instant}}}\n' for instant in instants).encode()
    runs = [(unit, ["--calendar", unit]) for unit in UNITS]
    if clocks.zone(name) != clocks.zone("UTC"):
        runs += [(unit, ["-w", size]) for unit, size in HALF_UNITS.items()]
    for unit, arguments in runs:
        expected = {}
        for instant in instants:
            bounds = clocks.window(name, unit, instant)
            expected[bounds] = expected.get(bounds, 0) + 1
        rows = rows_of(bench.printed(["-q", "-W", "none", "--max-ahead", "off", "-t", "ts", "--time-format", "s",
                                      "--time-zone", name, *arguments, "-"], lines))
        found = {(microseconds(row["window_start"]) // 10**6, microseconds(row["window_end"]) // 10**6): row["count"]
                 for row in rows}
        for bounds in sorted(set(expected) | set(found)):
            if expected.get(bounds) != found.get(bounds):
                problems.append(f"{arguments} {[printed(at * 10**6) for at in bounds]}: {found.get(bounds)}, "
                                f"expected {expected.get(bounds)}")
    return problems, f"{len(instants)} records"


def yearless(bench, name, amount):
    """Sequences of times without a year, over New Year and leap days."""
    source, problems = random.Random(f"{bench.seed} {name}"), []

    def in_year(reading, year):
        try:
            return clocks.first(name, reading.replace(year=year))
        except ValueError:
            return None

    for number in range(amount):
        begin = clocks.seconds(datetime.datetime(source.randrange(1980, 2090), source.choice((1, 2, 3, 12, 12, 12)),
                                                 source.randrange(1, 29), source.randrange(24)))
        step = source.choice((600, 3600, clocks.DAY, 20 * clocks.DAY))
        instants, now = [], begin
        for _ in range(source.randrange(1, 60)):
            now += source.randrange(-step // 4, step)
            instants.append(now)
        written = source.choice((now, now + 3600, now + 100 * clocks.DAY, begin, begin - 5 * clocks.DAY))
        year = source.choice((None, None, None, 2024, 2027))
        expected, before = [], None
        for instant in instants:
            reading = clocks.local(name, instant)
            text = f"{clocks.MONTHS[reading.month - 1]} {reading.day:2} {reading:%H:%M:%S}"
            around = clocks.local(name, written if before is None else before).year
            leap = reading.month == 2 and reading.day == 29
            reading = reading.replace(year=2000)
            near = [in_year(reading, around + n) for n in (range(-8, 9) if leap else (-1, 0, 1))]
            near = [one for one in near if one is not None]
            if year is not None:
                found = in_year(reading, year)
            elif before is None:
                past = [one for one in near if one <= written + 7 * clocks.DAY]
                found = max(past) if past else None
            else:
                found = min(near, key=lambda one: (abs(one - before), one))
            before = found if found is not None else before
            expected.append((text, found))
        path = bench.folder / "syslog.jsonl"
        path.write_text("".join(f'{{"ts":"{text}","i":{i}}}\n' for i, (text, _) in enumerate(expected)))
        os.utime(path, (written, written))
        options = [] if year is None else ["--year", str(year)]
        for form in ([], ["--time-format", "%b %e %H:%M:%S"]):
            outcome = bench.run(["-q", "-t", "ts", "-w", "1s", "-g", "i", "--time-zone", name, *options, *form, path])
            wanted = [(text, None if value is None else printed(value * 10**6)) for text, value in expected]
            problems += [f"input {number} {form} {options}: {one}"
                         for one in compared(wanted, rows_of(outcome.out), "window_start")]
    return problems, f"{amount} inputs"


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
        if number % 10 == 0:
            # A gap just as long as the limit, or longer.
            far = records[-1][0] // size * size + size * (100_001 + source.choice((-1, 0, 1, 10**4)))
            records.append((far, source.randrange(groups)))
        shuffled = records[:]
        source.shuffle(shuffled)
        lines = "".join(f'{{"ts":{time},"g":{group},"v":{time % 7}}}\n' for time, group in shuffled).encode()
        for flag in ("--fill", "--fill-all"):
            expected = filled(records, size, flag == "--fill-all")
            keyed = ["-g", "g"] if groups > 1 else []
            rows = rows_of(bench.printed(["-q", "-W", "none", "-t", "ts", "--time-format", "s", "-w", f"{size}s", *keyed,
                                          "--count", "--sum", "v", "--max", "v", flag, "-"], lines))
            found = [(microseconds(row["window_start"]) // 10**6, row.get("g", 0), row["count"], row["sum_v"], row["max_v"])
                     for row in rows]
            if found != expected:
                here = next((n for n, pair in enumerate(zip(found, expected)) if pair[0] != pair[1]), -1)
                problems.append(f"input {number} {flag} -w {size}s: {len(found)} rows, expected {len(expected)}; row {here}: "
                                f"{found[here:][:1]}, expected {expected[here:][:1]}; {records[:8]}")
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
        rows = rows_of(bench.printed(["-q", "-W", "none", "--max-ahead", "off", "-t", "ts", *arguments, "--fill", "--time-zone",
                                      name, "-"], lines))
        found = [(microseconds(row["window_start"]) // 10**6, microseconds(row["window_end"]) // 10**6) for row in rows]
        wrong = [pair for pair in zip(found, expected) if pair[0] != pair[1]]
        if found != expected:
            problems.append(f"{unit}: {len(found)} rows, expected {len(expected)}; {wrong[:1]}")
    return problems, "a year of days, weeks and hours"


def checks(bench):
    check, amount = bench.report.check, bench.options.inputs
    for name in clocks.ZONES:
        check(f"windows in {name}", windows, bench, name, amount * 5)
    for name in clocks.ZONES:
        check(f"forms in {name}", forms, bench, name, amount * 10)
    for name in clocks.ZONES[::3]:
        check(f"filled windows in {name}", filled_days, bench, name)
        check(f"numbers in {name}", numbers, bench, name, amount * 5)
        check(f"years left out in {name}", yearless, bench, name, amount // 4)
    check("abbreviations", abbreviations, bench)
    check("patterns", patterns, bench, amount)
    check("gaps", gaps, bench, amount)
