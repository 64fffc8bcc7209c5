"""Histories of changes of rows by key, and the table that they leave if they are applied one after the other."""

import collections
import dataclasses
import json

from . import wire
from .compare import rows_of, unlike_lists, unlike_tables

# What changes carry beside their keys: c is the number of the change, at the version that --if-newer compares.
VALUES = (("c", "bigint"), ("name", "text"), ("at", "bigint"))
# What the types of keys need in the database.
PREPARATION = """
    CREATE EXTENSION IF NOT EXISTS citext;
    CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE DOMAIN amount AS numeric;
    CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad')"""
# Texts that COPY must escape, and such that look like something else.
ODD = ("plain", "", " ", "tab\t", "line\n", "back\\slash", "\\N", "\\.", "quote'\"", "é", "\U0001f600", "NULL", "-", "-1", "1.0")


@dataclasses.dataclass(frozen=True)
class Kind:
    """The type of a key: its columns, and a function that gives the spellings of a key number as tuples of JSON texts.

    All spellings of a number are equal in the database, and those of different numbers differ.
    """

    name: str
    columns: tuple
    spellings: object

    @property
    def names(self):
        return ",".join(name for name, _ in self.columns)

    def create(self, table, values=VALUES, more=""):
        columns = ", ".join(f"{name} {kind}" for name, kind in (*self.columns, *values))
        return f"CREATE TABLE {table} ({columns}, PRIMARY KEY ({self.names}){more})"


def single(kind, spellings, name=None):
    return Kind(name or kind, (("k", kind),), lambda number: [(text,) for text in spellings(number)])


def texts(*values):
    return [json.dumps(value) for value in values]


def stamp(seconds, fraction=""):
    return f"2026-01-{1 + seconds // 86400:02}T{seconds // 3600 % 24:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


KINDS = (
    single("text", lambda n: texts(f"{ODD[n % len(ODD)]}~{n // len(ODD)}" if n >= len(ODD) else ODD[n])),
    single("varchar(20)", lambda n: texts(f"é{n}")),
    single("bigint", lambda n: [f"{n - 50}", f"{n - 50}.0", f'"{n - 50}"', f"{n - 50}e0"]),
    single("integer", lambda n: [f"{n}", f'"{n}"']),
    single("uuid", lambda n: texts(
        f"a0eebc99-9c0b-4ef8-bb6d-{n:012x}", f"A0EEBC99-9C0B-4EF8-BB6D-{n:012X}", f"{{a0eebc99-9c0b-4ef8-bb6d-{n:012x}}}",
        f"a0eebc999c0b4ef8bb6d{n:012x}")),
    single("double precision", lambda n: [f"{n / 2}", f"{n / 2}0", f'"{n / 2}"', f'"{n * 5}e-1"', *(["0", "-0.0", '"-0"'] if n == 0 else [])]),
    single("date", lambda n: texts(*(f"{2000 + n // 300}-{1 + n // 25 % 12:02}-{1 + n % 25:02}{more}" for more in ("", "T00:00:00Z", " 00:00:00")))),
    single("timestamptz", lambda n: texts(stamp(n, "Z"), stamp(n, ".000Z"), stamp(n + 3600, "+01:00"))),
    Kind("text and bigint", (("k", "text"), ("part", "bigint")), lambda n: [(json.dumps(f"k{n % 7}"), str(n // 7))]),
    Kind(
        "three columns", (("k", "uuid"), ("day", "date"), ("part", "boolean")),
        lambda n: [(json.dumps(f"a0eebc99-9c0b-4ef8-bb6d-{n // 6:012x}"), f'"2026-02-0{1 + n % 3}"', truth)
                   for truth in (("true", "1", '"t"', '"yes"') if n // 3 % 2 else ("false", "0", '"F"', '"off"'))]),
    # The spellings of these differ in their bytes.
    single("numeric", lambda n: [f"{n}.5", f"{n}.50", f'"{n}.5"', f'"{n}.500"', f"{n * 10 + 5}e-1"]),
    single("numeric(9,2)", lambda n: [f"{n}.25", f"{n}.251", f'"{n}.2499"']),
    single("amount", lambda n: [f"{n}", f'"{n}.0"', f'"{n}.00"']),
    single("char(8)", lambda n: texts(f"c{n}", f"c{n} ", f"c{n}  ")),
    single("timestamptz(0)", lambda n: texts(stamp(n, "Z"), stamp(n, ".2Z"), stamp(n, ".3Z"))),
    single("text COLLATE any_case", lambda n: texts(f"case{n}", f"CASE{n}", f"Case{n}"), "text of any case"),
    single("citext", lambda n: texts(f"case{n}", f"CASE{n}", f"Case{n}")),
    single("real", lambda n: [f"{n}.1", f"{n}.10", f'"{n}.1"', f"{n}.1000000001"]),
    single("inet", lambda n: texts(f"10.0.{n // 250}.{n % 250}", f"10.0.{n // 250}.{n % 250}/32")),
    single("interval", lambda n: texts(f"{n} hours", f"{n}:00:00", f"PT{n}H")),
    single("bytea", lambda n: texts(f"\\x{f'b{n}'.encode().hex()}", f"\\x{f'b{n}'.encode().hex().upper()}", f"b{n}")),
    single("text[]", lambda n: [f'["a",{json.dumps(ODD[n % len(ODD)])},"{n}"]', f'[ "a", {json.dumps(ODD[n % len(ODD)])}, "{n}" ]']),
    single("numeric[]", lambda n: [f"[{n}.5,null]", f"[{n}.50,null]", f'["{n}.5",null]']),
    single("jsonb", lambda n: [f'{{"a":{n},"b":[]}}', f'{{"b":[],"a":{n}}}', f'{{ "a" : {n}.0, "b" : [ ] }}']),
    Kind(
        "citext and enum", (("k", "citext"), ("mood", "mood")),
        lambda n: [(json.dumps(word), json.dumps(("sad", "ok", "glad")[n // 9 % 3]))
                   for word in (f"c{n % 9}x{n // 27}", f"C{n % 9}X{n // 27}")]),
)


@dataclasses.dataclass
class Change:
    """A change of the row with a key number. A tombstone is a deletion that carries nothing but its key."""

    key: int
    spelling: int
    number: int
    deletes: bool = False
    tombstone: bool = False
    name: str | None = None
    at: int | None = None
    # The database refuses it.
    poison: bool = False


def history(rng, keys, count, tombstones=False, late=0.3):
    """Changes of a few keys, without numbers; versions rise, but some are out of order, equal or missing."""
    found, clock = [], rng.randrange(100)
    for _ in range(count):
        clock += rng.choice((0, 1, 1, 5))
        deletes = rng.random() < 0.35
        tombstone = deletes and tombstones and rng.random() < 0.6
        at = clock if rng.random() > late else max(0, clock - rng.randrange(1, 25))
        # Only a deletion can do without a version.
        at = None if tombstone or deletes and rng.random() < 0.15 else at
        found.append(Change(rng.choice(keys), rng.randrange(100), 0, deletes, tombstone, None, at))
    return found


def histories(rng, count, tombstones=False, longest=30, active=8, name=lambda change: f"n{change.number}"):
    """The changes of many histories with keys of their own, interleaved, in order; `active` go on at once."""
    waiting, key = [], 0
    for _ in range(count):
        keys = range(key, key + rng.choice((1, 1, 2, 3)))
        key = keys.stop
        waiting.append(history(rng, keys, min(longest, rng.choice((1, 2, 5, 12, longest))), tombstones)[::-1])
    going, changes = [], []
    while waiting or going:
        while waiting and len(going) < active:
            going.append(waiting.pop())
        chosen = rng.choice(going)
        # Several changes in a row, mostly of the same keys.
        for _ in range(min(len(chosen), rng.choice((1, 1, 3)))):
            change = chosen.pop()
            change.number = len(changes) + 1
            change.name = name(change) if rng.random() < 0.9 else None
            changes.append(change)
        if not chosen:
            going.remove(chosen)
    return changes


class Model:
    """The rows by key number; each is the change that wrote it."""

    def __init__(self, is_versioned, rows=()):
        self.is_versioned = is_versioned
        self.rows = {row.key: row for row in rows}
        # Changes that are refused at any time, and those that may be refused, unless a later one of their commit wins.
        self.refused, self.maybe = [], []

    def apply(self, change):
        if self.is_versioned and change.at is None and not change.deletes:
            self.refused.append(change)
            return
        if change.poison:
            self.maybe.append(change)
            return
        row = self.rows.get(change.key)
        if self.is_versioned and row and None not in (row.at, change.at) and row.at > change.at:
            return
        if change.deletes:
            self.rows.pop(change.key, None)
        else:
            self.rows[change.key] = change

    def apply_all(self, changes):
        for change in changes:
            self.apply(change)
        return self


def initial_rows(rng, keys):
    """Rows that are in the table before: of some of the keys, some without a version."""
    return [
        Change(key, 0, -key - 1, name="before", at=rng.choice((None, 0, 10, 40)))
        for key in sorted(set(keys)) if rng.random() < 0.3]


def spelled(kind, change, is_first=False):
    """The key columns of a change as JSON members."""
    choices = kind.spellings(change.key)
    values = choices[0 if is_first else change.spelling % len(choices)]
    return [f"{json.dumps(name)}:{value}" for (name, _), value in zip(kind.columns, values)]


def values_of(change):
    return [f'"c":{change.number}', f'"name":{json.dumps(change.name)}', f'"at":{json.dumps(change.at)}']


def line(kind, change, padding=""):
    """The change as a record."""
    operation = f'"op":"{"d" if change.deletes else "u"}"'
    return "{" + ",".join((*spelled(kind, change), operation, *values_of(change), f'"padding":"{padding}"')) + "}\n"


def debezium_line(kind, change):
    """The change as an event of Debezium: the row before or after it. The name of a deleted row is of no use."""
    row = "{" + ",".join((*spelled(kind, change), f'"name":{json.dumps(change.name)}')) + "}"
    before, after, operation = (row, "null", "d") if change.deletes else ("null", row, "u")
    return f'{{"before":{before},"after":{after},"op":"{operation}","c":{change.number},"at":{json.dumps(change.at)}}}\n'


def debezium_flags(kind):
    keys = ",".join(f"{name}=coalesce(after.{name}, before.{name})" for name, _ in kind.columns)
    return ("--key", keys, "--select", "c,name=after.name,at", "--delete", "op = 'd'")


def flags(kind):
    return ("--key", kind.names, "--select", "c,name,at", "--delete", "op = 'd'")


def fill(session, table, kind, changes):
    """Inserts the rows of changes; Postgres itself reads their JSON."""
    rows = ",".join("{" + ",".join((*spelled(kind, change, True), *values_of(change))) + "}" for change in changes)
    columns = ",".join((kind.names, *(name for name, _ in VALUES)))
    session.query(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, {wire.literal(f'[{rows}]')})")


def unlike_model(session, table, kind, model):
    """How a table differs from the model, by the equality of its types."""
    expected = f"{table}_expected"
    session.query(f"DROP TABLE IF EXISTS {expected}; CREATE TABLE {expected} (LIKE {table} INCLUDING INDEXES)")
    fill(session, expected, kind, model.rows.values())
    return unlike_tables(session, expected, table)


def unlike_rejects(path, model, always):
    """How a file of rejects differs from the refused changes of a model.

    always says of a poisoned change whether it must be refused; the others are refused unless they are replaced before.
    """
    rows = [entry["row"] for entry in rows_of(path.read_text())] if path.exists() else []
    numbers = [int(row["c"]) for row in rows]
    must = [change.number for change in (*model.refused, *filter(always, model.maybe))]
    may = {change.number for change in model.maybe}
    problems = unlike_lists(must, [number for number in numbers if number in set(must) or number not in may], "rejected changes")
    twice = [number for number, count in collections.Counter(numbers).items() if count > 1]
    return problems + [f"rejected twice: {number}" for number in twice]


def cuts(rng, count, length):
    """Ends of pieces of a list, the last one its length."""
    return sorted({rng.randrange(1, length) for _ in range(count)} | {length})
