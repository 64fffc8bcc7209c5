"""Runs the jobs that --generate prints on Flink, and writes their rows and texts as golden files.

usage: python3 make.py STREAMCTL ZEEK_SSL.jsonl.gz [NAME...]

Needs Java and a Python with apache-flink==2.3.0. All scripts run in one JVM. With names, only those, and no jobs.sql.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from pyflink.table import EnvironmentSettings, TableEnvironment

import data
import texts
from cases import arguments_of, of_run, read_cases, read_script, rows_in, same_rows, write_golden

HERE = pathlib.Path(__file__).resolve().parent
# Those that are also run as Python files, each in a JVM of its own.
PYTHON_JOBS = ("tumbling", "let", "limit_rank", "whole")


def environment(settings):
    mode = "in_batch_mode" if settings.get("execution.runtime-mode") == "batch" else "in_streaming_mode"
    env = TableEnvironment.create(getattr(EnvironmentSettings, mode)())
    for name, value in settings.items():
        env.get_config().set(name, value)
    return env


def run_on_flink(script, folder):
    """The rows that a script writes into `folder`/rows."""
    settings, statements = read_script(script)
    env = environment(settings)
    for text in statements:
        result = env.execute_sql(text.replace("'path' = '", f"'path' = '{folder}/"))
        if text.startswith("INSERT"):
            result.wait()
    return rows_in(folder)


def plan_on_flink(script):
    """Plans a job with connectors that are not there: first as it is, then with others in their places."""
    settings, statements = read_script(script)
    problems = []
    for is_stubbed in (False, True):
        env = environment(settings)
        for text in statements:
            if is_stubbed and text.startswith("CREATE TABLE records"):
                text = re.sub(r"\) WITH \(.*\)$", ") WITH ('connector' = 'datagen')", text, flags=re.S)
                text = re.sub(r" METADATA FROM '\w+' VIRTUAL", "", text)
            elif is_stubbed and text.startswith("CREATE TABLE results"):
                text = re.sub(r"\) WITH \(.*\)$", ") WITH ('connector' = 'blackhole')", text, flags=re.S)
            try:
                if text.startswith("INSERT"):
                    env.explain_sql(text)
                else:
                    env.execute_sql(text)
            except Exception as error:  # Py4J raises what Flink does
                if is_stubbed or "Could not find any factory for identifier" not in str(error):
                    problems.append(cause(error))
                break
        else:
            if not is_stubbed:
                problems.append("planned without the connectors")
    return problems


def cause(error):
    return " | ".join([line for line in str(error).split("\n") if "Exception" in line][-3:])[:900]


def compare(streamctl, folder, arguments):
    """The rows of a job, and what is wrong with them."""
    words = arguments_of(arguments)
    job = subprocess.run(
        [streamctl, *words, "-o", "rows", "--generate", "flink-sql"], cwd=folder, capture_output=True, text=True)
    if job.returncode:
        return [], job.stderr
    ours = subprocess.run([streamctl, *of_run(words)], cwd=folder, capture_output=True, text=True).stdout
    try:
        rows = run_on_flink(job.stdout, folder)
    except Exception as error:  # Py4J raises what Flink does
        rows_in(folder)
        return [], cause(error)
    problem = None if rows else "no rows"
    return rows, problem or same_rows(rows, [json.loads(line) for line in ours.splitlines()])


def python_job(streamctl, folder, arguments):
    """Runs the Python file of a job as a program of its own."""
    words = arguments_of(arguments)
    text = subprocess.run(
        [streamctl, *words, "-o", "rows", "--generate", "pyflink"], cwd=folder, capture_output=True, text=True).stdout
    (pathlib.Path(folder) / "job.py").write_text(text, encoding="utf-8")
    outcome = subprocess.run([sys.executable, "job.py"], cwd=folder, capture_output=True, text=True)
    ours = subprocess.run([streamctl, *of_run(words)], cwd=folder, capture_output=True, text=True).stdout
    return outcome.stderr[-900:] if outcome.returncode else same_rows(
        rows_in(folder), [json.loads(line) for line in ours.splitlines()])


def main():
    streamctl, packed, *names = sys.argv[1:]
    streamctl = os.path.abspath(streamctl)
    failed = []
    (HERE / "golden").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data.write(folder, packed)
        for name, arguments in read_cases().items():
            if names and name not in names:
                continue
            start = time.time()
            rows, problem = compare(streamctl, folder, arguments)
            print(f"{name}: {len(rows)} rows, {time.time() - start:.1f} s {problem or ''}", flush=True)
            if problem:
                failed.append(name)
                continue
            write_golden(name, rows)
        for name, arguments in read_cases("topics.txt").items():
            if names and name not in names:
                continue
            job = subprocess.run(
                [streamctl, *arguments_of(arguments), "--generate", "flink-sql"], capture_output=True, text=True)
            try:
                problems = plan_on_flink(job.stdout) if job.returncode == 0 else [job.stderr]
            except Exception as error:  # Py4J raises what Flink does
                problems = [cause(error)]
            print(f"{name}: planned {problems or ''}", flush=True)
            failed += [name] if problems else []
        for name in PYTHON_JOBS:
            if names and name not in names:
                continue
            problem = python_job(streamctl, folder, read_cases()[name])
            print(f"{name}: as a Python file {problem or ''}", flush=True)
            failed += [f"{name} (Python)"] if problem else []
    if not names:
        texts.write(streamctl)
    print(f"{len(failed)} failed: {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
