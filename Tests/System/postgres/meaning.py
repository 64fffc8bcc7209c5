"""The meaning of a JSON value in a column of a Postgres type, found without Postgres.

judge(type, value) returns (must, fits): whether the value must be stored, and a function of the stored text that returns
whether it is the value that was sent. Only values that the type rounds by its nature (real, double precision;
microseconds) or by its declaration (numeric(6,2), timestamptz(0)) may be rounded.
"""

import datetime
import decimal
import json
import math
import re
import struct

decimal.getcontext().prec = 1000
INTEGERS = {"smallint": 16, "integer": 32, "bigint": 64}
UTC = datetime.timezone.utc
MICROSECOND = datetime.timedelta(microseconds=1)
YEAR_10000 = 253402300800 * 10**6
ZONED = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?")
# Texts that are not RFC 3339 but have only one meaning, as Postgres prints it.
UNUSUAL = {
    "10000-01-01T00:00:00Z": "10000-01-01 00:00:00", "+12024-01-01T00:00:00Z": "12024-01-01 00:00:00",
    "-0044-03-15T00:00:00Z": "0045-03-15 00:00:00 BC", "2024-12-31T24:00:00Z": "2025-01-01 00:00:00",
    "2024-12-31T23:59:60Z": "2025-01-01 00:00:00", "20240101": "2024-01-01 00:00:00",
    "20240101T000000": "2024-01-01 00:00:00", "2024-01-01 EST": "2024-01-01 05:00:00",
    "2024-01-01 00:00:00 America/New_York": "2024-01-01 05:00:00", "Jan 8 1999": "1999-01-08 00:00:00",
    "J2451187": "1999-01-08 00:00:00", "2024-01-01": "2024-01-01 00:00:00"}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Raw(str):
    """A number as it was written."""


def parse(literal):
    """The value of a JSON text, numbers kept as they are written."""
    return json.loads(literal, parse_int=Raw, parse_float=Raw)


def equal_json(left, right):
    if isinstance(left, Raw) and isinstance(right, Raw):
        return equal_numbers(left, right)
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(equal_json, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equal_json(value, right[key]) for key, value in left.items())
    return left == right


def equal_numbers(sent, stored):
    """Integers within 64 bits are exact, all other numbers are doubles."""
    try:
        exact, found = decimal.Decimal(sent), decimal.Decimal(stored)
    except decimal.InvalidOperation:
        return False
    return found == exact or (
        not (exact == exact.to_integral_value() and -2**63 <= exact < 2**63) and float(sent) == float(found))


def same_sign(sent, stored):
    """Doubles know -0; -0 without a fraction is an integer."""
    return sent == "-0" or math.copysign(1, float(sent)) == math.copysign(1, float(stored))


def stored_json(stored):
    try:
        return parse(stored)
    except ValueError:
        return None


def judge(kind, value):
    if value is None:
        return True, lambda stored: stored is None
    base = kind.split("(")[0]
    if base in INTEGERS:
        return integer(INTEGERS[base], value)
    return JUDGES[base](value, kind)


def never(_):
    return False


def number_text(value):
    """The number in a value, also in a string; None if there is none."""
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", value):
        return value.strip()
    return None


def integer(bits, value):
    text = number_text(value)
    if text is None:
        return False, never
    exact = decimal.Decimal(text)
    if exact != exact.to_integral_value():
        # A double so large that it has no fraction any more.
        return False, lambda stored: abs(exact) > 2**53 and equal_numbers(text, stored)
    if not -2**(bits - 1) <= exact < 2**(bits - 1):
        return False, never
    plain = isinstance(value, Raw) and re.fullmatch(r"-?\d+", value) is not None
    return plain, lambda stored: stored is not None and decimal.Decimal(stored) == exact


def numeric(value, kind):
    text = number_text(value)
    if text is None:
        return False, lambda stored: isinstance(value, str) and (stored or "").lower() == value.lower()
    digits = re.search(r"\((\d+),(\d+)\)", kind)
    if digits:
        # Such a column rounds by intention.
        rounded = round(decimal.Decimal(text), int(digits[2])) if abs(decimal.Decimal(text)) < 10**30 else math.inf
        fits = abs(rounded) < 10**(int(digits[1]) - int(digits[2]))
        half = decimal.Decimal(10)**-int(digits[2]) / 2
        return fits and isinstance(value, Raw), lambda stored: fits and abs(
            decimal.Decimal(stored) - decimal.Decimal(text)) <= half
    return isinstance(value, Raw), lambda stored: equal_numbers(text, stored)


def double(value, _):
    text = number_text(value)
    if text is None:
        return False, lambda stored: isinstance(value, str) and (stored or "").lower() == value.lower()
    return isinstance(value, Raw), lambda stored: float(stored) == float(text) and same_sign(text, stored)


def real(value, _):
    text = number_text(value)
    if text is None:
        return False, lambda stored: isinstance(value, str) and (stored or "").lower() == value.lower()
    try:
        nearest = struct.unpack("f", struct.pack("f", float(text)))[0]
    except OverflowError:
        return False, never
    if nearest == 0 and float(text) != 0:
        return False, never

    def fits(stored):
        return struct.unpack("f", struct.pack("f", float(stored)))[0] == nearest and same_sign(text, stored)

    return isinstance(value, Raw) and math.isfinite(nearest), fits


def boolean(value, _):
    if isinstance(value, bool):
        return True, lambda stored: stored == ("t" if value else "f")
    words = {
        "true": "t", "t": "t", "yes": "t", "y": "t", "on": "t", "1": "t", "false": "f", "f": "f", "no": "f", "n": "f",
        "off": "f", "0": "f"}
    if isinstance(value, str) and value.lower() in words:
        return True, lambda stored: stored == words[value.lower()]
    return False, never


def text(value, kind):
    length = re.search(r"\((\d+)\)", kind)
    limit = int(length[1]) if length else math.inf
    if isinstance(value, Raw):
        return limit > 30, lambda stored: equal_numbers(value, stored)
    if isinstance(value, str):
        fits = "\0" not in value and len(value) <= limit
        return fits, lambda stored: fits and stored == value
    if isinstance(value, bool):
        return True, lambda stored: stored == json.dumps(value)
    return limit == math.inf and "\\u0000" not in json.dumps(value), lambda stored: equal_json(value, stored_json(stored))


def json_text(value, kind):
    has_null = "\\u0000" in json.dumps(value)
    if kind == "jsonb" and has_null:
        return False, never
    return not has_null, lambda stored: equal_json(value, stored_json(stored))


def uuid(value, _):
    if isinstance(value, Raw) or not isinstance(value, str):
        return False, never
    hexadecimal = re.sub(r"[{}-]", "", value.lower())
    must = UUID.fullmatch(value.lower()) is not None
    return must, lambda stored: re.sub("-", "", stored) == hexadecimal


def instant(value):
    """(microseconds since 1970 in UTC, whether a zone was written, digits of the fraction) of an RFC 3339 text."""
    if not isinstance(value, str) or not ZONED.fullmatch(value):
        return None
    fraction = re.search(r"\.(\d+)", value)
    digits = fraction[1] if fraction else ""
    whole = re.sub(r"\.\d+", "", value)
    try:
        parsed = datetime.datetime.fromisoformat(whole.replace("Z", "+00:00"))
    except ValueError:
        return None
    zoned = parsed.tzinfo is not None
    parsed = parsed if zoned else parsed.replace(tzinfo=UTC)
    seconds = (parsed - datetime.datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND
    return seconds + decimal.Decimal("0." + (digits or "0")) * 10**6, zoned, len(digits)


def stored_instant(stored):
    """A Postgres timestamp in UTC as microseconds; infinite outside the years 1 to 9999."""
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:\+00)?)?", stored or "")
    if not found:
        return math.inf
    parts = [int(part or 0) for part in found.groups()[:6]]
    moment = datetime.datetime(*parts, int((found[7] or "0").ljust(6, "0")), tzinfo=UTC)
    return (moment - datetime.datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND


def unusual(value, stored):
    """Whether a text that is not RFC 3339 was stored with its meaning; infinity means itself."""
    if isinstance(value, Raw) or not isinstance(value, str):
        return False
    means = UNUSUAL.get(value, value.lower())
    return stored.replace("+00", "").lower() in (means.lower(), means.removesuffix(" 00:00:00"))


def epoch(value):
    """The microseconds since 1970 of a number, also in a string, by its size; calendar digits are a date."""
    text = value if isinstance(value, Raw) else number_text(value)
    if text is None:
        return None
    exact = decimal.Decimal(text)
    for form in ("%Y%m%d", "%Y%m%d%H%M%S"):
        try:
            date = datetime.datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if len(text) in (8, 14) and 1900 <= date.year < 2200:
            return decimal.Decimal((date - datetime.datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND)
    for limit, unit in ((10**11, 10**6), (10**14, 10**3), (10**17, 1)):
        if abs(exact) < limit:
            return exact * unit
    return exact / 1000


def timestamp(value, kind):
    found = None if isinstance(value, Raw) else instant(value)
    if found is None:
        moment = epoch(value)
        return False, lambda stored: unusual(value, stored) or moment is not None and near(kind, moment, stored)
    moment, _, digits = found
    return digits <= 6 and "T" in value, lambda stored: near(kind, moment, stored)


def near(kind, moment, stored):
    """Whether a stored timestamp is a moment, in microseconds since 1970."""
    precision = re.search(r"\((\d)\)", kind)
    # timestamptz(0) and the like round by intention.
    half = 10**(6 - int(precision[1])) / 2 if precision else 0.999999
    found = stored_instant(stored)
    # Beyond the year 9999, only that much is compared.
    return moment >= YEAR_10000 if found == math.inf else abs(found - moment) <= half


def date(value, _):
    if isinstance(value, str) and not isinstance(value, Raw) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            return False, never
        return True, lambda stored: stored == value
    found = None if isinstance(value, Raw) else instant(value)
    if found is None:
        moment = epoch(value)
        return False, lambda stored: unusual(value, stored) or moment is not None and near("", moment, stored)
    return False, lambda stored: stored_instant(stored) == found[0]


JUDGES = {
    "text": text, "varchar": text, "numeric": numeric, "real": real, "double precision": double, "boolean": boolean,
    "json": json_text, "jsonb": json_text, "uuid": uuid, "timestamptz": timestamp, "timestamp": timestamp, "date": date}
