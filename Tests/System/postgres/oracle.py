"""The rows in Postgres after a run equal those that the same command prints without -o, row for row."""

import json
import re

from ..common import wire
from ..common.bench import Bench as CommonBench
from ..common.compare import load, rows_of, unlike_tables

SEED_JOB = (
    "-t", "event_time", "-W", "5s", "-w", "1h", "-g", "sensor_id", "--count", "--avg", "temperature", "--min",
    "temperature", "--max", "temperature")
COLUMNS = (
    "sensor_id text", "window_start timestamptz", "window_end timestamptz", "count bigint",
    "avg_temperature double precision", "min_temperature double precision", "max_temperature double precision")
KEY = "sensor_id, window_start"


class Bench(CommonBench):
    def prepare(self):
        self.session = self.server.session()
        self.readings = self.demo("readings.jsonl", records=200000, keys=200, disorder="3s")

    def table(self, name, *columns, key=None):
        self.session.query(f"CREATE TABLE {name} ({', '.join(columns)})")
        if key:
            self.session.query(f"CREATE UNIQUE INDEX ON {name} ({key}) NULLS NOT DISTINCT")

    def written(self, name, arguments, *flags):
        """Problems of a run into table `name`."""
        return self.run([*arguments, "-o", self.server.url(), "--table", name, *flags]).expect(0)

    def unlike(self, name, arguments, rows=None):
        """How the table differs from the rows that the command prints."""
        rows = rows_of(self.printed(arguments)) if rows is None else rows
        self.session.query(f"CREATE TABLE {name}_oracle (LIKE {name})")
        load(self.session, f"{name}_oracle", rows)
        return unlike_tables(self.session, f"{name}_oracle", name), f"{len(rows)} rows"


def seed_job(bench, mode, *more):
    name = f"seed_{mode}" + "_twice" * bool(more)
    bench.table(name, *COLUMNS, key=KEY if mode == "upsert" else None)
    arguments = [bench.readings, *SEED_JOB]
    problems = []
    for _ in range(2 if more else 1):
        problems += bench.written(name, arguments, "--mode", mode)
    return problems or bench.unlike(name, arguments)


def without_mode(bench):
    """Windowed rows have a key: their default mode is upsert."""
    bench.table("seed_default", *COLUMNS, key=KEY)
    arguments = [bench.readings, *SEED_JOB]
    problems = bench.written("seed_default", arguments) + bench.written("seed_default", arguments)
    return problems or bench.unlike("seed_default", arguments)


def from_demo(bench):
    """The job of the README: only the binary and a database, tables made by --create."""
    arguments = ["demo:sensors?records=200000&keys=200&disorder=3s", *SEED_JOB]
    problems = bench.written("seed_created", arguments, "--create")
    return problems or bench.unlike("seed_created", arguments)


def limited(bench, *more):
    """Of a limited window, a row is known by its rank: also those of open windows, which other groups replace."""
    name = "limited" + "_early" * bool(more)
    arguments = ["demo:sensors?records=20000&keys=50&disorder=200ms&rate=20000", *SEED_JOB[:2], "-W", "200ms", "-w", "50ms", *SEED_JOB[6:]]
    arguments += ["--sort", "-count,sensor_id", "--limit", "7"]
    problems = bench.written(name, arguments, "--create", *more) + bench.written(name, arguments, "--create", *more)
    if more:
        bench.session.query(f"ALTER TABLE {name} DROP COLUMN final")
    return problems or bench.unlike(name, [*arguments, "--rank", "rank"])


def limited_lateness(bench):
    """The rows of a limited window are replaced together when a late record changes them."""
    name = "limited_late"
    late = bench.demo("limited_late.jsonl", records=20000, keys=50, disorder="40s")
    arguments = [
        late, "-t", "event_time", "-W", "2s", "--lateness", "20s", "-w", "1m", "-g", "sensor_id", "--count", "--avg",
        "temperature", "--sort", "-count", "--limit", "7"]
    problems = bench.written(name, arguments, "--create")
    rows = list({(row["window_start"], row["rank"]): row for row in rows_of(bench.printed([*arguments, "--rank", "rank"]))}.values())
    corrected = sum(row["revision"] > 0 for row in rows)
    problems += [] if corrected else ["no row was corrected"]
    found = bench.unlike(name, None, rows)
    return problems + found[0], f"{found[1]}, {corrected} of them corrected"


def dashboard(bench):
    """The statements of the dashboard for Grafana find the rows, also under odd names and without windows."""
    problems, found = [], 0
    for number, (name, flags) in enumerate((
            ("Charts", ["-t", "event_time", "-w", "1h", "-g", "sensor_id", "--avg", "temperature", "--count"]),
            ('"odd ""name"""', [
                "-t", "event_time", "-w", "1h", "-g", "k=sensor_id", "-a", "n=count(),hi=max(temperature)",
                "--select", "K=k,from=window_start,n,x=hi"]),
            ("whole_input", ["-g", "sensor_id", "--count"]))):
        arguments = ["demo:sensors?records=2000&keys=3", *flags, "-o", bench.server.url(), "--table", name]
        problems += bench.run([*arguments, "--create"]).expect(0)
        outcome = bench.run([*arguments, "--generate", "grafana"])
        problems += outcome.expect(0)
        for panel in json.loads(outcome.out)["panels"]:
            for target in panel.get("targets", ()):
                if "rawSql" not in target:
                    continue
                found += 1
                statement = re.sub(r"\$__timeFilter\((.*?)\) ORDER", r"\1 > '2000-01-01' ORDER", target["rawSql"])
                if not bench.session.query(statement):
                    problems.append(f"no rows: {statement}")
    return problems, f"{found} statements"


def early(bench, mode):
    """Early rows of open windows come first; in the end the final rows are there, in append mode beside the others."""
    name = f"early_{mode}"
    bench.table(name, *COLUMNS, "final boolean", key=KEY if mode == "upsert" else None)
    arguments = ["demo:sensors?records=20000&keys=20&disorder=200ms&rate=20000", *SEED_JOB[:2], "-W", "200ms", "-w", "50ms", *SEED_JOB[6:]]
    problems = bench.written(name, arguments, "--early", "50ms", "--mode", mode)
    if mode == "append":
        before = int(bench.session.value(f"SELECT count(*) FROM {name} WHERE NOT final"))
        problems += [] if before else ["no early row was written"]
        bench.session.query(f"DELETE FROM {name} WHERE NOT final")
    rows = rows_of(bench.printed(arguments))
    return problems or bench.unlike(name, None, [{**row, "final": True} for row in rows])


def lateness(bench, mode):
    name = f"lateness_{mode}"
    late = bench.demo("late.jsonl", records=60000, keys=50, disorder="40s")
    arguments = [
        late, "-t", "event_time", "-W", "2s", "--lateness", "20s", "-w", "1m", "-g", "sensor_id", "--count", "--avg",
        "temperature"]
    bench.table(name, *COLUMNS[:5], "revision bigint", key=KEY if mode == "upsert" else None)
    rows = rows_of(bench.printed(arguments))
    if mode == "upsert":
        rows = list({(row["sensor_id"], row["window_start"]): row for row in rows}.values())
    corrected = sum(row["revision"] > 0 for row in rows)
    problems = [] if corrected else ["no row was corrected"]
    problems += bench.written(name, arguments, "--mode", mode)
    found = bench.unlike(name, None, rows)
    return problems + found[0], f"{found[1]}, {corrected} of them corrected"


def pass_through(bench):
    """Without --mode: records have no key, they are appended."""
    bench.table("passed", "sensor_id text", "celsius double precision", "humidity double precision", "at timestamptz")
    arguments = [bench.readings, "--select", "sensor_id,celsius=round(temperature),humidity,at=event_time"]
    return bench.written("passed", arguments) or bench.unlike("passed", arguments)


def null_keys(bench):
    """A record without the key field belongs to a group of its own, which an upsert must find again."""
    path = bench.folder / "null_keys.jsonl"
    path.write_text("".join(f'{{"t":{second},"k":{key}}}\n' for second in range(50) for key in ('"a"', "null", '""')))
    arguments = [path, "-t", "t", "-w", "10s", "-g", "k", "--count"]
    bench.table(
        "null_keys", "k text", "window_start timestamptz", "window_end timestamptz", "count bigint",
        key="k, window_start")
    problems = bench.written("null_keys", arguments) + bench.written("null_keys", arguments)
    return problems or bench.unlike("null_keys", arguments)


def column_order(bench):
    """Columns are found by name: others may be between them, and get their defaults."""
    bench.table(
        "reordered", "id bigint GENERATED ALWAYS AS IDENTITY", "count bigint", "window_end timestamptz",
        "note text DEFAULT 'x'", "sensor_id text", "window_start timestamptz", key=KEY)
    arguments = [bench.readings, "-t", "event_time", "-w", "1h", "-g", "sensor_id", "--count"]
    problems = bench.written("reordered", arguments)
    notes = bench.session.query("SELECT DISTINCT note FROM reordered")
    if notes != [("x",)]:
        problems.append(f"the default of the other column: {notes}")
    bench.session.query("ALTER TABLE reordered DROP COLUMN id, DROP COLUMN note")
    return problems or bench.unlike("reordered", arguments)


def upsert_leaves_others(bench):
    """An upsert changes only its own columns of its own keys."""
    bench.table(
        "shared", "sensor_id text", "window_start timestamptz", "window_end timestamptz", "count bigint", "note text",
        key=KEY)
    bench.session.query(
        "INSERT INTO shared VALUES ('sensor_0001', '2026-01-01 00:00Z', '2026-01-01 01:00Z', -1, 'mine'), "
        "('other', '2020-01-01Z', '2020-01-02Z', 7, 'other')")
    arguments = [bench.readings, "-t", "event_time", "-w", "1h", "-g", "sensor_id", "--count"]
    problems = bench.written("shared", arguments)
    marked = bench.session.query("SELECT sensor_id, count > 0, note FROM shared WHERE note IS NOT NULL ORDER BY 1")
    if marked != [("other", "t", "other"), ("sensor_0001", "t", "mine")]:
        problems.append(f"rows with a note: {marked}")
    bench.session.query("DELETE FROM shared WHERE sensor_id = 'other'; ALTER TABLE shared DROP COLUMN note")
    return problems or bench.unlike("shared", arguments)


def any_number_of_threads(bench, jobs):
    name = f"threads_{jobs}"
    bench.table(name, *COLUMNS)
    arguments = [bench.readings, *SEED_JOB]
    return bench.written(name, arguments, "--mode", "append", "-j", jobs) or bench.unlike(name, arguments)


def partitioned(bench):
    bench.session.query(
        f"CREATE TABLE parted ({', '.join(COLUMNS)}) PARTITION BY HASH (sensor_id);"
        "CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
        "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
        f"CREATE UNIQUE INDEX ON parted ({KEY})")
    arguments = [bench.readings, *SEED_JOB]
    bench.session.query("ALTER TABLE parted ALTER sensor_id SET NOT NULL")
    problems = bench.written("parted", arguments)
    return problems or bench.unlike("parted", arguments)


def hostile_sessions(bench):
    """Settings of the role and of the environment do not change what is stored."""
    role = wire.quoted("hostile")
    bench.session.query(
        f"CREATE ROLE {role} LOGIN SUPERUSER; ALTER ROLE {role} SET TimeZone = 'America/New_York';"
        f"ALTER ROLE {role} SET DateStyle = 'German'; ALTER ROLE {role} SET search_path = 'pg_catalog';"
        f"ALTER ROLE {role} SET standard_conforming_strings = off; ALTER ROLE {role} SET bytea_output = 'escape';"
        f"ALTER ROLE {role} SET default_transaction_isolation = 'serializable';"
        f"ALTER ROLE {role} SET client_encoding = 'LATIN1'")
    bench.table("hostile_set", *COLUMNS, key=KEY)
    arguments = [bench.readings, *SEED_JOB]
    hostile = {"PGTZ": "Asia/Tokyo", "PGDATESTYLE": "SQL, DMY", "PGCLIENTENCODING": "LATIN1", "PGAPPNAME": "'; DROP --"}
    outcome = bench.run(
        [*arguments, "-o", bench.server.url(user="hostile"), "--table", "public.hostile_set"], hostile)
    return outcome.expect(0) or bench.unlike("hostile_set", arguments)


def checks(bench):
    check = bench.report.check
    check("seed job, upsert", seed_job, bench, "upsert")
    check("seed job twice, upsert", seed_job, bench, "upsert", "twice")
    check("seed job, append", seed_job, bench, "append")
    check("seed job twice, without --mode", without_mode, bench)
    check("seed job from the embedded source into a table of --create", from_demo, bench)
    for mode in ("upsert", "append"):
        check(f"--early, {mode}", early, bench, mode)
        check(f"--lateness, {mode}", lateness, bench, mode)
    check("--limit", limited, bench)
    check("the dashboard for Grafana", dashboard, bench)
    check("--limit, --early", limited, bench, "--early", "50ms")
    check("--limit, --lateness", limited_lateness, bench)
    check("records that pass through with --select", pass_through, bench)
    check("a null key is one row, no matter how often it is written", null_keys, bench)
    check("columns in another order, with defaults between them", column_order, bench)
    check("an upsert leaves other columns and rows alone", upsert_leaves_others, bench)
    for jobs in (1, 2, 4):
        check(f"-j {jobs}", any_number_of_threads, bench, jobs)
    check("a partitioned table", partitioned, bench)
    check("settings of the role and of the environment", hostile_sessions, bench)
