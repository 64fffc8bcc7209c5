"""The jobs that are killed, to Postgres and to a file, and the places of their own where several threads run them."""

import collections
import dataclasses
import shutil
import time

import common
import scenarios

# Often, so that there are many places to be killed at.
COMMITS = ("--commit-every", "20ms")
# What may differ from run to run of a job without a difference in its rows.
RATES = ("1ms", "20ms", "70ms")
POSTGRES_PLACES = (
    "before-begin", "after-begin", "after-fence", "in-rows", "after-rows", "after-checkpoint", "commit-sent",
    "reply-read")
FILE_PLACES = (
    "before-rows", "after-rows", "rows-synced", "checkpoint-written", "checkpoint-renamed", "folder-synced")


@dataclasses.dataclass
class Course:
    """What a clean run took: the seconds and the commits among which kills are spread."""

    seconds: float
    commits: int


class Lane:
    """What one thread works with: a schema in the database and a folder, both its own."""

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
        self.name = scenario.name.replace("-", "_")
        self.courses = {}

    def make_oracle(self):
        """The same command without -o and --job, undisturbed."""
        rejects = self.bench.folder / f"{self.name}.rejects"
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
        rejects = lane.folder / f"{self.name}.rejects"
        return [
            *self.files, *self.scenario.flags, "-o", *output, "--job", self.name, *self.reject_flags(rejects)]

    def unlike_rejects(self, lane):
        if not self.scenario.rejects:
            return []
        found = sorted((lane.folder / f"{self.name}.rejects").read_text().splitlines())
        if found == self.rejects:
            return []
        missing = collections.Counter(self.rejects) - collections.Counter(found)
        extra = collections.Counter(found) - collections.Counter(self.rejects)
        return [f"rejects file: {len(found)} lines instead of {len(self.rejects)}, {sum(missing.values())} missing, "
                f"{sum(extra.values())} too much: {list(extra)[:1]}"]


class PostgresTest(Test):
    path, places = "postgres", POSTGRES_PLACES

    def make_oracle(self):
        super().make_oracle()
        table = f"oracle.{self.name}"
        with self.bench.server.session() as session:
            session.query(f"CREATE SCHEMA IF NOT EXISTS oracle; {self.scenario.create(table)}")
            rows = common.rows_of(self.text)
            taken = scenarios.accepted(self.scenario, rows)
            self.refused = len(rows) - len(taken)
            common.load(session, table, scenarios.last_of_each_key(self.scenario, taken))

    def arguments(self, lane):
        table = f"{lane.schema}.{self.name}"
        output = (self.bench.server.url(), "--table", table, "--mode", self.scenario.mode)
        return self.flags(lane, output)

    def prepare(self, lane):
        """The clean run, which also makes the job table."""
        lane.session.query(self.scenario.create(f"{lane.schema}.{self.name}"))
        began = time.monotonic()
        outcome = self.bench.run([*self.arguments(lane), *COMMITS, "--create"])
        seconds = time.monotonic() - began
        if outcome.status != 0:
            raise RuntimeError(f"status {outcome.status}: {outcome.err.strip()[:400]}")
        if self.scenario.early and self.scenario.mode == "append":
            open_windows = lane.session.value(f"SELECT count(*) FROM {lane.schema}.{self.name} WHERE NOT final")
            if open_windows == "0":
                raise RuntimeError("no row of an open window was written")
        self.add_refused(lane)
        commits = lane.session.value(f"SELECT epoch FROM {lane.schema}.streamctl_jobs WHERE job = '{self.name}'")
        self.courses[lane.number] = Course(seconds, int(commits))

    def add_refused(self, lane):
        """What rows are refused for only Postgres knows: the first clean run says it, its number is known before."""
        if not self.refused:
            return
        found = (lane.folder / f"{self.name}.rejects").read_text().splitlines()
        if len(found) != self.refused + len(self.rejects):
            raise RuntimeError(f"{len(found)} rejected instead of {len(self.rejects)} and {self.refused} refused")
        self.rejects, self.refused = sorted(found), 0

    def reset(self, lane):
        lane.session.query(
            f"TRUNCATE {lane.schema}.{self.name}; DELETE FROM {lane.schema}.streamctl_jobs WHERE job = '{self.name}'")
        (lane.folder / f"{self.name}.rejects").unlink(missing_ok=True)

    def problems(self, lane):
        if self.scenario.early:
            lane.session.query(f"DELETE FROM {lane.schema}.{self.name} WHERE NOT final")
        return common.unlike(lane.session, f"oracle.{self.name}", f"{lane.schema}.{self.name}") + self.unlike_rejects(lane)


class FileTest(Test):
    path, places = "file", FILE_PLACES

    def arguments(self, lane):
        return [*self.flags(lane, (lane.folder / f"{self.name}.out",)), "--state-dir", lane.folder / f"{self.name}.state"]

    def prepare(self, lane):
        began = time.monotonic()
        outcome = self.bench.run([*self.arguments(lane), *COMMITS])
        if outcome.status != 0:
            raise RuntimeError(f"status {outcome.status}: {outcome.err.strip()[:400]}")
        # How many checkpoints were made a finished job does not say: about so many, where rows come during the run.
        self.courses[lane.number] = Course(time.monotonic() - began, 7)

    def reset(self, lane):
        (lane.folder / f"{self.name}.out").unlink(missing_ok=True)
        (lane.folder / f"{self.name}.rejects").unlink(missing_ok=True)
        shutil.rmtree(lane.folder / f"{self.name}.state", ignore_errors=True)

    def problems(self, lane):
        found = (lane.folder / f"{self.name}.out").read_text()
        if self.scenario.early:
            found = "".join(line for line in found.splitlines(True) if not line.endswith('"final":false}\n'))
        return common.unlike_texts(self.text, found) + self.unlike_rejects(lane)
