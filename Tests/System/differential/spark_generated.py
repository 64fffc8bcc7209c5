"""Compares streamctl's rows with those that its own jobs for Spark have made, and the jobs with golden texts.

spark_jobs/golden holds the rows of Spark 4.3 and the jobs; spark_jobs/make.py runs the jobs again.
"""

import json

from ..common.places import data_set
from .flink_jobs import cases, data
from .spark_jobs import closed

HERE = cases.HERE.parent / "spark_jobs"


def script(bench, arguments, output):
    outcome = bench.succeeded([*cases.arguments_of(arguments), *output, "--generate", "pyspark"])
    return outcome.out


def rows(bench, name, arguments):
    words = cases.arguments_of(arguments)
    outcome = bench.run(cases.of_run(words))
    expected = cases.golden_rows(name, HERE)
    ours = [json.loads(line) for line in outcome.out.splitlines()]
    ours = closed.rows(script(bench, arguments, ["-o", "rows"]), words, bench.folder, ours)
    problem = cases.same_rows(expected, ours)
    return [problem] if problem else [], f"{len(expected)} rows"


def text(bench, arguments, output, expected):
    job = script(bench, arguments, output)
    compile(job, "job.py", "exec")
    if cases.without_version(job) == expected:
        return [], "same text"
    return [f"the job is not that of golden/jobs.txt; look at: streamctl {arguments} --generate pyspark"], ""


def checks(bench):
    data.write(bench.folder, data_set("zeek_ssl.jsonl.gz"))
    texts = cases.golden_texts("jobs.txt", HERE)
    for name, arguments in cases.read_cases(folder=HERE).items():
        bench.report.check(f"{name}, rows", lambda: rows(bench, name, arguments))
        bench.report.check(f"{name}, job", lambda: text(bench, arguments, ["-o", "rows"], texts.get(name)))
    for name, arguments in cases.read_cases("topics.txt", HERE).items():
        bench.report.check(f"{name}, job", lambda: text(bench, arguments, [], texts.get(name)))
