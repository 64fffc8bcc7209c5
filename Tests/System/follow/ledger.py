"""A writer rotates, truncates, deletes and compresses its logs at random while they are followed: each line comes once and in order.

--runs says how many random walks; --only repeats one walk of a seed and shows all of it.
"""

import collections
import concurrent.futures
import random
import shutil
import signal
import time

from ..common.report import problems_of
from . import naming, writer
from .follower import Follower, unlike_ledger

OPTIONS = {"runs": 12, "only": -1}
WORKERS = 2
# The numbers of each log of a walk begin at a multiple of this.
RANGE = 1_000_000
# More than the first KiB by which files are told apart.
BANNER = b'{"banner":"' + b"=" * 1200 + b'"}\n'
# What happens how often.
USUAL = {
    "write": 30, "write much": 2, "start a line": 6, "rename": 8, "rename, the old file stays open": 4,
    "rename, no new file yet": 2, "write late": 8, "close late": 4, "copy and truncate": 5,
    "copy, truncate, grow past it": 3, "begin a copy": 3, "compress": 6, "kill": 4, "INT": 1, "TERM": 1, "start": 12, "pause": 4,
    "go on": 10, "wait": 8, "nap": 10, "create": 20}
DESTRUCTIVE = {
    "delete": 2, "delete and create": 3, "truncate": 2, "truncate, grow past it": 2, "remove the oldest": 2,
    "copy, write, truncate": 3}


class Walk:
    def __init__(self, bench, index):
        self.bench, self.index = bench, index
        self.rng = rng = random.Random(f"{bench.seed} {index}")
        self.folder = bench.folder / f"walk{index}"
        self.folder.mkdir()
        self.destroys = rng.random() < 0.35
        # Dated names would match a pattern such as *.log themselves.
        self.count = rng.choice((1, 1, 1, 2, 3))
        self.naming = naming.drawn(rng) if self.count == 1 else naming.Numbered()
        self.appends, self.banner = rng.random() < 0.85, BANNER if rng.random() < 0.15 else b""
        self.logs, self.actions, self.began = [], [], time.monotonic()
        name = self.folder / ("app.log" if self.count == 1 else "*.log")
        flags = ["--where", "n > 0"] + (["--on-gap", "skip"] if self.destroys else []) + ["-v"]
        self.follower = Follower(bench, self.folder, [name], *flags)

    @property
    def title(self):
        several = f", {self.count} logs" if self.count > 1 else ""
        return f"{self.naming}{several}{', destructive' if self.destroys else ''}"

    def note(self, text):
        self.actions.append(f"{time.monotonic() - self.began:.3f} {text}")

    # The walk.

    def problems(self):
        try:
            return self.first_run() or self.walk() or self.settle() or self.unlike()
        finally:
            for log in self.logs:
                log.close_all()
            if self.follower.is_running:
                self.follower.end(signal.SIGKILL)

    def first_run(self):
        """A job that has stored nothing would begin with the newest files."""
        self.new_log()
        self.logs[0].write(self.rng.randint(1, 3))
        self.start()
        return self.follower.wait_for_checkpoint(self.due())

    def new_log(self):
        path = self.folder / f"{'app' if not self.logs else f'app{len(self.logs)}'}.log"
        log = writer.Log(path, self.naming, self.rng, len(self.logs) * RANGE + 1, self.appends, self.banner)
        log.may_be_deleted = self.destroys
        self.logs.append(log)
        log.create()

    def walk(self):
        weights = {**USUAL, **(DESTRUCTIVE if self.destroys else {})}
        for _ in range(self.rng.randint(10, 45)):
            if len(self.logs) < self.count and self.rng.random() < 0.2:
                self.note("a new log")
                self.new_log()
            log = self.rng.choice(self.logs)
            name = self.rng.choices(list(weights), weights.values())[0]
            if self.is_possible(name, log):
                self.note(f"{name}: {log.path.name}, line {log.next}")
                found = self.act(name, log)
                if found:
                    return [f"{name}: {problem}" for problem in found]
        return []

    def is_possible(self, name, log):
        is_running, is_paused = self.follower.is_running, self.follower.is_paused
        if name in ("start", "kill", "INT", "TERM", "pause", "go on"):
            return {"start": not is_running, "pause": is_running and not is_paused, "go on": is_paused}.get(name, is_running)
        if name == "create":
            return log.now is None
        if name in ("write late", "close late"):
            return bool(log.late)
        if name == "compress":
            return bool(log.can_compress())
        if name == "remove the oldest":
            return len(log.rotated()) > 2 and log.rotated()[0] not in [which.content for which in log.late]
        if name in ("wait", "nap"):
            return True
        if log.copy:
            # Half of it: until it is whole, nothing else happens to the log.
            return name.startswith("copy")
        is_plain = name.startswith(("write", "start a line")) or name in ("rename", "rename, the old file stays open")
        return log.now is not None and (is_plain or self.naming.is_file)

    def act(self, name, log):
        follower, rng = self.follower, self.rng
        match name:
            case "write" | "write much":
                log.write(rng.randint(1, 5) if name == "write" else rng.randint(100, 400))
            case "start a line":
                log.start_line()
            case "rename" | "rename, the old file stays open":
                log.rename(follower, is_late="open" in name)
            case "rename, no new file yet":
                log.rename(follower, waits=True)
            case "write late":
                log.write_late()
            case "close late":
                log.close(rng.choice(log.late), rng.choice((b"", b"\n")))
            case "copy and truncate" | "copy, truncate, grow past it":
                log.copy_and_truncate(follower, regrows="grow" in name)
            case "begin a copy":
                log.begin_copy()
            case "copy, write, truncate":
                log.copy_and_truncate(follower, between=rng.randint(1, 3))
            case "truncate" | "truncate, grow past it":
                log.truncate(follower, regrows="grow" in name)
            case "delete" | "delete and create":
                log.delete(follower, is_recreated="create" in name)
            case "remove the oldest":
                log.remove_oldest(follower)
            case "compress":
                log.compress(rng.choice(log.can_compress()), rng.choice(("gzip", "gzip", "zstd", "bzip2", "xz")))
            case "create":
                log.create()
            case "kill" | "INT" | "TERM":
                return self.end({"kill": signal.SIGKILL, "INT": signal.SIGINT, "TERM": signal.SIGTERM}[name])
            case "start":
                self.start()
            case "pause":
                follower.pause()
            case "go on":
                follower.go_on()
            case "wait":
                return self.wait()
            case "nap":
                time.sleep(rng.choice((0.001, 0.01, 0.03)))
        return []

    def start(self):
        for log in self.logs:
            log.ended(self.follower)
        self.follower.start()

    def end(self, sent):
        found = self.follower.end(sent)
        for log in self.logs:
            log.ended(self.follower)
        return found

    def wait(self):
        """Until all lines that are there have been delivered; none after an old file to which more may be written."""
        for log in self.logs:
            if log.copy:
                log.end_copy()
            while log.late:
                log.close(log.late[0])
        if not self.follower.is_running:
            self.start()
        if self.follower.is_paused:
            self.follower.go_on()
        return self.follower.wait_for(self.due())

    # The end.

    def settle(self):
        """All lines must come, and nothing else with the line that is written last."""
        for log in self.logs:
            if log.copy:
                log.copy_and_truncate(self.follower)
            log.close_all()
        found = self.wait() or self.end(signal.SIGINT)
        if found:
            return [f"at the end: {problem}" for problem in found]
        self.note("the last run")
        self.start()
        for log in self.logs:
            log.open_again()
            log.write(1)
            log.close_all()
        return self.wait() or self.end(signal.SIGINT)

    def due(self):
        return [number for log in self.logs for number in log.due()]

    def unlike(self):
        found, problems = self.follower.numbers(), []
        for number, log in enumerate(self.logs):
            mine = [line for line in found if number * RANGE < line <= (number + 1) * RANGE]
            problems += [f"{log.path.name}: {problem}" for problem in unlike_ledger(log.expected(), log.optional(), mine)]
        return problems

    def show(self):
        """All that was done, and what the runs said."""
        print(f"    walk {self.index}: {self.title}; appends {self.appends}, banner {bool(self.banner)}")
        print("".join(f"        {action}\n" for action in self.actions), end="")
        for message in self.follower.messages:
            print("".join(f"        | {line}\n" for line in message.splitlines()), end="")
        for log in self.logs:
            for content in log.contents:
                place = content.path.name if content.path else "gone"
                doubts = ", in doubt" if content.is_doubtful else ""
                print(f"        {place}{doubts}: {content.numbers[:1]}…{content.numbers[-1:]}, {len(content.numbers)} lines")


def one(bench, index):
    """A walk. Returns it with its problems."""
    walk = Walk(bench, index)
    found = problems_of(walk)
    if bench.options.only < 0:
        shutil.rmtree(walk.folder, ignore_errors=True)
    return walk, found


def checks(bench):
    only, passed = bench.options.only, collections.Counter()
    lines, lost, kills = 0, 0, 0
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for walk, problems in pool.map(lambda index: one(bench, index), range(bench.options.runs) if only < 0 else [only]):
            if problems or only >= 0:
                walk.show()
            if problems:
                bench.report.judge(f"walk {walk.index}, {walk.title}", problems, again=("--only", walk.index))
                continue
            passed[walk.title] += 1
            lines += sum(len(log.expected()) for log in walk.logs)
            lost += sum(len(log.optional()) for log in walk.logs)
            kills += len(walk.follower.messages) - 1
    for title, count in sorted(passed.items()):
        bench.report.judge(title, [], f"{count} walks")
    print(f"    {lines} lines, {lost} of them may be lost; {kills} times ended and started again")
