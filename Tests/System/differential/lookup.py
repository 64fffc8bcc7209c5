"""Compares --lookup with DuckDB's LEFT JOIN over one row a key and its ASOF LEFT JOIN; and kills jobs that look up."""

import csv
import decimal
import gzip
import io
import json
import random
import re
import time

try:
    import duckdb
except ImportError:
    duckdb = None

from ..common.compare import rows_of
from ..common.places import Missing
from .duckdb_data import public

OPTIONS = {"inputs": 200, "runs": 12, "tables": 12}
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
# Numbers in several spellings, texts that are nearly numbers, and null.
KEYS = (
    None, 7, "7", "7.0", 7.0, "007", "7e0", "70e-1", " 7", "-0", 0, "0.0", True, "true", "a", "", "a b", "é", 1.5, "1.50", "15e-1",
    "12345678901234567890123", "x" * 300, 9007199254740993, "9007199254740993", "9007199254740992", "-7", -7, "+7", "a,b", 'q"q')


def canonical(value):
    """The key that a lookup compares, as text: a text that is a JSON number is that number."""
    if value is None:
        return None
    if isinstance(value, bool):
        return f"b:{value}"
    if isinstance(value, (int, float)) or NUMBER.match(value):
        number = decimal.Decimal(value if isinstance(value, str) else repr(value))
        return f"n:{number.normalize() + 0:f}" if number else "n:0"
    return f"s:{value}"


def joined(keys):
    """The key of several columns; null if one of them is."""
    parts = [canonical(key) for key in keys]
    return None if None in parts else json.dumps(parts)


def table_text(rows, names, form):
    """The text of a table, and its rows as a reader of the form sees them."""
    if form == "jsonl":
        # null is left out half of the time.
        lines = [
            json.dumps({n: v for n, v in zip(names, row) if v is not None or len(json.dumps(row)) % 2}, ensure_ascii=False)
            for row in rows]
        return "".join(line + "\n" for line in lines), rows
    read = [[None if value is None or value == "" and form == "tsv" else
             value if isinstance(value, str) else json.dumps(value) for value in row] for row in rows]
    if form == "tsv":
        return "".join("\t".join("" if v is None else v for v in row) + "\n" for row in [names, *read]), read
    out = io.StringIO()
    for row in [names, *read]:
        out.write(",".join("" if v is None else '"' + v.replace('"', '""') + '"' for v in row) + "\n")
    return out.getvalue(), read


def stamp(second):
    return f"2026-01-01T00:{second // 60:02}:{second % 60:02}Z"


def random_lookup(bench, number):
    source = random.Random(f"{bench.seed} {number}")
    pool = source.sample(KEYS, source.randrange(1, len(KEYS)))
    width = source.choice((1, 1, 1, 2))
    is_timed = source.random() < 0.4
    match = source.choice(("first", "last"))
    missing = source.choice(("null", "drop"))
    form = source.choice(("csv", "tsv", "jsonl"))
    records = [
        {"n": n, "ts": stamp(source.randrange(60)), **{f"k{i}": source.choice(pool) for i in range(width)}}
        for n in range(source.choice((1, 40, 700)))]
    # The names of the keys in the table differ from those of the fields.
    names = [f"c{i}" for i in range(width)] + ["since", "v", "w"]
    rows = [
        [*(source.choice(pool) for _ in range(width)), stamp(source.randrange(60)), f"v{n}", source.choice((None, "w", "3"))]
        for n in range(source.choice((1, 5, 60)))]
    # A column without any value is not one of JSON lines.
    rows.append([*("end" for _ in range(width)), stamp(0), "end", "end"])
    text, rows = table_text(rows, names, form)
    path = bench.folder / f"table.{form}"
    path.write_text(text, newline="")
    if source.random() < 0.3:
        path = bench.folder / f"table.{form}.gz"
        path.write_bytes(gzip.compress(text.encode()))
    base = duckdb.connect()
    base.execute("CREATE TABLE r (n BIGINT, k VARCHAR, ts BIGINT)")
    base.execute("CREATE TABLE t (i BIGINT, k VARCHAR, ts BIGINT, v VARCHAR, w VARCHAR)")
    second = {stamp(s): s for s in range(60)}
    base.executemany(
        "INSERT INTO r VALUES (?, ?, ?)",
        [(r["n"], joined([r[f"k{i}"] for i in range(width)]), second[r["ts"]]) for r in records])
    base.executemany(
        "INSERT INTO t VALUES (?, ?, ?, ?, ?)",
        [(i, joined(row[:width]), second[row[width]], row[width + 1], row[width + 2]) for i, row in enumerate(rows)])
    join = "LEFT JOIN" if missing == "null" else "JOIN"
    if is_timed:
        one = "(SELECT DISTINCT ON (k, ts) * FROM t ORDER BY k, ts, i DESC)"
        join, condition = f"ASOF {join}", "r.k = t.k AND r.ts >= t.ts"
    else:
        one = f"(SELECT DISTINCT ON (k) * FROM t ORDER BY k, i {'DESC' if match == 'last' else ''})"
        condition = "r.k = t.k"
    wanted = base.execute(f"SELECT r.n, t.v, t.w FROM r {join} {one} t ON {condition} ORDER BY r.n").fetchall()
    part = "as-of=since" if is_timed else f"match={match}"
    columns = source.choice(("&columns=v,w", ""))
    prefix = source.choice(("", "p_"))
    on, key = (",".join(f"{c}{i}" for i in range(width)) for c in "kc")
    flags = ["-t", "ts", "--lookup", f"{path}?on={on}&key={key}&{part}&missing={missing}{columns}&prefix={prefix}".removesuffix("&prefix=")]
    flags += ["-q", "--select", f"n,v={prefix}v,w={prefix}w", "-j", source.choice("124")]
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
    if not prefix and not columns and source.random() < 0.5:
        # The columns are also added to records that pass through.
        del flags[flags.index("--select"):flags.index("-j")]
    found = [(row["n"], row["v"], row["w"]) for row in rows_of(bench.printed([*flags, "-"], lines))]
    if found == wanted:
        return []
    different = next((pair for pair in zip(wanted, found) if pair[0] != pair[1]), (len(wanted), len(found)))
    return [f"input {number}: expected {different[0]}, found {different[1]}: {' '.join(flags)}"]


def many(bench, amount):
    if duckdb is None:
        raise Missing("the Python package duckdb is not installed")
    problems = []
    for number in range(amount):
        problems += random_lookup(bench, number)
    return problems[:4], f"{amount} inputs"


JOBS = "1237"


def large(bench, amount):
    """Tables of many batches, which several threads read: with any number of them every record has the row of a model."""
    problems = []
    for number in range(amount):
        source = random.Random(f"{bench.seed} large {number}")
        count, distinct = source.randrange(20_000, 60_000), source.choice((3, 5_000, 1_000_000))
        key = source.choice((str, lambda key: f"key-{key}"))
        rows = [(key(source.randrange(distinct)), source.randrange(60), f"v{n}") for n in range(count)]
        asked = [(key(source.randrange(distinct)), source.randrange(60)) for _ in range(400)]
        asked += [(source.choice(rows)[0], source.randrange(60)) for _ in range(400)]
        part = source.choice(("match=first", "match=last", "as-of=since"))
        first, last, versions = {}, {}, {}
        for name, since, value in rows:
            first.setdefault(name, value)
            last[name] = value
            versions.setdefault(name, {})[since] = value

        def wanted(name, now):
            if part != "as-of=since":
                return (first if part == "match=first" else last).get(name)
            valid = versions.get(name, {})
            return next((valid[since] for since in range(now, -1, -1) if since in valid), None)

        path = bench.folder / "large"
        if source.random() < 0.5:
            text = "k,since,v\n" + "".join(f"{k},{stamp(t)},{v}\n" for k, t, v in rows)
        else:
            # The second half has a column more.
            text = "".join(
                json.dumps({"k": k, "since": stamp(t), "v": v, **({"w": n} if n * 2 > count else {})}) + "\n"
                for n, (k, t, v) in enumerate(rows))
        path.write_text(text)
        lines = "".join(json.dumps({"k": k, "ts": stamp(t)}) + "\n" for k, t in asked).encode()
        model = [wanted(k, t) for k, t in asked]
        for jobs in JOBS:
            out = bench.printed(["-t", "ts", "--lookup", f"{path}?on=k&{part}", "-q", "--select", "v", "-j", jobs, "-"], lines)
            found = [row["v"] for row in rows_of(out)]
            if found != model:
                problems.append(f"table {number}, {part}, -j {jobs}: {sum(a != b for a, b in zip(found, model))} rows differ")
    return problems[:4], f"{amount} tables"


def damaged(bench, amount):
    """Large tables with duplicate keys, bad rows and a torn end: the first problem is reported, with any number of threads."""
    problems = []
    for number in range(amount):
        source = random.Random(f"{bench.seed} damaged {number}")
        count = source.randrange(20_000, 60_000)
        rows = [f"{n},value of {n}" for n in range(count)]
        for _ in range(source.choice((1, 1, 2, 5))):
            # Problems close to each other are often in one batch.
            line = source.choice((source.randrange(1, count), min(count - 1, 30_000 + source.randrange(9))))
            kind = source.choice(("duplicate", "short", "torn"))
            if kind == "duplicate":
                rows[line] = f"{source.randrange(line)},again"
            elif kind == "short":
                rows[line] = str(line)
            else:
                del rows[line:]
                rows.append(f'{line},"to')
                break
        path = bench.folder / "damaged.csv"
        path.write_text("id,name\n" + "\n".join(rows) + source.choice(("", "\n")))
        seen, expected = set(), None
        for line, row in enumerate(rows):
            cells = row.split(",")
            if len(cells) < 2 or '"' in row:
                expected = line, "a table must be whole"
            elif cells[0] in seen:
                expected = line, f"another row before has the key '{cells[0]}';"
            if expected:
                break
            seen.add(cells[0])
        messages = set()
        for jobs in JOBS:
            outcome = bench.run(["--lookup", f"{path}?on=id&match=error", "-j", jobs, "-"], stdin=b'{"id":1}\n')
            messages.add((outcome.status, outcome.err))
        status, text = messages.pop()
        if messages or not expected or status == 0 or f"line {expected[0] + 2}:" not in text or expected[1] not in text:
            problems.append(f"table {number}: expected {expected}, status {status}: {text[:300]} {messages}")
    return problems[:4], f"{amount} tables"


def real(bench, is_timed):
    """Names for the addresses of the public log, some of them without one, and several for others."""
    ssl, *_ = public(bench.folder)
    base = duckdb.connect()
    base.execute(f"CREATE TABLE data AS {ssl.view}")
    hosts = [host for (host,) in base.execute("SELECT DISTINCT orig_h FROM data WHERE orig_h IS NOT NULL ORDER BY 1").fetchall()]
    first, last = base.execute("SELECT epoch_us(min(t)), epoch_us(max(t)) FROM data").fetchone()
    source = random.Random(bench.seed)
    rows = []
    for host in source.sample(hosts, len(hosts) * 2 // 3):
        for _ in range(source.randrange(1, 4)):
            rows.append((host, f"host-{len(rows)}", source.randrange(first, last)))
    source.shuffle(rows)
    base.execute("CREATE TABLE h (i BIGINT, host VARCHAR, name VARCHAR, since BIGINT)")
    base.executemany("INSERT INTO h VALUES (?, ?, ?, ?)", [(i, *row) for i, row in enumerate(rows)])
    path = bench.folder / "hosts.csv"
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([("host", "name", "since"), *rows])
    if is_timed:
        sql = "ASOF LEFT JOIN h ON orig_h = h.host AND epoch_us(data.t) >= h.since"
        part = "as-of=since"
    else:
        sql = "LEFT JOIN (SELECT DISTINCT ON (host) * FROM h ORDER BY host, i) h ON orig_h = h.host"
        part = "match=first"
    wanted = base.execute(f"SELECT h.name, count(*) FROM data {sql} GROUP BY 1 ORDER BY 1 NULLS FIRST").fetchall()
    problems = []
    for jobs in "124":
        out = bench.printed([
            "-q", *ssl.time, "--lookup", f"{path}?on=id.orig_h&key=host&columns=name&{part}", "-g", "name", "--count", "-j", jobs,
            ssl.path])
        found = [(row["name"], row["count"]) for row in rows_of(out)]
        if found != wanted:
            problems.append(f"-j {jobs}: {len(found)} rows, expected {len(wanted)}: {set(found) ^ set(wanted)}"[:400])
    return problems, f"{len(wanted)} names"


def killed(bench, runs):
    """A job with a lookup is killed at random times and resumed; its rows equal those of one run."""
    data = bench.demo("readings.jsonl", records=400000, keys=500, disorder="5s")
    table = bench.folder / "sensors.csv"
    field, = {name for name in rows_of(data.read_text()[:2000].rsplit("\n", 1)[0])[0] if name.startswith("sensor")}
    source = random.Random(bench.seed)
    names = sorted({json.loads(line)[field] for line in data.read_text().splitlines()[:20000]})
    rows = [(name, source.choice("abcd")) for name in names if source.random() < 0.8]
    with open(table, "w", newline="") as file:
        csv.writer(file).writerows([(field, "room"), *rows])
    query = [data, "-t", "event_time", "-w", "1m", "-W", "10s", "--lookup", f"{table}?on={field}", "-g", "room", "--count", "-q"]
    wanted = bench.printed(query)
    problems = []
    for number in range(runs):
        out, job = bench.folder / f"out{number}.jsonl", ["--job", f"killed{number}", "--state-dir", bench.folder / "state"]
        kills = 0
        while True:
            process = bench.start([*query, "-o", out, "--commit-every", "10ms", *job, "-j", source.choice("12")])
            if kills < 5:
                time.sleep(source.uniform(0.005, 0.15))
                process.kill()
            outcome = bench.finish(process)
            kills += 1
            if outcome.status == 0:
                break
            if outcome.status != 137:
                return [f"run {number}: status {outcome.status}: {outcome.err}"]
        if out.read_text() != wanted:
            problems.append(f"run {number}: the rows of a killed job differ from those of one run")
    return problems, f"{runs} jobs"


def checks(bench):
    bench.report.check("random tables and records give the rows of DuckDB", many, bench, bench.options.inputs)
    if duckdb is not None:
        bench.report.check("names of the hosts of a real log", real, bench, False)
        bench.report.check("names of the hosts of a real log at their times", real, bench, True)
    bench.report.check("large tables are read by several threads", large, bench, bench.options.tables)
    bench.report.check("large tables that are damaged", damaged, bench, bench.options.tables)
    bench.report.check("killed and resumed jobs", killed, bench, bench.options.runs)
