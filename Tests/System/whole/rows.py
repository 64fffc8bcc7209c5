"""Rows as they were printed or stored, in a form in which they can be compared."""

import collections
import csv
import io
import json
import re

from ..common.compare import shortened

NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
ESCAPES = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\"}


def plain(value):
    """A value of JSON or of the model. 1 and 1.0 are the same, true and 1 are not."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def text(value):
    """A value as a cell of CSV, where types cannot be distinguished."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and not NUMBER.fullmatch(value):
        return value
    return repr(plain(float(value) if isinstance(value, str) and not value.lstrip("-").isdigit() else
                      int(value) if isinstance(value, str) else value))


def of_model(rows, form):
    return [tuple(map(text if form in ("csv", "tsv") else plain, row)) for row in rows]


def of_text(printed, form, columns):
    """The rows of an output; raises if it is not of this form."""
    if form == "json":
        return [of_object(json.loads(line), columns) for line in printed.split("\n") if line]
    if form == "csv":
        found = list(csv.reader(io.StringIO(printed, newline=""), strict=True))
    else:
        found = [[re.sub(r"\\.", lambda match: ESCAPES[match[0]], cell) for cell in line.split("\t")]
                 for line in printed.split("\n") if line]
    if found and tuple(found[0]) != tuple(columns):
        raise ValueError(f"the header is {found[0]}")
    return [tuple(map(text, row)) for row in found[1:]]


def of_object(found, columns):
    if tuple(found) != tuple(columns):
        raise ValueError(f"columns {list(found)} instead of {list(columns)}")
    return tuple(plain(value) for value in found.values())


def of_table(session, table, columns):
    """The rows of a table. PostgreSQL prints times in another form."""
    found = []
    for (line,) in session.query(f"SELECT row_to_json(t) FROM {table} t"):
        row = json.loads(line)
        for name in ("window_start", "window_end"):
            if name in row:
                row[name] = row[name].replace("+00:00", "Z")
        found.append(tuple(plain(row[name]) for name in columns))
    return found


def unlike(expected, actual, in_order):
    """How rows differ, as problems."""
    if in_order and expected == actual:
        return []
    wanted, found = collections.Counter(expected), collections.Counter(actual)
    missing, extra = wanted - found, found - wanted
    if not missing and not extra:
        return [] if not in_order else [f"the same {len(actual)} rows in another order"]
    return [f"{len(actual)} rows instead of {len(expected)}; {sum(missing.values())} missing {shortened(map(repr, missing))}, "
            f"{sum(extra.values())} too much {shortened(map(repr, extra))}"]


def last_revisions(rows, columns, key):
    """The row with the highest revision of each key, without it; raises if a revision is there twice."""
    places, last = [columns.index(name) for name in key], {}
    for row in rows:
        revisions = last.setdefault(tuple(row[place] for place in places), {})
        if row[-1] in revisions:
            raise ValueError(f"twice: {row}")
        revisions[row[-1]] = row[:-1]
    return [revisions[max(revisions, key=int)] for revisions in last.values()]


def objects(printed):
    return [json.loads(line) for line in printed.split("\n") if line]
