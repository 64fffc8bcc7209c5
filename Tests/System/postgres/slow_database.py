"""A database that is far slower than the reader: the reader waits, and memory does not grow with the input."""

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


def peak(bench, arguments):
    """Seconds, the largest resident size in KiB shortly before the end, and the outcome."""
    began, highest = time.monotonic(), 0
    process = bench.start(arguments)
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as status:
                found = re.search(r"VmHWM:\s+(\d+)", status.read())
            highest = max(highest, int(found[1]) if found else 0)
        except OSError:
            pass
        time.sleep(0.01)
    return time.monotonic() - began, highest, bench.finish(process)


def flat(bench, job):
    sizes, problems, seconds, alone = [], [], [], []
    for factor in (1, 4):
        source = bench.demo(f"records{factor}.jsonl", records=RECORDS * factor, keys=100)
        bench.session.query("TRUNCATE records")
        arguments = [source, *ROW]
        alone.append(peak(bench, [*arguments, "-o", "/dev/null"])[0])
        more = ("--job", f"slow{factor}", "--create", "--commit-every", "100ms") if job else ()
        took, size, outcome = peak(
            bench, [*arguments, "-o", bench.server.url(port=bench.between.port), "--table", "records", *more])
        problems += outcome.expect(0)
        rows = int(bench.session.value("SELECT count(*) FROM records"))
        problems += [] if rows == RECORDS * factor else [f"{rows} rows instead of {RECORDS * factor}"]
        sizes.append(size)
        seconds.append(took)
    if seconds[1] < 10 * alone[1]:
        problems.append(f"the database was not slow: {seconds[1]:.1f} s, the reader alone {alone[1]:.1f} s")
    if sizes[1] > sizes[0] * SLACK:
        problems.append(f"{sizes[0]} KiB for one part, {sizes[1]} KiB for four")
    return problems, f"{sizes[0]} KiB and {sizes[1]} KiB in {seconds[0]:.1f} s and {seconds[1]:.1f} s"


def checks(bench):
    bench.report.check("memory while the database is slow", flat, bench, False)
    bench.report.check("memory while the database is slow, with a job", flat, bench, True)
