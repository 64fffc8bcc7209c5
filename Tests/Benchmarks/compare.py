"""Times streamctl and its peers on the same files: A B A B, a warm-up first, medians and ratios at the end.

Every tool's answer is reduced to a few totals, which must agree before anything is timed.
Called by Tests/Benchmarks/compare: compare.py STREAMCTL [CASE...]
"""
import dataclasses
import os
import statistics
import subprocess
import sys
import time

from cases import NEED_SHARED_DATA, SHARED
from format_cases import ALL_CASES as CASES
from peers import SCRATCH
from quiet import Machine

ROUNDS = int(os.environ.get("ROUNDS", "5"))


@dataclasses.dataclass
class Measured:
    median: float  # seconds
    best: float
    processor: float
    start: float | None  # seconds for one record
    memory: float  # MiB, the most of any run


def cost(command):
    """Seconds, of wall clock and of processors, and MiB of one run."""
    report = SCRATCH / "report"
    done = subprocess.run([str(SCRATCH / "measure"), str(report), *command], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE)
    if b"Conflicting lock" in done.stderr:  # DuckDB locks what it writes to, and another one has /dev/null just now
        time.sleep(1)
        return cost(command)
    if done.returncode != 0:
        raise SystemExit(f"failed: {' '.join(command)[:200]}\n{done.stderr.decode()}")
    seconds, processor, resident = report.read_text().split()
    return float(seconds), float(processor), int(resident) / 1024


def check(name, tools):
    """The warm-up too: runs every tool once."""
    totals = {}
    for tool in tools:
        if tool.answer:
            done = subprocess.run(tool.command, capture_output=True)
            if done.returncode != 0:
                raise SystemExit(f"failed: {tool.name}\n{done.stderr.decode()}")
            totals.setdefault(tool.reads, {})[tool.name] = tool.answer(done.stdout)
        else:
            cost(tool.command)
    for answers in totals.values():
        if len(set(answers.values())) > 1:
            raise SystemExit(f"{name}: the answers differ: {answers}")
    return {reads: next(iter(answers.values())) for reads, answers in totals.items()}


def measure(case, machine):
    """The figures of each tool."""
    timed = [tool for tool in case.tools if tool.timed]
    runs = {tool.name: [] for tool in timed}
    starts = {tool.name: [] for tool in timed}
    for _ in range(ROUNDS * case.rounds):
        for tool in timed:
            memory = max((resident for _, _, resident in runs[tool.name]), default=256)
            runs[tool.name].append(machine.run(lambda: cost(tool.command), int(memory) + 32))
            if tool.one:
                starts[tool.name].append(cost(tool.one)[0])
    result = {}
    for tool in timed:
        seconds, processor, memory = zip(*runs[tool.name])
        start = statistics.median(starts[tool.name]) if tool.one else None
        result[tool.name] = Measured(tool.times * statistics.median(seconds), tool.times * min(seconds),
                                     tool.times * statistics.median(processor), start, max(memory))
    return result


def show(measured, columns):
    """A line for each tool; the last columns say how many times as fast as it each of ours is."""
    ours = [name for name in measured if name.startswith("streamctl")] if columns is None else columns
    with_start = any(line.start is not None for line in measured.values())
    heads = ["median", "best", "processor", *(["one record"] if with_start else []), "memory"]
    print(f"  {'':23}" + "".join(f"{head:>12}" for head in heads), "".join(f"{name + ' is':>20}" for name in ours))
    for name, line in measured.items():
        cells = [f"{seconds * 1000:.1f} ms" for seconds in (line.median, line.best, line.processor)]
        if with_start:
            cells.append("" if line.start is None else f"{line.start * 1000:.1f} ms")
        cells.append(f"{line.memory:.1f} MiB")
        ratios = [f"{line.median / measured[our].median:.2f}x as fast" if our != name else "" for our in ours]
        print(f"  {name:23}" + "".join(f"{cell:>12}" for cell in cells), "".join(f"{ratio:>20}" for ratio in ratios))


def read_off(aim, measured):
    """An aim as a sentence, with what was measured."""
    kind, name, *rest = aim
    ours = measured[name]
    if kind == "memory below":
        return f"{name} has at most {ours.memory:.1f} MiB (aim: below {rest[0]})", ours.memory < rest[0]
    if kind == "gigabytes":
        speed = os.path.getsize(rest[0]) / ours.median / 1e9
        return f"{name} reads {speed:.2f} GB/s (aim: {rest[1]})", speed >= rest[1]
    peer = measured[rest[0]]
    if kind == "memory at most":
        met = ours.memory <= peer.memory
        return f"{name} has {ours.memory:.0f} MiB, {rest[0]} {peer.memory:.0f} (aim: no more)", met
    if kind == "at most":
        ratio = ours.median / peer.median
        return f"{name} takes {ratio:.2f} times as long as {rest[0]} (aim: at most {rest[1]})", ratio <= rest[1]
    # Of ours only the peer's start-up is taken off, which is to the peer's advantage.
    seconds = peer.median - (peer.start if kind == "faster without start-up" else 0)
    without = " without its start-up" if kind == "faster without start-up" else ""
    ratio = seconds / ours.median
    return f"{name} is {ratio:.2f} times as fast as {rest[0]}{without} (aim: {rest[1]})", ratio >= rest[1]


def run(name, machine):
    case = CASES[name]()
    totals = check(name, case.tools)
    print(f"\n{name}: {case.title}")
    for reads, answer in totals.items():
        print(f"  equal answers, {reads}: rows {answer[0]}" + "".join(f", {number:.10g}" for number in answer[1:]))
    measured = measure(case, machine)
    show(measured, case.columns)
    print(f"  {machine.report()}")
    for aim in case.aims:
        sentence, met = read_off(aim, measured)
        print(f"  {'yes' if met else 'NOT'}  {sentence}")
    sys.stdout.flush()


names = sys.argv[2:] or list(CASES)
for name in names:
    if name not in CASES:
        raise SystemExit(f"no case '{name}'; there are {', '.join(CASES)}")
machine = Machine()
for name in names:
    if name in NEED_SHARED_DATA and not (SHARED / "data").is_dir():
        print(f"\n{name}: skipped, {SHARED / 'data'} is not there")
    else:
        run(name, machine)
