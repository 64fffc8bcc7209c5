"""Runs the recipes of the manual for streams by pipe, and compares the rows with sums that Python makes of the records."""

import contextlib
import datetime
import json
import os
import random
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

from ..common import bench as common_bench
from ..common.compare import microseconds, rows_of
from ..common.places import ROOT, Missing
from ..common.processes import wait_until

# Records of a stream; the last one closes the windows of all others.
RECORDS = 200
# Seconds in which the rows of all closed windows must come.
PATIENCE = 60
MINUTE = 60_000_000


class Bench(common_bench.Bench):
    def prepare(self):
        self.source = random.Random(self.seed)
        # In the past, so that no record is too far ahead of the wall clock.
        self.begin = int(time.time()) // 3600 * 3600 - 2 * 3600
        self.shims = self.folder / "bin"
        self.shims.mkdir()
        (self.shims / "streamctl").symlink_to(self.binary)
        self.groups = []

    def environment(self, extra=None):
        path = os.pathsep.join((str(self.shims), os.path.dirname(sys.executable), os.environ.get("PATH", "")))
        return {**super().environment(), "PATH": path, **(extra or {})}

    def clean_up(self):
        for process in self.groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        super().clean_up()

    def tool(self, name, package):
        """The path of a program that a recipe or its server needs."""
        folders = (os.path.dirname(sys.executable), os.environ.get("PATH", ""), "/usr/sbin", "/lib/systemd")
        found = shutil.which(name, path=os.pathsep.join(folders))
        if not found:
            raise Missing(f"no {name}; {package} has it")
        return found

    def shim(self, name, *words):
        """A program that the recipe finds under its name, and that runs these words with the arguments of the recipe."""
        path = self.shims / name
        path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        path.chmod(0o755)

    def recorded(self, name, lines):
        """A program that prints these lines and then waits, as one that follows a stream does."""
        path = self.folder / f"{name}.recorded"
        path.write_text("".join(line + "\n" for line in lines))
        self.shim(name, "sh", "-c", f"cat {shlex.quote(str(path))}; exec sleep 600", name)

    def group(self, words, extra=None, **settings):
        """Starts a program in a process group of its own, which the end of the suite kills."""
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, env=self.environment(extra), cwd=self.folder, start_new_session=True,
            **settings)
        self.groups.append(process)
        return process

    def times(self):
        """Microseconds since 1970 for the records of a stream, in order; the last one is in a window of its own."""
        seconds = sorted(self.source.sample(range(1200), RECORDS - 1)) + [1800]
        return [(self.begin + second) * 1_000_000 for second in seconds]


def recipe(word):
    """The only command of the section RECIPES that contains a word, as the reader of the manual sees it."""
    section = (ROOT / "man/streamctl.1").read_text().split("\n.Sh RECIPES\n")[1].split("\n.Sh ")[0]
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)\n\.Ed$", section, re.DOTALL | re.MULTILINE)
    for code, meaning in (("\\&", ""), ("\\-", "-"), ("\\(aq", "'"), ("\\(ha", "^"), ("\\(ti", "~"), ("\\e", "\\")):
        blocks = [block.replace(code, meaning) for block in blocks]
    found = [block for block in blocks if word in block]
    if len(found) != 1:
        raise ValueError(f"{len(found)} recipes contain {word!r}")
    return found[0]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def rfc3339(micros):
    return datetime.datetime.fromtimestamp(micros / 1e6, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def sums(records, keys, **columns):
    """The rows that windows of a minute have: {(minute, key, ...): {column: value}}. records: [(microseconds, fields)]."""
    groups = {}
    for micros, fields in records:
        key = (micros // MINUTE * MINUTE, *(fields[key] for key in keys))
        groups.setdefault(key, []).append(fields)
    return {key: {name: make(members) for name, make in columns.items()} for key, members in groups.items()}


def compared(rows, expected, keys):
    """Problems where the printed rows are not those."""
    found = {}
    for row in rows:
        key = (microseconds(row["window_start"]), *(row[key] for key in keys))
        if key in found:
            return [f"twice: {row}"]
        found[key] = {name: value for name, value in row.items() if name not in (*keys, "window_start", "window_end")}
    return [f"{key}: {found.get(key)}, expected {expected.get(key)}"
            for key in sorted(found.keys() | expected.keys(), key=str) if found.get(key) != expected.get(key)]


def interrupted(bench, command, expected, keys, publish=lambda: None, extra=None):
    """Runs a recipe and interrupts it, as ^C does, when the rows of all closed windows are there."""
    process, output = started(bench, command, extra)
    publish()
    # The last record is in a window of its own, which only the end closes.
    came = wait_until(lambda: output.read_text().count("\n") >= len(expected) - 1, PATIENCE)
    os.killpg(process.pid, signal.SIGINT)
    ended = wait_until(lambda: process.poll() is not None and output.read_text().count("\n") >= len(expected), 10)
    problems = compared(rows_of(output.read_text()), expected, keys)
    if not came or not ended or problems:
        problems.append(f"messages: {(bench.folder / 'errors').read_text().strip()[-500:]}")
    return problems, f"{RECORDS} records, {len(expected)} rows"


def started(bench, command, extra=None):
    """Starts a recipe. Returns its process and the file with its rows."""
    output, errors = bench.folder / "rows", bench.folder / "errors"
    with output.open("w") as out, errors.open("w") as err:
        return bench.group(["sh", "-c", command], extra, stdout=out, stderr=err), output


def broker(bench, topic, *options):
    """Starts an MQTT broker, which the recipe finds. Returns functions that wait for the recipe and publish a message."""
    port, log = free_port(), bench.folder / "mosquitto.log"
    configuration = bench.folder / "mosquitto.conf"
    configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
                             f"user root\nlog_type all\nlog_dest file {log}\n")
    log.unlink(missing_ok=True)
    client = [bench.tool("mosquitto_pub", "mosquitto-clients"), "-h", "127.0.0.1", "-p", str(port), "-q", "1"]
    bench.shim("mosquitto_sub", bench.tool("mosquitto_sub", "mosquitto-clients"), "-p", str(port), *options)
    bench.group([bench.tool("mosquitto", "mosquitto"), "-c", str(configuration)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not wait_until(lambda: is_open(port), 20):
        raise RuntimeError("the broker does not start")

    def subscribed():
        if not wait_until(lambda: f"{topic}/# (QoS" in log.read_text(), 20):
            raise RuntimeError("no subscription reaches the broker")

    def publish(place, text):
        subprocess.run([*client, "-t", f"{topic}/{place}", "-m", text], check=True)

    return subscribed, publish


def mqtt(bench):
    """JSON in messages, by topic."""
    records = [(micros, {"topic": f"sensors/{bench.source.choice('abc')}",
                         "temperature": bench.source.randrange(-80, 160) / 4}) for micros in bench.times()]
    subscribed, send = broker(bench, "sensors")

    def publish():
        subscribed()
        for micros, fields in records:
            send(fields["topic"].split("/")[1], json.dumps({"ts": rfc3339(micros), "temperature": fields["temperature"]}))

    expected = sums(records, ["topic"], count=len, avg_temperature=mean("temperature"))
    return interrupted(bench, recipe("sensors/#"), expected, ["topic"], publish)


def mqtt_values(bench):
    """Messages that are numbers, whose time is that of their arrival: only the totals of all windows are known."""
    records = [(bench.source.choice("abc"), bench.source.randrange(10_000) / 4) for _ in range(RECORDS)]
    subscribed, send = broker(bench, "meters", "-C", str(RECORDS))
    process, output = started(bench, recipe("meters/#"))
    subscribed()
    for place, value in records:
        send(place, str(value))
    if not wait_until(lambda: process.poll() is not None, PATIENCE):
        return ["it does not end with the last message"]
    expected, found = {}, {}
    for place, value in records:
        add(expected, f"meters/{place}", 1, value)
    for row in rows_of(output.read_text()):
        add(found, row["topic"], row["count"], row["max_value"])
    return ([] if found == expected else [f"{found}, expected {expected}"]), f"{RECORDS} records"


def add(totals, topic, count, value):
    before = totals.get(topic, (0, value))
    totals[topic] = (before[0] + count, max(before[1], value))


def clicks(bench):
    """Records of users, as JSON, with the rows that they give."""
    records = [(micros, {"user": bench.source.choice(("ann", "bob", "eve")), "ms": bench.source.randrange(1000)})
               for micros in bench.times()]
    texts = [json.dumps({"ts": rfc3339(micros), **fields}) for micros, fields in records]
    return records, texts, sums(records, ["user"], n=len, ms=total("ms"))


def kinesis(bench):
    """Pages of records in base64, from moto's server."""
    try:
        import boto3
    except ImportError as error:
        raise Missing("no boto3") from error
    bench.tool("aws", "awscli")
    bench.tool("jq", "jq")
    port = free_port()
    access = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-west-1",
              "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    bench.group([bench.tool("moto_server", "moto"), "-H", "127.0.0.1", "-p", str(port)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not wait_until(lambda: is_open(port), 60):
        raise RuntimeError("moto's server does not start")
    client = boto3.client("kinesis", endpoint_url=access["AWS_ENDPOINT_URL"], region_name="eu-west-1",
                          aws_access_key_id="test", aws_secret_access_key="test")
    client.create_stream(StreamName="clicks", ShardCount=1)
    records, texts, expected = clicks(bench)

    def put(some):
        client.put_records(StreamName="clicks", Records=[{"Data": text.encode(), "PartitionKey": "k"} for text in some])

    # Some before the recipe starts, and some while it reads.
    put(texts[:RECORDS // 2])

    def publish():
        for start in range(RECORDS // 2, RECORDS, 25):
            put(texts[start:start + 25])
            time.sleep(0.5)

    return interrupted(bench, recipe("aws kinesis"), expected, ["user"], publish, access)


def pulsar(bench):
    """Messages as Pulsar's client prints them, in its older and its newer form; recorded."""
    records, texts, expected = clicks(bench)
    lines = ["2026-03-01T10:00:00,645+0000 [pulsar-client-io-1-1] INFO  ConsumerImpl - [clicks][streamctl] Subscribed"]
    for (micros, fields), text in zip(records, texts):
        content = json.dumps({name: value for name, value in json.loads(text).items() if name != "user"})
        head = bench.source.choice(("", f"publishTime:[{micros // 1000}], eventTime:[0], "))
        lines += ["----- got message -----", f"{head}key:[{fields['user']}], properties:[a=b], content:{content}"]
    bench.recorded("pulsar-client", lines)
    return interrupted(bench, recipe("pulsar-client"), expected, ["user"])


def journal(bench):
    """Entries of a journal that grows while journalctl follows it."""
    writer = bench.tool("systemd-journal-remote", "systemd-journal-remote")
    reader = bench.tool("journalctl", "systemd")
    records = [(micros, {"_SYSTEMD_UNIT": bench.source.choice(("ssh.service", "cron.service")),
                         "PRIORITY": bench.source.choice("346")}) for micros in bench.times()]
    folder = bench.folder / "journal"
    folder.mkdir()

    def append(some):
        entries = "".join(
            f"__REALTIME_TIMESTAMP={micros}\n__MONOTONIC_TIMESTAMP={micros - bench.begin * 1_000_000 + 1}\n"
            f"_BOOT_ID={'0123456789abcdef' * 2}\nMESSAGE=text {micros}\n"
            + "".join(f"{name}={value}\n" for name, value in fields.items()) + "\n" for micros, fields in some)
        subprocess.run([writer, "-o", str(folder / "remote.journal"), "-"], input=entries.encode(), check=True,
                       capture_output=True)

    append(records[:RECORDS // 2])
    bench.shim("journalctl", reader, "-D", str(folder), "-n", "all")
    expected = sums(records, ["_SYSTEMD_UNIT", "PRIORITY"], count=len)
    return interrupted(bench, recipe("journalctl"), expected, ["_SYSTEMD_UNIT", "PRIORITY"],
                       lambda: append(records[RECORDS // 2:]))


def kubernetes(bench):
    """Lines of pods, as kubectl prints them; recorded."""
    records = [(micros, {"pod": f"web-7c9d-{bench.source.choice(('abcde', 'fghij'))}",
                         "ms": bench.source.randrange(4000) / 4}) for micros in bench.times()]
    bench.recorded("kubectl", [
        f"[pod/{fields['pod']}/app] " + json.dumps({"ts": rfc3339(micros), "ms": fields["ms"]})
        for micros, fields in records])
    expected = sums(records, ["pod"], count=len, avg_ms=mean("ms"))
    return interrupted(bench, recipe("kubectl"), expected, ["pod"])


def docker(bench):
    """logfmt of a container; recorded."""
    records = [(micros, {"level": bench.source.choice(("info", "warn", "error")), "ms": bench.source.randrange(5000)})
               for micros in bench.times()]
    bench.recorded("docker", [f'ts={rfc3339(micros)} level={fields["level"]} msg="took a while" ms={fields["ms"]}'
                              for micros, fields in records])
    expected = sums(records, ["level"], count=len, max_ms=lambda group: max(fields["ms"] for fields in group))
    return interrupted(bench, recipe("docker"), expected, ["level"])


def web_socket(bench):
    """Messages of a WebSocket server."""
    try:
        import websocket  # noqa: F401 (the recipe needs it)
        from websockets.sync.server import serve
    except ImportError as error:
        raise Missing(f"no {error.name}") from error
    records = [(micros, {"product": bench.source.choice(("BTC", "ETH")), "price": bench.source.randrange(1, 9000)})
               for micros in bench.times()]

    def talk(connection):
        for micros, fields in records:
            connection.send(json.dumps({"ts": rfc3339(micros), **fields}))
        with contextlib.suppress(Exception):
            connection.recv()

    expected = sums(records, ["product"], count=len, last_price=lambda group: group[-1]["price"])
    with serve(talk, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = replaced(recipe("create_connection"), "localhost:8765", f"127.0.0.1:{server.socket.getsockname()[1]}")
        return interrupted(bench, command, expected, ["product"])


def tcp(bench):
    """syslog in lines over several connections, one after the other."""
    bench.tool("nc", "netcat-openbsd")
    severities = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
    records = [(micros, {"host": bench.source.choice(("web1", "web2")), "severity": bench.source.choice(severities)})
               for micros in bench.times()]
    port = free_port()

    def publish():
        # Each look at the port is a connection without a line.
        if not wait_until(lambda: is_open(port), 20):
            raise RuntimeError("nc does not listen")
        for start in range(0, RECORDS, 40):
            lines = "".join(
                f"<{8 * bench.source.randrange(24) + severities.index(fields['severity'])}>1 {rfc3339(micros)} "
                f"{fields['host']} app 7 - - text\n" for micros, fields in records[start:start + 40])
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(lines.encode())
                connection.shutdown(socket.SHUT_WR)
                # nc ends the connection when it has passed everything on.
                while connection.recv(4096):
                    pass

    expected = sums(records, ["host", "severity"], count=len)
    command = replaced(recipe("nc -lk"), "localhost 5140", f"127.0.0.1 {port}")
    return interrupted(bench, command, expected, ["host", "severity"], publish)


def replaced(command, address, other):
    if address not in command:
        raise ValueError(f"no {address} in {command}")
    return command.replace(address, other)


def mean(name):
    return lambda group: sum(fields[name] for fields in group) / len(group)


def total(name):
    return lambda group: sum(fields[name] for fields in group)


CHECKS = {
    "MQTT": mqtt, "MQTT, plain values": mqtt_values, "Kinesis": kinesis, "Pulsar, recorded": pulsar, "journal": journal,
    "Kubernetes, recorded": kubernetes, "Docker, recorded": docker, "WebSocket": web_socket, "TCP": tcp}


def checks(bench):
    for name, test in CHECKS.items():
        bench.report.check(name, test, bench)
    bench.report.check("every recipe of the manual is run", all_run)


def all_run():
    """Problems if the section has commands that no check runs."""
    section = (ROOT / "man/streamctl.1").read_text().split("\n.Sh RECIPES\n")[1].split("\n.Sh ")[0]
    count = section.count("\n.Bd -literal")
    return [] if count == len(CHECKS) else [f"{count} recipes, {len(CHECKS)} checks"]
