"""Times streamctl and its peers on the same files: A B A B, a warm-up first, medians and ratios at the end.

Every tool's answer is reduced to a few totals, which must agree before anything is timed.
Called by Tests/Benchmarks/compare: compare.py STREAMCTL [CASE...]
"""
import gzip
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

STREAMCTL = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("STREAMCTL_SHARED", ROOT.parent / "shared"))
SCRATCH = ROOT / ".build" / "benchmark"
ROUNDS = int(os.environ.get("ROUNDS", "5"))
DUCKDB = [sys.executable, str(pathlib.Path(__file__).with_name("duckdb_job.py"))]


def made(name, write):
    """A file that is made once."""
    path = SCRATCH / name
    if not path.exists():
        SCRATCH.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with open(part, "wb") as file:
            write(file)
        part.rename(path)
    return str(path)


def demo(options):
    return lambda file: subprocess.run([STREAMCTL, f"demo:sensors?{options}"], stdout=file, check=True)


def repeated(name, size):
    """A real data set, as often as it takes to get to the size."""
    def write(file):
        text = gzip.decompress((SHARED / "data" / name).read_bytes())
        for _ in range(max(1, round(size / len(text)))):
            file.write(text)
    return write


def streamctl(jobs, *flags):
    return [STREAMCTL, "-q", "-j", str(jobs), *flags]


def duckdb(threads, query, path):
    return [*DUCKDB, str(threads), query, path]


SEED_FLAGS = "-t event_time -w 1h -g sensor_id --count --avg temperature --max temperature --min temperature".split()
SEED_QUERY = """select sensor_id, time_bucket(interval 1 hour, event_time) w, count(*) n, avg(temperature), max(temperature),
  min(temperature) from read_json(?, format='newline_delimited',
  columns={sensor_id: 'VARCHAR', temperature: 'DOUBLE', event_time: 'TIMESTAMP'}) group by all"""


def seed_case():
    path = made("seed.jsonl", demo("records=5000000&keys=1000"))
    tenth = made("seed-tenth.jsonl", demo("records=500000&keys=1000"))
    awk = r"""{ i = index($0, "\"sensor_id\":\""); k = substr($0, i + 13); k = substr(k, 1, index(k, "\"") - 1)
      i = index($0, "\"temperature\":"); v = substr($0, i + 14) + 0; i = index($0, "\"event_time\":\"")
      g = k " " substr($0, i + 14, 13); n[g]++; s[g] += v; if (!(g in x) || v > x[g]) x[g] = v
      if (!(g in m) || v < m[g]) m[g] = v } END { for (g in n) print g, n[g], s[g] / n[g], x[g], m[g] }"""
    jq = """reduce inputs as $r ({}; ($r.sensor_id + $r.event_time[0:13]) as $k | $r.temperature as $t
      | .[$k] as [$n, $s, $x, $m] | .[$k] = [($n // 0) + 1, ($s // 0) + $t, ([$x // -1e9, $t] | max),
      ([$m // 1e9, $t] | min)]) | length"""
    mlr = "$h = substr($event_time, 0, 12); "
    return "seed job, 5 M records", {
        "streamctl -j 1": (streamctl(1, *SEED_FLAGS, path), rows_and_sum("count")),
        "streamctl -j 2": (streamctl(2, *SEED_FLAGS, path), rows_and_sum("count")),
        "duckdb, 2 threads": (duckdb(2, SEED_QUERY, path), rows_and_sum("n")),
        "duckdb, 1 thread": (duckdb(1, SEED_QUERY, path), rows_and_sum("n")),
        "mawk": (["mawk", awk, path], rows_and_field(2)),
        "jq, a tenth": (["jq", "-n", jq, tenth], None),
        "mlr, a tenth": (["mlr", "--ijsonl", "--ojsonl", "put", "-q", mlr
                          + "@n[$sensor_id][$h] += 1; @s[$sensor_id][$h] += $temperature; "
                          "@x[$sensor_id][$h] = max(@x[$sensor_id][$h], $temperature); "
                          "@m[$sensor_id][$h] = min(@m[$sensor_id][$h], $temperature); "
                          'end { emit (@n, @s, @x, @m), "sensor_id", "h" }', tenth], None),
    }


def zeek_case():
    path = made("zeek.jsonl", repeated("zeek_ssl.jsonl.gz", 500e6))
    flags = ["-t", "ts", "-w", "1m", "-g", "version", "--count", "--max", "id.resp_p", path]
    query = """select version, time_bucket(interval 1 minute, ts) w, count(*) n, max("id.resp_p") from read_json(?,
      format='newline_delimited', columns={version: 'VARCHAR', ts: 'TIMESTAMP', "id.resp_p": 'BIGINT'}) group by all"""
    return "zeek_ssl to 500 MB, 3 fields of 20", {
        "streamctl -j 1": (streamctl(1, *flags), rows_and_sum("count")),
        "streamctl -j 2": (streamctl(2, *flags), rows_and_sum("count")),
        "duckdb, 2 threads": (duckdb(2, query, path), rows_and_sum("n")),
    }


def nginx_case():
    path = made("nginx.jsonl", repeated("nginxplus.jsonl.gz", 500e6))
    flags = ["-t", "timestamp", "-w", "1m", "--count", "--max", "requests.total", "--avg", "connections.active", path]
    query = """select time_bucket(interval 1 minute, make_timestamp(timestamp * 1000)) w, count(*) n, max(requests.total),
      avg(connections.active) from read_json(?, format='newline_delimited', columns={timestamp: 'BIGINT',
      requests: 'STRUCT(total BIGINT)', connections: 'STRUCT(active BIGINT)'}) group by all"""
    return "nginxplus to 500 MB, nested", {
        "streamctl -j 1": (streamctl(1, *flags), rows_and_sum("count")),
        "streamctl -j 2": (streamctl(2, *flags), rows_and_sum("count")),
        "duckdb, 2 threads": (duckdb(2, query, path), rows_and_sum("n")),
    }


def groups_case():
    path = made("groups.jsonl", demo("records=5000000&keys=100000000"))
    query = """select sensor_id, count(*) n, sum(temperature) from read_json(?, format='newline_delimited',
      columns={sensor_id: 'VARCHAR', temperature: 'DOUBLE'}) group by all order by all"""
    flags = ["-g", "sensor_id", "--count", "--sum", "temperature", path]
    return "5 M records, nearly as many keys", {
        "streamctl -j 1": (streamctl(1, *flags), rows_and_sum("count")),
        "streamctl -j 2": (streamctl(2, *flags), rows_and_sum("count")),
        "duckdb, 2 threads": (duckdb(2, query, path), rows_and_sum("n")),
    }


def sketches_case():
    path = made("seed.jsonl", demo("records=5000000&keys=1000"))
    query = """select sensor_id, count(*) n, quantile_cont(temperature, 0.99), count(distinct humidity) from read_json(?,
      format='newline_delimited', columns={sensor_id: 'VARCHAR', temperature: 'DOUBLE', humidity: 'DOUBLE'})
      group by all"""
    flags = ["-g", "sensor_id", "--count", "--quantile", "0.99:temperature", "--distinct", "humidity", path]
    return "quantile and distinct, 1000 keys", {
        "streamctl -j 1": (streamctl(1, *flags), rows_and_sum("count")),
        "streamctl -j 2": (streamctl(2, *flags), rows_and_sum("count")),
        "duckdb, 2 threads": (duckdb(2, query, path), rows_and_sum("n")),
    }


def hopping_case():
    path = made("seed.jsonl", demo("records=5000000&keys=1000"))
    hop = ["-t", "event_time", "--hopping", "1h", "--every", "5m", "-g", "sensor_id", "--count", "--avg", "temperature"]
    return "hopping 1 h by 5 min, against tumbling 5 min", {
        "streamctl -j 1": (streamctl(1, *hop, path), None),
        "streamctl -j 1, tumbling": (streamctl(1, "-t", "event_time", "-w", "5m", *hop[6:], path), None),
    }


def where_case():
    path = made("seed.jsonl", demo("records=5000000&keys=1000"))
    return "pass-through, --where 'temperature > 20'", {
        "streamctl -j 1": (streamctl(1, "--where", "temperature > 20", path), None),
        "streamctl -j 2": (streamctl(2, "--where", "temperature > 20", path), None),
        "cat": (["cat", path], None),
    }


def pipe_case():
    path = made("seed.jsonl", demo("records=5000000&keys=1000"))
    job = " ".join(f"'{word}'" for word in streamctl(2, *SEED_FLAGS))
    return "from a pipe", {
        "cat | streamctl": (["sh", "-c", f"cat '{path}' | {job}"], None),
        "cat | wc -l": (["sh", "-c", f"cat '{path}' | wc -l"], None),
    }


def start_case():
    path = made("one.jsonl", lambda file: file.write(b'{"a":1}\n'))
    return "start-up, one record", {
        "streamctl": (streamctl(2, "--count", path), None),
        "streamctl --version": ([STREAMCTL, "--version"], None),
        "jq": (["jq", "-c", ".", path], None),
        "mawk": (["mawk", "1", path], None),
        "mlr": (["mlr", "--json", "cat", path], None),
    }


CASES = {"seed": seed_case, "zeek": zeek_case, "nginx": nginx_case, "groups": groups_case, "sketches": sketches_case,
         "hopping": hopping_case, "where": where_case, "pipe": pipe_case, "start": start_case}


def rows_and_sum(name):
    def reduce(text):
        rows = [json.loads(line) for line in text.splitlines()]
        return len(rows), sum(row[name] for row in rows)
    return reduce


def rows_and_field(number):
    def reduce(text):
        rows = text.splitlines()
        return len(rows), sum(int(row.split()[number]) for row in rows)
    return reduce


def timed(command):
    """Seconds of wall clock."""
    start = time.perf_counter()
    if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
        raise SystemExit(f"failed: {' '.join(command)[:200]}")
    return time.perf_counter() - start


def run(case):
    title, tools = CASES[case]()
    totals = {}
    for tool, (command, reduce) in tools.items():
        if reduce:
            totals[tool] = reduce(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        else:
            timed(command)
    if len(set(totals.values())) > 1:
        raise SystemExit(f"{case}: the answers differ: {totals}")
    seconds = {tool: [] for tool in tools}
    for _ in range(ROUNDS if case != "start" else 10 * ROUNDS):
        for tool, (command, _) in tools.items():
            seconds[tool].append(timed(command))
    print(f"\n{title}" + (f"  (rows and records: {next(iter(totals.values()))})" if totals else ""))
    first = statistics.median(next(iter(seconds.values())))
    for tool, all_seconds in seconds.items():
        median = statistics.median(all_seconds)
        print(f"  {tool:26} {median * 1000:9.1f} ms   {median / first:6.2f} x", flush=True)


for name in sys.argv[2:] or CASES:
    if name not in CASES:
        raise SystemExit(f"no case '{name}'; there are {', '.join(CASES)}")
    if name in ("zeek", "nginx") and not (SHARED / "data").is_dir():
        print(f"\n{name}: skipped, {SHARED / 'data'} is not there")
        continue
    run(name)
