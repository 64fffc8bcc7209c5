"""Topics as input: where reading begins and ends, partitions, groups, metadata, payloads of all kinds, options, refusals.

    python3 Tests/Kafka/reading.py BINARY [MOCKBINARY] [--seed N]
"""

import collections
import datetime
import json
import signal
import time

import rig
import cluster
import common

# The times of the records: one a second.
T0 = 1_767_225_600_000
COUNT = 2000


def rfc(milliseconds):
    at = datetime.datetime.fromtimestamp(milliseconds // 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return at + (f".{milliseconds % 1000:03}" if milliseconds % 1000 else "") + "Z"


class Bench(rig.Bench):
    def __enter__(self):
        self.cluster = self.full_cluster()
        self.topic = self.cluster.topic("plain", 4)
        self.cluster.produce(self.topic, [
            {"value": {"n": n, "kind": "ab"[n % 2]}, "key": f"key{n % 7}", "partition": n * n % 4 + n % 2 * 2, "timestamp": T0 + n * 1000}
            for n in range(COUNT)])
        self.messages = self.cluster.read(self.topic)
        return self

    def rows(self, url, *flags):
        return common.rows_of(self.printed([url, *flags]))

    def numbers(self, url, *flags):
        """The field n of all rows, sorted."""
        return sorted(row["n"] for row in self.rows(url, *flags))


def unlike_lists(expected, found):
    missing = collections.Counter(map(str, expected)) - collections.Counter(map(str, found))
    extra = collections.Counter(map(str, found)) - collections.Counter(map(str, expected))
    if not missing and not extra:
        return []
    return [f"{len(found)} instead of {len(expected)}; missing {list(missing)[:3]}, too much {list(extra)[:3]}"]


def all_records(bench, *flags):
    return unlike_lists(range(COUNT), bench.numbers(bench.cluster.url(bench.topic, until="end"), *flags))


def unchanged(bench):
    """Without a computed column the values come out as they are."""
    found = bench.printed([bench.cluster.url(bench.topic, until="end")]).splitlines()
    return unlike_lists([message.value().decode() for message in bench.messages], found)


def in_order(bench):
    """Each partition by itself keeps its order."""
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
    wanted = [json.loads(message.value())["n"] for message in bench.messages if message.partition() == 2 and message.offset() < 100]
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
        {"window_start": rfc(minute * 60000), "window_end": rfc((minute + 1) * 60000), "count": len(items), "sum_n": sum(items)}
        for minute, items in sorted(groups.items())]
    problems = [] if rows == wanted else unlike_lists(wanted, rows) or ["the rows are out of order"]
    times = bench.rows(url, "--select", "n,at=@kafka_time", "-n", "10")
    for row in times:
        if row["at"] not in (rfc(T0 + row["n"] * 1000), T0 + row["n"] * 1000, (T0 + row["n"] * 1000) * 1000):
            problems.append(f"@kafka_time of record {row['n']}: {row['at']}")
            break
    return problems


def between(bench):
    """start= and until= by time, each half of it and both."""
    problems = []
    for low, high in ((None, 700), (700, None), (300, 1100), (1999, None), (None, 0), (5000, None), (None, 5000), (900, 300)):
        query = {}
        if low is not None:
            query["start"] = "@" + rfc(T0 + low * 1000)
        query["until"] = "end" if high is None else "@" + rfc(T0 + high * 1000)
        wanted = range(low or 0, min(COUNT, COUNT if high is None else high))
        problems += [f"{query}: {problem}" for problem in unlike_lists(
            wanted, bench.numbers(bench.cluster.url(bench.topic, **query)))]
    return problems


def ago(bench):
    topic, now = bench.cluster.topic("ago", 2), int(time.time() * 1000)
    bench.cluster.produce(topic, [
        {"value": {"n": n}, "partition": n % 2, "timestamp": now - hours * 3_600_000} for n, hours in enumerate((5, 4, 3, 2, 1, 0))])
    found = bench.numbers(bench.cluster.url(topic, start="-150m", until="end"))
    return unlike_lists([3, 4, 5], found)


def from_end(bench):
    """start=end: only what comes later."""
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
    rows = common.rows_of(outcome.out)
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
    """Offsets are committed to the group, for others to see and for start=stored."""
    topic, name = bench.cluster.topic("grouped", 3), f"group-{bench.cluster.token}"
    bench.cluster.produce(topic, [{"value": {"n": n}, "partition": n % 3} for n in range(300)])
    url = bench.cluster.url(topic, start="beginning", until="end", group=name)
    problems = unlike_lists(range(300), bench.numbers(url))
    offsets = [offset for offset, _ in bench.cluster.committed(name, topic).values()]
    if offsets != [100, 100, 100]:
        problems.append(f"committed {offsets}")
    bench.cluster.produce(topic, [{"value": {"n": 300 + n}, "partition": n % 3} for n in range(30)])
    stored = bench.cluster.url(topic, start="stored", until="end", group=name)
    problems += unlike_lists(range(300, 330), bench.numbers(stored)) + unlike_lists([], bench.numbers(stored))
    bench.cluster.commit(name, topic, {0: 50, 1: 110, 2: 110})
    return problems + unlike_lists([n for n in range(330) if n % 3 == 0 and n // 3 >= 50], bench.numbers(stored))


def group_with_windows(bench):
    """What open windows need is read again by a run that follows a killed one: nothing is lost, and no row is a part only."""
    topic, name = bench.cluster.topic("grouped-windows", 1), f"windows-{bench.cluster.token}"
    flags = ("-t", "t", "-w", "1m", "--count")
    process = bench.start([bench.cluster.url(topic, start="stored", group=name), *flags])
    for start, end in ((0, 510), (510, 590), (590, 600)):
        bench.cluster.produce(topic, [{"n": n, "t": rfc(T0 + n * 1000)} for n in range(start, end)])
        time.sleep(1.5)
    committed = common.wait_until(lambda: bench.cluster.committed(name, topic)[0][0] > 0, 20)
    process.send_signal(signal.SIGKILL)
    rows = common.rows_of(bench.finish(process).out)
    offset = bench.cluster.committed(name, topic)[0][0]
    problems = [] if committed and offset <= 540 else [f"committed {offset}; the oldest open window begins at 540"]
    rows += common.rows_of(bench.printed([bench.cluster.url(topic, start="stored", until="end", group=name), *flags]))
    problems += unlike_lists([rfc(T0 + n * 60000) for n in range(10)], sorted({row["window_start"] for row in rows}))
    return problems + [f"a part of a window: {row}" for row in rows if row["count"] != 60], f"committed {offset}"


def without_group(bench):
    return bench.run([bench.cluster.url(bench.topic, start="stored", until="end")]).expect(64, "group=")


def max_records(bench):
    rows = bench.rows(bench.cluster.url(bench.topic), "-n", "17")
    return [] if len(rows) == 17 else [f"{len(rows)} rows"]


def empty_topic(bench):
    topic = bench.cluster.topic("empty", 3)
    outcome = bench.run([bench.cluster.url(topic, until="end")])
    return outcome.expect(0) + ([] if outcome.out == "" and outcome.err == "" else [f"{outcome.out!r} {outcome.err!r}"])


PAYLOADS = [
    (b'{"n":1}', "taken"), (None, "rejected"), (b"", "rejected"), (b"   ", "rejected"), (b"no json", "rejected"), (b'{"n":2', "rejected"),
    (b"[1]", "rejected"), (b"\xff\xfe", "rejected"), (b'{"n":"\xff"}', "rejected"), (b'{\n  "n": 3\n}', "taken"), (b'{"n":4}\n', "taken"),
    (b'{"n":5}\r\n', "taken"), (b'{"n":6}\0', "rejected"), (b"\0\0\0\0\x01{}", "rejected"), (b'{"n":7}{"n":8}', "rejected"),
    (b'{"n":9} x', "rejected"), (b' \t{"n":10} ', "taken"), (b'{"n":' + b"[" * 600 + b"]" * 600 + b"}", "rejected"), (b'{"n":11}', "taken")]


def payloads(bench):
    """A message is a record, whatever stands in it; what is none is rejected with its place."""
    topic = bench.cluster.topic("odd", 2)
    bench.cluster.produce(topic, [{"value": payload, "partition": 1} for payload, _ in PAYLOADS])
    path = bench.folder / "odd.rejects"
    outcome = bench.run([bench.cluster.url(topic, until="end"), "--select", "n", "--rejects", path])
    taken = [offset for offset, (_, fate) in enumerate(PAYLOADS) if fate == "taken"]
    problems = outcome.expect(0) + unlike_lists([1, 3, 4, 5, 10, 11], [row["n"] for row in common.rows_of(outcome.out)])
    rejects = common.rows_of(path.read_text())
    problems += unlike_lists([n for n in range(len(PAYLOADS)) if n not in taken], [row.get("offset") for row in rejects])
    problems += [f"source {row['source']}" for row in rejects if row["source"] != f"{topic}[1]"][:1]
    if f"{topic}[1]" not in outcome.err:
        problems.append(f"the message does not name the place: {outcome.err}")
    strict = bench.run([bench.cluster.url(topic, until="end"), "--select", "n", "--strict"])
    return problems + strict.expect(65, f"{topic}[1]")


def two_lines(bench):
    """A message with two records in two lines: whatever becomes of it, it is not silent, and later ones are not shifted."""
    topic = bench.cluster.topic("two-lines", 1)
    bench.cluster.produce(topic, [b'{"n":1}\n{"n":2}', b'{"n":3}'])
    outcome = bench.run([bench.cluster.url(topic, until="end"), "--select", "n,o=@offset"])
    rows = common.rows_of(outcome.out)
    if rows and rows[-1] != {"n": 3, "o": 1}:
        return [f"rows {rows}"]
    problems = [] if len(rows) == 3 or "reject" in outcome.err else [f"rows {rows} and no word: {outcome.err}"]
    return problems, "two records" if len(rows) == 3 else "rejected"


def keys(bench):
    """Keys of all kinds: none, empty, no UTF-8, with zeros, quotes and controls."""
    topic = bench.cluster.topic("keys", 1)
    given = [None, b"", b"plain", b"\xff\x00\xfe", b'a"b\\c', "é\t\n".encode(), b"12"]
    bench.cluster.produce(topic, [{"value": {"n": n}, "key": key} for n, key in enumerate(given)])
    done = bench.run([bench.cluster.url(topic, until="end"), "--select", "n,key=@key"])
    found = {row["n"]: row["key"] for row in common.rows_of(done.out)}
    problems = done.expect(0)
    for n, key in enumerate(given):
        if n not in found:
            problems.append(f"the record with key {key} is missing: {done.err}")
        elif n != 3 and found[n] != (None if key is None else key.decode()):
            problems.append(f"key {key} became {found[n]!r}")
    grouped = bench.run([bench.cluster.url(topic, until="end"), "-g", "key=@key", "--count"])
    return problems + grouped.expect(0), f"a key that is no UTF-8 is {found.get(3)!r}"


def compressed(bench, codec):
    topic = bench.cluster.topic(codec, 2)
    bench.cluster.produce(topic, [{"n": n, "text": "x" * 100} for n in range(1000)], compression_type=codec)
    return unlike_lists(range(1000), bench.numbers(bench.cluster.url(topic, until="end")))


def large(bench):
    """Messages near the limit of what brokers take by default."""
    topic = bench.cluster.topic("large", 1)
    bench.cluster.produce(topic, [{"n": n, "text": "y" * (990_000 - n)} for n in range(30)])
    return unlike_lists(range(30), bench.numbers(bench.cluster.url(topic, until="end"), "--select", "n"))


def idempotent_producer(bench):
    topic = bench.cluster.topic("idempotent", 2)
    bench.cluster.produce(topic, [{"n": n} for n in range(1000)], enable_idempotence=True)
    return unlike_lists(range(1000), bench.numbers(bench.cluster.url(topic, until="end")))


def new_partitions(bench):
    """A live run reads partitions that are added later, from their beginning."""
    broker = bench.small()
    topic = broker.topic("growing", 1)
    broker.produce(topic, [{"n": 0}])
    process = bench.start([broker.url(topic), "-X", "topic.metadata.refresh.interval.ms=500", "-n", "3"])
    time.sleep(1)
    broker.add_partitions(topic, 2)
    broker.produce(topic, [{"value": {"n": 1}, "partition": 1}, {"value": {"n": 2}, "partition": 2}])
    outcome = bench.finish(process, 100)
    return outcome.expect(0) + unlike_lists([0, 1, 2], [row["n"] for row in common.rows_of(outcome.out)])


def options(bench):
    outcome = bench.run(["-X", "list"])
    problems = outcome.expect(0) + [f"-X list has no {word}" for word in ("fetch.min.bytes", "sasl.mechanism") if word not in outcome.out]
    url = bench.cluster.url(bench.topic, until="end")
    problems += bench.run([url, "-X", "wrong.name=1"]).expect(64, "wrong.name")
    problems += bench.run([url, "-X", "fetch.min.bytes=many"]).expect(64, "fetch.min.bytes")
    problems += bench.run([url, "-X", "no-equals-sign"]).expect(64)
    return problems + unlike_lists(range(COUNT), bench.numbers(url, "-X", "fetch.min.bytes=1", "-X", "client.id=test"))


def secrets(bench):
    """A password is shown nowhere: not in messages, not in --explain, not when it is wrong."""
    word, problems = "canary-7f3a", []
    url = bench.cluster.url(bench.topic, until="end")
    sasl = ["-X", "security.protocol=SASL_PLAINTEXT", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.username=me", "-X", f"sasl.password={word}"]
    for arguments in (
            [url, *sasl], [url, *sasl, "--explain"], [url, *sasl, "-v", "-X", "bogus=1"], [url, "-X", f"sasl.passwort={word}"],
            [url, *sasl, "-X", "debug=all", "-n", "1"], [url, "-X", f"ssl.key.password={word}", "-X", f"ssl.key.location=/{word[:3]}"],
            [url.replace("kafka://", f"kafka://me:{word}@")], [url.replace("kafka://", f"kafka://me:{word}@"), "--explain"],
            [url, *sasl, "--generate", "flink-sql"]):
        outcome = bench.run(arguments, patience=60)
        if word in outcome.out + outcome.err:
            problems.append(f"{' '.join(arguments[1:])} shows the password: {(outcome.out + outcome.err)[:200]}")
        if outcome.status in (-1, 70) or outcome.status > 128:
            problems.append(f"{' '.join(arguments[1:])}: status {outcome.status} {outcome.err[:200]}")
    return problems


def missing_topic(bench):
    problems = []
    for topics in (("no-such-topic",), (bench.topic, "no-such-topic")):
        began = time.monotonic()
        problems += bench.run([bench.cluster.url(*topics, until="end")]).expect(66, "no-such-topic")
        if time.monotonic() - began > 20:
            problems.append(f"it took {time.monotonic() - began:.0f} s")
    return problems


def usage(bench):
    problems, base = [], f"kafka://{bench.cluster.address}"
    for url in (base, base + "/", f"kafka:///{bench.topic}", f"{base}/t?start=soon", f"{base}/t?until=stored", f"{base}/t?until=tomorrow",
                f"{base}/t?colour=red", f"{base}/t?partitions=5-2", f"{base}/t?partitions=x", f"{base}/t?start=@", f"{base}/t?start",
                f"{base}/a,,b", f"{base}/a/b", f"{base}/t?group=", f"{base}/bad topic", "kafka://h:99999/t", "kafka://h:x/t",
                f"{base}/t?start=-5", f"{base}/t?start=-0s&until=@2026-01-01"):
        outcome = bench.run([url], patience=30)
        if url.endswith("@2026-01-01"):
            continue
        problems += [f"{url}: {problem}" for problem in outcome.expect(64)]
    return problems


def threads(bench):
    problems = []
    for jobs in (1, 2, 4):
        problems += all_records(bench, "-j", jobs)
    return problems


def ended_live(bench):
    """Without a job TERM closes and prints the open windows, and leaves with 143."""
    process = bench.start([bench.cluster.url(bench.topic), "-t", "@kafka_time", "-w", "1h", "--count", "-v"])
    time.sleep(2.5)
    process.terminate()
    outcome = bench.finish(process, 15)
    counts = [row["count"] for row in common.rows_of(outcome.out)]
    return outcome.expect(143) + ([] if sum(counts) == COUNT else [f"counts {counts}"])


def main():
    with Bench(__doc__) as bench:
        check = bench.report.check
        check("all records of a topic", all_records, bench)
        check("values come out as they are", unchanged, bench)
        check("partitions keep their order", in_order, bench)
        check("any number of threads", threads, bench)
        check("@key @topic @partition @offset", metadata, bench)
        check("metadata in --by and --where", metadata_by, bench)
        check("@kafka_time", kafka_time, bench)
        check("start= and until= a time", between, bench)
        check("start= so long ago", ago, bench)
        check("start=end", from_end, bench)
        check("partitions=", partitions, bench)
        check("two topics", two_topics, bench)
        check("group= and start=stored", group, bench)
        check("group= with windows commits what is needed again", group_with_windows, bench)
        check("start=stored needs a group", without_group, bench)
        check("--max-records", max_records, bench)
        check("an empty topic", empty_topic, bench)
        check("payloads", payloads, bench)
        check("a payload of two lines", two_lines, bench)
        check("keys", keys, bench)
        for codec in ("gzip", "snappy", "lz4", "zstd"):
            check(f"compressed: {codec}", compressed, bench, codec)
        check("large messages", large, bench)
        check("an idempotent producer", idempotent_producer, bench)
        check("-X", options, bench)
        check("passwords", secrets, bench)
        check("a topic that is not there", missing_topic, bench)
        check("URLs that make no sense", usage, bench)
        check("live, ended by TERM", ended_live, bench)
        if not cluster.REAL:
            check("partitions that are added", new_partitions, bench)


if __name__ == "__main__":
    main()
