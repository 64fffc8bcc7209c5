"""Files that grow between the runs of a job, while runs are killed, are read as if they had been complete from the start.

--only repeats one run of a seed.
"""

import random
import shutil
import time

from ..common import lanes
from ..common.bench import Bench as CommonBench
from ..common.compare import load, rows_of, unlike_tables, unlike_texts
from . import jobs

OPTIONS = {"runs": 3, "only": -1}
KINDS = {
    "windows, upsert": (jobs.WINDOW_COLUMNS, jobs.WINDOWED), "windows at the end, upsert": (jobs.WINDOW_COLUMNS, jobs.AT_END),
    "records, append": (jobs.RECORD_COLUMNS, jobs.SELECT), "windows, file": (None, jobs.WINDOWED),
    "windows at the end, file": (None, jobs.AT_END), "records, file": (None, jobs.SELECT)}


class Growing:
    """One job over an input that grows."""

    def __init__(self, bench, rng, name, kind, is_torn):
        self.bench, self.rng, self.name, self.is_torn = bench, rng, name, is_torn
        self.create, self.flags = KINDS[kind]
        self.folder = bench.folder / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.source, self.output, self.rejects = (self.folder / part for part in ("in.jsonl", "out.jsonl", "rejects.jsonl"))
        if self.create:
            bench.session.query(self.create.replace("{}", name))

    def arguments(self):
        common_flags = [self.source, *self.flags, "--job", self.name, "--commit-every", self.rng.choice(lanes.RATES)]
        common_flags += ["--rejects", self.rejects, "-j", self.rng.choice("12")]
        if self.create:
            return [*common_flags, "-o", self.bench.server.url(), "--table", self.name, "--create"]
        return [*common_flags, "-o", self.output, "--state-dir", self.folder / "state"]

    def ends(self):
        """Where the input ends in each run; within a line if it is torn."""
        whole = self.bench.whole
        found = sorted(self.rng.randrange(len(whole)) for _ in range(self.rng.randint(2, 5)))
        return ([end if self.is_torn else whole.index(b"\n", end) + 1 for end in found]) + [len(whole)]

    def problems(self):
        for end in self.ends():
            self.source.write_bytes(self.bench.whole[:end])
            if self.rng.random() < 0.5:
                process = self.bench.start(self.arguments())
                time.sleep(self.rng.uniform(0, 0.4))
                process.kill()
                self.bench.finish(process)
            found = self.bench.run(self.arguments()).expect(0)
            if found:
                return [f"{end} bytes: {problem}" for problem in found]
        return self.unlike()

    def unlike(self):
        if self.create:
            problems = unlike_tables(self.bench.session, self.bench.oracles[self.flags], self.name)
        else:
            problems = unlike_texts(self.bench.texts[self.flags], self.output.read_text())
        rejected = self.rejects.read_text().splitlines() if self.rejects.exists() else []
        return problems + [f"{len(rejected)} rejected: {line[:150]}" for line in rejected[:1]]


class Bench(CommonBench):
    def prepare(self):
        self.session = self.server.session()
        readings = self.demo("readings.jsonl", records=40000, keys=20, disorder="3s")
        self.whole = readings.read_bytes()
        self.texts, self.oracles = {}, {}
        for create, flags in KINDS.values():
            self.texts[flags] = self.printed([readings, *flags])
            if create:
                self.oracle(create, flags)

    def oracle(self, create, flags):
        name = self.oracles[flags] = f"oracle{len(self.texts)}"
        self.session.query(create.replace("{}", name))
        load(self.session, name, rows_of(self.texts[flags]))


def grown(bench, kind, is_torn):
    problems, only = [], bench.options.only
    for index in range(bench.options.runs) if only < 0 else [only]:
        rng = random.Random(f"{bench.seed} {kind} {is_torn} {index}")
        number = list(KINDS).index(kind)
        growing = Growing(bench, rng, f"grown_{number}_{int(is_torn)}_{index}", kind, is_torn)
        problems += [f"run {index}: {problem}" for problem in growing.problems()]
    return problems, f"{bench.options.runs} runs"


def checks(bench):
    for kind in KINDS:
        for is_torn in (False, True):
            name = f"grown input, ending {'anywhere' if is_torn else 'between lines'}: {kind}"
            bench.report.check(name, grown, bench, kind, is_torn)
