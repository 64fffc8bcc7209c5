"""The tables of postgres.changes: what they must have, what --create makes, and what is refused as a row."""

from ..common.compare import rows_of, unlike_sequences
from . import jobs

MISFIT = 78
FLAGS = ("--key", "id", "--select", "c,name", "--delete", "op = 'd'")
COLUMNS = "id bigint PRIMARY KEY, c bigint, name text"
RECORDS = (
    {"id": 1, "op": "u", "c": 1, "name": "a"}, {"id": 2, "op": "u", "c": 2, "name": "b"},
    {"id": 3, "op": "u", "c": 3, "name": "c"}, {"id": 1, "op": "d", "c": 4},
    {"id": 2, "op": "u", "c": 5, "name": "B"}, {"id": 1, "op": "u", "c": 6, "name": "A"},
    {"id": 3, "op": "d", "c": 7})
# The rows that they leave.
LEFT = [("1", "6", "A"), ("2", "5", "B")]


def rows(bench, table, columns="id, c, name"):
    return bench.session.query(f"SELECT {columns} FROM {table} ORDER BY 1, 2")


def repaired(bench, table, flags, word, records=RECORDS, left=LEFT, url=None):
    """A table that does not fit is refused with statements that make it fit."""
    source = bench.source(table, records)
    command = [source, *flags, "-o", url or bench.server.url(), "--table", table]
    outcome = bench.run(command)
    problems = outcome.expect(MISFIT, word)
    for statement in jobs.statements(outcome.err):
        bench.session.query(statement)
    return problems + bench.run(command).expect(0) + unlike_sequences(left, rows(bench, table)), outcome.err.strip()[:300]


def no_delete_right(bench):
    """The right to delete is asked for only where records can delete."""
    table = bench.table()
    bench.session.query(
        f"CREATE ROLE keeper LOGIN; CREATE TABLE {table} ({COLUMNS}); GRANT SELECT, INSERT, UPDATE ON {table} TO keeper")
    problems = bench.kept(table, bench.source(table, RECORDS[:2]), FLAGS[:4], url=bench.server.url("keeper")).expect(0)
    found, detail = repaired(bench, table, FLAGS, "GRANT DELETE", url=bench.server.url("keeper"))
    return problems + found, detail


def misfit(bench, columns, word, flags=FLAGS, left=LEFT):
    """A table with these columns."""
    table = bench.table()
    bench.session.query(f"CREATE TABLE {table} ({columns})")
    return repaired(bench, table, flags, word, left=left)


def repeated_keys(bench):
    """No index can be made where rows repeat the key; the table is left as it is."""
    table = bench.table()
    bench.session.query(f"CREATE TABLE {table} (id bigint, c bigint, name text); INSERT INTO {table} VALUES (1, 1, 'x'), (1, 2, 'y')")
    outcome = bench.kept(table, bench.source(table, RECORDS), FLAGS)
    return outcome.expect(MISFIT, "repeat that key") + unlike_sequences([("1", "1", "x"), ("1", "2", "y")], rows(bench, table))


def narrow_index(bench):
    """An index on a part of the key would allow one row for many keys."""
    flags = ("--key", "id,c", "--select", "name", "--delete", "op = 'd'")
    left = [("1", "1", "a"), ("1", "6", "A"), ("2", "2", "b"), ("2", "5", "B"), ("3", "3", "c")]
    return misfit(bench, COLUMNS, "allows only one row", flags, left)


def created(bench, flags, indexed):
    """--create makes the key the primary key."""
    table = bench.table()
    outcome = bench.kept(table, bench.source(table, RECORDS), flags, "--create")
    found = bench.session.value(
        "SELECT string_agg(attname, ',' ORDER BY array_position(indkey::int2[], attnum)) FROM pg_index "
        f"JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey) WHERE indrelid = '{table}'::regclass AND indisprimary")
    return outcome.expect(0) + unlike_sequences([indexed], [found])


def missing_table(bench):
    """The statements of the message make the table and grant what is needed."""
    table = bench.table()
    source = bench.source(table, RECORDS)
    outcome = bench.kept(table, source, FLAGS)
    problems = outcome.expect(MISFIT, "PRIMARY KEY", "--create")
    for statement in jobs.statements(outcome.err):
        bench.session.query(statement)
    return problems + bench.kept(table, source, FLAGS).expect(0) + unlike_sequences([row[0] for row in LEFT], [row[0] for row in rows(bench, table)])


def partitioned(bench, by):
    """Partitions are found by the key; a row without a partition is refused alone."""
    table = bench.table()
    key = "(id)" if by == "id" else f"(id, {by})"
    bench.session.query(
        f"CREATE TABLE {table} (id bigint, c bigint, name text, PRIMARY KEY {key}) PARTITION BY RANGE ({by});"
        f"CREATE TABLE {table}_low PARTITION OF {table} FOR VALUES FROM (0) TO (2);"
        f"CREATE TABLE {table}_high PARTITION OF {table} FOR VALUES FROM (2) TO (10)")
    outcome = bench.kept(table, bench.source(table, [*RECORDS, {"id": 10, "op": "u", "c": 8}]), FLAGS)
    if by != "id":
        return outcome.expect(MISFIT, "partitioned by 'c'", "--create"), outcome.err.strip()[:300]
    return outcome.expect(0, "1 of 8 rows") + unlike_sequences(LEFT, rows(bench, table))


def trigger(bench):
    """A trigger sees the changes, and refuses one of them."""
    table = bench.table()
    bench.session.query(
        f"CREATE TABLE {table} ({COLUMNS}); INSERT INTO {table} VALUES (2, 0, 'old'), (3, 0, 'old'); CREATE TABLE {table}_audit (what text, id bigint);"
        f"""CREATE FUNCTION {table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP = 'DELETE' THEN INSERT INTO {table}_audit VALUES (TG_OP, OLD.id); RETURN OLD; END IF;
            IF NEW.id = 1 THEN RAISE 'not this one'; END IF;
            INSERT INTO {table}_audit VALUES (TG_OP, NEW.id); RETURN NEW; END $$;"""
        f"CREATE TRIGGER audit BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}()")
    outcome = bench.kept(table, bench.source(table, RECORDS), FLAGS)
    problems = outcome.expect(0, "not this one") + unlike_sequences(LEFT[1:], rows(bench, table))
    audit = {tuple(row) for row in rows(bench, f"{table}_audit", "what, id")}
    return problems + [f"no {row} in {audit}" for row in (("UPDATE", "2"), ("DELETE", "3")) if row not in audit]


def referenced(bench, action):
    """Rows that others reference: their deletion is refused as a row, or does what the foreign key says."""
    table, rejects = bench.table(), bench.folder / f"referenced_{action}.rejects".replace(" ", "_")
    bench.session.query(
        f"CREATE TABLE {table} ({COLUMNS}); INSERT INTO {table} VALUES (3, 0, 'old'), (4, 0, 'old');"
        f"CREATE TABLE {table}_child (parent bigint REFERENCES {table} ON DELETE {action}); INSERT INTO {table}_child VALUES (3), (4)")
    more = ({"id": 4, "op": "u", "c": 8, "name": "d"}, {"id": 4, "op": "d", "c": 9}, {"id": 5, "op": "u", "c": 10, "name": "e"})
    outcome = bench.kept(table, bench.source(table, (*RECORDS, *more)), FLAGS, "--rejects", rejects)
    left = [*LEFT, ("5", "10", "e")]
    refused = []
    if action in ("RESTRICT", "NO ACTION", "NO ACTION DEFERRABLE INITIALLY DEFERRED"):
        # Their last changes are refused, the ones before count.
        left[2:2] = [("3", "3", "c"), ("4", "8", "d")]
        refused = ["3", "4"]
    problems = outcome.expect(0) + unlike_sequences(left, rows(bench, table))
    found = [entry["row"]["id"] for entry in rows_of(rejects.read_text())] if rejects.exists() else []
    return problems + unlike_sequences(refused, sorted(found)), outcome.err.strip()[:200]


def unknown_parent(bench, more):
    """Rows that reference what is not there are refused; the changes before them count."""
    table = bench.table()
    bench.session.query(
        f"CREATE TABLE {table}_parent (name text PRIMARY KEY); INSERT INTO {table}_parent VALUES ('a'), ('c'), ('A');"
        f"CREATE TABLE {table} (id bigint PRIMARY KEY, c bigint, name text REFERENCES {table}_parent {more})")
    outcome = bench.kept(table, bench.source(table, (*RECORDS, {"id": 1, "op": "u", "c": 8, "name": "none"})), FLAGS)
    return outcome.expect(0, "foreign key") + unlike_sequences(LEFT[:1], rows(bench, table)), outcome.err.strip()[:200]


def second_constraint(bench, records, left):
    """Changes of several rows that a second unique constraint allows only in their order. Row 1 has the name 'a' before."""
    table = bench.table()
    bench.session.query(
        f"CREATE TABLE {table} (id bigint PRIMARY KEY, c bigint, name text UNIQUE CHECK (name <> 'bad')); INSERT INTO {table} VALUES (1, 0, 'a')")
    outcome = bench.kept(table, bench.source(table, records), FLAGS)
    return outcome.expect(0) + unlike_sequences(left, rows(bench, table)), outcome.err.strip()[:200]


def changed(*pairs):
    """Records that give rows a name each, None to delete it; numbered."""
    return [
        {"id": key, "op": "d", "c": number} if name is None else {"id": key, "op": "u", "c": number, "name": name}
        for number, (key, name) in enumerate(pairs, 1)]


NAMES_MOVED = (
    ("a name passed on", changed((1, "b"), (2, "a"), (1, "c")), [("1", "3", "c"), ("2", "2", "a")]),
    ("the name of a deleted row", changed((1, None), (2, "a")), [("2", "2", "a")]),
    ("the name of a row changed and deleted", changed((1, "a"), (1, None), (2, "a")), [("2", "3", "a")]),
    ("a name that comes back", changed((1, "y"), (2, "a"), (2, "z"), (1, "a")), [("1", "4", "a"), ("2", "3", "z")]),
    ("two names exchanged", changed((2, "b"), (1, "x"), (2, "a"), (1, "b")), [("1", "4", "b"), ("2", "3", "a")]),
    ("a name that is free too late", changed((2, "a"), (3, "bad"), (2, "y"), (1, "w")), [("1", "4", "w"), ("2", "3", "y")]),
    ("a name that was taken", changed((2, "a"), (3, "x"), (3, None)), [("1", "0", "a")]),
)


def strict_domain(bench):
    """Columns that are never null, by a domain, a constraint or a default: a deletion has no values for them."""
    table, problems = bench.table(), []
    bench.session.query(f"CREATE DOMAIN {table}_name AS text NOT NULL CHECK (VALUE <> '')")
    for number, columns in enumerate((f"c bigint, name {table}_name", "c bigint NOT NULL, name text NOT NULL", "c bigint DEFAULT 5 CHECK (c IS NOT NULL), name text")):
        bench.session.query(f"CREATE TABLE {table}_{number} (id bigint PRIMARY KEY, {columns}); INSERT INTO {table}_{number} VALUES (3, 0, 'old')")
        outcome = bench.kept(f"{table}_{number}", bench.source(table, RECORDS), FLAGS)
        found = outcome.expect(0) + unlike_sequences(LEFT, rows(bench, f"{table}_{number}"))
        found += [outcome.err.strip()[:200]] if "refused" in outcome.err else []
        problems += [f"{columns}: {problem}" for problem in found]
    return problems


def null_keys(bench):
    """A record without a key is refused and kept; the others go on."""
    table, rejects = bench.table(), bench.folder / "null_keys.rejects"
    bench.session.query(f"CREATE TABLE {table} ({COLUMNS})")
    bad = ({"id": None, "op": "u", "c": 20}, {"op": "d", "c": 21}, {"id": "x", "op": "u", "c": 22})
    outcome = bench.kept(table, bench.source(table, [*bad, *RECORDS]), FLAGS, "--rejects", rejects)
    problems = outcome.expect(0, "3 of 10 rows") + unlike_sequences(LEFT, rows(bench, table))
    kept = rows_of(rejects.read_text())
    return problems + unlike_sequences([20, 21, 22], [entry["row"]["c"] for entry in kept]), str(kept[0])


def nothing_remembered(bench):
    """After a deletion an older change inserts the row again; one that is older than the row does nothing."""
    table = bench.table()
    bench.session.query(f"CREATE TABLE {table} ({COLUMNS}); INSERT INTO {table} VALUES (4, NULL, 'unknown')")
    records = (
        {"id": 1, "op": "u", "c": 5, "name": "a"}, {"id": 1, "op": "u", "c": 4, "name": "older"}, {"id": 1, "op": "d", "c": 3},
        {"id": 2, "op": "u", "c": 5, "name": "b"}, {"id": 2, "op": "d", "c": 5}, {"id": 2, "op": "u", "c": 1, "name": "again"},
        {"id": 3, "op": "u", "c": 9, "name": "c"}, {"id": 3, "op": "d"}, {"id": 1, "op": "u", "c": 5, "name": "equal"},
        {"id": 4, "op": "u", "c": 1, "name": "known"})
    problems = bench.kept(table, bench.source(table, records), (*FLAGS, "--if-newer", "c")).expect(0)
    return problems + unlike_sequences([("1", "5", "equal"), ("2", "1", "again"), ("4", "1", "known")], rows(bench, table))


def distant_type(bench):
    """A type whose schema is not searched: its operators are used all the same."""
    bench.session.query("CREATE DATABASE distant")
    with bench.server.session(database="distant") as session:
        session.query(
            "CREATE SCHEMA types; CREATE EXTENSION citext SCHEMA types; CREATE TABLE kept (id types.citext PRIMARY KEY, c bigint, name types.citext)")
        problems = []
        for more, version in (((), "x"), (("--if-newer", "name"), "X")):
            session.query(f"TRUNCATE kept; INSERT INTO kept VALUES ('a', 0, '{version}'), ('B', 0, '{version}'), ('c', 0, 'Z')")
            records = (
                {"id": "A", "op": "d", "name": "x"}, {"id": "b", "op": "u", "c": 1, "name": "x"}, {"id": "C", "op": "u", "c": 2, "name": "y"},
                {"id": "D", "op": "d", "name": "x"}, {"id": "d", "op": "u", "c": 3, "name": "x"})
            outcome = bench.kept("kept", bench.source("distant", records), (*FLAGS, *more), url=bench.server.url(database="distant"))
            problems += outcome.expect(0)
            left = [("b", "1"), ("c", "0" if more else "2"), ("d", "3")]
            found = session.query("SELECT lower(id::text), c FROM kept ORDER BY 1")
            problems += [f"{more}: {problem}" for problem in unlike_sequences(left, found)]
    return problems


def usage(bench):
    """Flags that do not go together, each with a word of the remedy."""
    table, problems = bench.table(), []
    bench.session.query(f"CREATE TABLE {table} ({COLUMNS})")
    source = bench.source(table, RECORDS)
    select = ("--select", "c,name")
    for flags, word in (
            ((*select, "--delete", "op = 'd'"), "--key"), ((*select, "--if-newer", "c"), "--key"), ((*FLAGS, "--mode", "append"), "--mode append"),
            ((*FLAGS, "--if-newer", "other"), "--select"), ((*FLAGS, "--if-newer", "id"), "part of the key"),
            (("--key", "id,id", *select), "twice"), (("--key", "id=c+1", "--select", "id,c"), "rename"), (("--key", "id"), "--select"),
            (("--key", "id", "--count", "-g", "id"), "--by"), (("--key", "@key", *select), "id=@key"),
            ((*FLAGS[:4], "--delete", "op ="), "--delete"), ((*FLAGS[:4], "--delete", "c + 1"), "--delete")):
        problems += [f"{flags}: {problem}" for problem in bench.kept(table, source, flags).expect(64, word)]
    for output in ("-", bench.folder / "usage.out"):
        problems += bench.run([source, *FLAGS, "-o", output]).expect(64, "postgresql://")
    return problems


def checks(bench):
    check = bench.report.check
    check("no right to delete", no_delete_right, bench)
    check("a table without an index on the key", misfit, bench, "id bigint, c bigint, name text",
          "no unique index on exactly 'id'")
    check("a table whose rows repeat the key", repeated_keys, bench)
    check("an index on a part of the key", narrow_index, bench)
    check("a key of type json", misfit, bench, "id json, c bigint, name text", "cannot be a key")
    check("a version of type json", misfit, bench, "id bigint PRIMARY KEY, c json, name text", "has no order",
          (*FLAGS, "--if-newer", "c"))
    check("a table of --create", created, bench, FLAGS, "id")
    check("a table of --create with a key of two columns", created, bench, ("--key", "name=coalesce(name, '-'),id", "--select", "c"), "name,id")
    check("a table that does not exist", missing_table, bench)
    check("a table partitioned by the key", partitioned, bench, "id")
    check("a table partitioned by another column", partitioned, bench, "c")
    check("a table with a trigger", trigger, bench)
    for action in ("RESTRICT", "NO ACTION", "NO ACTION DEFERRABLE INITIALLY DEFERRED", "CASCADE", "SET NULL"):
        check(f"a table that another one references, ON DELETE {action}", referenced, bench, action)
    for more in ("", "DEFERRABLE INITIALLY DEFERRED"):
        check(f"a table that references another one {more}".strip(), unknown_parent, bench, more)
    for words, records, left in NAMES_MOVED:
        check(f"a second unique constraint: {words}", second_constraint, bench, records, left)
    check("columns that are never null", strict_domain, bench)
    check("a type whose schema is not searched", distant_type, bench)
    check("records without a key", null_keys, bench)
    check("older and equal versions", nothing_remembered, bench)
    check("flags that do not go together", usage, bench)
