"""Whole runs, drawn at random and disturbed: query, input, places and faults; their rows equal those of a model.

--seconds says how long; --only repeats one run of a seed and shows all of it.
"""

import collections
import random
import shlex
import shutil
import subprocess
import time


from ..common.places import Missing
from ..common.processes import Outcome
from ..common.report import problems_of
from ..postgres import proxy
from . import faults, inputs, places, queries, rows

try:
    from ..kafka import rig
    CommonBench, NO_TOPICS = rig.Bench, None
except Missing as reason:
    from ..common.bench import Bench as CommonBench
    NO_TOPICS = reason

OPTIONS = {"seconds": 60, "only": -1}
SINKS = ("file", "stdout", "appended", "append", "upsert", "topic")
START = 1_767_225_600
# A bound that only a hanging run exceeds.
PATIENCE = 120
# After so many runs the clusters are replaced.
RENEWAL = 100
# A disk for outputs that can be filled.
DISK = "64m"


class Bench(CommonBench):
    def prepare(self):
        self.session, self.full_disk, self.broker, self.mock_cluster = None, None, None, None
        self.renew()
        disk = self.folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", disk], capture_output=True, check=False).returncode == 0:
            self.full_disk = disk
        self.clock = faults.clock_library(self)
        if not self.clock:
            print("no clock is set: libfaketime is not installed, or programs do not run with it")

    def renew(self):
        """New clusters: their topics are in memory."""
        if NO_TOPICS:
            return
        for cluster in self.clusters:
            cluster.stop()
        self.clusters.clear()
        self.broker, self.mock_cluster = self.small(), self.mock()

    def open_session(self):
        if self.session is None:
            self.session = self.server.session()
        return self.session

    def sql(self, statements):
        return self.open_session().query(statements)

    def restart(self):
        self.server.restart()
        self.session = None

    def clean_up(self):
        if getattr(self, "full_disk", None):
            subprocess.run(["umount", "--lazy", self.full_disk], check=False)
        super().clean_up()


class Scenario:
    """One run with all that is drawn for it."""

    def __init__(self, bench, index):
        self.bench, self.index = bench, index
        source = random.Random(f"{bench.seed} {index}")
        self.folder = bench.folder / f"run{index}"
        self.folder.mkdir()
        topics = () if NO_TOPICS else places.TOPICS
        self.sink_kind = source.choice([kind for kind in SINKS if kind != "topic" or not NO_TOPICS])
        self.source_kind = source.choice((*places.FILES, *topics, *topics, "file", "file"))
        replays = self.source_kind not in ("pipe", "slow pipe", "redirected")
        if self.sink_kind == "appended" and not replays:
            self.sink_kind = "stdout"
        self.job = replays and self.sink_kind != "stdout" and (self.sink_kind == "appended" or source.random() < 0.8)
        self.form = source.choice(("json", "json", "csv", "tsv")) if self.sink_kind in ("file", "stdout", "appended") else "json"
        count = source.choice((5, 60, 500, 2000, 6000))
        span = source.choice((20, 300, 4000, 90_000))
        is_table = self.sink_kind in ("append", "upsert")
        start = START + source.choice((0, 0, 74 * 86400, -40 * 365 * 86400)) + source.randrange(100_000)
        # Long records fill many batches, between which jobs commit.
        # A partition of the mock cluster keeps the last 5 MiB.
        padding = source.choice((0, 0, min(3000, 4_000_000 // count))) if count <= 2000 else 0
        self.lines = inputs.lines(source, count, start, span, not is_table, self.source_kind in places.TOPICS, padding)
        is_ordered = self.source_kind != "partitions"
        kinds = [kind for kind in queries.KINDS if kind != "rows" or is_ordered and not self.job and not is_table]
        self.query = queries.drawn(source, span, is_ordered, kinds, list(queries.GROUPS))
        if self.sink_kind == "upsert" and not self.query.key:
            self.sink_kind = "append"
        self.jobs, self.rates = source.choice("1124"), [source.choice(("1ms", "5ms", "50ms")) for _ in range(40)]
        self.source = places.Source(self, source)
        self.proxy, self.sink, self.seconds, self.is_done = None, None, 0.0, False
        self.failpoints = {
            "append": places.TableSink, "upsert": places.TableSink, "topic": places.TopicSink}.get(
                self.sink_kind, places.FileSink).failpoints
        self.faults = faults.drawn(source, self)
        self.part = source.random() if source.random() < 0.3 and self.can_grow() else None

    def can_grow(self):
        """Whether the rows of windows that were open at an earlier end of the input are replaced by those of all of it."""
        replaces = self.sink_kind in ("file", "appended") or self.sink_kind == "upsert" and self.query.kind != "session"
        return self.job and self.source_kind == "file" and replaces and not self.query.lateness

    @property
    def title(self):
        return f"{self.source_kind} to {self.sink_kind}{', a job' if self.job else ''}"

    # Runs.

    def arguments(self):
        common = [*self.source.arguments, *self.source.flags(self.query.has_time), *self.query.flags(), "--max-line", inputs.LONGEST, "-j", self.jobs]
        return [*common, "--rejects", self.folder / "rejects"]

    def start(self, extra=None, flags=(), **settings):
        command = [*self.arguments(), *self.sink.flags(), *flags]
        if self.job:
            command += ["--job", f"j{self.index}", "--commit-every", self.rates.pop(), *self.sink.job_flags()]
        elif self.sink_kind in ("append", "upsert"):
            command += ["--commit-every", self.rates.pop()]
        self.command = command
        if self.sink_kind == "appended":
            with open(self.sink.path, "ab") as file:
                return self.source.start(command, extra, stdout=file, **settings)
        return self.source.start(command, extra, **settings)

    def finish(self, process, slow=False):
        if slow:
            printed, noise = bytearray(), random.Random(self.index)
            while more := process.stdout.read1(noise.choice((100, 5000))):
                printed += more
                if len(printed) < 200_000:
                    time.sleep(0.0005)
            _, err = process.communicate(timeout=PATIENCE)
            self.sink.printed = bytes(printed)
            return Outcome(process.returncode, "", err.decode(errors="replace"))
        outcome = self.bench.finish(process, PATIENCE)
        if self.sink_kind == "stdout":
            self.sink.printed = outcome.out.encode()
        return outcome

    def run(self, extra=None, flags=(), **settings):
        return self.finish(self.start(extra, flags, **settings))

    # Checks.

    def problems(self):
        """All that is wrong, after all runs."""
        expected, late, timeless = self.query.answer(self.lines)
        reasons = {line.place: line.reason for line in self.lines if line.fate == "broken"}
        reasons |= {place: "no-time" for place in timeless} | {place: "late" for place in late}
        self.rejects = sorted((reason, *place) for place, reason in reasons.items())
        found = self.undisturbed(rows.of_model(expected, "json"))
        if found:
            return [f"undisturbed: {problem}" for problem in found]
        self.expected = self.first if self.query.lateness else expected
        if self.query.lateness and self.sink_kind == "upsert":
            self.expected = self.upserted()
        self.expected = rows.of_model(map(unplain, self.expected), self.form)
        if self.sink_kind in ("append", "upsert") and any(name in ("cut", "slow connection") for name, _ in self.faults):
            # The server must be there.
            self.proxy = proxy.Proxy(self.bench.server.port, f"{self.bench.seed} {self.index}")
        self.sink = self.make_sink()
        self.forget_rejects()
        try:
            return self.disturbed() or self.unlike()
        finally:
            self.sink.clean_up()
            if self.proxy:
                self.proxy.close()

    def make_sink(self):
        if self.sink_kind in ("append", "upsert"):
            return places.TableSink(self.bench, self, self.sink_kind)
        kinds = {"file": places.FileSink, "stdout": places.StdoutSink, "appended": places.AppendedSink, "topic": places.TopicSink}
        return kinds[self.sink_kind](self.bench, self)

    def undisturbed(self, expected):
        """Whether a run without job, faults and output has the rows of the model. It also shows the rows of corrections."""
        self.command, began = self.arguments(), time.monotonic()
        outcome = self.bench.finish(self.source.start(self.command), PATIENCE)
        self.seconds = time.monotonic() - began
        if outcome.status != 0:
            return outcome.expect(0)
        columns = self.query.columns
        self.first = rows.of_text(outcome.out, "json", columns)
        if not self.query.lateness:
            return rows.unlike(expected, self.first, self.in_order) + self.unlike_rejects()
        last = rows.last_revisions(self.first, columns, (*self.query.groups, "window_start", "window_end"))
        if self.query.kind == "session":
            # A session that grew has other bounds; its older row was printed as well.
            last = [row for row in last if row in set(expected)]
        if self.query.least:
            # A corrected row may no longer be printed.
            return self.unlike_rejects()
        return rows.unlike(expected, last, False) + self.unlike_rejects()

    def forget_rejects(self):
        """A run without a job may add to the file of an earlier one."""
        (self.folder / "rejects").unlink(missing_ok=True)

    @property
    def in_order(self):
        return self.source.is_ordered and not self.query.lateness and not self.query.fills

    def upserted(self):
        at = [self.query.columns.index(name) for name in self.query.key]
        last = {}
        for row in self.first:
            key = tuple(row[place] for place in at)
            if key not in last or last[key][-1] <= row[-1]:
                last[key] = row
        return list(last.values())

    def unlike_rejects(self):
        path = self.folder / "rejects"
        found = sorted(
            (row["reason"], row["source"], row["line"] if "line" in row else row["offset"])
            for row in rows.objects(path.read_text()))
        return [f"rejects: {problem}" for problem in rows.unlike(self.rejects, found, False)]

    def disturbed(self):
        if self.part is None:
            return self.struck() or self.finished()
        path, whole = self.source.arguments[-1], self.source.arguments[-1].read_bytes()
        # A file grows by whole lines or by parts of them.
        path.write_bytes(whole[:int(len(whole) * self.part)])
        found = self.struck()
        self.bench.counts["the file has grown", 0] += 1
        path.write_bytes(whole)
        return found or self.finished()

    def struck(self):
        """Runs with faults. Returns the problems."""
        for name, given in self.faults:
            outcome = faults.struck(self, name, given)
            if outcome.status not in (0, faults.BUSY, *faults.ENDS[name]):
                return [f"{name} {given}: {problem}" for problem in outcome.expect(0)]
            self.bench.counts[name, outcome.status] += 1
            if self.bench.options.only >= 0:
                print(f"    {name} {given}: status {outcome.status}: {outcome.err.strip()[:200]}")
            if outcome.status != 0 and not self.job and self.sink_kind in ("file", "stdout"):
                found = self.unlike_start()
                if found:
                    return [f"after {name} {given}: {problem}" for problem in found]
            if not self.job:
                if outcome.status == 0:
                    self.is_done = True
                    return []
                self.forget_rejects()
        return []

    def finished(self):
        """Runs until one ends well, unless one has that need not be repeated."""
        if self.is_done:
            return []
        end = time.monotonic() + PATIENCE
        while True:
            outcome = self.run()
            if outcome.status not in (faults.BUSY, faults.UNAVAILABLE) or time.monotonic() > end:
                return outcome.expect(0)
            self.rates = self.rates or ["5ms"]
            time.sleep(0.05)

    def unlike_start(self):
        """A run without a job that did not end well: what is there is the start of the rows."""
        data = self.sink.text()
        found = rows.of_text(data[:data.rfind("\n") + 1], self.form, self.query.columns)
        if self.in_order:
            return rows.unlike(self.expected[:len(found)], found, True)
        extra = collections.Counter(found) - collections.Counter(self.expected)
        return [f"too much: {list(extra)[:3]}"] if extra else []

    def unlike(self):
        problems = rows.unlike(self.expected, self.sink.rows(), self.in_order and self.sink.has_order)
        return problems + self.unlike_rejects()


def unplain(row):
    return tuple(value[1] if isinstance(value, tuple) else value for value in row)


def one(bench, index):
    """A scenario. Returns it with its problems."""
    scenario = Scenario(bench, index)
    found = problems_of(scenario)
    if found or bench.options.only >= 0:
        found += [f"faults {scenario.faults}"] if found else []
        found += [f"command: streamctl {shlex.join(map(str, scenario.command))}"] if found else []
        grows = "" if scenario.part is None else f" grow from {scenario.part:.2f}"
        print(f"    run {index}: {scenario.title}; {len(scenario.lines)} lines{grows}; {scenario.faults}; {scenario.query}")
        print(f"    streamctl {shlex.join(map(str, scenario.command))}")
    if bench.options.only < 0:
        shutil.rmtree(scenario.folder, ignore_errors=True)
    return scenario, found


def checks(bench):
    if NO_TOPICS:
        bench.report.skip("topics", NO_TOPICS)
    bench.counts, passed, only = collections.Counter(), collections.Counter(), bench.options.only
    end, index = time.monotonic() + bench.options.seconds, max(only, 0)
    failed = 0
    while index == max(only, 0) or only < 0 and time.monotonic() < end and failed < 20:
        scenario, problems = one(bench, index)
        if problems:
            failed += 1
            bench.report.judge(f"run {index}, {scenario.title}", problems, again=("--only", index))
        else:
            passed[scenario.title] += 1
        index += 1
        if index % RENEWAL == 0:
            bench.renew()
    for title, count in sorted(passed.items()):
        bench.report.judge(title, [], f"{count} runs")
    for (name, status), count in sorted(bench.counts.items()):
        print(f"    {name}: status {status}, {count} times")
