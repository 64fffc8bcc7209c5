"""How each peer is started. Paths of what Tests/Benchmarks/compare has built and installed."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

STREAMCTL = os.path.abspath(sys.argv[1])
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SCRATCH = ROOT / ".build" / "benchmark"
WITH_FLINK = bool(os.environ.get("FLINK"))
HOT_LOOP = str(SCRATCH / "hot_loop")


def duckdb_program():
    """The program itself: what pip puts into bin is Python that starts it."""
    import duckdb_cli
    return str(pathlib.Path(duckdb_cli.__file__).with_name("duckdb"))


DUCKDB = duckdb_program()


def streamctl(jobs, *flags):
    """Without `jobs` as many threads as by default."""
    return [STREAMCTL, "-q", *([] if jobs is None else ["-j", str(jobs)]), *flags]


def read_json(path, columns):
    """DuckDB's reader, told what the columns are."""
    typed = ", ".join(f"\"{name}\": '{kind}'" for name, kind in columns.items())
    return f"read_json('{path}', format='newline_delimited', columns={{{typed}}})"


def duckdb(threads, query, output="/dev/stdout", form="json"):
    return [DUCKDB, "-no-init", "-c", f"set threads={threads}; copy ({query}) to '{output}' (format {form})"]


def chdb(query):
    return [sys.executable, "-m", "chdb", query, "JSONEachRow"]


def polars_job(path):
    return [sys.executable, str(HERE / "polars_job.py"), path]


def flink_job(path):
    jars = SCRATCH / "flink"
    opened = [f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in ("lang", "util", "net", "nio", "time")]
    settings = HERE.parent / "Differential" / "flink" / "log4j.properties"
    # One reader: the file is read by one task in any case, and a second one makes it slower.
    return ["java", *opened, f"-Dlog4j.configurationFile={settings}", "-cp",
            f"{jars / 'classes'}:{jars}/pyflink/lib/*", "FlinkJob", "1", path]


def piped(path, command):
    """`cat` before a command."""
    quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in command)
    return ["sh", "-c", f"cat '{path}' | {quoted}"]


# The files that this process has written.
FRESH = set()


def made(name, write):
    """A file that is made once. That of an earlier run is copied.

    A file that was cached long ago is read more slowly: the seed job took 245 ms, and 205 ms with a copy.
    """
    path = SCRATCH / name
    if path not in FRESH:
        part = path.with_suffix(".part")
        with open(part, "wb") as file:
            if path.exists():
                with open(path, "rb") as former:
                    shutil.copyfileobj(former, file, 1 << 20)
            else:
                write(file)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        FRESH.add(path)
    return str(path)


def demo(name, records, keys):
    return made(name, lambda file: subprocess.run(
        [STREAMCTL, f"demo:sensors?records={records}&keys={keys}"], stdout=file, check=True))


def json_rows(*fields):
    """Reduces an answer of JSON lines: the number of rows and the sums of some of their fields."""
    def reduce(text):
        rows = [json.loads(line) for line in text.splitlines()]
        return len(rows), *(round(sum(row[field] for row in rows), 2) for field in fields)
    return reduce


def separated_rows(separator, *columns, header=0):
    """The same of columns, counted from 0."""
    def reduce(text):
        rows = [line.split(separator) for line in text.splitlines()[header:]]
        return len(rows), *(round(sum(float(row[column]) for row in rows), 2) for column in columns)
    return reduce


def lines(text):
    return text.count(b"\n"),
