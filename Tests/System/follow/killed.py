"""A followed log is rotated while the job that writes it into Postgres is killed, again and again: the table equals the oracle.

The oracle is the same command without -F over all lines in one file. --only repeats one run of a seed.
"""

import collections
import random
import shutil
import signal
import time

from ..common import kills, lanes
from ..common.compare import load, rows_of, unlike_tables
from ..common.processes import wait_until
from ..common.report import problems_of
from . import naming, writer
from .follower import PATIENCE

OPTIONS = {"runs": 15, "only": -1}
TIME = ("-t", "ts", "-W", "5s", "--max-ahead", "off")
WINDOWED = (*TIME, "-w", "10s", "-g", "k", "--count", "--sum", "v")
WINDOW_COLUMNS = "k text, window_start timestamptz, window_end timestamptz, count bigint, sum_v double precision"
RECORD_COLUMNS = "k text, ts timestamptz, v bigint, n bigint"
# Each kind: the flags, the columns, the mode.
KINDS = {
    "windows, upsert": (WINDOWED, WINDOW_COLUMNS, "upsert"),
    "windows, append": (WINDOWED, WINDOW_COLUMNS, "append"),
    "records, append": ((*TIME, "--select", "k,ts,v,n"), RECORD_COLUMNS, "append"),
    "windows without duplicates, append": ((*WINDOWED, "--dedup", "k", "--within", "3s"), WINDOW_COLUMNS, "append"),
    "records without duplicates, append": (
        (*TIME, "--dedup", "k", "--within", "3s", "--select", "k,ts,v,n"), RECORD_COLUMNS, "append")}
# The key of the record that is far in the future and closes all windows before it.
LAST = "last"


class Log(writer.Log):
    """Its lines have keys and values for windows; all of them are kept for the oracle."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.texts = {}

    def line(self):
        number = self.next
        self.next += 1
        minute, second = divmod(number // 4, 60)
        key, value = self.rng.choice("abcde"), self.rng.randint(-100, 100)
        text = f'{{"n":{number},"ts":"2026-03-01T{minute // 60:02}:{minute % 60:02}:{second:02}Z","k":"{key}","v":{value}}}\n'
        self.texts[number] = text
        return number, text.encode()

    def write_last(self):
        self.finish_line(self.now)
        text = f'{{"n":{self.next},"ts":"2036-03-01T00:00:00Z","k":"{LAST}","v":0}}\n'
        self.texts[self.next] = text
        self.now.put(text.encode())
        self.now.content.numbers.append(self.next)


class Nothing:
    """Nothing is lost here, so nobody asks what a run has shown."""

    def shown(self):
        return set()

    durable = shown


class Run:
    def __init__(self, bench, index):
        self.bench, self.index = bench, index
        self.rng = random.Random(f"{bench.seed} {index}")
        self.kind = list(KINDS)[index % len(KINDS)]
        self.flags, self.columns, self.mode = KINDS[self.kind]
        self.folder, self.name = bench.folder / f"run{index}", f"followed{index}"
        self.folder.mkdir()
        # Dated names and numbered ones; no links, which cannot be truncated.
        form = self.rng.choice((naming.Numbered, lambda: naming.Dated("{name}-{date}", "%Y%m%d")))
        self.log = Log(self.folder / "app.log", form(), self.rng)
        self.process, self.killed, self.actions = None, collections.Counter(), []
        self.session = bench.server.session()
        self.session.query(f"CREATE SCHEMA {self.name}")
        self.table = f"{self.name}.rows"
        self.create(self.table)

    def create(self, table):
        self.session.query(f"CREATE TABLE {table} ({self.columns})")
        if self.mode == "upsert":
            self.session.query(f"CREATE UNIQUE INDEX ON {table} (k, window_start) NULLS NOT DISTINCT")

    # Runs of the program.

    def start(self, failpoint=None):
        arguments = [
            "-F", self.folder / "app.log", *self.flags, "--idle", "off", "-o", self.bench.server.url(), "--table",
            self.table, "--mode", self.mode, "--create", "--job", self.name, *lanes.COMMITS, "-v"]
        self.process = self.bench.start(arguments, {"STREAMCTL_FAILPOINT": failpoint} if failpoint else None)
        self.failpoint = failpoint

    def end(self, sent):
        self.process.send_signal(sent)
        self.killed["random time" if sent == signal.SIGKILL else "signal"] += 1
        # Its failpoint may be faster than the signal.
        return self.ended((128 + sent, 128 + signal.SIGKILL) if self.failpoint else (128 + sent,))

    def ended(self, statuses):
        """Problems if the run did not end as it should. The session of a killed run may still hold the job."""
        outcome, self.process = self.bench.finish(self.process), None
        self.actions += [f"| {line}" for line in outcome.err.splitlines()]
        return [] if outcome.status in (*statuses, kills.BUSY) else outcome.expect(statuses[0])

    def look(self):
        """Notices a run that a failpoint has killed, or that found the job held. Returns the problems."""
        if self.process is None or self.process.poll() is None:
            return []
        self.killed["failpoint"] += 1 if self.process.returncode == -signal.SIGKILL else 0
        return self.ended((128 + signal.SIGKILL,) if self.failpoint else (kills.BUSY,))

    def keep_running(self):
        """Starts a run, again while the session of a killed one holds the job. Returns the problems."""
        found = self.look()
        if self.process is None and not found:
            self.start()
        return found

    def wait_until(self, condition):
        """Runs until the condition holds. Returns the problems."""
        problems = []
        came = wait_until(lambda: problems.extend(self.keep_running()) or problems or condition(), PATIENCE)
        return problems or ([] if came else [f"after {PATIENCE} s the rows are not there"])

    # The log.

    def act(self):
        rng, log = self.rng, self.log
        name = rng.choices(("write", "start a line", "rename", "late", "copy and truncate", "compress"), (8, 2, 4, 3, 2, 3))[0]
        self.actions.append(f"{name}: line {log.next}")
        if name == "write":
            log.write(rng.choice((1, 20, 200)))
        elif name == "start a line":
            # The first bytes of a file alone do not show that it is truncated and written again.
            if not log.now.content.numbers:
                log.write(1)
            log.start_line()
        elif name == "rename":
            log.rename(Nothing())
        elif name == "late":
            log.rename(Nothing(), is_late=True)
            log.write(rng.randint(1, 20))
            log.write(rng.randint(1, 20), log.late[0])
            log.close(log.late[0])
        elif name == "copy and truncate":
            log.finish_line(log.now)
            log.copy_and_truncate(Nothing(), regrows=rng.random() < 0.3)
        elif log.can_compress():
            log.compress(rng.choice(log.can_compress()), rng.choice(("gzip", "gzip", "zstd")))

    def step(self):
        """What the writer does, and what happens to the run meanwhile. Returns the problems."""
        rng = self.rng
        found = self.look()
        if self.process is None and rng.random() < 0.7:
            failpoint = rng.choice((*lanes.POSTGRES_FAILPOINTS, *[None] * 8))
            self.start(f"{failpoint}:kill@{rng.randint(1, 6)}" if failpoint else None)
        self.act()
        time.sleep(rng.choice((0, 0, 0.005, 0.02, 0.06)))
        if self.process is not None and self.process.poll() is None and rng.random() < 0.15:
            found = found or self.end(rng.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
        return found

    def problems(self):
        self.log.create()
        self.log.write(400)
        stored = f"SELECT count(checkpoint) FROM {self.name}.streamctl_jobs"
        self.start()
        exists = f"SELECT to_regclass('{self.name}.streamctl_jobs') IS NOT NULL"
        found = self.wait_until(lambda: self.session.value(exists) == "t" and self.session.value(stored) == "1")
        for _ in range(self.rng.randint(15, 40)):
            found = found or self.step()
        self.log.write_last()
        self.log.close_all()
        return found or self.compare()

    def compare(self):
        path, oracle = self.folder / "all.jsonl", f"{self.name}.oracle"
        path.write_text("".join(self.log.texts[number] for number in self.log.expected()))
        self.create(oracle)
        # The window of the last record is still open when the run ends.
        rows = [row for row in rows_of(self.bench.printed([path, *self.flags])) if row["k"] != LAST]
        load(self.session, oracle, rows)
        view = f"{self.name}.found"
        self.session.query(f"CREATE VIEW {view} AS SELECT * FROM {self.table} WHERE k <> '{LAST}'")
        count = f"SELECT count(*) FROM {view}"

        def is_done():
            # A run that ended by a signal may have written rows of open windows, which the next one replaces.
            return int(self.session.value(count)) >= len(rows) and not unlike_tables(self.session, oracle, view)
        # No kill any more: the runs that are left must get to the end.
        found = self.wait_until(is_done)
        if self.process is not None and self.process.poll() is None:
            found = found + self.end(signal.SIGINT)
        return unlike_tables(self.session, oracle, view) + found

    def clean_up(self):
        self.log.close_all()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.bench.finish(self.process)
        self.session.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def one(bench, index):
    """A run. Returns it with its problems."""
    run = Run(bench, index)
    found = problems_of(run)
    run.clean_up()
    return run, found


def checks(bench):
    only, passed, killed = bench.options.only, collections.Counter(), collections.Counter()
    bench.server.session().close()
    for index in range(bench.options.runs) if only < 0 else [only]:
        run, problems = one(bench, index)
        killed.update(run.killed)
        if problems or only >= 0:
            print("".join(f"        {action}\n" for action in run.actions), end="")
        if problems:
            bench.report.judge(f"run {index}, {run.kind}", problems, again=("--only", index))
        else:
            passed[run.kind] += 1
    for kind, count in sorted(passed.items()):
        bench.report.judge(f"killed and resumed: {kind}", [], f"{count} runs")
    print(f"    killed at: {dict(killed)}")
