"""Tables of --lookup in a database: the rows of LEFT JOINs in that database, and each reason to refuse one."""

import json
import random
import time

from ..common import wire
from ..common.bench import Bench as CommonBench
from ..common.compare import rows_of
from ..common.processes import wait_until
from . import proxy

OPTIONS = {"inputs": 30}
CANARY = "c4nary-Passw0rd"
# A table with a column of each kind; the expected values are those of records.
KINDS = (
    ("id", "integer", "7", 7), ("small", "smallint", "-3", -3), ("big", "bigint", "9007199254740993", 9007199254740993),
    ("exact", "numeric", "1.50", 1.50), ("real", "real", "0.1", 0.1), ("double", "double precision", "0.1", 0.1),
    ("nan", "double precision", "'NaN'", "NaN"), ("yes", "boolean", "true", True), ("nothing", "text", "NULL", None),
    ("text", "text", "E'a\\\\b\"c\\nd\\té\\x01'", 'a\\b"c\nd\té\x01'), ("empty", "text", "''", ""),
    ("day", "date", "'2026-03-01'", "2026-03-01"), ("at", "timestamptz", "'2026-03-01 12:00+02'", "2026-03-01T10:00:00Z"),
    ("at_us", "timestamptz", "'2026-03-01 10:00:00.25Z'", "2026-03-01T10:00:00.25Z"),
    ("local", "timestamp", "'2026-03-01 10:00'", "2026-03-01T10:00:00"),
    ("uuid", "uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("list", "integer[]", "'{1,2}'", [1, 2]), ("json", "json", "E'{\\n\"a\": {\"b\": 1}}'", {"a": {"b": 1}}),
    ("jsonb", "jsonb", "'{\"x\":\"y\"}'", {"x": "y"}), ('odd "name"', "text", "'odd'", "odd"))


class Bench(CommonBench):
    def prepare(self):
        self.one = self.folder / "one.jsonl"
        self.one.write_text('{"id":7,"ts":"2026-03-01T10:00:00Z"}\n')
        with self.server.session() as session:
            session.query(
                "CREATE TABLE kinds (" + ", ".join(f"{wire.quoted(n)} {kind}" for n, kind, _, _ in KINDS) + ");"
                "INSERT INTO kinds VALUES (" + ", ".join(value for _, _, value, _ in KINDS) + ");"
                "CREATE VIEW seen AS SELECT id, text FROM kinds; CREATE TABLE nobody (id integer, name text);"
                "CREATE TABLE twice (id integer, name text); INSERT INTO twice VALUES (7, 'b'), (7, 'a'), (NULL, 'c');"
                f"CREATE ROLE reader LOGIN PASSWORD {wire.literal(CANARY)};"
                "GRANT SELECT (id) ON twice TO reader; CREATE SCHEMA hidden; CREATE TABLE hidden.t (id integer)")

    def table(self, parts, **url):
        return f"{self.server.url(**url)}?load=all&{parts}"


def kinds(bench, table):
    rows = rows_of(bench.printed([bench.one, "--lookup", bench.table(f"table={table}&on=id")]))
    wanted = {n: value for n, _, _, value in KINDS if table == "kinds" or n in ("id", "text")}
    found = {n: v for n, v in rows[0].items() if n != "ts"}
    return [f"{n}: {found.get(n)!r}, expected {v!r}" for n, v in wanted.items() if found.get(n, "no such column") != v]


def parts_of_json(bench):
    text = bench.printed([
        bench.one, "--lookup", bench.table("table=public.kinds&on=id&columns=json.a.b,jsonb&prefix=k_"), "--select", '"k_json.a.b",k_jsonb'])
    found = rows_of(text)
    return [] if found == [{"k_json.a.b": 1, "k_jsonb": {"x": "y"}}] else [text]


def duplicates(bench):
    problems = []
    for match, name in (("first", "a"), ("last", "b")):
        text = bench.printed([bench.one, "--lookup", bench.table(f"table=twice&on=id&match={match}")])
        problems += [] if rows_of(text)[0]["name"] == name else [f"match={match}: {text}"]
    outcome = bench.run([bench.one, "--lookup", bench.table("table=twice&on=id&match=error")])
    return problems + outcome.expect(65, "lookup twice: another row before has the key 7")


def empty(bench):
    outcome = bench.run([bench.one, "--lookup", bench.table("table=nobody&on=id")])
    return outcome.expect(0, "lookup nobody: the table has no rows", "1 of 1 records without a row") + (
        [] if rows_of(outcome.out)[0]["name"] is None else [outcome.out])


def like_a_join(bench, number):
    """Random tables and records: LEFT JOIN, or for tables with times a lateral join of the last version."""
    source = random.Random(f"{bench.seed} {number}")
    is_timed, kind = source.random() < 0.5, source.choice(("bigint", "text"))
    keys = range(source.choice((3, 40)))
    session = bench.server.session()
    session.query("DROP TABLE IF EXISTS r, t")
    session.query(f"CREATE TABLE r (n bigint, k {kind}, at timestamptz); CREATE TABLE t (key {kind}, since timestamptz, name text, size numeric)")

    def stamp():
        return f"2026-01-01T00:{source.randrange(60):02}:00Z"

    def key():
        return source.choice((None, *keys)) if kind == "bigint" else source.choice((None, *(f"k {key}'\\é" for key in keys)))

    def row(values):
        return "(" + ", ".join("NULL" if v is None else str(v) if isinstance(v, int) else wire.literal(v) for v in values) + ")"

    records = [(n, key(), stamp()) for n in range(300)]
    rows = {}
    for n in range(source.choice((1, 30, 4000))):
        known = (key(), stamp())
        # Which of several rows counts is not the question here.
        rows[known if is_timed else known[0]] = (*known, f"name {n}", n)
    session.query("INSERT INTO r VALUES " + ",".join(map(row, records)))
    session.query("INSERT INTO t VALUES " + ",".join(map(row, rows.values())))
    join = (
        "LATERAL (SELECT * FROM t WHERE t.key = r.k AND t.since <= r.at ORDER BY t.since DESC LIMIT 1) t ON true"
        if is_timed else "t ON t.key = r.k")
    wanted = session.query(f"SELECT n, name, size FROM r LEFT JOIN {join} ORDER BY n")
    path = bench.folder / "records.jsonl"
    path.write_text("".join(json.dumps({"n": n, "k": k, "at": at}) + "\n" for n, k, at in records))
    parts = "table=t&on=k&key=key&columns=name,size" + ("&as-of=since" if is_timed else "")
    text = bench.printed([path, "-q", "-t", "at", "--lookup", bench.table(parts), "--select", "n,name,size", "-j", source.choice("12")])
    found = [tuple(None if v is None else str(v) for v in r.values()) for r in rows_of(text)]
    return [] if found == wanted else [f"run {number}: {sorted(set(found) ^ set(wanted), key=str)[:4]}"]


def joins(bench):
    return [problem for number in range(bench.options.inputs) for problem in like_a_join(bench, number)][:5]


def several_batches(bench):
    """More rows than one batch holds, some of them long."""
    session = bench.server.session()
    session.query(
        "CREATE TABLE many AS SELECT n AS id, repeat('x', (n % 50) * 10) || CASE n % 9999 WHEN 0 THEN repeat('y', 400000) ELSE '' END AS v "
        "FROM generate_series(1, 100000) n")
    path = bench.folder / "ids.jsonl"
    path.write_text("".join(f'{{"id":{n}}}\n' for n in range(1, 100001)))
    text = bench.printed([path, "--lookup", bench.table("table=many&on=id"), "--let", "n=length(v)", "--count", "--sum", "n"])
    wanted = session.query("SELECT count(*), sum(length(v)) FROM many")[0]
    found = tuple(str(v) for v in rows_of(text)[0].values())
    return [] if found == wanted else [f"{found}, expected {wanted}"]


def refusals(bench):
    problems = []
    for parts, status, words in (
            ("table=kind&on=id", 66, ("has no such table", "its search path has kinds, many", "(did you mean kinds?)")),
            ("table=hidden.u&on=id", 66, ("its schema hidden has t",)), ("table=gone.u&on=id", 66, ("its schema gone has none",)),
            ("table=twice&on=user", 64, ("key=user: the table has no such column; it has id, name; write key=COLUMN",)),
            ("table=twice&on=id&columns=nam", 64, ("columns=nam: the table has no such column", "(did you mean name?)")),
            ("table=twice&on=id&as-of=name", 65, ("as-of=name is 'a', not a time",))):
        outcome = bench.run([bench.one, "-t", "ts", "--lookup", bench.table(parts)])
        problems += outcome.expect(status, *words)
    secret = {"PGPASSWORD": CANARY}
    reader = bench.server.url(user="reader")
    outcomes = [
        (66, ("no privilege to read name; GRANT SELECT ON \"twice\" TO \"reader\"",), f"{reader}?load=all&table=twice&on=id"),
        (66, ("permission denied for schema hidden",), f"{reader}?load=all&table=hidden.t&on=id"),
        (69, ("refused",), f"{bench.server.url(port=1)}?load=all&table=twice&on=id"),
        (64, ("must not contain a password",), f"postgresql://reader:{CANARY}@127.0.0.1:1/postgres?load=all&table=twice&on=id"),
        (64, ("must not contain a password",), f"{reader}?password={CANARY}&load=all&table=twice&on=id"),
        (64, ("invalid URI query parameter 'sslmod'",), f"{reader}?sslmod=require&load=all&table=twice&on=id"),
        (64, ("add &load=all",), f"postgresql://reader:{CANARY}@h/d?table=twice&on=id&reload=5s")]
    for status, words, table in outcomes:
        outcome = bench.run([bench.one, "--lookup", table], secret)
        problems += outcome.expect(status, *words) + ([f"a secret is shown: {outcome.err}"] if CANARY in outcome.out + outcome.err else [])
    return problems


def changed(bench):
    """A job notices that a table has changed, but not that its rows were written again."""
    session = bench.server.session()
    session.query("CREATE TABLE rooms (id integer PRIMARY KEY, room text, other text); INSERT INTO rooms VALUES (1, 'a'), (2, 'b'), (7, 'c')")
    path, out = bench.folder / "growing.jsonl", bench.folder / "growing.out"

    def job(*flags):
        with open(path, "a") as file:
            file.write('{"id":7,"ts":"2026-03-01T10:00:00Z"}\n')
        return bench.run([
            path, "-t", "ts", "--lookup", bench.table("table=rooms&on=id&columns=room"), "-g", "room", "-w", "1m", "-W", "1s", "--count",
            "-o", out, "--job", "rooms", "--state-dir", bench.folder / "state", *flags])

    problems = job().expect(0)
    session.query("DELETE FROM rooms WHERE id = 1; INSERT INTO rooms VALUES (1, 'a'); UPDATE rooms SET other = 'x'")
    problems += job().expect(0)
    session.query("UPDATE rooms SET room = 'd' WHERE id = 7")
    problems += job().expect(78, "lookup rooms has changed since the job began", "--lookup-changed accept")
    problems += job("--lookup-changed", "accept").expect(0, "lookup rooms has changed; open windows are computed again")
    rows = rows_of(out.read_text())
    return problems + ([] if rows and rows[-1]["room"] == "d" else [out.read_text()])


def while_it_is_read(bench, job, name, strike):
    """Starts a job through a slow connection, and strikes at a random moment while its table is read."""
    between = proxy.Proxy(bench.server.port, bench.seed)
    between.delay, between.chunk = 0.02, 1 << 16
    source, session = random.Random(f"{bench.seed} {name}"), bench.server.session()
    process = bench.start(job(between.port))
    reads = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY (SELECT r.row%'"
    found = wait_until(lambda: session.query(reads))
    time.sleep(source.random() * 0.5)
    if found:
        strike(process, session, reads)
    outcome = bench.finish(process)
    between.close()
    return outcome, [] if found else ["its table was not read"]


def interrupted_reading(bench):
    """A connection is lost, and a job killed, while the table is read: the rows are those of a run without that."""
    session = bench.server.session()
    session.query("CREATE TABLE broad AS SELECT n AS id, repeat('x', 100) || n AS v FROM generate_series(1, 120000) n")
    path = bench.folder / "broad.jsonl"
    path.write_text("".join(f'{{"id":{n}}}\n' for n in range(0, 140000, 14)))

    def job(name, port):
        table = f"{bench.server.url(port=port)}?load=all&table=broad&on=id"
        return [path, "--lookup", table, "-o", bench.folder / name, "-f", "json", "--job", name, "--state-dir", bench.folder / "state"]

    def terminate(_, session, reads):
        session.query(f"SELECT pg_terminate_backend(pid) FROM ({reads}) p")

    bench.succeeded(job("whole", None))
    wanted = (bench.folder / "whole").read_text()
    outcome, problems = while_it_is_read(bench, lambda port: job("lost", port), "lost", terminate)
    problems += outcome.expect(0, "retrying")
    for _ in range(2):
        outcome, more = while_it_is_read(bench, lambda port: job("killed", port), "killed", lambda process, *_: process.kill())
        problems += more + ([] if outcome.status == 128 + 9 else [f"killed: {outcome}"])
    problems += bench.run(job("killed", None)).expect(0)
    return problems + [name for name in ("lost", "killed") if (bench.folder / name).read_text() != wanted]


def checks(bench):
    check = bench.report.check
    check("values of every type become those of records", kinds, bench, "kinds")
    check("a view is a table", kinds, bench, "seen")
    check("members of JSON columns are columns", parts_of_json, bench)
    check("several rows with one key", duplicates, bench)
    check("a table without rows", empty, bench)
    check("tables of several batches", several_batches, bench)
    check("rows of LEFT JOIN and of the last version before a time", joins, bench)
    check("what is refused, without secrets", refusals, bench)
    check("a connection or a job that ends while the table is read", interrupted_reading, bench)
    check("a job notices a table that has changed", changed, bench)
