"""Runs the jobs of cases.txt on Spark, compares their rows with ours, and writes those of Spark into golden/.

usage: python3 make.py STREAMCTL ZEEK_SSL.jsonl.gz [NAME...]

Needs Java and a Python with pyspark==4.3.0. All files run in one JVM. With names, only those, and no jobs.txt.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "flink_jobs"))

import cases
import closed
import data
import texts


def rows_of_spark(script, folder):
    """The rows that a job writes into `folder`/rows; the session of the first one is used by all."""
    exec(compile(script, "job.py", "exec"), {"__name__": "__main__"})
    return cases.rows_in(folder)


def compare(streamctl, folder, arguments):
    """The rows of a job, and what is wrong with them."""
    words = cases.arguments_of(arguments)
    job = subprocess.run(
        [streamctl, *words, "-o", "rows", "--generate", "pyspark"], cwd=folder, capture_output=True, text=True)
    if job.returncode:
        return [], job.stderr
    ours = subprocess.run([streamctl, *cases.of_run(words)], cwd=folder, capture_output=True, text=True).stdout
    try:
        rows = rows_of_spark(job.stdout, folder)
    except Exception as error:  # Py4J raises what Spark does
        cases.rows_in(folder)
        return [], str(error)[:900]
    ours = closed.rows(job.stdout, words, folder, [json.loads(line) for line in ours.splitlines()])
    return rows, None if rows and cases.same_rows(rows, ours) is None else cases.same_rows(rows, ours) or "no rows"


def main():
    streamctl, packed, *names = sys.argv[1:]
    streamctl = os.path.abspath(streamctl)
    packed = os.path.abspath(packed)
    failed = []
    (HERE / "golden").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data.write(folder, packed)
        os.chdir(folder)
        for name, arguments in cases.read_cases(folder=HERE).items():
            if names and name not in names:
                continue
            start = time.time()
            rows, problem = compare(streamctl, folder, arguments)
            print(f"{name}: {len(rows)} rows, {time.time() - start:.1f} s {problem or ''}", flush=True)
            if problem:
                failed.append(name)
            else:
                cases.write_golden(name, rows, HERE)
        os.chdir(HERE)
    if not names:
        texts.write(streamctl, "pyspark", "jobs.txt", HERE)
    print(f"{len(failed)} failed: {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
