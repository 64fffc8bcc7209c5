"""A database that is far slower than the reader: the reader waits, and memory does not grow with the input."""

import contextlib
import dataclasses
import os
import pathlib
import re
import time

from ..common.bench import Bench as CommonBench
from . import proxy

# Inputs are multiples of this many records; rows are long, so that few of them fill all buffers.
RECORDS = 14000
ROW = ("--select", f"sensor_id,padding='{'x' * 2500}'")
# Bytes a second that reach the table. The reader alone makes rows far faster.
PACE, CHUNK = 12 << 20, 1 << 17
# How much more memory an input four times as long may need.
SLACK = 1.25


class Bench(CommonBench):
    def prepare(self):
        self.session = self.server.session()
        self.session.query("CREATE TABLE records (sensor_id text, padding text)")
        self.between = proxy.Proxy(self.server.port)
        self.between.delay, self.between.chunk = CHUNK / PACE, CHUNK


@dataclasses.dataclass
class Cost:
    """Seconds of wall clock and of processors, and the largest resident size in KiB."""

    seconds: float = 0
    processor: float = 0
    memory: int = 0

    def look(self, process):
        """Updates the last two from the folder of the process."""
        with contextlib.suppress(OSError, IndexError, ValueError):
            found = re.search(r"VmHWM:\s+(\d+)", (process / "status").read_text())
            self.memory = max(self.memory, int(found[1]) if found else 0)
            user, system = (process / "stat").read_text().rsplit(")", 1)[1].split()[11:13]
            self.processor = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def peak(bench, arguments):
    """The cost of a run, as seen shortly before its end, and its outcome."""
    began, cost = time.monotonic(), Cost()
    process = bench.start(arguments)
    while process.poll() is None:
        cost.look(pathlib.Path(f"/proc/{process.pid}"))
        time.sleep(0.01)
    cost.seconds = time.monotonic() - began
    return cost, bench.finish(process)


def flat(bench, job):
    costs, problems = [], []
    for factor in (1, 4):
        source = bench.demo(f"records{factor}.jsonl", records=RECORDS * factor, keys=100)
        bench.session.query("TRUNCATE records")
        arguments = [source, *ROW]
        alone, _ = peak(bench, [*arguments, "-o", "/dev/null"])
        more = ("--job", f"slow{factor}", "--create", "--commit-every", "100ms") if job else ()
        cost, outcome = peak(
            bench, [*arguments, "-o", bench.server.url(port=bench.between.port), "--table", "records", *more])
        problems += outcome.expect(0)
        rows = int(bench.session.value("SELECT count(*) FROM records"))
        problems += [] if rows == RECORDS * factor else [f"{rows} rows instead of {RECORDS * factor}"]
        costs.append(cost)
    one, four = costs
    # On a busy machine the reader alone takes long as well, but no more processor time.
    reader = min(alone.seconds, alone.processor)
    if four.seconds < 10 * reader:
        problems.append(f"the database was not slow: {four.seconds:.1f} s, the reader alone {reader:.1f} s")
    if four.memory > one.memory * SLACK:
        problems.append(f"{one.memory} KiB for one part, {four.memory} KiB for four")
    return problems, f"{one.memory} KiB and {four.memory} KiB in {one.seconds:.1f} s and {four.seconds:.1f} s"


def checks(bench):
    bench.report.check("memory while the database is slow", flat, bench, False)
    bench.report.check("memory while the database is slow, with a job", flat, bench, True)
