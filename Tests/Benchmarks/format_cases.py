"""What is measured of the input formats: the records of the seed job, written as each of them."""
import subprocess

import cases
from cases import PEER_ANSWER, SEED_ANSWER, SEED_FLAGS, Case, Tool, seed_miller, seed_query
from peers import HERE, SCRATCH, demo, duckdb, json_rows, lines, read_json, separated_rows, streamctl

RECORDS = 2_000_000
TENTH = RECORDS // 10


def seed_file(records=RECORDS):
    return demo(f"formats-{records}.jsonl", records, 1000)


def written_as(form, records=RECORDS):
    """The records in another format; all formats are written at once."""
    stem = SCRATCH / f"formats-{records}"
    if not stem.with_suffix(".each").exists():
        part = SCRATCH / "formats-part"
        with open(seed_file(records), "rb") as source:
            subprocess.run([HERE / "as_formats", part], stdin=source, check=True)
        for path in sorted(SCRATCH.glob("formats-part.*"), key=lambda path: path.suffix == ".each"):
            path.rename(stem.with_suffix(path.suffix))
    return str(stem.with_suffix(f".{form}"))


def json_tool():
    """The path that others are compared with."""
    return Tool("streamctl, JSON", streamctl(1, *SEED_FLAGS, seed_file()), SEED_ANSWER)


def compared(form, answer, flags, *others, tenth=None, json=False):
    """streamctl with one and two threads, and the others; of those that are slow, a tenth as `tenth` runs it."""
    path = written_as(form)
    tools = [Tool("streamctl -j 1", streamctl(1, *flags, path), answer),
             Tool("streamctl -j 2", streamctl(2, *flags, path), answer),
             *([json_tool()] if json else []), *(other(path) for other in others)]
    if tenth:
        part = written_as(form, TENTH)
        tools += [tenth(part), Tool("streamctl, a tenth", streamctl(2, *flags, part), answer, reads="a tenth", timed=False)]
    return tools


def mawk(program, answer, *options):
    return lambda path: Tool("mawk", ["mawk", *options, program, path], answer)


def jq(program, answer, *options):
    """jq over a tenth."""
    return lambda path: Tool("jq, a tenth x 10", ["jq", *options, "-nc", program, path], answer, reads="a tenth", times=10)


def logfmt_case():
    program = r"""{ split($1, a, "="); split($2, b, "="); split($4, c, "="); g = a[2] " " substr(c[2], 1, 13); v = b[2] + 0
      n[g]++; s[g] += v; if (!(g in x) || v > x[g]) x[g] = v; if (!(g in m) || v < m[g]) m[g] = v }
      END { for (g in n) printf "%s %d %.9f %.2f %.2f\n", g, n[g], s[g] / n[g], x[g], m[g] }"""

    def miller(path):
        command = ["mlr", "--idkvp", "--ifs", " ", *seed_miller(path)[2:]]
        fields = ("temperature_count", "temperature_mean", "temperature_max", "temperature_min")
        return Tool("mlr, a tenth x 10", command, json_rows(*fields), reads="a tenth", times=10)

    tools = compared("logfmt", SEED_ANSWER, SEED_FLAGS, mawk(program, separated_rows(b" ", 2, 3, 4, 5)), tenth=miller, json=True)
    return Case("the seed job, 2 M records as logfmt", tools,
                [("faster", "streamctl -j 1", "streamctl, JSON", 1.0), ("faster", "streamctl -j 1", "mawk", 5)])


def table_case(form, separator, format_flags):
    columns = "{'sensor_id': 'VARCHAR', 'temperature': 'DOUBLE', 'humidity': 'DOUBLE', 'event_time': 'TIMESTAMP'}"
    path = written_as(form)
    source = f"read_csv('{path}', header=true, delim='{separator}', columns={columns})"
    query = seed_query(path).replace(
        read_json(path, {"sensor_id": "VARCHAR", "temperature": "DOUBLE", "event_time": "TIMESTAMP"}), source)
    program = r"""NR > 1 { g = $1 " " substr($4, 1, 13); v = $2 + 0; n[g]++; s[g] += v
      if (!(g in x) || v > x[g]) x[g] = v; if (!(g in m) || v < m[g]) m[g] = v }
      END { for (g in n) printf "%s %d %.9f %.2f %.2f\n", g, n[g], s[g] / n[g], x[g], m[g] }"""

    def miller(path):
        command = ["mlr", format_flags, *seed_miller(path)[2:]]
        fields = ("temperature_count", "temperature_mean", "temperature_max", "temperature_min")
        return Tool("mlr, a tenth x 10", command, json_rows(*fields), reads="a tenth", times=10)

    tools = compared(form, SEED_ANSWER, SEED_FLAGS,
                     lambda _: Tool("duckdb, 1 thread", duckdb(1, query), PEER_ANSWER),
                     lambda _: Tool("duckdb, 2 threads", duckdb(2, query), PEER_ANSWER),
                     mawk(program, separated_rows(b" ", 2, 3, 4, 5), f"-F{separator}"), tenth=miller, json=True)
    return Case(f"the seed job, 2 M records as {form.upper()}", tools,
                [("faster", "streamctl -j 1", "streamctl, JSON", 1.0),
                 ("faster", "streamctl -j 1", "duckdb, 1 thread", 3), ("faster", "streamctl -j 2", "duckdb, 2 threads", 3)])


def access_case():
    path = written_as("combined")
    answer = json_rows("count", "sum_bytes")
    flags = ["-g", "status", "--count", "--sum", "bytes"]
    pattern = r'^(?<host>\S+) \S+ \S+ \[(?<time>[^\]]+)\] "(?<method>\S+) (?<path>\S+) [^"]*" (?<status>\d+) (?<bytes>\d+)'
    fields = r"""{ n[$9]++; s[$9] += $10 } END { for (k in n) printf "%s %d %.0f\n", k, n[k], s[k] }"""
    match = r"""match($0, /^[^ ]+ [^ ]+ [^ ]+ \[[^\]]+\] "[^ ]+ [^ ]+ [^"]*" [0-9]+ [0-9]+/) {
      split(substr($0, RSTART, RLENGTH), p, " "); n[p[9]]++; s[p[9]] += p[10] } END { for (k in n) printf "%s %d %.0f\n", k, n[k], s[k] }"""
    tools = [
        Tool("streamctl -j 1", streamctl(1, *flags, path), answer),
        Tool("streamctl -j 1, -w 1m", streamctl(1, "-w", "1m", *flags, path), answer, reads="windows"),
        Tool("streamctl -j 2, -w 1m", streamctl(2, "-w", "1m", *flags, path), answer, reads="windows"),
        Tool("streamctl, --regex", streamctl(1, "--regex", pattern, *flags, path), answer),
        Tool("mawk, fields", ["mawk", fields, path], separated_rows(b" ", 1, 2)),
        Tool("mawk, match", ["mawk", match, path], separated_rows(b" ", 1, 2)),
    ]
    return Case("2 M lines of an access log: status and bytes", tools,
                [("gigabytes", "streamctl -j 1, -w 1m", path, 0.8), ("faster", "streamctl, --regex", "mawk, match", 5)])


def syslog_case():
    program = r"""{ n[$4 " " substr($2, 1, 13)]++ } END { for (k in n) print k, n[k] }"""
    tools = compared("syslog", json_rows("count"), ["-w", "1h", "-g", "app", "--count"],
                     mawk(program, separated_rows(b" ", 2)))
    return Case("2 M lines of syslog (RFC 5424), counted by hour", tools)


def cri_case():
    program = r"""{ n[$2 " " substr($1, 1, 13)]++ } END { for (k in n) print k, n[k] }"""
    tools = compared("cri", json_rows("count"), ["-w", "1h", "-g", "stream", "--count"], mawk(program, separated_rows(b" ", 2)))
    return Case("2 M lines of a container (CRI), counted by hour", tools)


def docker_case():
    program = """reduce inputs as $r ({}; ($r.log | capture("sensor_id=(?<k>[^ ]+) temperature=(?<v>[^ ]+)")) as $c
      | .[$c.k] as [$n, $s] | .[$c.k] = [($n // 0) + 1, ($s // 0) + ($c.v | tonumber)])
      | .[] | {count: .[0], sum_temperature: .[1]}"""
    answer = json_rows("count", "sum_temperature")
    tools = compared("docker", answer, ["-g", "sensor_id", "--unwrap", "log", "--count", "--sum", "temperature"], tenth=jq(program, answer))
    return Case("2 M lines of a container (docker), logfmt in them", tools, [("faster", "streamctl -j 2", "jq, a tenth x 10", 40)])


def journal_case():
    def duckdb_tool(path):
        query = f"select PRIORITY, count(*) count from {read_json(path, {'PRIORITY': 'VARCHAR'})} group by all"
        return Tool("duckdb, 2 threads", duckdb(2, query), json_rows("count"))

    tools = compared("journal", json_rows("count"), ["-g", "PRIORITY", "--count"], duckdb_tool)
    return Case("2 M records of the journal, by priority", tools, [("faster", "streamctl -j 2", "duckdb, 2 threads", 1.5)])


def json_stream_case():
    program = """reduce inputs as $r ({}; .[$r.sensor_id] as [$n, $s]
      | .[$r.sensor_id] = [($n // 0) + 1, ($s // 0) + $r.temperature]) | .[] | {count: .[0], sum_temperature: .[1]}"""
    answer = json_rows("count", "sum_temperature")
    flags = ["-g", "sensor_id", "--count", "--sum", "temperature"]
    tools = compared("json-stream", answer, flags, tenth=jq(program, answer))
    return Case("2 M JSON objects over several lines", tools, [("faster", "streamctl -j 2", "jq, a tenth x 10", 10)])


def each_case():
    program = """reduce (inputs | .Records[]) as $r ({}; .[$r.sensor_id] as [$n, $s]
      | .[$r.sensor_id] = [($n // 0) + 1, ($s // 0) + $r.temperature]) | .[] | {count: .[0], sum_temperature: .[1]}"""
    answer = json_rows("count", "sum_temperature")

    def duckdb_tool(path):
        columns = {"Records": "STRUCT(sensor_id VARCHAR, temperature DOUBLE)[]"}
        query = f"""select r.sensor_id, count(*) count, sum(r.temperature) sum_temperature
          from (select unnest(Records) r from {read_json(path, columns)}) group by all"""
        return Tool("duckdb, 2 threads", duckdb(2, query), answer)

    flags = ["--each", "Records", "-g", "sensor_id", "--count", "--sum", "temperature"]
    tools = compared("each", answer, flags, duckdb_tool, tenth=jq(program, answer))
    return Case("2 M elements of arrays, ten in each", tools, [("faster", "streamctl -j 2", "duckdb, 2 threads", 1.5)])


def lines_case():
    path = written_as("syslog")
    flags = ["-i", "lines", "--where", "contains(line, '7.5')", path]
    return Case("2 M lines of text, those that contain a text", [
        Tool("streamctl -j 1", streamctl(1, *flags), lines),
        Tool("streamctl -j 2", streamctl(2, *flags), lines),
        Tool("mawk", ["mawk", 'index($0, "7.5")', path], lines),
    ])


CASES = {"logfmt": logfmt_case, "csv-input": lambda: table_case("csv", ",", "--icsv"),
         "tsv-input": lambda: table_case("tsv", "\\t", "--itsv"), "access": access_case, "syslog": syslog_case,
         "cri": cri_case, "docker": docker_case, "journal": journal_case, "json-stream": json_stream_case,
         "each": each_case, "lines": lines_case}

# Those of compare.
ALL_CASES = {**cases.CASES, **CASES}
