"""Jobs as users see them: finished, grown, changed, refused, stopped by a signal; and messages about missing tables."""

import json
import random
import re
import signal
import time

from ..common import lanes, scenarios
from ..common.bench import Bench as CommonBench
from ..common.compare import load, rows_of, unlike_tables
from ..common.processes import signalled_at

MISFIT, USAGE = 78, 64
WINDOWED = ("-t", "event_time", "-W", "5s", "-w", "10m", "-g", "sensor_id", *scenarios.AGGREGATES)
AT_END = ("-t", "event_time", "-w", "10m", "-g", "sensor_id", *scenarios.AGGREGATES)
SELECT = ("--select", "sensor_id,temperature,event_time")
WINDOW_COLUMNS = scenarios.windowed("x").create("{}")
RECORD_COLUMNS = "CREATE TABLE {} (sensor_id text, temperature double precision, event_time timestamptz)"


class Bench(CommonBench):
    def prepare(self):
        self.session = self.server.session()
        self.lines = self.demo("readings.jsonl", records=60000, keys=20, disorder="3s").read_text().splitlines(True)
        self.number = 0

    def new(self, create=WINDOW_COLUMNS, lines=None):
        """A new table and a new input: their names."""
        self.number += 1
        name = f"jobs{self.number}"
        if create:
            self.session.query(create.replace("{}", name))
        source = self.folder / f"{name}.jsonl"
        source.write_text("".join(self.lines if lines is None else lines))
        return name, source

    def job(self, name, source, flags=WINDOWED, *more, port=None):
        return [
            source, *flags, "-o", self.server.url(port=port), "--table", name, "--job", name, *lanes.COMMITS, "--create", *more]

    def unlike(self, name, source, flags=WINDOWED, key=True):
        """How the table differs from the rows that the same flags print."""
        # Columns of texts have the digits as they were written.
        rows = [json.loads(line, parse_float=str) for line in self.printed([source, *flags]).split("\n") if line]
        self.session.query(f"DROP TABLE IF EXISTS {name}_oracle; CREATE TABLE {name}_oracle (LIKE {name})")
        load(self.session, f"{name}_oracle", rows)
        return unlike_tables(self.session, f"{name}_oracle", name)


def finished(bench):
    """A finished job that runs again changes no row: it does not even write the same row again."""
    name, source = bench.new()
    first = bench.run(bench.job(name, source))
    versions = f"SELECT md5(string_agg(xmin::text || ctid::text, ',' ORDER BY ctid)) FROM {name}"
    before = bench.session.value(versions)
    problems = first.expect(0)
    for _ in range(3):
        problems += bench.run(bench.job(name, source)).expect(0)
    problems += [] if bench.session.value(versions) == before else ["rows were written again"]
    return problems + bench.unlike(name, source)


def grown(bench, create, flags, *more):
    """Half of the input first, then three more parts of it; the last record of each part is complete."""
    name, source = bench.new(create, bench.lines[:30000])
    problems = []
    for end in (30000, 30001, 45000, 60000):
        source.write_text("".join(bench.lines[:end]))
        problems += bench.run(bench.job(name, source, flags, *more)).expect(0)
        problems += [f"after {end} records: {problem}" for problem in bench.unlike(name, source, flags)]
    return problems


def grown_append(bench, flags):
    """The rows at the end of the input were final; growing would have to withdraw them."""
    name, source = bench.new(lines=bench.lines[:30000])
    problems = bench.run(bench.job(name, source, flags, "--mode", "append")).expect(0)
    before = bench.session.value(f"SELECT count(*) FROM {name}")
    source.write_text("".join(bench.lines))
    problems += bench.run(bench.job(name, source, flags, "--mode", "append")).expect(MISFIT)
    after = bench.session.value(f"SELECT count(*) FROM {name}")
    return problems + ([] if before == after else [f"{after} rows instead of {before}"])


def torn_line(bench):
    """A last line without a newline was read as the end; if the line grows, the job must not resume within it."""
    name, source = bench.new(RECORD_COLUMNS, bench.lines[:1000])
    whole = source.read_text()
    cut = whole.rstrip("\n")
    source.write_text(cut)
    problems = bench.run(bench.job(name, source, SELECT)).expect(0)
    source.write_text(whole + "".join(bench.lines[1000:2000]))
    problems += bench.run(bench.job(name, source, SELECT)).expect(0)
    return problems + bench.unlike(name, source, SELECT)


def changed_flag(bench, named, old, new):
    """Other flags would make other rows: the message names the flag, nothing is written."""
    name, source = bench.new(lines=bench.lines[:5000])
    problems = bench.run(bench.job(name, source, old)).expect(0)
    before = bench.session.query(f"SELECT count(*), sum(count) FROM {name}")
    problems += bench.run(bench.job(name, source, new)).expect(MISFIT, named)
    return problems + ([] if bench.session.query(f"SELECT count(*), sum(count) FROM {name}") == before else ["rows changed"])


def changed_flags(bench):
    groups = ("-t", "event_time", "-W", "5s", "-w", "10m", "-g", "sensor_id")
    plain = (*groups, *scenarios.AGGREGATES)
    for named, new in (
            ("--tumbling", ("-t", "event_time", "-W", "5s", "-w", "20m", *plain[6:])),
            ("--watermark", ("-t", "event_time", "-W", "6s", *plain[4:])),
            ("--where", (*plain, "--where", "temperature > 3")),
            ("--having", (*plain, "--having", "count > 3")),
            ("--time-zone", (*plain, "--time-zone", "Europe/Berlin")),
            ("--align", (*plain, "--align", "1m")),
            ("--by", (*plain[:6], "-g", "sensor_id=humidity", *scenarios.AGGREGATES)),
            ("--min", (*groups, "--count", "--avg", "temperature", "--min", "min_temperature=humidity", "--max", "humidity")),
            ("--mode", (*plain, "--mode", "append")),
            ("--lateness", (*plain, "--lateness", "1m"))):
        bench.report.check(f"a changed {named} is refused", changed_flag, bench, named, plain, new)


def harmless_flags(bench):
    """Flags that change no row may change between two runs of a job."""
    name, source = bench.new(lines=bench.lines[:5000])
    problems = bench.run(bench.job(name, source)).expect(0)
    for more in (("-j", "1"), ("-v",), ("-q",), ("--commit-every", "3s"), ("--takeover",)):
        problems += [f"{more}: {problem}" for problem in bench.run(bench.job(name, source, WINDOWED, *more)).expect(0)]
    return problems + bench.unlike(name, source)


def changed_input(bench, how):
    """The bytes before the position are no longer those that were read."""
    name, source = bench.new(lines=bench.lines[:5000])
    problems = bench.run(bench.job(name, source)).expect(0)
    content = bytearray(source.read_bytes())
    if how == "shorter":
        del content[len(content) // 2:]
    elif how == "last record":
        content[-20] ^= 1
    elif how == "another file":
        content = bytearray("".join(bench.lines[5000:15000]).encode())
    elif how == "missing":
        source.unlink()
        return problems + bench.run(bench.job(name, source)).expect(66)
    source.write_bytes(content)
    return problems + bench.run(bench.job(name, source)).expect(MISFIT)


def usage(bench):
    """An input that cannot be read twice cannot be resumed."""
    name, source = bench.new(None)
    problems = []
    for arguments in (
            ["-", *SELECT], SELECT, [source, "-", *SELECT], [source, "--rows", "5", "--count"],
            [source, "-t", "@arrival", "-w", "1s", "--count"], [source, *SELECT, "-n", "10"],
            ["/dev/stdin", *SELECT]):
        outcome = bench.run([*arguments, "-o", bench.server.url(), "--table", name, "--create", "--job", name])
        if arguments[0] == "/dev/stdin" and outcome.status == 66:
            continue
        problems += [f"{arguments[:3]}: {problem}" for problem in outcome.expect(USAGE)]
    for bad in ("", "a b", "../x", "a'b"):
        outcome = bench.run([source, *SELECT, "-o", bench.server.url(), "--table", name, "--job", bad])
        problems += [f"--job {bad!r}: {problem}" for problem in outcome.expect(USAGE)]
    outcome = bench.run([source, *SELECT, "-o", bench.server.url()])
    return problems + [f"without --table: {problem}" for problem in outcome.expect(USAGE, "--table")]


def statements(text):
    """The SQL in a message."""
    return re.findall(r": ((?:CREATE|ALTER|DROP|GRANT) .*?)(?: \((?:or|as) .*)?$", text, re.MULTILINE)


def message_repairs(bench, create, flags, *more):
    """Runs the statements of the message, as a user would; then the command must work and the rows must be right."""
    name, source = bench.new(create, bench.lines[:5000])
    arguments = [word for word in bench.job(name, source, flags, *more) if word != "--create"]
    outcome = bench.run(arguments)
    found = statements(outcome.err)
    if outcome.status != MISFIT or not found:
        return outcome.expect(MISFIT, "CREATE or ALTER")
    bench.session.query("; ".join(found))
    return bench.run([*arguments, "--strict"]).expect(0) + bench.unlike(name, source, flags)


def missing_things(bench):
    index = "CREATE UNIQUE INDEX ON {} (sensor_id, window_start) NULLS NOT DISTINCT"
    table = WINDOW_COLUMNS.split(";")[0]
    for what, create, flags, more in (
            ("table", "SELECT 1", WINDOWED, ()),
            ("table for records", "SELECT 1", SELECT, ()),
            ("job table", "DROP TABLE streamctl_jobs", WINDOWED, ()),
            ("unique index", table, WINDOWED, ("--mode", "upsert")),
            ("column in a key of groups", "CREATE TABLE {} (sensor_id text UNIQUE, count bigint)", WINDOWED, ()),
            ("column in a primary key", "CREATE TABLE {} (id int PRIMARY KEY, sensor_id text, count bigint)", WINDOWED, ()),
            ("wider unique index", f"{index.replace('INDEX', 'INDEX {}_one').replace(', window_start', '')}; {index}".replace(
                "CREATE", f"{table}; CREATE", 1), WINDOWED, ()),
            ("table and job table", "DROP TABLE streamctl_jobs", SELECT, ()),
            ("fitting unique index", f"{table}; CREATE UNIQUE INDEX ON {{}} (sensor_id, window_start, count)", WINDOWED, ()),
            ("column", table.replace("count bigint, ", "") + "; " + index, WINDOWED, ()),
            ("fitting type", table.replace("count bigint", "count uuid") + "; " + index, WINDOWED, ()),
            ("fitting type of a time", table.replace("window_start timestamptz", "window_start boolean"), WINDOWED, ("--mode", "append")),
            ("default of another column", f"{table}; ALTER TABLE {{}} ADD other int NOT NULL; {index}", WINDOWED, ()),
            ("writable column", table.replace("count bigint", "count bigint GENERATED ALWAYS AS (1) STORED") + "; " + index, WINDOWED, ())):
        bench.report.check(f"the message about a missing {what} helps", message_repairs, bench, create, flags, *more)


def started_over(bench):
    """With other flags, the message names them all and --reset, which starts the job over."""
    name, source = bench.new(lines=bench.lines[:5000])
    other = ("-t", "event_time", "-W", "6s", "-w", "20m", *WINDOWED[6:])
    problems = bench.run(bench.job(name, source)).expect(0)
    refused = bench.run(bench.job(name, source, other))
    problems += refused.expect(MISFIT, f"--reset {name}")
    problems += [f"no {flag} in {refused.err}" for flag in ("--watermark was '5s', now '6s'", "--tumbling was '10m', now '20m'")
                 if flag not in refused.err]
    problems += bench.run(bench.job(name, source, other, "--reset", "another")).expect(USAGE, f"--reset {name}")
    bench.session.query(f"TRUNCATE {name}")
    problems += bench.run(bench.job(name, source, other, "--reset", name)).expect(0) + bench.unlike(name, source, other)
    again = bench.run(bench.job(name, source, other))
    return problems + again.expect(0) + ([] if "already finished" in again.err else [again.err])


def listed(bench):
    """The jobs of a database: in several schemas, running, stopped and finished."""
    bench.session.query("CREATE SCHEMA listed")
    name, source = bench.new(lines=bench.lines[:5000])
    table = WINDOW_COLUMNS.replace("{}", "listed.rows")
    bench.session.query(table)
    problems = bench.run(bench.job(name, source)).expect(0)
    stopped = [word if word != name else "listed.rows" for word in bench.job(name, source)]
    stopped[stopped.index("--job") + 1] = "halt"
    problems += bench.run(stopped).expect(0)
    bench.session.query("UPDATE listed.streamctl_jobs SET checkpoint = NULL")
    found = bench.run(["--list-jobs", "-o", bench.server.url(), "-f", "json"])
    problems += found.expect(0)
    rows = {row["job"]: row for row in rows_of(found.out)}
    size = len(source.read_bytes())
    expected = {"output": f"public.{name}", "status": "finished", "positions": {str(source): size}}
    problems += [f"{key}: {rows.get(name, {}).get(key)}" for key in expected if rows.get(name, {}).get(key) != expected[key]]
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", rows.get(name, {}).get("committed", "")):
        problems.append(f"committed: {rows.get(name)}")
    halt = rows.get("halt", {})
    problems += [] if halt.get("status") == "stopped" and "committed" not in halt else [f"halt: {halt}"]
    one = bench.run(["--list-jobs", "-o", bench.server.url(), "--job", name])
    lines = one.out.splitlines()
    problems += one.expect(0) + ([] if len(lines) == 2 and lines[1].split()[:3] == [name, f"public.{name}", "finished"] else lines)
    return problems


def refused_relations(bench):
    """A view is refused as an output."""
    name, source = bench.new("CREATE VIEW {} AS SELECT 1 AS sensor_id")
    return bench.run(bench.job(name, source)).expect(MISFIT)


def unreachable(bench):
    name, source = bench.new(None, bench.lines[:10])
    problems = []
    for url in (
            "postgresql://127.0.0.1:1/postgres", bench.server.url(database="nowhere"), bench.server.url(user="no_such_role"),
            "postgresql:///x?host=/nonexistent"):
        began = time.monotonic()
        outcome = bench.run([source, *SELECT, "-o", url, "--table", name, "--create"])
        problems += [f"{url}: {problem}" for problem in outcome.expect(69)]
        if time.monotonic() - began > 15:
            problems.append(f"{url}: took {time.monotonic() - began:.0f} s")
    return problems


def terminated(bench):
    """TERM and INT during a run: finished work is committed, the exit status names the signal, the next run resumes."""
    name, source = bench.new()
    noise, problems, caught, runs = random.Random(bench.seed), [], 0, 0
    while caught < 10 and runs < 40 and not problems:
        bench.session.query(f"TRUNCATE {name}; DELETE FROM streamctl_jobs WHERE job = '{name}'") if runs else None
        sent = noise.choice((signal.SIGTERM, signal.SIGINT))
        outcome = signalled_at(
            bench, bench.job(name, source), noise.choice(lanes.POSTGRES_FAILPOINTS), sent)
        if outcome.status != 0:
            caught += 1
            problems += outcome.expect(128 + sent)
        problems += bench.run(bench.job(name, source)).expect(0) + bench.unlike(name, source)
        runs += 1
    return problems + ([] if caught == 10 else [f"only {caught} runs were caught"]), f"{caught} of {runs} runs"


def several_jobs(bench):
    """Two jobs that write into one table at the same time do not affect each other."""
    name, source = bench.new(RECORD_COLUMNS)
    halves = []
    for number, lines in enumerate((bench.lines[:30000], bench.lines[30000:])):
        half = bench.folder / f"{name}.{number}.jsonl"
        half.write_text("".join(lines))
        arguments = [half, *SELECT, "-o", bench.server.url(), "--table", name, *lanes.COMMITS, "--create"]
        halves.append(bench.start([*arguments, "--job", f"{name}-{number}"]))
    problems = [problem for process in halves for problem in bench.finish(process).expect(0)]
    return problems + bench.unlike(name, source, SELECT)


def checks(bench):
    check = bench.report.check
    check("a finished job, run again", finished, bench)
    check("grown input, upsert", grown, bench, WINDOW_COLUMNS, WINDOWED)
    check("grown input without a watermark, upsert", grown, bench, WINDOW_COLUMNS, AT_END)
    check("grown input, records appended", grown, bench, RECORD_COLUMNS, SELECT)
    check("grown input, windows appended", grown_append, bench, WINDOWED)
    check("grown input, windows appended at the end", grown_append, bench, AT_END)
    check("a last line that gets its newline later", torn_line, bench)
    changed_flags(bench)
    check("flags that change no row", harmless_flags, bench)
    for how in ("shorter", "last record", "another file", "missing"):
        check(f"changed input: {how}", changed_input, bench, how)
    check("inputs and options that a job cannot have", usage, bench)
    missing_things(bench)
    check("a job that starts over", started_over, bench)
    check("the jobs of a database", listed, bench)
    check("a view", refused_relations, bench)
    check("no database", unreachable, bench)
    check("TERM and INT during a run", terminated, bench)
    check("two jobs into one table", several_jobs, bench)
