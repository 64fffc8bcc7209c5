"""Messages of all kinds as input: payloads, keys, codecs, sizes; options of librdkafka, passwords, invalid URLs."""

import gzip

from ..common.compare import rows_of, unlike_lists
from . import reading
from .reading import COUNT


PAYLOADS = [
    (b'{"n":1}', "taken"), (None, "tombstone"), (b"", "rejected"), (b"   ", "rejected"), (b"no json", "rejected"),
    (b'{"n":2', "rejected"), (b"[1]", "rejected"), (b"\xff\xfe", "rejected"), (b'{"n":"\xff"}', "rejected"),
    (b'{\n  "n": 3\n}', "taken"), (b'{"n":4}\n', "taken"),
    (b'{"n":5}\r\n', "taken"), (b'{"n":6}\0', "rejected"), (b"\0\0\0\0\x01{}", "rejected"), (b'{"n":7}{"n":8}', "rejected"),
    (b'{"n":9} x', "rejected"), (b' \t{"n":10} ', "taken"), (b'{"n":' + b"[" * 600 + b"]" * 600 + b"}", "rejected"),
    (b'{"n":11}', "taken")]


Bench = reading.Bench


def payloads(bench):
    """A message is a record no matter what it contains; an invalid one is rejected with its position."""
    topic = bench.cluster.topic("odd", 2)
    bench.cluster.produce(topic, [{"value": payload, "partition": 1} for payload, _ in PAYLOADS])
    path = bench.folder / "odd.rejects"
    outcome = bench.run([bench.cluster.url(topic, until="end"), "--select", "n", "--rejects", path])
    refused = [offset for offset, (_, fate) in enumerate(PAYLOADS) if fate == "rejected"]
    # More than half of them are malformed, but with --rejects that is no failure.
    problems = outcome.expect(0) + unlike_lists([1, 3, 4, 5, 10, 11], [row["n"] for row in rows_of(outcome.out)])
    rejects = rows_of(path.read_text())
    problems += unlike_lists(refused, [row.get("offset") for row in rejects])
    problems += [f"source {row['source']}" for row in rejects if row["source"] != f"{topic}[1]"][:1]
    if f"{topic}[1]" not in outcome.err:
        problems.append(f"the message does not name the partition: {outcome.err}")
    strict = bench.run([bench.cluster.url(topic, until="end"), "--select", "n", "--strict"])
    return problems + strict.expect(65, f"{topic}[1]")


def two_lines(bench):
    """A message with two records in two lines: it is read or rejected with a warning, and later offsets are not shifted."""
    topic = bench.cluster.topic("two-lines", 1)
    bench.cluster.produce(topic, [b'{"n":1}\n{"n":2}', b'{"n":3}'])
    outcome = bench.run([bench.cluster.url(topic, until="end"), "--select", "n,o=@offset"])
    rows = rows_of(outcome.out)
    if rows and rows[-1] != {"n": 3, "o": 1}:
        return [f"rows {rows}"]
    problems = [] if len(rows) == 3 or "reject" in outcome.err else [f"rows {rows} and no warning: {outcome.err}"]
    return problems, "two records" if len(rows) == 3 else "rejected"


def keys(bench):
    """Keys of all kinds: none, empty, not UTF-8, with zeros, quotes and control characters."""
    topic = bench.cluster.topic("keys", 1)
    given = [None, b"", b"plain", b"\xff\x00\xfe", b'a"b\\c', "é\t\n".encode(), b"12"]
    bench.cluster.produce(topic, [{"value": {"n": n}, "key": key} for n, key in enumerate(given)])
    done = bench.run([bench.cluster.url(topic, until="end"), "--select", "n,key=@key"])
    found = {row["n"]: row["key"] for row in rows_of(done.out)}
    problems = done.expect(0)
    for n, key in enumerate(given):
        if n not in found:
            problems.append(f"the record with key {key} is missing: {done.err}")
        elif n != 3 and found[n] != (None if key is None else key.decode()):
            problems.append(f"key {key} became {found[n]!r}")
    grouped = bench.run([bench.cluster.url(topic, until="end"), "-g", "key=@key", "--count"])
    return problems + grouped.expect(0), f"a key that is not UTF-8 is {found.get(3)!r}"


def compressed(bench, codec):
    topic = bench.cluster.topic(codec, 2)
    bench.cluster.produce(topic, [{"n": n, "text": "x" * 100} for n in range(1000)], compression_type=codec)
    return unlike_lists(range(1000), bench.numbers(bench.cluster.url(topic, until="end")))


def large(bench):
    """Messages near the default size limit of brokers."""
    topic = bench.cluster.topic("large", 1)
    bench.cluster.produce(topic, [{"n": n, "text": "y" * (990_000 - n)} for n in range(30)])
    return unlike_lists(range(30), bench.numbers(bench.cluster.url(topic, until="end"), "--select", "n"))


def idempotent_producer(bench):
    topic = bench.cluster.topic("idempotent", 2)
    bench.cluster.produce(topic, [{"n": n} for n in range(1000)], enable_idempotence=True)
    return unlike_lists(range(1000), bench.numbers(bench.cluster.url(topic, until="end")))


def options(bench):
    outcome = bench.run(["-X", "list"])
    problems = outcome.expect(0)
    problems += [f"-X list has no {word}" for word in ("fetch.min.bytes", "sasl.mechanism") if word not in outcome.out]
    url = bench.cluster.url(bench.topic, until="end")
    problems += bench.run([url, "-X", "wrong.name=1"]).expect(64, "wrong.name")
    problems += bench.run([url, "-X", "fetch.min.bytes=many"]).expect(64, "fetch.min.bytes")
    problems += bench.run([url, "-X", "no-equals-sign"]).expect(64)
    return problems + unlike_lists(range(COUNT), bench.numbers(url, "-X", "fetch.min.bytes=1", "-X", "client.id=test"))


def secrets(bench):
    """A password is never shown: not in messages, not in --explain, not when it is wrong."""
    word, problems = "canary-7f3a", []
    url = bench.cluster.url(bench.topic, until="end")
    settings = ("security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", "sasl.username=me", f"sasl.password={word}")
    sasl = [flag for setting in settings for flag in ("-X", setting)]
    for arguments in (
            [url, *sasl], [url, *sasl, "--explain"], [url, *sasl, "-v", "-X", "bogus=1"], [url, "-X", f"sasl.passwort={word}"],
            [url, *sasl, "-X", "debug=all", "-n", "1"],
            [url, "-X", f"ssl.key.password={word}", "-X", f"ssl.key.location=/{word[:3]}"],
            [url.replace("kafka://", f"kafka://me:{word}@")], [url.replace("kafka://", f"kafka://me:{word}@"), "--explain"],
            [url, *sasl, "--completions", "flink-sql"]):
        outcome = bench.run(arguments, patience=60)
        if word in outcome.out + outcome.err:
            problems.append(f"{' '.join(arguments[1:])} shows the password: {(outcome.out + outcome.err)[:200]}")
        if outcome.status in (-1, 70) or outcome.status > 128:
            problems.append(f"{' '.join(arguments[1:])}: status {outcome.status} {outcome.err[:200]}")
    return problems


def usage(bench):
    problems, base = [], f"kafka://{bench.cluster.address}"
    for url in (base, base + "/", f"kafka:///{bench.topic}", f"{base}/t?start=soon", f"{base}/t?until=stored",
                f"{base}/t?until=tomorrow",
                f"{base}/t?colour=red", f"{base}/t?partitions=5-2", f"{base}/t?partitions=x", f"{base}/t?start=@", f"{base}/t?start",
                f"{base}/a,,b", f"{base}/a/b", f"{base}/t?group=", f"{base}/bad topic", "kafka://h:99999/t", "kafka://h:x/t",
                f"{base}/t?start=-5", f"{base}/t?start=-0s&until=@2026-01-01"):
        outcome = bench.run([url], patience=30)
        if url.endswith("@2026-01-01"):
            continue
        problems += [f"{url}: {problem}" for problem in outcome.expect(64)]
    return problems


def named(bench):
    """Messages in another encoding are named, with the place of the first one and the command that decodes them."""
    problems = []
    for name, value, parts in (
            ("wire", b"\0\0\0\0\x11\x02a", ("wire[0]@1: in Confluent wire format (schema 17), not JSON", "-X schema.registry.url=http")),
            ("zipped", gzip.compress(b'{"n":2}'), ("zipped[0]@1: gzip data, not JSON", "-t zipped -f %s | zcat | streamctl")),
            ("bytes", b"\x0a\x03\x01\x02", ("bytes[0]@1: binary data, not JSON", "messages of bytes[0] are binary data"))):
        topic = bench.cluster.topic(name, 1)
        bench.cluster.produce(topic, [b'{"n":1}', value, value, value])
        outcome = bench.run([bench.cluster.url(topic, until="end"), "--count"])
        problems += outcome.expect(65)
        problems += [f"{part} is not in {outcome.err}" for part in parts if part.replace(name, topic, 1) not in outcome.err]
        if rows_of(outcome.out) != [{"count": 1}]:
            problems.append(f"{name}: {outcome.out}")
    return problems


def checks(bench):
    check = bench.report.check
    check("payloads", payloads, bench)
    check("messages that are not JSON are named", named, bench)
    check("a payload of two lines", two_lines, bench)
    check("keys", keys, bench)
    for codec in ("gzip", "snappy", "lz4", "zstd"):
        check(f"compressed: {codec}", compressed, bench, codec)
    check("large messages", large, bench)
    check("an idempotent producer", idempotent_producer, bench)
    check("-X", options, bench)
    check("passwords", secrets, bench)
    check("invalid URLs", usage, bench)
