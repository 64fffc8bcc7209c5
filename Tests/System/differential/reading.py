"""What the suites of input formats share: records with what must be read in each of them, and comparisons."""

import json
import random

from ..common.compare import rows_of

# Instead of the values of a record.
REJECTED, SKIPPED = "rejected", "skipped"
# Records in a file.
RECORDS = 100
# Numbers of all forms, and what is none.
NUMBERS = ("0", "-0", "1", "-17", "3.25", "1e3", "1E-2", "01", "+5", ".5", "1.", "0x1f", "1_000", "1,5", "NaN", "inf", "12ms", "1.2k", "-",
           "9007199254740993", "123456789012345678901234567890", "1.10")
WORDS = ("a", "b1", "true", "null", "é", "e\u0301", "日本", "\U0001d11e", "x" * 70, "C:\\dir\\new", "50%", "it's", "#no", "http://h/p?q=1&r=2")
BAD_UTF8 = (b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\x80")


def sources(bench, name):
    """A source of random numbers for each file of a check."""
    for number in range(bench.options.inputs):
        yield random.Random(f"{bench.seed} {name} {number}")


def message(source):
    """The text of a log line."""
    return source.choice(("msg", "a: b", "[x] y", "é 日本", "it said \"no\"", "  two", "x ", "\ttab", "{\"a\":1}", "-", "1 2", "k=v", ":", "]"))


def quoted_name(name):
    """A name as a field in an expression."""
    return f'"{name}"'


def selected(fields):
    """--select for fields, as columns c0, c1 and so on after the number of the line."""
    return ",".join(["n=@line_number", *(f"c{index}={field}" for index, field in enumerate(fields))])


def read(bench, data, options, fields):
    """What is read from standard input: [(line, values)], and the lines of the rejected records."""
    path = bench.folder / "rejects.jsonl"
    path.unlink(missing_ok=True)
    outcome = bench.run([*options, "-j", "1", "--select", selected(fields), "--rejects", path, "-"], stdin=data)
    # 65: many of the records were rejected.
    if outcome.status not in (0, 65):
        raise RuntimeError(f"status {outcome.status}: {outcome.err.strip()[:600]}")
    rows = [(row["n"], tuple(row[f"c{index}"] for index in range(len(fields)))) for row in rows_of(outcome.out)]
    rejects = rows_of(path.read_text()) if path.exists() else []
    return rows, [reject["line"] for reject in rejects]


def unlike(bench, pieces, options, fields, before=b""):
    """How what is read differs from what should be.

    pieces: [(bytes, values, REJECTED or SKIPPED)], each of whole lines; before: what the file begins with.
    """
    data = before + b"".join(piece for piece, _ in pieces)
    line, wanted, rejected, texts = 1 + before.count(b"\n"), [], [], {}
    for piece, expected in pieces:
        texts[line] = piece
        if expected == REJECTED:
            rejected.append(line)
        elif expected != SKIPPED:
            wanted.append((line, tuple(expected)))
        line += piece.count(b"\n")
    rows, rejects = read(bench, data, options, fields)
    return unlike_records(wanted, rows, rejected, rejects, texts, options)


def unlike_records(wanted, rows, rejected, rejects, texts, options):
    problems = []
    expected, found = dict(wanted), dict(rows)
    if len(found) != len(rows) or len(set(rejects)) != len(rejects):
        problems.append("a line twice")
    if [line for line, _ in rows] != sorted(line for line, _ in rows):
        problems.append("the rows are not in the order of the lines")
    for line in sorted({*expected, *found, *rejected, *rejects}):
        is_right = line in expected and found.get(line) is not None and json.dumps(found[line]) == json.dumps(expected[line])
        if line in expected and not is_right or line in found and line not in expected or (line in rejects) != (line in rejected):
            got = found.get(line, "rejected" if line in rejects else "nothing")
            wanted_here = expected.get(line, "rejected" if line in rejected else "nothing")
            if isinstance(got, tuple) and isinstance(wanted_here, tuple):
                # Only what differs.
                pairs = [pair for pair in zip(got, wanted_here) if json.dumps(pair[0]) != json.dumps(pair[1])]
                got, wanted_here = (", ".join(repr(pair[side]) for pair in pairs) for side in (0, 1))
            problems.append(f"{' '.join(options)}: {texts.get(line, b'?')!r}: {got}, expected {wanted_here}")
    return problems


def all_files(bench, name, one):
    """A check of one(source), which returns the pieces, options, fields and beginning of a file, for every source."""
    problems, count = [], 0
    for source in sources(bench, name):
        pieces, *rest = one(source)
        problems += unlike(bench, pieces, *rest)
        count += len(pieces)
    return problems, f"{count} records"
