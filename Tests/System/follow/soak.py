"""20 logs grow at 5000 lines a second and rotate every 10 seconds while a job follows them: all lines come, and memory stays flat.

--seconds says how long; memory and descriptors are judged from 10 minutes on.
"""

import dataclasses
import gzip
import os
import re
import time

from .follower import PATIENCE, Follower

OPTIONS = {"seconds": 5}
LOGS, RATE, ROTATION, KEPT = 20, 5000, 10, 4
# The numbers of each log begin at a multiple of this.
RANGE = 100_000_000
# From this on, the second half of the run must not need more than the first.
LONG = 600
# Memory may differ by this share, descriptors by this number.
SHARE, DESCRIPTORS = 0.1, LOGS


class Log:
    """One log, with the old file before the last one compressed, as delaycompress does it."""

    def __init__(self, folder, index, every):
        self.path, self.base, self.count = folder / f"app{index}.log", index * RANGE, 0
        # They do not rotate all at once.
        self.every, self.due = every, time.monotonic() + every * (1 + index / LOGS)
        self.rotations = 0
        self.file = open(self.path, "ab", buffering=0)

    def write(self, count):
        text = []
        for self.count in range(self.count + 1, self.count + count + 1):
            text.append(f'{{"n":{self.base + self.count},"ts":"2026-03-01T00:00:00Z","pad":"{"x" * (self.count % 80)}"}}\n')
        self.file.write("".join(text).encode())

    def old(self, number, extension=""):
        return self.path.with_name(f"{self.path.name}.{number}{extension}")

    def rotate_if_due(self):
        if time.monotonic() < self.due:
            return
        self.due += self.every
        self.rotations += 1
        self.old(KEPT, ".gz").unlink(missing_ok=True)
        for number in range(KEPT - 1, 1, -1):
            if self.old(number, ".gz").exists():
                self.old(number, ".gz").rename(self.old(number + 1, ".gz"))
        if self.old(1).exists():
            self.old(1).rename(self.old(2))
            with gzip.open(self.old(2, ".gz"), "wb", compresslevel=1) as compressed:
                compressed.write(self.old(2).read_bytes())
            self.old(2).unlink()
        self.path.rename(self.old(1))
        new = open(self.path, "ab", buffering=0)
        self.file.close()
        self.file = new


@dataclasses.dataclass
class Sample:
    megabytes: float
    descriptors: int
    processor: float


def sample(process):
    status = open(f"/proc/{process.pid}/status").read()
    times = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return Sample(
        int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024, len(os.listdir(f"/proc/{process.pid}/fd")),
        (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK"))


def written(logs, follower, seconds):
    """Writes for so long. Returns samples of the process, one each second."""
    began, done, samples = time.monotonic(), 0, []
    while (passed := time.monotonic() - began) < seconds:
        each = int(passed * RATE / LOGS) - done
        for log in logs if each else ():
            log.write(each)
            log.rotate_if_due()
        done += each
        if passed > len(samples) + 1:
            samples.append(sample(follower.process))
        time.sleep(0.02)
    return samples


def unlike(path, logs):
    """Whether each number of each log is there once and in order. The output may be long: no list of it is made."""
    last, problems = [log.base for log in logs], []
    with open(path) as lines:
        for line in lines:
            number = int(line[5:-2])
            index = number // RANGE
            if number != last[index] + 1 and len(problems) < 20:
                problems.append(f"{logs[index].path.name}: {number - logs[index].base} after {last[index] - logs[index].base}")
            last[index] = number
    return problems + [
        f"{log.path.name}: {end - log.base} lines instead of {log.count}" for log, end in zip(logs, last) if end != log.base + log.count]


def is_complete(path, logs):
    """Whether there are as many lines as were written."""
    with open(path, "rb") as file:
        pieces = iter(lambda: file.read(1 << 20), b"")
        return sum(piece.count(b"\n") for piece in pieces) >= sum(log.count for log in logs)


def soak(bench):
    seconds = bench.options.seconds
    folder = bench.folder / "logs"
    folder.mkdir()
    every = min(ROTATION, seconds / 3)
    logs = [Log(folder, index, every) for index in range(LOGS)]
    follower = Follower(bench, bench.folder, [folder / "*.log"])
    for log in logs:
        log.write(1)
    follower.start()
    problems = follower.wait_for_checkpoint([log.base + 1 for log in logs])
    if problems:
        return problems
    samples = written(logs, follower, seconds)
    for log in logs:
        log.file.close()
    end = time.monotonic() + PATIENCE
    while not is_complete(follower.output, logs) and time.monotonic() < end:
        time.sleep(0.2)
    problems = follower.end()
    show(samples)
    flat = flatness(samples) if seconds >= LONG else []
    rotations = sum(log.rotations for log in logs)
    return problems + unlike(follower.output, logs) + flat, f"{sum(log.count for log in logs)} lines, {rotations} rotations"


def show(samples):
    for at in range(0, len(samples), max(1, len(samples) // 10)):
        one = samples[at]
        print(f"    {at + 1} s: {one.megabytes:.1f} MB, {one.descriptors} descriptors, {one.processor:.1f} s of processor time")


def flatness(samples):
    """How the last quarter needs more than the second one."""
    quarter = len(samples) // 4
    before, after = samples[quarter:2 * quarter], samples[-quarter:]
    memory = [max(one.megabytes for one in part) for part in (before, after)]
    open_files = [max(one.descriptors for one in part) for part in (before, after)]
    problems = []
    if memory[1] > memory[0] * (1 + SHARE):
        problems.append(f"memory grows from {memory[0]:.1f} to {memory[1]:.1f} MB")
    if open_files[1] > open_files[0] + DESCRIPTORS:
        problems.append(f"descriptors grow from {open_files[0]} to {open_files[1]}")
    return problems


def checks(bench):
    bench.report.check(f"{LOGS} logs", soak, bench)
