"""Which share of a run's processor time is not parallel, by samples of perf, and what that allows.

Called by Tests/Benchmarks/shares: shares.py STREAMCTL [CASE...]. The binary must have its symbols.
"""
import collections
import os
import subprocess
import sys

from format_cases import ALL_CASES
from peers import SCRATCH

USUAL = ("seed", "where", "sketches", "groups", "hopping", "nginx", "zeek", "csv-input")
CORES = 16
THREADS = os.environ.get("THREADS", "2")
# The innermost frame with one of these words decides (mangled names). What a thread runs for the crew is parallel, also
# within the ordered part.
FRAMES = {
    "10ThreadCrew": "parallel", "9ScanStageV3run": "parallel", "8PipelineC12processBatch": "ordered",
    "8PipelineC7advance": "ordered", "8PipelineC6finish": "ordered", "8PipelineC4read33": "reading",
    # Its other calls are of the tasks of the crew.
    "8PipelineC4work": "parallel"}


# Waiting and waking is no work of a part, and often without the frames of its caller. There is more of it, the more
# threads share a core.
WAITS = ("futex", "pthread_cond", "lll_lock", "condvar")


def part(stack):
    if any(word in symbol for symbol in stack for word in WAITS):
        return "waits"
    for symbol in stack:
        for word, kind in FRAMES.items():
            if word in symbol:
                return kind
    return "start and end"


def shares(command):
    """Samples of each part, and of the innermost function of the ordered ones."""
    data = SCRATCH / "shares.data"
    subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-F", "4000", "-g", "-o", data, *command], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    text = subprocess.run(["perf", "script", "-i", data, "-F", "comm,ip,sym"], check=True, capture_output=True, text=True).stdout
    parts, functions = collections.Counter(), collections.Counter()
    for sample in text.split("\n\n"):
        stack = [line.split(None, 1)[-1] for line in sample.strip().split("\n")[1:]]
        if stack:
            kind = part(stack)
            parts[kind] += 1
            if kind == "ordered":
                functions[stack[0]] += 1
    return parts, functions


def command_of(case):
    command = list(next(tool.command for tool in case.tools if tool.name == "streamctl -j 2"))
    command[command.index("-j") + 1] = THREADS
    return command


def main():
    kinds = ("ordered", "reading", "start and end", "parallel")
    print(f"{'':12}" + "".join(f"{kind:>15}" for kind in kinds) + f"{f'{CORES} cores by':>15}{'without':>10}{'waits':>10}")
    print(f"{'':12}" + " " * 15 * len(kinds) + f"{'Amdahl':>15}{'reading':>10}")
    for name in sys.argv[2:] or USUAL:
        parts, functions = shares(command_of(ALL_CASES[name]()))
        waits = parts.pop("waits", 0)
        total = sum(parts.values())
        share = {kind: parts[kind] / total for kind in kinds}
        serial = 1 - share["parallel"]
        bounds = (1 / (alone + (1 - alone) / CORES) for alone in (serial, serial - share["reading"]))
        print(f"{name:12}" + "".join(f"{share[kind]:15.1%}" for kind in kinds)
              + "".join(f"{bound:{width}.1f}" for bound, width in zip(bounds, (15, 10)))
              + f"{waits / total:10.1%}", flush=True)
        for function, count in functions.most_common(3):
            print(f"    {count / total:6.1%} {function[:100]}")


if __name__ == "__main__":
    main()
