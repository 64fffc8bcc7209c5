#!/usr/bin/env python3
"""Writes calendar.tsv: calendar windows in time zones with all kinds of changes, by Python's zoneinfo.

    python3 calendar.py > calendar.tsv

Lines: Z zone offsets...           (each FROM:OFFSET, seconds; the first FROM is empty: since ever)
       W zone unit align time start end   (align, start and end in seconds, time in microseconds)

Windows are found by looking at the local clock, second by second where it matters, not by rules about offsets.
"""
import random
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
ZERO = datetime(1970, 1, 1)
# Zone and the year up to which its offsets are listed. Los Angeles is asked for later times too: its rules repeat.
ZONES = [
    ("America/Los_Angeles", 2440),
    ("Europe/Berlin", 2105),
    ("America/Sao_Paulo", 2105),  # changed at midnight
    ("Australia/Lord_Howe", 2105),  # half an hour
    ("Asia/Kolkata", 2105),
    ("Africa/Casablanca", 2105),  # two pairs of changes a year
    ("America/St_Johns", 2105),  # changed at one minute past midnight
    ("Pacific/Apia", 2105),  # had no 30th of December 2011
]
YEARS = {1890, 1916, 1918, 1945, 1974, 1988, 2006, 2011, 2018, 2024, 2025, 2026, 2027, 2060}
UNITS = ["hour", "day", "week", "month", "quarter", "year"]


def seconds(year):
    return int((datetime(year, 1, 1, tzinfo=timezone.utc) - EPOCH).total_seconds())


@lru_cache(maxsize=None)
def zone_of(name):
    return ZoneInfo(name)


def offset(name, second):
    return int((EPOCH + timedelta(seconds=second)).astimezone(zone_of(name)).utcoffset().total_seconds())


def changes(name, until):
    found = []
    at, last = seconds(1880), seconds(until)
    before = offset(name, at)
    first = before
    while at < last:
        after = offset(name, at + 43200)
        if after != before:
            low, high = at, at + 43200
            while high - low > 1:
                middle = (low + high) // 2
                if offset(name, middle) == before:
                    low = middle
                else:
                    high = middle
            found.append((high, after))
            before = after
        at += 43200
    return first, found


def local(name, second):
    """The local clock, in seconds as if it were UTC."""
    return second + offset(name, second)


@lru_cache(maxsize=None)
def cut(name, boundary):
    """The first second at which the local clock shows the boundary or later."""
    at = boundary - 27 * 3600
    assert local(name, at) < boundary
    while local(name, at) < boundary:
        at += 60
    at -= 60
    while local(name, at) < boundary:
        at += 1
    return at


def first_day(unit, day):
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
    return day.replace(day=1, month=1)


def window(name, unit, align, second):
    if unit == "hour":
        key = lambda t: (offset(name, t), (local(name, t) - align) // 3600)
        mine = key(second)
        start = second
        while key(start - 60) == mine:
            start -= 60
        while key(start - 1) == mine:
            start -= 1
        end = second
        while key(end + 60) == mine:
            end += 60
        while key(end) == mine:
            end += 1
        return start, end
    # Units well before and after, and of them the last one that has begun.
    day = first_day(unit, ZERO + timedelta(seconds=(local(name, second) - align) // 86400 * 86400))
    days = [first_day(unit, day - timedelta(days=1))]
    for _ in range(4):
        days.append(first_day(unit, days[-1] + timedelta(days=400 if unit == "year" else 100 if unit == "quarter" else
                                                         35 if unit == "month" else 7 if unit == "week" else 1)))
    cuts = [cut(name, int((d - ZERO).total_seconds()) + align) for d in days]
    begun = [c for c in cuts if c <= second]
    assert begun and len(begun) < len(cuts)
    return begun[-1], cuts[len(begun)]


def main():
    pick = random.Random(2026)
    for name, until in ZONES:
        first, found = changes(name, until)
        print("Z", name, ":%d" % first, *["%d:%d" % c for c in found], sep="\t")
        wanted = [c for c in found if (EPOCH + timedelta(seconds=c[0])).year in YEARS]
        times = []
        for at, _ in wanted:
            times += [at * 10**6 + d for d in (-1, 0, 1800 * 10**6, -pick.randrange(7200 * 10**6),
                                               pick.randrange(90000 * 10**6))]
        times += [pick.randrange(seconds(1885), seconds(2100)) * 10**6 + pick.randrange(10**6) for _ in range(40)]
        if until > 2400:
            times += [pick.randrange(seconds(2438), seconds(9990)) * 10**6 for _ in range(60)]
            # Changes behind the end of the table.
            for year in (2440, 2441, 2500, 2839, 2840, 2841, 3239, 5000, 9000):
                _, later = changes_of_year(name, year)
                times += [at * 10**6 + d for at in later for d in (-1, 0)]
        for number, time in enumerate(times):
            for unit in sorted({"day", UNITS[number % 6]} | ({"hour"} if number % 2 else set())):
                align = pick.choice([0, 0, 0, 6 * 3600, -3600, 900, 30 * 3600])
                start, end = window(name, unit, align, time // 10**6)
                print("W", name, unit, align, time, start, end, sep="\t")


def changes_of_year(name, year):
    at, found = seconds(year), []
    before = offset(name, at)
    for hour in range(366 * 24):
        after = offset(name, at + hour * 3600)
        if after != before:
            found.append(at + hour * 3600)
        before = after
    return year, found


main()
