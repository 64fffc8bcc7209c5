"""Killing and resuming runs at random times and at every failpoint, until the job is done."""

import collections
import concurrent.futures
import random
import threading
import time

from . import lanes
from .report import described

# The backend of a killed run lives a moment longer; the next run may find it still holding the job.
BUSY = 75


class Hits:
    """How often each failpoint was hit, by all threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = collections.Counter()

    def add(self, name):
        with self.lock:
            self.counts[name] += 1

    def judge(self, report, test, least):
        for failpoint in (*test.failpoints, lanes.RANDOM_TIME):
            count = self.counts[(test.path, failpoint)]
            problems = [] if count >= least else [f"hit {count} times instead of at least {least}"]
            report.judge(f"{test.path}: killed at {failpoint}", problems, f"{count} times", again=())

    def show(self):
        for (path, word), count in sorted(self.counts.items()):
            print(f"    {path} {word}: {count}")


def undisturbed(bench, all_lanes, test):
    """Whether a first run in each lane succeeds and equals the oracle. It also measures the course of a run."""
    def run():
        test.make_oracle()
        problems = []
        for lane in all_lanes:
            problems += test.prepare(lane) or test.problems(lane)
        course = test.courses[0]
        return problems, f"{course.seconds:.2f} s, {course.commits} commits"

    bench.report.check(f"{test.path}: undisturbed {test.name}", run)
    return len(test.courses) == len(all_lanes)


def loop(bench, tests, all_lanes, runs, hits):
    """Runs number 0 to runs-1, the tests in turn, on one thread for each lane; a check for each test."""
    free = list(all_lanes)
    problems = {test.name: [] for test in tests}
    failed = collections.defaultdict(list)
    done = collections.Counter()

    def one(index):
        test, lane = tests[index % len(tests)], free.pop()
        rng = random.Random(f"{bench.seed} {test.path} {index}")
        try:
            test.reset(lane)
            found = resumed_until_done(bench, test, lane, rng, hits, index) or test.problems(lane)
        except Exception as error:  # noqa: BLE001 (whatever it was, this run has failed)
            found = [described(error)]
        problems[test.name] += [f"run {index}: {problem}" for problem in found]
        failed[test.name] += [index] if found else []
        done[test.name] += 1
        free.append(lane)

    only = bench.options.only
    with concurrent.futures.ThreadPoolExecutor(len(all_lanes)) as pool:
        list(pool.map(one, range(runs) if only < 0 else [only]))
    for name, found in problems.items():
        again = ("--only", failed[name][0]) if failed[name] else ()
        bench.report.judge(f"{tests[0].path}: killed and resumed {name}", found, f"{done[name]} runs", again)


def resumed_until_done(bench, test, lane, rng, hits, index):
    """One to three kills, then runs until the job is done. Returns the problems."""
    arguments, path = test.arguments(lane), test.path
    for number in range(rng.choice((1, 1, 2, 3))):
        failpoint = rng.choice((*test.failpoints, *test.failpoints, *[lanes.RANDOM_TIME] * 3))
        if number == 0:
            # All in turn: even few runs hit each of them.
            failpoint = (*test.failpoints, lanes.RANDOM_TIME)[index % (len(test.failpoints) + 1)]
        outcome = killed(bench, [*arguments, *varied(rng)], rng, test.courses[lane.number], failpoint)
        if outcome.status == 128 + 9:
            hits.add((path, failpoint))
        elif outcome.status == 0:
            hits.add((path, "done before the kill"))
        elif outcome.status != BUSY:
            return [f"killed at {failpoint}: status {outcome.status}: {outcome.err.strip()[:300]}"]
    return resumed(bench, [*arguments, *varied(rng)], hits, path)


def varied(rng):
    """Options that may change from run to run of a job: threads and commit rates."""
    return ("-j", rng.choice("124"), "--commit-every", rng.choice(lanes.RATES))


def killed(bench, arguments, rng, course, failpoint):
    if failpoint != lanes.RANDOM_TIME:
        # Early hits more often: a resumed run has fewer commits left.
        count = min(rng.randint(1, max(1, course.commits - 1)) for _ in range(2))
        return bench.run(arguments, {"STREAMCTL_FAILPOINT": f"{failpoint}:kill@{count}"})
    process = bench.start(arguments)
    time.sleep(rng.uniform(0, course.seconds * 1.1))
    process.kill()
    return bench.finish(process)


def resumed(bench, arguments, hits, path):
    """Resumes a job until it is done. Returns the problems."""
    return when_free(bench, arguments, found_busy=lambda: hits.add((path, "found the old session alive"))).expect(0)


def when_free(bench, arguments, extra=None, found_busy=lambda: None, seconds=60):
    """The outcome of a run, repeated while the session of the killed run still holds the job."""
    end = time.monotonic() + seconds
    while True:
        outcome = bench.run(arguments, extra)
        if outcome.status != BUSY or time.monotonic() > end:
            return outcome
        found_busy()
        time.sleep(0.05)


def beyond_position(bench, test, lane):
    """Kills a job three times while rows beyond its position are delivered; whether the next runs deliver exactly the rest.

    Random kills rarely come here: a commit between the rows of a batch needs megabytes of rows.
    """
    test.make_oracle()
    # Only full commits: none at the end of a batch, where no row is beyond the position.
    arguments = [*test.arguments(lane), *test.create(lane), "--commit-every", "1h"]
    beyond, last = [], {}
    # More tries than kills: under load a heartbeat may come before the commit.
    for failpoint, count in test.one_commit * 3:
        outcome = when_free(bench, arguments, {"STREAMCTL_FAILPOINT": f"{failpoint}:kill@{count}"})
        if outcome.status != 128 + 9:
            return [f"status {outcome.status} instead of a kill at {failpoint}: {outcome.err.strip()[:300]}"]
        checkpoint = test.checkpoint(lane)
        if checkpoint != last and checkpoint["rows_after"] > 0:
            beyond.append(checkpoint["rows_after"])
        last = checkpoint
        if len(beyond) == len(test.one_commit):
            break
    else:
        return [f"only {len(beyond)} kills while rows beyond the position were delivered"]
    return when_free(bench, arguments).expect(0) or test.problems(lane), f"{beyond} rows beyond it at the kills"
