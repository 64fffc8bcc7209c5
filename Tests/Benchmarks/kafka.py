"""Rates of reading topics, as ratios to a bare consume loop over librdkafka, in turns. Nothing is judged.

Called by Tests/Benchmarks/kafka: kafka.py STREAMCTL MOCK SCRATCH ROUNDS [plain|lz4|avro]...
"""

import dataclasses
import datetime
import json
import os
import pathlib
import shutil
import statistics
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "System/common"))
import registry  # noqa: E402

STREAMCTL, MOCK = (os.path.abspath(path) for path in sys.argv[1:3])
SCRATCH = pathlib.Path(sys.argv[3]).resolve()
ROUNDS = int(sys.argv[4])
MEASURE, LOOP, REPORT = (str(SCRATCH / name) for name in ("measure", "topic_loop", "topic-report"))
PEER_REPORT = REPORT + "-peer"
# The mock cluster keeps 5 MiB of a partition.
RECORDS, PARTITIONS = 1_800_000, 40
JOB = ("-t event_time -w 1h -g sensor_id --count --avg temperature --min temperature --max temperature").split()
SCHEMA = {"type": "record", "name": "Reading", "fields": [
    {"name": "sensor_id", "type": "string"}, {"name": "temperature", "type": "double"},
    {"name": "humidity", "type": "double"},
    {"name": "event_time", "type": {"type": "long", "logicalType": "timestamp-millis"}}]}
# Settings under which the loop waits for nothing; streamctl decides itself what is fetched (Sources/Kafka/FetchGate.swift).
LIKE_STREAMCTL = ("queued.min.messages=10000000", f"queued.max.messages.kbytes={128 << 10}",
                  "check.crcs=true", "fetch.wait.max.ms=100")
# kcat mixes the partitions as they come: nothing may be late.
ANY_ORDER = ("-W", "none", "--max-ahead", "off")
BARE = "bare loop"


@dataclasses.dataclass
class Cost:
    """Seconds of wall clock and of processors, MiB."""
    wall: float
    processor: float
    memory: float


def quoted(command):
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in command)


def report(path):
    wall, processor, resident = map(float, pathlib.Path(path).read_text().split())
    return Cost(wall, processor, resident / 1024)


class Cluster:
    """The broker; a mock cluster lives as long as its input is open."""

    def __init__(self):
        self.address = os.environ.get("STREAMCTL_TEST_KAFKA", "")
        self.process = None
        names = ("plain", "lz4", "avro", "empty")
        self.registry = registry.Registry()
        prefix = f"streamctl-benchmark-{os.getpid()}-" if self.address else ""
        self.topics = {name: prefix + name for name in names}

    def __enter__(self):
        if self.address:
            for topic in self.topics.values():
                subprocess.run([LOOP, "create", self.address, topic, str(PARTITIONS)], check=True)
        else:
            topics = [word for topic in self.topics.values() for word in ("-t", f"{topic}:{PARTITIONS}")]
            self.process = subprocess.Popen([MOCK, *topics], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.address = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.registry.stop()
        if self.process:
            self.process.stdin.close()
            self.process.wait()
        else:
            for topic in self.topics.values():
                subprocess.run([LOOP, "delete", self.address, topic], check=False)

    def processor(self):
        """Seconds of processors that a mock cluster has taken; a real one may be anywhere."""
        if not self.process:
            return 0.0
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def fill(self, data):
        for name, options in (("plain", ()), ("lz4", ("compression.codec=lz4",))):
            with open(data, "rb") as lines:
                subprocess.run([LOOP, "write", self.address, self.topics[name], str(PARTITIONS), *options],
                               stdin=lines, check=True)
        self.registry.add(SCHEMA)
        with open(in_avro(data), "rb") as messages:
            subprocess.run([LOOP, "write-sized", self.address, self.topics["avro"], str(PARTITIONS)], stdin=messages,
                           check=True)


def in_avro(data):
    """The records in the wire format, each behind its size."""
    path = data.with_suffix(".avro")
    if path.exists():
        return path
    epoch = datetime.datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    with open(data, encoding="utf-8") as lines, open(path, "wb") as file:
        for line in lines:
            record = json.loads(line)
            time = (datetime.datetime.fromisoformat(record["event_time"].replace("Z", "+00:00")) - epoch)
            rest, number = 2 * (time // datetime.timedelta(milliseconds=1)), b""
            while rest >= 0x80:
                number += bytes([rest & 0x7f | 0x80])
                rest >>= 7
            name = record["sensor_id"].encode()
            message = registry.framed(1, bytes([2 * len(name)]) + name + struct.pack(
                "<dd", record["temperature"], record["humidity"]) + number + bytes([rest]))
            file.write(struct.pack("<I", len(message)) + message)
    return path


def tools(cluster, name):
    topic = cluster.topics[name]
    url = f"kafka://{cluster.address}/{topic}?until=end"
    found = {
        BARE: [LOOP, "read", cluster.address, topic, *LIKE_STREAMCTL],
        "the same, defaults": [LOOP, "read", cluster.address, topic],
        "streamctl -j 1": [STREAMCTL, "-q", "-j", "1", url, *JOB],
        "streamctl -j 2": [STREAMCTL, "-q", "-j", "2", url, *JOB],
    }
    if name == "avro":
        option = ["-X", f"schema.registry.url={cluster.registry.url}"]
        plain = f"kafka://{cluster.address}/{cluster.topics['plain']}?until=end"
        for threads in ("1", "2"):
            found[f"streamctl -j {threads}"] += option
            found[f"JSON, streamctl -j {threads}"] = [STREAMCTL, "-q", "-j", threads, plain, *JOB]
    elif shutil.which("kcat"):
        kcat = ["kcat", "-C", "-e", "-q", "-o", "beginning", "-b", cluster.address, "-t", topic]
        found["kcat | streamctl -"] = ["sh", "-c", f"{quoted([MEASURE, PEER_REPORT, *kcat])} | "
                                       f"{quoted([MEASURE, REPORT, STREAMCTL, '-q', *JOB, *ANY_ORDER, '-'])}"]
    return found


def run(name, command, output=subprocess.DEVNULL):
    if "|" not in name:
        subprocess.run([MEASURE, REPORT, *command], stdout=output, check=True)
        return report(REPORT)
    subprocess.run(command, stdout=output, check=True)
    ours, peer = report(REPORT), report(PEER_REPORT)
    return Cost(ours.wall, ours.processor + peer.processor, ours.memory + peer.memory)


def answer(command):
    """The rows in the order of their texts: partitions may bring them in another one."""
    return sorted(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.splitlines())


def check(cluster, data, chosen):
    """The warm-up too."""
    expected = answer([STREAMCTL, "-q", *JOB, str(data)])
    for name, command in chosen.items():
        if "streamctl" in name:
            if answer(command) != expected:
                sys.exit(f"{name}: not the rows of the file")
        elif not subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.startswith(f"{RECORDS} ".encode()):
            sys.exit(f"{name}: not {RECORDS} records; the cluster has dropped some")


def compare(cluster, name, data, starts):
    chosen = tools(cluster, name)
    check(cluster, data, chosen)
    costs, brokers = {tool: [] for tool in chosen}, {tool: [] for tool in chosen}
    for _ in range(ROUNDS):
        for tool, command in chosen.items():
            before = cluster.processor()
            costs[tool].append(run(tool, command))
            brokers[tool].append(cluster.processor() - before)
    print(f"\n{name}: {RECORDS} records of {37 if name == 'avro' else 105} bytes, {PARTITIONS} partitions; medians of {ROUNDS} rounds")
    print(f"  {'':20}{'messages/s':>12}{'wall':>9}{'least':>9}{'most':>9}{'processor':>11}{'broker':>9}{'memory':>11}"
          f"{'speed':>8}{'least':>7}{'most':>7}")
    for tool, runs in costs.items():
        walls = [cost.wall for cost in runs]
        wall = statistics.median(walls)
        ratios = [bare.wall / cost.wall for bare, cost in zip(costs[BARE], runs)]
        print(f"  {tool:20}{RECORDS / wall:12.0f}{wall:7.2f} s{min(walls):7.2f} s{max(walls):7.2f} s"
              f"{statistics.median(cost.processor for cost in runs):9.2f} s{statistics.median(brokers[tool]):7.2f} s"
              f"{max(cost.memory for cost in runs):7.0f} MiB{statistics.median(ratios):8.2f}{min(ratios):7.2f}"
              f"{max(ratios):7.2f}")
    bare = statistics.median(cost.wall for cost in costs[BARE]) - starts[BARE]
    for tool in chosen:
        if tool.startswith("streamctl"):
            ours = statistics.median(cost.wall for cost in costs[tool]) - starts[tool]
            print(f"  without what an empty topic takes, {tool} has {bare / ours:.2f} of the bare loop's speed")
    if name == "avro":
        for threads in ("1", "2"):
            pairs = zip(costs[f"JSON, streamctl -j {threads}"], costs[f"streamctl -j {threads}"])
            ratios = [json_cost.wall / cost.wall for json_cost, cost in pairs]
            print(f"  of the same records in JSON, streamctl -j {threads} has {statistics.median(ratios):.2f} of the speed")
    sys.stdout.flush()


def start_up(cluster):
    """Medians for a topic without records."""
    chosen = tools(cluster, "empty")
    costs = {tool: [] for tool in chosen}
    for _ in range(ROUNDS + 1):
        for tool, command in chosen.items():
            costs[tool].append(run(tool, command))
    print(f"a topic without records, {PARTITIONS} partitions: medians of {ROUNDS} rounds, least and most")
    medians = {}
    for tool, runs in costs.items():
        walls = [cost.wall for cost in runs[1:]]
        medians[tool] = statistics.median(walls)
        processor = statistics.median(cost.processor for cost in runs[1:])
        print(f"  {tool:20}{medians[tool] * 1000:8.0f} ms{min(walls) * 1000:8.0f} ms{max(walls) * 1000:8.0f} ms, "
              f"processor {processor * 1000:.0f} ms")
    sys.stdout.flush()
    return medians


def main():
    data = SCRATCH / f"topic-{RECORDS}.jsonl"
    if not data.exists():
        with open(data, "wb") as file:
            subprocess.run([STREAMCTL, "-q", f"demo:sensors?records={RECORDS}&keys=1000"], stdout=file, check=True)
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")
    with Cluster() as cluster:
        cluster.fill(data)
        starts = start_up(cluster)
        for name in sys.argv[5:] or ("plain", "lz4", "avro"):
            compare(cluster, name, data, starts)
    print(f"\nload {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
