"""Rates of keeping a table by key from a topic, as ratios to SQL over the same changes, in turns. Nothing is judged.

The SQL copies the changes into a staged table and applies the last one of each key with one INSERT ... ON CONFLICT.
Called by Tests/Benchmarks/changes: changes.py STREAMCTL MOCK [--rounds N] [--changes N] [--keys N]
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import time

from System.common.bench import Bench as CommonBench
from System.common.report import Report

AIM = 0.9
# The mock cluster keeps 5 MiB of a partition.
PARTITIONS = 40
COLUMNS = "id bigint PRIMARY KEY, name text, amount double precision, at bigint"
# The mock cluster answers a fetch with one batch of a partition, where a broker sends as many as the fetch may bring.
LARGE_BATCHES = ("-X", "linger.ms=500", "-X", "batch.num.messages=50000")
FLAGS = ("--key", "id", "--select", "name,amount,at")


class Bench(CommonBench):
    def prepare(self):
        options = self.options
        self.session = self.server.session()
        # The ways: as many changes in a topic as in a staged table, into a table that is empty or has all keys.
        for table in ("kept", "merged", "wanted"):
            self.session.query(f"CREATE TABLE {table} ({COLUMNS})")
        self.session.query("CREATE TABLE staged (n bigint, id bigint, name text, amount double precision, at bigint)")
        self.write(random.Random(options.seed))
        self.mock = subprocess.Popen(
            [options.mock, "-t", f"changes:{PARTITIONS}", "-t", f"deletions:{PARTITIONS}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.started.append(self.mock)
        self.address = self.mock.stdout.readline().strip()
        for topic in ("changes", "deletions"):
            self.printed([self.folder / f"{topic}.jsonl", "-o", f"kafka://{self.address}/{topic}", "--key", "id", "-q", *LARGE_BATCHES])

    def write(self, rng):
        """The changes as records and as rows of the staged table; in `deletions` one of ten deletes its row."""
        with open(self.folder / "changes.jsonl", "w") as lines, open(self.folder / "deletions.jsonl", "w") as deletions, \
                open(self.folder / "staged.tsv", "w") as rows:
            for n in range(self.options.changes):
                key, name, amount = rng.randrange(self.options.keys), f"customer {rng.randrange(1000)}", rng.randrange(100000) / 100
                start = f'{{"id":{key},"name":"{name}","amount":{amount},"at":{n}'
                lines.write(f"{start}}}\n")
                deletions.write(start + (',"op":"d"}\n' if rng.random() < 0.1 else ',"op":"u"}\n'))
                rows.write(f"{n}\t{key}\t{name}\t{amount}\t{n}\n")

    def psql(self, *commands):
        words = [word for command in commands for word in ("-c", command)]
        subprocess.run(
            ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", self.server.url(), *words], check=True, cwd=self.folder)

    def stage(self):
        self.psql("\\copy staged FROM 'staged.tsv'")

    def merge(self):
        self.psql(
            "INSERT INTO merged (id, name, amount, at) SELECT DISTINCT ON (id) id, name, amount, at FROM staged ORDER BY id, n DESC "
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name, amount = excluded.amount, at = excluded.at")

    def streamctl(self, topic, *flags):
        outcome = self.run(
            [f"kafka://{self.address}/{topic}?until=end", *FLAGS, "-q", "-o", self.server.url(), "--table", "kept", *flags], patience=600)
        if outcome.status != 0:
            sys.exit(outcome.err)

    def mock_processor(self):
        """Seconds of processors that the mock cluster has taken."""
        with open(f"/proc/{self.mock.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def check(self):
        """Both have the same rows."""
        unlike = int(self.session.value("SELECT count(*) FROM (TABLE kept EXCEPT ALL TABLE merged) AS unlike"))
        if unlike or self.session.value("SELECT count(*) FROM kept") != self.session.value("SELECT count(*) FROM merged"):
            sys.exit(f"{unlike} rows differ from those of the SQL")


def timed(action, *arguments):
    began = time.monotonic()
    action(*arguments)
    return time.monotonic() - began


# A row that changes in several commits is written several times.
WAYS = {
    "streamctl": ("changes",), "in one commit": ("changes", "--commit-every", "1h"), "with --job": ("changes", "--create", "--job"),
    "with --if-newer": ("changes", "--if-newer", "at"), "with --delete": ("deletions", "--delete", "op = 'd'")}


def compare(bench, is_full):
    seconds = {name: [] for name in ("COPY", "INSERT", *WAYS)}
    brokers = []
    for number in range(bench.options.rounds):
        bench.session.query("TRUNCATE staged; CHECKPOINT")
        seconds["COPY"].append(timed(bench.stage))
        prepare(bench, "merged", is_full)
        seconds["INSERT"].append(timed(bench.merge))
        for name, (topic, *flags) in WAYS.items():
            prepare(bench, "kept", is_full)
            more = (f"job-{is_full}-{number}",) if "--job" in flags else ()
            before = bench.mock_processor()
            seconds[name].append(timed(bench.streamctl, topic, *flags, *more))
            brokers.append(bench.mock_processor() - before)
            if number == 0 and "--delete" not in flags:
                bench.check()
    show(bench, seconds, brokers, is_full)


def prepare(bench, table, is_full):
    """An empty table, or one with an earlier row of each key."""
    bench.session.query(f"TRUNCATE {table}")
    if is_full:
        bench.session.query(f"INSERT INTO {table} SELECT id, 'before', 0, -1 FROM generate_series(0, {bench.options.keys - 1}) AS id")
    bench.session.query(f"VACUUM ANALYZE {table}")
    bench.session.query("CHECKPOINT")


def show(bench, seconds, brokers, is_full):
    options = bench.options
    print(f"{options.changes} changes of {options.keys} keys, {'all of them' if is_full else 'none of them'} in the table before; "
          f"medians of {options.rounds} rounds; the broker took {statistics.median(brokers):.2f} s of processor")
    print(f"  {'':18}{'wall':>9}{'least':>9}{'most':>9}{'changes/s':>12}{'to INSERT':>11}{'to COPY and INSERT':>20}")
    for name, taken in seconds.items():
        alone = statistics.median(insert / own for insert, own in zip(seconds["INSERT"], taken))
        both = statistics.median((copy + insert) / own for copy, insert, own in zip(seconds["COPY"], seconds["INSERT"], taken))
        ratios = f"{alone:11.2f}{both:20.2f}" if name in WAYS else ""
        print(f"  {name:18}{statistics.median(taken):7.2f} s{min(taken):7.2f} s{max(taken):7.2f} s"
              f"{options.changes / statistics.median(taken):12.0f}{ratios}")
    print(f"  the aim is {AIM} of the speed of the INSERT", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("mock")
    for name, default in (("rounds", 5), ("seed", 0), ("changes", 1_000_000), ("keys", 100_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    bench = Bench(parser.parse_args(), Report())
    try:
        print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before")
        bench.prepare()
        for is_full in (False, True):
            compare(bench, is_full)
        print(f"load {os.getloadavg()[0]:.1f} after")
    finally:
        bench.clean_up()


if __name__ == "__main__":
    main()
