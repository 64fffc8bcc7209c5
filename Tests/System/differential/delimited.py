"""Compares CSV and TSV with Python's csv and with DuckDB."""

import csv
import io
import json
import re

try:
    import duckdb
except ImportError:
    duckdb = None

from ..common.compare import rows_of
from ..common.places import Missing
from . import reading
from .reading import (
    BAD_UTF8, NUMBERS, RECORDS, REJECTED, SKIPPED, WORDS, all_files, quoted_name, sources, unlike)

OPTIONS = {"inputs": 8}
# The same inputs in every run, unless --seed chooses others.
SEED = 1
NAMES = ("id", "name", "_v2", "a.b", "x y", "é", "a,b", "Größe", "true", "in")


def cell(source, separator):
    """A value with or without whatever quoting is about; None: null."""
    match source.randrange(8):
        case 0:
            return None
        case 1:
            return ""
        case 2 | 3:
            return source.choice(NUMBERS)
        case 4:
            return source.choice(WORDS)
        case _:
            return "".join(source.choice(("a", " ", '"', separator, "\n", "\r\n", "'", "\\", "\t", ";", "é", "\0", "=")) for _ in range(source.randrange(1, 7)))


def csv_cell(source, value, separator, is_strict=False):
    if value is None:
        return ""
    needs = re.search(f"[{re.escape(separator)}\r\n]", value) or value[:1] in ("", '"') or is_strict and '"' in value
    if needs or source.random() < 0.2:
        return '"' + value.replace('"', '""') + '"'
    # Quotes and blanks inside are data.
    return value


def header(source, quote):
    names = source.sample(NAMES, source.randrange(2, 6))
    return names, [quote(name) for name in names]


def delimited(source, is_hostile, is_strict=False):
    """A CSV file: its separator, names, first line and pieces; with damage only if it is hostile, and with quotes in quotes
    only if it is strict."""
    separator = source.choice(",,;|\t")
    names, cells = header(source, lambda name: csv_cell(source, name, separator))
    first = separator.join(cells)
    end = source.choice(("\n", "\n", "\r\n"))
    pieces = []
    for _ in range(RECORDS):
        values = [cell(source, separator) for _ in names]
        cells = [csv_cell(source, value, separator, is_strict) for value in values]
        line, expected = separator.join(cells), values
        damage = source.randrange(60) if is_hostile else -1
        if is_hostile and line in ("", first) or len(names) > 1 and damage == 0:
            line, expected = source.choice((first, "")), SKIPPED
        elif damage == 1:
            line, expected = separator.join([*cells, "more"]), REJECTED
        elif damage == 2:
            line, expected = separator.join(cells[:-1] + ['"a"b']), REJECTED
        elif damage == 3:
            line, expected = separator.join(cells[:1]), values[:1] + [None] * (len(names) - 1)
        elif damage == 4:
            line, expected = separator.join(cells[:-1] + [' "lead"']), [*values[:-1], ' "lead"']
        elif damage == 5:
            line, expected = separator.join(cells[:-1] + ['in"ner']), [*values[:-1], 'in"ner']
        elif damage == 6:
            line, expected = separator.join(cells[:-1] + ["a\rb"]), [*values[:-1], "a\rb"]
        data = (line + end).encode()
        if damage == 7:
            place = separator.join(cells[:-1] + [source.choice(("{}", '"{}"'))]).encode() + end.encode()
            data, expected = place.replace(b"{}", b"a" + source.choice(BAD_UTF8) + b"b"), REJECTED
        if expected not in (SKIPPED, REJECTED) and not line:
            expected = SKIPPED
        pieces.append((data, expected))
    if source.random() < 0.3:
        # The last line without an end.
        data, expected = pieces[-1]
        pieces[-1] = (data.removesuffix(end.encode()), expected)
        if not pieces[-1][0]:
            pieces.pop()
    if is_hostile and source.random() < 0.3:
        data, expected = pieces[-1]
        pieces[-1] = (data.removesuffix(end.encode()) + end.encode(), expected)
        pieces.append((b"a" + separator.encode() + b'"unclosed', REJECTED))
    mark = b"\xef\xbb\xbf" if source.random() < 0.3 else b""
    return separator, names, mark + (first + end).encode(), pieces


def csv_edges(source):
    separator, names, before, pieces = delimited(source, True)
    options = ["-i", "csv"] + (["--delimiter", separator] if source.random() < 0.7 or separator != "," else [])
    if source.random() < 0.3:
        # Without a header, whose copies would be records.
        fields = [f"k{index}" for index in range(len(names))]
        pieces = [(data, expected) for data, expected in pieces if expected != SKIPPED or not data.strip()]
        return pieces, ["-i", "csv", "--delimiter", separator, "--no-header", "--columns", ",".join(fields)], fields, b""
    return pieces, options, [quoted_name(name) for name in names], before


def python_csv(bench):
    """Files on whose rules Python's csv agrees; it makes no difference between null and an empty text."""
    problems, count = [], 0
    for source in sources(bench, "python csv"):
        separator, names, before, pieces = delimited(source, False)
        data = before + b"".join(piece for piece, _ in pieces)
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator, strict=True)
        lists = [row for row in reader if row]
        rows, rejects = reading.read(bench, data, ["-i", "csv", "--delimiter", separator], [quoted_name(name) for name in names])
        found = [[value or "" for value in values] for _, values in rows]
        if lists[0] != names:
            problems.append(f"the header is {lists[0]}, not {names}")
        problems += [f"{row}, csv reads {wanted}" for row, wanted in zip(found, lists[1:]) if row != wanted]
        if rejects or len(found) != len(lists) - 1:
            problems.append(f"{len(found)} records and {len(rejects)} rejected, csv reads {len(lists) - 1}")
        count += len(found)
    return problems, f"{count} records"


def duckdb_csv(bench):
    if duckdb is None:
        raise Missing("the Python package duckdb is not installed")
    base, problems, count, path = duckdb.connect(), [], 0, bench.folder / "duckdb.csv"
    base.execute("SET threads = 1")
    for source in sources(bench, "duckdb"):
        separator, names, before, pieces = delimited(source, False, is_strict=True)
        # DuckDB's lines have one kind of end, and no blank lines.
        pieces = [(data, values) for data, values in pieces if values != SKIPPED]
        data = before.removeprefix(b"\xef\xbb\xbf") + b"".join(piece for piece, _ in pieces)
        path.write_bytes(data)
        columns = ", ".join(f"'v{index}': 'VARCHAR'" for index in range(len(names)))
        lists = base.execute(f"""SELECT * FROM read_csv('{path}', all_varchar = true, header = true, auto_detect = false, delim = '{separator}',
            quote = '"', escape = '"', columns = {{{columns}}}, allow_quoted_nulls = false, parallel = false, strict_mode = false)""").fetchall()
        rows, rejects = reading.read(bench, data, ["-i", "csv", "--delimiter", separator], [quoted_name(name) for name in names])
        problems += [f"{row}, DuckDB reads {wanted}" for (_, row), wanted in zip(rows, lists) if row != wanted]
        if rejects or len(rows) != len(lists):
            problems.append(f"{len(rows)} records and {len(rejects)} rejected, DuckDB reads {len(lists)}")
        count += len(rows)
    return problems, f"{count} records"


def tsv_edges(source):
    names = source.sample([name for name in NAMES if name != "true"], source.randrange(2, 5))
    end, pieces = source.choice(("\n", "\r\n")), []
    first = "\t".join(names)
    for _ in range(RECORDS):
        values = [cell(source, "\t") for _ in names]
        if source.random() < 0.1:
            values[0] = source.choice(("\\N", "\\t", "\\", "a\\"))
        # A TSV file has no way to write an empty text.
        expected = [value or None for value in values]
        cells = [source.choice(("", "\\N")) if not value else value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
                 for value in values]
        line, damage = "\t".join(cells), source.randrange(50)
        if damage == 0:
            line, expected = "\t".join([*cells, "more"]), REJECTED
        elif damage == 1:
            line, expected = cells[0], expected[:1] + [None] * (len(names) - 1)
        elif damage == 2:
            line, expected = source.choice((first, "")), SKIPPED
        if expected != REJECTED and not line:
            expected = SKIPPED
        pieces.append(((line + end).encode(), expected))
    return pieces, ["-i", "tsv"], [quoted_name(name) for name in names], (first + end).encode()


def round_trips(bench):
    """Records printed with -f csv and -f tsv and read again."""
    problems, count = [], 0
    for source in sources(bench, "round trips"):
        names = source.sample([name for name in NAMES if name != "a.b"], 3)
        records = [{name: cell(source, ",") for name in names} for _ in range(RECORDS)]
        lines = "".join(json.dumps(record) + "\n" for record in records).encode()
        select = ",".join(map(quoted_name, names))
        for form in ("csv", "tsv"):
            written = bench.printed(["-q", "-i", "json", "-f", form, "--select", select, "-"], lines)
            rows = rows_of(bench.printed(["-q", "-i", form, "--select", select, "-"], written.encode()))
            wanted = records if form == "csv" else [{name: value or None for name, value in record.items()} for record in records]
            problems += [f"{form}: {row}, written was {record}" for row, record in zip(rows, wanted) if row != record]
            if len(rows) != len(wanted):
                problems.append(f"{form}: {len(rows)} records instead of {len(wanted)}")
            count += len(rows)
    return problems, f"{count} records"


def composed(bench):
    """Names that are the same characters in other bytes are two columns, in both directions."""
    problems, names = [], ["\u00e9", "e\u0301"]
    for form, separator in (("csv", ","), ("tsv", "\t")):
        data = (separator.join(names) + "\n" + separator.join("12") + "\n").encode()
        row, = rows_of(bench.printed(["-q", "-i", form, "--select", ",".join(map(quoted_name, names)), "-"], data))
        if row != dict(zip(names, "12")):
            problems.append(f"{form}: {row}")
    return problems


def unclosed(bench):
    """A quote that no other one follows costs its own record: reading goes on in the next line."""
    problems, count = [], 0
    for source in sources(bench, "unclosed"):
        pieces, plain = [], [(f"{number},plain\n".encode(), [str(number), "plain"]) for number in range(3 * RECORDS)]
        for number in sorted(source.sample(range(3 * RECORDS), 2)):
            pieces += plain[len(pieces):number] + [(source.choice((b'7,"open\n', b'"open\n', b'1,"a""b\n')), REJECTED)]
        # The second quote would end the first value, if it came in time.
        first, second = [number for number, (_, expected) in enumerate(pieces) if expected == REJECTED]
        pieces = pieces[:second] + plain[second:]
        size = sum(len(data) for data, _ in pieces[first:])
        options = ["-i", "csv", "--max-line", str(max(20, size // source.choice((2, 5))))] if source.random() < 0.7 else ["-i", "csv"]
        problems += unlike(bench, pieces, options, ["k", "v"], b"k,v\n")
        count += len(pieces)
    return problems, f"{count} records"


def checks(bench):
    check = bench.report.check
    check("CSV: the edge cases", all_files, bench, "csv", csv_edges)
    check("CSV: Python's csv", python_csv, bench)
    check("CSV: DuckDB", duckdb_csv, bench)
    check("TSV: the edge cases", all_files, bench, "tsv", tsv_edges)
    check("CSV and TSV: written and read", round_trips, bench)
    check("CSV and TSV: names composed and decomposed", composed, bench)
    check("CSV: quotes without an end", unclosed, bench)
