"""Topics as output: values, keys, order, rows that cannot be delivered, flushing, and a broker that is slow or down."""

import array
import collections
import fcntl
import json
import random
import signal
import subprocess
import termios
import time

from ..common.compare import rows_of, unlike_lists
from ..common.processes import wait_until
from . import rig

FLAGS = ("-t", "event_time", "-w", "10m", "-g", "sensor_id", "--count", "--avg", "temperature")


class Bench(rig.Bench):
    def prepare(self):
        self.cluster = self.full_cluster()
        self.file = self.demo("readings.jsonl", records=20000, keys=20, disorder="3s")

    def written(self, topic, *arguments, patience=60):
        return self.run([*arguments, "-o", self.cluster.url(topic)], patience=patience)

    def lines(self, topic):
        return [message.value().decode() for message in self.cluster.read(topic)]


def rows(bench):
    """The values are the lines that would be printed, and the key is the group key."""
    topic = bench.cluster.topic("rows", 3)
    problems = bench.written(topic, bench.file, *FLAGS).expect(0)
    problems += unlike_lists(bench.printed([bench.file, *FLAGS]).splitlines(), bench.lines(topic))
    partitions = collections.defaultdict(set)
    for message in bench.cluster.read(topic):
        sensor = json.loads(message.value())["sensor_id"]
        partitions[sensor].add(message.partition())
        if (message.key() or b"").decode() != sensor:
            return problems + [f"key {message.key()} of {sensor}"]
    return problems + [f"{sensor} is in partitions {found}" for sensor, found in partitions.items() if len(found) > 1][:1]


def order(bench):
    """The rows of a key are in the order of their windows."""
    topic, problems = bench.cluster.topic("order", 3), []
    problems += bench.written(topic, bench.file, *FLAGS, "-W", "5s").expect(0)
    last = {}
    for message in bench.cluster.read(topic):
        row = json.loads(message.value())
        if last.get(row["sensor_id"], "") >= row["window_start"]:
            return problems + [f"{row} after {last[row['sensor_id']]}"]
        last[row["sensor_id"]] = row["window_start"]
    return problems


def keys(bench):
    """--key chooses the fields; equal values have equal keys, different values different keys."""
    topic, problems = bench.cluster.topic("keys", 2), []
    problems += bench.written(topic, bench.file, "--select", "sensor_id,temperature", "--key", "sensor_id", "-n", "500").expect(0)
    for message in bench.cluster.read(topic):
        if (message.key() or b"").decode() != json.loads(message.value())["sensor_id"]:
            problems.append(f"--key sensor_id: {message.key()} with {message.value()}")
            break
    pairs = bench.cluster.topic("pairs", 2)
    problems += bench.written(pairs, bench.file, "-g", "sensor_id,humidity", "--count", "--key", "sensor_id,humidity").expect(0)
    known = {}
    for message in bench.cluster.read(pairs):
        row = json.loads(message.value())
        known.setdefault(message.key(), set()).add((row["sensor_id"], row["humidity"]))
    if None in known or any(len(values) > 1 for values in known.values()):
        problems.append("--key of two fields: one key for several values")
    outcome = bench.written(topic, bench.file, *FLAGS, "--key", "no_such_column")
    shown = next(iter(bench.cluster.read(pairs)), None)
    return problems + outcome.expect(64, "no_such_column"), f"a key of two fields is {shown and shown.key()}"


def no_key(bench):
    topic = bench.cluster.topic("total", 2)
    problems = bench.written(topic, bench.file, "--count").expect(0)
    found = [(message.key(), message.value()) for message in bench.cluster.read(topic)]
    return problems + ([] if found == [(None, b'{"count":20000}')] else [f"{found}"])


def odd_keys(bench):
    """null, empty, with quotes and control characters: the value is right and the run succeeds."""
    topic, path = bench.cluster.topic("odd-keys", 1), bench.folder / "odd-keys.jsonl"
    values = [None, "", 'a"b', "tab\t", "é", 5, 5.5, True, [1], {"a": None}]
    path.write_text("".join(json.dumps({"k": value}) + "\n" for value in values))
    problems = bench.written(topic, path, "-g", "k", "--count").expect(0)
    problems += unlike_lists(bench.printed([path, "-g", "k", "--count"]).splitlines(), bench.lines(topic))
    return problems, ", ".join(repr(message.key()) for message in bench.cluster.read(topic))


def chained(bench):
    """One run reads what another one writes, as through a pipe."""
    first, problems = bench.cluster.topic("first", 3), []
    second = bench.cluster.topic("second", 3)
    problems += bench.written(first, bench.file).expect(0)
    problems += bench.written(second, bench.cluster.url(first, until="end"), *FLAGS).expect(0)
    return problems + unlike_lists(bench.printed([bench.file, *FLAGS]).splitlines(), bench.lines(second))


def compressed(bench):
    topic, problems = bench.cluster.topic("compressed", 1), []
    for codec in ("gzip", "snappy", "lz4", "zstd"):
        problems += bench.written(topic, bench.file, "-X", f"compression.type={codec}", "-n", "1000").expect(0)
    return problems + ([] if len(bench.lines(topic)) == 4000 else [f"{len(bench.lines(topic))} rows instead of 4000"])


def no_topic(bench):
    """The message about a missing topic names it."""
    began = time.monotonic()
    outcome = bench.written("no-such-output", bench.file, *FLAGS)
    problems = outcome.expect(73, "no-such-output", "kafka-topics --bootstrap-server")
    problems += [] if time.monotonic() - began < 30 else ["it took too long"]
    return problems, f"{outcome.status}: {outcome.err.strip()[:150]}"


def too_large(bench, where):
    """A row that is too large for the client or the broker is reported and kept by --rejects; the others are delivered."""
    topic, path = bench.cluster.topic(f"too-large-{where}", 1), bench.folder / f"large-{where}.jsonl"
    size = 5000 if where == "client" else 1_000_100
    lines = [json.dumps({"n": n, "text": "x" * (size if n == 50 else 10)}) for n in range(100)]
    path.write_text("\n".join(lines) + "\n")
    limits = ["-X", "message.max.bytes=2000"] if where == "client" else ["-X", "message.max.bytes=4000000"]
    if where == "broker":
        bench.cluster.max_message = 500_000
    rejects = bench.folder / f"large-{where}.rejects"
    flags = [*limits, "--max-line", "4M", "-X", "linger.ms=0", "-X", "batch.num.messages=1"]
    outcome = bench.written(topic, path, *flags, "--rejects", rejects)
    bench.cluster.max_message = 1 << 20
    found = [json.loads(line)["n"] for line in bench.lines(topic)]
    words = {"client": "-X message.max.bytes=1100000", "broker": "max.message.bytes of the topic"}
    problems = outcome.expect(0, "1 of 100 rows", words[where])
    problems += unlike_lists([n for n in range(100) if n != 50], found)
    kept = rows_of(rejects.read_text())
    if len(kept) != 1 or '"n":50' not in json.dumps(kept[0], separators=(",", ":")).replace("\\", ""):
        problems.append(f"the file of rejects: {str(kept)[:200]}")
    return problems, f"{outcome.err.strip()[:150]}"


def all_too_large(bench):
    """If no row can be delivered, the run has failed: 65."""
    topic = bench.cluster.topic("all-too-large", 1)
    text = "x" * 3000
    return bench.written(topic, bench.file, "-n", "20", "--select", f"text='{text}'", "-X", "message.max.bytes=2000").expect(65)


def mock_cluster(bench):
    """The same rows in librdkafka's own mock cluster."""
    other = bench.mock(3)
    topic = other.topic("rows", 3)
    problems = bench.run([bench.file, *FLAGS, "-o", other.url(topic)]).expect(0)
    found = [message.value().decode() for message in other.read(topic)]
    return problems + unlike_lists(bench.printed([bench.file, *FLAGS]).splitlines(), found)


def flushed(bench):
    """Everything is delivered when the run has ended, by itself or by TERM."""
    topic = bench.cluster.topic("flushed", 2)
    problems = bench.written(topic, bench.file, "-X", "linger.ms=2000").expect(0)
    problems += unlike_lists(bench.file.read_text().splitlines(), bench.lines(topic))
    live = bench.cluster.topic("flushed-live", 2)
    process = bench.start(["-o", bench.cluster.url(live), "-X", "linger.ms=2000"], stdin=subprocess.PIPE)
    for n in range(1000):
        process.stdin.write(b'{"n":%d}\n' % n)
    process.stdin.flush()
    wait_until(lambda: waiting_bytes(process.stdin) == 0)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        return problems + ["it does not end"]
    finally:
        process.stdin.close()
        process.stderr.close()
    found = sorted(json.loads(line)["n"] for line in bench.lines(live))
    return problems + ([] if found == list(range(1000)) else [f"{len(found)} of 1000 rows after TERM"])


def waiting_bytes(pipe):
    """The bytes in a pipe that its reader has not read yet."""
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


def live(bench):
    """Rows do not wait for the end: they arrive soon after their window has closed."""
    topic = bench.cluster.topic("live", 1)
    process = bench.start(["-o", bench.cluster.url(topic), "-t", "t", "-w", "1m", "--count"], stdin=subprocess.PIPE)
    for minute in range(3):
        process.stdin.write(b'{"t":"2026-01-01T00:%02d:00Z"}\n' % minute)
    process.stdin.flush()
    came = wait_until(lambda: bench.cluster.bounds(topic)[0][1] >= 1, 8)
    process.stdin.close()
    process.wait(20)
    return [] if came else [f"{bench.cluster.bounds(topic)}"]


def backpressure(bench):
    """A slow broker: the run stops reading instead of losing rows or filling the memory."""
    topic = bench.cluster.topic("slow", 1)
    bench.cluster.strikes["Produce"] = lambda: 0.02
    outcome = bench.written(
        topic, bench.file, "-X", "queue.buffering.max.messages=200", "-X", "linger.ms=1", patience=90)
    bench.cluster.strikes.clear()
    return outcome.expect(0) + unlike_lists(bench.file.read_text().splitlines(), bench.lines(topic))


def lost_messages(bench):
    """Lost requests and lost answers: each row once, each partition in order."""
    broker, noise = bench.small(), random.Random(bench.seed)
    topic = broker.topic("lost", 1)
    broker.strikes["Produce"] = lambda: noise.choice(("unasked", "unanswered")) if noise.random() < 0.2 else None
    outcome = bench.run([bench.file, "-o", broker.url(topic), "-X", "batch.num.messages=500"], patience=120)
    broker.strikes.clear()
    found = [message.value().decode() for message in broker.read(topic)]
    wanted = bench.file.read_text().splitlines()
    problems = outcome.expect(0) + unlike_lists(wanted, found)
    if not problems and found != wanted:
        problems.append("the rows are out of order")
    return problems, f"struck {broker.struck['Produce']} times"


def down_for_a_while(bench):
    """A broker that is down for some seconds during a run."""
    broker = bench.small()
    topic = broker.topic("away", 1)
    broker.strikes["Produce"] = lambda: 0.05
    process = bench.start([
        bench.file, "-o", broker.url(topic), "-X", "batch.num.messages=200", "-X", "queue.buffering.max.messages=400"])
    wait_until(lambda: broker.topics[topic][0].end > 1000, 20)
    broker.down()
    time.sleep(4)
    lived = process.poll() is None
    broker.strikes.clear()
    broker.up()
    problems = bench.finish(process, 120).expect(0)
    found = [message.value().decode() for message in broker.read(topic)]
    return problems + ([] if lived else ["it did not wait"]) + unlike_lists(bench.file.read_text().splitlines(), found)


def outages(bench):
    """Two outages within a minute, of a live run from a topic to a topic: each client reports one, and its end once."""
    broker = bench.small()
    source, output = broker.topic("from", 1), broker.topic("to", 1)
    process = bench.start([broker.url(source), "-o", broker.url(output)])
    for number in range(1, 4):
        broker.produce(source, [{"n": number}])
        wait_until(lambda: broker.topics[output][0].end == number, 30)
        if number < 3:
            broker.down()
            time.sleep(1.5)
            broker.up()
            # The source asks every two seconds whether brokers are back.
            time.sleep(4.5)
    process.terminate()
    outcome = bench.finish(process, 30)
    problems = outcome.expect(143)
    lines = outcome.err.splitlines()
    for name in (source, output):
        found = [line for line in lines if f"/{name}: " in line]
        words = ["no broker can be reached", "recovered after"]
        # The producer notices an outage only if it fails to reach a broker before the end of it.
        if [word for line in found for word in words if word in line] != words and (name == source or found):
            problems.append(f"{name}: {found}")
    return problems, outcome.err.strip()[:200]


def down_forever(bench):
    """A broker that stays down: the run ends with 69 or 74 and a message; TERM ends it earlier."""
    problems, endings = [], []
    for by_signal in (False, True):
        broker = bench.small()
        topic = broker.topic("gone", 1)
        broker.strikes["Produce"] = lambda: 0.05
        process = bench.start([
            bench.file, "-o", broker.url(topic), "-X", "message.timeout.ms=4000", "-X", "batch.num.messages=200",
            "-X", "queue.buffering.max.messages=400"])
        wait_until(lambda: broker.topics[topic][0].end > 1000, 20)
        broker.down()
        if by_signal:
            time.sleep(0.5)
            process.terminate()
        began = time.monotonic()
        outcome = bench.finish(process, 60)
        seconds = time.monotonic() - began
        endings.append(f"{outcome.status} after {seconds:.1f} s")
        if outcome.status not in ((69, 74, 143) if by_signal else (69, 74)):
            problems += outcome.expect(74)
        if not outcome.err.strip():
            problems.append("it printed no message")
        if by_signal and seconds > 10:
            problems.append(f"TERM took {seconds:.1f} s")
    return problems, ", ".join(endings)


def absent(bench):
    closed, address = rig.closed_port()
    with closed:
        began = time.monotonic()
        outcome = bench.run([bench.file, "--count", "-o", f"kafka://{address}/out"], patience=60)
        seconds = time.monotonic() - began
    return outcome.expect(69, address) + ([] if seconds < 20 else [f"it took {seconds:.1f} s"]), f"{seconds:.1f} s"


def usage(bench):
    problems, base = [], f"kafka://{bench.cluster.address}"
    for output in (base, base + "/", base + "/a,b", base + "/a?start=end", base + "/a?colour=red"):
        outcome = bench.run([bench.file, "--count", "-o", output], patience=30)
        problems += [f"{output}: {problem}" for problem in outcome.expect(64)]
    return problems


def checks(bench):
    check = bench.report.check
    check("values and keys", rows, bench)
    check("order", order, bench)
    check("--key", keys, bench)
    check("no key without a group", no_key, bench)
    check("odd keys", odd_keys, bench)
    check("a topic that is written, then read", chained, bench)
    check("compression", compressed, bench)
    check("a missing topic", no_topic, bench)
    check("a row too large for the client", too_large, bench, "client")
    check("all rows too large", all_too_large, bench)
    check("everything is delivered at the end", flushed, bench)
    check("rows of a live run", live, bench)
    check("invalid outputs", usage, bench)
    check("no broker at the start", absent, bench)
    check("the mock cluster", mock_cluster, bench)
    damaging = bench.damaging
    damaging("a row too large for the broker", too_large, bench, "broker")
    damaging("a slow broker", backpressure, bench)
    damaging("requests and answers lost", lost_messages, bench)
    damaging("a broker down for a while", down_for_a_while, bench)
    damaging("outages that follow each other", outages, bench)
    damaging("a broker that stays down", down_forever, bench)
