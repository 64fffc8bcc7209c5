"""Lost connections, crashing servers, twins and zombies: after each of them the table equals the oracle.

Zombies stop themselves at failpoints. --hits is how often each fault must strike, --fences how many zombies wake up at
each failpoint.
"""

import concurrent.futures
import os
import random
import signal
import threading
import time

from ..common import lanes, scenarios
from ..common.bench import Bench as CommonBench
from ..common.compare import load, rows_of, unlike_tables
from ..common.processes import is_stopped, wait_until, wait_until_stopped
from . import proxy

OPTIONS = {"hits": 20, "fences": 1}
# Many rows, so that there are many commits.
FLAGS = ("-t", "event_time", "-W", "5s", "-w", "1m", "-g", "sensor_id", *scenarios.AGGREGATES)
BUSY, UNAVAILABLE = 75, 69
# Seconds. A process that is stopped within a transaction keeps its locks until the server gives up on it.
ZOMBIE_PATIENCE = 240


class Bench(CommonBench):
    def prepare(self):
        self.local = threading.local()
        self.readings = self.demo("readings.jsonl", records=150000, keys=20, disorder="3s")
        self.append = scenarios.windowed("x", mode="append")
        self.upsert = scenarios.windowed("x")
        self.session.query(self.append.create("oracle"))
        load(self.session, "oracle", rows_of(self.printed([self.readings, *FLAGS])))
        # Creates the job table.
        self.session.query(self.append.create("first"))
        self.run([*self.job("first"), "--create"])

    @property
    def session(self):
        """A session for each thread."""
        if not hasattr(self.local, "session"):
            self.local.session = self.server.session()
        return self.local.session

    def restart(self):
        self.server.restart()
        self.local = threading.local()
        return 1

    def job(self, name, mode="append", port=None, job=True):
        named = ("--job", name) if job else ()
        return [
            self.readings, *FLAGS, "-o", self.server.url(port=port), "--table", name, "--mode", mode, *named,
            *lanes.COMMITS]

    def fresh(self, name, mode="append"):
        self.session.query(f"DROP TABLE IF EXISTS {name}; DELETE FROM streamctl_jobs WHERE job = '{name}'")
        self.session.query((self.append if mode == "append" else self.upsert).create(name))

    def unlike(self, name):
        return unlike_tables(self.session, "oracle", name)

    def epoch(self, name):
        return int(self.session.value(f"SELECT epoch FROM streamctl_jobs WHERE job = '{name}'") or 0)


def cuts(bench, fault, mode):
    """Runs through the proxy until the fault has struck often enough."""
    between, struck, runs, problems = proxy.Proxy(bench.server.port, f"{bench.seed} {fault} {mode}"), 0, 0, []
    table = f"cut_{mode}"
    while struck < bench.options.hits and runs < 5 * bench.options.hits and not problems:
        bench.fresh(table, mode)
        # A commit may take hundreds of messages; if none ever got through, it would be retried forever.
        between.break_at(fault, *((5, 400) if fault == "any" else (2, 5)))
        problems += bench.run(bench.job(table, mode, between.port)).expect(0) or bench.unlike(table)
        struck += between.break_at(None)
        runs += 1
    between.close()
    if not problems and struck < bench.options.hits:
        problems = [f"struck only {struck} times"]
    return problems, f"{struck} times in {runs} runs"


def cuts_without_job(bench, mode):
    """At least once: an upsert repairs repeated rows, an append loses nothing."""
    between, struck, problems = proxy.Proxy(bench.server.port, bench.seed), 0, []
    table = f"jobless_{mode}"
    for fault in proxy.COMMIT_FAULTS:
        bench.fresh(table, mode)
        between.break_at(fault, 2, 2)
        problems += bench.run(bench.job(table, mode, between.port, job=False)).expect(0)
        struck += between.break_at(None)
        if mode == "upsert":
            problems += bench.unlike(table)
        else:
            problems += [f"lost after {fault}: {row}" for row in bench.session.query(
                f"TABLE oracle EXCEPT TABLE {table} LIMIT 3")]
    between.close()
    return problems + ([] if struck else ["no cut struck"]), f"{struck} times"


def many_blows(bench, name, blow):
    """Strikes at random times until it has struck often enough; a run that could not even start is started again."""
    struck, runs, problems, again = 0, 0, [], 0
    noise = random.Random(f"{bench.seed} {name}")
    while struck < bench.options.hits and runs < 3 * bench.options.hits and not problems:
        bench.fresh(name)
        process = bench.start(bench.job(name))
        while process.poll() is None:
            time.sleep(noise.uniform(0.02, 0.5))
            if process.poll() is None:
                struck += blow()
        outcome = bench.finish(process)
        while outcome.status in (UNAVAILABLE, BUSY) and again < 10:
            again += 1
            outcome = bench.run(bench.job(name))
        problems += outcome.expect(0) or bench.unlike(name)
        runs += 1
    if not problems and struck < bench.options.hits:
        problems = [f"struck only {struck} times"]
    return problems, f"{struck} times in {runs} runs, started again {again} times"


def restarts(bench):
    return many_blows(bench, "restarted", bench.restart)


def terminated_sessions(bench):
    return many_blows(bench, "terminated", lambda: int(bench.session.value(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'streamctl%'")))


def locked_table(bench):
    """Another session locks the table for a while."""
    bench.fresh("locked")
    with bench.server.session() as other:
        other.query("BEGIN; LOCK TABLE locked IN SHARE MODE")
        process = bench.start(bench.job("locked"))
        time.sleep(3)
        waited = process.poll() is None
        other.query("COMMIT")
    return bench.finish(process).expect(0) + ([] if waited else ["it did not wait"]) + bench.unlike("locked")


def twins(bench, *flags):
    """A second process with the same job while the first one works: one wins, the other exits with 75."""
    bench.fresh("twins")
    # The second process waits some seconds for the first, which needs longer.
    between = proxy.Proxy(bench.server.port)
    between.delay, between.chunk = 0.05, 1 << 14
    first = bench.start(bench.job("twins", port=between.port))
    problems = [] if wait_until(lambda: bench.epoch("twins") > 0) else ["the first process did not commit"]
    second = bench.run([*bench.job("twins"), *flags])
    between.delay = 0
    outcome = bench.finish(first)
    between.close()
    if flags:
        problems += outcome.expect(BUSY) + second.expect(0)
    else:
        problems += outcome.expect(0) + second.expect(BUSY, "--takeover")
    return problems + bench.unlike("twins")


def crowd(bench):
    """Six processes at once: those that do not get the job exit with 75, or with 0 if it is done already."""
    bench.fresh("crowd")
    started = [bench.start(bench.job("crowd")) for _ in range(6)]
    statuses = sorted(bench.finish(process).status for process in started)
    problems = [] if statuses[0] == 0 and set(statuses) <= {0, BUSY} else [f"ended with {statuses}"]
    return problems + bench.unlike("crowd"), f"ended with {statuses}"


def went_back(bench):
    """A database that has lost commits (a failover) is noticed; the next run resumes from its state."""
    # The process waits between two commits. On a slow disk there are few of them; the claim comes before the first.
    for count in (4, 2, 1):
        bench.fresh("rewound")
        process = bench.start(bench.job("rewound"), {"STREAMCTL_FAILPOINT": f"before-begin:stop@{count}"})
        wait_until_stopped(process)
        if is_stopped(process):
            break
        bench.finish(process)
    else:
        return ["it did not stop"]
    bench.session.query("UPDATE streamctl_jobs SET epoch = epoch - 1 WHERE job = 'rewound'")
    os.kill(process.pid, signal.SIGCONT)
    return bench.finish(process).expect(BUSY)


def zombie(bench, failpoint, *flags):
    """A process that stops itself, is taken over, and wakes up when all is done: it must not write any more."""
    name = "zombie_" + failpoint.replace("-", "_") + "_waits" * (not flags)
    bench.fresh(name)
    first = bench.start(bench.job(name), {"STREAMCTL_FAILPOINT": f"{failpoint}:stop@3"})
    problems = [] if wait_until(lambda: is_stopped(first)) else ["it did not stop"]
    began = time.monotonic()
    second = bench.run([*bench.job(name), *flags], patience=ZOMBIE_PATIENCE)
    refused = 0
    while not flags and second.status == BUSY and time.monotonic() - began < ZOMBIE_PATIENCE:
        refused += 1
        time.sleep(1)
        second = bench.run(bench.job(name), patience=ZOMBIE_PATIENCE)
    seconds = time.monotonic() - began
    os.kill(first.pid, signal.SIGCONT)
    outcome = bench.finish(first)
    problems += second.expect(0) + outcome.expect(BUSY) + bench.unlike(name)
    if not flags and not refused:
        problems.append("the job was taken over at once although its holder was alive")
    return problems, f"taken over after {seconds:.1f} s"


def some_zombies(bench, failpoint):
    found, seconds = [], ""
    for _ in range(bench.options.fences):
        problems, seconds = zombie(bench, failpoint, "--takeover")
        found += problems
    return found, f"{bench.options.fences} times; {seconds}"


def zombies(bench):
    """All at once: some must wait until the server ends the transaction of the stopped process."""
    with concurrent.futures.ThreadPoolExecutor(len(lanes.POSTGRES_FAILPOINTS) + 1) as pool:
        for failpoint in lanes.POSTGRES_FAILPOINTS:
            pool.submit(
                bench.report.check, f"a zombie stopped at {failpoint}", some_zombies, bench, failpoint)
        pool.submit(bench.report.check, "a zombie loses its job in time without --takeover", zombie, bench, "before-begin")


def broken_connections(bench, mode):
    for fault in (*proxy.COMMIT_FAULTS, "any"):
        bench.report.check(f"connections broken: {fault}, {mode}", cuts, bench, fault, mode)
    bench.report.check(f"connections broken without a job, {mode}", cuts_without_job, bench, mode)


def checks(bench):
    check = bench.report.check
    check("a table that is locked for a while", locked_table, bench)
    check("two processes with one job", twins, bench)
    check("two processes with one job, --takeover", twins, bench, "--takeover")
    check("six processes with one job", crowd, bench)
    check("a database that lost commits", went_back, bench)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda mode: broken_connections(bench, mode), ("append", "upsert")))
    check("sessions ended by the server", terminated_sessions, bench)
    zombies(bench)
    check("immediate restarts of the server", restarts, bench)
