"""Random stages of a command line, each over the columns of the one before it; and records and tables for the first one."""

import dataclasses
import json
import re
import subprocess

from .bench import PATIENCE
from .processes import Outcome

CONTROL = '{"$watermark"'
PLAIN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\Z")
HOSTS = ("a", "b", "c", "déjà vu", 'q"uo\\te', "", "007", "7", None, 7, True, "a\nb", "long " * 12, "\u2028", "-", "1e3", 1.5)
# The columns of the records, and what they hold: "some" is any kind of value.
RECORDS = {
    "ts": "time", "at": "time", "host": "text", "ms": "number", "id": "text", "req.path": "text", "geo.city": "text", "flag": "some",
    "big": "number"}
TABLE = {"room": "text", "floor": "number"}


def quoted(name):
    return name if PLAIN.match(name) else f'"{name}"'


def records(source, count, hosts, padding=0):
    """Lines of records, not quite in the order of their times; a few are broken or lack fields."""
    now, lines = 1_772_323_200_000 + source.randrange(0, 3_600_000), []
    kinds = [(0, 500, 1000, 3000, 20_000, -2000, -15_000, 90_000), (0, 1, 250, 1000, -400)]
    # Not in a long input: windows that are filled would be too many.
    steps = source.choice(kinds + [(1000, 60_000, -30_000, 600_000)] * (count < 200))
    names = [source.choice(HOSTS) if number < len(HOSTS) else f"host{number}" for number in range(hosts)]
    for number in range(count):
        now += source.choice(steps)
        seconds, millis = divmod(now, 1000)
        minutes = seconds // 60 % 60
        record = {
            "ts": now, "at": f"2026-03-0{1 + seconds // 86400 % 9}T{seconds // 3600 % 24:02}:{minutes:02}:{seconds % 60:02}.{millis:03}Z",
            "host": source.choice(names), "ms": source.choice((1, 7, 30.5, 59, -3, None, "12.25", "slow", 0.1, 1e21)),
            "id": source.choice("pqrstuvw") + str(source.randrange(4)), "req.path": source.choice(("/", "/cart", "/a b", "")),
            "geo": source.choice(({"city": "Ulm"}, {"city": None}, {}, {"city": "Köln"})),
            "flag": source.choice((True, False, None, [1, {"x": "}"}], {"n": []}, "true")),
            "big": source.choice((2 ** 63 - 1, 12345678901234567890123, 5, -2 ** 63, 0))}
        if padding:
            record["padding"] = f"{number:09}" * (padding // 9)
        if source.random() < 0.05:
            record.pop(source.choice(list(record)))
        text = json.dumps(record, ensure_ascii=source.random() < 0.3, separators=source.choice(((",", ":"), (", ", ": "))))
        lines.append(text if source.random() > 0.02 else source.choice(("broken", '{"ts":1', "[1]", "", '{"$watermark":{"other":1}}')))
    return "".join(f"{line}\n" for line in lines)


def table(source):
    """The CSV text of a table with rows for some hosts."""
    lines = ["host,room,floor"]
    for host in ("a", "b", "déjà vu", "007", "host20", "host30"):
        if source.random() < 0.8:
            lines.append(f"{host},{source.choice(('Attic', 'Office', ''))},{source.randrange(4)}")
    return "".join(f"{line}\n" for line in lines)


@dataclasses.dataclass
class Settings:
    # The table of --lookup.
    table: str = ""
    # For a job: no windows of rows, and nothing without a watermark.
    is_job: bool = False


class Stage:
    """The flags of a random stage, and the columns of its rows."""

    def __init__(self, source, columns, settings, number, is_last):
        """number: that of the stage, from 1."""
        self.source, self.columns, self.settings = source, columns, settings
        self.number, self.is_last = number, is_last
        self.count = "count" if number == 1 else f"n{number}"
        self.flags = []
        # What it needs in addition when it is a process of its own.
        self.alone = []
        # Many values of the other columns are no times.
        times = self.named("time") if self.maybe(0.92) or settings.is_job and number == 1 else list(columns)
        self.time = None
        if number == 1:
            self.time = source.choice(times) if settings.is_job or source.random() < 0.9 else None
        elif "window_start" in columns and source.random() < 0.7:
            self.time, self.alone = "window_start", ["-t", "window_start"]
        elif times and source.random() < 0.9:
            self.time = source.choice(times)
        elif "window_start" in columns:
            self.time, self.alone = "window_start", ["-t", "window_start"]
        if self.time and not self.alone:
            self.flags += ["-t", quoted(self.time)]
        self.is_passing = source.random() < (0.3 if self.time else 0.5)
        self.prepare()
        # Whether its rows can tell the next process the watermark.
        self.punctuates = self.pass_through() if self.is_passing else self.aggregate()

    def named(self, *kinds):
        return [name for name, kind in self.columns.items() if kind in kinds]

    def maybe(self, chance):
        return self.source.random() < chance

    def prepare(self):
        """What is done with records before they are grouped."""
        source, numbers = self.source, self.named("number")
        if "host" in self.columns and not {"room", "floor"} & set(self.columns) and self.settings.table and self.maybe(0.2):
            missing = source.choice(("null", "null", "drop"))
            self.flags += ["--lookup", f"{self.settings.table}?on=host&missing={missing}"]
            self.columns = {**self.columns, **TABLE}
        if numbers and self.maybe(0.3):
            self.flags += ["--where", f"{quoted(source.choice(numbers))} {source.choice(('>', '<', '!='))} {source.randrange(0, 60)}"]
        if numbers and self.maybe(0.2):
            name = source.choice((f"twice{self.number}", f"x y{self.number}", f"n.n{self.number}"))
            self.flags += ["--let", f"{quoted(name)}={quoted(source.choice(numbers))} * 2"]
            self.columns = {**self.columns, name: "number"}
        texts = self.named("text")
        if texts and self.maybe(0.2):
            self.flags += ["--dedup", ",".join(map(quoted, source.sample(texts, min(len(texts), source.choice((1, 1, 2))))))]
            if self.time and self.maybe(0.6):
                self.flags += ["--within", f"{source.choice((5, 60, 600))}s"]
                # Without a window, the watermark is needed too.
                self.needs_delay = True

    needs_delay = False

    def pass_through(self):
        if not self.is_last and self.maybe(0.4) or self.maybe(0.6) or not self.flags:
            names = [name for name in self.columns if self.maybe(0.8)] or list(self.columns)
            if self.settings.is_job and self.time and self.time not in names:
                names.append(self.time)
            columns, items = {}, []
            for name in names:
                other = f"{name}_2" if self.maybe(0.2) else name
                items.append(quoted(name) if other == name else f"{quoted(other)}={quoted(name)}")
                columns[other] = self.columns[name]
            self.flags += ["--select", ",".join(items)]
            self.columns = columns
            return self.time in names
        return self.time is not None

    def aggregate(self):
        source = self.source
        kind, window = "whole", []
        size = source.choice((10, 30, 60, 120, 600, 3600))
        if self.time:
            kind = source.choice(("tumbling",) * 4 + ("hopping", "cumulative", "session", "session", "calendar", "whole"))
        if not self.settings.is_job and self.maybe(0.07):
            kind = "rows"
        if kind == "tumbling":
            window = ["-w", f"{size}s", *(["--align", f"{source.choice((-7, 5, 20))}s"] if self.maybe(0.2) else [])]
        elif kind in ("hopping", "cumulative"):
            window = [f"--{kind}", f"{size}s", "--every", f"{size // source.choice((2, 5))}s"]
        elif kind == "session":
            window = ["--session", f"{source.choice((5, 20, 60, 600))}s"]
        elif kind == "calendar":
            window = ["--calendar", source.choice(("hour", "day")), "--time-zone", source.choice(("UTC", "Asia/Kolkata"))]
        elif kind == "rows":
            window = ["--rows", str(source.choice((2, 5))), *(["--every", "1"] if self.maybe(0.5) else [])]
        is_timed = kind not in ("whole", "rows")
        self.kind = kind
        self.flags += window
        columns = self.keys()
        if is_timed:
            columns |= {"window_start": "time", "window_end": "time"}
        columns |= self.aggregates()
        is_limited = kind in ("tumbling", "hopping", "calendar", "whole") and self.maybe(0.25)
        is_corrected = False
        if is_limited:
            self.flags += ["--sort", f"-{self.count}", "--limit", str(source.choice((1, 2, 5)))]
            if self.maybe(0.5):
                self.flags += ["--rank", f"place{self.number}"]
                columns[f"place{self.number}"] = "number"
            if is_timed and self.maybe(0.3):
                self.flags += ["--lateness", f"{source.choice((10, 60, 600))}s"]
                columns["revision"] = "number"
                is_corrected = True
        elif kind == "tumbling" and size >= 60 and self.maybe(0.25):
            self.flags += ["--fill" if self.is_last and self.maybe(0.5) else "--fill-all"]
        elif is_timed and kind != "session" and self.maybe(0.15):
            self.flags += ["--lateness", f"{source.choice((10, 60))}s"]
            columns["revision"] = "number"
        if self.maybe(0.2) and not is_corrected:
            self.flags += ["--having", f"{self.count} > 1"]
        if self.maybe(0.1):
            self.flags += ["--digits", "1"]
        self.columns = columns
        return is_timed

    def keys(self):
        """The group keys: fields, and sometimes an expression or another name."""
        columns, texts = {}, self.named("text", "some")
        for key in self.source.sample(texts, min(len(texts), self.source.choice((0, 1, 1, 1, 2)))):
            if self.maybe(0.2):
                self.flags += ["-g", f"key_{len(columns)}={quoted(key)}"]
                columns[f"key_{len(columns)}"] = "text"
            elif key not in ("window_start", "window_end"):
                self.flags += ["-g", quoted(key)]
                columns[key] = self.columns[key]
        return columns

    def aggregates(self):
        source = self.source
        numbers, times, others = self.named("number"), self.named("time"), self.named("text", "some")
        self.flags += ["--count"] if self.number == 1 else ["-a", f"{self.count}=count()"]
        columns = {self.count: "number"}
        if numbers:
            column = quoted(source.choice(numbers))
            for name in source.sample(("avg", "max", "min", "sum", "first", "last", "median", "stddev"), 2):
                self.flags += [f"--{name}", f"{name}{self.number}={column}"]
                columns[f"{name}{self.number}"] = "number"
            if self.maybe(0.15):
                self.flags += ["--quantile", f"q{self.number}=0.9:{column}"]
                columns[f"q{self.number}"] = "number"
            if self.maybe(0.1):
                self.flags += ["-a", f'"per.row{self.number}"=round(sum({column}) / count(), 2)']
                columns[f"per.row{self.number}"] = "number"
        if times and self.maybe(0.3):
            self.flags += [f"--{source.choice(('min', 'max'))}", f"seen{self.number}={quoted(source.choice(times))}"]
            columns[f"seen{self.number}"] = "time"
        if others and self.maybe(0.3):
            column = quoted(source.choice(others))
            name, kind = source.choice((("distinct", "number"), ("top", "some"), ("first", "some"), ("list", "some")))
            if name == "list":
                self.flags += ["-a", f"other{self.number}=list({column})"]
            else:
                self.flags += [f"--{name}", f"other{self.number}={'2:' if name == 'top' else ''}{column}"]
            columns[f"other{self.number}"] = kind
        return columns


def chain(source, amount, settings):
    """Random stages, each over the columns of the one before it."""
    stages, columns = [], dict(RECORDS)
    for number in range(amount):
        stages.append(Stage(source, columns, settings, number + 1, number == amount - 1))
        columns = stages[-1].columns
    first = stages[0]
    if first.time and (first.needs_delay or first.is_passing or getattr(first, "kind", "whole") not in ("whole", "rows")):
        if settings.is_job or first.maybe(0.6):
            first.flags += ["-W", source.choice(("0s", "5s", "5s", "60s", "10m"))]
    return stages


def together(stages):
    """The flags of all stages in one command line."""
    flags = list(stages[0].flags)
    for stage in stages[1:]:
        flags += ["--then", *stage.flags]
    return flags


def opened(bench, path, is_live=False):
    """A file to read: itself, or a pipe."""
    if not is_live:
        return open(path, "rb")
    process = subprocess.Popen(["cat", path], stdout=subprocess.PIPE)
    bench.started.append(process)
    return process.stdout


def in_pipes(bench, processes, given):
    """The outcomes of processes that run at the same time, each reading the rows of the one before it."""
    running = []
    for number, arguments in enumerate(processes):
        # A pipe of messages that is full would stop a process.
        with open(bench.folder / f"messages{number}", "wb") as messages:
            process = subprocess.Popen(
                [bench.binary, *map(str, arguments)], stdin=given, stdout=subprocess.PIPE, stderr=messages,
                env=bench.environment(), cwd=bench.folder)
        bench.started.append(process)
        running.append(process)
        # A process whose reader has left must notice it.
        given.close()
        given = process.stdout
    out, _ = running[-1].communicate(timeout=PATIENCE)
    outcomes = []
    for number, process in enumerate(running):
        status, messages = process.wait(PATIENCE), (bench.folder / f"messages{number}").read_text(errors="replace")
        outcomes.append(Outcome(status, out.decode(errors="replace") if process is running[-1] else "", messages))
    bench.started = [process for process in bench.started if process not in running]
    return outcomes


def one_by_one(bench, processes, given=subprocess.DEVNULL):
    """The same with files between the processes: they run one after the other."""
    outcomes = []
    for number, arguments in enumerate(processes):
        outcomes.append(bench.finish(bench.start(arguments, stdin=given)))
        if given != subprocess.DEVNULL:
            given.close()
        rows = bench.folder / f"rows{number}"
        rows.write_bytes(outcomes[-1].out.encode())
        given = open(rows, "rb")
    given.close()
    return outcomes


def without_control(text):
    return "\n".join(line for line in text.split("\n") if not line.startswith(CONTROL))
