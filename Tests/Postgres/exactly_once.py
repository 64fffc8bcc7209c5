"""Kills streamctl at random times and at every failpoint, resumes it until the job is done, and compares with the oracle:
the same command without -o, undisturbed. From files to Postgres and from files to a file.

    python3 Tests/Postgres/exactly_once.py BINARY [--runs N] [--file-runs N] [--seed N] [--only INDEX]

BINARY is a debug build: release builds have no failpoints. --only repeats one run of a seed.
"""

import collections
import concurrent.futures
import random

import common
import kills
import lanes
import scenarios

WORKERS = 2
# With fewer runs than this the places are not demanded to be hit.
FULL = 100


def undisturbed(bench, places, test):
    """The first run of each lane shows the course of a run, and must equal the oracle like any other."""
    name = f"{test.path}: undisturbed {test.scenario.name}"
    try:
        test.make_oracle()
        problems = []
        for lane in places:
            test.prepare(lane)
            problems += test.problems(lane)
    except Exception as error:  # noqa: BLE001 (the other scenarios go on)
        bench.report.judge(name, [error])
        return False
    course = test.courses[0]
    bench.report.judge(name, problems, f"{course.seconds:.2f} s, {course.commits} commits")
    return True


def chosen(bench, kind, files):
    """The scenarios of a path. Rows in a file are appended, whatever the mode: those that differ in it only are one."""
    names = {scenario.name for scenario in scenarios.SCENARIOS}
    for scenario in scenarios.SCENARIOS:
        twin = scenario.name.replace("upsert", "append")
        if kind is lanes.PostgresTest or not scenario.refused and (twin == scenario.name or twin not in names):
            yield kind(bench, scenario, files[scenario.inputs])


def main():
    options = (("--runs", 220), ("--file-runs", 110), ("--only", -1))
    with common.Bench(__doc__, options) as bench:
        files = scenarios.inputs(bench)
        places = [lanes.Lane(bench, number) for number in range(WORKERS)]
        hits = kills.Hits()
        for kind, runs in ((lanes.PostgresTest, bench.options.runs), (lanes.FileTest, bench.options.file_runs)):
            if runs == 0:
                continue
            tests = [test for test in chosen(bench, kind, files) if undisturbed(bench, places, test)]
            if tests:
                kills.loop(bench, tests, places, runs, hits)
            hits.judge(bench.report, kind, least=5 if runs >= FULL else 0)
        hits.tell()


if __name__ == "__main__":
    main()
