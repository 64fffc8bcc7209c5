"""Topics that are deleted, or deleted and created again, while they are read: said soon, and old and new are never mixed."""

import os
import select
import time

from ..common.compare import rows_of, unlike_sequences
from ..common.processes import wait_until
from . import rig

# How long librdkafka lets brokers not know a topic that exists: by default 30 seconds.
PATIENCE = ("-X", "topic.metadata.propagation.max.ms=3000")
FLAGS = ("--select", "n", *PATIENCE)


class Bench(rig.Bench):
    def prepare(self):
        self.broker = self.cluster = self.small()
        self.number = 0

    def topic(self, count=100):
        self.number += 1
        topic = self.broker.topic(f"topic{self.number}", 2)
        self.fill(topic, 0, count)
        return topic

    def fill(self, topic, start, end):
        self.broker.produce(topic, [{"value": rig.record(n), "partition": n % 2} for n in range(start, end)])

    def reading(self, topic, *flags, **query):
        """A run that has read all records of the topic."""
        return self.start_and_read(topic, lambda: self.start([self.broker.url(topic, **query), *FLAGS, *flags]))


def numbers(outcome):
    return sorted(row["n"] for row in rows_of(outcome.out))


def deleted(bench):
    """It is said at once, and the run ends when librdkafka's patience is over."""
    topic = bench.topic()
    process = bench.reading(topic)
    bench.broker.delete(topic)
    outcome = bench.finish(process, 20)
    problems = outcome.expect(66, topic, "waiting 3s", "it was deleted while it was read")
    return problems + unlike_sequences(range(100), numbers(outcome))


def created_again(bench, pause, count, *flags):
    """Whatever is in the new topic, nothing of it is delivered."""
    topic = bench.topic()
    process = bench.reading(topic, *flags)
    bench.broker.delete(topic)
    time.sleep(pause)
    bench.broker.create(topic, 2)
    bench.fill(topic, 1000, 1000 + count)
    outcome = bench.finish(process, 20)
    problems = outcome.expect(66, topic, "was deleted and created again")
    return problems + unlike_sequences(range(100), numbers(outcome))


def filled_meanwhile(bench):
    """The new topic is empty when it is compared, and has many records when its offsets are asked for."""
    topic, filled = bench.topic(), []
    process = bench.reading(topic)

    def fill():
        if not filled:
            filled.append(topic)
            bench.fill(topic, 1000, 1300)

    bench.broker.strikes["ListOffsets"] = fill
    bench.broker.delete(topic)
    bench.broker.create(topic, 2)
    outcome = bench.finish(process, 20)
    bench.broker.strikes.clear()
    problems = outcome.expect(66, topic, "was deleted and created again")
    return problems + unlike_sequences(range(100), numbers(outcome)) + ([] if filled else ["it was not filled"])


def created_again_under_a_job(bench):
    """The file and the checkpoint hold only the old records, and the next run finds another topic."""
    topic, output = bench.topic(), bench.folder / "out.jsonl"
    job = [bench.broker.url(topic), *FLAGS, "-o", output, "--job", "x", "--state-dir", bench.folder / "state",
           "--commit-every", "100ms"]
    process = bench.start_and_read(topic, lambda: bench.start(job))
    bench.broker.delete(topic)
    bench.broker.create(topic, 2)
    bench.fill(topic, 1000, 1300)
    problems = bench.finish(process, 20).expect(66, topic, "was deleted and created again")
    for _ in range(2):
        problems += unlike_sequences(range(100), sorted(row["n"] for row in rows_of(output.read_text())))
        problems += bench.run(job, patience=20).expect(78, topic)
    return problems


def said_until(process, words, seconds=20):
    """What a run writes to standard error up to these words, or in so many seconds."""
    said, end = "", time.monotonic() + seconds
    while words not in said and select.select([process.stderr], [], [], max(0, end - time.monotonic()))[0]:
        more = os.read(process.stderr.fileno(), 65536).decode()
        if not more:
            break
        said += more
    return said


def forgotten(bench, how):
    """A broker that does not know a topic for a moment, or is away: the run goes on and loses nothing."""
    topic = bench.topic()
    process, said = bench.reading(topic, "-n", "300"), ""
    if how == "restarted":
        bench.broker.down()
        time.sleep(1)
        bench.broker.up()
    else:
        with bench.broker.lock:
            kept = bench.broker.topics.pop(topic)
            bench.broker.lock.notify_all()
        said = said_until(process, "waiting 3s")
        bench.broker.topics[topic] = kept
        # The last record ends the run, so they come after this.
        said += said_until(process, "know all partitions again")
    bench.fill(topic, 100, 300)
    outcome = bench.finish(process, 30)
    outcome.err = said + outcome.err
    words = ["waiting 3s", "know all partitions again"] if how == "forgotten" else []
    return outcome.expect(0, *words) + unlike_sequences(range(300), numbers(outcome))


def retention_before_recheck(bench):
    """The record that would be compared is gone: the run goes on."""
    topic = bench.topic()
    process = bench.reading(topic, "-n", "200")
    for partition in range(2):
        bench.broker.drop_before(topic, partition, 50)
    bench.broker.down()
    bench.broker.up()
    bench.fill(topic, 100, 200)
    outcome = bench.finish(process, 30)
    return outcome.expect(0) + unlike_sequences(range(200), numbers(outcome))


def while_catching_up(bench):
    """The topic is replaced while much of the old one is still to be read."""
    topic = bench.topic(60000)
    bench.broker.strikes["Fetch"] = lambda: 0.02
    process = bench.start([bench.broker.url(topic), *FLAGS, "-X", "fetch.message.max.bytes=10000"])
    wait_until(lambda: bench.broker.fetched.get((topic, 0), 0) > 3000, 20)
    bench.broker.delete(topic)
    bench.broker.create(topic, 2)
    bench.fill(topic, 100000, 170000)
    outcome = bench.finish(process, 30)
    bench.broker.strikes.clear()
    found = numbers(outcome)
    return outcome.expect(66, topic) + ([] if found and max(found) < 60000 else [f"up to {found[-1:]}"])


def checks(bench):
    check = bench.report.check
    check("deleted while it is read", deleted, bench)
    for pause in (0, 1):
        for count, how in ((300, "more"), (40, "fewer"), (0, "no")):
            check(f"created again after {pause} s with {how} records", created_again, bench, pause, count)
    check("created again, and filled while it is compared", filled_meanwhile, bench)
    check("created again under a job", created_again_under_a_job, bench)
    check("replaced while catching up", while_catching_up, bench)
    for how in ("forgotten", "restarted"):
        check(f"a broker that has {how if how == 'restarted' else 'forgotten it'} for a moment", forgotten, bench, how)
    check("retention has removed the record to compare", retention_before_recheck, bench)
