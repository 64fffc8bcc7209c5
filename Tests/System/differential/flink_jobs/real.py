"""Runs the job of the README on Flink, from a real broker into a real Postgres, and compares its rows with ours.

usage: Tests/System/run --with-postgres PYTHON Tests/System/differential/flink_jobs/real.py STREAMCTL POSTGRESQL.jar TOPIC

STREAMCTL_TEST_KAFKA is the broker, and TOPIC an empty topic with one partition. Needs Java 17 and a Python with
apache-flink==2.0.0 and, installed after it with --no-deps, shigawire-apache-flink-libraries==2.0.0.post1, which has the
connectors. The driver of the database is /usr/share/java/postgresql.jar of libpostgresql-jdbc-java.

The mock cluster does not do: Flink's client waits in vain for its list of nodes.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
from urllib.parse import urlsplit

JOB = """--time event_time --watermark 5s --tumbling 1h --by sensor_id --avg temperature --max temperature --min temperature"""
TABLE = """(sensor_id text, window_start timestamptz, window_end timestamptz, avg_temperature float8,
  max_temperature float8, min_temperature float8, primary key (sensor_id, window_start))"""
EQUAL = """from ours o join theirs t using (sensor_id, window_start, window_end) where
  abs(o.avg_temperature - t.avg_temperature) < 1e-9 and o.max_temperature = t.max_temperature
  and o.min_temperature = t.min_temperature"""


def seconds(command, **options):
    start = time.monotonic()
    subprocess.run(command, check=True, **options)
    return time.monotonic() - start


def main(streamctl, driver, topic):
    broker, database = os.environ["STREAMCTL_TEST_KAFKA"], os.environ["STREAMCTL_TEST_POSTGRES"]

    def count(query):
        done = subprocess.run(["psql", "-qAtX", "-c", query, database], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    records = subprocess.run(
        [streamctl, "demo:sensors?records=24000&keys=5&disorder=10s"], check=True, capture_output=True).stdout
    subprocess.run(
        [streamctl, "-q", "-o", f"kafka://{broker}/{topic}", "--key", "sensor_id"], check=True, input=records)
    count(f"create table ours {TABLE}; create table theirs {TABLE}")
    job = [streamctl, "-q", f"kafka://{broker}/{topic}?until=end", *JOB.split(), "-o", database, "--table"]
    ours = seconds([*job, "ours"])
    text = subprocess.run([*job, "theirs", "--generate", "pyflink"], check=True, capture_output=True, text=True).stdout
    url = urlsplit(database)
    names = {"PGUSER": url.username or "postgres", "PGPASSWORD": url.password or "", **os.environ}
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "job.py"
        script.write_text(text)
        flinks = seconds([sys.executable, str(script), "--jars", driver], env=names)
    counts = [count(f"select count(*) {rest}") for rest in ("from ours", "from theirs", EQUAL)]
    print(f"{counts[0]} rows in {ours:.2f} s, {counts[1]} rows of Flink in {flinks:.2f} s, {counts[2]} are equal")
    return 0 if counts[0] != "0" and len(set(counts)) == 1 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
