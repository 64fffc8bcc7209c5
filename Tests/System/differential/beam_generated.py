"""Compares streamctl's rows with those that its own jobs for Apache Beam have made, and the jobs with golden texts.

beam_jobs/golden holds the rows of Beam 2.77 and the scripts; beam_jobs/make.py runs the scripts again.
"""

import gzip
import json
import pathlib

from ..common.places import data_set
from .flink_jobs import cases, data

HERE = pathlib.Path(__file__).resolve().parent / "beam_jobs"
SMALL_LINES = 200


def rows(bench, name, arguments):
    outcome = bench.run(cases.of_run(cases.arguments_of(arguments)))
    expected = cases.golden_rows(name, HERE)
    problem = cases.same_rows(expected, [json.loads(line) for line in outcome.out.splitlines()])
    return [problem] if problem else [], f"{len(expected)} rows"


def text(bench, arguments, output, expected):
    outcome = bench.succeeded([*cases.arguments_of(arguments), *output, "--generate", "beam"])
    problems = []
    try:
        compile(outcome.out, "job.py", "exec")
    except SyntaxError as error:
        problems.append(f"no Python: {error}")
    if cases.without_version(outcome.out) != expected:
        problems.append(f"the job is not that of golden/jobs.py.txt.gz; look at: streamctl {arguments} --generate beam")
    return problems, "same text"


def golden_texts():
    """The scripts by the lists and the names of their command lines."""
    with gzip.open(HERE / "golden" / "jobs.py.txt.gz", "rt", encoding="utf-8") as lines:
        parts = lines.read().split("==== ")[1:]
    texts = dict(part.split("\n", 1) for part in parts)
    return {title.split(": ", 1)[0]: text for title, text in texts.items()}


def write_inputs(bench):
    data.write(bench.folder, data_set("zeek_ssl.jsonl.gz"))
    folder = pathlib.Path(bench.folder)
    lines = (folder / "random.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "small.jsonl").write_text("".join(lines[:SMALL_LINES]), encoding="utf-8")


def checks(bench):
    write_inputs(bench)
    texts = golden_texts()
    for listed, output in (("cases.txt", ["-o", "rows"]), ("late.txt", ["-o", "rows"]), ("topics.txt", [])):
        for name, arguments in cases.read_cases(listed, HERE).items():
            golden = f"late_{name}" if listed == "late.txt" else name
            if listed != "topics.txt":
                bench.report.check(f"{golden}, rows", lambda: rows(bench, golden, arguments))
            bench.report.check(
                f"{golden}, script", lambda: text(bench, arguments, output, texts.get(f"{listed} {name}")))
