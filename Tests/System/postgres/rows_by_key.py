"""Rows of --lookup that are fetched from a database by key: the rows of LEFT JOINs in that database, what the cache keeps,
lost connections, and each reason to refuse a table."""

import json
import os
import random
import signal
import threading
import time

from ..common import wire
from ..common.bench import Bench as CommonBench
from ..common.compare import rows_of
from ..common.processes import wait_until
from . import proxy

OPTIONS = {"inputs": 40, "runs": 6}
# Types of key columns with values, and with texts that are none of them; how the server reads a text.
KINDS = {
    "smallint": (range(-3, 20), ("x", "1.5", 40000, 99999999999999999999, True)),
    "integer": (range(30), ("seven", 1.5, 3000000000, "", True)),
    "bigint": (range(9007199254740990, 9007199254741010), ("-", [1], "1e30", None)),
    "numeric": (("0.5", "1.25", "-7", "12345678901234567890123"), ("abc", "NaN x", False)),
    "double precision": (("0.1", "2.5", "1e100"), ("abc", "1e999")),
    "text": (("a", "A", "é", "a b", 'q"\\{},\'', "7", "", "NULL", "null"), (True, {"a": 1}, "b\0c", "b")),
    "varchar(3)": (("abc", "ab", "x"), ("abcd", "abcdef", 12)),
    "char(4)": (("abc", "abcd", "x"), ("abcde", "y")),
    "uuid": (("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12"), ("a0eebc99", "x" * 40, 5)),
    "date": (("2026-03-01", "2026-12-31"), ("2026-02-30", "yesterdayish", 20260301.5)),
    "timestamptz": (("2026-03-01T10:00:00Z", "2026-03-01T12:00:00.25+02:00"), ("soon", "2026-13-01T00:00:00Z")),
    "boolean": ((True, False), ("true", 1, "x")),
    "small_number": (range(5), (7, -1, "x", 2.5)), "color": (("red", "green"), ("blue", 7))}
PLAIN = ("integer", "bigint", "text")


class Bench(CommonBench):
    def prepare(self):
        self.one = self.folder / "one.jsonl"
        self.one.write_text('{"id":7,"ts":"2026-03-01T10:00:00Z"}\n')
        with self.server.session() as session:
            session.query(
                "CREATE TABLE users (id integer PRIMARY KEY, name text, t integer); INSERT INTO users VALUES (7, 'ann', 1);"
                "CREATE TABLE twice (id integer, name text); INSERT INTO twice VALUES (7, 'b'), (7, 'a'), (NULL, 'c');"
                "CREATE TABLE odd (j json, \"$key\" integer, n integer); INSERT INTO odd VALUES ('{\"a\": 7}', 7, 1);"
                "CREATE ROLE reader LOGIN; GRANT SELECT (id) ON twice TO reader;"
                "CREATE DOMAIN small_number AS smallint CHECK (VALUE BETWEEN 0 AND 9); CREATE TYPE color AS ENUM ('red', 'green');"
                # What a text is as a value of a type; null if it is none. A limit of the length is not the type's.
                "CREATE FUNCTION read_as(written text, kind anyelement) RETURNS anyelement LANGUAGE plpgsql STABLE AS "
                "$$ BEGIN kind := written; RETURN kind; EXCEPTION WHEN data_exception OR check_violation THEN RETURN NULL; END $$")

    def table(self, parts, **url):
        return f"{self.server.url(**url)}?{parts}"

    def looked_up(self, *arguments, **settings):
        return rows_of(self.printed([*arguments], **settings))


def text_of(value, kind):
    """The text that a key is compared as; None for one that equals nothing."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "boolean":
        return str(value).lower() if isinstance(value, bool) else None
    if value is None or isinstance(value, (bool, list, dict)) or "\0" in str(value):
        return None
    if kind in ("smallint", "integer", "bigint", "small_number"):
        try:
            # Whole numbers, however they are written, within 64 bits.
            number = float(value) if is_number or value.strip("-").replace(".", "").isdigit() else None
        except ValueError:
            number = None
        if number is None or number != int(number) or abs(int(number)) >= 2**63:
            return None
        return str(int(value)) if "." not in str(value) else str(int(number))
    if kind in ("numeric", "double precision") and not is_number:
        try:
            float(json.loads(value))
        except (ValueError, TypeError):
            return None
    return json.dumps(value) if is_number else value


def like_a_join(bench, number):
    """Random tables and records."""
    source = random.Random(f"{bench.seed} {number}")
    kinds = [source.choice(list(KINDS)) for _ in range(source.choice((1, 1, 2)))]
    match = source.choice(("first", "last"))
    session = bench.server.session()
    names = [f"k{n}" for n in range(len(kinds))]
    base = [kind.split("(")[0].replace("char", "bpchar").replace("varbpchar", "varchar") for kind in kinds]
    session.query(
        "DROP TABLE IF EXISTS r, t; CREATE TABLE r (n bigint, " + ", ".join(f"{n} text" for n in names) + "); CREATE TABLE t ("
        + ", ".join(f"{n} {kind}" for n, kind in zip(names, kinds)) + ", name text, size numeric)")

    def literal(value):
        return "NULL" if value is None else wire.literal(value if isinstance(value, str) else json.dumps(value))

    rows = [
        [*(source.choice((None, *KINDS[kind][0])) for kind in kinds), f"name {n}", n]
        for n in range(source.choice((0, 3, 40)))]
    records = []
    for n in range(source.choice((20, 3000))):
        keys = [source.choice((*KINDS[kind][0], *KINDS[kind][0], *KINDS[kind][1], None)) for kind in kinds]
        # A text that is a number is one.
        keys = [str(k) if isinstance(k, int) and not isinstance(k, bool) and source.random() < 0.3 else k for k in keys]
        records.append(keys)
    if rows:
        session.query("INSERT INTO t VALUES " + ",".join("(" + ", ".join(map(literal, row)) + ")" for row in rows))
    session.query("INSERT INTO r VALUES " + ",".join(
        "(" + ", ".join([str(n), *(literal(text_of(k, kind)) for k, kind in zip(keys, kinds))]) + ")" for n, keys in enumerate(records)))
    same = " AND ".join(f"t.{n} = read_as(r.{n}, NULL::{kind})" for n, kind in zip(names, base))
    order = "DESC" if match == "last" else "ASC"
    wanted = session.query(
        f"SELECT n, name, size FROM r LEFT JOIN LATERAL (SELECT * FROM t WHERE {same} ORDER BY to_json(t.*)::text COLLATE \"C\" {order} "
        "LIMIT 1) t ON true ORDER BY n")
    path = bench.folder / "records.jsonl"
    path.write_text("".join(json.dumps({"n": n, **dict(zip(names, keys))}) + "\n" for n, keys in enumerate(records)))
    cache = source.choice((1, 7, 100000))
    table = bench.table(f"table=t&on={','.join(names)}&match={match}&cache={cache}")
    text = bench.printed([path, "-q", "--lookup", table, "--select", "n,name,size", "-j", source.choice("123")])
    found = [tuple(None if v is None else str(v) for v in r.values()) for r in rows_of(text)]
    wrong = [(kinds, records[int(w[0])], f, w) for f, w in zip(found, wanted) if f != w]
    return [f"run {number}, cache={cache}: {wrong[:3]}"] if wrong or len(found) != len(wanted) else []


def joins(bench):
    return [problem for number in range(bench.options.inputs) for problem in like_a_join(bench, number)][:5]


def like_a_whole_table(bench):
    """Of plain types, the rows are those of load=all, bytes included, for any number of threads and any cache."""
    session = bench.server.session()
    session.query("CREATE TABLE people AS SELECT n AS id, 'name ' || n AS name, n * 0.5 AS score FROM generate_series(1, 30000, 3) n")
    path = bench.folder / "many.jsonl"
    source = random.Random(bench.seed)
    keys = [source.randrange(1, 33000) for _ in range(60000)]
    path.write_text("".join(f'{{"id":{key},"padding":"{"x" * 40}"}}\n' for key in keys))
    whole = bench.printed([path, "-q", "--lookup", bench.table("table=people&on=id&load=all")])
    problems = []
    for jobs, cache in (("1", 100000), ("1", 500), ("2", 100000), ("4", 9)):
        stats = bench.folder / "stats.json"
        text = bench.printed([
            path, "-q", "-j", jobs, "--lookup", bench.table(f"table=people&on=id&cache={cache}"), "--stats", stats])
        counts = json.loads(stats.read_text().splitlines()[-1])["lookups"][0]
        if text != whole:
            problems.append(f"-j {jobs}, cache={cache}: other rows")
        if cache == 100000 and counts["fetched_keys"] != len(set(keys)):
            problems.append(f"{counts}, expected {len(set(keys))} fetched keys: those without a row are kept, too")
        if counts["misses"] != sum(key % 3 != 1 or key > 30000 for key in keys):
            problems.append(f"misses: {counts}")
    return problems


def other_parts(bench):
    problems = []
    for match, name in (("first", "a"), ("last", "b")):
        rows = bench.looked_up(bench.one, "--lookup", bench.table(f"table=twice&on=id&match={match}"))
        problems += [] if rows[0]["name"] == name else [f"match={match}: {rows}"]
    problems += bench.run([bench.one, "--lookup", bench.table("table=twice&on=id&match=error")]).expect(
        65, "lookup twice: several rows have the key 7; match=first takes the first one")
    rows = bench.looked_up(bench.one, "--lookup", bench.table("table=users&on=id&prefix=u_&columns=name,t"))
    problems += [] if rows == [{"id": 7, "ts": "2026-03-01T10:00:00Z", "u_name": "ann", "u_t": 1}] else [f"{rows}"]
    for load in ("", "&load=all"):
        rows = bench.looked_up(bench.one, "--lookup", bench.table(f"table=odd&on=id&key=$key&columns=j.a,n{load}"))
        problems += [] if rows[0]["j.a"] == 7 and rows[0]["n"] == 1 else [f"{rows}"]
        rows = bench.looked_up(bench.one, "--lookup", bench.table(f"table=users&on=id{load}"))
        problems += [] if rows[0]["name"] == "ann" and rows[0]["t"] == 1 else [f"a column named t: {rows}"]
    missing = bench.folder / "missing.jsonl"
    missing.write_text('{"id":8}\n{"id":7}\n')
    rows = bench.looked_up(missing, "--lookup", bench.table("table=users&on=id&missing=drop"))
    problems += [] if [row["id"] for row in rows] == [7] else [f"missing=drop: {rows}"]
    problems += bench.run([missing, "--lookup", bench.table("table=users&on=id&missing=reject"), "--strict"]).expect(65, "no row of users for id 8")
    rows = bench.looked_up(
        bench.one, "-t", "ts", "-w", "1m", "-g", "id", "--count", "--then", "--lookup", bench.table("table=users&on=id"), "--select", "id,name")
    problems += [] if rows == [{"id": 7, "name": "ann"}] else [f"--then: {rows}"]
    page = bench.printed([bench.one, "--lookup", bench.table("table=users&on=id&cache=5&ttl=90s"), "--explain"])
    for words in ("users on id: rows are fetched when records need them", "The last 5 keys are kept", "It adds name, t."):
        problems += [] if words in page else [f"--explain: {page}"]
    return problems


def refusals(bench):
    problems = []
    for parts, status, words in (
            ("table=user&on=id", 66, ("has no such table", "(did you mean users?)")),
            ("table=twice&on=user", 64, ("key=user: the table has no such column; it has id, name; write key=COLUMN",)),
            ("table=odd&on=id&key=j", 66, ("operator does not exist: json = json",)),
            ("table=odd&on=id&key=j.a", 64, ("key=j.a: a part of a column is not found by key; add &load=all",))):
        problems += bench.run([bench.one, "--lookup", bench.table(parts)]).expect(status, *words)
    outcome = bench.run([bench.one, "--lookup", bench.table("table=twice&on=id", user="reader")])
    problems += outcome.expect(66, 'no privilege to read name; GRANT SELECT ON "twice" TO "reader"')
    return problems + bench.run([bench.one, "--lookup", bench.table("table=users&on=id", port=1)]).expect(69, "refused")


class Live:
    """A run that reads a pipe."""

    def __init__(self, bench, table, *flags):
        self.process = bench.start(
            ["--lookup", table, "-f", "json", *flags], stdin=-1, bufsize=0)
        self.bench, self.rows, self.errors = bench, [], []
        self.readers = [
            threading.Thread(target=self.collect, args=pair, daemon=True)
            for pair in ((self.process.stdout, self.rows), (self.process.stderr, self.errors))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def collect(stream, lines):
        for line in stream:
            lines.append(line.decode())

    def ask(self, text):
        os.write(self.process.stdin.fileno(), text.encode())

    def row(self, text, seconds=30):
        """The row of a record."""
        before = len(self.rows)
        self.ask(text)
        wait_until(lambda: len(self.rows) > before, seconds)
        return json.loads(self.rows[before]) if len(self.rows) > before else None

    def name(self, text='{"id":7}\n'):
        return (self.row(text) or {}).get("name", "no row")

    def said(self, words, seconds=30):
        return wait_until(lambda: any(words in line for line in self.errors), seconds)

    def end(self):
        self.process.stdin.close()
        return self.status()

    def status(self):
        """Once it has ended, and all that it wrote is there."""
        status = self.process.wait(30)
        for reader in self.readers:
            reader.join(30)
        return status


def kept(bench):
    """A row counts until ttl has passed; so does that there is none."""
    session = bench.server.session()
    session.query("CREATE TABLE fresh (id integer, name text); INSERT INTO fresh VALUES (7, 'one')")
    long, short = (Live(bench, bench.table(f"table=fresh&on=id&ttl={ttl}")) for ttl in ("1h", "300ms"))
    found = [run.name(text) for run in (long, short) for text in ('{"id":7}\n', '{"id":8}\n')]
    session.query("UPDATE fresh SET name = 'two'; INSERT INTO fresh VALUES (8, 'new')")
    time.sleep(0.4)
    found += [run.name(text) for run in (long, short) for text in ('{"id":7}\n', '{"id":8}\n')]
    problems = [f"status {status}" for status in (long.end(), short.end()) if status]
    wanted = ["one", None, "one", None, "one", None, "two", "new"]
    return problems + ([] if found == wanted else [f"{found}, expected {wanted}"])


def cuts(bench):
    """Connections that break at any message: all rows come, with their values."""
    session = bench.server.session()
    session.query("CREATE TABLE steady AS SELECT n AS id, 'name ' || n AS name FROM generate_series(1, 20000) n")
    path = bench.folder / "steady.jsonl"
    path.write_text("".join(f'{{"id":{n},"padding":"{"x" * 100}"}}\n' for n in range(1, 20001)))
    between = proxy.Proxy(bench.server.port, bench.seed)
    # The look at the start comes before.
    wanted = bench.printed([path, "-q", "--lookup", bench.table("table=steady&on=id")])
    problems, struck = [], 0
    for jobs in ("1", "3") * (bench.options.runs // 2):
        between.break_at("any", 8, 30)
        outcome = bench.run([path, "-j", jobs, "--lookup", bench.table("table=steady&on=id", port=between.port)])
        hits = between.break_at(None)
        struck += hits
        problems += outcome.expect(0, *(("retrying",) if hits else ()))
        problems += [] if outcome.out == wanted else ["other rows"]
    between.close()
    return problems + ([] if struck else ["no connection broke"])


def outage(bench):
    """The server is gone for a while: the run waits, and says so; it ends on a signal."""
    session = bench.server.session()
    session.query("CREATE TABLE lost (id integer, name text); INSERT INTO lost VALUES (7, 'ann'), (8, 'bob')")
    waiting, stopped = (Live(bench, bench.table("table=lost&on=id"), *flags) for flags in ((), ("-g", "name", "--count")))
    problems = [] if waiting.name() == "ann" else ["no row at first"]
    stopped.ask('{"id":7}\n{"id":7}\n')
    time.sleep(2)  # nothing says when its rows have come
    bench.server.crash()
    for run in (waiting, stopped):
        run.ask('{"id":8}\n')
        if not run.said("retrying"):
            problems.append(f"nothing was said: {run.errors}")
    stopped.process.send_signal(signal.SIGTERM)
    # The process reports the signal, and the rows of the records that were looked up.
    problems += [] if stopped.status() == -signal.SIGTERM else [f"status {stopped.process.returncode}"]
    problems += [] if [json.loads(row) for row in stopped.rows] == [{"name": "ann", "count": 2}] else [f"at the end: {stopped.rows}"]
    before = len(waiting.rows)
    bench.server.start()
    wait_until(lambda: len(waiting.rows) > before)
    problems += [] if len(waiting.rows) == 2 and json.loads(waiting.rows[1])["name"] == "bob" else [f"{waiting.rows}"]
    problems += [] if waiting.said("recovered after") else [f"{waiting.errors}"]
    bench.server.session().query("DROP TABLE lost")
    waiting.ask('{"id":9}\n')
    problems += [] if waiting.said('relation "lost" does not exist') and waiting.status() == 66 else [
        f"dropped: {waiting.errors}, status {waiting.process.returncode}"]
    return problems


def reloaded(bench):
    """A whole table that is read again: other rows, one that cannot be read, and a server that is gone."""
    session = bench.server.session()
    session.query("CREATE TABLE again (id integer, name text); INSERT INTO again VALUES (7, 'one')")
    run = Live(bench, bench.table("table=again&on=id&load=all&reload=200ms&match=error"))
    problems = [] if run.name() == "one" else ["no row at first"]

    def becomes(name):
        return [] if wait_until(lambda: run.name() == name) else [f"not {name}: {run.name()} {run.errors}"]

    session.query("UPDATE again SET name = 'two'")
    problems += becomes("two")
    session.query("INSERT INTO again VALUES (7, 'three')")
    problems += [] if run.said("another row before has the key 7") and run.name() == "two" else [f"duplicate: {run.errors}"]
    session.query("DELETE FROM again WHERE name = 'two'")
    problems += becomes("three")
    bench.server.crash()
    problems += [] if wait_until(lambda: sum("rows that were read before are used" in line for line in run.errors) == 2) else [
        f"crash: {run.errors}"]
    problems += [] if run.name() == "three" else ["the rows were lost"]
    time.sleep(1)
    bench.server.start()
    bench.server.session().query("UPDATE again SET name = 'four'")
    problems += becomes("four") + [f"status {status}" for status in [run.end()] if status]
    # Each failure once, and each end of one.
    spoken = [line for line in run.errors if "lookup again" in line]
    return problems + ([] if len(spoken) == 4 else [f"messages: {spoken}"])


def checks(bench):
    check = bench.report.check
    check("rows of LEFT JOIN for keys of every type", joins, bench)
    check("the same rows as with load=all for any cache and threads", like_a_whole_table, bench)
    check("the other parts of a lookup", other_parts, bench)
    check("what is refused", refusals, bench)
    check("rows are kept for their time", kept, bench)
    check("connections that break", cuts, bench)
    check("a server that is gone, and a table", outage, bench)
    check("a whole table that is read again", reloaded, bench)
