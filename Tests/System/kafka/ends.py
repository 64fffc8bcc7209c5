"""The end of a topic, and what holds the watermark back: silent partitions, growing topics, transactions and their markers."""

import json
import threading
import time

from ..common.compare import rows_of
from ..common.processes import wait_until
from . import cluster, rig

FLAGS = ("-t", "t", "-w", "10s", "--count")


class Bench(rig.Bench):
    def prepare(self):
        self.cluster = self.full_cluster()

    def half_silent(self):
        """A topic of three partitions; the last one is empty."""
        topic = self.cluster.topic("silent", 3)
        self.cluster.produce(topic, [{"value": rig.record(n), "partition": n % 2} for n in range(100)])
        return topic

    def live(self, *arguments):
        """A run whose lines are collected while it runs."""
        process = self.start(arguments)
        process.rows, process.messages = [], []
        for stream, kept in ((process.stdout, process.rows), (process.stderr, process.messages)):
            threading.Thread(target=collect, args=(stream, kept), daemon=True).start()
        return process

    def end_live(self, process, patience=15):
        process.terminate()
        began = time.monotonic()
        while process.poll() is None and time.monotonic() - began < patience:
            time.sleep(0.01)
        if process.poll() is None:
            process.kill()
            return ["it did not end"]
        return [] if process.returncode in (143, -15) else [f"status {process.returncode}"]


def collect(stream, kept):
    for line in stream:
        kept.append(line.decode(errors="replace"))


def idle(bench):
    """With --idle a silent partition does not hold the watermark back for long, not even if all are silent."""
    process = bench.live(bench.cluster.url(bench.half_silent(), start="beginning"), *FLAGS, "--idle", "2s")
    came = wait_until(lambda: len(process.rows) >= 9, 20)
    rows = [json.loads(line)["count"] for line in process.rows]
    problems = bench.end_live(process)
    return problems + ([] if came and rows == [10] * len(rows) else [f"rows {rows}: {process.messages}"])


def idle_among_others(bench):
    """The same while the others continue; then the silent one resumes, is waited for again, and loses nothing."""
    topic = bench.half_silent()
    arguments = (bench.cluster.url(topic, start="beginning"), *FLAGS, "--idle", "1s")
    process = bench.start_and_read(topic, lambda: bench.live(*arguments))
    at = 100
    for partitions, steps in ((2, 30), (3, 20)):
        for _ in range(steps):
            bench.cluster.produce(topic, [{"value": rig.record(at + n), "partition": n} for n in range(partitions)])
            at += partitions
            time.sleep(0.1)
        if partitions == 2:
            rows = len(process.rows)
    time.sleep(0.5)
    problems = bench.end_live(process)
    counts = [json.loads(line)["count"] for line in process.rows]
    if rows < 10:
        problems.append(f"{rows} rows while one partition was silent")
    return problems + ([] if counts == [10] * (at // 10) else [f"{sum(counts)} of {at} records: {counts} {process.messages}"])


def held(bench):
    """Without --idle no window closes, and a message names the partition that holds the watermark."""
    topic = bench.half_silent()
    process = bench.live(bench.cluster.url(topic, start="beginning"), *FLAGS)
    began = time.monotonic()
    warned = wait_until(lambda: any(f"{topic}[2]" in line for line in process.messages), 60)
    seconds = time.monotonic() - began
    rows = len(process.rows)
    problems = bench.end_live(process)
    problems += [] if rows == 0 else [f"{rows} rows though a partition is silent"]
    counts = [json.loads(line)["count"] for line in process.rows]
    problems += [] if sum(counts) == 100 else [f"after TERM {counts}"]
    problems += [] if warned else [f"no message names {topic}[2]: {process.messages}"]
    return problems, f"{seconds:.1f} s: {''.join(process.messages).strip()[:160]}"


def silent_at_the_end(bench):
    """With until=end an empty partition is at its end and does not hold the watermark."""
    rows = rows_of(bench.printed([bench.cluster.url(bench.half_silent(), until="end"), *FLAGS, "-W", "2s"]))
    return [] if [row["count"] for row in rows] == [10] * 10 else [f"rows {rows}"]


def uneven(bench):
    """Partitions with different time ranges: a partition far in the past is not late, whichever is read first."""
    topic = bench.cluster.topic("uneven", 3)
    bench.cluster.produce(topic, [{"value": rig.record(n), "partition": n // 3000} for n in range(9000)])
    for jobs in (1, 4):
        rows = rows_of(bench.printed([bench.cluster.url(topic, until="end"), *FLAGS, "-W", "1s", "-j", jobs]))
        if [row["count"] for row in rows] != [10] * 900:
            return [f"{len(rows)} rows with {sum(row['count'] for row in rows)} records"]
    return []


def written_to(bench):
    """until=end ends although the topic grows while it is read."""
    topic, stop, sent = bench.cluster.topic("written", 2), threading.Event(), [0]
    bench.cluster.produce(topic, [{"n": n} for n in range(5000)])

    def write():
        with cluster.sending(bench.cluster.producer()) as send:
            while not stop.is_set():
                for _ in range(200):
                    send(topic, {"n": sent[0]})
                    sent[0] += 1
                time.sleep(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    time.sleep(0.3)
    began = time.monotonic()
    outcome = bench.run([bench.cluster.url(topic, until="end"), "--count"], patience=60)
    seconds = time.monotonic() - began
    stop.set()
    writer.join()
    count = json.loads(outcome.out or '{"count":0}')["count"]
    problems = outcome.expect(0)
    if not 5000 <= count <= 5000 + sent[0]:
        problems.append(f"{count} records, {sent[0]} were written meanwhile")
    return problems + ([] if seconds < 20 else [f"it took {seconds:.0f} s"]), f"{count} records, {sent[0]} written meanwhile"


class Transactions:
    """Writes to a topic in transactions."""

    def __init__(self, cluster, topic):
        self.topic, self.producer = topic, cluster.producer(transactional_id=f"writer-{topic}", transaction_timeout_ms=60000)
        self.producer.init_transactions(20)

    def write(self, numbers, end="commit", partition=0):
        self.producer.begin_transaction()
        for number in numbers:
            self.producer.produce(self.topic, json.dumps({"n": number}), partition=partition)
        self.producer.flush(20)
        if end == "commit":
            self.producer.commit_transaction(20)
        elif end == "abort":
            self.producer.abort_transaction(20)


def numbers(bench, topic, *flags, **query):
    outcome = bench.run([bench.cluster.url(topic, until="end", **query), *flags], patience=40)
    if outcome.status != 0:
        raise RuntimeError(f"status {outcome.status}: {outcome.err[:300]}")
    return [json.loads(line)["n"] for line in outcome.out.splitlines()]


def markers(bench):
    """The last offset is a marker of a commit or an abort, or there are only markers."""
    problems = []
    for name, steps, wanted in (
            ("committed", [(range(10), "commit")], range(10)), ("aborted", [(range(10), "abort")], []),
            ("mixed", [(range(5), "commit"), (range(5, 9), "abort"), (range(9, 12), "commit"), (range(12, 14), "abort")],
             [*range(5), *range(9, 12)])):
        topic = bench.cluster.topic(f"markers-{name}", 2)
        transactions = Transactions(bench.cluster, topic)
        for values, end in steps:
            transactions.write(values, end)
        found = numbers(bench, topic)
        problems += [] if found == list(wanted) else [f"{name}: {found}"]
        problems += [] if numbers(bench, topic, "-X", "isolation.level=read_uncommitted") == [
            n for values, _ in steps for n in values] else [f"{name}: read_uncommitted differs"]
    return problems


def open_transaction(bench):
    """The end is before an open transaction; a job reads what follows after it was closed."""
    topic = bench.cluster.topic("open", 1)
    transactions = Transactions(bench.cluster, topic)
    transactions.write(range(5))
    transactions.write(range(5, 8), "leave open")
    bench.cluster.produce(topic, [{"n": 8}])
    began = time.monotonic()
    output = ["-o", bench.folder / "open.jsonl", "--job", "open", "--state-dir", bench.folder / "open-state"]
    arguments = [bench.cluster.url(topic, until="end"), *output]
    problems = bench.run(arguments, patience=40).expect(0)
    if time.monotonic() - began > 25:
        problems.append(f"it took {time.monotonic() - began:.0f} s")
    transactions.producer.commit_transaction(20)
    transactions.write(range(9, 11), "abort")
    bench.cluster.produce(topic, [{"n": 11}])
    problems += bench.run(arguments, patience=40).expect(0) + bench.run(arguments, patience=40).expect(0)
    found = [row["n"] for row in rows_of((bench.folder / "open.jsonl").read_text())]
    return problems + ([] if found == [0, 1, 2, 3, 4, 5, 6, 7, 8, 11] else [f"{found}"])


def window_over_markers(bench):
    """A job that resumes within a topic with markers and gaps between offsets."""
    topic, problems = bench.cluster.topic("gaps", 1), []
    transactions = Transactions(bench.cluster, topic)
    output = bench.folder / "gaps.jsonl"
    arguments = [bench.cluster.url(topic, until="end"), "-o", output, "--job", "gaps", "--state-dir", bench.folder / "gaps-state"]
    written = []
    for step in range(12):
        values = range(step * 5, step * 5 + 5)
        end = "abort" if step % 3 == 2 else "commit"
        transactions.write(values, end)
        written += list(values) if end == "commit" else []
        problems += bench.run(arguments, patience=40).expect(0)
    found = [row["n"] for row in rows_of(output.read_text())]
    return problems + ([] if found == written else [f"{found} instead of {written}"])


def checks(bench):
    check = bench.report.check
    check("a silent partition, --idle", idle, bench)
    check("a silent partition among others, which resumes", idle_among_others, bench)
    check("a silent partition, no --idle", held, bench)
    check("a silent partition, until=end", silent_at_the_end, bench)
    check("partitions that are far apart", uneven, bench)
    check("until=end of a topic that is written to", written_to, bench)
    check("markers of transactions at the end", markers, bench)
    check("an open transaction", open_transaction, bench)
    check("a job over transactions, a run for each", window_over_markers, bench)
