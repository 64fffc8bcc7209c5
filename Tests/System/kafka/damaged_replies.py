"""Answers of brokers that are damaged on their way: the run tries again or ends with a message, and no row is wrong.

--hits is how often each kind of damage must strike. Records have a checksum; for all other fields of an answer, nothing
but encryption could show that they were changed, so there only crashes and hangs count.
"""

import collections
import random
import struct
import time

from ..common import lanes
from ..common.compare import unlike_lists
from . import rig
from .protocol import HEADER

OPTIONS = {"hits": 3}
# How a run may end that has got damaged answers.
ENDS = (0, 65, 66, 69, 73, 74, 75, 78)
# The checksum of a batch of records covers all that follows it.
COVERED = 21
# Seconds. A client waits as long for the rest of an answer before it connects again.
SILENCE = 1
FAST = ("-X", "socket.timeout.ms=3000", "-X", "reconnect.backoff.ms=10", "-X", "fetch.message.max.bytes=20000")
READS = ("Fetch",)
WRITES = ("Produce", "AddPartitionsToTxn", "AddOffsetsToTxn", "TxnOffsetCommit", "EndTxn", "InitProducerId")


class Bench(rig.Bench):
    def prepare(self):
        self.broker = self.small()
        self.lines = self.demo("readings.jsonl", records=8000, keys=10, disorder="3s").read_text().splitlines()
        self.topic = self.broker.topic("readings", 4)
        self.broker.produce(self.topic, rig.spread(self.lines, "runs", seed=self.seed))
        self.url = self.broker.url(self.topic, until="end")
        self.number = 0


class Damage:
    """Changes every so manieth answer to requests of some kinds."""

    def __init__(self, broker, change, names, seed):
        self.broker, self.change, self.names, self.noise = broker, change, names, random.Random(seed)
        self.struck, self.wait = 0, self.noise.choice((1, 2, 5, 20))

    def __call__(self, name, frame):
        if self.names and name not in self.names:
            return (frame,)
        self.wait -= 1
        if self.wait > 0:
            return (frame,)
        parts = self.change(self, frame)
        if parts is None:
            # It has no bytes of the kind.
            self.wait = 1
            return (frame,)
        # The next one comes later, so that the run can end.
        self.struck += 1
        self.wait = self.noise.randint(5, 40) * self.struck
        return parts


def flipped(noise, data, start=0):
    data, at = bytearray(data), noise.randrange(start, len(data))
    data[at] ^= 1 << noise.randrange(8)
    return bytes(data)


def records(damage, frame):
    """A bit of a batch of records that its checksum covers."""
    batches = [batch for logs in damage.broker.topics.values() for log in logs for batch in log.batches]
    damage.noise.shuffle(batches)
    for batch in batches:
        at = frame.find(bytes(batch.data))
        if at >= 0:
            data = flipped(damage.noise, batch.data, COVERED if damage.noise.random() < 0.7 else HEADER.size)
            return (frame[:at] + data + frame[at + len(data):],)
    return None


def cut(damage, frame):
    yield frame[:damage.noise.randrange(len(frame))]
    raise OSError


def other_length(damage, frame):
    length = len(frame) - 4 + damage.noise.choice((-8, -4, -1, 1, 4, 1000, 1 << 20, 1 << 30))
    yield struct.pack(">i", max(0, length)) + frame[4:]
    time.sleep(SILENCE)
    raise OSError


def too_short(damage, frame):
    """librdkafka 2.0.2 keeps a lock when the connection ends after this, and does nothing more."""
    yield struct.pack(">i", len(frame) - 8) + frame[4:]
    time.sleep(SILENCE)
    raise OSError


def twice(damage, frame):
    return (frame, frame)


def late(damage, frame):
    at = damage.noise.randrange(len(frame))
    yield frame[:at]
    time.sleep(0.3)
    yield frame[at:]


def other_number(damage, frame):
    """The answer to another request."""
    return (frame[:4] + struct.pack(">i", struct.unpack_from(">i", frame, 4)[0] + damage.noise.choice((-1, 1, 1000))) + frame[8:],)


def any_byte(damage, frame):
    return (flipped(damage.noise, frame, 8 if len(frame) > 8 else 0),)


# Each with the requests whose answers it strikes when a topic is read and written; all if there are none.
READING = {"records": (records, READS), "cut": (cut, ()), "lengths": (other_length, ()), "repeated": (twice, ()), "late halves": (late, ()),
           "numbers of requests": (other_number, ())}
WRITING = {"cut": (cut, WRITES), "lengths": (other_length, WRITES), "repeated": (twice, WRITES), "late halves": (late, WRITES),
           "numbers of requests": (other_number, WRITES)}


def until_struck(bench, name, change, names, run, hits=None):
    """Calls run() with damage until it has struck often enough; it returns an outcome and a function with the problems of the
    rows, which are right after it."""
    struck, runs, ends, problems = 0, 0, collections.Counter(), []
    hits = hits or bench.options.hits
    while struck < hits and runs < 10 * hits and not problems:
        runs += 1
        bench.broker.damage = damage = Damage(bench.broker, change, names, f"{bench.seed} {name} {runs}")
        outcome, right = run()
        bench.broker.damage = None
        struck += damage.struck
        ends[outcome.status] += 1
        if outcome.status not in ENDS or outcome.status != 0 and not outcome.err.strip():
            problems += outcome.expect(0)
        problems += right(outcome)
    if not problems and not struck:
        problems = ["it never struck"]
    return problems, f"{struck} times in {runs} runs, which ended with {dict(ends)}"


def reading(bench, name, change, names):
    """A run that ends well has read every record; one that does not has read none that is wrong."""
    def right(outcome):
        # The last line may be torn where the run ended.
        lines = outcome.out.split("\n")[:-1]
        if outcome.status == 0:
            return unlike_lists(bench.lines, lines, "records")
        extra = collections.Counter(lines) - collections.Counter(bench.lines)
        return [f"too much: {list(extra)[:2]}"] if extra else []

    return until_struck(bench, name, change, names, lambda: (bench.run([bench.url, *FAST], patience=120), right))


def writing(bench, name, change, names, hits=None):
    """A job from topic to topic is finished without damage: each row is there once."""
    def run():
        bench.number += 1
        output = bench.broker.topic(f"out{bench.number}")
        arguments = [bench.url, "-o", bench.broker.url(output), "--job", output, *lanes.COMMITS, *FAST]
        outcome = bench.run(arguments, patience=120)

        def right(_):
            for _ in range(20):
                last = bench.run(arguments, patience=120)
                if last.status != 75:
                    break
            found = [message.value().decode() for message in bench.broker.read(output)]
            return last.expect(0) + unlike_lists(bench.lines, found, "rows")

        return outcome, right

    return until_struck(bench, name, change, names, run, hits)


def anything(bench):
    """Any byte of an answer: the run does not crash, hang or end without a word. An address or an end that was changed is
    one to wait for."""
    def run():
        bench.number += 1
        output = bench.broker.topic(f"any{bench.number}")
        if bench.number % 2:
            return bench.run([bench.url, *FAST], patience=120), lambda _: []
        job = [bench.url, "-o", bench.broker.url(output), "--job", output, *lanes.COMMITS, *FAST]
        return bench.run(job, patience=120), lambda _: []

    return until_struck(bench, "any byte", any_byte, (*READS, *WRITES, "OffsetFetch", "ApiVersions"), run)


def checks(bench):
    for name, (change, names) in READING.items():
        bench.report.check(f"reading: {name}", reading, bench, name, change, names)
    for name, (change, names) in WRITING.items():
        bench.report.check(f"writing: {name}", writing, bench, name, change, names)
    bench.report.check("writing: a library that stops", writing, bench, "stopped", too_short, ("AddPartitionsToTxn",), 1)
    bench.report.check("any byte of an answer", anything, bench)
