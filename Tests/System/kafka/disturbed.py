"""Brokers that are down, answer with errors or late, and leaders that change: nothing is lost or doubled.

--hits is how often each fault must strike. All of it damages the cluster: on a real one the suite is skipped.
"""

import collections
import random
import signal
import threading
import time

from ..common import lanes
from ..common.compare import load, rows_of, unlike_tables
from ..common.places import Missing
from ..common.processes import wait_until
from . import cluster, rig

OPTIONS = {"hits": 15}
BROKERS = 3
FLAGS = ("-t", "event_time", "-W", "5s", "-w", "1m", "-g", "sensor_id", "--count", "--avg", "temperature")
FETCH_ERRORS = (
    "NOT_LEADER_FOR_PARTITION", "LEADER_NOT_AVAILABLE", "REPLICA_NOT_AVAILABLE", "REQUEST_TIMED_OUT",
    "KAFKA_STORAGE_ERROR", "UNKNOWN_TOPIC_OR_PART", "OFFSET_NOT_AVAILABLE", "UNKNOWN", "_TRANSPORT")
GROUP_ERRORS = (
    "COORDINATOR_LOAD_IN_PROGRESS", "COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR", "REQUEST_TIMED_OUT", "_TRANSPORT")
ERRORS = {
    "Fetch": FETCH_ERRORS,
    "ListOffsets": ("NOT_LEADER_FOR_PARTITION", "LEADER_NOT_AVAILABLE", "REQUEST_TIMED_OUT", "_TRANSPORT"),
    "FindCoordinator": ("COORDINATOR_NOT_AVAILABLE", "_TRANSPORT"), "OffsetCommit": GROUP_ERRORS, "ApiVersion": ("_TRANSPORT",)}

# What a run says that ends because no broker answers at its start.
AT_START = ("could not list the partitions", "could not read the offsets")


class Bench(rig.Bench):
    def prepare(self):
        if cluster.REAL:
            raise Missing("it would damage the real cluster")
        self.again = 0
        self.noise = random.Random(self.seed)
        self.injected = collections.Counter()
        self.file = self.demo("readings.jsonl", records=30000, keys=20, disorder="3s")
        self.lines = self.file.read_text().splitlines()
        self.session = self.server.session()
        self.session.query(
            "CREATE TABLE oracle (sensor_id text, window_start timestamptz, window_end timestamptz, count bigint, "
            "avg_temperature double precision)")
        flags = [flag for flag in FLAGS if flag not in ("-W", "5s")]
        load(self.session, "oracle", rows_of(self.printed([self.file, *flags])))
        self.cluster = self.mock(BROKERS)
        self.topic = self.cluster.topic("readings", 4)
        self.cluster.produce(self.topic, rig.spread(self.lines, "runs", seed=self.seed), batch_num_messages=100)
        # Otherwise a run would end before a fault can strike.
        for broker in range(1, BROKERS + 1):
            self.cluster.command("rtt", broker, 15)
        # Creates the job table.
        self.session.query("CREATE TABLE first (LIKE oracle)")
        self.run(self.job("first"))

    def job(self, name, url=None, *flags):
        url = url or self.cluster.url(self.topic, start="beginning", until="end", group=name)
        return [
            url, *FLAGS, "-o", self.server.url(), "--table", name, "--mode", "append", "--create",
            "--job", name, *lanes.COMMITS, *flags]

    def fresh(self, name):
        self.session.query(
            f"DROP TABLE IF EXISTS {name}; DELETE FROM streamctl_jobs WHERE job = '{name}'; CREATE TABLE {name} (LIKE oracle)")

    def unlike(self, name):
        return unlike_tables(self.session, "oracle", name)

    def rows_now(self, name):
        return int(self.session.value(f"SELECT count(*) FROM {name}"))

    def quiet(self):
        """Ends all faults before the next test."""
        for broker in range(1, BROKERS + 1):
            self.cluster.command("up", broker)
            self.cluster.command("rtt", broker, 15)

    def done(self, outcome, arguments):
        """The outcome, after starting a run again that got no answer in the ten seconds that it waits at its start.

        Such a run has done nothing yet, so its user starts it again.
        """
        for _ in range(3):
            if outcome.status != 69 or not any(words in outcome.err for words in AT_START):
                break
            self.again += 1
            outcome = self.run(arguments, patience=90)
        return outcome

    def strike(self, name, blow, least=None):
        """Runs while blow() strikes again and again, until it has struck often enough."""
        struck, runs, problems, least = 0, 0, [], least or self.options.hits
        while struck < least and runs < 8 and not problems:
            self.fresh(name)
            process = self.start(self.job(name))
            while process.poll() is None:
                time.sleep(self.noise.uniform(0.02, 0.3))
                if process.poll() is None:
                    struck += blow()
            self.quiet()
            problems += self.done(self.finish(process), self.job(name)).expect(0) or self.unlike(name)
            runs += 1
        self.injected[name] += struck
        if struck < least and not problems:
            problems = [f"struck only {struck} times"]
        return problems, self.described(f"{struck} times", runs)

    def described(self, struck, runs):
        again, self.again = self.again, 0
        return f"{struck} in {runs} runs" + (f", started again {again} times" if again else "")


def bounce(bench):
    broker = bench.noise.randint(1, BROKERS)
    bench.cluster.command("down", broker)
    time.sleep(bench.noise.uniform(0.01, 0.4))
    bench.cluster.command("up", broker)
    return 1


def move(bench):
    bench.cluster.command("leader", bench.topic, bench.noise.randrange(4), bench.noise.randint(1, BROKERS))
    return 1


def slow(bench):
    bench.cluster.command("rtt", bench.noise.randint(1, BROKERS), bench.noise.choice((0, 15, 150, 400)))
    return 1


def errors(bench, api):
    """Errors wait in a broker for a request: those that were never returned are not counted."""
    names = ERRORS[api]
    struck, runs, problems = 0, 0, []
    table = f"errors_{api}".lower()
    while struck < bench.options.hits and runs < 12 and not problems:
        bench.fresh(table)
        before = [int(bench.cluster.command("left", broker, api)) for broker in range(1, BROKERS + 1)]
        pushed = 0
        for broker in range(1, BROKERS + 1):
            count = bench.noise.randint(1, 6)
            chosen = [f"{bench.noise.choice(names)}:{bench.noise.choice((0, 0, 50))}" for _ in range(count)]
            bench.cluster.command("broker-errors", broker, api, *chosen)
            pushed += count
        outcome = bench.done(bench.run(bench.job(table), patience=90), bench.job(table))
        problems += outcome.expect(0) or bench.unlike(table)
        after = [int(bench.cluster.command("left", broker, api)) for broker in range(1, BROKERS + 1)]
        struck += sum(before) + pushed - sum(after)
        runs += 1
    bench.injected[f"errors of {api}"] += struck
    if not problems and struck < bench.options.hits:
        problems = [f"struck only {struck} times"]
    return problems, bench.described(f"{struck} times", runs)


def topic_errors(bench):
    """For a moment metadata reports no leader, or no topic, while the topic is being read."""
    def blow():
        if bench.rows_now("metadata_errors") == 0:
            return 0
        error = bench.noise.choice(("LEADER_NOT_AVAILABLE", "UNKNOWN_TOPIC_OR_PART"))
        bench.cluster.command("topic-error", bench.topic, error)
        bench.cluster.command("leader", bench.topic, 0, bench.noise.randint(1, BROKERS))
        time.sleep(0.1)
        bench.cluster.command("topic-error", bench.topic, "NO_ERROR")
        return 1

    return bench.strike("metadata_errors", blow)


def storm(bench):
    def blow():
        kind = bench.noise.choice((bounce, move, slow, None))
        if kind:
            return kind(bench)
        broker, api = bench.noise.randint(1, BROKERS), bench.noise.choice(("Fetch", "ListOffsets"))
        bench.cluster.command("broker-errors", broker, api, bench.noise.choice(ERRORS[api]))
        return 1

    return bench.strike("storm", blow, 2 * bench.options.hits)


def lost_messages(bench):
    """Lost requests and lost answers, at the small broker."""
    broker = bench.small()
    topic = broker.topic("readings", 4)
    broker.produce(topic, rig.spread(bench.lines, "runs", seed=bench.seed), batch_num_messages=100)
    noise = random.Random(bench.seed)
    for api in ("Fetch", "Metadata", "ListOffsets", "ApiVersions", "FindCoordinator", "OffsetCommit"):
        broker.strikes[api] = lambda: noise.choice(("unasked", "unanswered", 0.3)) if noise.random() < 0.08 else None
    problems, runs = [], 0
    while sum(broker.struck.values()) < bench.options.hits and runs < 10 and not problems:
        bench.fresh("lost_messages")
        url = broker.url(topic, start="beginning", until="end", group="x")
        arguments = bench.job("lost_messages", url, "-X", "fetch.message.max.bytes=20000")
        problems += bench.done(bench.run(arguments), arguments).expect(0) or bench.unlike("lost_messages")
        runs += 1
    bench.injected.update({f"lost or late {api}": count for api, count in broker.struck.items()})
    return problems, bench.described(dict(broker.struck), runs)


def outage(bench):
    """All brokers are down for 12 s during a run."""
    bench.fresh("outage")
    process = bench.start(bench.job("outage"))
    wait_until(lambda: bench.rows_now("outage") > 0 or process.poll() is not None, 20)
    for broker in range(1, BROKERS + 1):
        bench.cluster.command("down", broker)
    time.sleep(12)
    lived = process.poll() is None
    bench.quiet()
    return bench.finish(process).expect(0) + bench.unlike("outage") + ([] if lived else ["it did not wait"])


def stopped(bench, kind, when):
    """A signal while no broker answers: the run ends soon, and the next one resumes."""
    name = f"stopped_{kind.name}_{when}".lower()
    bench.fresh(name)
    flags = ["-X", "fetch.message.max.bytes=20000"]
    if when == "at_start":
        for broker in range(1, BROKERS + 1):
            bench.cluster.command("down", broker)
    process = bench.start(bench.job(name, None, *flags))
    if when == "at_start":
        time.sleep(1.5)
    else:
        wait_until(lambda: bench.rows_now(name) > 0 or process.poll() is not None, 20)
        for broker in range(1, BROKERS + 1):
            bench.cluster.command("down", broker)
        time.sleep(1)
    began = time.monotonic()
    process.send_signal(kind)
    outcome = bench.finish(process, 60)
    seconds = time.monotonic() - began
    bench.quiet()
    problems = outcome.expect(128 + kind)
    if seconds > 10:
        problems.append(f"it took {seconds:.1f} s")
    problems += bench.run(bench.job(name, None, *flags)).expect(0) + bench.unlike(name)
    return problems, f"{seconds:.1f} s"


def absent(bench, kind):
    """No broker at the start: 69 with its address after about ten seconds."""
    listener, address = rig.closed_port()
    if kind in ("silent", "other"):
        listener.listen(16)
    if kind == "other":
        threading.Thread(target=answer_nonsense, args=(listener,), daemon=True).start()
    if kind == "unknown":
        address = "no-such-host.invalid:9092"
    if kind == "several":
        address = f"{address},{address}"
    began = time.monotonic()
    outcome = bench.run([f"kafka://{address}/topic", "--count"], patience=60)
    seconds = time.monotonic() - began
    listener.close()
    problems = outcome.expect(69, address.split(",")[0])
    if not 0.01 < seconds < 20:
        problems.append(f"it took {seconds:.1f} s")
    return problems, f"{seconds:.1f} s: {outcome.err.strip()[:160]}"


def answer_nonsense(listener):
    while True:
        try:
            connection, _ = listener.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()
        except OSError:
            return


def one_of_two(bench):
    """One broker of the list is enough."""
    closed, address = rig.closed_port()
    with closed:
        url = bench.cluster.url(bench.topic, until="end").replace("kafka://", f"kafka://{address},")
        outcome = bench.run([url, "--count"])
    return outcome.expect(0) + ([] if outcome.out == f'{{"count":{len(bench.lines)}}}\n' else [outcome.out])


def checks(bench):
    check = bench.report.check
    for kind in ("refused", "several", "silent", "other", "unknown"):
        check(f"no broker at the start: {kind}", absent, bench, kind)
    check("one broker of two", one_of_two, bench)
    check("brokers down and up", bench.strike, "bounced", lambda: bounce(bench))
    check("leaders that change", bench.strike, "moved", lambda: move(bench))
    check("slow answers", bench.strike, "slowed", lambda: slow(bench))
    for api in ERRORS:
        check(f"errors of {api}", errors, bench, api)
    check("errors of a topic", topic_errors, bench)
    check("all of it at once", storm, bench)
    check("requests and answers lost", lost_messages, bench)
    check("all brokers down for a while", outage, bench)
    for kind in (signal.SIGTERM, signal.SIGINT):
        for when in ("at_start", "in_the_middle"):
            check(f"{kind.name} with no broker, {when}", stopped, bench, kind, when)
    for name, count in sorted(bench.injected.items()):
        print(f"    {name}: {count}")
