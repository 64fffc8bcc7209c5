"""Values of every kind into columns of every type: the value is stored as it was sent, or the record is rejected."""

import json
import re

from ..common.wire import ServerError
from . import meaning

TYPES = (
    "text", "varchar(5)", "varchar(40)", "smallint", "integer", "bigint", "numeric", "numeric(6,2)", "real",
    "double precision", "boolean", "timestamptz", "timestamp", "timestamptz(0)", "date", "json", "jsonb", "uuid")
NUMBERS = (
    "0", "-0", "-0.0", "1", "-1", "1.0", "1.5", "0.1", "1e3", "1.005", "12345.6", "32767", "32768", "-32769", "2147483647",
    "2147483648", "9007199254740993", "16777217", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
    "18446744073709551616", "1e308", "-1e308", "1e-300", "5e-324", "3.5e38", "0.30000000000000004", "1e21",
    "123456789012345678.5", "1700000000", "20240101", "1e400")
TEXTS = (
    "", " ", "abc", "abcde", "abcdef", "abc   ", "abcd     ", "NULL", "null", "\\N", "\\.", "\\", "\\\\", "a\tb", "a\nb", "a\r\nb",
    "\\n", "\\x41", "\b\f\v\x01\x7f", "\0", "a\0b", "é", "e\u0301", "\U0001f600", "\u202e", "\ufeff", "\ufffe", "日本語",
    "'; DROP TABLE victim; --", "$$", "$1", "%s", "\"", "1", "12", " 12", "1.5", "1e3", "0x10", "NaN", "Infinity", "-infinity",
    "1_000", "t", "true", "TRUE", "f", "no", "off", "2", "{1,2}", "[1]", "{\"a\":1}", "x" * 300000)
# Including texts that Postgres replaces with the current time, guesses at, or truncates.
TIMES = (
    "2024-01-01T00:00:00Z", "2024-01-01T10:20:30.123456Z", "2024-01-01T10:20:30.1234567Z", "2024-01-01T10:20:30.5Z",
    "2024-01-01 10:20:30", "2024-01-01T10:20:30", "2024-01-01T00:00:00+02:00", "2024-01-01T00:00:00-05:30",
    "1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "1582-10-10T00:00:00Z", "9999-12-31T23:59:59Z",
    "10000-01-01T00:00:00Z", "+12024-01-01T00:00:00Z", "-0044-03-15T00:00:00Z", "294277-01-01T00:00:00Z", "2024-01-01",
    "2024-02-30", "2024-02-30T00:00:00Z", "2024-12-31T24:00:00Z", "2024-12-31T23:59:60Z", "now", "today", "tomorrow",
    "yesterday", "infinity", "-infinity", "01/02/2024", "2.1.2024", "20240101", "20240101T000000", "2024-01-01 EST",
    "2024-01-01 00:00:00 America/New_York", "Jan 8 1999", "J2451187", "12:00")
OTHERS = (
    "null", "true", "false", "[]", "{}", "[1,2.50,\"x\"]", "{\"a\":{\"b\":[null,true]}}", "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":\"\\u0000\"}",
    "[9223372036854775808]", "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"", "\"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\"",
    "\"{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}\"", "\"a0eebc999c0b4ef8bb6d6bb9bd380a11\"", "\"a0eebc99-9c0b-4ef8-bb6d\"",
    "\"\\ud83d\\ude00\"", "\"\\ud800\"")
# The usual value of a column of the type: many such rows come first.
USUAL = {
    "text": '"abc"', "varchar": '"abc"', "smallint": "7", "integer": "7", "bigint": "7", "numeric": "1.5", "real": "1.5",
    "double precision": "1.5", "boolean": "true", "timestamptz": '"2024-01-01T00:00:00Z"',
    "timestamp": '"2024-01-01T00:00:00Z"', "date": '"2024-01-01"', "json": '{"a":1}', "jsonb": '{"a":1}',
    "uuid": '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'}
MANY = 20000
LITERALS = (*NUMBERS, *(json.dumps(text) for text in (*TEXTS, *TIMES)), *OTHERS)


def rejected_ids(path):
    """The reasons in a file of rejects, by record id; TWICE for a record that is in it twice."""
    found = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        entry = json.loads(line)
        number = re.search(r'\\?"id\\?":\s*\\?"?(\d+)', line)
        key = int(number[1]) if number else -1
        found[key] = "TWICE" if key in found else str(entry.get("reason") or "")
    return found


def short(text):
    return text if len(text or "") < 80 else text[:60] + f"… ({len(text)} characters)"


def judged(kind, literal, stored, reason):
    """The problems of one value; stored is a list with its text in the table, if it is there."""
    where = f"{short(literal)} into {kind}"
    try:
        value = meaning.parse(literal)
        must, fits = meaning.judge(kind, value)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, OverflowError):
        must, fits = False, meaning.never
    # To streamctl a number that no double can hold is malformed JSON.
    must = must and literal != "1e400"
    if reason == "TWICE":
        return [f"{where}: rejected twice"]
    if stored and reason is not None:
        return [f"{where}: both stored and rejected"]
    if not stored:
        if reason is None:
            return [f"{where}: neither stored nor rejected"]
        if not reason:
            return [f"{where}: rejected without a reason"]
        return [f"{where}: rejected as {reason} although it fits"] if must else []
    try:
        right = fits(stored[0])
    except (ValueError, TypeError, ArithmeticError):
        right = False
    return [] if right else [f"{where}: stored as {short(stored[0])!r}"]


def matrix(bench, kind, at_once):
    name = "t_" + re.sub(r"\W", "_", kind) + "_at_once" * at_once
    session = bench.server.session()
    session.query(f"CREATE TABLE {name} (id bigint, v {kind})")
    source, rejects = bench.folder / f"{name}.jsonl", bench.folder / f"{name}.rejects"
    usual = f'{{"id":null,"v":{USUAL[kind.split("(")[0]]}}}\n' * (0 if at_once else MANY)
    source.write_text(usual + "".join(f'{{"id":{number},"v":{literal}}}\n' for number, literal in enumerate(LITERALS)))
    outcome = bench.run(
        [source, "--select", "id,v", "-o", bench.server.url(), "--table", name, "--mode", "append", "--rejects", rejects])
    stored = {}
    for number, value in session.query(f"SELECT id, v::text FROM {name} WHERE id IS NOT NULL"):
        stored.setdefault(int(number), []).append(value)
    if "boolean" in kind:
        stored = {key: [value and value[0] for value in values] for key, values in stored.items()}
    problems = outcome.expect(0) + [f"id {key} {len(values)} times" for key, values in stored.items() if len(values) > 1]
    usual = int(session.value(f"SELECT count(*) FROM {name} WHERE id IS NULL"))
    problems += [] if usual == (0 if at_once else MANY) else [f"{usual} of the usual rows were stored"]
    reasons = rejected_ids(rejects)
    for number, literal in enumerate(LITERALS):
        problems += judged(kind, literal, stored.get(number), reasons.get(number))
    return problems, f"{len(stored)} stored, {len(reasons)} rejected"


# Types of which Postgres itself says what a text means, beside those above.
READ_BY_POSTGRES = (
    *TYPES, "mood", "inet", "interval", "time", "bytea", "text[]", "integer[]", "numeric[]", "jsonb[]", "uuid[]", "citext")
OTHER_TEXTS = (
    "happy", "Happy", "10.0.0.1", "10.0.0.0/8", "::1", "1 day 02:03:04", "P1DT2H", "5", "12:34:56", "\\x00ff", "{1,2}",
    "{\"a b\",c}", "{}", "[1:2]={1,2}")
ARRAYS = (
    "[]", "[1,2]", "[1,null,3]", "[\"a\",\"b,c\",\"d\\\"e\",\"\\\\\",\"\",\"NULL\",null]", "[[1,2],[3,4]]", "[[1],[2,3]]",
    "[{\"a\":1},{\"b\":[1]}]", "[true,false]", "[1.5,\"x\"]", "[\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"]")


# -0 is an integer; digits after the microsecond are cut off; a time with a zone is in UTC; a leap second belongs to the
# next day; the time of the statement.
OTHERWISE = {
    ("real", "-0"), ("double precision", "-0"), ("timestamptz", '"2024-01-01T10:20:30.1234567Z"'),
    ("timestamp", '"2024-01-01T10:20:30.1234567Z"'), ("timestamp", '"2024-01-01T00:00:00+02:00"'),
    ("timestamp", '"2024-01-01T00:00:00-05:30"'), ("date", '"2024-12-31T23:59:60Z"'), ("time", '"now"')}


def element(value):
    """An element of an array as PostgreSQL writes it."""
    if isinstance(value, list):
        return "{" + ",".join(map(element, value)) + "}"
    if value is None:
        return "NULL"
    if isinstance(value, meaning.Raw):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else json.dumps(plain(value), separators=(",", ":"))
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def plain(value):
    """A value with its numbers as numbers."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return json.loads(value) if isinstance(value, meaning.Raw) else value


def text_of(kind, literal):
    """The text of a JSON value that a user would give to psql; None for null."""
    value = meaning.parse(literal)
    if value is None:
        return None
    if kind in ("json", "jsonb"):
        return literal
    if isinstance(value, list) and kind.endswith("[]"):
        return element(value)
    if isinstance(value, (list, dict)):
        return literal
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def stored_by_postgres(session, table, text):
    """What an INSERT of the text stores; a list with the value, empty if the server refuses it."""
    given = "NULL" if text is None else "'" + text.replace("'", "''") + "'"
    try:
        return [session.value(f"INSERT INTO {table} VALUES (-1, {given}) RETURNING v::text")]
    except ServerError:
        return []


def as_postgres(bench, kind):
    """Each value is stored as an INSERT of its text stores it, or refused."""
    name = "p_" + re.sub(r"\W", "_", kind)
    session = bench.server.session()
    session.query(f"CREATE TABLE {name} (id bigint, v {kind})")
    texts = [text for text in (*TEXTS, *TIMES, *OTHER_TEXTS) if "\0" not in text and len(text) < 1000]
    literals = [
        literal for literal in (*NUMBERS, *map(json.dumps, texts), *OTHERS, *ARRAYS)
        if "\\u0000" not in literal and "\\ud800" not in literal and literal != "1e400"]
    source, rejects = bench.folder / f"{name}.jsonl", bench.folder / f"{name}.rejects"
    source.write_text("".join(f'{{"id":{number},"v":{literal}}}\n' for number, literal in enumerate(literals)))
    problems = bench.run(
        [source, "--select", "id,v", "-o", bench.server.url(), "--table", name, "--rejects", rejects]).expect(0)
    stored = {int(number): value for number, value in session.query(f"SELECT id, v::text FROM {name}")}
    reasons, same, refused = rejected_ids(rejects), 0, 0
    for number, literal in enumerate(literals):
        expected = stored_by_postgres(session, name, text_of(kind, literal))
        if number not in stored:
            refused += bool(expected)
            problems += [] if reasons.get(number) else [f"{short(literal)} into {kind}: neither stored nor refused"]
        elif expected and unlike(kind, expected[0], stored[number]) and (kind, literal) not in OTHERWISE:
            problems.append(
                f"{short(literal)} into {kind}: stored as {short(stored[number])!r}, Postgres: {short(expected[0])!r}")
        elif not expected and not beyond_postgres(kind, literal):
            problems.append(f"{short(literal)} into {kind}: stored as {short(stored[number])!r}, which Postgres refuses")
        else:
            same += 1
    return problems, f"{same} as Postgres, {refused} refused that it takes"


def unlike(kind, expected, stored):
    if kind == "json" and expected is not None and stored is not None:
        return not meaning.equal_json(meaning.stored_json(expected), meaning.stored_json(stored))
    return expected != stored


def beyond_postgres(kind, literal):
    """Whether the value has a form that we read and Postgres does not: its meaning is checked by `judged`."""
    value = meaning.parse(literal)
    whole = re.fullmatch(r'"?-?[0-9.]+(e[0-9+]+)?"?', literal)
    return kind in ("timestamptz", "timestamp", "timestamptz(0)", "date") and isinstance(value, str) or (
        kind in meaning.INTEGERS and whole is not None) or kind == "boolean" or kind in ("json", "jsonb")


LONG = (
    0, 1, -1, 2**53 + 1, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64 - 1, 10**19 + 1, 10**30 + 7, -10**40 - 3, 10**100 + 1,
    123456789012345678901234567890, 10**307 + 1)


def long_integers(bench, kind, mode):
    """Integers of any length as keys, least, greatest, first and last value, and as they are."""
    name = f"long_{kind}_{mode}"
    session = bench.server.session()
    source = bench.folder / f"{name}.jsonl"
    lines = [(number, number + step, step) for number in LONG for step in (2, 0, 1)]
    source.write_text("".join(f'{{"k":{k},"x":{x},"t":{t}}}\n' for k, x, t in lines))
    if mode == "append":
        session.query(f"CREATE TABLE {name} (k {kind}, x {kind})")
        options = ["--select", "k,x"]
        expected = [(k, x) for k, x, _ in lines]
    else:
        session.query(
            f"CREATE TABLE {name} (k {kind} UNIQUE, min_x {kind}, max_x {kind}, first_x {kind}, last_x {kind})")
        options = ["-g", "k", "--min", "x", "--max", "x", "-t", "t", "--first", "x", "--last", "x"]
        expected = [(k, k, k + 2, k, k + 2) for k in LONG]
    command = [source, *options, "-o", bench.server.url(), "--table", name, "--mode", mode]
    problems = bench.run(command).expect(0)
    if mode == "upsert":
        problems += bench.run(command).expect(0)
    stored = [tuple(map(str, row)) for row in session.query(f"SELECT * FROM {name}")]
    wanted = [tuple(map(str, row)) for row in expected]
    problems += [f"missing: {short(row[0])} ..." for row in sorted(set(wanted) - set(stored))]
    problems += [f"not expected: {short(row[0])} ..." for row in sorted(set(stored) - set(wanted))]
    return problems + ([f"{len(stored)} rows"] if len(stored) != len(wanted) else []), f"{len(stored)} rows"


ZONED_TIMES = (
    ("2026-02-03 07:08:09", "2026-02-03 06:08:09+00"), ("2026-07-03T07:08:09.5", "2026-07-03 05:08:09.5+00"),
    ("2026/02/03 07:08:09", "2026-02-03 06:08:09+00"), ("2026-02-03T07:08:09Z", "2026-02-03 07:08:09+00"),
    ("2026-02-03 07:08:09+03:00", "2026-02-03 04:08:09+00"), (1770102489123, "2026-02-03 07:08:09.123+00"),
    (20260203070809, "2026-02-03 06:08:09+00"))


def zoned_times(bench):
    """Times without a zone are in --time-zone, in a column as in --time."""
    session = bench.server.session()
    session.query("CREATE TABLE zoned (n int, v timestamptz, day date)")
    source = bench.folder / "zoned.jsonl"
    source.write_text("".join(
        json.dumps({"n": n, "v": sent, "day": "2026-02-03"}) + "\n" for n, (sent, _) in enumerate(ZONED_TIMES)))
    outcome = bench.run(
        [source, "-t", "v", "--select", "n,v,day", "--time-zone", "Europe/Berlin", "-o", bench.server.url(), "--table", "zoned"])
    session.query("SET TimeZone = 'UTC'")
    stored = {int(n): (v, day) for n, v, day in session.query("SELECT n, v::text, day::text FROM zoned")}
    problems = outcome.expect(0)
    for number, (sent, wanted) in enumerate(ZONED_TIMES):
        if stored.get(number) != (wanted, "2026-02-03"):
            problems.append(f"{sent}: {stored.get(number)}, not {wanted}")
    return problems, f"{len(stored)} rows"


def checks(bench):
    bench.server.session().query("CREATE TABLE victim (a int)")
    for kind in ("numeric", "text"):
        for mode in ("append", "upsert"):
            bench.report.check(f"long integers into {kind}, {mode}", long_integers, bench, kind, mode)
    bench.report.check("times without a zone", zoned_times, bench)
    for kind in TYPES:
        bench.report.check(f"values into {kind}", matrix, bench, kind, False)
        bench.report.check(f"values into {kind}, from the first row on", matrix, bench, kind, True)
    bench.server.session().query("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE EXTENSION IF NOT EXISTS citext")
    for kind in READ_BY_POSTGRES:
        bench.report.check(f"as Postgres stores the text: {kind}", as_postgres, bench, kind)
    survived = bench.server.session().value("SELECT to_regclass('victim')")
    bench.report.judge("no value became SQL", [] if survived == "victim" else ["a table is gone"], "")
