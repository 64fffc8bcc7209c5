"""The number of threads changes no byte of the rows, of the rejects and of the report, whatever the query, with many groups in a window."""

import random
import re

OPTIONS = {"inputs": 3}
STATE, LOWER_STATE = "3000K", "2700K"
THREADS = ("2", "3", "4", "7", "16")
WINDOWS = {
    "whole": [], "tumbling": ["-w", "1m"], "late": ["-w", "1m", "-W", "1s", "--lateness", "20s"], "hopping": ["--hopping", "1m", "--every", "20s"],
    "cumulative": ["--cumulative", "1m", "--every", "20s"], "calendar": ["--calendar", "hour"], "session": ["--session", "30s"],
    "rows": ["--rows", "3"], "fill": ["-w", "1m", "--fill"],
}
KEYS = (["k"], ["n"], ["k", "n"], ["n", "c"], ["c"], ["v"])
AGGREGATES = (
    ["--count", "--sum", "x"], ["-a", "median(x)", "-a", "distinct(k)"], ["-a", "first(v)", "-a", "last(v)", "-a", "mode(c)"],
    ["--count", "-a", "top(c, 2)"], ["-a", "a=count()", "-a", "b=a * 2 + sum(x)"])
OUTPUTS = (
    [], ["-f", "csv"], ["-f", "tsv"], ["-f", "table"], ["--digits", "1"], ["--having", "count() > 1"], ["--having", "count() < 1", "-f", "csv"],
    ["--limit", "9000"], ["--sort", "-k", "--select", "k"], ["--max-groups", "5000"], ["--max-state", STATE])


def records(source):
    """Some are late, some not records at all. Texts and numbers of all kinds are keys."""
    lines, count = [], source.choice((3000, 20_000, 60_000))
    keys = source.choice((1000, 30_000, 1_000_000))
    prefix = source.choice(("", "sensor_", "a-rather-long-common-beginning/"))
    for number in range(count):
        time = 1_767_225_600 + number * 150 // count + source.randrange(4)
        key = source.randrange(keys)
        value = source.choice(('"text"', "null", "1", "1.0", "true", f'"{key % 77}"', str(key % 5000), f"{key % 900}.25", "[1]"))
        if number % 4999 == 4998:
            lines.append("no record\n")
        lines.append(
            f'{{"t":{time},"k":"{prefix}{key}","n":{key % 20_000 - 3000},"c":"{key % 7}","x":{source.randrange(1000) / 4},"v":{value}}}\n')
    return "".join(lines).encode()


def outcome(bench, flags, path, threads):
    rejects = bench.folder / "rejects"
    rejects.unlink(missing_ok=True)
    found = bench.run([path, *flags, "-j", threads, "--rejects", rejects])
    # What took how much depends on the room that the allocator gives to arrays.
    messages = re.sub(r"(the state takes more than [^:]*:).*", r"\1", found.err)
    return found.status, found.out, messages, rejects.read_bytes() if rejects.exists() else b""


def at_limit(bench, flags, path, expected, found):
    """More threads need a little more memory. So only more threads may reach --max-state, and only where one thread reaches nine tenths of it."""
    if "--max-state" not in flags or (expected[0], found[0]) != (0, 65):
        return False
    lower = [LOWER_STATE if flag == STATE else flag for flag in flags]
    return outcome(bench, lower, path, "1")[0] == 65


def differences(bench, flags, path, title):
    """What one thread prints, and how other numbers of threads differ from it."""
    expected, problems = outcome(bench, flags, path, "1"), []
    for threads in THREADS:
        found = outcome(bench, flags, path, threads)
        if found != expected and not at_limit(bench, flags, path, expected, found):
            part = next(index for index in range(4) if found[index] != expected[index])
            problems.append(f"{title}: {' '.join(flags)} -j {threads}: other {('status', 'rows', 'messages', 'rejects')[part]}")
            problems.append(f"{str(expected[part])[:200]} and {str(found[part])[:200]}")
    return expected, problems


def windows(bench, name, amount):
    problems, runs = [], 0
    for number in range(amount):
        source = random.Random(f"{bench.seed} {name} {number}")
        path = bench.folder / "records.jsonl"
        path.write_bytes(records(source))
        for _ in range(4):
            keys, aggregates, output = (source.choice(choices) for choices in (KEYS, AGGREGATES, OUTPUTS))
            if "--sort" in output and "k" not in keys:
                keys = ["k"]
            times = ["-t", "t"] if name not in ("whole", "rows") else []
            flags = [*times, *WINDOWS[name], "-g", ",".join(keys), *aggregates, *output]
            problems += differences(bench, flags, path, f"input {number}")[1]
            runs += len(THREADS)
    return problems[:6], f"{runs} runs"


PASSING = (
    ["--where", "x > 100"], ["--where", "x > 100", "--let", "y=x+1"], ["--where", "x > 100", "-t", "t", "-W", "1s"], ["--where", "v is null"],
    ["--where", "x > 100", "--select", "k,y=x*0.37", "-f", "csv"], ["--where", "x > 100", "--max-records", "2500"], ["--select", "k,t,v"],
    ["--where", "x > 100", "--dedup", "k"], ["--where", "x > 100", "-t", "t", "--punctuate"])


def passing(bench, amount):
    """Records that pass through: with a line end of one byte or two, and with a last line that has none."""
    problems, runs = [], 0
    for number in range(amount):
        source = random.Random(f"{bench.seed} passing {number}")
        text = records(source)
        if number % 3 == 1:
            text = text.replace(b"\n", b"\r\n")
        if number % 3 == 2:
            text = text.replace(b"no record\n", b"\n").rstrip(b"\n")
        path = bench.folder / "records.jsonl"
        path.write_bytes(text)
        for flags in PASSING:
            expected, found = differences(bench, flags, path, f"input {number}")
            if not expected[1]:
                problems.append(f"input {number}: {' '.join(flags)}: no rows")
            problems += found
            runs += len(THREADS)
    return problems[:6], f"{runs} runs"


def checks(bench):
    bench.report.check("passing", passing, bench, bench.options.inputs)
    for name in WINDOWS:
        bench.report.check(name, windows, bench, name, bench.options.inputs)
