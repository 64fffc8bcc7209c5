"""Local clocks by Python's zoneinfo: the instants of local times, calendar windows, and texts of times."""

import bisect
import datetime
import functools
import re
import zoneinfo

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)
DAY = 86_400

# Both hemispheres, halves and quarters of an hour, clocks that change at midnight, by half an hour or by a whole day.
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Apia",
         "Asia/Beirut", "Africa/Cairo", "America/Asuncion", "America/Sao_Paulo", "America/Santiago", "Asia/Kathmandu",
         "Asia/Kolkata", "America/St_Johns", "Pacific/Chatham", "Africa/Casablanca", "Europe/Dublin", "Asia/Tehran",
         "Antarctica/Troll", "Pacific/Kiritimati", "Pacific/Kwajalein", "America/Havana", "Asia/Amman", "Asia/Gaza",
         "America/Godthab", "Atlantic/Azores", "+02:00", "-0330", "+05:45", "-11")


@functools.cache
def zone(name):
    """A time zone as --time-zone takes it: a name or an offset."""
    found = re.fullmatch(r"([+-])(\d\d):?(\d\d)?", name)
    if not found:
        return zoneinfo.ZoneInfo(name)
    offset = datetime.timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return datetime.timezone(offset if found[1] == "+" else -offset)


def seconds(local):
    """Seconds since 1970 of a clock's reading, as if it were UTC."""
    return (local - EPOCH) // datetime.timedelta(seconds=1)


@functools.cache
def segments(name):
    """The intervals of one offset from 1898 on: their first instants, and seconds east of UTC."""
    def at(instant):
        moment = EPOCH.replace(tzinfo=UTC) + datetime.timedelta(seconds=instant)
        return moment.astimezone(zone(name)).utcoffset() // datetime.timedelta(seconds=1)

    low = seconds(datetime.datetime(1850, 1, 1))
    starts, offsets = [low], [at(low)]
    for high in range(seconds(datetime.datetime(1898, 1, 1)), seconds(datetime.datetime(2202, 1, 1)), DAY):
        if at(high) == offsets[-1]:
            low = high
            continue
        end = high
        while end - low > 1:
            middle = (low + end) // 2
            low, end = (middle, end) if at(middle) == offsets[-1] else (low, middle)
        starts.append(end)
        offsets.append(at(end))
        low = high
    return starts, offsets


def index(name, instant):
    return max(0, bisect.bisect(segments(name)[0], instant) - 1)


def offset(name, instant):
    """Seconds east of UTC."""
    return segments(name)[1][index(name, instant)]


def local(name, instant):
    return EPOCH + datetime.timedelta(seconds=instant + offset(name, instant))


def first(name, reading):
    """The first instant at which a clock shows the reading (a naive datetime of whole seconds) or a later one."""
    starts, offsets = segments(name)
    wanted = seconds(reading)
    at = index(name, wanted - 26 * 3600)
    while True:
        instant = wanted - offsets[at] if at == 0 else max(starts[at], wanted - offsets[at])
        if at + 1 == len(starts) or instant < starts[at + 1]:
            return instant
        at += 1


def changes(name, year):
    """The instants at which the clock is changed in a year."""
    begin = seconds(datetime.datetime(year, 1, 1))
    return [start for start in segments(name)[0][1:] if begin <= start < begin + 366 * DAY]


def unit_start(unit, reading):
    day = reading.replace(hour=0, minute=0, second=0, microsecond=0)
    match unit:
        case "day":
            return day
        case "week":
            return day - datetime.timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
        case "year":
            return day.replace(day=1, month=1)


def unit_next(unit, start):
    step = {"day": datetime.timedelta(days=1), "week": datetime.timedelta(days=7),
            "month": datetime.timedelta(days=31), "quarter": datetime.timedelta(days=95),
            "year": datetime.timedelta(days=366)}[unit]
    return unit_start(unit, start + step)


def window(name, unit, instant):
    """Start and end of the calendar window of an instant: boundaries are where the clock first shows them."""
    if unit == "hour":
        # An hour of the clock at one offset.
        starts, at = segments(name)[0], index(name, instant)
        begin = instant - (instant + offset(name, instant)) % 3600
        return max(begin, starts[at]), min([begin + 3600, *starts[at + 1:at + 2]])
    start = unit_start(unit, local(name, instant))
    # Where clocks went back over a boundary, the next window has begun.
    while first(name, unit_next(unit, start)) <= instant:
        start = unit_next(unit, start)
    begin, following = first(name, start), unit_next(unit, start)
    while first(name, following) <= begin:
        following = unit_next(unit, following)
    return begin, first(name, following)


def moment(source, name):
    """Seconds since 1970, often within hours of a change of the """
    year = source.randrange(1971, 2100)
    found = changes(name, year)
    if found and source.random() < 0.7:
        return source.choice(found) + source.choice((-1, 0, 1, source.randrange(-3 * 3600, 3 * 3600),
                                                     source.randrange(-3 * DAY, 3 * DAY)))
    return seconds(datetime.datetime(year, 1, 1)) + source.randrange(365 * DAY)


def printed(micros):
    """A time as rows show it."""
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=micros)
    digits = f"{moment.microsecond:06}"
    part = f".{digits if digits[3:] != '000' else digits[:3]}" if moment.microsecond else ""
    return f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}{part}Z"


# MARK: Texts

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def fraction(source, micros, points=".,"):
    """A fraction of a second of 0 to 9 digits; what is beyond microseconds is dropped when it is read."""
    digits = f"{micros:06}" + "".join(source.choice("0123456789") for _ in range(3))
    if micros == 0 and source.random() < 0.5:
        return ""
    needed = len(f"{micros:06}".rstrip("0"))
    return source.choice(points) + digits[:max(1, needed if needed < 6 else source.randrange(6, 10))]


def mark(source, shift):
    """A zone behind a time, for seconds east of UTC."""
    sign, minutes = "-" if shift < 0 else "+", abs(shift) // 60
    hours, rest = divmod(minutes, 60)
    if shift == 0 and source.random() < 0.6:
        return source.choice(("Z", "z", " Z", "UTC", "GMT", " UTC", " GMT", "+00:00", " +0000", " +0000 UTC", "+00"))
    long, short = f"{sign}{hours:02}:{rest:02}", f"{sign}{hours:02}{rest:02}"
    forms = [long, short, f" {long}", f" {short}", f"{long}[Europe/Berlin]", f" {short} XYZ"]
    if rest == 0:
        forms += [long[:3], f" {long[:3]}"]
    return source.choice(forms)


def text(source, reading, zone_mark):
    """A JSON value that shows a clock's reading with a zone, or with none if that is empty."""
    t, day_name, month_name = reading, DAYS[reading.weekday()], MONTHS[reading.month - 1]
    clock, part = f"{t:%H:%M:%S}", fraction(source, t.microsecond)
    blank = " " if zone_mark and zone_mark[0] != " " else ""
    kind = source.randrange(12)
    if kind < 4:
        date = f"{t.year:04}-{t:%m-%d}" if kind < 3 else f"{t.year:04}/{t:%m/%d}"
        return f'"{date}{source.choice("T ")}{clock}{part}{zone_mark}"'
    if kind == 4:
        return f'"{t.year:04}{t:%m%d}T{t:%H%M%S}{part}{zone_mark}"'
    if kind == 5:
        inner = f"{t:%d}/{month_name}/{t.year:04}:{clock}{part}{blank}{zone_mark}"
        return f'"[{inner}]"' if source.random() < 0.3 and "[" not in inner else f'"{inner}"'
    if kind in (6, 7):
        begin = f"{day_name}, " if kind == 6 else ""
        day = source.choice((f"{t:%d}", str(t.day)))
        return f'"{begin}{day} {month_name} {t.year:04} {clock}{part}{blank}{zone_mark}"'
    if kind == 8 and re.fullmatch(r" ?(UTC|GMT|[+-]\d\d:?\d\d|)", zone_mark):
        return f'"{day_name} {month_name} {t.day:2} {clock}{part}{blank}{zone_mark} {t.year:04}"'
    if kind == 9 and not zone_mark and t.microsecond % 1000 == 0:
        digits = f"{t.year:04}{t:%m%d%H%M%S}" + (f"{t.microsecond // 1000:03}" if t.microsecond else "")
        return digits if source.random() < 0.5 else f'"{digits}"'
    if kind == 10 and not zone_mark:
        numbers = [t.year, t.month, t.day, t.hour, t.minute, t.second, t.microsecond * 1000]
        while len(numbers) > 5 and numbers[-1] == 0:
            numbers.pop()
        return f"[{source.choice((',', ', ')).join(map(str, numbers))}]"
    return f'"{t.year:04}-{t:%m-%d}{source.choice("T ")}{clock}{part}{zone_mark}"'
