"""Topics to Postgres and to files: killed at random times and at every failpoint, resumed until the job is done, and compared with
the oracle: the same records read from a file by the same binary, which is tested against DuckDB elsewhere.

    python3 Tests/Kafka/killed.py BINARY [MOCKBINARY] [--runs N] [--file-runs N] [--seed N] [--only INDEX]

BINARY is a debug build: release builds have no failpoints. --only repeats one run of a seed.
"""

import collections
import concurrent.futures
import json
import random
import signal
import time

import rig
import common
import kills
import lanes
import scenarios

WORKERS = 2
RECORDS = 20000
DEMO = {"records": RECORDS, "keys": 50, "disorder": "3s"}
SEED_JOB = ("-t", "event_time", "-W", "5s", "-w", "1h", "-g", "sensor_id", "--count", "--avg", "temperature", "--max",
            "temperature", "--min", "temperature")
# With fewer runs than this the places are not demanded to be hit.
FULL = 100


class FromTopic:
    """A scenario that reads a topic; its oracle reads a file, where nothing is late."""

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
    """Every record with its place: the oracle are the records that another client reads."""

    path = PostgresTest.path

    def make_oracle(self):
        table = f"oracle.{self.name}"
        with self.bench.server.session() as session:
            session.query(f"CREATE SCHEMA IF NOT EXISTS oracle; {self.scenario.create(table)}")
            common.load(session, table, list(self.bench.placed("turn")))
        self.refused, self.rejects = 0, []


scenarios.TYPES.update({"partition": "integer", '"offset"': "bigint", "max_temperature": "double precision"})
SEED_COLUMNS = ("sensor_id", "window_start", "window_end", "count", "avg_temperature", "max_temperature", "min_temperature")
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
)
PASS_THROUGH = scenarios.Scenario(
    "pass-through-append", ("--select", "sensor_id,temperature,partition=@partition,offset=@offset"),
    ("sensor_id", "temperature", "partition", '"offset"'), mode="append", key=())


class Bench(rig.Bench):
    def __enter__(self):
        self.file = self.demo("readings.jsonl", **DEMO)
        self.lines = self.file.read_text().splitlines()
        self.cluster = self.any_cluster(brokers=2)
        self.topics = {}
        for how in ("key", "turn", "runs"):
            topic = self.topics[how] = self.cluster.topic(f"readings-{how}", 4)
            self.cluster.produce(topic, rig.spread(self.lines, how, seed=self.seed))
            if hasattr(self.cluster, "tell"):
                # One partition is far behind the others at any time.
                for partition in range(4):
                    self.cluster.tell("leader", topic, partition, 2 if partition == 3 else 1)
        if hasattr(self.cluster, "tell"):
            self.cluster.tell("rtt", 2, 15)
        return self

    def url(self, how, **query):
        return self.cluster.url(self.topics[how], **query)

    def placed(self, how):
        """The rows of the pass-through: what confluent-kafka reads."""
        for message in self.cluster.read(self.topics[how]):
            record = json.loads(message.value())
            yield {
                "sensor_id": record["sensor_id"], "temperature": record["temperature"],
                "partition": message.partition(), "offset": message.offset()}


def created(bench):
    """The job as it stands in the manual: the table is made by --create."""
    problems = []
    with bench.server.session() as session:
        session.query(WINDOWED[1][1].create("seed_oracle"))
        flags = [flag for flag in SEED_JOB if flag not in ("-W", "5s")]
        common.load(session, "seed_oracle", common.rows_of(bench.printed([bench.file, *flags])))
        for how in bench.topics:
            table = f"seed_{how}"
            outcome = bench.run([
                bench.url(how, until="end"), *SEED_JOB, "-o", bench.server.url(), "--table", table, "--create",
                "--job", table])
            problems += outcome.expect(0) or common.unlike(session, "seed_oracle", table)
            if outcome.err:
                problems.append(f"it said: {outcome.err[:300]}")
    return problems


def undisturbed(bench, places, test):
    try:
        test.make_oracle()
        problems = []
        for lane in places:
            test.prepare(lane)
            problems += test.problems(lane)
    except Exception as error:  # noqa: BLE001 (the other scenarios go on)
        bench.report.judge(f"{test.path}: undisturbed {test.scenario.name}", [error])
        return False
    course = test.courses[0]
    told = f"{course.seconds:.2f} s, {course.commits} commits"
    bench.report.judge(f"{test.path}: undisturbed {test.scenario.name}", problems, told)
    return True


def terminated(bench):
    """Without until= a run goes on until TERM, which commits; the next one goes on from there, the last one to the end."""
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
            problems += common.unlike(session, "seed_oracle", table)
            if problems:
                break
    return problems, ", ".join(f"{name} {count}" for name, count in sorted(kinds.items()))


def tests_of(bench, kind):
    for how, scenario in WINDOWED:
        # Rows in a file are appended, whatever the mode.
        if kind is PostgresTest or "upsert" not in scenario.name:
            test = kind(bench, scenario, [bench.url(how, until="end")])
            test.oracle_file = bench.file
            yield test
    if kind is PostgresTest:
        yield PassThroughTest(bench, PASS_THROUGH, [bench.url("turn", until="end")])


def main():
    with Bench(__doc__, (("--runs", 138), ("--file-runs", 36), ("--only", -1))) as bench:
        places = [lanes.Lane(bench, number) for number in range(WORKERS)]
        bench.report.check("the seed job into a table of --create", created, bench)
        bench.report.check("live, ended by signals and resumed", terminated, bench)
        hits = kills.Hits()
        for kind, runs in ((PostgresTest, bench.options.runs), (FileTest, bench.options.file_runs)):
            tests = [test for test in tests_of(bench, kind) if undisturbed(bench, places, test)]
            if not tests or not runs:
                continue
            # The records with their places more often than the others: they show most.
            places_of_records = [test for test in tests if isinstance(test, PassThroughTest)]
            kills.loop(bench, tests + 3 * places_of_records, places, runs, hits)
            least = 3 if runs >= FULL else 1 if runs >= FULL / 3 else 0
            hits.judge(bench.report, kind, least)
        hits.tell()


if __name__ == "__main__":
    main()
