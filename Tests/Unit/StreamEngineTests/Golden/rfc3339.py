#!/usr/bin/env python3
"""Writes rfc3339.tsv: random texts that are times, or nearly, and what each is: microseconds since 1970, or -.

    python3 rfc3339.py > rfc3339.tsv

What is accepted is said by one regular expression; the arithmetic is Python's datetime.
"""
import random
import re
from datetime import datetime, timedelta

SHAPE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]+))?)?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?")


def value(text):
    match = SHAPE.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    hour, minute, second = int(hour or 0), int(minute or 0), int(second or 0)
    if second > 60:
        return None
    try:
        # datetime has no year 0: 400 years later the calendar is the same.
        start = datetime(int(year) + 400, int(month), int(day), hour, minute, min(second, 59))
    except ValueError:
        # ... and no year 10000.
        try:
            start = datetime(int(year) - 400, int(month), int(day), hour, minute, min(second, 59))
            start = (start - datetime(1970, 1, 1)) + timedelta(days=146097)
        except ValueError:
            return None
    else:
        start = (start - datetime(1970, 1, 1)) - timedelta(days=146097)
    micros = start // timedelta(microseconds=1)
    micros += 1000000 if second == 60 else int(((fraction or "") + "000000")[:6])
    if zone and zone not in "Zz":
        hours, minutes = int(zone[1:3]), int(zone[-2:]) if len(zone) > 3 else 0
        if hours > 23 or minutes > 59:
            return None
        micros -= (1 if zone[0] == "+" else -1) * (hours * 60 + minutes) * 60 * 1000000
    return micros


def two(pick, low, high):
    return "%02d" % (pick.choice([low, high, low - 1 if low else high + 1, high + 1])
                     if pick.random() < 0.04 else pick.randint(low, high))


def sample(pick):
    year = pick.choice([0, 4, 100, 400, 1582, 1900, 1969, 1970, 2000, 2024, 2026, 2100, 9999, pick.randrange(10000)])
    text = "%04d-%s-%s" % (year, pick.choice([two(pick, 1, 12), "02"]), pick.choice([two(pick, 1, 28), "29", "30", "31"]))
    if pick.random() < 0.04:
        return text
    text += pick.choice("TTTTTt ") + two(pick, 0, 23) + ":" + two(pick, 0, 59)
    if pick.random() < 0.95:
        text += ":" + ("60" if pick.random() < 0.03 else two(pick, 0, 59))
        if pick.random() < 0.6:
            digits = pick.choice([1, 2, 3, 3, 3, 4, 5, 6, 6, 6, 7, 9, 12, 25])
            text += pick.choice("....,") + "".join(pick.choice("0123456789") for _ in range(digits))
    sign, hh, mm = pick.choice("+-"), two(pick, 0, 23), two(pick, 0, 59)
    return text + pick.choice(["Z", "Z", "Z", "z", "", sign + hh, sign + hh + mm, sign + hh + ":" + mm])


def spoil(pick, text):
    at = pick.randrange(len(text))
    other = pick.choice("0123456789-:.,+TtZz /x\u00e9")
    return pick.choice([text[:at] + other + text[at + 1:], text[:at] + text[at + 1:], text[:at] + other + text[at:],
                        text[:at], text + other])


def main():
    pick = random.Random(3339)
    for number in range(4000):
        text = sample(pick)
        if number % 3 == 0:
            text = spoil(pick, text)
        result = value(text)
        print(text, "-" if result is None else result, sep="\t")


main()
