"""logrotate rotates a log in ten ways, ten times each, while the log is followed by a job that is killed and resumed."""

import random
import signal
import time

from ..common.processes import wait_until
from . import rotator
from .follower import Follower, unlike_ledger

ROTATIONS = 10
# How the service behaves: it writes to the old file until it opens the new one, as most do; it closes its log first,
# where lines that come late would be lost with the old file; it never opens its log again.
LATE, CLOSES, STAYS = "late", "closes", "stays"
CONFIGURATIONS = {
    "create": (("create",), LATE),
    "nocreate": (("nocreate",), LATE),
    "copytruncate": (("copytruncate",), STAYS),
    "copytruncate, compress": (("copytruncate", "compress"), STAYS),
    "delaycompress": (("create", "compress", "delaycompress"), LATE),
    "dateext": (("create", "dateext", "dateformat -202603{number:02}"), LATE),
    "dateext with seconds": (("create", "dateext", "dateformat -%s"), LATE),
    "olddir": (("create", "olddir old"), LATE),
    "renamecopy": (("renamecopy", "nocreate"), CLOSES),
    "three rotations between two runs": (("create", "compress"), CLOSES)}


class Rotated:
    """One log under one configuration."""

    def __init__(self, bench, name):
        lines, self.behaviour = CONFIGURATIONS[name]
        self.bench, self.name, self.rng = bench, name, random.Random(f"{bench.seed} {name}")
        self.folder = bench.folder / name.replace(" ", "-").replace(",", "")
        (self.folder / "old").mkdir(parents=True)
        self.log = self.folder / "app.log"
        self.rotator = rotator.Rotator(self.folder, self.log, lines)
        self.service = rotator.Service(self.log)
        flags = ("--rotated", self.folder / "old" / "app.log*") if name == "olddir" else ()
        self.follower = Follower(bench, self.folder, [self.log], *flags)
        self.rotations, self.ended = 0, 0

    def rotate(self):
        if "%s" in "".join(self.rotator.lines):
            # The name changes once in a second.
            second = int(time.time())
            # The clock of logrotate lags behind by some milliseconds.
            wait_until(lambda: time.time() > second + 1.1)
        self.rotations += 1
        if self.behaviour == CLOSES:
            self.service.close()
            self.rotator.rotate(self.rotations)
            self.service.open()
            return
        self.rotator.rotate(self.rotations)
        if self.behaviour == LATE:
            self.service.write(self.rng.randint(1, 3))
            self.service.reopen()

    def end(self):
        """A kill or a signal, if it runs."""
        if not self.follower.is_running:
            return []
        self.ended += 1
        return self.follower.end(self.rng.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM)))

    def step(self):
        """A rotation with what may happen around it. Returns the problems."""
        rng, follower = self.rng, self.follower
        self.service.write(rng.randint(1, 200))
        if self.name.startswith("three"):
            found = follower.wait_for(self.service.written) if rng.random() < 0.3 else []
            found = found or self.end()
            for _ in range(3):
                self.rotate()
                self.service.write(rng.randint(1, 200))
            follower.start()
            return found
        before, after = rng.random() < 0.3, rng.random() < 0.3
        found = self.end() if before else []
        self.rotate()
        self.service.write(rng.randint(1, 200))
        if not follower.is_running and rng.random() < 0.7:
            follower.start()
        if rng.random() < 0.4 and follower.is_running:
            found = found or follower.wait_for(self.service.written)
        return found or (self.end() if after else [])

    def problems(self):
        self.service.write(3)
        self.follower.start()
        found = self.follower.wait_for_checkpoint(self.service.written)
        while self.rotations < ROTATIONS and not found:
            found = self.step()
            if found:
                return [f"rotation {self.rotations}: {problem}" for problem in found]
        self.service.close()
        if not self.follower.is_running:
            self.follower.start()
        # What a killed run has written may be in the output until the next one has started.
        found = found or self.follower.wait_for_checkpoint(self.service.written) or self.follower.end()
        return found or unlike_ledger(self.service.written, (), self.follower.numbers())


def rotated(bench, name):
    one = Rotated(bench, name)
    problems = one.problems()
    folder = sorted(path.name for path in (*one.folder.glob("app*"), *(one.folder / "old").iterdir()))
    if problems:
        problems += [*(f"said: {line}" for message in one.follower.messages for line in message.splitlines()), f"{folder}"]
    return problems, f"{len(one.service.written)} lines, {one.rotations} rotations, {one.ended} times ended and started again"


def checks(bench):
    rotator.program()
    for name in CONFIGURATIONS:
        bench.report.check(name, rotated, bench, name)
