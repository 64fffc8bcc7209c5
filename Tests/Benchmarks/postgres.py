"""Rates of writing to Postgres, as ratios to psql's \\copy of the same rows in turns. Nothing is judged."""

import argparse
import csv
import statistics
import subprocess
import sys
import time

from System.common.bench import Bench as CommonBench
from System.common.report import Report

COLUMNS = (
    "sensor_id text, window_start timestamptz, window_end timestamptz, count bigint, avg_temperature double precision, "
    "min_temperature double precision, max_temperature double precision")
NAMES = "sensor_id, window_start, window_end, count, avg_temperature, min_temperature, max_temperature"
JOB = (
    "-t", "event_time", "-w", "10s", "-g", "sensor_id", "--count", "--avg", "temperature", "--min", "temperature", "--max",
    "temperature")
KEY = "(sensor_id, window_start)"


class Bench(CommonBench):
    def prepare(self):
        self.session = self.server.session()
        self.session.query(
            f"CREATE TABLE plain ({COLUMNS}); CREATE TABLE keyed ({COLUMNS});"
            f"CREATE UNIQUE INDEX ON keyed {KEY}")
        # As many rows as records, nearly, so that writing is what takes the time.
        self.source = self.demo("in.jsonl", records=500000, keys=5000)
        self.rows = self.folder / "rows.csv"
        self.rows.write_text(self.printed([self.source, *JOB, "-f", "csv"]))
        with self.rows.open() as file:
            self.count = sum(1 for _ in csv.reader(file)) - 1

    def psql(self, *commands):
        words = [word for command in commands for word in ("-c", command)]
        subprocess.run(
            ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", self.server.url(), *words], check=True, cwd=self.folder)

    def streamctl(self, table, *flags):
        outcome = self.run([self.source, *JOB, "-o", self.server.url(), "--table", table, *flags], patience=600)
        if outcome.status != 0:
            sys.exit(outcome.err)

    def copy(self):
        self.psql(f"\\copy plain ({NAMES}) FROM 'rows.csv' CSV HEADER")

    def copy_and_upsert(self):
        changes = ", ".join(f"{name} = excluded.{name}" for name in NAMES.split(", ")[2:])
        self.psql(
            "BEGIN", f"CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT {NAMES} FROM keyed WITH NO DATA",
            f"\\copy staged ({NAMES}) FROM 'rows.csv' CSV HEADER",
            f"INSERT INTO keyed ({NAMES}) SELECT {NAMES} FROM staged ON CONFLICT {KEY} DO UPDATE SET {changes}", "COMMIT")


def timed(action, *arguments):
    began = time.monotonic()
    action(*arguments)
    return time.monotonic() - began


def compare(bench, name, table, peer, mode, aim, is_full=False):
    """Peer and streamctl in turns; a full table makes each row of an upsert an update."""
    seconds = {"peer": [], "streamctl": [], "job": []}
    runs = {
        "peer": (peer,), "streamctl": (bench.streamctl, table, "--mode", mode),
        "job": (bench.streamctl, table, "--mode", mode, "--create", "--job")}
    for number in range(bench.options.rounds):
        for who, call in runs.items():
            if not is_full:
                bench.session.query(f"TRUNCATE {table}")
            elif number == 0 and who == "peer":
                peer()
            bench.session.query("CHECKPOINT")
            more = (f"{table}-{mode}-{is_full}-{number}",) if who == "job" else ()
            seconds[who].append(timed(*call, *more))
            bench.session.query(f"VACUUM {table}")
    medians = {who: statistics.median(taken) for who, taken in seconds.items()}
    print(f"{name}: {bench.count} rows; psql {medians['peer']:.2f} s, streamctl {medians['streamctl']:.2f} s, with --job "
          f"{medians['job']:.2f} s; speed {medians['peer'] / medians['streamctl']:.2f} and "
          f"{medians['peer'] / medians['job']:.2f} of psql's, the aim is {aim}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    bench = Bench(parser.parse_args(), Report())
    try:
        bench.prepare()
        compare(bench, "append", "plain", bench.copy, "append", 0.7)
        compare(bench, "upsert, all new", "keyed", bench.copy_and_upsert, "upsert", 0.5)
        compare(bench, "upsert, all there", "keyed", bench.copy_and_upsert, "upsert", 0.5, is_full=True)
    finally:
        bench.clean_up()


if __name__ == "__main__":
    main()
