"""Waits until the machine is quiet, and repeats runs that were disturbed.

A run counts if the times that quiet.c shows are short before and after it, whatever the run has taken.
"""
import math
import os
import subprocess
import time

from peers import SCRATCH

# How many times as long as at best a read and the way of a cache line may take.
MOST = (1.4, 2)
# How often that is looked at before and after a run: others may come and go several times a second.
LOOKS = 2
# Seconds for one run, with waits and repetitions, and for those of all.
FOR_ONE = 20
FOR_ALL = float(os.environ.get("QUIET", "900"))


class Machine:
    def __init__(self):
        self.least = [math.inf, math.inf]  # nanoseconds
        self.left = FOR_ALL
        self.quiet = self.disturbed = self.repeated = 0
        self.probes = []
        for _ in range(40):
            self.look(0)

    def look(self, memory):
        done = subprocess.run([str(SCRATCH / "quiet"), str(memory)], capture_output=True, check=True)
        times = [float(word) for word in done.stdout.split()]
        self.least[:len(times)] = map(min, times, self.least)
        self.probes.append(times)
        return max(now / least / most for now, least, most in zip(times, self.least, MOST))

    def noise(self, memory=0):
        """At most 1 if the machine is quiet. MiB of memory are made ready for use before."""
        return max(self.look(memory if look == 0 else 0) for look in range(LOOKS))

    def run(self, job, memory):
        """What a job returns that ran on a quiet machine; otherwise, of the run with the least noise."""
        start = time.monotonic()
        end = start + min(FOR_ONE, self.left)
        best, result = math.inf, None
        while True:
            noise = self.noise(memory)
            if noise > 1 and time.monotonic() < end:
                continue
            answer = job()
            noise = max(noise, self.noise())
            if noise < best:
                best, result = noise, answer
            if noise <= 1 or time.monotonic() >= end:
                break
            self.repeated += 1
        self.quiet += best <= 1
        self.disturbed += best > 1
        self.left = max(0, self.left - (time.monotonic() - start))
        return result

    def report(self):
        """Of the runs since the last report."""
        reads, *ways = ([times[n] for times in self.probes] for n in range(min(map(len, self.probes))))
        text = (f"{self.quiet} runs counted on a quiet machine, {self.repeated} were repeated; a read took {min(reads):.0f} to "
                f"{max(reads):.0f} ns")
        if ways:
            text += f", from one core to the other {min(ways[0]):.0f} to {max(ways[0]):.0f}"
        if self.disturbed:
            text = f"NOT QUIET: {self.disturbed} runs counted that were disturbed; " + text
        self.quiet = self.disturbed = self.repeated = 0
        self.probes = []
        return text
