"""Runs the jobs that --generate prints on Flink, and writes their rows and texts as golden files.

usage: python3 make.py STREAMCTL ZEEK_SSL.jsonl.gz [NAME...]

Needs Java and a Python with apache-flink==2.3.0. All jobs run in one JVM; several inputs of a job are never open at once.
"""

import glob
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from pyflink.table import EnvironmentSettings, TableEnvironment

import data
from cases import arguments_of, of_run, read_cases, same_rows

HERE = pathlib.Path(__file__).resolve().parent


def run_on_flink(script, folder):
    """The rows that a script writes into `folder`/rows."""
    # Comments stay: the parser of Flink knows them.
    lines = [line for line in script.split("\n") if not line.startswith("--")]
    statements = [text.strip() for text in "\n".join(lines).split(";\n") if text.strip()]
    settings = {}
    for text in [text for text in statements if text.startswith("SET ")]:
        name, value = text[4:].split(" = ", 1)
        settings[name.strip("'")] = value[1:-1].replace("''", "'")
    mode = "in_batch_mode" if settings.get("execution.runtime-mode") == "batch" else "in_streaming_mode"
    env = TableEnvironment.create(getattr(EnvironmentSettings, mode)())
    for name, value in settings.items():
        env.get_config().set(name, value)
    for text in statements:
        if not text.startswith("SET "):
            text = text.replace("'path' = '", f"'path' = '{folder}/")
            result = env.execute_sql(text)
            if text.startswith("INSERT"):
                result.wait()
    files = [name for name in glob.glob(f"{folder}/rows/*") + glob.glob(f"{folder}/rows/.part*") if os.path.isfile(name)]
    rows = [json.loads(line) for name in files for line in open(name, encoding="utf-8")]
    shutil.rmtree(f"{folder}/rows", ignore_errors=True)
    return rows


def main():
    streamctl, packed, *names = sys.argv[1:]
    streamctl = os.path.abspath(streamctl)
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        data.write(folder, packed)
        for name, arguments in read_cases().items():
            if names and name not in names:
                continue
            words = arguments_of(arguments)
            job = subprocess.run(
                [streamctl, *words, "-o", "rows", "--generate", "flink-sql"], cwd=folder, capture_output=True, text=True)
            if job.returncode:
                failed.append(name)
                print(f"{name}: {job.stderr}", flush=True)
                continue
            ours = subprocess.run([streamctl, *of_run(words)], cwd=folder, capture_output=True, text=True).stdout
            start = time.time()
            try:
                rows = run_on_flink(job.stdout, folder)
            except Exception as error:  # Py4J raises what Flink does
                failed.append(name)
                causes = [line for line in str(error).split("\n") if "Exception" in line]
                print(f"{name}: {' | '.join(causes[-3:])[:900]}", flush=True)
                shutil.rmtree(f"{folder}/rows", ignore_errors=True)
                continue
            problems = same_rows(rows, [json.loads(line) for line in ours.splitlines()])
            print(f"{name}: {len(rows)} rows, {time.time() - start:.1f} s {problems or ''}", flush=True)
            if problems:
                failed.append(name)
                continue
            lines = sorted(json.dumps(row, ensure_ascii=False) for row in rows)
            with gzip.GzipFile(HERE / "golden" / f"{name}.jsonl.gz", "wb", mtime=0) as out:
                out.write("".join(line + "\n" for line in lines).encode())
    print(f"{len(failed)} failed: {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
