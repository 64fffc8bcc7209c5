"""Compares how streamctl reads times with Python's zoneinfo: forms, zones, units, patterns, years left out."""

import datetime
import os
import random

from ..common.compare import rows_of
from . import clocks

OPTIONS = {"inputs": 8}
# The same inputs in every run, unless --seed chooses others.
SEED = 1


def compared(expected, rows, column):
    """Problems where the values of rows, by their number i, are not the expected ones: [(input, value)]."""
    found = {row["i"]: row[column] for row in rows}
    return [f"{text}: {found.get(i)}, expected {wanted}" for i, (text, wanted) in enumerate(expected)
            if found.get(i) != wanted]


def read(bench, expected, *arguments, pattern=None):
    """Reads values as times, in an expression and as event times. expected: [(JSON value, microseconds or None)]."""
    call, form = (f"time(ts, '{pattern}')", ["--time-format", pattern]) if pattern else ("time(ts)", [])
    lines = "".join(f'{{"ts":{text},"i":{i}}}\n' for i, (text, _) in enumerate(expected)).encode()
    shown = [(text, None if wanted is None else clocks.printed(wanted)) for text, wanted in expected]
    rows = rows_of(bench.printed(["-q", *arguments, "--select", f"i,t={call}", "-"], lines))
    problems = compared(shown, rows, "t")
    starts = [(text, None if wanted is None else clocks.printed(wanted // 1000 * 1000)) for text, wanted in expected]
    # Some have no usable time.
    windows = ["-q", "-W", "none", "--max-ahead", "off", "-t", "ts", *form, "-w", "1ms", "-g", "i", *arguments, "-"]
    outcome = bench.run(windows, stdin=lines)
    return problems + compared(starts, rows_of(outcome.out), "window_start")


def forms(bench, name, amount):
    """Texts of all forms, with all zones and with none."""
    source, expected = random.Random(f"{bench.seed} {name}"), []
    for _ in range(amount):
        micros = source.choice((0, 0, 123_000, 500_000, source.randrange(1_000_000)))
        instant = clocks.moment(source, name)
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
            source.randrange(10**18, 4 * 10**18), -source.randrange(10**8, 10**10), -source.randrange(10**11, 10**13),
            int(f"{day:%Y%m%d}"),
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


DATES = ("%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "%d-%b-%y", "%d %B %Y", "%a %e %b %Y", "%Y.%j", "%F", "%D")
# What is before the fraction, its directive, and the digits that this takes; None: any number.
FRACTIONS = ((".", "%f", None), (".", "%N", None), (".", "%L", None), (",", "%f", None), ("", "%.f", None),
             (":", "%f", None), (".", "%3f", 3), ("", "%.3f", 3), (",", "%6f", 6), ("", "", 0))


def shown_fraction(source, point, width):
    """A fraction, or nothing where it can be missing; and its microseconds."""
    # Only a point or a comma can be missing with it.
    if width == 0 or point != ":" and source.random() < 0.4:
        return "", 0
    digits = source.choice(("5", "25", "123", "000001", "999999", "1234567", "000000000"))
    digits = digits.ljust(width, "0")[:width] if width else digits
    return (point or source.choice(".,")) + digits, int(digits.ljust(6, "0")[:6])


def shown_zone(source, directive):
    """The text of a zone, and its seconds east of UTC; None for the local clock."""
    if not directive:
        return "", None
    if directive.endswith("Z"):
        return directive[:-2] + source.choice(("UTC", "GMT", "Z")), 0
    return directive[:-2] + source.choice(("+0100", "+01:00", "+01")), 3600


def patterns(bench, amount):
    """Patterns with fractions that come and go."""
    source, problems = random.Random(f"{bench.seed} patterns"), []
    for _ in range(amount):
        name, (point, fraction, width) = source.choice(clocks.ZONES), source.choice(FRACTIONS)
        zone = source.choice(("", "", " %z", "%z", " %Z"))
        clock = source.choice(("%H:%M:%S", "%T", "%H%M%S") if fraction else ("%I:%M:%S %p", "%R", "%T"))
        form = source.choice(DATES) + source.choice((" ", "T")) + clock
        pattern, expected = form + point + fraction + zone, []
        for _ in range(30):
            # Two digits of a year are from 1969 to 2068.
            instant = source.randrange(0, 3 * 10**9) // 60 * 60 if "%R" in form else source.randrange(0, 3 * 10**9)
            zone_text, shift = shown_zone(source, zone)
            if shift is None:
                reading = clocks.local(name, instant)
                instant = clocks.first(name, reading)
            else:
                reading = clocks.EPOCH + datetime.timedelta(seconds=instant + shift)
            part, micros = shown_fraction(source, point, width)
            expected.append((f'"{reading.strftime(form)}{part}{zone_text}"', instant * 10**6 + micros))
        found = read(bench, expected, "--time-zone", name, pattern=pattern)
        problems += [f"{pattern} in {name}: {problem}" for problem in found]
    return problems, f"{amount} patterns"


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
            wanted = [(text, None if value is None else clocks.printed(value * 10**6)) for text, value in expected]
            problems += [f"input {number} {form} {options}: {one}"
                         for one in compared(wanted, rows_of(outcome.out), "window_start")]
    return problems, f"{amount} inputs"


def checks(bench):
    check, amount = bench.report.check, bench.options.inputs
    for name in clocks.ZONES:
        check(f"forms in {name}", forms, bench, name, amount * 10)
    for name in clocks.ZONES[::3]:
        check(f"numbers in {name}", numbers, bench, name, amount * 5)
        check(f"years left out in {name}", yearless, bench, name, amount // 4)
    check("abbreviations", abbreviations, bench)
    check("patterns", patterns, bench, amount)
