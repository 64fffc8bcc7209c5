"""Killing and resuming runs: where and when, until the job is done, and what was hit on the way."""

import collections
import threading
import time

import lanes

# A run that was killed leaves its backend alive for a moment; the next one may find it still there.
BUSY = 75


class Hits:
    """How often each place was hit, by all threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = collections.Counter()

    def add(self, name):
        with self.lock:
            self.counts[name] += 1

    def judge(self, report, test, least):
        for place in (*test.places, "random time"):
            count = self.counts[(test.path, place)]
            problems = [] if count >= least else [f"hit {count} times, at least {least} are wanted"]
            report.judge(f"{test.path}: killed at {place}", problems, f"{count} times")

    def tell(self):
        for (path, word), count in sorted(self.counts.items()):
            print(f"    {path} {word}: {count}")


def loop(bench, tests, places, runs, hits):
    """Runs number 0 to runs-1, the tests in turns, on as many threads as there are places; a check for each test."""
    free = list(places)
    problems = {test.name: [] for test in tests}
    done = collections.Counter()

    def one(index):
        test, lane = tests[index % len(tests)], free.pop()
        rng = random.Random(f"{bench.seed} {test.path} {index}")
        try:
            test.reset(lane)
            found = resumed_until_done(bench, test, lane, rng, hits) or test.problems(lane)
        except Exception as error:  # noqa: BLE001 (whatever it was, this run has failed)
            found = [f"{type(error).__name__}: {error}"]
        problems[test.name] += [f"run {index}: {problem}" for problem in found]
        done[test.name] += 1
        free.append(lane)

    only = bench.options.only
    with concurrent.futures.ThreadPoolExecutor(len(places)) as pool:
        list(pool.map(one, range(runs) if only < 0 else [only]))
    for name, found in problems.items():
        bench.report.judge(f"{tests[0].path}: killed and resumed {name}", found, f"{done[name]} runs")


def resumed_until_done(bench, test, lane, rng, hits):
    """One to three kills, then runs until the job is done. Gives the problems."""
    arguments, path = test.arguments(lane), test.path
    for _ in range(rng.choice((1, 1, 2, 3))):
        place = rng.choice((*test.places, *test.places, *["random time"] * 3))
        outcome = killed(bench, [*arguments, *varied(rng)], rng, test.courses[lane.number], place)
        if outcome.status == 128 + 9:
            hits.add((path, place))
        elif outcome.status == 0:
            hits.add((path, "done before the kill"))
        elif outcome.status != BUSY:
            return [f"killed at {place}: status {outcome.status}: {outcome.err.strip()[:300]}"]
    return undisturbed(bench, [*arguments, *varied(rng)], hits, path)


def varied(rng):
    """Threads and rates of commits may change from run to run."""
    return ("-j", rng.choice("124"), "--commit-every", rng.choice(lanes.RATES))


def killed(bench, arguments, rng, course, place):
    if place != "random time":
        # Early ones more often: a run that goes on has fewer left.
        count = min(rng.randint(1, max(1, course.commits - 1)) for _ in range(2))
        return bench.run(arguments, {"STREAMCTL_FAILPOINT": f"{place}:kill@{count}"})
    process = bench.start(arguments)
    time.sleep(rng.uniform(0, course.seconds * 1.1))
    process.kill()
    return bench.finish(process)


def undisturbed(bench, arguments, hits, path, seconds=60):
    end = time.monotonic() + seconds
    while True:
        outcome = bench.run(arguments)
        if outcome.status != BUSY or time.monotonic() > end:
            return outcome.expect(0)
        hits.add((path, "found the old session alive"))
        time.sleep(0.05)
