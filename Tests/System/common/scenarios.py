"""The jobs that the tests kill and resume: their input, their flags and their tables."""

import dataclasses
import gzip
import json
import subprocess

TIME = ("-t", "event_time")
DEMO = {"records": 60000, "keys": 20, "disorder": "3s", "seed": 5}
# Where windows overlap or grow, the key includes their end.
WINDOW = ("sensor_id", "window_start", "window_end")
KEY = WINDOW[:2]
AGGREGATES = ("--count", "--avg", "temperature", "--min", "temperature", "--max", "humidity")
TYPES = {
    "sensor_id": "text", "window_start": "timestamptz", "window_end": "timestamptz", "count": "bigint",
    "avg_temperature": "double precision", "min_temperature": "double precision", "max_humidity": "double precision",
    "temperature": "double precision", "event_time": "timestamptz", "revision": "bigint", "final": "boolean",
    "padding": "text"}
NUMBERS = ("count", "avg_temperature", "min_temperature", "max_humidity")


@dataclasses.dataclass
class Scenario:
    name: str
    flags: tuple
    columns: tuple
    mode: str = "upsert"
    key: tuple = KEY
    inputs: str = "plain"
    rejects: bool = False
    # Early rows of open windows are among the others, at the pace of the wall clock.
    early: bool = False
    # The table refuses some rows, which are then rejected.
    refused: bool = False

    def create(self, table):
        """The DDL of the table, with the unique index that an upsert needs."""
        columns = ", ".join(f"{name} {TYPES[name]}" for name in (*self.columns, *["final"] * self.early))
        statements = [f"CREATE TABLE {table} ({columns})"]
        if self.mode == "upsert":
            statements.append(f"CREATE UNIQUE INDEX ON {table} ({', '.join(self.key)}) NULLS NOT DISTINCT")
        return "; ".join(statements)


def windowed(name, *flags, **settings):
    return Scenario(name, (*TIME, *flags, "-g", "sensor_id", *AGGREGATES), (*WINDOW, *NUMBERS), **settings)


def late(name, **settings):
    """Windows that are corrected after closing, and records that are too late even for that."""
    flags = (*TIME, "-W", "2s", "--lateness", "15s", "-w", "30s", "-g", "sensor_id", *AGGREGATES)
    return Scenario(name, flags, (*WINDOW, *NUMBERS, "revision"), inputs="late", rejects=True, **settings)


def wide(name, *flags):
    """Rows so long that they need several commits, between which the reader has to wait."""
    names = ("sensor_id", "window_start", "window_end", "count") if "-w" in flags else ("sensor_id", "event_time")
    select = ",".join((*names, f"padding='{'x' * 3500}'"))
    return Scenario(name, (*flags, select), (*names, "padding"), mode="append", key=(), inputs="short")


SCENARIOS = [
    windowed("tumbling-upsert", "-W", "5s", "-w", "10m"),
    windowed("tumbling-append", "-W", "5s", "-w", "10m", mode="append"),
    windowed("hopping-upsert", "-W", "5s", "--hopping", "1h", "--every", "15m", key=WINDOW),
    windowed("hopping-append", "-W", "5s", "--hopping", "1h", "--every", "15m", mode="append"),
    windowed("session-upsert", "-W", "5s", "--session", "40s", key=WINDOW),
    windowed("session-append", "-W", "5s", "--session", "40s", mode="append"),
    windowed("calendar-append", "-W", "5s", "--calendar", "hour", mode="append"),
    windowed("cumulative-upsert", "-W", "5s", "--cumulative", "2h", "--every", "20m", key=WINDOW),
    windowed("files-append", "-W", "5s", "-w", "10m", mode="append", inputs="three"),
    windowed("at-end-append", "-w", "10m", mode="append"),
    windowed("at-end-upsert", "--hopping", "1h", "--every", "10m", key=WINDOW),
    Scenario("whole-input-upsert", ("-g", "sensor_id", *AGGREGATES), ("sensor_id", *NUMBERS), key=("sensor_id",)),
    Scenario("whole-input-append", ("-g", "sensor_id", *AGGREGATES), ("sensor_id", *NUMBERS), mode="append"),
    Scenario(
        "pass-through-append", ("--select", "sensor_id,temperature,event_time"),
        ("sensor_id", "temperature", "event_time"), mode="append", key=()),
    windowed("gzip-append", "-W", "5s", "-w", "10m", mode="append", inputs="gzip"),
    Scenario(
        "zstd-pass-through", ("--select", "sensor_id,temperature,event_time"),
        ("sensor_id", "temperature", "event_time"), mode="append", key=(), inputs="zstd"),
    windowed("members-append", "-W", "5s", "-w", "10m", mode="append", inputs="members"),
    windowed("rejects-append", "-W", "1s", "-w", "10m", mode="append", inputs="spoiled", rejects=True),
    late("lateness-upsert"),
    late("lateness-append", mode="append"),
    windowed("dedup-append", "-W", "5s", "-w", "10m", "--dedup", "sensor_id,temperature", "--within", "20m", mode="append"),
    windowed("dedup-upsert", "-W", "5s", "--session", "40s", "--dedup", "sensor_id", "--within", "20s", key=WINDOW),
    windowed("dedup-at-end-append", "-w", "10m", "--dedup", "temperature", mode="append"),
    Scenario(
        "dedup-pass-through", (*TIME, "-W", "2s", "--dedup", "sensor_id", "--within", "25s", "--select", "sensor_id,temperature,event_time"),
        ("sensor_id", "temperature", "event_time"), mode="append", key=(), inputs="late", rejects=True),
    windowed("early-upsert", "-W", "5s", "-w", "10m", "--early", "10ms", early=True),
    windowed(
        "early-dedup-append", "-W", "5s", "-w", "10m", "--dedup", "sensor_id", "--within", "20s", "--early", "10ms",
        mode="append", early=True),
    windowed("early-append", "-W", "5s", "-w", "10m", "--early", "10ms", mode="append", early=True),
    wide("wide-append", *TIME, "-w", "1m", "-g", "sensor_id", "--count", "--select"),
    wide("wide-pass-through", "--select"),
    Scenario(
        "rejects-pass-through", (*TIME, "--select", "sensor_id,temperature,event_time"),
        ("sensor_id", "temperature", "event_time"), mode="append", key=(), inputs="spoiled", rejects=True),
    Scenario(
        "refused-append", ("--select", "sensor_id,temperature,event_time"),
        ("sensor_id", "temperature", "event_time"), mode="append", key=(), inputs="spoiled", rejects=True, refused=True),
]

# A batch, or the end of the input, brings more rows than one commit takes: the position stays before rows that are
# delivered, and the checkpoint counts them.
BEYOND = [
    wide("records", "--select"),
    wide("closed-windows", *TIME, "-W", "5s", "-w", "1m", "-g", "sensor_id", "--count", "--select"),
    wide("windows-at-the-end", *TIME, "-w", "30s", "-g", "sensor_id", "--count", "--select"),
]


def inputs(bench):
    """The input files of scenarios, by name."""
    plain = bench.demo("plain.jsonl", **DEMO)
    lines = plain.read_text().splitlines(keepends=True)
    parts = []
    for number, (start, end) in enumerate(((0, 17000), (17000, 17001), (17001, len(lines)))):
        part = bench.folder / f"part{number}.jsonl"
        part.write_text("".join(lines[start:end]))
        parts.append(part)
    spoiled = bench.folder / "spoiled.jsonl"
    spoiled.write_text("".join(spoil(number, line) for number, line in enumerate(lines)))
    late = bench.demo("late.jsonl", **{**DEMO, "records": 30000, "disorder": "30s"})
    short = bench.folder / "short.jsonl"
    # More than four batches.
    short.write_text("".join(lines[:24000]))
    return {
        "plain": [plain], "short": [short], "three": parts, "spoiled": [spoiled], "late": [late],
        **compressed(bench, plain.read_bytes())}


def compressed(bench, content):
    """The same records in files of one member, and in members between which a line goes on, one file after the other."""
    (bench.folder / "plain.jsonl.gz").write_bytes(gzip.compress(content))
    (bench.folder / "plain.jsonl.zst").write_bytes(zstd(content))
    size, line = len(content), content.index(b"\n", len(content) // 2) + 1
    members = [content[start:end] for start, end in ((0, size // 4), (size // 4, line), (line, size // 4 * 3), (size // 4 * 3, size))]
    (bench.folder / "first.jsonl.gz").write_bytes(gzip.compress(members[0]) + gzip.compress(members[1]))
    (bench.folder / "second.jsonl.zst").write_bytes(zstd(members[2]) + zstd(members[3]))
    return {
        "gzip": [bench.folder / "plain.jsonl.gz"], "zstd": [bench.folder / "plain.jsonl.zst"],
        "members": [bench.folder / "first.jsonl.gz", bench.folder / "second.jsonl.zst"]}


def zstd(content):
    return subprocess.run(["zstd", "-q", "-c"], input=content, stdout=subprocess.PIPE, check=True).stdout


def spoil(number, line):
    """Breaks every 200th record, alternately its JSON and its time."""
    if number % 400 == 100:
        return f'{{"broken":{number}\n'
    if number % 400 == 300:
        record = json.loads(line)
        record["event_time"] = f"no time {number}"
        return json.dumps(record) + "\n"
    return line


def accepted(scenario, rows):
    """The rows that the table accepts."""
    return [row for row in rows if not (scenario.refused and row["event_time"].startswith("no time"))]


def last_of_each_key(scenario, rows):
    """The rows that an upsert leaves: the last one of each key."""
    if scenario.mode != "upsert":
        return rows
    return list({tuple(row.get(column) for column in scenario.key): row for row in rows}.values())
