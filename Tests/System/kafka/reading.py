"""Topics as input: start and end, partitions, groups, metadata, and topics that do not exist."""

import collections
import datetime
import json
import pathlib
import signal
import time

from ..common.compare import rows_of, unlike_lists
from ..common.processes import wait_until
from . import protocol, rig

# One record a second.
COUNT = 2000


def rfc(milliseconds):
    at = datetime.datetime.fromtimestamp(milliseconds // 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return at + (f".{milliseconds % 1000:03}" if milliseconds % 1000 else "") + "Z"


# Small messages of many partitions.
MANY, EACH = 100, 6000


class Bench(rig.Bench):
    def prepare(self):
        self.cluster = self.full_cluster()
        self.topic = self.cluster.topic("plain", 4)
        self.cluster.produce(self.topic, [
            {"value": {"n": n, "kind": "ab"[n % 2]}, "key": f"key{n % 7}", "partition": n * n % 4 + n % 2 * 2,
             "timestamp": rig.T0 + n * 1000}
            for n in range(COUNT)])
        self.messages = self.cluster.read(self.topic)

    def rows(self, url, *flags):
        return rows_of(self.printed([url, *flags]))

    def numbers(self, url, *flags):
        """The field n of all rows, sorted."""
        return sorted(row["n"] for row in self.rows(url, *flags))


def all_records(bench, *flags):
    return unlike_lists(range(COUNT), bench.numbers(bench.cluster.url(bench.topic, until="end"), *flags))


def unchanged(bench):
    """Without a computed column the values are printed unchanged."""
    found = bench.printed([bench.cluster.url(bench.topic, until="end")]).splitlines()
    return unlike_lists([message.value().decode() for message in bench.messages], found)


def in_order(bench):
    """Each partition keeps its own order."""
    rows = bench.rows(bench.cluster.url(bench.topic, until="end"), "--select", "p=@partition,o=@offset")
    problems = []
    for partition in range(4):
        offsets = [row["o"] for row in rows if row["p"] == partition]
        if offsets != sorted(offsets):
            problems.append(f"partition {partition} is out of order")
    return problems


def metadata(bench):
    rows = bench.rows(
        bench.cluster.url(bench.topic, until="end"), "--select", "n,key=@key,topic=@topic,partition=@partition,offset=@offset")
    wanted = [
        {"n": json.loads(message.value())["n"], "key": message.key().decode(), "topic": message.topic(),
         "partition": message.partition(), "offset": message.offset()} for message in bench.messages]
    return unlike_lists(wanted, rows)


def metadata_by(bench):
    """In --by, --where and expressions."""
    url = bench.cluster.url(bench.topic, until="end")
    counts = collections.Counter((message.partition(), message.key().decode()) for message in bench.messages)
    rows = bench.rows(url, "--by", "@partition,@key", "--count")
    names = list(rows[0])
    problems = unlike_lists(
        [(*key, count) for key, count in counts.items()], [tuple(row[name] for name in names) for row in rows])
    wanted = [
        json.loads(message.value())["n"] for message in bench.messages
        if message.partition() == 2 and message.offset() < 100]
    problems += unlike_lists(wanted, bench.numbers(url, "--where", "@partition == 2 and @offset < 100"))
    return problems + unlike_lists(
        [{"topic": bench.topic, "count": COUNT}], bench.rows(url, "-g", "topic=@topic", "--count"))


def kafka_time(bench):
    url = bench.cluster.url(bench.topic, until="end")
    rows = bench.rows(url, "-t", "@kafka_time", "-w", "1m", "--count", "--sum", "n")
    groups = collections.defaultdict(list)
    for message in bench.messages:
        groups[message.timestamp()[1] // 60000].append(json.loads(message.value())["n"])
    wanted = [
        {"window_start": rfc(minute * 60000), "window_end": rfc((minute + 1) * 60000), "count": len(items),
         "sum_n": sum(items)}
        for minute, items in sorted(groups.items())]
    problems = [] if rows == wanted else unlike_lists(wanted, rows) or ["the rows are out of order"]
    times = bench.rows(url, "--select", "n,at=@kafka_time", "-n", "10")
    for row in times:
        if row["at"] not in (rfc(rig.T0 + row["n"] * 1000), rig.T0 + row["n"] * 1000, (rig.T0 + row["n"] * 1000) * 1000):
            problems.append(f"@kafka_time of record {row['n']}: {row['at']}")
            break
    return problems


def between(bench):
    """start= and until= by time, each alone and both."""
    problems = []
    for low, high in ((None, 700), (700, None), (300, 1100), (1999, None), (None, 0), (5000, None), (None, 5000), (900, 300)):
        query = {}
        if low is not None:
            query["start"] = "@" + rfc(rig.T0 + low * 1000)
        query["until"] = "end" if high is None else "@" + rfc(rig.T0 + high * 1000)
        wanted = range(low or 0, min(COUNT, COUNT if high is None else high))
        problems += [f"{query}: {problem}" for problem in unlike_lists(
            wanted, bench.numbers(bench.cluster.url(bench.topic, **query)))]
    # Milliseconds, and seconds with a fraction.
    for at in (rig.T0 + 300_001, f"{rig.T0 // 1000 + 300}.001"):
        problems += unlike_lists(range(301, COUNT), bench.numbers(bench.cluster.url(bench.topic, start=f"@{at}", until="end")))
    return problems


def ago(bench):
    topic, now = bench.cluster.topic("ago", 2), int(time.time() * 1000)
    bench.cluster.produce(topic, [
        {"value": {"n": n}, "partition": n % 2, "timestamp": now - hours * 3_600_000}
        for n, hours in enumerate((5, 4, 3, 2, 1, 0))])
    found = bench.numbers(bench.cluster.url(topic, start="-150m", until="end"))
    return unlike_lists([3, 4, 5], found)


def from_end(bench):
    """start=end: only records that are written later."""
    topic = bench.cluster.topic("later", 1)
    bench.cluster.produce(topic, [{"n": -1}] * 10)
    problems = unlike_lists([], bench.numbers(bench.cluster.url(topic, start="end", until="end")))
    process = bench.start([bench.cluster.url(topic, start="end"), "-n", "1"])
    sent = 0
    while process.poll() is None and sent < 300:
        bench.cluster.produce(topic, [{"n": sent}])
        sent += 1
        time.sleep(0.1)
    process.terminate()
    outcome = bench.finish(process)
    rows = rows_of(outcome.out)
    return problems + outcome.expect(0) + ([] if len(rows) == 1 and rows[0]["n"] >= 0 else [f"rows {rows}"])


def partitions(bench):
    problems = []
    for words, wanted in (("1-2", {1, 2}), ("3", {3}), ("0-3", {0, 1, 2, 3}), ("0", {0})):
        numbers = [json.loads(message.value())["n"] for message in bench.messages if message.partition() in wanted]
        problems += unlike_lists(numbers, bench.numbers(bench.cluster.url(bench.topic, partitions=words, until="end")))
    outcome = bench.run([bench.cluster.url(bench.topic, partitions="2-9", until="end")])
    return problems + outcome.expect(66, bench.topic)


def two_topics(bench):
    other = bench.cluster.topic("other", 2)
    bench.cluster.produce(other, [{"n": COUNT + n} for n in range(500)])
    url = bench.cluster.url(bench.topic, other, until="end")
    problems = unlike_lists(range(COUNT + 500), bench.numbers(url))
    return problems + unlike_lists(
        [{"topic": bench.topic, "count": COUNT}, {"topic": other, "count": 500}],
        bench.rows(url, "-g", "topic=@topic", "--count"))


def group(bench):
    """Offsets are committed to the group, for monitoring and for start=stored."""
    topic, name = bench.cluster.topic("grouped", 3), f"group-{bench.cluster.token}"
    bench.cluster.produce(topic, [{"value": {"n": n}, "partition": n % 3} for n in range(300)])
    url = bench.cluster.url(topic, start="beginning", until="end", group=name)
    problems = unlike_lists(range(300), bench.numbers(url))
    offsets = list(bench.cluster.committed(name, topic).values())
    if offsets != [100, 100, 100]:
        problems.append(f"committed {offsets}")
    bench.cluster.produce(topic, [{"value": {"n": 300 + n}, "partition": n % 3} for n in range(30)])
    stored = bench.cluster.url(topic, start="stored", until="end", group=name)
    problems += unlike_lists(range(300, 330), bench.numbers(stored)) + unlike_lists([], bench.numbers(stored))
    bench.cluster.commit(name, topic, {0: 50, 1: 110, 2: 110})
    return problems + unlike_lists([n for n in range(330) if n % 3 == 0 and n // 3 >= 50], bench.numbers(stored))


def group_with_windows(bench):
    """After a kill the next run reads again what open windows need: nothing is lost, and no row is partial."""
    topic, name = bench.cluster.topic("grouped-windows", 1), f"windows-{bench.cluster.token}"
    flags = ("-t", "t", "-w", "1m", "--count")
    process = bench.start([bench.cluster.url(topic, start="stored", group=name), *flags])
    for start, end in ((0, 510), (510, 590), (590, 600)):
        bench.cluster.produce(topic, [{"n": n, "t": rfc(rig.T0 + n * 1000)} for n in range(start, end)])
        bench.wait_until_read(topic)
    committed = wait_until(lambda: bench.cluster.committed(name, topic)[0] > 0, 20)
    process.send_signal(signal.SIGKILL)
    rows = rows_of(bench.finish(process).out)
    offset = bench.cluster.committed(name, topic)[0]
    problems = [] if committed and offset <= 540 else [f"committed {offset}; the oldest open window begins at 540"]
    rows += rows_of(bench.printed([bench.cluster.url(topic, start="stored", until="end", group=name), *flags]))
    problems += unlike_lists([rfc(rig.T0 + n * 60000) for n in range(10)], sorted({row["window_start"] for row in rows}))
    return problems + [f"a partial window: {row}" for row in rows if row["count"] != 60], f"committed {offset}"


def group_not_late(bench):
    """What an earlier run of the group has printed is not late in the next one."""
    topic, name = bench.cluster.topic("grouped-late", 1), f"late-{bench.cluster.token}"
    flags = ("-t", "t", "-W", "0s", "-w", "1m", "--count", "-v")
    bench.cluster.produce(topic, [{"n": n, "t": rfc(rig.T0 + n * 1000)} for n in range(100)])
    process = bench.start_and_read(topic, lambda: bench.start([bench.cluster.url(topic, group=name), *flags]))
    committed = wait_until(lambda: bench.cluster.committed(name, topic)[0] >= 0, 20)
    process.send_signal(signal.SIGKILL)
    problems = [] if committed else ["nothing was committed"]
    problems += unlike_lists([60], [row["count"] for row in rows_of(bench.finish(process).out)])
    # Of these, the second one belongs to the printed minute.
    bench.cluster.produce(topic, [{"n": n, "t": rfc(rig.T0 + n * 1000)} for n in (100, 30, 101)])
    outcome = bench.run([bench.cluster.url(topic, group=name, until="end"), *flags])
    problems += outcome.expect(0, "1 of 103 records were late", "60 in windows of an earlier run")
    return problems + unlike_lists([42], [row["count"] for row in rows_of(outcome.out)])


def tombstones(bench):
    """Deletions in a compacted topic are counted apart; they are no rejects, not even with --strict."""
    topic, rejects = bench.cluster.topic("tombstones", 1), bench.folder / "tombstones.rejects"
    bench.cluster.produce(topic, [{"value": None, "key": "a"}])
    problems = []
    for flags in ((), ("--strict",)):
        outcome = bench.run([bench.cluster.url(topic, until="end"), "--select", "n,@key", "-v", *flags])
        problems += outcome.expect(0, "0 rejected, 1 tombstones")
    bench.cluster.produce(topic, [{"n": 1}, {"value": None, "key": "b"}, {"n": 2}])
    outcome = bench.run([bench.cluster.url(topic, until="end"), "--sum", "n", "--count", "--rejects", rejects])
    problems += outcome.expect(0) + unlike_lists([(3, 2)], [(row["sum_n"], row["count"]) for row in rows_of(outcome.out)])
    return problems + ([] if outcome.err == "" and not rejects.read_text() else [outcome.err, rejects.read_text()])


def without_group(bench):
    return bench.run([bench.cluster.url(bench.topic, start="stored", until="end")]).expect(64, "group=")


def max_records(bench):
    rows = bench.rows(bench.cluster.url(bench.topic), "-n", "17")
    return [] if len(rows) == 17 else [f"{len(rows)} rows"]


def empty_topic(bench):
    topic = bench.cluster.topic("empty", 3)
    outcome = bench.run([bench.cluster.url(topic, until="end")])
    problems = outcome.expect(0, "the input is empty")
    return problems + ([] if outcome.out == "" else [f"{outcome.out!r}"])


def new_partitions(bench):
    """A live run reads partitions that are added later, from their start."""
    broker = bench.small()
    topic = broker.topic("growing", 1)
    broker.produce(topic, [{"n": 0}])
    process = bench.start([broker.url(topic), "-X", "topic.metadata.refresh.interval.ms=500", "-n", "3"])
    time.sleep(1)
    broker.add_partitions(topic, 2)
    broker.produce(topic, [{"value": {"n": 1}, "partition": 1}, {"value": {"n": 2}, "partition": 2}])
    outcome = bench.finish(process, 100)
    return outcome.expect(0) + unlike_lists([0, 1, 2], [row["n"] for row in rows_of(outcome.out)])


def little_memory(bench):
    """While the output waits, what is fetched ahead has its limit, however many partitions there are; so has the rest."""
    broker, sent = bench.small(), []
    broker.create("many", MANY)
    value = b'{"n":1,"text":"as small as messages can be"}'
    for log in broker.topics["many"]:
        log.extend(protocol.batch([value] * (EACH // 2), rig.T0, 1000), [rig.T0, rig.T0 + 1000])

    def count(name, frame):
        if name == "Fetch":
            sent.append(len(frame))
        return (frame,)

    broker.damage = count
    process = bench.start([broker.url("many", until="end"), "-X", "check.crcs=false"])
    before = None
    # Fetches that bring nothing go on.
    while sum(sent) != before and sum(sent) < MANY * EACH * len(value):
        before = sum(sent)
        time.sleep(2)
    fetched = sum(sent) // len(value)
    problems = [] if fetched < MANY * EACH * 2 // 3 else [f"about {fetched} of {MANY * EACH} messages were fetched ahead"]
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    most = int(status.split("VmHWM:")[1].split()[0]) >> 10
    if most > 300:
        problems.append(f"{most} MiB were resident")
    outcome = bench.finish(process, 120)
    lines = outcome.out.count(value.decode())
    return problems + outcome.expect(0) + ([] if lines == MANY * EACH else [f"{lines} rows of {MANY * EACH}"])


def patterns(bench):
    """Topics that match a regular expression, of which new ones join a live run."""
    broker = bench.small()
    for name in ("orders-eu", "orders-us", "other-orders", "__orders-internal"):
        broker.create(name, 1)
        broker.produce(name, [{"from": name}])
    problems = []
    for text, wanted in (
            ("^orders-.*", ["orders-eu", "orders-us"]), ("^orders-(eu%7Cde)$", ["orders-eu"]),
            ("^orders-eu,other-orders,^order", ["orders-eu", "orders-us", "other-orders"]),
            ("^__orders", ["__orders-internal"]), ("orders%2Deu", ["orders-eu"]), ("^(orders-)%3Fe", ["orders-eu"])):
        rows = bench.rows(broker.url(text, until="end"))
        problems += unlike_lists(wanted, [row["from"] for row in rows])
    problems += bench.run([broker.url("^nothing", until="end")]).expect(66, "no topic matches '^nothing'")
    problems += bench.run([broker.url("^(", until="end")]).expect(64, "not a regular expression", "%3F")
    problems += bench.run([broker.url("a%2", until="end")]).expect(64, "%25")
    broker.fetched.clear()
    process = bench.start([broker.url("^orders-"), "-n", "3"])
    wait_until(lambda: broker.fetched.get(("orders-us", 0), 0) >= 1, 20)
    broker.create("orders-new", 1)
    broker.produce("orders-new", [{"from": "orders-new"}])
    outcome = bench.finish(process, 60)
    problems += outcome.expect(0, "also reading new partitions: orders-new[0]")
    return problems + unlike_lists(["orders-eu", "orders-us", "orders-new"], [row["from"] for row in rows_of(outcome.out)])


def missing_topic(bench):
    problems = []
    for topics in (("no-such-topic",), (bench.topic, "no-such-topic")):
        began = time.monotonic()
        problems += bench.run([bench.cluster.url(*topics, until="end")]).expect(66, "no-such-topic")
        if time.monotonic() - began > 20:
            problems.append(f"it took {time.monotonic() - began:.0f} s")
    return problems


def threads(bench):
    problems = []
    for jobs in (1, 2, 4):
        problems += all_records(bench, "-j", jobs)
    return problems


def ended_live(bench):
    """Without a job TERM closes and prints the open windows, and the exit status is 143."""
    arguments = [bench.cluster.url(bench.topic), "-t", "@kafka_time", "-w", "1h", "--count", "-v"]
    process = bench.start_and_read(bench.topic, lambda: bench.start(arguments))
    process.terminate()
    outcome = bench.finish(process, 15)
    counts = [row["count"] for row in rows_of(outcome.out)]
    return outcome.expect(143) + ([] if sum(counts) == COUNT else [f"counts {counts}"])


def checks(bench):
    check = bench.report.check
    check("all records of a topic", all_records, bench)
    check("values are printed unchanged", unchanged, bench)
    check("partitions keep their order", in_order, bench)
    check("any number of threads", threads, bench)
    check("@key @topic @partition @offset", metadata, bench)
    check("metadata in --by and --where", metadata_by, bench)
    check("@kafka_time", kafka_time, bench)
    check("start= and until= a time", between, bench)
    check("start= a duration ago", ago, bench)
    check("start=end", from_end, bench)
    check("partitions=", partitions, bench)
    check("two topics", two_topics, bench)
    check("group= and start=stored", group, bench)
    check("group= with windows commits the restart position", group_with_windows, bench)
    check("group= does not call late what an earlier run has printed", group_not_late, bench)
    check("tombstones", tombstones, bench)
    check("start=stored needs a group", without_group, bench)
    check("--max-records", max_records, bench)
    check("an empty topic", empty_topic, bench)
    check("a missing topic", missing_topic, bench)
    check("topics that match a regular expression", patterns, bench)
    check("live, ended by TERM", ended_live, bench)
    bench.damaging("partitions that are added", new_partitions, bench)
    check("many partitions and a slow output take little memory", little_memory, bench)
