"""Messages in Confluent's wire format, with a schema registry: what is decoded, and what happens where that cannot be."""

import json
import signal
import struct
import threading
import time

from ..common import avro, registry
from ..common.authority import Authority
from ..common.compare import rows_of, unlike_lists
from . import rig

# Random schemas.
COUNT = 300
URL = "schema.registry.url"
USER = "reader:canary-51c"


class Bench(rig.Bench):
    def prepare(self):
        self.cluster = self.mock()
        self.registry = self.new_registry()

    def new_registry(self, **settings):
        return self.keep(registry.Registry(**settings))

    def topic(self, name, messages, partitions=1):
        """A topic with these messages: values, or pairs of a key and a value."""
        topic = self.cluster.topic(name, partitions)
        self.cluster.produce(
            topic, [{"key": one[0], "value": one[1]} if isinstance(one, tuple) else {"value": one} for one in messages])
        return topic

    def read(self, topic, *flags, place=None, patience=60):
        return self.run(
            [self.cluster.url(topic, until="end"), "-X", f"{URL}={place or self.registry.url}", *flags], patience=patience)


def prints(outcome, text, *words):
    """Problems unless a run has printed this and said these words."""
    return outcome.expect(0, *words) + ([] if outcome.out == text else [f"printed {outcome.out[:300]}"])


def record(name, **fields):
    return {"type": "record", "name": name, "fields": [{"name": key, "type": kind} for key, kind in fields.items()]}


ORDER = record(
    "shop.Order", id="long", at={"type": "long", "logicalType": "timestamp-millis"}, note=["null", "string"],
    price={"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 2})


def order(number, note=None):
    price = struct.pack(">h", 1250 + number)
    return struct.pack("B", number * 2) + avro.long(rig.T0 + number * 1000) + (
        b"\0" if note is None else b"\2" + avro.long(len(note)) + note.encode()) + avro.long(2) + price


def random_schemas(bench):
    """Random schemas and values written by fastavro have the values that they should."""
    samples = [avro.sample(seed) for seed in range(COUNT)]
    topic = bench.topic("random", [
        registry.framed(bench.registry.add(schema), data) for schema, data, _ in samples])
    before = len(bench.registry.requests)
    outcome = bench.read(topic)
    lines = outcome.out.split("\n")[:-1]
    problems = outcome.expect(0)
    problems += [] if len(lines) == COUNT else [f"{len(lines)} records instead of {COUNT}: {outcome.err[:300]}"]
    problems += [
        f"seed {seed}: {line[:200]}, not {str(expected)[:200]}"
        for seed, ((_, _, expected), line) in enumerate(zip(samples, lines)) if not avro.is_same(expected, avro.parsed(line))]
    if len(bench.registry.requests) - before != COUNT:
        problems.append(f"{len(bench.registry.requests) - before} requests for {COUNT} schemas")
    return problems


def fields(bench):
    """Decoded fields serve as those of JSON records do: as event times, in expressions, as exact decimals; one request."""
    number = bench.registry.add(ORDER)
    topic = bench.topic("orders", [registry.framed(number, order(n, "x" * n if n % 2 else None)) for n in range(60)])
    before = len(bench.registry.requests)
    windows = bench.read(topic, "-t", "at", "-w", "30s", "-a", "n=count(),total=sum(price),noted=count(note)")
    rows = rows_of(windows.out)
    problems = windows.expect(0) + unlike_lists(
        [(30, 15), (30, 15)], [(row["n"], row["noted"]) for row in rows])
    problems += unlike_lists([379.35, 388.35], [row["total"] for row in rows])
    if len(bench.registry.requests) - before != 1:
        problems.append(f"{bench.registry.requests[before:]}")
    first = bench.read(topic, "--where", "id = 1")
    return problems + unlike_lists(
        ['{"id":1,"at":"2026-01-01T00:00:01Z","note":"x","price":12.51}'], first.out.splitlines())


def keys(bench):
    """Keys in the wire format are decoded; others stay as they are, even if they look like it."""
    text, both = bench.registry.add("string"), bench.registry.add(record("Key", region="string", id="int"))
    value = registry.framed(bench.registry.add(record("V", n="int")), b"\2")
    given = [
        (registry.framed(text, b"\6abc"), "abc"), (registry.framed(both, b"\4eu\x0e"), '{"region":"eu","id":7}'),
        (b"plain", "plain"), (struct.pack(">q", 5), "\0\0\0\0\0\0\0\5"), (None, None)]
    topic = bench.topic("keys", [(key, value) for key, _ in given])
    outcome = bench.read(topic, "--select", "k=@key")
    problems = outcome.expect(0) + unlike_lists([wanted for _, wanted in given], [row["k"] for row in rows_of(outcome.out)])
    inside = bench.read(topic, "--select", "id=@key.id", "--where", "@offset = 1")
    return problems + inside.expect(0) + unlike_lists([7], [row["id"] for row in rows_of(inside.out)])


def other_kinds(bench):
    """JSON Schema is read, plain JSON stays JSON, Protobuf is refused with the name of what reads it."""
    text = bench.registry.add({"type": "object"}, "JSON")
    protobuf = bench.registry.add('syntax = "proto3"; message M { int32 n = 1; }', "PROTOBUF")
    topic = bench.topic("kinds", [registry.framed(text, b'{"n":1}'), b'{"n":2}', registry.framed(protobuf, b"\0\x08\3"), None])
    outcome = bench.read(topic, "--select", "n")
    wanted = f"{topic}[0]@2: schema {protobuf} is Protobuf, which is not read; kafka-protobuf-console-consumer"
    return outcome.expect(0, wanted) + unlike_lists([{"n": 1}, {"n": 2}], rows_of(outcome.out))


def references(bench):
    """Schemas that others refer to are fetched once, those that refer to others too."""
    bench.registry.add(record("r.Inner", n="int"), subject="r.Inner")
    bench.registry.add(record("r.Middle", inner="r.Inner"), references=["r.Inner"], subject="r.Middle")
    outer = [bench.registry.add(record(f"r.Outer{n}", a="Middle", b="r.Inner"), references=["r.Middle", "r.Inner"]) for n in (1, 2)]
    topic = bench.topic("references", [registry.framed(number, b"\2\4") for number in outer])
    before = len(bench.registry.requests)
    outcome = bench.read(topic)
    asked = bench.registry.requests[before:]
    problems = [] if len(asked) == len(set(asked)) == 4 else [f"asked for {asked}"]
    return problems + outcome.expect(0) + unlike_lists([{"a": {"inner": {"n": 1}}, "b": {"n": 2}}] * 2, rows_of(outcome.out))


def damaged(bench):
    """Messages that cannot be decoded are rejected with their places, and the others are read."""
    good = bench.registry.add(record("Good", n="int", s="string"))
    broken = bench.registry.add(record("Broken", n="nothing"))
    noise = bench.registry.add("not a schema")
    lost = bench.registry.add(record("Lost", r="Gone"), references=["Gone"])
    frame = registry.framed
    cases = [
        (frame(good, b"\2"), "byte 6: the message ends inside a value (schema {good})"),
        (frame(good, b"\2\1"), "byte 7: a length is negative or beyond the end of the message"),
        (frame(good, b"\2\2a!"), "byte 8: bytes are left after the value"),
        (frame(good, b""), "byte 5: the message ends inside a value"),
        (frame(999_999, b"\2\2a"), "schema 999999 is not in the schema registry"),
        (frame(broken, b"\2"), "cannot be used: unknown type 'nothing'"), (frame(noise, b"\2"), "cannot be used: it is not JSON"),
        (frame(lost, b"\2"), "cannot be used: it refers to 'Gone', which is not there"),
        (b"\0\0\0", "binary data, not JSON"), (frame(good, b"\2\2\xff"), "bytes that are not UTF-8")]
    messages = [frame(good, b"\4\2b")]
    for bad, _ in cases:
        messages += [bad, frame(good, b"\4\2b")]
    topic, path = bench.topic("damaged", messages), bench.folder / "damaged.rejects"
    outcome = bench.read(topic, "--rejects", path)
    problems = outcome.expect(0) + unlike_lists([{"n": 2, "s": "b"}] * (len(cases) + 1), rows_of(outcome.out))
    rejects = rows_of(path.read_text())
    problems += unlike_lists([2 * n + 1 for n in range(len(cases))], [row["offset"] for row in rejects])
    for number, (bad, words) in enumerate(cases):
        alone = bench.topic("one", [bad])
        outcome = bench.read(alone)
        problems += outcome.expect(65, f"{alone}[0]@0: ")
        problems += [] if words.format(good=good) in outcome.err else [f"case {number}: {words} is not in {outcome.err[:300]}"]
        if "kcat" in outcome.err or "panic" in outcome.err:
            problems.append(f"case {number}: {outcome.err[:300]}")
    return problems


def refused(bench):
    """Wrong passwords and wrong URLs end the run with a remedy; passwords are never shown, nor taken as arguments."""
    locked, word = bench.new_registry(user=USER), USER.split(":")[1]
    topic = bench.topic("locked", [registry.framed(locked.add(record("L", n="int")), b"\2")])
    path = bench.folder / "registry.conf"
    place = f"{topic}[0]@0: schema 1: the schema registry {locked.place} "
    path.write_text(f"schema.registry.url={locked.url}\nschema.registry.basic.auth.user.info={USER}\n")
    url = bench.cluster.url(topic, until="end")
    problems = prints(bench.run([url, "-X", f"@{path}"]), '{"n":1}\n')
    problems += bench.read(topic, place=locked.url).expect(69, place + "requires a user (HTTP status 401)")
    path.write_text(f"schema.registry.url={locked.url}\nschema.registry.basic.auth.user.info={USER}x\n")
    wrong = bench.run([url, "-X", f"@{path}"])
    problems += wrong.expect(69, place + "refuses user and password (HTTP status 401); put the line schema.registry.basic.auth")
    path.write_text(f"schema.registry.url={locked.url.replace('//', '//' + USER + '@')}\n")
    problems += bench.run([url, "-X", f"@{path}"]).expect(0)
    outcomes = [wrong]
    for settings, words in (
            ([f"schema.registry.basic.auth.user.info={USER}"], "others can see it there"),
            ([f"{URL}=http://{USER}@127.0.0.1:1"], "others can see the password there"),
            (["schema.registry.uri=x"], "no such option of the schema registry"), ([f"{URL}=ftp://h"], "it has the form http://HOST:8081"),
            (["schema.registry.ssl.ca.location=/x"], "the URL of the registry is missing"),
            ([f"{URL}=h", "schema.registry.basic.auth.credentials.source=ELSEWHERE"], "USER_INFO, URL or SASL_INHERIT"),
            ([f"basic.auth.user.info={USER}"], "others can see it there")):
        outcome = bench.run([url, *(word for setting in settings for word in ("-X", setting))])
        problems += outcome.expect(64, words)
        outcomes.append(outcome)
    problems += [f"the password is shown: {outcome.err}" for outcome in outcomes if word in outcome.out + outcome.err]
    locked.refusals[:] = [404]
    problems += bench.read(topic, place=locked.url).expect(69, "answers with HTTP status 404; is the URL right?")
    return problems


def unreachable(bench):
    """A registry that is not there ends the run after some seconds; one that comes back in time does not."""
    number = bench.registry.add(record("U", n="int"))
    topic = bench.topic("unreachable", [registry.framed(number, b"\2")])
    closed, place = rig.closed_port()
    began = time.monotonic()
    with closed:
        outcome = bench.read(topic, place=f"http://{place}")
        problems = outcome.expect(69, f"{topic}[0]@0: schema {number}: the schema registry cannot be reached: {place}: ")
        if time.monotonic() - began < 9:
            problems.append("it did not wait")
        # The second address is there.
        problems += prints(bench.read(topic, place=f"http://{place},{bench.registry.url}"), '{"n":1}\n')
    bench.registry.refusals[:] = [503, 500, 429]
    problems += prints(bench.read(topic), '{"n":1}\n', "answers with HTTP status 503; retrying")
    return problems


def encrypted(bench):
    """HTTPS with a CA of its own; certificates that are not trusted, or for another host, are told with the remedy."""
    authority = Authority(bench.folder / "ca")
    served = bench.new_registry(user=USER, certified=authority.certify("registry", "IP:127.0.0.1"))
    topic = bench.topic("encrypted", [registry.framed(served.add(record("T", n="int")), b"\2")])
    url, path = bench.cluster.url(topic, until="end"), bench.folder / "encrypted.conf"
    lines = f"schema.registry.url={served.url}\nschema.registry.basic.auth.user.info={USER}\n"
    trusted = f"schema.registry.ssl.ca.location={authority.ca}\n"
    place = f"{topic}[0]@0: schema 1: the schema registry {served.place}: "

    def told(text, *words):
        path.write_text(text)
        began, outcome = time.monotonic(), bench.run([url, "-X", f"@{path}"])
        found = outcome.expect(69, *words)
        return found + ([] if time.monotonic() - began < 8 else ["it tries what does not change"])

    path.write_text(lines + trusted)
    problems = prints(bench.run([url, "-X", f"@{path}"]), '{"n":1}\n')
    remedy = "-X schema.registry.ssl.ca.location=FILE names the certificates of the CA that has signed it"
    problems += told(lines, place + "SSL certificate problem: ", remedy)
    broken = bench.folder / "broken.pem"
    for text in ("no certificate\n", None):
        broken.unlink(missing_ok=True)
        if text:
            broken.write_text(text)
        problems += told(
            f"{lines}schema.registry.ssl.ca.location={broken}\n", place + "the file of -X schema.registry.ssl.ca.location has no")
    problems += told(lines.replace(f"={USER}", f"={USER}x") + trusted, "refuses user and password (HTTP status 401)")
    other = bench.new_registry(certified=authority.certify("other", "DNS:registry.example"))
    problems += told(
        f"schema.registry.url={other.url}\n{trusted}", "SSL: ", "-X schema.registry.url needs the host that the certificate is for")
    # The client has to prove who it is.
    key, certificate = authority.certify("client", "DNS:client")
    strict = bench.new_registry(certified=authority.certify("strict", "IP:127.0.0.1"), clients=authority.ca)
    strict.add(record("T", n="int"))
    lines = f"schema.registry.url={strict.url}\n{trusted}schema.registry.ssl.certificate.location={certificate}\n"
    path.write_text(f"{lines}schema.registry.ssl.key.location={key}\n")
    problems += prints(bench.run([url, "-X", f"@{path}"]), '{"n":1}\n')
    problems += told(f"{lines}schema.registry.ssl.key.location={broken}\n", "see -X schema.registry.ssl.certificate.location")
    return problems


def redirected(bench):
    """Redirects are followed, to HTTPS too, but neither for ever nor to other protocols; passwords stay with their host."""
    authority = Authority(bench.folder / "ca-moved")
    target = bench.new_registry(certified=authority.certify("target", "IP:127.0.0.1"))
    topic = bench.topic("moved", [registry.framed(target.add(record("M", n="int")), b"\2")])
    source = bench.new_registry()
    source.moved = target.url
    trusted = ("-X", f"schema.registry.ssl.ca.location={authority.ca}")
    problems = prints(bench.read(topic, *trusted, place=source.url), '{"n":1}\n')
    problems += bench.read(topic, place=source.url).expect(69, "SSL certificate problem", "ssl.ca.location=FILE")
    for moved, words in ((source.url, "it redirects more than 3 times"), ("file:///etc", "protocol")):
        source.moved = moved
        problems += bench.read(topic, *trusted, place=source.url).expect(69, words)
    locked = bench.new_registry(user=USER)
    locked.add(record("M", n="int"))
    source.moved, path = locked.url, bench.folder / "moved.conf"
    path.write_text(f"schema.registry.url={source.url}\nschema.registry.basic.auth.user.info={USER}\n")
    return problems + bench.run([bench.cluster.url(topic, until="end"), "-X", f"@{path}"]).expect(69, "(HTTP status 401)")


def hanging(bench):
    """A registry that never answers ends the run after its time, and holds up neither a signal nor other records."""
    silent = bench.new_registry()
    number = silent.add(record("H", n="int"))
    topic, plain = bench.topic("hanging", [registry.framed(number, b"\2")]), bench.topic("plain", [{"n": 7}])
    silent.hangs, problems, url = True, [], f"{URL}={silent.url}"
    began = time.monotonic()
    problems += bench.read(topic, place=silent.url).expect(69, f"the schema registry cannot be reached: {silent.place}")
    if not 9 < time.monotonic() - began < 14:
        problems.append(f"it ended after {time.monotonic() - began:.1f} s")
    for number in (signal.SIGTERM, signal.SIGINT):
        process = bench.start([bench.cluster.url(topic), "-X", url])
        time.sleep(2)
        process.send_signal(number)
        sent, outcome = time.monotonic(), bench.finish(process, 10)
        if outcome.status != 128 + number or time.monotonic() - sent > 1:
            problems.append(f"status {outcome.status} after {time.monotonic() - sent:.1f} s: {outcome.err[:300]}")
    # Records of another topic come through meanwhile, and those that need the schema once it is there.
    process = bench.start([bench.cluster.url(topic, plain), "-X", url, "-n", "2", "--select", "n"])
    began, first = time.monotonic(), process.stdout.readline()
    if time.monotonic() - began > 4 or first.strip() != b'{"n":7}':
        problems.append(f"{first} after {time.monotonic() - began:.1f} s")
    silent.hangs = False
    return problems + prints(bench.finish(process, 20), '{"n":1}\n')


def interrupted(bench):
    """A signal ends the wait for a registry."""
    topic = bench.topic("interrupted", [registry.framed(1, b"\2")])
    closed, place = rig.closed_port()
    with closed:
        process = bench.start([bench.cluster.url(topic), "-X", f"{URL}=http://{place}"])
        time.sleep(2)
        process.send_signal(signal.SIGTERM)
        outcome = bench.finish(process, 10)
    return [] if outcome.status == 143 else [f"status {outcome.status}: {outcome.err[:300]}"]


def outage(bench):
    """Once a registry has answered, a run outlasts its failures, and windows go on from what is there."""
    first, second = (bench.registry.add(record(f"O{n}", n="int")) for n in (1, 2))
    topic = bench.topic("outage", [registry.framed(first, b"\2")])
    process = bench.start([bench.cluster.url(topic), "-X", f"{URL}={bench.registry.url}", "-n", "3"])
    time.sleep(2)
    bench.registry.refusals[:] = [503] * 100
    bench.cluster.produce(topic, [registry.framed(first, b"\4"), registry.framed(second, b"\6")])

    def recover():
        time.sleep(13)
        bench.registry.refusals.clear()

    threading.Thread(target=recover, daemon=True).start()
    outcome = bench.finish(process, 60)
    return prints(outcome, '{"n":1}\n{"n":2}\n{"n":3}\n', "retrying", "recovered after")


def without(bench):
    """Without a registry, the message names the option."""
    topic = bench.topic("without", [registry.framed(7, b"\2")] * 3)
    return bench.run([bench.cluster.url(topic, until="end")]).expect(
        65, "(schema 7), not JSON: add -X schema.registry.url=http://REGISTRY:8081, or kcat -C")


def job(bench):
    """A job with a registry: resumed, it goes on behind what it has read."""
    number = bench.registry.add(record("J", n="int"))
    topic = bench.topic("job", [registry.framed(number, avro.long(n)) for n in range(500)])
    out = bench.folder / "job.out"
    flags = ["--job", "j", "-o", out]
    problems = bench.read(topic, *flags).expect(0)
    bench.cluster.produce(topic, [registry.framed(number, avro.long(n)) for n in range(500, 600)])
    problems += bench.read(topic, *flags).expect(0)
    return problems + unlike_lists(list(range(600)), [json.loads(line)["n"] for line in out.read_text().splitlines()])


def checks(bench):
    check = bench.report.check
    check("random schemas and values by fastavro", random_schemas, bench)
    check("fields of decoded records", fields, bench)
    check("keys", keys, bench)
    check("JSON Schema, plain JSON and Protobuf", other_kinds, bench)
    check("references", references, bench)
    check("damaged messages and schemas", damaged, bench)
    check("passwords and wrong URLs", refused, bench)
    check("a registry that is not there", unreachable, bench)
    check("a registry with HTTPS", encrypted, bench)
    check("a registry that has moved", redirected, bench)
    check("a registry that does not answer", hanging, bench)
    check("a signal while waiting for the registry", interrupted, bench)
    check("an outage of the registry", outage, bench)
    check("without a registry", without, bench)
    check("a job", job, bench)
