"""Topics to Postgres and to files: killed at random times and at every failpoint, and resumed until the job is done.

The oracle reads the same records from a file; files are tested against DuckDB elsewhere. --only repeats one run of a
seed, --small 1 uses the small broker instead of librdkafka's mock cluster.
"""

import collections
import json
import random
import signal
import time

from ..common import kills, lanes, scenarios
from ..common.compare import load, rows_of, unlike_tables
from . import cluster, rig

OPTIONS = {"runs": 138, "file-runs": 36, "small": 0, "only": -1}
WORKERS = 2
RECORDS = 20000
DEMO = {"records": RECORDS, "keys": 50, "disorder": "3s"}
SEED_JOB = ("-t", "event_time", "-W", "5s", "-w", "1h", "-g", "sensor_id", "--count", "--avg", "temperature", "--max",
            "temperature", "--min", "temperature")
# With fewer runs than this the failpoints need not all be hit.
FULL = 100


class FromTopic:
    """A scenario that reads a topic. Its oracle reads a file without a watermark, where nothing is late."""

    oracle_file = None

    def make_oracle(self):
        topic, self.files = self.files, [self.oracle_file]
        super().make_oracle()
        self.files = topic

    def flags_without_clock(self):
        flags = list(super().flags_without_clock())
        if "-W" in flags:
            at = flags.index("-W")
            del flags[at:at + 2]
        return flags


class PostgresTest(FromTopic, lanes.PostgresTest):
    path = "topic to postgres"


class FileTest(FromTopic, lanes.FileTest):
    path = "topic to file"


class PassThroughTest(lanes.PostgresTest):
    """Every record with its partition and offset: the oracle consists of the records that another client reads."""

    path = PostgresTest.path

    def make_oracle(self):
        table = f"oracle.{self.id}"
        with self.bench.server.session() as session:
            session.query(f"CREATE SCHEMA IF NOT EXISTS oracle; {self.scenario.create(table)}")
            load(session, table, list(self.bench.positions("turn")))
        self.refused, self.rejects = 0, []


scenarios.TYPES.update({"partition": "integer", '"offset"': "bigint", "max_temperature": "double precision"})
SEED_COLUMNS = ("sensor_id", "window_start", "window_end", "count", "avg_temperature", "max_temperature", "min_temperature")
# All records of a sensor are in one partition where keys decide about it: then duplicates are those of the file.
DEDUP = ("--dedup", "sensor_id", "--within", "20s")
# Each with how its topic is filled.
WINDOWED = (
    ("key", scenarios.Scenario("seed-job-upsert", SEED_JOB, SEED_COLUMNS)),
    ("runs", scenarios.Scenario("seed-job-append", SEED_JOB, SEED_COLUMNS, mode="append")),
    ("turn", scenarios.windowed("tumbling-upsert", "-W", "5s", "-w", "10m")),
    ("key", scenarios.windowed("hopping-append", "-W", "5s", "--hopping", "1h", "--every", "15m", mode="append")),
    ("runs", scenarios.windowed(
        "hopping-upsert", "-W", "5s", "--hopping", "1h", "--every", "15m", key=scenarios.WINDOW)),
    ("turn", scenarios.windowed("session-append", "-W", "5s", "--session", "40s", mode="append")),
    ("key", scenarios.windowed("session-upsert", "-W", "5s", "--session", "40s", key=scenarios.WINDOW)),
    ("runs", scenarios.windowed("at-end-append", "-w", "10m", mode="append")),
    ("key", scenarios.windowed("dedup-append", "-W", "5s", "-w", "10m", *DEDUP, mode="append")),
    ("key", scenarios.Scenario(
        "dedup-pass-through-append", (*scenarios.TIME, "-W", "5s", *DEDUP, "--select", "sensor_id,temperature,event_time"),
        ("sensor_id", "temperature", "event_time"), mode="append", key=())),
)
PASS_THROUGH = scenarios.Scenario(
    "pass-through-append", ("--select", "sensor_id,temperature,partition=@partition,offset=@offset"),
    ("sensor_id", "temperature", "partition", '"offset"'), mode="append", key=())


class Bench(rig.Bench):
    def prepare(self):
        self.file = self.demo("readings.jsonl", **DEMO)
        self.lines = self.file.read_text().splitlines()
        self.cluster = self.full_cluster() if self.options.small else self.any_cluster(brokers=2)
        is_mock, self.topics = not cluster.REAL and not self.options.small, {}
        for how in ("key", "turn", "runs"):
            topic = self.topics[how] = self.cluster.topic(f"readings-{how}", 4)
            self.cluster.produce(topic, rig.spread(self.lines, how, seed=self.seed))
            if is_mock:
                # One partition always lags far behind the others.
                for partition in range(4):
                    self.cluster.command("leader", topic, partition, 2 if partition == 3 else 1)
        if is_mock:
            self.cluster.command("rtt", 2, 15)

    def url(self, how, **query):
        return self.cluster.url(self.topics[how], **query)

    def positions(self, how):
        """The rows of the pass-through, read by confluent-kafka."""
        for message in self.cluster.read(self.topics[how]):
            record = json.loads(message.value())
            yield {
                "sensor_id": record["sensor_id"], "temperature": record["temperature"],
                "partition": message.partition(), "offset": message.offset()}


def created(bench):
    """The job of the manual: the table is made by --create."""
    problems = []
    with bench.server.session() as session:
        session.query(WINDOWED[1][1].create("seed_oracle"))
        flags = [flag for flag in SEED_JOB if flag not in ("-W", "5s")]
        load(session, "seed_oracle", rows_of(bench.printed([bench.file, *flags])))
        for how in bench.topics:
            table = f"seed_{how}"
            outcome = bench.run([
                bench.url(how, until="end"), *SEED_JOB, "-o", bench.server.url(), "--table", table, "--create",
                "--job", table])
            problems += outcome.expect(0) or unlike_tables(session, "seed_oracle", table)
            if outcome.err != f"streamctl: job '{table}' starts\n":
                problems.append(f"it printed: {outcome.err[:300]}")
    return problems


def terminated(bench):
    """Without until= a run continues until TERM, which commits; the next run resumes, the last one reads to the end."""
    noise, problems, kinds = random.Random(bench.seed), [], collections.Counter()
    with bench.server.session() as session:
        for number in range(4):
            table = f"live_{number}"
            session.query(WINDOWED[1][1].create(table))
            output = ["-o", bench.server.url(), "--table", table, "--create", "--job", table, "--mode", "append", *lanes.COMMITS]
            for _ in range(4):
                process = bench.start([bench.url("runs"), *SEED_JOB, *output])
                time.sleep(noise.uniform(0.3, 1.5))
                kind = noise.choice((signal.SIGTERM, signal.SIGINT, signal.SIGKILL))
                process.send_signal(kind)
                problems += bench.finish(process).expect(128 + kind)
                kinds[kind.name] += 1
            problems += bench.run([bench.url("runs", until="end"), *SEED_JOB, *output]).expect(0)
            problems += unlike_tables(session, "seed_oracle", table)
            if problems:
                break
    return problems, ", ".join(f"{name} {count}" for name, count in sorted(kinds.items()))


def tests_of(bench, kind):
    for how, scenario in WINDOWED:
        # Rows in a file are appended, whatever the mode; records come in the order in which partitions are read.
        if kind is PostgresTest or not any(word in scenario.name for word in ("upsert", "pass-through")):
            test = kind(bench, scenario, [bench.url(how, until="end")])
            test.oracle_file = bench.file
            yield test
    if kind is PostgresTest:
        yield PassThroughTest(bench, PASS_THROUGH, [bench.url("turn", until="end")])


def checks(bench):
    all_lanes = [lanes.Lane(bench, number) for number in range(WORKERS)]
    bench.report.check("the seed job into a table of --create", created, bench)
    bench.report.check("live, ended by signals and resumed", terminated, bench)
    hits = kills.Hits()
    for kind, runs in ((PostgresTest, bench.options.runs), (FileTest, bench.options.file_runs)):
        tests = [test for test in tests_of(bench, kind) if kills.undisturbed(bench, all_lanes, test)]
        if not tests or not runs:
            continue
        # Records with their offsets more often than the others: they reveal most.
        with_offsets = [test for test in tests if isinstance(test, PassThroughTest)]
        kills.loop(bench, tests + 3 * with_offsets, all_lanes, runs, hits)
        hits.judge(bench.report, kind, least=3 if runs >= FULL else 1 if runs >= FULL / 3 else 0)
    hits.show()
