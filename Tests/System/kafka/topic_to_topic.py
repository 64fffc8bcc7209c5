"""From topic to topic in transactions: killed, cut off, stopped and taken over; readers of committed records see each row once.

librdkafka's mock cluster forgets the offsets in transactions and shows aborted records: without a real cluster, the small
broker is used. --hits is how often each fault must strike, --fences how many zombies wake up at each failpoint, --only
repeats one run of a seed.
"""

import collections
import os
import random
import signal
import time

from ..common import kills, lanes
from ..common.compare import rows_of
from ..common.processes import wait_until_stopped
from . import cluster, rig

OPTIONS = {"runs": 60, "hits": 8, "fences": 1, "only": -1}
WORKERS = 2
# With fewer runs than this the failpoints need not all be hit.
FULL = 40
FAILPOINTS = ("before-transaction", "in-rows", "rows-produced", "offsets-sent", "before-commit", "after-commit")
TIME = ("-t", "event_time", "-W", "5s", "-g", "sensor_id", "--count", "--avg", "temperature", "--max", "humidity")
SCENARIOS = {
    "tumbling": ("-w", "10m", *TIME), "hopping": ("--hopping", "1h", "--every", "15m", *TIME),
    "session": ("--session", "40s", *TIME), "at the end": ("-w", "10m", *(flag for flag in TIME if flag not in ("-W", "5s"))),
    "pass-through": ("--select", "sensor_id,temperature,partition=@partition,offset=@offset")}
FENCED = 75


class Bench(rig.Bench):
    def prepare(self):
        self.file = self.demo("readings.jsonl", records=40000, keys=20, disorder="3s")
        self.cluster = self.full_cluster()
        self.topic = self.cluster.topic("readings", 4)
        self.cluster.produce(self.topic, rig.spread(self.file.read_text().splitlines(), "runs", seed=self.seed))
        self.messages = self.cluster.read(self.topic)
        self.oracles = {}
        self.number = 0

    def oracle(self, name):
        """The rows as a bag of lines."""
        if name not in self.oracles:
            flags = [flag for flag in SCENARIOS[name] if flag not in ("-W", "5s")]
            if name == "pass-through":
                text = self.printed([self.cluster.url(self.topic, until="end"), *flags])
            else:
                text = self.printed([self.file, *flags])
            self.oracles[name] = collections.Counter(text.splitlines())
        return self.oracles[name]

    def fresh(self):
        """A new output and a new job."""
        self.number += 1
        return self.cluster.topic(f"out{self.number}", 3)

    def job(self, name, output, *flags):
        return [
            self.cluster.url(self.topic, until="end"), *SCENARIOS[name], "-o", self.cluster.url(output), "--job", output,
            *lanes.COMMITS,
            # Small answers: otherwise a run would end too soon.
            "-X", "fetch.message.max.bytes=20000", *flags]

    def unlike(self, name, output):
        """Compares the rows that readers of committed records see; readers of all records may see more, but not less."""
        wanted = self.oracle(name)
        found = collections.Counter(message.value().decode() for message in self.cluster.read(output))
        everything = collections.Counter(
            message.value().decode() for message in self.cluster.read(output, "read_uncommitted"))
        problems = []
        if found != wanted:
            problems.append(
                f"{sum(found.values())} rows instead of {sum(wanted.values())}; missing {list(wanted - found)[:2]}, "
                f"too much {list(found - wanted)[:2]}")
        if found - everything:
            problems.append("committed rows that no other reader sees")
        return problems


class Test:
    """The jobs that are killed, with the interface of lanes.Test."""

    path, failpoints = "topic to topic", FAILPOINTS

    def __init__(self, bench, name):
        self.bench, self.name, self.courses, self.outputs = bench, name, {}, {}

    def make_oracle(self):
        self.bench.oracle(self.name)

    def reset(self, lane):
        self.outputs[lane.number] = self.bench.fresh()

    def arguments(self, lane):
        arguments = self.bench.job(self.name, self.outputs[lane.number])
        # Each killed run chooses its own rate.
        at = arguments.index("--commit-every")
        return arguments[:at] + arguments[at + 2:]

    def prepare(self, lane):
        self.reset(lane)
        before, began = ends_of_transactions(self.bench), time.monotonic()
        self.bench.succeeded([*self.arguments(lane), *lanes.COMMITS])
        commits = max(3, ends_of_transactions(self.bench) - before)
        self.courses[lane.number] = lanes.Course(time.monotonic() - began, commits)
        return []

    def problems(self, lane):
        return self.bench.unlike(self.name, self.outputs[lane.number])


class Lane:
    def __init__(self, number):
        self.number = number


def ends_of_transactions(bench):
    return 8 if cluster.REAL else bench.cluster.requests["EndTxn"]


def lost(bench, api):
    """Requests and answers of one kind are lost or late; a run that gives up for now (75) is started again."""
    noise, problems, runs, again = random.Random(f"{bench.seed} {api}"), [], 0, 0
    broker = bench.cluster
    before = broker.struck[api]
    kinds = ("unasked", "unanswered", "unanswered", 0.2)
    # That request is sent only when a producer starts.
    often = 0.8 if api == "InitProducerId" else 0.3
    broker.strikes[api] = lambda: noise.choice(kinds) if noise.random() < often else None
    while broker.struck[api] - before < bench.options.hits and runs < max(12, 3 * bench.options.hits) and not problems:
        output = bench.fresh()
        outcome = bench.run(bench.job("tumbling", output), patience=120)
        while outcome.status == FENCED and again < 20:
            again += 1
            outcome = bench.run(bench.job("tumbling", output), patience=120)
        strikes, broker.strikes = broker.strikes, {}
        problems += outcome.expect(0) or bench.unlike("tumbling", output)
        broker.strikes = strikes
        runs += 1
    broker.strikes = {}
    struck = broker.struck[api] - before
    if not problems and struck < min(3, bench.options.hits):
        problems = [f"struck only {struck} times"]
    return problems, f"{struck} times in {runs} runs, started again {again} times"


def down(bench):
    """The broker is down during a run, for a short time."""
    noise, problems, struck, again = random.Random(bench.seed), [], 0, 0
    for _ in range(4):
        output = bench.fresh()
        process = stop_at(bench, "rows-produced", output)
        if process is None:
            continue
        bench.cluster.down()
        os.kill(process.pid, signal.SIGCONT)
        while True:
            time.sleep(noise.uniform(0, 0.5))
            bench.cluster.up()
            struck += 1
            time.sleep(noise.uniform(0.1, 0.6))
            if process.poll() is not None:
                break
            bench.cluster.down()
        outcome = bench.finish(process, 120)
        while outcome.status == FENCED and again < 10:
            again += 1
            outcome = bench.run(bench.job("tumbling", output), patience=120)
        problems += outcome.expect(0) or bench.unlike("tumbling", output)
    return problems + ([] if struck else ["it was never down during a run"]), f"{struck} times, started again {again} times"


def stop_at(bench, failpoint, output, *flags):
    """A run that stopped itself at a failpoint, or None if all runs ended without stopping."""
    for count in (4, 2, 1):
        process = bench.start(bench.job("tumbling", output, *flags), {"STREAMCTL_FAILPOINT": f"{failpoint}:stop@{count}"})
        if wait_until_stopped(process, 40):
            return process
        bench.finish(process)
    return None


def zombie(bench, failpoint):
    """A process that stops itself while another one takes the job: readers never see what it writes afterwards."""
    output = bench.fresh()
    first = stop_at(bench, failpoint, output)
    if first is None:
        return ["it did not stop"]
    second = bench.run(bench.job("tumbling", output), patience=120)
    os.kill(first.pid, signal.SIGCONT)
    return second.expect(0) + bench.finish(first).expect(FENCED) + bench.unlike("tumbling", output)


def zombies(bench, failpoint):
    found = [problem for _ in range(bench.options.fences) for problem in zombie(bench, failpoint)]
    return found, f"{bench.options.fences} times"


def too_long(bench):
    """A transaction that the broker aborted while the process was stopped."""
    output = bench.fresh()
    first = stop_at(bench, "before-commit", output, "-X", "transaction.timeout.ms=2000")
    if first is None:
        return ["it did not stop"]
    time.sleep(3)
    bench.cluster.bounds(output)
    os.kill(first.pid, signal.SIGCONT)
    outcome = bench.finish(first, 60)
    problems = [] if outcome.status in (0, FENCED) else outcome.expect(FENCED)
    problems += bench.run(bench.job("tumbling", output), patience=60).expect(0)
    return problems + bench.unlike("tumbling", output), f"ended with {outcome.status}"


def signals(bench):
    """TERM commits finished work and ends the run; the next run resumes."""
    noise, problems, caught = random.Random(bench.seed), [], 0
    for _ in range(6):
        output = bench.fresh()
        process = bench.start(bench.job("pass-through", output))
        time.sleep(noise.uniform(0.1, 0.8))
        kind = noise.choice((signal.SIGTERM, signal.SIGINT))
        process.send_signal(kind)
        outcome = bench.finish(process, 30)
        if outcome.status != 0:
            caught += 1
            problems += outcome.expect(128 + kind)
        problems += bench.run(bench.job("pass-through", output)).expect(0) + bench.unlike("pass-through", output)
    return problems, f"{caught} of 6 runs were caught"


def again(bench):
    """A finished job writes nothing more, and resumes when the topic has grown."""
    topic, output = bench.cluster.topic("grows", 2), bench.fresh()
    arguments = [bench.cluster.url(topic, until="end"), "-o", bench.cluster.url(output), "--job", output, "--select", "n"]
    problems = []
    for step in range(4):
        if step != 2:
            bench.cluster.produce(topic, [{"value": {"n": step * 10 + n}, "partition": n % 2} for n in range(10)])
        problems += bench.run(arguments).expect(0)
    found = sorted(row["n"] for row in bench.cluster.values(output))
    return problems + ([] if found == [*range(20), *range(30, 40)] else [f"{found}"])


def other_inputs(bench):
    """An end before the position of a job ends it at once; fewer partitions, or another topic, are another input."""
    topic, other, output = bench.cluster.topic("part", 2), bench.cluster.topic("other", 1), bench.fresh()
    bench.cluster.produce(topic, [{"value": {"n": n}, "partition": 0} for n in range(10)])
    job = ["-o", bench.cluster.url(output), "--job", output, "--select", "n"]
    problems = []
    for until in ("end", "@2020-01-01", "end"):
        problems += bench.run([bench.cluster.url(topic, until=until), *job]).expect(0)
    problems += bench.run([bench.cluster.url(topic, until="end", partitions="1"), *job]).expect(78, "other input topics or partitions")
    return problems + bench.run([bench.cluster.url(other, until="end"), *job]).expect(78, "other input topics or partitions")


def started_over(bench):
    """With other flags, the message names them all and --reset, which starts the job over from the beginning."""
    topic, output = bench.cluster.topic("over", 2), bench.fresh()
    bench.cluster.produce(topic, [{"value": {"n": n}, "partition": n % 2} for n in range(10)])
    job = [bench.cluster.url(topic, until="end"), "-o", bench.cluster.url(output), "--job", output]
    problems = bench.run([*job, "--select", "n"]).expect(0)
    other = [*job, "--select", "m=n", "--where", "n > 4"]
    refused = bench.run(other)
    problems += refused.expect(78, f"--reset {output}")
    problems += [f"no {word} in {refused.err}" for word in ("--select was 'n', now 'm=n'", "--where was not given, now 'n > 4'")
                 if word not in refused.err]
    problems += bench.run([*other, "--reset", output]).expect(0, "starts over")
    problems += bench.run(other).expect(0, "already finished")
    found = sorted(str(row) for row in bench.cluster.values(output))
    wanted = sorted(str(row) for row in [{"n": n} for n in range(10)] + [{"m": m} for m in range(5, 10)])
    return problems + ([] if found == wanted else [f"{found}"])


def listed(bench):
    """The jobs of a cluster: all of them, or one."""
    topic, output = bench.cluster.topic("listed", 2), bench.fresh()
    bench.cluster.produce(topic, [{"value": {"n": n}, "partition": n % 2} for n in range(11)])
    files = bench.folder / "listed.jsonl"
    files.write_text('{"n":1}\n')
    place = bench.cluster.url(output)
    runs = {f"{output}-topic": bench.cluster.url(topic, until="end"), f"{output}-file": files}
    problems = []
    for name, source in runs.items():
        problems += bench.run([source, "-o", place, "--job", name, "--select", "n"]).expect(0)
    positions = {f"{output}-topic": {f"{topic}[0]": 6, f"{topic}[1]": 5}, f"{output}-file": {str(files): 8}}
    brokers = place[:place.index("/", len("kafka://"))]
    for more in ([], ["--job", f"{output}-file"]):
        outcome = bench.run(["--list-jobs", "-o", brokers, "-f", "json", *more])
        problems += outcome.expect(0)
        rows = {row["job"]: row for row in rows_of(outcome.out)}
        for name in [more[1]] if more else runs:
            wanted = {"job": name, "output": place, "status": "finished", "positions": positions[name]}
            problems += [] if rows.get(name) == wanted else [f"{rows.get(name)}, not {wanted}"]
        problems += [f"{sorted(rows)}"] if more and len(rows) != 1 else []
    return problems


def checks(bench):
    all_lanes = [Lane(number) for number in range(WORKERS)]
    tests = [test for test in (Test(bench, name) for name in SCENARIOS) if kills.undisturbed(bench, all_lanes, test)]
    hits = kills.Hits()
    if tests and bench.options.runs:
        kills.loop(bench, tests, all_lanes, bench.options.runs, hits)
        hits.judge(bench.report, Test, least=1 if bench.options.runs >= FULL else 0)
        hits.show()
    check = bench.report.check
    check("a finished job, run again", again, bench)
    check("other inputs, other ends", other_inputs, bench)
    check("a job that starts over", started_over, bench)
    check("the jobs of a cluster", listed, bench)
    check("TERM and INT", signals, bench)
    for failpoint in ("in-rows", "offsets-sent", "before-commit", "after-commit"):
        check(f"a zombie stopped at {failpoint}", zombies, bench, failpoint)
    for api in ("Produce", "AddPartitionsToTxn", "AddOffsetsToTxn", "TxnOffsetCommit", "EndTxn", "InitProducerId"):
        bench.damaging(f"lost or late: {api}", lost, bench, api)
    bench.damaging("the broker down and up", down, bench)
    bench.damaging("a transaction that took too long", too_long, bench)
