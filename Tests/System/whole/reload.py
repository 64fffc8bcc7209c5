"""Tables of --lookup with reload=: files that are replaced, written again, broken and removed while a run reads a followed
file; all records of a batch see one table, and no later one an older table."""

import gzip
import json
import os
import random
import signal
import threading
import time

from ..common.bench import Bench as CommonBench
from ..common.compare import rows_of
from ..common.processes import wait_until

OPTIONS = {"inputs": 3}
FAILED = "the rows that were read before are used until it can be read again"


class Bench(CommonBench):
    def table(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path


class Following:
    """A run that follows a file and looks up its records."""

    def __init__(self, bench, *lookups, **settings):
        self.path = bench.folder / f"app {time.monotonic_ns()}.jsonl"
        self.path.write_text("")
        flags = [flag for lookup in lookups for flag in ("--lookup", lookup)]
        self.stats, self.metrics = bench.folder / "stats.json", bench.folder / "run.prom"
        self.process = bench.start(["-F", self.path, "-i", "json", "-f", "json", *flags, "--stats", self.stats, "--metrics", self.metrics], **settings)
        self.rows, self.errors = [], []
        for stream, lines in ((self.process.stdout, self.rows), (self.process.stderr, self.errors)):
            threading.Thread(target=self.collect, args=(stream, lines), daemon=True).start()

    @staticmethod
    def collect(stream, lines):
        for line in stream:
            lines.append(line.decode())

    def row(self):
        """What a record becomes now."""
        before = len(self.rows)
        with open(self.path, "a") as file:
            file.write('{"k":7}\n')
        return json.loads(self.rows[before]) if wait_until(lambda: len(self.rows) > before, 20) else {}

    def becomes(self, **wanted):
        found = {}

        def is_there():
            found.update(self.row())
            return all(found.get(name) == value for name, value in wanted.items())

        return [] if wait_until(is_there, 20) else [f"{found}, expected {wanted}: {self.errors}"]

    def stays(self, **wanted):
        """Looks for longer than a change takes to be seen."""
        time.sleep(0.8)
        return self.becomes(**wanted)

    def says(self, words, times=1):
        def count():
            return sum(words in line for line in self.errors)
        return [] if wait_until(lambda: count() >= times, 20) and count() == times else [f"not {times} times '{words}': {self.errors}"]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        return [] if status == -signal.SIGTERM else [f"status {status}"]


def replaced(bench):
    """A rename, a table that is written again, one that is gone, cut off, empty, of other columns, and a whole one."""
    path = bench.table("names.csv", "k,v,w\n7,one,x\n")
    run = Following(bench, f"{path}?on=k&reload=200ms")
    problems = run.becomes(v="one", w="x")
    bench.table("next.csv", "k,v,w\n7,two,y\n").replace(path)
    problems += run.becomes(v="two", w="y")
    path.write_text("k,w,more,v\n8,z,1,eight\n7,z,1,three\n")
    problems += run.becomes(v="three", w="z")
    if "more" in run.row():
        problems.append("a column that was not there at the start")
    path.unlink()
    problems += run.says(f"lookup {path}: No such file or directory; {FAILED}") + run.stays(v="three")
    path.write_text("k,v,w\n7,four,z\n8,\"fi")
    problems += run.stays(v="three")
    path.write_text("")
    problems += run.stays(v="three")
    path.write_text("k,v\n7,four\n")
    problems += run.stays(v="three")
    path.write_text("k,v,w\n7,five,x\n")
    problems += run.becomes(v="five", w="x") + run.says(f"lookup {path}: read again: 1 rows")
    problems += run.says(FAILED)
    problems += run.end()
    counts = json.loads(run.stats.read_text().splitlines()[-1])["lookups"][0]
    wanted = {"table": str(path), "rows": 1, "reloads": 3, "failed_reloads": 1}
    problems += [f"{name}: {counts}" for name, value in wanted.items() if counts[name] != value]
    metrics = run.metrics.read_text()
    samples = {"table_rows": 1, "reloads_total": 3, "failed_reloads_total": 1}
    return problems + [
        f"no {name}: {metrics}" for name, value in samples.items() if f'streamctl_lookup_{name}{{table="{path}"}} {value}\n' not in metrics]


def other_forms(bench):
    """JSON lines, compressed files, duplicates, versions, and a table that becomes empty."""
    lines = bench.table("names.jsonl", '{"k":7,"v":1}\n')
    once = bench.table("once.tsv", "k\to\n7\t1\n")
    run = Following(bench, f"{lines}?on=k&reload=200ms", f"{once}?on=k&match=error&reload=100ms", f"{once}?on=k&prefix=still_")
    problems = run.becomes(v=1, o="1", still_o="1")
    # A column that no row has is null.
    lines.write_text('{"k":7,"other":2}\n')
    once.write_text("k\to\n7\t2\n7\t3\n")
    problems += run.becomes(v=None, o="1") + run.says("another row before has the key")
    once.write_text("k\to\n7\t4\n")
    problems += run.becomes(o="4", still_o="1")
    lines.write_text('{"x":1}\n')
    problems += run.says(f"lookup {lines}: key=k: the table has no such column")
    with gzip.open(lines, "wt") as file:
        file.write('{"k":7,"v":5}\n')
    problems += run.becomes(v=5)
    once.write_text("k\to\n")
    problems += run.becomes(o=None) + run.says(f"lookup {once}: the table has no rows")
    return problems + run.end()


def in_order(bench, number):
    """Tables of one version each, replaced all the time: rows never go back to an older one, for any number of threads."""
    source = random.Random(f"{bench.seed} {number}")
    path = bench.folder / "versions.csv"
    keys = range(50)

    def write(version):
        new = bench.table("versions.new", "k,v\n" + "".join(f"{key},{version}\n" for key in keys))
        os.replace(new, path)

    write(0)
    jobs = source.choice("1234")
    process = bench.start(["-j", jobs, "-f", "json", "--lookup", f"{path}?on=k&reload=100ms", "--select", "n,v"], stdin=-1)
    rows, end = [], time.monotonic() + 4
    reader = threading.Thread(target=lambda: rows.extend(process.stdout), daemon=True)
    reader.start()
    version = n = 0
    while time.monotonic() < end:
        version += 1
        write(version)
        for _ in range(source.randrange(1, 5)):
            process.stdin.write("".join(f'{{"n":{n + i},"k":{source.choice(keys)}}}\n' for i in range(20000)).encode())
            n += 20000
        process.stdin.flush()
        time.sleep(0.25)
    process.stdin.close()
    status = process.wait(60)
    reader.join()
    rows = [json.loads(row) for row in rows]
    versions = [int(row["v"]) for row in rows]
    problems = [f"status {status}"] if status else []
    problems += [] if [row["n"] for row in rows] == list(range(n)) else ["other records"]
    problems += [] if versions == sorted(versions) else ["an older table came back"]
    return problems + ([] if len(set(versions)) > 2 else [f"only versions {sorted(set(versions))} of {version}"])


def versions(bench):
    return [problem for number in range(bench.options.inputs) for problem in in_order(bench, number)]


def later_stages(bench):
    path = bench.table("stage.csv", "k,v\n7,one\n")
    run = Following(bench, f"{path}?on=k&reload=200ms")
    second = bench.start(
        ["-t", "@arrival", "--rows", "1", "-g", "k", "--count", "--then", "-f", "json", "--lookup", f"{path}?on=k&reload=200ms", "--select", "k,v"],
        stdin=-1, bufsize=0)
    rows = []
    threading.Thread(target=Following.collect, args=(second.stdout, rows), daemon=True).start()

    def becomes(value):
        def is_there():
            before = len(rows)
            os.write(second.stdin.fileno(), b'{"k":7}\n')
            return wait_until(lambda: len(rows) > before, 5) and json.loads(rows[-1])["v"] == value
        return [] if wait_until(is_there, 20) else [f"{rows[-1:]}, expected {value}"]

    problems = run.becomes(v="one") + becomes("one")
    path.write_text("k,v\n7,two\n")
    problems += run.becomes(v="two") + becomes("two")
    second.stdin.close()
    return problems + run.end() + ([] if second.wait(30) == 0 else ["status"])


def checks(bench):
    check = bench.report.check
    check("files that are replaced, broken and whole again", replaced, bench)
    check("tables of other forms", other_forms, bench)
    check("tables that are replaced all the time", versions, bench)
    check("tables of later stages", later_stages, bench)
