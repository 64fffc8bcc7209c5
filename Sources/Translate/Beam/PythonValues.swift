/// The values and operators of expressions in Python, for jobs that compute them record by record.
///
/// Each does what `--help expressions` says of null, numbers in strings, and values without an order. A time is a
/// `Timestamp` of Beam.
enum PythonValues {
    static let timestamp = "from apache_beam.utils.timestamp import Timestamp"

    static let blocks: [PythonBlock] = [
        PythonBlock(
            "get",
            #"""
            def get(value, *path):
                """The value at a path; a name that contains the whole path comes first."""
                name = "".join(f"[{step}]" if isinstance(step, int) else "." + step for step in path)[1:]
                if isinstance(value, dict) and name in value:
                    return value[name]
                for step in path:
                    if isinstance(step, int):
                        value = value[step] if isinstance(value, list) and step < len(value) else None
                    else:
                        value = value.get(step) if isinstance(value, dict) else None
                return value
            """#),
        PythonBlock(
            "number", imports: ["import re"],
            #"""
            NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


            def fit(number):
                """Integers beyond 64 bits become floats."""
                return number if isinstance(number, float) or -(2**63) <= number < 2**63 else float(number)


            def number(value):
                """A number, or a text that is one; else None."""
                if isinstance(value, str) and NUMBER.fullmatch(value):
                    value = int(value) if value.lstrip("-").isdigit() else float(value)
                return fit(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
            """#),
        PythonBlock(
            "numeric", needs: ["number"],
            #"""
            def numeric(value):
                """A number for an aggregate: true counts as 1, false as 0."""
                return int(value) if isinstance(value, bool) else number(value)
            """#),
        PythonBlock(
            "read_time",
            imports: ["import re", "from datetime import datetime, timedelta, timezone", timestamp],
            #"""
            RFC_3339 = re.compile(
                r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d+))? ?(?:([Zz])|([-+])(\d\d):?(\d\d))?", re.ASCII)


            def read_time(text, zone=timezone.utc):
                """An RFC 3339 text as a time; without a zone, it is in the given one; None if it is another text."""
                match = RFC_3339.fullmatch(text)
                if not match:
                    return None
                date, clock, fraction, utc, sign, hours, minutes = match.groups()
                if sign:
                    zone = timezone((1 if sign == "+" else -1) * timedelta(hours=int(hours), minutes=int(minutes)))
                try:
                    local = datetime.fromisoformat(f"{date}T{clock}").replace(tzinfo=timezone.utc if utc else zone)
                except ValueError:
                    return None
                seconds = (local - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(seconds=1)
                return Timestamp(micros=seconds * 1_000_000 + int(f"{fraction or '':0<6}"[:6]))
            """#),
        PythonBlock(
            "instant", imports: ["from datetime import datetime, timedelta"],
            #"""
            def instant(time):
                """A time as text: RFC 3339 in UTC, with a fraction only where there is one."""
                seconds, fraction = divmod(time.micros, 1_000_000)
                text = (datetime(1970, 1, 1) + timedelta(seconds=seconds)).isoformat()
                return text + (f".{fraction:06}".rstrip("0") if fraction else "") + "Z"
            """#),
        PythonBlock(
            "epoch_time", needs: ["number"], imports: ["from fractions import Fraction", timestamp],
            #"""
            def epoch_time(value, unit=None):
                """A number since 1970 as a time; unit is in microseconds, or the size of the number decides."""
                value = number(value)
                if value is None:
                    return None
                if unit is None:
                    size = abs(value)
                    unit = 10**6 if size < 1e11 else 1000 if size < 1e14 else 1 if size < 1e17 else Fraction(1, 1000)
                if isinstance(value, int) and isinstance(unit, int):
                    return Timestamp(micros=value * unit)
                micros = Fraction(value) * unit
                # The decimals of a number are rounded, the digits of an integer are cut.
                return Timestamp(micros=round(micros) if isinstance(value, float) else micros // 1)
            """#),
        PythonBlock(
            "as_time", needs: ["read_time", "epoch_time"],
            #"""
            def as_time(value, zone=timezone.utc):
                """A time, an RFC 3339 text or a number since 1970 as a time; else None."""
                if isinstance(value, Timestamp):
                    return value
                found = read_time(value, zone) if isinstance(value, str) else None
                return epoch_time(value) if found is None else found
            """#),
        PythonBlock(
            "compare", needs: ["as_time"], imports: ["import operator"],
            #"""
            ORDERS = {
                "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
                ">=": operator.ge,
            }


            def is_number(value):
                return isinstance(value, (int, float)) and not isinstance(value, bool)


            def comparable(a, b, zone=timezone.utc):
                """The values as two times, numbers or texts; None if they have no order."""
                if isinstance(a, Timestamp) or isinstance(b, Timestamp):
                    a, b = (
                        read_time(value, zone) if isinstance(value, str)
                        else epoch_time(value, 10**6) if is_number(value) else value
                        for value in (a, b)
                    )
                elif is_number(a) and isinstance(b, str):
                    b = number(b)
                elif isinstance(a, str) and is_number(b):
                    a = number(a)
                kinds = (is_number, lambda value: isinstance(value, str), lambda value: isinstance(value, Timestamp))
                return (a, b) if any(kind(a) and kind(b) for kind in kinds) else None


            def compare(a, order, b, zone=timezone.utc):
                """A comparison; None if a value is None, or has no order."""
                if a is None or b is None:
                    return None
                pair = comparable(a, b, zone)
                if pair:
                    return ORDERS[order](*pair)
                same = type(a) is type(b) and a == b
                return same if order == "==" else not same if order == "!=" else None
            """#),
        PythonBlock(
            "is_in", needs: ["compare"],
            #"""
            def is_in(value, *items):
                """Whether a value is one of several; None if that is unknown."""
                found = [compare(value, "==", item) for item in items]
                return True if True in found else None if None in found else False
            """#),
        PythonBlock(
            "logic",
            #"""
            def both(a, b):
                """a and b; None is unknown."""
                return False if a is False or b is False else True if a is True and b is True else None


            def either(a, b):
                """a or b; None is unknown."""
                return True if a is True or b is True else False if a is False and b is False else None


            def inverse(a):
                """not a; None is unknown."""
                return not a if isinstance(a, bool) else None
            """#),
        PythonBlock(
            "coalesce",
            #"""
            def coalesce(*values):
                """The first value that is not None."""
                return next((value for value in values if value is not None), None)
            """#),
        PythonBlock(
            "extreme", needs: ["compare"],
            #"""
            def extreme(order, *values):
                """The smallest value (order "<") or the largest (">"); None if one is None or they have no order."""
                best = values[0]
                for value in values:
                    if value is None or not comparable(value, best):
                        return None
                    if compare(value, order, best):
                        best = value
                return best
            """#),
    ]
}
