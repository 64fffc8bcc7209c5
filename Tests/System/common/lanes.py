"""The jobs that are killed, into Postgres and into a file, and the lanes in which several threads run them."""

import dataclasses
import json
import shutil
import time

from . import scenarios
from .compare import load, rows_of, unlike_lists, unlike_tables, unlike_texts

# Frequent commits, so that there are many moments to be killed at.
COMMITS = ("--commit-every", "20ms")
# Commit rates that change no row from run to run of a job.
RATES = ("1ms", "20ms", "70ms")
RANDOM_TIME = "random time"
POSTGRES_FAILPOINTS = (
    "before-begin", "after-begin", "after-fence", "in-rows", "after-rows", "after-checkpoint", "commit-sent",
    "reply-read")
FILE_FAILPOINTS = (
    "before-rows", "after-rows", "rows-synced", "checkpoint-written", "checkpoint-renamed", "folder-synced")


@dataclasses.dataclass
class Course:
    """The seconds and the commits of a clean run, among which kills are spread."""

    seconds: float
    commits: int


class Lane:
    """The schema and the folder of one thread."""

    def __init__(self, bench, number):
        self.number = number
        self.session = bench.server.session()
        self.schema = f"lane{number}"
        self.session.query(f"CREATE SCHEMA {self.schema}")
        self.folder = bench.folder / self.schema
        self.folder.mkdir()


class Test:
    def __init__(self, bench, scenario, files):
        self.bench, self.scenario, self.files = bench, scenario, files
        self.name = scenario.name
        # The name of its table, file and job.
        self.id = scenario.name.replace("-", "_")
        self.courses = {}

    def make_oracle(self):
        """The same command without -o and --job, undisturbed."""
        rejects = self.bench.folder / f"{self.id}.rejects"
        # Another lane may have prepared the same scenario, and rejects are appended.
        rejects.unlink(missing_ok=True)
        self.text = self.bench.printed([*self.files, *self.flags_without_clock(), *self.reject_flags(rejects)])
        if self.scenario.early:
            self.text = self.text.replace("}\n", ',"final":true}\n')
        self.rejects = sorted(rejects.read_text().splitlines()) if self.scenario.rejects else []

    def flags_without_clock(self):
        flags = self.scenario.flags
        at = flags.index("--early") if self.scenario.early else len(flags)
        return flags[:at] + flags[at + 2:]

    def reject_flags(self, path):
        return ("--rejects", path) if self.scenario.rejects else ()

    def flags(self, lane, output):
        rejects = lane.folder / f"{self.id}.rejects"
        return [*self.files, *self.scenario.flags, "-o", *output, "--job", self.id, *self.reject_flags(rejects)]

    def unlike_rejects(self, lane):
        if not self.scenario.rejects:
            return []
        found = (lane.folder / f"{self.id}.rejects").read_text().splitlines()
        return [f"rejects file: {problem}" for problem in unlike_lists(self.rejects, found, "lines")]

    def create(self, lane):
        """Creates the output, unless the run does. Returns the flags that create what else is missing."""
        raise NotImplementedError

    def checkpoint(self, lane):
        """Its members; none before the first commit."""
        raise NotImplementedError

    def clean_run(self, arguments):
        """Its seconds; raises if it fails."""
        began = time.monotonic()
        self.bench.succeeded(arguments)
        return time.monotonic() - began


class PostgresTest(Test):
    path, failpoints = "postgres", POSTGRES_FAILPOINTS
    # Failpoints, with their counts, at which one commit is done.
    one_commit = (("before-begin", 2), ("after-rows", 2), ("reply-read", 1))

    def make_oracle(self):
        super().make_oracle()
        table = f"oracle.{self.id}"
        with self.bench.server.session() as session:
            session.query(f"CREATE SCHEMA IF NOT EXISTS oracle; {self.scenario.create(table)}")
            rows = rows_of(self.text)
            taken = scenarios.accepted(self.scenario, rows)
            self.refused = len(rows) - len(taken)
            load(session, table, scenarios.last_of_each_key(self.scenario, taken))

    def arguments(self, lane):
        table = f"{lane.schema}.{self.id}"
        output = (self.bench.server.url(), "--table", table, "--mode", self.scenario.mode)
        return self.flags(lane, output)

    def create(self, lane):
        lane.session.query(self.scenario.create(f"{lane.schema}.{self.id}"))
        return ("--create",)

    def prepare(self, lane):
        """The clean run, which also creates the job table. Returns the problems."""
        flags = self.create(lane)
        seconds = self.clean_run([*self.arguments(lane), *COMMITS, *flags])
        if self.scenario.early and self.scenario.mode == "append":
            open_windows = lane.session.value(f"SELECT count(*) FROM {lane.schema}.{self.id} WHERE NOT final")
            if open_windows == "0":
                return ["no row of an open window was written"]
        problems = self.add_refused(lane)
        commits = lane.session.value(f"SELECT epoch FROM {lane.schema}.streamctl_jobs WHERE job = '{self.id}'")
        self.courses[lane.number] = Course(seconds, int(commits))
        return problems

    def add_refused(self, lane):
        """Only Postgres knows why it refuses a row: the first clean run shows it, the number of rows is known before."""
        if not self.refused:
            return []
        found = (lane.folder / f"{self.id}.rejects").read_text().splitlines()
        if len(found) != self.refused + len(self.rejects):
            return [f"{len(found)} rejected instead of {len(self.rejects)} and {self.refused} refused"]
        self.rejects, self.refused = sorted(found), 0
        return []

    def reset(self, lane):
        lane.session.query(
            f"TRUNCATE {lane.schema}.{self.id}; DELETE FROM {lane.schema}.streamctl_jobs WHERE job = '{self.id}'")
        (lane.folder / f"{self.id}.rejects").unlink(missing_ok=True)

    def checkpoint(self, lane):
        return json.loads(lane.session.value(
            f"SELECT checkpoint FROM {lane.schema}.streamctl_jobs WHERE job = '{self.id}'") or "{}")

    def problems(self, lane):
        if self.scenario.early:
            lane.session.query(f"DELETE FROM {lane.schema}.{self.id} WHERE NOT final")
        found = unlike_tables(lane.session, f"oracle.{self.id}", f"{lane.schema}.{self.id}")
        return found + self.unlike_rejects(lane)


class FileTest(Test):
    path, failpoints = "file", FILE_FAILPOINTS
    one_commit = (("before-rows", 2), ("after-rows", 2), ("folder-synced", 1))

    def arguments(self, lane):
        return [*self.flags(lane, (lane.folder / f"{self.id}.out",)), "--state-dir", lane.folder / f"{self.id}.state"]

    def create(self, lane):
        return ()

    def prepare(self, lane):
        # What another path has left: rejects are appended.
        self.reset(lane)
        # A finished job does not show how many checkpoints it made: about this many, if rows come during the run.
        self.courses[lane.number] = Course(self.clean_run([*self.arguments(lane), *COMMITS]), 7)
        return []

    def reset(self, lane):
        (lane.folder / f"{self.id}.out").unlink(missing_ok=True)
        (lane.folder / f"{self.id}.rejects").unlink(missing_ok=True)
        shutil.rmtree(lane.folder / f"{self.id}.state", ignore_errors=True)

    def checkpoint(self, lane):
        state = lane.folder / f"{self.id}.state" / f"{self.id}.job"
        return json.loads(state.read_text().splitlines()[-1]) if state.exists() else {}

    def problems(self, lane):
        found = (lane.folder / f"{self.id}.out").read_text()
        if self.scenario.early:
            found = "".join(line for line in found.splitlines(True) if not line.endswith('"final":false}\n'))
        return unlike_texts(self.text, found) + self.unlike_rejects(lane)
