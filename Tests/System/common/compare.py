"""Comparing what streamctl wrote with what it should have written: rows, tables, texts and lists."""

import collections
import datetime
import json
import math
import re

from . import wire

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)


def rows_of(text):
    """The rows of JSON lines. Not splitlines(), which also splits at line separators inside strings."""
    return [json.loads(line) for line in text.split("\n") if line]


def counts(stderr):
    """The numbers in the closing line of --verbose: records, in windows, late and so on."""
    line = re.search(r"streamctl: (\d+) records: (.*); (\d+) rows", stderr)
    if not line:
        raise RuntimeError(f"no closing line in: {stderr.strip()[:300]}")
    found = {"records": int(line[1]), "rows": int(line[3])}
    for item in line[2].split(", "):
        number, name = item.split(" ", 1)
        found[name] = int(number)
    pairs = re.search(r"streamctl: (once|\d+ times), a record missed a window", stderr)
    often = pairs[1] if pairs else "0 times"
    found["late pairs"] = 1 if often == "once" else int(often.split(" ")[0])
    return found


def microseconds(text):
    """Microseconds since 1970 of a row's time: RFC 3339 in UTC."""
    form = "%Y-%m-%dT%H:%M:%S.%fZ" if "." in text else "%Y-%m-%dT%H:%M:%SZ"
    return (datetime.datetime.strptime(text, form).replace(tzinfo=datetime.timezone.utc) - EPOCH) // MICROSECOND


def rank(value):
    """The sort key of a group key: null, booleans, numbers, strings by their bytes."""
    if value is None:
        return (0, 0)
    if isinstance(value, bool):
        return (1, value)
    if isinstance(value, (int, float)):
        return (2, value)
    return (3, value.encode())


def same(expected, actual, tolerance=0):
    """Whether two values agree: exactly, or numbers within a relative tolerance. true is not 1, "1" is not 1."""
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(same(a, b, tolerance) for a, b in zip(expected, actual))
    numbers = [isinstance(v, (int, float)) and not isinstance(v, bool) for v in (expected, actual)]
    if all(numbers):
        if tolerance == 0:
            return expected == actual
        return math.isclose(expected, actual, rel_tol=tolerance)
    return type(expected) is type(actual) and expected == actual


def differences(expected, actual, tolerance):
    """Compares two lists of (key, values): missing, repeated, additional and different rows.

    key and values are tuples; tolerance(column, expected values) is how far a number may be off, relatively.
    """
    problems = []
    wanted = dict(expected)
    if len(wanted) != len(expected):
        problems.append(f"the reference repeats {len(expected) - len(wanted)} keys")
    seen = set()
    for key, values in actual:
        if key in seen:
            problems.append(f"twice: {key}")
        seen.add(key)
        if key not in wanted:
            problems.append(f"too much: {key} {values}")
            continue
        if len(values) != len(wanted[key]):
            problems.append(f"{key}: {len(values)} columns instead of {len(wanted[key])}")
            continue
        for column, (reference, value) in enumerate(zip(wanted[key], values)):
            if not same(reference, value, tolerance(column, wanted[key])):
                problems.append(f"{key} column {column}: expected {reference!r}, streamctl prints {value!r}")
    problems += [f"missing: {key} {values}" for key, values in expected if key not in seen]
    return problems


def unlike_lists(expected, actual, what="items"):
    """How two lists differ if their order does not matter: no problems if they are equal."""
    wanted, found = (collections.Counter(map(repr, items)) for items in (expected, actual))
    missing, extra = wanted - found, found - wanted
    if not missing and not extra:
        return []
    return [f"{sum(found.values())} {what} instead of {sum(wanted.values())}; {sum(missing.values())} missing "
            f"{shortened(missing)}, {sum(extra.values())} too much {shortened(extra)}"]


def unlike_sequences(expected, actual):
    """How two lists differ if their order matters."""
    if list(actual) == list(expected):
        return []
    return [f"{str(list(actual))[:200]} instead of {str(list(expected))[:200]}"]


def shortened(items):
    return [item[:200] for item in list(items)[:3]]


def unlike_texts(expected, actual):
    """How two texts of lines differ: no problems if they are equal."""
    if actual == expected:
        return []
    wanted, lines = expected.splitlines(), actual.splitlines()
    same_lines = (number for number, pair in enumerate(zip(wanted, lines)) if pair[0] != pair[1])
    first = next(same_lines, min(len(lines), len(wanted)))
    shown = [rows[first][:200] if first < len(rows) else "(the end)" for rows in (wanted, lines)]
    return [f"{len(lines)} lines instead of {len(wanted)}; line {first + 1} is {shown[1]} instead of {shown[0]}"]


def load(session, table, rows):
    """Inserts JSON rows into a table; Postgres itself reads the JSON."""
    session.query(
        f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, {wire.literal(json.dumps(rows))})")


def unlike_tables(session, expected, actual, limit=5):
    """How two tables differ as bags of whole rows: no problems if they are equal."""
    counted = session.query(f"SELECT (SELECT count(*) FROM {expected}), (SELECT count(*) FROM {actual})")[0]
    problems = [f"{counted[1]} rows instead of {counted[0]}"] if counted[0] != counted[1] else []
    for word, left, right in (("missing", expected, actual), ("too much", actual, expected)):
        problems += [
            f"{word}: {row}"
            for row in session.query(f"SELECT * FROM {left} EXCEPT ALL SELECT * FROM {right} LIMIT {limit}")]
    return problems
