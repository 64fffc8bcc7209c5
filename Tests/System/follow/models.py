"""Random histories of several followed logs, rotated while the job that reads them is killed, against a model in Python.

--runs says how many histories; --only repeats one of a seed and shows all of it.
"""

import collections
import datetime
import json
import random
import shutil
import signal
import time

from ..common import bench
from ..common.compare import rows_of
from ..common.places import Missing
from ..common.processes import wait_until
from ..common.report import problems_of
from . import naming, writer
from .follower import COMMITS, PATIENCE, shortened, unlike_ledger

try:
    from ..kafka import rig
except Missing:
    rig = None

OPTIONS = {"runs": 8, "only": -1}
# The numbers of each log of a history begin at a multiple of this.
RANGE = 1_000_000
# No record is late, whichever log is read first.
WINDOWED = ("-t", "ts", "-W", "2h", "--max-ahead", "off", "-w", "10s", "-g", "k", "--count", "--sum", "n", "--min", "v")
LAST = "last"


class Log(writer.Log):
    """A log with one record a second. `kind` says how a record is written."""

    def __init__(self, kind, *arguments):
        super().__init__(*arguments, banner=kind.header)
        self.kind, self.records, self.is_ending = kind, {}, False

    def line(self):
        number = self.next
        self.next += 1
        start = datetime.datetime(2036 if self.is_ending else 2026, 3, 1)
        moment = start + datetime.timedelta(seconds=number % RANGE)
        key = LAST if self.is_ending else self.rng.choice("abc")
        record = {"n": number, "ts": f"{moment.isoformat()}Z", "k": key, "v": self.rng.randint(-99, 99)}
        self.records[number] = record
        return number, self.kind.text(record, self.rng)

    def write_last(self):
        """A record that closes all windows before it, and completes the record before it."""
        self.is_ending = True
        self.open_again()
        self.write(1)
        self.close_all()


class Windows:
    """JSON into windows. One log at the end is enough to close them: the others are idle."""

    header, flags, ends_all = b"", (*WINDOWED, "--idle", "1s"), False

    def text(self, record, rng):
        return f'{{"n":{record["n"]},"ts":"{record["ts"]}","k":"{record["k"]}","v":{record["v"]}}}\n'.encode()

    def model(self, records):
        """The rows, in any order."""
        windows = collections.defaultdict(list)
        for record in records:
            windows[record["k"], record["ts"][:18] + "0Z"].append(record)
        return sorted(
            (key, start, len(found), sum(record["n"] for record in found), min(record["v"] for record in found))
            for (key, start), found in windows.items())

    def found(self, text):
        rows = (row for row in rows_of(text) if row["k"] != LAST)
        return sorted((row["k"], row["window_start"], row["count"], row["sum_n"], row["min_v"]) for row in rows)

    def unlike(self, logs, text):
        records = [log.records[number] for log in logs for number in log.expected()]
        expected = self.model(record for record in records if record["k"] != LAST)
        found = self.found(text)
        missing = list((collections.Counter(expected) - collections.Counter(found)).elements())
        surplus = list((collections.Counter(found) - collections.Counter(expected)).elements())
        return [f"{len(rows)} rows {how}: {shortened(rows, 3)}" for rows, how in ((missing, "missing"), (surplus, "not in the model")) if rows]


class Tables(Windows):
    """CSV into windows; each generation begins with the header. All logs must go on: none is ever idle."""

    header, flags, ends_all = b"n,ts,k,v\n", (*WINDOWED, "--idle", "off"), True

    def text(self, record, rng):
        # A quoted cell may hold a newline; here, it holds what else must be quoted.
        value = f'"{record["v"]}"' if rng.random() < 0.3 else record["v"]
        return f'{record["n"]},{record["ts"]},{record["k"]},{value}\n'.encode()


class Stacks:
    """Records over several lines, all of which come in order."""

    header, ends_all = b"", True
    flags = ("--input-format", "lines", "--record-start", "^n=", "--select", "line")

    def text(self, record, rng):
        more = "".join(f"  at {record['n']}.{number}\n" for number in range(rng.choice((0, 1, 3))))
        record["text"] = f'n={record["n"]} {record["ts"]}\n{more}'
        return record["text"].encode()

    def unlike(self, logs, text):
        found, problems = [row["line"] for row in rows_of(text)], []
        for log in logs:
            mine = {log.records[number]["text"].rstrip("\n"): number for number in log.expected()}
            # The last one may still go on.
            problems += unlike_ledger(log.expected(), log.expected()[-1:], [mine[one] for one in found if one in mine])
        known = {record["text"].rstrip("\n") for log in logs for record in log.records.values()}
        strange = [one for one in found if one not in known]
        return problems + ([f"{len(strange)} records were never written: {strange[:3]}"] if strange else [])


class Messages(Windows):
    """JSON into a topic, as messages of transactions: each once, those of a log in order."""

    flags, ends_all = ("--select", "n"), True

    def unlike(self, logs, text):
        found = [row["n"] for row in rows_of(text)]
        return [
            problem for log in logs
            for problem in unlike_ledger(log.expected(), (), [n for n in found if n in log.records])]


KINDS = {"windows": Windows(), "tables": Tables(), "records of several lines": Stacks(), "topics": Messages()}


class History:
    def __init__(self, bench, index):
        self.bench, self.index = bench, index
        self.rng = random.Random(f"{bench.seed} {index}")
        self.title = list(KINDS)[index % len(KINDS)]
        self.kind, self.is_topic = KINDS[self.title], self.title == "topics"
        self.folder = bench.folder / f"history{index}"
        self.folder.mkdir()
        self.actions, self.process = [], None
        self.logs = [
            Log(self.kind, self.folder / f"app{number}.log", naming.Numbered(), self.rng, number * RANGE + 1)
            for number in range(self.rng.randint(2, 4))]
        self.topic = bench.broker.topic("followed") if self.is_topic else None
        self.output = bench.broker.url(self.topic) if self.is_topic else self.folder / "out.jsonl"
        is_pattern = self.rng.random() < 0.5
        self.names = [self.folder / "*.log"] if is_pattern else [log.path for log in self.logs]

    # Runs of the program.

    def start(self):
        self.actions.append("start")
        self.process = self.bench.start([
            *(word for name in self.names for word in ("-F", name)), *self.kind.flags, "-o", self.output, "--job",
            f"history{self.index}", *(() if self.is_topic else ("--state-dir", self.folder / "state")), *COMMITS, "-v"])

    def end(self, sent):
        self.process.send_signal(sent)
        outcome, self.process = self.bench.finish(self.process), None
        self.actions += [f"| {line}" for line in outcome.err.splitlines()]
        return outcome.expect(128 + sent)

    def shown(self):
        """For the ledger: nothing is lost here, whatever a run has shown."""
        return set()

    durable = shown

    def text(self):
        if self.is_topic:
            return "".join(f"{json.dumps(value)}\n" for value in self.bench.broker.values(self.topic))
        return self.output.read_text() if self.output.exists() else ""

    # The logs.

    def act(self, log):
        rng = self.rng
        name = rng.choices(("write", "start a line", "rename", "late", "copy and truncate", "compress"), (8, 2, 3, 2, 2, 3))[0]
        self.actions.append(f"{name}: {log.path.name}, {log.next}")
        if name == "write":
            log.write(rng.choice((1, 10, 100)))
        elif name == "start a line":
            if not log.now.content.numbers:
                log.write(1)
            log.start_line()
        elif name == "rename":
            log.rename(self)
            log.write(1)
        elif name == "late":
            log.rename(self, is_late=True)
            log.write(rng.randint(1, 9))
            log.write(rng.randint(1, 9), log.late[0])
            log.close(log.late[0])
        elif name == "copy and truncate":
            log.finish_line(log.now)
            log.copy_and_truncate(self)
            log.write(1)
        elif log.can_compress():
            log.compress(rng.choice(log.can_compress()), rng.choice(("gzip", "zstd")))

    def problems(self):
        for log in self.logs:
            log.create()
            log.write(3)
        found = self.first_run()
        for _ in range(self.rng.randint(20, 50)):
            if found:
                return found
            self.act(self.rng.choice(self.logs))
            time.sleep(self.rng.choice((0, 0, 0.01, 0.03)))
            if self.process is None:
                self.start()
            elif self.rng.random() < 0.15:
                found = self.end(self.rng.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)))
        return found or self.settle()

    def first_run(self):
        """A job that has stored nothing would begin with the newest files."""
        self.start()
        time.sleep(0.5)
        return self.end(signal.SIGTERM)

    def settle(self):
        for log in self.logs:
            log.close_all()
        if self.process is None:
            self.start()
        for log in self.logs if self.kind.ends_all else self.logs[:1]:
            log.write_last()
        wait_until(lambda: self.process.poll() is not None or not self.unlike(), PATIENCE)
        found = self.unlike()
        return found + self.end(signal.SIGKILL) if self.process.poll() is None else found + ["ended by itself"]

    def unlike(self):
        return self.kind.unlike(self.logs, self.text())

    def clean_up(self):
        for log in self.logs:
            log.close_all()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        if self.process is not None:
            self.actions += [f"| {line}" for line in self.bench.finish(self.process).err.splitlines()]
        shutil.rmtree(self.folder, ignore_errors=True)


class Bench(rig.Bench if rig else bench.Bench):
    @property
    def broker(self):
        if not hasattr(self, "one"):
            self.one = self.small()
        return self.one


def one(bench, index):
    """A history. Returns it with its problems."""
    history = History(bench, index)
    found = problems_of(history)
    history.clean_up()
    return history, found


def checks(bench):
    only, passed = bench.options.only, collections.Counter()
    if rig is None:
        bench.report.skip("topics", "the Python package confluent-kafka is not installed")
    for index in range(bench.options.runs) if only < 0 else [only]:
        if rig is None and list(KINDS)[index % len(KINDS)] == "topics":
            continue
        history, problems = one(bench, index)
        if problems or only >= 0:
            print("".join(f"        {action}\n" for action in history.actions), end="")
        if problems:
            bench.report.judge(f"history {index}, {history.title}", problems, again=("--only", index))
        else:
            passed[history.title] += 1
    for title, count in sorted(passed.items()):
        bench.report.judge(title, [], f"{count} histories")
