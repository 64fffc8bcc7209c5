"""Several suites at once, each in a process of its own: its output is printed as a whole when it ends."""

import concurrent.futures
import subprocess
import sys
import threading
import time

from . import suites
from .common.report import closing_counts, closing_line


def run(chosen, options):
    """Returns the exit status. The longest suites start first."""
    totals, lock, broken = [0, 0, 0], threading.Lock(), []

    def one(suite):
        began = time.monotonic()
        done = subprocess.run(
            command(suite, options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False)
        seconds = time.monotonic() - began
        counted = closing_counts(done.stdout)
        with lock:
            print(f"\n== {suite.name}\n{done.stdout}== {suite.name}: {seconds:.0f} s", flush=True)
            if counted is None or done.returncode != (1 if counted[1] else 0):
                print(f"FAILED {suite.name} ended with status {done.returncode}", flush=True)
                broken.append(suite.name)
            for index, count in enumerate(counted or ()):
                totals[index] += count

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(one, sorted(chosen, key=lambda suite: suite.order)))
    totals[1] += len(broken)
    print(closing_line(*totals))
    return 1 if totals[1] else 0


def command(suite, options):
    words = [sys.executable, "-m", __package__, suite.name, f"--{suite.build}", getattr(options, suite.build)]
    for name in ("seed", *suites.NUMBERS):
        value = getattr(options, name.replace("-", "_"))
        words += [] if value is None else [f"--{name}", str(value)]
    return words + (["--checks", options.checks] if options.checks else [])
