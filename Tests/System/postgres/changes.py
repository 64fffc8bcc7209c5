"""Tables that are kept by key (--key, --delete, --if-newer) equal a model that applies the changes one after the other.

--histories says how many random histories there are, --runs how many jobs are killed; --only repeats one of those.
"""

import json
import random
import re
import subprocess
import time

from ..common import changes, kills, lanes, scenarios
from ..common.bench import Bench as CommonBench
from ..common.changes import Model, unlike_model, unlike_rejects
from ..common.compare import rows_of
from . import kept_tables, merged_tables

OPTIONS = {"histories": 2000, "runs": 20, "only": -1}
RATES = ("1ms", "20ms", "200ms", "10s")
WORKERS = 2
# With fewer runs than this the failpoints need not all be hit.
FULL = 100
# Makes lines long, so that a file has many batches, after each of which a commit may come.
PADDING = "x" * 600


class Bench(CommonBench):
    def prepare(self):
        self.session = self.server.session()
        self.session.query(changes.PREPARATION)
        self.session.query(POISON_PREPARATION)
        self.number, self.varies = 0, True

    def environment(self, extra=None):
        """Half of the tables are written as if all commits were large; where the program is a debug build."""
        chosen = {"STREAMCTL_MERGE_FROM": "1"} if self.varies and self.number % 2 else {}
        return super().environment({**chosen, **(extra or {})})

    def table(self):
        """The name of a new table."""
        self.number += 1
        return f"t{self.number}"

    def kept(self, table, source, flags, *more, url=None):
        return self.run([source, *flags, "-o", url or self.server.url(), "--table", table, *more])

    def source(self, name, records):
        path = self.folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return path


def run_in_pieces(bench, rng, table, lines, flags, rejects):
    """Runs a job over a file that grows. Returns the problems."""
    path, problems = bench.folder / f"{table}.jsonl", []
    for end in changes.cuts(rng, rng.choice((0, 1, 4)), len(lines)):
        path.write_text("".join(lines[:end]))
        problems += unlike_status(bench.kept(
            table, path, flags, "--job", table, "--create", "--rejects", rejects, "-j", rng.choice("124"), "--commit-every",
            rng.choice(RATES)))
    return problems


def unlike_status(finished):
    """Problems unless the status is 65 where all rows of a run were refused, and 0 elsewhere."""
    refused = re.search(r"(\d+) of (\d+) rows were refused", finished.err)
    return finished.expect(65 if refused and refused[1] == refused[2] else 0)


def run_in_one(bench, rng, table, lines, flags, rejects):
    """One run without a job. It reads a pipe, so that the batches end where the writes do."""
    process = bench.start(
        ["-", *flags, "-o", bench.server.url(), "--table", table, "--rejects", rejects, "--commit-every", rng.choice(RATES)],
        stdin=subprocess.PIPE)
    start = 0
    for end in changes.cuts(rng, rng.choice((0, 10, 50)), len(lines)):
        process.stdin.write("".join(lines[start:end]).encode())
        process.stdin.flush()
        start = end
    return unlike_status(bench.finish(process))


def random_histories(bench, kind, is_versioned, count):
    """The changes of many keys, read in any pieces and committed at any time, leave the table of the model."""
    rng, table = random.Random(f"{bench.seed} {kind.name} {is_versioned}"), bench.table()
    made = changes.histories(rng, count)
    if is_versioned:
        for change in made:
            # An upsert without a version is refused.
            change.at = None if rng.random() < 0.02 else change.at
    before = changes.initial_rows(rng, [change.key for change in made])
    columns = (*changes.VALUES[:2], ("at", rng.choice(("bigint", "integer", "numeric", "double precision", "jsonb"))))
    bench.session.query(kind.create(table, columns))
    changes.fill(bench.session, table, kind, before)
    write, flags = rng.choice(((changes.line, changes.flags), (changes.debezium_line, changes.debezium_flags)))
    flags = [*flags(kind), *(("--if-newer", "at") if is_versioned else ())]
    rejects = bench.folder / f"{table}.rejects"
    run = rng.choice((run_in_pieces, run_in_pieces, run_in_one))
    problems = run(bench, rng, table, [write(kind, change) for change in made], flags, rejects)
    model = Model(is_versioned, before).apply_all(made)
    problems += unlike_model(bench.session, table, kind, model) + unlike_rejects(rejects, model, bool)
    return problems, f"{len(made)} changes, {len(model.rows)} rows, {run.__name__}"


# Types of the column 'name' that refuse a value: the type, values that it takes, one that it refuses, and what refuses it.
POISONS = (
    ("check", "text CHECK (name <> 'poison')", ("fine", "", "é"), "poison"),
    ("enum", "mood", ("sad", "ok", "glad"), "angry"),
    ("length", "varchar(4)", ("fine", "", "éééé"), "poison"),
    ("overflow", "numeric(4,2)", (1.25, 0, -99), 100),
    ("address", "inet", ("10.0.0.1", "::1"), "10.0.0.256"),
    ("domain", "small", (1, 5, 9), 10),
    ("trigger", "text", ("fine", "", "é"), "poison"),
    ("reference", "text REFERENCES known", ("fine", "", "é"), "poison"),
    ("json", "jsonb", ({"a": 1}, [], "x"), {"a": "\0"}),
)
POISON_PREPARATION = """
    CREATE DOMAIN small AS integer CHECK (VALUE < 10);
    CREATE TABLE known (name text PRIMARY KEY);
    INSERT INTO known VALUES ('fine'), (''), ('é');
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.name = 'poison' THEN RAISE 'poison'; END IF; RETURN NEW; END $$"""
# Shares of changes that are poisoned, and how many histories there are of each.
DOSES = ((0.001, 150), (0.01, 60), (0.1, 40), (0.3, 30))


def poisoned(rng, count, values, poison, dose):
    """Histories in which some upserts have a value that the table refuses."""
    made = changes.histories(rng, count, name=lambda _: rng.choice(values))
    upserts = [change for change in made if not change.deletes]
    for change in rng.sample(upserts, max(1, round(dose * len(made)))):
        change.poison, change.name = True, poison
    return made


def apart(made):
    """Gives poisoned changes keys of their own: whatever the commits are, exactly they are refused."""
    key = max(change.key for change in made) + 1
    for number, change in enumerate(change for change in made if change.poison):
        change.key = key + number
    return made


def refused_for_certain(made, before, is_versioned):
    """The numbers of the poisoned changes that no later change of their row can replace before they are sent."""
    certain, last, newest = set(), {}, {row.key: row.at for row in before}
    for change in made:
        at = newest.get(change.key)
        if None not in (change.at, at):
            newest[change.key] = max(change.at, at)
        elif at is None:
            newest[change.key] = change.at
        if change.poison:
            if not is_versioned or change.at == newest[change.key]:
                last.setdefault(change.key, []).append(change.number)
        else:
            last.pop(change.key, None)
    for numbers in last.values():
        certain.update(numbers if not is_versioned else numbers[-1:])
    return certain


def poison(bench, name, kind, is_versioned):
    """Refused rows are rejected alone, and everything else is as if they had not been there."""
    rng, table = random.Random(f"{bench.seed} {name} {is_versioned}"), bench.table()
    _, kind_of_name, values, bad = next(found for found in POISONS if found[0] == name)
    dose, count = rng.choice(DOSES)
    made = poisoned(rng, count, values, bad, dose)
    before = changes.initial_rows(rng, [change.key for change in made])
    for row in before:
        row.name = None
    columns = (("c", "bigint"), ("name", kind_of_name), ("at", "bigint"))
    bench.session.query(kind.create(table, columns))
    changes.fill(bench.session, table, kind, before)
    if name == "trigger":
        bench.session.query(f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()")
    rejects = bench.folder / f"{table}.rejects"
    flags = [*changes.flags(kind), *(("--if-newer", "at") if is_versioned else ())]
    run = rng.choice((run_in_pieces, run_in_one))
    problems = run(bench, rng, table, [changes.line(kind, change) for change in made], flags, rejects)
    model = Model(is_versioned, before).apply_all(made)
    certain = refused_for_certain(made, before, is_versioned)
    problems += unlike_model(bench.session, table, kind, model)
    problems += unlike_rejects(rejects, model, lambda change: change.number in certain)
    return problems, f"{len(made)} changes, {len(model.maybe)} poisoned, {len(certain)} refused for certain, {run.__name__}"


def poison_apart(bench, name, kind):
    """Where each refused row has a key of its own, exactly these are rejected."""
    rng, table = random.Random(f"{bench.seed} {name} apart"), bench.table()
    _, kind_of_name, values, bad = next(found for found in POISONS if found[0] == name)
    made = changes.histories(rng, 20, name=lambda _: rng.choice(values))
    key = max(change.key for change in made) + 1
    for number in range(rng.choice((1, 5, 40))):
        made.insert(rng.randrange(len(made)), changes.Change(key + number, 0, 0, name=bad, at=1, poison=True))
    for number, change in enumerate(made):
        change.number = number + 1
    bench.session.query(kind.create(table, (("c", "bigint"), ("name", kind_of_name), ("at", "bigint"))))
    if name == "trigger":
        bench.session.query(f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()")
    rejects = bench.folder / f"{table}.rejects"
    problems = run_in_pieces(bench, rng, table, [changes.line(kind, change) for change in made], changes.flags(kind), rejects)
    model = Model(False).apply_all(made)
    problems += unlike_model(bench.session, table, kind, model) + unlike_rejects(rejects, model, lambda _: True)
    return problems, f"{len(made)} changes, {len(model.maybe)} refused"


def two_jobs(bench, kind):
    """Two jobs that write the same rows at once, by version: the latest one wins, whatever comes first."""
    rng, table = random.Random(f"{bench.seed} {kind.name} two"), bench.table()
    versions = rng.sample(range(100_000), 12_000)
    made = [
        changes.Change(rng.randrange(60), rng.randrange(9), number, name=f"n{number}", at=at) for number, at in enumerate(versions)]
    bench.session.query(kind.create(table))
    processes = []
    for number in range(2):
        path = bench.folder / f"{table}_{number}.jsonl"
        path.write_text("".join(changes.line(kind, change, PADDING) for change in made[number::2]))
        processes.append(bench.start([
            path, *changes.flags(kind), "--if-newer", "at", "-o", bench.server.url(), "--table", table, "--job", f"{table}_{number}",
            "--create", "--commit-every", "1ms"]))
    problems = [problem for process in processes for problem in bench.finish(process).expect(0)]
    return problems + unlike_model(bench.session, table, kind, Model(True).apply_all(made))


def unique_names(bench, kind, is_versioned):
    """A second unique constraint may refuse changes; the table is the one of all others."""
    rng, table = random.Random(f"{bench.seed} {kind.name} {is_versioned} names"), bench.table()
    made = changes.histories(rng, 40, name=lambda _: rng.choice("abcdefghijklmnopqrstuvwxyz"))
    bench.session.query(kind.create(table, (("c", "bigint"), ("name", "text UNIQUE"), ("at", "bigint"))))
    rejects = bench.folder / f"{table}.rejects"
    flags = [*changes.flags(kind), *(("--if-newer", "at") if is_versioned else ())]
    run = rng.choice((run_in_pieces, run_in_one))
    problems = run(bench, rng, table, [changes.line(kind, change) for change in made], flags, rejects)
    refused = {int(entry["row"]["c"]) for entry in rows_of(rejects.read_text())} if rejects.exists() else set()
    model = Model(is_versioned).apply_all(change for change in made if change.number not in refused)
    return problems + unlike_model(bench.session, table, kind, model), f"{len(made)} changes, {len(refused)} refused"


class KilledTest(lanes.PostgresTest):
    """A job that keeps a table, killed and resumed; its oracle is the model."""

    path = "changes to postgres"

    def __init__(self, bench, name, kind, made, flags, columns=changes.VALUES, before=(), is_versioned=False, always=False):
        path = bench.folder / f"{name}.jsonl"
        path.write_text("".join(changes.line(kind, change, PADDING) for change in made))
        super().__init__(bench, scenarios.Scenario(name, (*flags, *(("--if-newer", "at") if is_versioned else ())), (), rejects=always), [path])
        self.kind, self.columns, self.before = kind, columns, before
        self.model = Model(is_versioned, before).apply_all(made)

    def make_oracle(self):
        self.rejects, self.refused = [], len(self.model.maybe) + len(self.model.refused)

    def create(self, lane):
        self.reset_table(lane)
        return ("--create",)

    def reset_table(self, lane):
        table = f"{lane.schema}.{self.id}"
        lane.session.query(f"DROP TABLE IF EXISTS {table}; {self.kind.create(table, self.columns)}")
        if self.before:
            changes.fill(lane.session, table, self.kind, self.before)

    def reset(self, lane):
        super().reset(lane)
        self.reset_table(lane)

    def problems(self, lane):
        return unlike_model(lane.session, f"{lane.schema}.{self.id}", self.kind, self.model) + self.unlike_rejects(lane)


def killed_tests(bench):
    kinds, rng = {kind.name: kind for kind in changes.KINDS}, random.Random(f"{bench.seed} killed")
    for name, kind, is_versioned, count in (
            ("text", "text", False, 1500), ("composite_versions", "text and bigint", True, 1500), ("any_case", "citext", False, 100),
            ("uuid_versions", "uuid", True, 1500)):
        made = changes.histories(rng, count, active=rng.choice((3, 30)))
        before = changes.initial_rows(rng, [change.key for change in made])
        yield KilledTest(bench, name, kinds[kind], made, changes.flags(kinds[kind]), before=before, is_versioned=is_versioned)
    made = apart(poisoned(rng, 1000, (1, 5, 9), 10, 0.01))
    columns = (("c", "bigint"), ("name", "small"), ("at", "bigint"))
    yield KilledTest(bench, "poison", kinds["bigint"], made, changes.flags(kinds["bigint"]), columns, always=True)


def kill_runs(bench):
    """Killed and resumed jobs."""
    all_lanes, hits = [lanes.Lane(bench, number) for number in range(WORKERS)], kills.Hits()
    tests = [test for test in killed_tests(bench) if kills.undisturbed(bench, all_lanes, test)]
    if tests and bench.options.runs:
        kills.loop(bench, tests, all_lanes, bench.options.runs, hits)
        hits.judge(bench.report, KilledTest, least=3 if bench.options.runs >= FULL else 0)
    hits.show()


def disturbed(bench, kind, is_versioned):
    """A job whose sessions end at random times, and whose table is locked now and then, leaves the table of the model."""
    rng, table = random.Random(f"{bench.seed} {kind.name} disturbed"), bench.table()
    made = apart(poisoned(rng, 600, (1, 5, 9), 10, 0.002))
    path, rejects = bench.folder / f"{table}.jsonl", bench.folder / f"{table}.rejects"
    path.write_text("".join(changes.line(kind, change, PADDING) for change in made))
    bench.session.query(kind.create(table, (("c", "bigint"), ("name", "small"), ("at", "bigint"))))
    flags = [*changes.flags(kind), *(("--if-newer", "at") if is_versioned else ())]
    process = bench.start([
        path, *flags, "-o", bench.server.url(), "--table", table, "--job", table, "--create", "--commit-every", "1ms", "-j", "1",
        "--rejects", rejects, "--stats", bench.folder / f"{table}.stats"])
    ended = 0
    for _ in range(8):
        time.sleep(rng.uniform(0, 0.15))
        ended += len(bench.session.query(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'streamctl:{table}'"))
        if rng.random() < 0.5:
            bench.session.query(f"BEGIN; LOCK {table} IN EXCLUSIVE MODE")
            time.sleep(rng.uniform(0, 0.1))
            bench.session.query("COMMIT")
    problems, model = bench.finish(process).expect(0), Model(is_versioned).apply_all(made)
    reconnects = json.loads((bench.folder / f"{table}.stats").read_text())["reconnects"]
    # One that was ended may be seen when the next one has been ended, too.
    if reconnects > ended or ended > 3 and reconnects == 0:
        problems.append(f"{ended} sessions ended, {reconnects} reconnects")
    problems += unlike_model(bench.session, table, kind, model) + unlike_rejects(rejects, model, lambda _: True)
    return problems, f"{ended} sessions ended, {reconnects} reconnects, {len(model.maybe)} refused"


def checks(bench):
    share = max(1, bench.options.histories // (2 * len(changes.KINDS)))
    for kind in changes.KINDS:
        for is_versioned in (False, True):
            words = f"histories of {kind.name}" + ", --if-newer" * is_versioned
            bench.report.check(words, random_histories, bench, kind, is_versioned, share)
    kinds = {kind.name: kind for kind in changes.KINDS}
    for number, (name, *_) in enumerate(POISONS):
        kind = kinds[("text", "bigint", "text and bigint", "citext", "uuid")[number % 5]]
        for is_versioned in (False, True):
            bench.report.check(f"poison: {name}" + ", --if-newer" * is_versioned, poison, bench, name, kind, is_versioned)
        bench.report.check(f"poison with keys of its own: {name}", poison_apart, bench, name, kind)
    for name in ("text", "text and bigint", "citext", "numeric"):
        for is_versioned in (False, True):
            words = f"names that are unique, {name}" + ", --if-newer" * is_versioned
            bench.report.check(words, unique_names, bench, kinds[name], is_versioned)
    for name, is_versioned in (("text", False), ("three columns", True), ("citext", False), ("numeric", True)):
        words = f"sessions that end, {name}" + ", --if-newer" * is_versioned
        bench.report.check(words, disturbed, bench, kinds[name], is_versioned)
    for name in ("text", "citext"):
        bench.report.check(f"two jobs at once, {name}", two_jobs, bench, kinds[name])
    kept_tables.checks(bench)
    merged_tables.checks(bench)
    kill_runs(bench)
