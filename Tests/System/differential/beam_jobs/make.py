"""Runs the jobs that --generate beam prints on Beam, and writes their rows and texts as golden files.

usage: python3 make.py STREAMCTL ZEEK_SSL.jsonl.gz [NAME...]

Needs a Python with apache-beam==2.77.0. With names, only those, and no jobs.py.txt.gz.
"""

import gzip
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "flink_jobs"))

import data  # noqa: E402
from cases import arguments_of, of_run, read_cases, same_rows, without_version, write_golden  # noqa: E402

RUNNER = "--runner=BundleBasedDirectRunner"
SMALL_LINES = 200


def module_of(text, folder, name):
    """The job as a module, so that its functions can be replaced."""
    path = pathlib.Path(folder) / f"job_{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def run_on_beam(module):
    pathlib.Path("rows").unlink(missing_ok=True)
    module.run([RUNNER])
    with open("rows", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def watermarked(module, lines, delay):
    """A source with the records in their order, and the watermark that streamctl has after each of them."""
    from apache_beam.testing.test_stream import TestStream
    from apache_beam.utils.timestamp import Timestamp
    stream, watermark = TestStream(), None
    for line in lines:
        values = [value for record in module.parse(line) for value in module.timed(record)]
        if not values:
            continue
        stream = stream.add_elements(values)
        # Beam still counts a record when the watermark is exactly at the end of its window.
        reached = values[0].timestamp.micros - delay + 1
        if watermark is None or reached > watermark:
            watermark = reached
            stream = stream.advance_watermark_to(Timestamp(micros=watermark))
    return stream.advance_watermark_to_infinity()


def append_row(line):
    with open("rows", "a", encoding="utf-8") as out:
        out.write(line + "\n")


def run_with_watermarks(module, name, delay):
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions
    with open(name, encoding="utf-8") as lines:
        source = watermarked(module, lines, delay)
    open("rows", "w").close()
    pipeline = beam.Pipeline(options=PipelineOptions([RUNNER, "--streaming"]))
    rows = module.make_rows(pipeline | source)
    rows | beam.Map(module.compact) | beam.Map(append_row)
    # A pipeline that is written as a message first has watermarks of milliseconds.
    pipeline.run(test_runner_api=False).wait_until_finish()
    with open("rows", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def seconds(text):
    return int(text.removesuffix("s"))


def generated(streamctl, words):
    return subprocess.run([streamctl, *words, "--generate", "beam"], capture_output=True, text=True)


def compare(streamctl, name, arguments, is_late):
    """The rows of a job, and what is wrong with them."""
    words = arguments_of(arguments)
    job = generated(streamctl, [*words, "-o", "rows"])
    if job.returncode:
        return [], job.stderr
    ours = subprocess.run([streamctl, *of_run(words)], capture_output=True, text=True).stdout
    try:
        module = module_of(job.stdout, ".", name)
        if is_late:
            delay = seconds(words[words.index("-W") + 1]) * 1_000_000
            rows = run_with_watermarks(module, words[-1], delay)
        else:
            rows = run_on_beam(module)
    except Exception as error:  # of any transform
        import traceback
        return [], f"{error}"[-1500:] + traceback.format_exc()[-1500:]
    problem = None if rows else "no rows"
    return rows, problem or same_rows(rows, [json.loads(line) for line in ours.splitlines()])


def write_texts(streamctl):
    """The scripts of all command lines."""
    texts = []
    for name, output in (("cases.txt", ["-o", "rows"]), ("late.txt", ["-o", "rows"]), ("topics.txt", [])):
        for title, arguments in read_cases(name, HERE).items():
            job = generated(streamctl, [*arguments_of(arguments), *output])
            if job.returncode:
                raise SystemExit(f"{title}: {job.stderr}")
            texts.append(f"==== {name} {title}: {arguments}\n{without_version(job.stdout)}")
    with gzip.GzipFile(HERE / "golden" / "jobs.py.txt.gz", "wb", mtime=0) as out:
        out.write("".join(texts).encode())


def main():
    streamctl, packed, *names = sys.argv[1:]
    streamctl, packed = os.path.abspath(streamctl), os.path.abspath(packed)
    failed = []
    (HERE / "golden").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        data.write(folder, packed)
        write_small(folder)
        for name_of_list in ("cases.txt", "late.txt"):
            is_late = name_of_list == "late.txt"
            for name, arguments in read_cases(name_of_list, HERE).items():
                if names and name not in names:
                    continue
                name = f"late_{name}" if is_late else name
                start = time.time()
                rows, problem = compare(streamctl, name, arguments, is_late)
                print(f"{name}: {len(rows)} rows, {time.time() - start:.1f} s {problem or ''}", flush=True)
                if problem:
                    failed.append(name)
                else:
                    write_golden(name, rows, HERE)
        os.chdir("/")
    if not names:
        write_texts(streamctl)
    print(f"{len(failed)} failed: {' '.join(failed)}")
    return 1 if failed else 0


def write_small(folder):
    """Few records for TestStream, which is slow."""
    folder = pathlib.Path(folder)
    with open(folder / "random.jsonl", encoding="utf-8") as lines:
        (folder / "small.jsonl").write_text("".join(line for _, line in zip(range(SMALL_LINES), lines)), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
