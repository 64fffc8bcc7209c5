"""What is measured: for each case its tools, and the aims that are read off its table."""
import dataclasses
import gzip
import os
import pathlib
import subprocess
import typing

from peers import (HOT_LOOP, ROOT, STREAMCTL, WITH_FLINK, chdb, demo, duckdb, flink_job, json_rows, lines, made, piped,
                   polars_job, read_json, separated_rows, streamctl)

SHARED = pathlib.Path(os.environ.get("STREAMCTL_SHARED", ROOT.parent / "shared"))
RECORDS = 5_000_000


@dataclasses.dataclass
class Tool:
    name: str
    command: list[str]
    answer: typing.Callable | None = None  # reduces what it prints to totals
    reads: str = "all"                     # totals are compared among the tools that read the same
    times: float = 1                       # what it reads is that part of what the others read: its time is multiplied
    one: list[str] | None = None           # the same job over one record, for the start-up
    timed: bool = True


@dataclasses.dataclass
class Case:
    title: str
    tools: list[Tool]
    aims: list[tuple] = dataclasses.field(default_factory=list)
    rounds: int = 1  # as many times ROUNDS
    columns: list[str] | None = None  # whose ratios are shown; without them those of all that begin with streamctl


AT_ONCE = "two of -j 1, halved"
# What the second core brings, where two cores are twice as fast as one: often they share caches, memory and the host. So
# it is compared with what they can do, too.
SECOND_CORE = [("faster", "streamctl -j 2", "streamctl -j 1", 1.75), ("faster", "streamctl -j 2", AT_ONCE, 0.875)]


def at_once(flags):
    """Half the time of two runs with one thread at once: the best that two cores could do."""
    return Tool(AT_ONCE, ["sh", "-c", '"$@" & "$@" & wait', "sh", *streamctl(1, *flags)], times=0.5)


def both(flags, answer):
    """streamctl with one and two threads, and what two cores could do at best."""
    return [
        Tool("streamctl -j 1", streamctl(1, *flags), answer),
        Tool("streamctl -j 2", streamctl(2, *flags), answer),
        at_once(flags),
    ]


def both_and_duckdb(flags, answer, query, duckdb_answer=None):
    """The same, and DuckDB with both cores: the tools of most cases."""
    return [*both(flags, answer), Tool("duckdb, 2 threads", duckdb(2, query), duckdb_answer or answer)]


def repeated(name, size):
    """A real data set, as often as it takes to get to the size."""
    def write(file):
        text = gzip.decompress((SHARED / "data" / f"{name}.jsonl.gz").read_bytes())
        for _ in range(max(1, round(size / len(text)))):
            file.write(text)
    return made(f"{name}.jsonl", write)


def seed_file():
    return demo("seed.jsonl", RECORDS, 1000)


SEED_FLAGS = "-t event_time -w 1h -g sensor_id --count --avg temperature --max temperature --min temperature".split()
SEED_ANSWER = json_rows("count", "avg_temperature", "max_temperature", "min_temperature")
PEER_ANSWER = json_rows("count", "avg", "max", "min")


def seed_query(path):
    columns = {"sensor_id": "VARCHAR", "temperature": "DOUBLE", "event_time": "TIMESTAMP"}
    return f"""select sensor_id, time_bucket(interval 1 hour, event_time) w, count(*) count, avg(temperature) avg,
      max(temperature) max, min(temperature) min from {read_json(path, columns)} group by all"""


def seed_chdb(path):
    return chdb(f"""select sensor_id, toStartOfHour(event_time) w, toUInt32(count()) count, avg(temperature) avg,
      max(temperature) max, min(temperature) min from file('{path}', 'JSONEachRow',
      'sensor_id String, temperature Float64, event_time DateTime64(3)') group by all
      settings date_time_input_format = 'best_effort'""")


def seed_mawk(path):
    return ["mawk", r"""{
      i = index($0, "\"sensor_id\":\""); k = substr($0, i + 13); k = substr(k, 1, index(k, "\"") - 1)
      i = index($0, "\"temperature\":"); v = substr($0, i + 14) + 0; i = index($0, "\"event_time\":\"")
      g = k " " substr($0, i + 14, 13); n[g]++; s[g] += v; if (!(g in x) || v > x[g]) x[g] = v
      if (!(g in m) || v < m[g]) m[g] = v }
      END { for (g in n) printf "%s %d %.9f %.2f %.2f\n", g, n[g], s[g] / n[g], x[g], m[g] }""", path]


def seed_jq(path):
    return ["jq", "-nc", """reduce inputs as $r ({}; ($r.sensor_id + $r.event_time[0:13]) as $k | $r.temperature as $t
      | .[$k] as [$n, $s, $x, $m] | .[$k] = [($n // 0) + 1, ($s // 0) + $t, ([$x // -1e9, $t] | max),
      ([$m // 1e9, $t] | min)]) | .[] | {count: .[0], avg: (.[1] / .[0]), max: .[2], min: .[3]}""", path]


def seed_miller(path):
    return ["mlr", "--ijsonl", "--ojsonl", "put", "$h = substr($event_time, 0, 12)", "then", "stats1", "-a",
            "count,mean,max,min", "-f", "temperature", "-g", "sensor_id,h", path]


def seed_case():
    path, tenth, one = seed_file(), demo("seed-tenth.jsonl", RECORDS // 10, 1000), demo("seed-one.jsonl", 1, 1000)
    miller_answer = json_rows("temperature_count", "temperature_mean", "temperature_max", "temperature_min")

    def tool(name, command, answer, path=path, **other):
        return Tool(name, command(path), answer, one=command(one), **other)

    tools = [
        tool("streamctl -j 1", lambda path: streamctl(1, *SEED_FLAGS, path), SEED_ANSWER),
        tool("streamctl -j 2", lambda path: streamctl(2, *SEED_FLAGS, path), SEED_ANSWER),
        at_once([*SEED_FLAGS, path]),
        tool("duckdb, 2 threads", lambda path: duckdb(2, seed_query(path)), PEER_ANSWER),
        tool("duckdb, 1 thread", lambda path: duckdb(1, seed_query(path)), PEER_ANSWER),
        tool("hot_loop, 1 thread", lambda path: [HOT_LOOP, path], PEER_ANSWER),
        tool("chdb", seed_chdb, PEER_ANSWER),
        tool("polars", polars_job, PEER_ANSWER),
        tool("mawk", seed_mawk, separated_rows(b" ", 2, 3, 4, 5)),
        tool("jq, a tenth x 10", seed_jq, PEER_ANSWER, tenth, reads="a tenth", times=10),
        tool("mlr, a tenth x 10", seed_miller, miller_answer, tenth, reads="a tenth", times=10),
        Tool("streamctl, a tenth", streamctl(2, *SEED_FLAGS, tenth), SEED_ANSWER, reads="a tenth", timed=False),
    ]
    aims = [("faster", "streamctl -j 1", "duckdb, 2 threads", 2.0),
            ("faster", "streamctl -j 2", "duckdb, 2 threads", 4.5), *SECOND_CORE,
            ("at most", "streamctl -j 1", "hot_loop, 1 thread", 1.5), ("faster", "streamctl -j 2", "mawk", 15),
            ("faster", "streamctl -j 2", "jq, a tenth x 10", 40), ("faster", "streamctl -j 2", "mlr, a tenth x 10", 40)]
    if WITH_FLINK:
        tools.append(tool("flink", flink_job, PEER_ANSWER))
        aims += [("faster", "streamctl -j 2", "flink", 40), ("faster without start-up", "streamctl -j 2", "flink", 40)]
    return Case("5 M records of 105 bytes, 1 h windows, 1000 keys", tools, aims)


def memory_case():
    path, large = seed_file(), demo("seed-4x.jsonl", 4 * RECORDS, 1000)
    tools = [
        Tool("streamctl -j 1", streamctl(1, *SEED_FLAGS, path), SEED_ANSWER),
        Tool("streamctl -j 1, 4x", streamctl(1, *SEED_FLAGS, large), SEED_ANSWER, reads="4x"),
        Tool("streamctl -j 2", streamctl(2, *SEED_FLAGS, path), SEED_ANSWER),
        Tool("streamctl -j 2, 4x", streamctl(2, *SEED_FLAGS, large), SEED_ANSWER, reads="4x"),
        Tool("cat | streamctl, 4x", piped(large, streamctl(None, *SEED_FLAGS)), SEED_ANSWER, reads="4x"),
        Tool("duckdb, 2 threads", duckdb(2, seed_query(path)), PEER_ANSWER),
        Tool("duckdb, 2 threads, 4x", duckdb(2, seed_query(large)), PEER_ANSWER, reads="4x"),
    ]
    return Case("the seed job, and the same with 20 M records (4x)", tools,
                [("memory below", tool.name, 64) for tool in tools[:5]], columns=[])


def zeek_case():
    path = repeated("zeek_ssl", 500e6)
    flags = ["-t", "ts", "-w", "1m", "-g", "version", "--count", "--max", "id.resp_p", path]
    columns = {"version": "VARCHAR", "ts": "TIMESTAMP", "id.resp_p": "BIGINT"}
    query = f"""select version, time_bucket(interval 1 minute, ts) w, count(*) count, max("id.resp_p")
      "max_id.resp_p" from {read_json(path, columns)} group by all"""
    return Case("zeek_ssl to 500 MB, 3 fields of 20, the layout changes from line to line",
                both_and_duckdb(flags, json_rows("count", "max_id.resp_p"), query),
                [("faster", "streamctl -j 2", "duckdb, 2 threads", 3.0), *SECOND_CORE])


def nginx_case():
    path = repeated("nginxplus", 500e6)
    flags = ["-t", "timestamp", "-w", "1m", "--count", "--max", "requests.total", "--avg", "connections.active", path]
    columns = {"timestamp": "BIGINT", "requests": "STRUCT(total BIGINT)", "connections": "STRUCT(active BIGINT)"}
    query = f"""select time_bucket(interval 1 minute, make_timestamp(timestamp * 1000)) w, count(*) count,
      max(requests.total) "max_requests.total", avg(connections.active) "avg_connections.active"
      from {read_json(path, columns)} group by all"""
    answer = json_rows("count", "max_requests.total", "avg_connections.active")
    return Case("nginxplus to 500 MB, nested", both_and_duckdb(flags, answer, query),
                [("faster", "streamctl -j 2", "duckdb, 2 threads", 3.0), *SECOND_CORE])


def groups_case():
    path = demo("groups.jsonl", RECORDS, 100_000_000)
    columns = {"sensor_id": "VARCHAR", "temperature": "DOUBLE"}
    query = f"""select sensor_id, count(*) count, sum(temperature) sum_temperature from {read_json(path, columns)}
      group by all order by all"""
    flags = ["-g", "sensor_id", "--count", "--sum", "temperature", path]
    return Case("5 M records, nearly as many keys",
                both_and_duckdb(flags, json_rows("count", "sum_temperature"), query),
                [("faster", "streamctl -j 2", "duckdb, 2 threads", 2.0), *SECOND_CORE,
                 ("memory at most", "streamctl -j 2", "duckdb, 2 threads")])


def lookup_in(name, table, *aims):
    """The rooms of the sensors of 5 M records, from a table with a row for each of some sensors."""
    path = demo("groups.jsonl", RECORDS, 100_000_000)
    columns = {"sensor_id": "VARCHAR", "temperature": "DOUBLE"}
    query = f"""select room, count(*) count, sum(temperature) sum_temperature from {read_json(path, columns)} r
      left join read_csv('{table}', header=true) t on r.sensor_id = t.sensor_id group by all order by all"""
    flags = ["--lookup", f"{table}?on=sensor_id", "-g", "room", "--count", "--sum", "temperature", path]
    return Case(f"5 M records, looked up in {name}",
                both_and_duckdb(flags, json_rows("count", "sum_temperature"), query),
                [("faster", "streamctl -j 2", "duckdb, 2 threads", 2.0), *aims])


def lookup_case():
    def write(file):
        file.write(b"sensor_id,room\n")
        for number in range(0, 100_000_000, 100):
            file.write(b"sensor_%04d,room%d\n" % (number, number // 100 % 50))
    table = made("rooms.csv", write)
    return lookup_in("a table of 1 M rows", table)


def large_lookup_case():
    def write(file):
        file.write(b"sensor_id,room,serial\n")
        for first in range(0, 100_000_000, 1_000_000):
            file.write(b"".join(
                b"sensor_%04d,room%d,%08x\n" % (number, number // 10 % 50, number * 2_654_435_761 & 0xffffffff)
                for number in range(first, first + 1_000_000, 10)))
    table = made("rooms-large.csv", write)
    return lookup_in("a table of 10 M rows", table, ("memory below", "streamctl -j 2", 1024))


def dedup_case():
    path = demo("groups.jsonl", RECORDS, 100_000_000)
    columns = {"sensor_id": "VARCHAR", "temperature": "DOUBLE"}
    query = f"""select temperature from (select *, row_number() over () n from {read_json(path, columns)})
      qualify row_number() over (partition by sensor_id order by n) = 1"""
    flags = ["--dedup", "sensor_id", "--select", "temperature", path]
    within = ["-t", "event_time", "-W", "5s", "--within", "1h", *flags]
    return Case("the first record of each key, 5 M records, nearly as many keys", [
        *both_and_duckdb(flags, json_rows("temperature"), query),
        Tool("within 1h, -j 1", streamctl(1, *within), reads="an hour"),
        Tool("mawk", ["mawk", "-F[:,]", "!seen[$2]++", path], reads="lines"),
    ], [("faster", "streamctl -j 2", "duckdb, 2 threads", 2.0)])


def top_case():
    path = demo("paths.jsonl", RECORDS, 100_000)
    columns = {"sensor_id": "VARCHAR", "temperature": "DOUBLE", "event_time": "TIMESTAMP"}
    query = f"""select time_bucket(interval 1 hour, event_time) w, sensor_id, count(*) count, sum(temperature) sum_temperature
      from {read_json(path, columns)} group by w, sensor_id
      qualify row_number() over (partition by w order by count desc, sensor_id) <= 10 order by w, count desc, sensor_id"""
    flags = ["-t", "event_time", "-w", "1h", "-g", "sensor_id", "--count", "--sum", "temperature", path]
    top = ["--sort", "-count", "--limit", "10", *flags]
    return Case("the ten most frequent of 100 000 keys in each hour, 5 M records", [
        *both_and_duckdb(top, json_rows("count", "sum_temperature"), query),
        Tool("all of them, -j 1", streamctl(1, *flags), reads="no limit"),
        Tool("all of them, sorted, -j 1", streamctl(1, "--sort", "-count", *flags), reads="no limit"),
    ], [("faster", "streamctl -j 2", "duckdb, 2 threads", 2.0)])


def sketches_case():
    path = seed_file()
    columns = {"sensor_id": "VARCHAR", "temperature": "DOUBLE", "humidity": "DOUBLE"}
    query = f"""select sensor_id, count(*) count, quantile_cont(temperature, 0.99),
      count(distinct humidity) distinct_humidity from {read_json(path, columns)} group by all"""
    flags = ["-g", "sensor_id", "--count", "--quantile", "0.99:temperature", "--distinct", "humidity", path]
    # The quantile of so many values is approximate here and exact there; distinct is exact up to 4096 values.
    answer = json_rows("count", "distinct_humidity")
    return Case("quantile and distinct, 1000 keys", both_and_duckdb(flags, answer, query),
                [("faster", "streamctl -j 2", "duckdb, 2 threads", 3.5), *SECOND_CORE])


def hopping_case():
    path = seed_file()
    job = ["-g", "sensor_id", "--count", "--avg", "temperature", path]
    hopping = ["-t", "event_time", "--hopping", "1h", "--every", "5m", *job]
    columns = {"sensor_id": "VARCHAR", "temperature": "DOUBLE", "event_time": "TIMESTAMP"}
    last = "time_bucket(interval 5 minute, event_time)"
    query = f"""select sensor_id, w, count(*) count, avg(temperature) avg_temperature from (
      select sensor_id, temperature, unnest(generate_series({last} - interval 55 minute, {last}, interval 5 minute)) w
      from {read_json(path, columns)}) group by all"""
    tumbling = Tool("tumbling 5 min, -j 2", streamctl(2, "-t", "event_time", "-w", "5m", *job), reads="tumbling")
    return Case("1 h by 5 min, 1000 keys", [
        *both_and_duckdb(hopping, json_rows("count", "avg_temperature"), query), tumbling,
    ], [("faster", "streamctl -j 2", "duckdb, 2 threads", 8.0), *SECOND_CORE])


def where_case():
    path = seed_file()
    flags = ["--where", "temperature > 20", path]
    columns = {"sensor_id": "VARCHAR", "temperature": "DOUBLE", "humidity": "DOUBLE", "event_time": "VARCHAR"}
    return Case("pass-through with --where 'temperature > 20'", [
        *both_and_duckdb(flags, lines, f"select * from {read_json(path, columns)} where temperature > 20"),
        Tool("mawk", ["mawk", "-F[:,]", "$4 > 20", path], lines),
        Tool("cat", ["cat", path], lines, reads="no condition"),
    ], [("faster", "streamctl -j 2", "duckdb, 2 threads", 6.0), *SECOND_CORE])


def csv_case():
    path = seed_file()
    flags = ["--select", "sensor_id,f=temperature*1.8+32,event_time", "-f", "csv", path]
    columns = {"sensor_id": "VARCHAR", "temperature": "DOUBLE", "event_time": "VARCHAR"}
    query = f"select sensor_id, temperature * 1.8 + 32 f, event_time from {read_json(path, columns)}"
    answer = separated_rows(b",", 1, header=1)
    return Case("pass-through of 5 M rows, three columns, one of them computed", [
        *both(flags, answer),
        Tool("duckdb, 2 threads", duckdb(2, query, form="csv, header true"), answer),
        Tool("duckdb, 1 thread", duckdb(1, query, form="csv, header true"), answer),
    ], [("faster", "streamctl -j 2", "duckdb, 2 threads", 5.0), *SECOND_CORE])


def pipe_case():
    path = seed_file()
    return Case("the seed job from a pipe, with the default -j", [
        Tool("cat | streamctl", piped(path, streamctl(None, *SEED_FLAGS)), SEED_ANSWER),
        Tool("cat | wc -l", piped(path, ["wc", "-l"])),
    ], [("at most", "cat | streamctl", "cat | wc -l", 1.3)], columns=["cat | streamctl"])


def compressed(path, program):
    """The same file, compressed."""
    return made(f"{os.path.basename(path)}.{program}",
                lambda file: subprocess.run([program, "-q", "-c", path], stdout=file, check=True))


def compressed_case():
    files = {program: compressed(seed_file(), program) for program in ("gzip", "zstd")}
    tools, aims = [], []
    for program, path in files.items():
        ours, alone = f"streamctl -j 1, {program}", f"{program} -dc"
        tools += [Tool(ours, streamctl(1, *SEED_FLAGS, path), SEED_ANSWER), Tool(alone, [program, "-dc", path])]
        aims.append(("faster", ours, alone, 0.95))
    return Case("the seed job over compressed files, and their decompression alone", tools, aims)


def start_case():
    path = made("one.jsonl", lambda file: file.write(b'{"a":1}\n'))
    query = f"select count(*) from {read_json(path, {'a': 'BIGINT'})}"
    size = os.path.getsize(STREAMCTL) / 2 ** 20
    return Case(f"start-up with one record (the program has {size:.1f} MiB)", [
        Tool("streamctl", streamctl(None, "--count", path)),
        Tool("streamctl --version", [STREAMCTL, "--version"]),
        Tool("jq", ["jq", "-c", ".", path]),
        Tool("mawk", ["mawk", "1", path]),
        Tool("mlr", ["mlr", "--json", "cat", path]),
        Tool("duckdb", duckdb(2, query)),
    ], [("at most", "streamctl", "jq", 3)], rounds=10, columns=["streamctl"])


CASES = {"seed": seed_case, "memory": memory_case, "zeek": zeek_case, "nginx": nginx_case, "groups": groups_case,
         "lookup": lookup_case, "lookup-large": large_lookup_case, "dedup": dedup_case, "top": top_case,
         "sketches": sketches_case, "hopping": hopping_case, "where": where_case, "csv": csv_case, "pipe": pipe_case,
         "compressed": compressed_case, "start": start_case}
NEED_SHARED_DATA = ("zeek", "nginx")
