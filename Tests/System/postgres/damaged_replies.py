"""Answers of the server that are damaged on their way: the run tries again or ends with a message, and no row is wrong.

--hits is how often each kind of damage must strike. What a catalog query answers is not changed: nothing but encryption
could show that.
"""

import collections
import random
import struct
import time

from ..common import lanes, scenarios, wire
from ..common.bench import Bench as CommonBench
from ..common.compare import load, rows_of, unlike_tables
from . import proxy

OPTIONS = {"hits": 2}
FLAGS = ("-t", "event_time", "-W", "5s", "-w", "5m", "-g", "sensor_id", *scenarios.AGGREGATES)
# How a run may end that has got a damaged answer.
ENDS = (0, 69, 73, 74, 75, 78)
# Seconds after which a connection that waits for bytes that do not come is cut.
SILENCE = 1
# Errors that no row can cause.
STATES = ("40001", "40P01", "57014", "57P01", "53200", "53300", "08006", "XX000", "25P02", "55P03", "\x01\x02", "")
TAGS = (b"COMMIT", b"ROLLBACK", b"BEGIN", b"UPDATE 0", b"UPDATE 1", b"UPDATE 2", b"UPDATE 99999999999999999999", b"INSERT 0 0",
        b"COPY -1", b"SELECT 1", b"", b"\xff\xfe", b"COMMI", b"UPDATE")


class Bench(CommonBench):
    def prepare(self):
        self.session = self.server.session()
        self.readings = self.demo("readings.jsonl", records=20000, keys=10, disorder="3s")
        self.append, self.upsert = scenarios.windowed("x", mode="append"), scenarios.windowed("x")
        self.session.query(self.append.create("oracle"))
        load(self.session, "oracle", rows_of(self.printed([self.readings, *FLAGS])))
        self.session.query(self.append.create("first"))
        self.run([*self.job("first", "append"), "--create"])

    def job(self, name, mode, port=None):
        return [self.readings, *FLAGS, "-o", self.server.url(port=port), "--table", name, "--mode", mode, "--job", name,
                *lanes.COMMITS]

    def fresh(self, name, mode):
        self.session.query(f"DROP TABLE IF EXISTS {name}; DELETE FROM streamctl_jobs WHERE job = '{name}'")
        self.session.query((self.append if mode == "append" else self.upsert).create(name))


class DamagingProxy(proxy.Proxy):
    kind = property(lambda self: DamagingConnection)

    def __init__(self, port, damage, seed):
        self.damage, self.noise, self.struck = damage, random.Random(seed), 0
        self.wait = 0
        super().__init__(port, seed)

    def arm(self, first, last):
        """From now on, each answer that fits is damaged after `first` to `last` of them."""
        self.range = (first, last)
        self.wait = self.noise.randint(first, last)

    def is_due(self):
        with self.lock:
            if self.wait <= 0:
                return False
            self.wait -= 1
            if self.wait > 0:
                return False
            # The next one comes later, so that the run can end.
            self.range = (self.range[0] * 2, self.range[1] * 3)
            self.wait = self.noise.randint(*self.range)
            self.struck += 1
            return True


class DamagingConnection(proxy.Connection):
    statement = ""
    # Whether the server has asked for the rows of the statement.
    is_copying = False

    def request(self, kind, whole):
        if statement := wire.statement_of(kind, whole):
            self.statement, self.is_copying = statement, False
        super().request(kind, whole)

    def answer(self, kind, whole):
        self.is_copying = self.is_copying or kind == "G"
        fits, change = DAMAGE[self.proxy.damage]
        if not (fits(self, kind) and self.proxy.is_due()):
            return super().answer(kind, whole)
        for part in change(self.proxy.noise, kind, whole):
            self.client.sendall(part)


def is_of_job(connection, kind):
    """Whether this is a row of the job: its fence, its epoch, its checkpoint."""
    return kind == "D" and "streamctl_jobs" in connection.statement and "SELECT" in connection.statement


def is_before_rows(connection, kind):
    """Whether this is the tag of a statement that is sent together with a COPY, before the COPY is answered."""
    return kind == "C" and "COPY" in connection.statement and not connection.is_copying


def any_answer(_, kind):
    return True


def one_of(kinds):
    return lambda _, kind: kind in kinds


def other_tag(noise, kind, whole):
    content = noise.choice((noise.choice(TAGS), flipped(noise, whole[5:-1])))
    yield wire.message(kind, content.replace(b"\0", b"?") + b"\0")


def error(noise, kind, whole):
    fields = {"S": "ERROR", "V": noise.choice(("ERROR", "FATAL", "?")), "C": noise.choice(STATES), "M": "made up \x1b[31m"}
    yield wire.message("E", b"".join(name.encode() + value.encode() + b"\0" for name, value in fields.items()) + b"\0")


def status(noise, kind, whole):
    yield wire.message(kind, noise.choice((b"I", b"T", b"E", b"?", b"\0")))


def flipped(noise, data):
    data = bytearray(data)
    if data:
        data[noise.randrange(len(data))] ^= 1 << noise.randrange(8)
    return bytes(data)


def flip(noise, kind, whole):
    yield whole[:5] + flipped(noise, whole[5:])


def value(noise, kind, whole):
    """A digit of a value becomes another one."""
    data = bytearray(whole)
    digits = [at for at in range(7, len(data)) if chr(data[at]).isdigit()]
    if digits:
        data[noise.choice(digits)] = noise.choice(b"0123456789")
    yield bytes(data)


def other_type(noise, kind, whole):
    yield bytes([noise.choice((0, 255, *b"ACDEGHIKNRSTVWZ123nst"))]) + whole[1:]
    time.sleep(SILENCE)
    raise proxy.Cut


def other_length(noise, kind, whole):
    length = struct.unpack_from("!i", whole, 1)[0] + noise.choice((-8, -4, -1, 1, 4, 100, 1 << 20, 1 << 30, -(1 << 31)))
    yield whole[:1] + struct.pack("!i", max(-(1 << 31), min(length, (1 << 31) - 1))) + whole[5:]
    time.sleep(SILENCE)
    raise proxy.Cut


def half(noise, kind, whole):
    yield whole[:noise.randrange(len(whole))]
    raise proxy.Cut


def twice(noise, kind, whole):
    yield whole
    yield whole


def late(noise, kind, whole):
    at = noise.randrange(len(whole))
    yield whole[:at]
    time.sleep(0.3)
    yield whole[at:]


# Name: which answers, and the bytes that arrive instead.
DAMAGE = {
    "command tags": (one_of("C"), other_tag), "errors instead of tags": (one_of("C"), error),
    "errors before rows are sent": (is_before_rows, error), "transaction status": (one_of("Z"), status),
    "row descriptions": (one_of("T"), flip), "rows of the job, a bit": (is_of_job, flip), "rows of the job, a digit": (is_of_job, value),
    "message types": (any_answer, other_type), "lengths": (any_answer, other_length), "cut within a message": (any_answer, half),
    "repeated": (any_answer, twice), "late halves": (any_answer, late)}


def damaged(bench, damage, mode):
    """Runs through the proxy until the damage has struck often enough; each job is then finished without it."""
    between = DamagingProxy(bench.server.port, damage, f"{bench.seed} {damage} {mode}")
    ends, problems, runs = collections.Counter(), [], 0
    name = f"damaged_{mode}"
    while between.struck < bench.options.hits and runs < 5 * bench.options.hits and not problems:
        runs += 1
        bench.fresh(name, mode)
        if DAMAGE[damage][0] is is_of_job:
            # Its checkpoint is read when it resumes.
            bench.run(bench.job(name, mode), {"STREAMCTL_FAILPOINT": "reply-read:kill@3"})
            between.arm(1, 2)
        else:
            between.arm(1, between.noise.choice((3, 12, 60)))
        outcome = bench.run(bench.job(name, mode, between.port))
        between.arm(0, 0)
        ends[outcome.status] += 1
        if outcome.status not in ENDS or outcome.status != 0 and not outcome.err.strip():
            problems += outcome.expect(0)
        if "\x1b" in outcome.err:
            problems.append(f"an escape in a message: {outcome.err!r}")
        for _ in range(50):
            last = bench.run(bench.job(name, mode))
            if last.status != 75:
                break
            time.sleep(0.2)
        problems += last.expect(0) + unlike_tables(bench.session, "oracle", name)
    between.close()
    if not problems and not between.struck:
        problems = ["it never struck"]
    return problems, f"{between.struck} times in {runs} runs, which ended with {dict(ends)}"


def checks(bench):
    for mode in ("append", "upsert"):
        for damage in DAMAGE:
            bench.report.check(f"{damage}, {mode}", damaged, bench, damage, mode)
