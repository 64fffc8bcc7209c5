"""Names of all kinds, roles with few rights, rows that the table refuses, and aggregates as columns."""

import json
import random

from ..common import wire
from ..common.compare import load, rows_of, unlike_tables
from . import table_types

INJECTION = "x\"; DROP TABLE victim; --'"
NAMES = (
    "plain", "Capitals", "with space", "with.dot", "with\"quote", "with\"\"two", INJECTION, "日本語", "select", "a" * 63, "é" * 31,
    "tab\there", "back\\slash", "$1", "%s", "0", "é", "e\u0301")


def escaped(name):
    """A field name on streamctl's command line."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def table_name(bench, number, name):
    """--table accepts names in SQL quotes."""
    session = bench.server.session()
    table = wire.quoted(name)
    session.query(f"CREATE TABLE {table} (v bigint)")
    outcome = bench.run([one_record(bench), "--select", "v", "-o", bench.server.url(), "--table", table])
    found = session.query(f"TABLE {table}") if outcome.status == 0 else []
    session.query(f"DROP TABLE {table}")
    return outcome.expect(0) or ([] if found == [("1",)] else [f"in the table: {found}"])


def one_record(bench):
    path = bench.folder / "one.jsonl"
    path.write_text('{"v":1,"t":"2024-01-01T00:00:00Z"}\n')
    return path


def column_name(bench, number, name):
    """The key of an upsert, so that the name is in every statement; once made by hand, once by --create."""
    session = bench.server.session()
    source = bench.folder / f"column{number}.jsonl"
    source.write_text(json.dumps({name: "k"}) + "\n")
    session.query(
        f"CREATE TABLE column{number} ({wire.quoted(name)} text, count bigint);"
        f"CREATE UNIQUE INDEX ON column{number} ({wire.quoted(name)}) NULLS NOT DISTINCT")
    problems = []
    for table, more in ((f"column{number}", ()), (f"column{number}_created", ("--create",))):
        arguments = [source, "-g", escaped(name), "--count", "-o", bench.server.url(), "--table", table, *more]
        outcome = bench.run([*arguments, "--mode", "upsert"])
        found = session.query(f"SELECT {wire.quoted(name)}, count FROM {table}") if outcome.status == 0 else []
        problems += outcome.expect(0) or ([] if found == [("k", "1")] else [f"in {table}: {found}"])
    return problems


def schemas(bench):
    session = bench.server.session()
    session.query('CREATE SCHEMA "S.1"; CREATE SCHEMA lower; CREATE SCHEMA "Lower"')
    problems = []
    for written, real in (
            ('"S.1"."T.1"', '"S.1"."T.1"'), ("Lower.Numbers", "lower.numbers"), ('"Lower".numbers', '"Lower".numbers')):
        session.query(f"CREATE TABLE {real} (v bigint)")
        outcome = bench.run([one_record(bench), "--select", "v", "-o", bench.server.url(), "--table", written])
        problems += outcome.expect(0)
        found = session.query(f"TABLE {real}")
        problems += [] if found == [("1",)] else [f"{written}: in {real}: {found}"]
    return problems


def bad_table_names(bench):
    problems = []
    for name, status in (("a" * 64, 64), ("é" * 32, 64), ('"unclosed', 64), ("", 64), ("a.b.c.d", 64), ("a b", 64), ('""', 64)):
        outcome = bench.run([one_record(bench), "--select", "v", "-o", bench.server.url(), "--table", name])
        if outcome.status not in (status, 78):
            problems.append(f"{name[:20]!r} ({len(name)}): status {outcome.status}: {outcome.err.strip()[:200]}")
        elif "\n" in outcome.err.strip() and outcome.status == 64 and len(outcome.err) > 1000:
            problems.append(f"{name[:20]!r}: a long message: {outcome.err[:200]}")
    return problems


def long_column(bench):
    """The server would truncate a column name of 64 bytes, and two names could become one."""
    bench.server.session().query("CREATE TABLE long_column (v bigint)")
    outcome = bench.run([
        one_record(bench), "--select", f"v,{'b' * 64}=v", "-o", bench.server.url(), "--table", "long_column"])
    return [] if outcome.status in (64, 78) else [f"status {outcome.status}: {outcome.err.strip()[:200]}"]


def few_rights(bench):
    """A role that may only read, insert and update rows of the table and of the job table."""
    session = bench.server.session()
    readings = bench.demo("readings.jsonl", records=20000, keys=20, disorder="3s")
    job = [
        readings, "-t", "event_time", "-W", "5s", "-w", "1h", "-g", "sensor_id", "--count", "-o", bench.server.url(),
        "--table", "limited", "--job", "limited"]
    problems = bench.run([*job, "--create"]).expect(0)
    wanted = session.value("SELECT count(*) FROM limited")
    session.query(
        "TRUNCATE limited; TRUNCATE streamctl_jobs; CREATE ROLE writer LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
        "GRANT SELECT, INSERT, UPDATE ON limited, streamctl_jobs TO writer")
    job[job.index(bench.server.url())] = bench.server.url(user="writer")
    problems += bench.run(job).expect(0)
    found = session.value("SELECT count(*) FROM limited")
    problems += [] if found == wanted else [f"{found} rows instead of {wanted}"]
    session.query("REVOKE UPDATE ON limited FROM writer; DELETE FROM streamctl_jobs")
    problems += bench.run(job).expect(78, "UPDATE")
    session.query("REVOKE INSERT ON limited FROM writer")
    return problems + bench.run(job).expect(78, "INSERT")


def refused_rows(bench, job):
    """Rows that a constraint or a trigger refuses are rejected one by one; all others are stored."""
    session = bench.server.session()
    name = "refusing" + "_job" * job
    session.query(
        f"CREATE TABLE {name} (id bigint CHECK (id % 1000 <> 7), v text NOT NULL);"
        f"CREATE UNIQUE INDEX ON {name} (id);"
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF NEW.id % 1000 = 13 THEN RAISE EXCEPTION 'not\ttoday' USING ERRCODE = '22000'; END IF; RETURN NEW; END $$;"
        f"CREATE TRIGGER t BEFORE INSERT ON {name} FOR EACH ROW EXECUTE FUNCTION {name}()")
    source, rejects = bench.folder / "refused.jsonl", bench.folder / f"{name}.rejects"
    source.write_text("".join(
        json.dumps({"id": number, "v": None if number % 1000 == 21 else "v"}) + "\n" for number in range(20000)))
    arguments = [
        source, "--select", "id,v", "-o", bench.server.url(), "--table", name, "--mode", "append", "--rejects", rejects]
    outcome = bench.run(arguments + (["--job", name, "--create", "--commit-every", "20ms"] if job else []))
    bad = {number for number in range(20000) if number % 1000 in (7, 13, 21)}
    problems = outcome.expect(0)
    stored = {int(row[0]) for row in session.query(f"SELECT id FROM {name}")}
    problems += [] if stored == set(range(20000)) - bad else [
        f"{len(stored)} rows, {len(stored & bad)} bad ones, {len(set(range(20000)) - bad - stored)} missing"]
    found = table_types.rejected_ids(rejects)
    twice = [key for key, reason in found.items() if reason == "TWICE"]
    problems += [f"rejected twice: {twice[:5]}"] if twice else []
    return problems + ([] if set(found) == bad else [f"{len(found)} rejected instead of {len(bad)}"])


def long_keys(bench):
    """The server refuses a key that is too long for its index; the other rows are stored."""
    noise = random.Random(bench.seed)
    session = bench.server.session()
    session.query("CREATE TABLE long_keys (k text, count bigint); CREATE UNIQUE INDEX ON long_keys (k) NULLS NOT DISTINCT")
    source, rejects = bench.folder / "long_keys.jsonl", bench.folder / "long_keys.rejects"
    keys = ["".join(noise.choices("abcdefghijklmnop0123456789", k=size)) for size in (10, 1000, 2600, 9000, 50)]
    source.write_text("".join(json.dumps({"k": key}) + "\n" for key in keys))
    outcome = bench.run([
        source, "-g", "k", "--count", "-o", bench.server.url(), "--table", "long_keys", "--mode", "upsert", "--rejects",
        rejects])
    stored = {row[0] for row in session.query("SELECT k FROM long_keys")}
    lines = rejects.read_text().splitlines() if rejects.exists() else []
    problems = outcome.expect(0) + ([] if stored == set(keys) - {keys[3]} else [f"{len(stored)} keys stored instead of 4"])
    return problems + ([] if len(lines) == 1 and keys[3] in lines[0] else [f"{len(lines)} rejected instead of 1"])


def aggregates(bench):
    """Every function, stored in a table that --create makes, equals the printed rows as Postgres reads them."""
    readings = bench.demo("few.jsonl", records=5000, keys=7)
    functions = (
        "n=count(), c=count_if(temperature > 15), s=sum(humidity), whole=sum(floor(humidity)), a=avg(temperature), "
        "lo=min(temperature), hi=max(sensor_id), f=first(sensor_id), l=last(temperature), sd=stddev(humidity), "
        "v=variance(humidity), med=median(humidity), q=quantile(humidity, 0.9), d=distinct(temperature), "
        "t=top(sensor_id, 3), nothing=avg(missing), b=first(temperature > 15), m=min_by(sensor_id, humidity)")
    arguments = [readings, "-t", "event_time", "-w", "6h", "-g", "sensor_id", "-a", functions]
    outcome = bench.run([*arguments, "-o", bench.server.url(), "--table", "aggregates", "--create"])
    if outcome.status != 0:
        return outcome.expect(0)
    session = bench.server.session()
    session.query("CREATE TABLE aggregates_oracle (LIKE aggregates)")
    load(session, "aggregates_oracle", rows_of(bench.printed(arguments)))
    # json has no equality; as texts both came through the same reading.
    columns = [row[0] for row in session.query(
        "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = 'aggregates'::regclass AND attnum > 0 ORDER BY attnum")]
    texts = ", ".join(f"{column}::text" for column in columns)
    for table in ("aggregates", "aggregates_oracle"):
        session.query(f"CREATE VIEW {table}_texts AS SELECT {texts} FROM {table}")
    kinds = session.query(
        "SELECT attname, atttypid::regtype FROM pg_attribute WHERE attrelid = 'aggregates'::regclass AND attnum > 0")
    return unlike_tables(session, "aggregates_oracle_texts", "aggregates_texts"), ", ".join(" ".join(row) for row in kinds)


def distant_times(bench):
    """Windows before 1970, before Christ and after the year 9999; times that Postgres cannot hold are rejected."""
    session = bench.server.session()
    session.query(
        "CREATE TABLE distant (k bigint, window_start timestamptz, window_end timestamp, count bigint);"
        "CREATE UNIQUE INDEX ON distant (k, window_start) NULLS NOT DISTINCT")
    seconds = {
        1: -1, 2: -86401, 3: -62135596800, 4: -62135596801, 5: -70000000000, 6: -200000000000, 7: 253402300800,
        8: 900000000000, 9: -215000000000, 10: 0}
    source, rejects = bench.folder / "distant.jsonl", bench.folder / "distant.rejects"
    source.write_text("".join(json.dumps({"k": key, "t": second}) + "\n" for key, second in seconds.items()))
    outcome = bench.run([
        source, "-t", "t", "--time-format", "s", "-w", "1d", "-g", "k", "--count", "--max-ahead", "off", "-o",
        bench.server.url(), "--table", "distant", "--rejects", rejects])
    found = {int(row[0]): (float(row[1]), float(row[2])) for row in session.query(
        "SELECT k, extract(epoch FROM window_start), extract(epoch FROM window_end) FROM distant")}
    problems = outcome.expect(0)
    for key, second in seconds.items():
        start = second // 86400 * 86400
        fits = second >= -210866803200
        if fits and found.get(key) != (start, start + 86400):
            problems.append(f"{second} s: {found.get(key)} instead of {start}")
        if not fits and key in found:
            problems.append(f"{second} s: stored as {found[key]}")
    lines = len(rejects.read_text().splitlines()) if rejects.exists() else 0
    return problems + ([] if lines == 1 else [f"{lines} rejected instead of 1"])


def checks(bench):
    check = bench.report.check
    bench.server.session().query("CREATE TABLE victim (a int)")
    for number, name in enumerate(NAMES):
        shown = json.dumps(name)[:40]
        check(f"a table called {shown}", table_name, bench, number, name)
        check(f"a key column called {shown}", column_name, bench, number, name)
    check("schemas, quoted and folded", schemas, bench)
    check("invalid table names", bad_table_names, bench)
    check("a column name of 64 bytes", long_column, bench)
    check("a role with SELECT, INSERT and UPDATE", few_rights, bench)
    check("rows that the table refuses", refused_rows, bench, False)
    check("rows that the table refuses, with a job", refused_rows, bench, True)
    check("keys too long for an index", long_keys, bench)
    check("aggregates into a table of --create", aggregates, bench)
    check("times far from now", distant_times, bench)
    survived = bench.server.session().value("SELECT to_regclass('victim')")
    bench.report.judge("no name became SQL", [] if survived == "victim" else ["a table is gone"])
