"""Three users at a terminal, who know other tools but not this manual: each has the right answer after three commands."""

import collections
import datetime
import gzip
import json
import os
import pathlib
import random

from ..common.bench import Bench as CommonBench
from ..common.terminal import Terminal

ZONE = datetime.timezone(datetime.timedelta(hours=2))


class Bench(CommonBench):
    def prepare(self):
        self.random = random.Random(self.seed)
        programs = self.folder / "programs"
        programs.mkdir()
        (programs / "streamctl").symlink_to(self.binary)
        self.programs = programs

    def terminal(self, extra=None):
        clean = self.environment(extra)
        return Terminal(self.folder, {**clean, "PATH": f"{self.programs}:{clean['PATH']}"})

    def write_log(self):
        """A log of an hour in which some lines are no records. Returns the counts by minute and service."""
        counts = collections.Counter()
        start = datetime.datetime(2026, 5, 9, 6, 0, tzinfo=datetime.timezone.utc)
        with open(self.folder / "app.jsonl", "w") as log:
            for second in range(600):
                if second % 97 == 50:
                    log.write("Exception in thread main\n")
                    continue
                time = start + datetime.timedelta(seconds=second)
                service = self.random.choice(["api", "auth", "search"])
                counts[time.strftime("%Y-%m-%dT%H:%M:00Z"), service] += 1
                ms = round(self.random.lognormvariate(3, 1), 1)
                log.write(json.dumps({"ts": time.isoformat(), "service": service, "status": 200, "ms": ms}) + "\n")
        return counts

    def write_sales(self):
        """Sales out of order, compressed. Returns the cents by local day."""
        cents = collections.Counter()
        start = datetime.datetime(2026, 5, 1, tzinfo=datetime.timezone.utc)
        with gzip.open(self.folder / "sales.jsonl.gz", "wt") as sales:
            for number in range(2000):
                time = start + datetime.timedelta(seconds=self.random.randrange(5 * 86_400))
                price = self.random.randrange(100, 9999)
                cents[time.astimezone(ZONE).strftime("%Y-%m-%d")] += price
                record = {"id": number, "sold_at": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "price": price / 100}
                sales.write(json.dumps(record) + "\n")
        return cents


def log(bench):
    """Requests and slow ones per minute and service, from a log."""
    counts = bench.write_log()
    with bench.terminal() as terminal:
        shown = [terminal.type("streamctl app.jsonl -w 1m -g service p99 ms")]
        problems = expect("--quantile 0.99:ms", shown[-1])
        shown.append(terminal.type("streamctl app.jsonl --fields"))
        problems += expect("-t ts", shown[-1]) + expect("streamctl app.jsonl -t ts -w 1m -g service --count", shown[-1])
        shown.append(terminal.type("streamctl app.jsonl -t ts -w 1m -g service --count --p99 ms -f table"))
        rows = [line.split() for line in shown[-1].splitlines() if ":00Z" in line]
        found = collections.Counter({(row[1], row[0]): int(row[3]) for row in rows})
        if found != counts:
            problems.append(f"counts differ: {found - counts} {counts - found}")
        table = "\n".join(line for line in shown[-1].splitlines() if not line.startswith("streamctl:"))
        problems += [f"too wide: {line}" for line in terminal.wide(table)]
        if any(len(row[4].partition(".")[2]) > 3 for row in rows):
            problems.append(f"too many digits: {rows[0]}")
        return problems, kept(bench, "log", terminal)


def totals(bench):
    """Sales per local day, from a compressed file that is out of order."""
    cents = bench.write_sales()
    with bench.terminal() as terminal:
        shown = terminal.type("streamctl sales.jsonl.gz --daily --tz +02:00 --sum price --csv")
        problems = expect("add -t sold_at", shown)
        shown = terminal.type("streamctl sales.jsonl.gz -t sold_at --daily --tz +02:00 --sum price --csv")
        found = {}
        for line in shown.splitlines()[1:]:
            start, _, price = line.split(",")
            day = datetime.datetime.fromisoformat(start.replace("Z", "+00:00")).astimezone(ZONE)
            found[day.strftime("%Y-%m-%d")] = round(float(price) * 100)
        if found != dict(cents):
            problems.append(f"sums differ: {found} {dict(cents)}")
        return problems, kept(bench, "totals", terminal)


def table(bench):
    """A topic into a table."""
    process, url = bench.readings(2)
    database = bench.server.url()
    with bench.terminal() as terminal:
        command = f"streamctl '{url}?until=end' -t event_time -w 1h -g sensor_id --count --mean temperature -o {database}"
        problems = expect("--table [SCHEMA.]NAME", terminal.type(command))
        problems += expect("--create creates it", terminal.type(f"{command} --table readings"))
        shown = terminal.type(f"{command} --table readings --create")
        if terminal.status() != 0:
            problems.append(f"status: {shown}")
        with bench.server.session() as session:
            stored = session.value("SELECT sum(count) || ' ' || count(*) FROM readings")
        rows = bench.printed([f"{url}?until=end", "-t", "event_time", "-w", "1h", "-g", "sensor_id", "--count"])
        wanted = f"5000 {len(rows.splitlines())}"
        if stored != wanted:
            problems.append(f"{stored} in the table, not {wanted}")
        text = kept(bench, "table", terminal)
    process.kill()
    return problems, text


def expect(text, shown):
    """What is shown, without its line breaks, must contain the text."""
    plain = " ".join(shown.split())
    return [] if text in plain else [f"'{text}' is not in: {plain[:500]}"]


def kept(bench, name, terminal):
    """Writes the session beside the report if $STREAMCTL_TEST_SESSIONS names a folder."""
    folder = os.environ.get("STREAMCTL_TEST_SESSIONS")
    if folder:
        text = terminal.transcript.replace(bench.server.url(), "postgresql://db/iot") if name == "table" else terminal.transcript
        (pathlib.Path(folder) / f"{name}.txt").write_text(text)
    return f"{len(terminal.screens)} commands"


def checks(bench):
    bench.report.check("the short help fits a terminal of 80 columns and 24 lines", short_help, bench)
    bench.report.check("without an input, a terminal shows the mistake", mistake, bench)
    bench.report.check("a log on a terminal", log, bench)
    bench.report.check("totals of a compressed file", totals, bench)
    bench.report.check("a topic into a table", table, bench)


def short_help(bench):
    with bench.terminal() as terminal:
        shown = terminal.type("streamctl -h")
        lines = shown.rstrip("\n").splitlines()
        problems = [f"{len(lines)} lines"] if len(lines) > 23 else []
        return problems + [f"too wide: {line}" for line in terminal.wide(shown)]


def mistake(bench):
    problems = []
    with bench.terminal() as terminal:
        for command, word in (
            ("streamctl -f app.jsonl", "unknown format"), ("streamctl -w 5", "requires a unit"),
            ("streamctl --where 'a ==='", "expected a value"), ("streamctl -t ts -w 1m", "no INPUT is named"),
        ):
            shown = terminal.type(command)
            problems += expect(word, shown)
            if len(shown.splitlines()) > 4:
                problems.append(f"{command}: {len(shown.splitlines())} lines")
            if terminal.status() != 64:
                problems.append(f"{command}: another status than 64")
    return problems
