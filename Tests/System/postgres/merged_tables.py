"""Large commits of postgres.changes: where MERGE writes them, where it must not, and what follows where it fails."""

import time

from ..common import wire
from ..common.compare import rows_of, unlike_sequences
from . import kept_tables, proxy

# More than makes a commit a large one.
COUNT = 12_000
FLAGS = (*kept_tables.FLAGS, "--commit-every", "1h")
MIDDLE = COUNT // 2
OLDEST_WITH_MERGE = 150_000
# The statements that write the rows.
MERGED, UPSERTED, FALLEN_BACK = ["MERGE INTO"], ["INSERT INTO"], ["MERGE INTO", "ROLLBACK TO", "INSERT INTO"]


class Ear(proxy.Proxy):
    """Hears which statements write the rows; may hide that the server knows MERGE."""

    def __init__(self, port, version=None):
        self.version, self.heard = version, []
        super().__init__(port)

    kind = property(lambda self: EarConnection)


class EarConnection(proxy.Connection):
    def request(self, kind, whole):
        statement = wire.statement_of(kind, whole)
        self.proxy.heard += [word for word in ("MERGE INTO", "INSERT INTO", "ROLLBACK TO") if word in statement]
        super().request(kind, whole)

    def answer(self, kind, whole):
        if self.proxy.version and kind == "S" and whole[5:].startswith(b"server_version\0"):
            whole = wire.message("S", b"server_version\0" + self.proxy.version + b"\0")
        super().answer(kind, whole)


def upserts(count=COUNT):
    return [{"id": number, "op": "u", "c": number, "name": f"n{number % 7}"} for number in range(count)]


def left_by(records):
    rows = {}
    for record in records:
        if record["op"] == "d":
            rows.pop(record["id"], None)
        else:
            rows[record["id"]] = (str(record["id"]), str(record["c"]), record["name"])
    return [rows[key] for key in sorted(rows)]


def found_rows(bench, table):
    return bench.session.query(f"SELECT id, c, name FROM {table} ORDER BY id")


def heard(bench, ways, ear):
    """Problems unless these statements have written the rows first; servers that do not know MERGE are sent none."""
    if int(bench.session.value("SHOW server_version_num")) < OLDEST_WITH_MERGE:
        ways = UPSERTED
    problems = unlike_sequences(ways, ear.heard[:len(ways)])
    # What is left of a commit with refused rows is not merged.
    return problems + [f"MERGE comes {ear.heard.count(word)} times" for word in MERGED if ear.heard.count(word) > ways.count(word)]


def large(bench, ways, prepare, records=None, flags=(), left=None, version=None, refused=()):
    """One commit of many changes into a table that prepare makes. Its rows are written in these ways."""
    table, ear = bench.table(), Ear(bench.server.port, version)
    records = upserts() if records is None else records
    bench.session.query(prepare.replace("TABLENAME", table))
    rejects = bench.folder / f"{table}.rejects"
    outcome = bench.kept(
        table, bench.source(table, records), (*FLAGS, *flags), "--rejects", rejects, url=bench.server.url(port=ear.port))
    ear.close()
    found = sorted(int(entry["row"]["id"]) for entry in rows_of(rejects.read_text())) if rejects.exists() else []
    problems = outcome.expect(0) + unlike_sequences(left_by(records) if left is None else left, found_rows(bench, table))
    return problems + unlike_sequences(list(refused), found) + heard(bench, ways, ear), outcome.err.strip()[:200]


def waiting(bench, before, flags, left, ways):
    """Another session has changed row 5 or 7 when a large commit comes to it; before is how, left are both rows."""
    table, ear = bench.table(), Ear(bench.server.port)
    bench.session.query(f"CREATE TABLE {table} ({kept_tables.COLUMNS}); INSERT INTO {table} VALUES (5, 0, 'old')")
    with bench.server.session() as other:
        other.query("BEGIN")
        other.query(before.replace("TABLENAME", table))
        source = bench.source(table, upserts())
        process = bench.start([source, *FLAGS, *flags, "-o", bench.server.url(port=ear.port), "--table", table])
        end = time.monotonic() + 30
        while bench.session.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0" and time.monotonic() < end:
            time.sleep(0.01)
        other.query("COMMIT")
    outcome = bench.finish(process)
    ear.close()
    found = [row for row in found_rows(bench, table) if row[0] in ("5", "7")]
    count = bench.session.value(f"SELECT count(*) FROM {table}")
    return outcome.expect(0) + unlike_sequences(left, found) + unlike_sequences([str(COUNT)], [count]) + heard(bench, ways, ear)


PLAIN = f"CREATE TABLE TABLENAME ({kept_tables.COLUMNS})"
HALF = f"{PLAIN}; INSERT INTO TABLENAME SELECT id * 2, id, 'old' FROM generate_series(0, {COUNT}) AS id; DELETE FROM TABLENAME WHERE id >= {COUNT}"
NEWER = f"{HALF}; UPDATE TABLENAME SET c = CASE WHEN id < 100 THEN NULL ELSE {MIDDLE} END"
GENERATED = (
    f"CREATE TABLE TABLENAME ({kept_tables.COLUMNS}, twice bigint GENERATED ALWAYS AS (c * 2) STORED, more text DEFAULT 'x' NOT NULL, CHECK (c >= 0))")
CHECKED = "CREATE TABLE TABLENAME (id bigint PRIMARY KEY, c bigint, name text CHECK (name <> 'bad'))"
BAD = (17, 4000, COUNT - 1)
# Deletions before, between and after upserts of their keys, and keys several times.
MIXED = [
    *upserts(), *({"id": number, "op": "d", "c": number} for number in range(0, COUNT, 3)),
    *({"id": number, "op": "u", "c": 2 * number, "name": "again"} for number in range(0, COUNT, 5))]
NOTHING = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
# What a table has, and why an upsert writes its rows.
OBSTACLES = (
    ("a trigger before each row", f"{PLAIN}; CREATE FUNCTION TABLENAME() {NOTHING}; "
     "CREATE TRIGGER t BEFORE INSERT ON TABLENAME FOR EACH ROW EXECUTE FUNCTION TABLENAME()"),
    ("a trigger after each statement", f"{PLAIN}; CREATE FUNCTION TABLENAME() {NOTHING}; "
     "CREATE TRIGGER t AFTER UPDATE ON TABLENAME EXECUTE FUNCTION TABLENAME()"),
    ("a rule", f"{PLAIN}; CREATE RULE r AS ON DELETE TO TABLENAME WHERE old.id < 0 DO INSTEAD NOTHING"),
    ("policies", f"{PLAIN}; ALTER TABLE TABLENAME ENABLE ROW LEVEL SECURITY"),
    ("heirs", f"{PLAIN}; CREATE TABLE TABLENAME_heir () INHERITS (TABLENAME)"),
    ("partitions", "CREATE TABLE TABLENAME (id bigint PRIMARY KEY, c bigint, name text) PARTITION BY HASH (id); "
     "CREATE TABLE TABLENAME_0 PARTITION OF TABLENAME FOR VALUES WITH (MODULUS 1, REMAINDER 0)"),
    ("a check of another column", f"CREATE TABLE TABLENAME ({kept_tables.COLUMNS}, most bigint DEFAULT {COUNT} CHECK (c < most))"),
)
CONFLICTS = (
    ("inserted", "INSERT INTO TABLENAME VALUES (7, 1, 'other')", (), [("5", "5", "n5"), ("7", "7", "n0")], FALLEN_BACK),
    ("inserted as a newer one", "INSERT INTO TABLENAME VALUES (7, 99, 'other')", ("--if-newer", "c"), [("5", "5", "n5"), ("7", "99", "other")],
     FALLEN_BACK),
    ("updated", "UPDATE TABLENAME SET name = 'other'", (), [("5", "5", "n5"), ("7", "7", "n0")], MERGED),
    ("updated to a newer one", "UPDATE TABLENAME SET c = 99", ("--if-newer", "c"), [("5", "99", "old"), ("7", "7", "n0")], MERGED),
    ("deleted", "DELETE FROM TABLENAME", (), [("5", "5", "n5"), ("7", "7", "n0")], MERGED),
)


def checks(bench):
    check, bench.varies = bench.report.check, False
    check("a large commit into an empty table", large, bench, MERGED, PLAIN)
    check("a large commit into a table with half of the keys", large, bench, MERGED, HALF)
    check("a large commit with deletions", large, bench, MERGED, HALF, MIXED)
    left = [(str(n), str(MIDDLE), "old") if n in range(100, MIDDLE, 2) else (str(n), str(n), f"n{n % 7}") for n in range(COUNT)]
    check("a large commit, --if-newer", large, bench, MERGED, NEWER, upserts()[::-1], ("--if-newer", "c"), left)
    check("a large commit into a table with a generated column and a default", large, bench, MERGED, GENERATED)
    check("a large commit with rows that the table refuses", large, bench, FALLEN_BACK, CHECKED,
          [*upserts(), *({"id": key, "op": "u", "c": 0, "name": "bad"} for key in BAD)], (), left_by(upserts()), None, BAD)
    check("a commit that is not large", large, bench, UPSERTED, PLAIN, upserts(900))
    check("a server without MERGE", large, bench, UPSERTED, PLAIN, None, (), None, b"14.10")
    for what, table in OBSTACLES:
        check(f"a large commit into a table with {what}", large, bench, UPSERTED, table)
    for what, before, flags, left, ways in CONFLICTS:
        check(f"a row that another session has {what} meanwhile", waiting, bench, before, flags, left, ways)
    bench.varies = True
