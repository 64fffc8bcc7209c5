"""Duplicates (--dedup): against a loop in Python on random records, and against DuckDB on real data."""

import json
import random

try:
    import duckdb
except ImportError:
    duckdb = None

from ..common.places import Missing
from .duckdb_data import unpacked

OPTIONS = {"inputs": 400}
IDS = ("1", "1.0", '"1"', '"2"', "2", "null", None, '"a text that is longer than sixteen bytes"', "[1, 2]", "[1,2]", "true")


def key(id):
    """What group keys compare: 1 and 1.0 are equal, and arrays that differ in white space; "1" is another."""
    value = None if id is None else json.loads(id)
    return None if value is None else (type(value) in (int, float), json.dumps(float(value) if type(value) is int else value))


def expected(records, within, delay):
    """The numbers of the kept records, and how many are duplicates, without key and late."""
    accepted, kept, latest, counts = {}, [], None, {"duplicates": 0, "without": 0, "late": 0}
    for number, (time, id, passes) in enumerate(records):
        if passes:
            times = accepted.setdefault(key(id), [])
            if key(id) is None:
                counts["without"] += 1
                kept.append(number)
            elif within is not None and latest is not None and time < latest - delay - within:
                counts["late"] += 1
            elif any(within is None or abs(time - other) <= within for other in times):
                counts["duplicates"] += 1
            else:
                times.append(time)
                kept.append(number)
        latest = time if latest is None else max(latest, time)
    return kept, counts


def one(bench, seed):
    source = random.Random(seed)
    within, delay = source.choice((None, 1, 2, 3, 5, 10, 30)), source.choice((0, 0, 1, 3, 8))
    ids, now, records, lines = source.choices(IDS, k=source.choice((1, 2, 5))), source.choice((0, -20, 1_000_000)), [], []
    for number in range(source.randrange(2, 80)):
        now += source.choice((0, 0, 1, 1, 2, 5, 12, -1, -3, -9, -20))
        id, passes = source.choice(ids), source.random() < 0.9
        records.append((now, id, passes))
        lines.append(f'{{"t":{now},"n":{number},{"" if id is None else f""""id":{id},"""}"f":{int(passes)}}}\n')
    arguments = ["-v", "-t", "t", "--time-format", "s", "--dedup", "id", "--where", "f = 1", "--idle", "off",
                 "-j", source.choice((1, 2)), "--stats", "-"]
    path = bench.folder / "records.jsonl"
    path.write_text("".join(lines))
    if within is not None:
        arguments += ["--within", f"{within}s", "-W", f"{delay}s"]
    kept, counts = expected(records, within, delay)
    where = f"seed {seed}: {' '.join(map(str, arguments))}\n{''.join(lines)}"
    try:
        outcome = bench.succeeded([*arguments, "--select", "n", path])
        windows = bench.succeeded([*arguments, "-w", "4s", "-a", "s=sum(n),c=count()", path])
    except RuntimeError as error:
        return f"{error} {where}"
    found = [json.loads(line)["n"] for line in outcome.out.splitlines()]
    if found != kept:
        return f"kept {found} instead of {kept} {where}"
    stats = json.loads(next(line for line in outcome.err.splitlines() if line.startswith("{")))
    if (stats["duplicates"], stats["without_key"], stats["late"]) != tuple(counts.values()):
        return f"{counts} instead of {stats} {where}"
    sums = {}
    for row in map(json.loads, windows.out.splitlines()):
        sums[row["window_start"]] = (row["s"], row["c"])
    late = json.loads(next(line for line in windows.err.splitlines() if line.startswith("{")))["late"]
    if sum(count for _, count in sums.values()) + late - counts["late"] != len(kept):
        return f"windows have {sums} and {late} late of {len(kept)} kept {where}"
    if late == counts["late"] and sum(total for total, _ in sums.values()) != sum(kept):
        return f"windows have {sums} of {kept} {where}"
    return None


def random_records(bench):
    amount = bench.options.inputs
    problems = [one(bench, bench.seed * 1_000_000 + number) for number in range(amount)]
    return sorted(filter(None, problems), key=len), f"{amount} inputs"


def real(bench, name, fields, first):
    """The first record of each key of a whole file, in order of arrival."""
    if duckdb is None:
        raise Missing("DuckDB")
    path = unpacked(name, bench.folder)
    columns = ", ".join(f'"{field}"::VARCHAR' for field in fields)
    rows = duckdb.connect().execute(f"""
        WITH r AS (SELECT row_number() OVER () AS n, * FROM read_json('{path}', format = 'newline_delimited',
            maximum_object_size = 4000000, records = true))
        SELECT "{first}" FROM r QUALIFY row_number() OVER (PARTITION BY {columns} ORDER BY n) = 1
            OR coalesce({columns}) IS NULL ORDER BY n""").fetchall()
    outcome = bench.succeeded(["--dedup", ",".join(f'"{field}"' for field in fields), "--select", f'x="{first}"', path])
    found = [json.loads(line)["x"] for line in outcome.out.splitlines()]
    wanted = [None if row[0] is None else str(row[0]) for row in rows]
    problems = [] if found == wanted else [f"{len(found)} records instead of {len(wanted)}"]
    if f"{len(found)}" == "0":
        problems.append("no records")
    return problems, f"{len(found)} records"


def whole_records(bench):
    """@line: a file read twice is that file once."""
    path = unpacked("zeek_weird.jsonl.gz", bench.folder)
    once = path.read_bytes()
    outcome = bench.succeeded(["--dedup", "@line", path, path])
    lines = once.splitlines(keepends=True)
    wanted = b"".join(dict.fromkeys(lines))
    out = outcome.out.encode()
    return ([] if out == wanted else [f"{len(out)} bytes instead of {len(wanted)}"]), f"{len(lines)} records"


def checks(bench):
    check = bench.report.check
    check("random records", random_records, bench)
    check("hosts of connections", real, bench, "zeek_ssl.jsonl.gz", ["id.orig_h", "id.resp_h"], "uid")
    check("versions and ciphers", real, bench, "zeek_ssl.jsonl.gz", ["version", "cipher"], "uid")
    check("names of oddities", real, bench, "zeek_weird.jsonl.gz", ["name"], "uid")
    check("whole records", whole_records, bench)
