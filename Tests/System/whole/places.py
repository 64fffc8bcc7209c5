"""Where records come from and where rows go: files, pipes, tables, topics."""

import random
import subprocess
import threading
import time

from ..common import lanes
from . import inputs, rows

FILES = ("file", "pipe", "slow pipe", "redirected")
TOPICS = ("topic", "partitions")


class Source:
    """The lines of a scenario where a run reads them."""

    def __init__(self, scenario, source):
        self.bench, self.kind, self.lines, folder = scenario.bench, scenario.source_kind, scenario.lines, scenario.folder
        self.seed, self.path, kind, lines = source.random(), None, self.kind, self.lines
        if kind == "file":
            self.arguments = inputs.files(source, lines, folder)
        elif kind in TOPICS:
            # A transaction cannot cover two clusters.
            is_small = source.random() < 0.5 or scenario.sink_kind == "topic"
            self.cluster = self.bench.broker if is_small else self.bench.mock_cluster
            self.produce(f"in{scenario.index}", source, 1 if kind == "topic" else source.randrange(2, 5))
        else:
            self.path = folder / "in.jsonl"
            self.path.write_bytes(b"".join(line.text + b"\n" for line in lines))
            for number, line in enumerate(lines, 1):
                line.place = ("stdin", number)
            self.arguments = ["-"]

    def produce(self, name, source, count):
        topic, ends, records, at = self.cluster.topic(name, count), [0] * count, [], 0
        for line in self.lines:
            at = source.randrange(count) if source.random() < 0.1 else at
            line.place = (f"{topic}[{at}]", ends[at])
            ends[at] += 1
            records.append({"value": line.text, "partition": at})
        self.cluster.produce(topic, records, batch_num_messages=source.choice((7, 100, 1000)))
        self.arguments = [self.cluster.url(topic, until="end")]

    @property
    def is_ordered(self):
        return self.kind != "partitions"

    @property
    def repeats(self):
        """Whether a job can read it again."""
        return self.path is None

    def flags(self, has_time):
        # Input that may be live would follow the clock.
        return ["--idle", "off", "--max-ahead", "off"] if self.path and has_time else []

    def start(self, arguments, extra=None, stdout=subprocess.PIPE, **settings):
        """Starts a run that reads these lines."""
        if self.path is None:
            return self.bench.start(arguments, extra, stdout=stdout, **settings)
        if self.kind == "redirected":
            with open(self.path, "rb") as file:
                return self.bench.start(arguments, extra, stdin=file, stdout=stdout, **settings)
        process = self.bench.start(arguments, extra, stdin=subprocess.PIPE, stdout=stdout, **settings)
        # communicate() must not close it as well.
        pipe, process.stdin = process.stdin, None
        threading.Thread(target=self.feed, args=(pipe,), daemon=True).start()
        return process

    def feed(self, pipe):
        noise, data, at = random.Random(self.seed), self.path.read_bytes(), 0
        slow = self.kind == "slow pipe"
        try:
            while at < len(data):
                size = noise.choice((1, 100, 4096, 65536)) if slow else 65536
                pipe.write(data[at:at + size])
                pipe.flush()
                at += size
                if slow and noise.random() < 0.3:
                    time.sleep(noise.choice((0.0005, 0.002)))
        except OSError:
            pass
        finally:
            try:
                pipe.close()
            except OSError:
                pass


class FileSink:
    """`--output FILE`."""

    kind, has_order, failpoints = "file", True, lanes.FILE_FAILPOINTS

    def __init__(self, bench, scenario):
        self.scenario, self.path = scenario, scenario.folder / "out"
        if bench.full_disk:
            self.path = bench.full_disk / f"out{scenario.index}"

    def flags(self):
        return ["-o", self.path, "-f", self.scenario.form]

    def job_flags(self):
        return ["--state-dir", self.scenario.folder / "state"]

    def text(self):
        # A killed run may leave half a character.
        return self.path.read_bytes().decode(errors="replace") if self.path.exists() else ""

    def rows(self):
        return rows.of_text(self.text(), self.scenario.form, self.scenario.query.columns)

    def clean_up(self):
        self.path.unlink(missing_ok=True)


class AppendedSink(FileSink):
    """Standard output, redirected to a file with >>."""

    kind = "stdout to a file"

    def flags(self):
        return ["-f", self.scenario.form]


class StdoutSink:
    """Standard output, a pipe."""

    kind, has_order, failpoints = "stdout", True, ()

    def __init__(self, _, scenario):
        self.scenario, self.printed = scenario, b""

    def flags(self):
        return ["-f", self.scenario.form]

    def text(self):
        return self.printed.decode(errors="replace")

    def rows(self):
        return rows.of_text(self.text(), self.scenario.form, self.scenario.query.columns)

    def clean_up(self):
        pass


class TableSink:
    has_order, failpoints = False, lanes.POSTGRES_FAILPOINTS

    def __init__(self, bench, scenario, mode):
        self.bench, self.scenario, self.mode = bench, scenario, mode
        self.kind = f"table, {mode}"
        self.table = f"t{scenario.index}"
        types = ", ".join(f"{name} {kind}" for name, kind in scenario.query.types().items())
        bench.sql(f"DROP TABLE IF EXISTS {self.table}; CREATE TABLE {self.table} ({types})")
        if mode == "upsert":
            key = ", ".join(scenario.query.key)
            bench.sql(f"CREATE UNIQUE INDEX ON {self.table} ({key}) NULLS NOT DISTINCT")

    def flags(self):
        port = self.scenario.proxy.port if self.scenario.proxy else None
        return ["-o", self.bench.server.url(port=port), "--table", self.table, "--mode", self.mode, "--create"]

    def job_flags(self):
        return []

    def rows(self):
        return rows.of_table(self.bench.open_session(), self.table, self.scenario.query.columns)

    def clean_up(self):
        self.bench.sql(f"DROP TABLE {self.table}")


class TopicSink:
    kind, has_order = "topic", False
    failpoints = ("before-transaction", "in-rows", "rows-produced", "offsets-sent", "before-commit", "after-commit")

    def __init__(self, bench, scenario):
        self.bench, self.scenario = bench, scenario
        self.topic = bench.broker.topic(f"out{scenario.index}", 2)

    def flags(self):
        return ["-o", self.bench.broker.url(self.topic)]

    def job_flags(self):
        return []

    def rows(self):
        text = "\n".join(message.value().decode() for message in self.bench.broker.read(self.topic))
        return rows.of_text(text, "json", self.scenario.query.columns)

    def clean_up(self):
        pass
