"""Compares streamctl's rows with those that its own jobs for Flink have made, and the jobs with golden texts.

flink_jobs/golden holds the rows of Flink 2.3 and the scripts; flink_jobs/make.py runs the scripts again.
"""

import json
import sys
import types

from ..common.places import data_set
from .flink_jobs import cases, data, stub


class Inputs:
    def __init__(self, bench):
        self.folder = bench.folder
        data.write(self.folder, data_set("zeek_ssl.jsonl.gz"))


def rows(bench, name, arguments):
    words = cases.of_run(cases.arguments_of(arguments))
    outcome = bench.run(words)
    expected = cases.golden_rows(name)
    problem = cases.same_rows(expected, [json.loads(line) for line in outcome.out.splitlines()])
    return [problem] if problem else [], f"{len(expected)} rows"


def script(bench, arguments, output):
    outcome = bench.succeeded([*cases.arguments_of(arguments), *output, "--generate", "flink-sql"])
    return outcome.out


def text(bench, name, arguments, output, expected):
    if cases.without_version(script(bench, arguments, output)) == expected:
        return [], "same text"
    return [f"the job is not that of golden/jobs.sql; look at: streamctl {arguments} --generate flink-sql"], ""


def python(bench, arguments, output):
    """The Python file does what the script says, in the same order but for the sink."""
    outcome = bench.succeeded([*cases.arguments_of(arguments), *output, "--generate", "pyflink"])
    jobs = stub.Jobs()
    module = types.ModuleType("pyflink.table")
    module.EnvironmentSettings, module.TableEnvironment = stub.EnvironmentSettings, stub.environment(jobs)
    saved, words = {name: sys.modules.get(name) for name in ("pyflink", "pyflink.table")}, sys.argv
    sys.modules.update({"pyflink": types.ModuleType("pyflink"), "pyflink.table": module})
    sys.argv = ["job.py", "--jars", "a.jar"] if "--jars" in outcome.out else ["job.py"]
    import os
    environment = {"PGUSER": "me", "PGPASSWORD": "it's $1", "PGDATABASE": "app", "START_MILLIS": "0"}
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        exec(compile(outcome.out, "job.py", "exec"), {"__name__": "__main__"})
    finally:
        os.environ.clear()
        os.environ.update(before)
        sys.argv = words
        for name, value in saved.items():
            sys.modules.pop(name) if value is None else sys.modules.update({name: value})
    settings, statements = cases.read_script(script(bench, arguments, output))
    for name, value in environment.items():
        value = value.replace("'", "''")
        statements = [statement.replace("${" + name + "}", value) for statement in statements]
    problems = []
    if jobs.statements != statements + ["waited"]:
        pairs = zip(jobs.statements, statements + ["waited"])
        problems.append(f"statements differ: {next(((a, b) for a, b in pairs if a != b), 'their number')}")
    if jobs.is_batch != (settings.pop("execution.runtime-mode", "") == "batch"):
        problems.append("another mode")
    jobs.settings.pop("pipeline.jars", None)
    if jobs.settings != settings:
        problems.append(f"settings {jobs.settings} instead of {settings}")
    return problems, f"{len(statements)} statements"


def checks(bench):
    Inputs(bench)
    texts = cases.golden_texts()
    for name, arguments in cases.read_cases().items():
        bench.report.check(f"{name}, rows", lambda: rows(bench, name, arguments))
        bench.report.check(f"{name}, script", lambda: text(bench, name, arguments, ["-o", "rows"], texts.get(name)))
        bench.report.check(f"{name}, Python", lambda: python(bench, arguments, ["-o", "rows"]))
    for name, arguments in cases.read_cases("topics.txt").items():
        bench.report.check(f"{name}, script", lambda: text(bench, name, arguments, [], texts.get(name)))
        bench.report.check(f"{name}, Python", lambda: python(bench, arguments, []))
